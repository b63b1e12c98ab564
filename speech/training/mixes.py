"""Random, locally grammatical sentences: a word trigram walk over conversational text, dictionary words mixed in."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

import jieba

START, END = "<s>", "</s>"


@cache
def _zh_lexicon() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Words of two to four hanzi with damped frequencies."""
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    pairs = [
        (word, count**0.5)
        for word, count in jieba.dt.FREQ.items()
        if count >= 30 and 2 <= len(word) <= 4 and all("\u4e00" <= char <= "\u9fa5" for char in word)
    ]
    return tuple(word for word, _ in pairs), tuple(weight for _, weight in pairs)


def words_of(text: str, lang: str) -> list[str]:
    """The words of a target text."""
    if lang == "en":
        return text.split()
    jieba.setLogLevel("ERROR")
    return [word for word in jieba.cut(text) if word]


class Mixer:
    """Draws new sentences that share word order statistics with the text it was built from."""

    def __init__(self, lang: str, texts: Iterable[str], back_off: float = 0.25, exotic: float = 0.12) -> None:
        self._lang, self._back_off, self._exotic = lang, back_off, exotic
        self._after_two: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._after_one: dict[str, list[str]] = defaultdict(list)
        vocabulary: dict[str, int] = defaultdict(int)
        for text in texts:
            words = [START, START, *words_of(text, lang), END]
            for first, second, third in zip(words, words[1:], words[2:], strict=False):
                self._after_two[first, second].append(third)
                self._after_one[second].append(third)
                vocabulary[third] += 1
        vocabulary.pop(END, None)
        self._words = list(vocabulary)
        self._weights = [count**0.5 for count in vocabulary.values()]

    def _pool(self) -> tuple[Sequence[str], Sequence[float]]:
        return _zh_lexicon() if self._lang == "zh" else (self._words, self._weights)

    def draw(self, rng: random.Random, shortest: int, longest: int) -> str:
        """One sentence whose length (hanzi or words) lies within the bounds."""
        while True:
            words = [START, START]
            while len(words) < 30:
                pool = self._after_two[words[-2], words[-1]]
                if rng.random() < self._back_off or not pool:
                    pool = self._after_one.get(words[-1]) or self._after_one[START]
                following = rng.choice(pool)
                if following == END:
                    break
                words.append(following)
            exotics, weights = self._pool()
            replaced = [
                rng.choices(exotics, cum_weights=self._cumulative(weights))[0] if rng.random() < self._exotic else word
                for word in words[2:]
            ]
            text = ("" if self._lang == "zh" else " ").join(replaced)
            if shortest <= (len(text) if self._lang == "zh" else len(replaced)) <= longest:
                return text

    def _cumulative(self, weights: Sequence[float]) -> list[float]:
        if not hasattr(self, "_cumulative_weights"):
            total, cumulative = 0.0, []
            for weight in weights:
                total += weight
                cumulative.append(total)
            self._cumulative_weights = cumulative
        return self._cumulative_weights
