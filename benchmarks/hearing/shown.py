"""When was each spoken word first on the screen? Words are found by their place in the sentence, not by their text.

A recogniser mishears, so the text on the screen is laid beside the words that were being said: the shown units that
stand at a word's place show it, rightly or wrongly. A word that no shown unit ever stood for was never shown.
All times are seconds on the clock of the track's audio.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from speech.stabilizer import split_units, unit_key

_STANDS, _MISSED, _EXTRA = range(3)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One character (zh) or word (en) with the time of its sound."""

    text: str
    start: float
    end: float

    def moved(self, secs: float) -> Spoken:
        """The same word later."""
        return replace(self, start=self.start + secs, end=self.end + secs)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One state of one line: what a viewer read from `at_secs` on. A line is known by where its sound starts."""

    at_secs: float
    line_start: float
    committed: str
    tail: str
    final: bool

    @property
    def text(self) -> str:
        """All of it."""
        return self.committed + self.tail


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of one spoken word: seconds from its end to the first sight of it, None for never.

    `shown`: anything stood at its place; `right`: its own text; `settled`: text that no longer changes.
    """

    word: Spoken
    shown: float | None = None
    right: float | None = None
    settled: float | None = None


def places(words: Sequence[str], shown: Sequence[str]) -> list[int | None]:
    """For each word the index of the shown unit at its place: least edits; words after the shown text cost nothing."""
    rows = [[(column, _EXTRA) for column in range(len(shown) + 1)]]
    for index, word in enumerate(words, 1):
        above, row = rows[-1], [(index, _MISSED)]
        for column, unit in enumerate(shown, 1):
            stands = (above[column - 1][0] + (unit != word), _STANDS)
            row.append(min(stands, (above[column][0] + 1, _MISSED), (row[column - 1][0] + 1, _EXTRA)))
        rows.append(row)
    index, column = max(range(len(rows)), key=lambda number: (-rows[number][-1][0], number)), len(shown)
    found: list[int | None] = [None] * len(words)
    while index:
        step = rows[index][column][1]
        if step != _EXTRA:
            index -= 1
        if step != _MISSED:
            column -= 1
        if step == _STANDS:
            found[index] = column
    return found


def first_sights(words: Sequence[Spoken], states: Iterable[Shown]) -> list[Seen]:
    """What became of every word of a track. A state can only show words whose sound had begun."""
    by_line: dict[float, list[Shown]] = defaultdict(list)
    for state in states:
        by_line[state.line_start].append(state)
    starts = sorted(by_line)
    own: dict[float, list[int]] = {start: [] for start in starts}
    for index, word in enumerate(words):
        line = bisect_right(starts, (word.start + word.end) / 2)
        if line:
            own[starts[line - 1]].append(index)
    seen = [Seen(word=word) for word in words]
    for start, indexes in own.items():
        for state in sorted(by_line[start], key=lambda item: item.at_secs):
            _look(seen, indexes, state)
    return seen


def _look(seen: list[Seen], indexes: Sequence[int], state: Shown) -> None:
    begun = [index for index in indexes if seen[index].word.start < state.at_secs]
    keys = [unit_key(unit) for unit in split_units(state.text)]
    settled = len(keys) if state.final else len(split_units(state.committed))
    found = places([unit_key(seen[index].word.text) for index in begun], keys)
    for index, place in zip(begun, found, strict=True):
        if place is None:
            continue
        one = seen[index]
        after = state.at_secs - one.word.end
        right = keys[place] == unit_key(one.word.text)
        seen[index] = replace(
            one,
            shown=after if one.shown is None else one.shown,
            right=after if right and one.right is None else one.right,
            settled=after if place < settled and one.settled is None else one.settled,
        )


def rewritten(states: Iterable[Shown]) -> tuple[int, int]:
    """Characters that were shown and later replaced or withdrawn, and characters in the last text of every line."""
    last: dict[float, str] = {}
    lost = 0
    for state in sorted(states, key=lambda item: item.at_secs):
        before, now = last.get(state.line_start, ""), "".join(state.text.split())
        kept = next((at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old != new), None)
        lost += len(before) - (min(len(before), len(now)) if kept is None else kept)
        last[state.line_start] = now
    return lost, sum(map(len, last.values()))
