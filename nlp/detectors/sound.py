"""Words a recogniser wrote with the wrong characters of the right sound (Chinese).

Every character stands for one toneless syllable, folded over the pairs that telephone audio and regional speech confuse
(zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in). A text in which a known word occurs by sound but not by writing is
given back with the word put right. One character replaces one character, so spans stay true.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import ahocorasick
from pypinyin import Style, lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

_INITIALS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=16384)
def syllable(char: str) -> str:
    """The folded toneless syllable of one character; anything that is not Chinese stands for itself."""
    return fold(lazy_pinyin(char, style=Style.NORMAL)[0]) if "\u4e00" <= char <= "\u9fff" else char


def fold(pinyin: str) -> str:
    """A toneless syllable with the confusable initials and finals made equal."""
    for long, short in _INITIALS:
        if pinyin.startswith(long):
            pinyin = short + pinyin[len(long) :]
            break
    for long, short in _FINALS:
        if pinyin.endswith(long):
            return pinyin[: -len(long)] + short
    return pinyin


class SoundIndex:
    """Known words by sound. Build once; `repair` keeps no state."""

    def __init__(self, words: Iterable[str], ordinary: frozenset[str] = frozenset()) -> None:
        self._ordinary = ordinary
        self._codes: dict[str, str] = {}
        self._automaton = ahocorasick.Automaton()
        by_code: dict[str, list[str]] = {}
        for word in words:
            for code in {self._code_readings(word), self.learn(word)}:
                by_code.setdefault(code, []).append(word)
        for code, found in by_code.items():
            self._automaton.add_word(code, tuple(found))
        self._automaton.make_automaton()
        self._empty = not by_code

    def _letter(self, sound: str) -> str:
        # Syllables become single private-use characters, so that a string search is a syllable search.
        return self._codes.setdefault(sound, chr(0xE000 + len(self._codes)))

    def learn(self, text: str) -> str:
        """Like `encode`, giving new syllables a character of their own; only while the index is being built."""
        return "".join(self._letter(syllable(char)) for char in text)

    def encode(self, text: str) -> str:
        """The text with one private-use character per syllable (by the commonest reading of each character)."""
        return "".join(self._codes.get(syllable(char), "\ufffd") for char in text)

    def _code_readings(self, word: str) -> str:
        """The word by its readings in context: 还款 is huan kuan although 还 alone is mostly hai."""
        readings = lazy_pinyin(word, style=Style.NORMAL)
        if len(readings) != len(word):
            return self.learn(word)
        sounds = ["huan" if char == "还" else reading for char, reading in zip(word, readings, strict=True)]
        return "".join(self._letter(fold(sound)) for sound in sounds)

    def repair(self, text: str) -> str:
        """The text with misheard words put right; the same length, and the same text when nothing was misheard."""
        if self._empty:
            return text
        codes = self.encode(text)
        chosen: list[tuple[int, int, str]] = []
        for last, words in self._automaton.iter(codes):
            for word in words:
                start, end = last + 1 - len(word), last + 1
                if text[start:end] != word and self._plausible(text, start, end, word):
                    chosen.append((len(word), start, word))
        repaired = list(text)
        taken: set[int] = set()
        for length, start, word in sorted(chosen, key=lambda item: (-item[0], item[1])):
            places = range(start, start + length)
            if taken.isdisjoint(places):
                taken.update(places)
                repaired[start : start + length] = word
        return "".join(repaired)

    def _known(self, text: str) -> bool:
        """Whether these characters are an ordinary word as they stand."""
        return text in self._ordinary or text in phrases_dict

    def _plausible(self, text: str, start: int, end: int, word: str) -> bool:
        """Enough of the writing agrees, and what stands there is not a word in its own right."""
        written = text[start:end]
        same = sum(a == b for a, b in zip(written, word, strict=True))
        if self._known(written):
            return False
        if len(word) >= 4:
            return same * 3 >= len(word)
        if len(word) == 3:
            return same >= 1 and not self._known(written[:2]) and not self._known(written[1:])
        before, after = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
        return same == 1 and not self._known(before) and not self._known(after)
