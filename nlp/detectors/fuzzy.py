"""Whole phrases of the lexicon with recogniser errors in them.

Chinese is compared syllable by syllable (folded sounds), English letter by letter. The longer the phrase, the more of
it may be wrong; short phrases are left to the other methods: in them a few wrong letters mean another word.
"""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from nlp.detectors.sound import SoundIndex
from nlp.template import Match, Rule

_MIN_LENGTH = {"zh": 6, "en": 18}


def threshold(length: int, lang: str) -> float:
    """Similarity in percent that a phrase of `length` characters must reach."""
    if lang == "zh":
        return 86.0 if length < 8 else 80.0 if length < 11 else 76.0
    return 92.0 if length < 26 else 90.0 if length < 40 else 86.0


class FuzzyPhrases:
    """Phrases of one language, compared by partial alignment. Immutable once built."""

    def __init__(self, rules: Iterable[Rule], lang: str, sounds: SoundIndex) -> None:
        self._lang, self._sounds = lang, sounds
        self._rules = [
            rule for rule in rules if rule.is_phrase and rule.lang == lang and len(_phrase(rule)) >= _MIN_LENGTH[lang]
        ]
        self._codes = [sounds.learn(_phrase(rule)) if lang == "zh" else _phrase(rule) for rule in self._rules]

    def _encode(self, text: str) -> str:
        return self._sounds.encode(text) if self._lang == "zh" else text

    def find(self, text: str) -> list[tuple[Rule, Match, float]]:
        """Phrases found approximately in a view's text, with the similarity in [0, 1]."""
        found: list[tuple[Rule, Match, float]] = []
        if len(text) < _MIN_LENGTH[self._lang] - 1 or not self._codes:
            return found
        code = self._encode(text)
        floor = threshold(10**6, self._lang)
        for _, score, index in process.extract(
            code, self._codes, scorer=fuzz.partial_ratio, score_cutoff=floor, limit=8
        ):
            phrase = self._codes[index]
            if score < threshold(len(phrase), self._lang) or len(code) < len(phrase) - 1:
                continue
            aligned = fuzz.partial_ratio_alignment(code, phrase)
            if aligned is not None and aligned.src_end > aligned.src_start:
                start, end = self._words(text, aligned.src_start, aligned.src_end)
                found.append((self._rules[index], Match(start=start, end=end, gaps=()), score / 100))
        return found

    def _words(self, text: str, start: int, end: int) -> tuple[int, int]:
        """In English, widen to whole words."""
        if self._lang == "en":
            start = text.rfind(" ", 0, start + 1) + 1 if start and text[start] != " " else start
            stop = text.find(" ", end - 1) if end < len(text) else -1
            end = stop if stop > start else len(text) if stop == -1 and end >= len(text) - 1 else end
            while start < end and text[start] == " ":
                start += 1
        return start, end


def _phrase(rule: Rule) -> str:
    return next(iter(rule.literals), "")
