"""English words a recogniser spelled almost right ("comin", "credet", "warant"), put right by the lexicon's own words.

A word is repaired only when neither a rule nor the list of ordinary words knows it as it stands, and exactly one known
word of five letters or more with the same first letter is one edit away. Words keep their places: positions of the
repaired text map back to the view's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

_SHORTEST: Final = 5


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A repaired text and, for each of its characters, the position in the text it came from."""

    text: str
    places: tuple[int, ...]

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the original text behind [start, end) of the repaired one; empty stays empty."""
        low = self.places[min(start, len(self.places) - 1)]
        return (low, low) if start >= end else (low, self.places[min(end, len(self.places)) - 1] + 1)


class SpellingIndex:
    """The words of many literals. Built once; a small cache of answers is the only thing that changes."""

    def __init__(self, literals: Iterable[str], ordinary: frozenset[str] = frozenset()) -> None:
        words = {word for literal in literals for word in literal.split() if word.isalpha()}
        self._known = frozenset(words) | ordinary
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in sorted(words):
            if len(word) >= _SHORTEST:
                self._by_start.setdefault((word[0], len(word)), []).append(word)
        self._nearest = lru_cache(maxsize=4096)(self._find)

    def _find(self, word: str) -> str:
        near = [
            candidate
            for length in (len(word) - 1, len(word), len(word) + 1)
            for candidate in self._by_start.get((word[0], length), ())
            if DamerauLevenshtein.distance(word, candidate, score_cutoff=1) <= 1
        ]
        return near[0] if len(near) == 1 else word

    def right(self, word: str) -> str:
        """The word put right, or as it is."""
        if len(word) < _SHORTEST - 1 or not word.isalpha() or word in self._known:
            return word
        return self._nearest(word)

    def repair(self, text: str) -> Repaired | None:
        """The text with misspelled words put right, or None when there are none."""
        words = text.split(" ")
        righted = [self.right(word) for word in words]
        if righted == words:
            return None
        places: list[int] = []
        start = 0
        for before, after in zip(words, righted, strict=True):
            last = len(before) - 1
            places += [start + (last if index == len(after) - 1 else min(index, last)) for index in range(len(after))]
            start += len(before)
            places.append(start)
            start += 1
        return Repaired(text=" ".join(righted), places=tuple(places[:-1]))
