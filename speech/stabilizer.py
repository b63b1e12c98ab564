"""Which part of a changing hypothesis no longer changes: local agreement.

A recogniser hears an open utterance again and again, each time a little longer. What successive hypotheses agree on,
from the left, is committed and stays for good; the rest is shown as a tail that may change (the idea of
whisper_streaming's HypothesisBuffer, Macháček et al. 2023). Chinese agrees by character, other scripts by word. Case
and punctuation do not break agreement. A hypothesis that the model itself is unsure of commits nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PUNCTUATION = "\\s.,;:!?…、。，；：！？)\\]}）】》」』”’\"'"
_UNIT = re.compile(f"\\s*(?:[{_CJK}]|[^\\s{_CJK}]+)(?:[{_PUNCTUATION}]+(?=[{_CJK}\\s]|$))?", re.UNICODE)


def split_units(text: str) -> list[str]:
    """Characters of Chinese, words of other scripts; together they are the text without white space at its ends."""
    return _UNIT.findall(text.strip())


def unit_key(unit: str) -> str:
    """What counts when two units are compared: letters and digits, width and case folded."""
    folded = unicodedata.normalize("NFKC", unit).casefold()
    return "".join(character for character in folded if character.isalnum())


def aligned_length(committed: Sequence[str], heard: Sequence[str]) -> int:
    """How many units of `heard` stand for the committed ones: the prefix with the least edit distance to them.

    Among equals, one that ends on the same unit, so that nothing is said twice; then the one nearest in length.
    """
    if list(heard[: len(committed)]) == list(committed):
        return len(committed)
    row = list(range(len(heard) + 1))
    for index, unit in enumerate(committed, 1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(heard, 1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (unit != other)),
            )

    def merit(length: int) -> tuple[int, bool, int, int]:
        same_end = bool(length and committed and heard[length - 1] == committed[-1])
        return row[length], not same_end, abs(length - len(committed)), length

    return min(range(len(row)), key=merit)


@dataclass(frozen=True, kw_only=True)
class StabilizerOptions:
    """`agreement`: how many successive hypotheses must agree.

    `holdback_units` at the end of the sound are never committed.
    """

    agreement: int = 2
    holdback_units: int = 1

    def __post_init__(self) -> None:
        if self.agreement < 2 or self.holdback_units < 0:
            raise ValueError("agreement must be at least 2 and holdback_units at least 0")


@dataclass(frozen=True, kw_only=True)
class Stable:
    """`committed` + `tail` is the text to show.

    `replaced` is the beginning of the hypothesis for which the earlier committed text stands; `contradicted` says that
    the two differ in more than case and punctuation.
    """

    committed: str
    tail: str
    replaced: str
    contradicted: bool

    @property
    def text(self) -> str:
        """The whole text."""
        return self.committed + self.tail


class LocalAgreement:
    """The committed prefix of one utterance."""

    def __init__(self, options: StabilizerOptions | None = None) -> None:
        self.options = options or StabilizerOptions()
        self._committed: list[str] = []
        self._settled = 0
        self._tails: deque[list[str]] = deque(maxlen=self.options.agreement - 1)

    @property
    def committed(self) -> str:
        """The text that never changes again."""
        return "".join(self._committed)

    @property
    def recent(self) -> str:
        """The part of it that hypotheses still begin with: what was committed after the units settled."""
        return "".join(self._committed[self._settled :])

    def settle(self, units: int) -> None:
        """So many units of `recent` are no longer heard: hypotheses from now on begin behind them."""
        self._settled = min(self._settled + units, len(self._committed))

    def update(self, text: str, *, sure: bool = True) -> Stable:
        """Take in the next hypothesis; `sure` False shows it and commits nothing."""
        units = split_units(text)
        place = self._place(units, self._settled)
        tail = units[place:]
        if not sure:
            self._tails.clear()
            return self._stable(units, place, 0, self._settled)
        agreed = self._agreed(tail)
        stable = self._stable(units, place, agreed, self._settled)
        for earlier in self._tails:
            del earlier[:agreed]
        self._tails.append([unit_key(unit) for unit in tail[agreed:]])
        return stable

    def finish(self, text: str) -> Stable:
        """The final text: what was committed, then what the last hypothesis, of the whole sound, says after it."""
        units = split_units(text)
        place = self._place(units, 0)
        return self._stable(units, place, 0, 0)

    def _place(self, units: list[str], settled: int) -> int:
        committed = self._committed[settled:]
        return aligned_length([unit_key(unit) for unit in committed], [unit_key(unit) for unit in units])

    def _agreed(self, tail: list[str]) -> int:
        if len(self._tails) < self.options.agreement - 1:
            return 0
        limit = max(0, len(tail) - self.options.holdback_units)
        keys = [unit_key(unit) for unit in tail[:limit]]
        for earlier in self._tails:
            same = 0
            while same < min(len(keys), len(earlier)) and keys[same] == earlier[same]:
                same += 1
            keys = keys[:same]
        return len(keys)

    def _stable(self, units: list[str], place: int, agreed: int, settled: int) -> Stable:
        said = [unit_key(unit) for unit in units[:place]]
        contradicted = said != [unit_key(unit) for unit in self._committed[settled:]]
        for unit in units[place : place + agreed]:
            self._committed.append(_joined(self._committed, unit))
        tail = "".join(units[place + agreed :])
        tail = _joined(self._committed, tail) if self._committed else tail.lstrip()
        return Stable(committed=self.committed, tail=tail, replaced="".join(units[:place]), contradicted=contradicted)


def _joined(before: Sequence[str], text: str) -> str:
    """What comes after the units before, with the space that two words of Latin script need between them."""
    touching = before and text and before[-1][-1].isascii() and text[0].isascii() and text[0].isalnum()
    return f" {text}" if touching else text
