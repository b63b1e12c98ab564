"""Names that a model was told of and wrote otherwise are put into its text by sound. Pure.

For models that read no prompt, such as the embedded one. A name is put only where the model was unsure and wrote what
sounds like the name. Never an amount or a wording: that would invent money and violations. What the model wrote
stays readable in `Word.heard`; numbers and times of words stay, and whether the text is clear is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from speech.hotwords import Hotwords
from speech.recognizer import Recognition
from speech.sounds import hanzi_cost, is_hanzi, latin_cost
from speech.stabilizer import aligned_length, split_units, unit_key
from speech.types import Word

UNSURE_BELOW = 0.5
"""A name is put only where the model gave at least one of the replaced units less than this probability."""

NEAR_HANZI = 0.34
NEAR_LATIN = 0.26
"""The farthest that a replaced passage may sound from the name. Both were read off names and sentences that
`benchmarks/hotwords_eval.py` does not use."""

_AMBIGUOUS = 0.05
_SHORTEST_LATIN = 4
_PARTS = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Unit:
    """One character (zh) or word of the text: what stands around it and the word that it is."""

    before: str
    core: str
    after: str
    word: int | None
    """Index of the word with exactly this text; None when there is none."""


@dataclass(frozen=True, kw_only=True)
class _Snap:
    """`cores` for the units [start, end). `stands`: they are there already."""

    start: int
    end: int
    cores: tuple[str, ...]
    cost: float
    stands: bool


@dataclass(frozen=True, kw_only=True)
class _Fixed:
    """The committed text as keys of its units, and how many units of the hypothesis stand for it."""

    keys: tuple[str, ...]
    place: int

    @classmethod
    def of(cls, units: Sequence[_Unit], committed: str) -> _Fixed:
        keys = tuple(unit_key(unit) for unit in split_units(committed))
        return cls(keys=keys, place=aligned_length(keys, [unit_key(unit.core) for unit in units]))

    def _pairs(self, snap: _Snap, cores: Sequence[str]) -> list[tuple[str, str]]:
        """What is committed and what `cores` say, for the part of a passage that lies in the committed text."""
        return list(zip(self.keys[snap.start : snap.end], map(unit_key, cores), strict=False))

    def allows(self, snap: _Snap) -> bool:
        """Whether a passage lies after the committed text, or is there already what it would become."""
        inside = self.place == len(self.keys) and all(one == other for one, other in self._pairs(snap, snap.cores))
        return snap.start >= self.place or inside

    def put(self, snap: _Snap, written: Sequence[str]) -> bool:
        """Whether an earlier hypothesis put the name here: the committed text has it, this hypothesis has not."""
        return snap.start < self.place and self.allows(snap) and any(a != b for a, b in self._pairs(snap, written))


def snapped(heard: Recognition, hotwords: Hotwords, committed: str = "") -> Recognition:
    """The recognition with names put where it was unsure and sounds like them; the same object when none is.

    Numbers and times of words and `clear` stay as they are. `committed` is the text that no longer changes: a passage
    that reaches into it is replaced only by what stands there already. Needs words, for their probabilities.
    """
    names = tuple(dict.fromkeys(filter(None, map(_cores, hotwords.names))))
    while names and heard.words:
        better = _once(heard, names, hotwords, committed)
        if better is heard:
            break
        heard = better
    return heard


def as_written(words: Iterable[Word]) -> str | None:
    """The text as the model itself wrote it; None when no name was put into it."""
    words = tuple(words)
    if all(word.heard is None for word in words):
        return None
    return "".join(word.text if word.heard is None else _with_core(word.text, word.heard) for word in words).strip()


def _with_core(text: str, core: str) -> str:
    before, _, after = _split(text)
    return f"{before}{core}{after}"


def _cores(name: str) -> tuple[str, ...]:
    """The units that a name is written in; none for one too short to be told by its sound, or in another script."""
    joined = re.sub(r"[\s·•・]", "", name)
    if is_hanzi(joined):
        return tuple(joined) if len(joined) > 1 else ()
    latin = tuple(name.split())
    spoken = all(re.search("[A-Za-z]", part) and not re.search(r"[^\W_A-Za-zÀ-ÿ]", part) for part in latin)
    return latin if spoken and sum(map(len, latin)) >= _SHORTEST_LATIN else ()


def _once(heard: Recognition, names: Iterable[tuple[str, ...]], hotwords: Hotwords, committed: str) -> Recognition:
    """One pass; a further one may find a passage that two names shared before one of them was put elsewhere."""
    units = _units(heard)
    fixed = _Fixed.of(units, committed)
    kept = _protected(units, hotwords)
    found = [snap for cores in names for snap in _matches(units, cores, heard.words, fixed)]
    chosen = _choose([snap for snap in found if kept.isdisjoint(_changed(units, snap)) and fixed.allows(snap)])
    return _applied(heard, units, chosen) if chosen else heard


def _units(heard: Recognition) -> list[_Unit]:
    """The units of the text, each with the word that stands at exactly the same characters."""
    ends = {}
    position = 0
    for index, word in enumerate(heard.words):
        start = position + len(word.text) - len(word.text.lstrip())
        position += len(word.text)
        ends[start, position - len(word.text) + len(word.text.rstrip())] = index
    units, position = [], 0
    for text in split_units(heard.text):
        start = position + len(text) - len(text.lstrip())
        position += len(text)
        before, core, after = _split(text)
        units.append(_Unit(before=before, core=core, after=after, word=ends.get((start, position))))
    return units


def _split(text: str) -> tuple[str, str, str]:
    match = _PARTS.match(text)
    return (match[1], match[2], match[3]) if match else (text, "", "")


def _matches(units: Sequence[_Unit], cores: tuple[str, ...], words: Sequence[Word], fixed: _Fixed) -> Iterable[_Snap]:
    """Every passage that an unsure model may have written for a name, and those where the name stands already."""
    hanzi = is_hanzi(cores[0])
    limit = NEAR_HANZI if hanzi else NEAR_LATIN
    for start in range(len(units) - len(cores) + 1):
        passage = units[start : start + len(cores)]
        written = tuple(unit.core for unit in passage)
        if not all(is_hanzi(core) and len(core) == 1 if hanzi else core.isascii() and core for core in written):
            continue
        if any(one.after or other.before.strip() for one, other in pairwise(passage)):
            continue  # a name does not reach over a comma
        cost = hanzi_cost("".join(written), "".join(cores)) if hanzi else latin_cost(written, cores)
        snap = _Snap(start=start, end=start + len(cores), cores=cores, cost=cost, stands=written == cores)
        if snap.stands or (cost <= limit and (_unsure(passage, words) or fixed.put(snap, written))):
            yield snap


def _unsure(passage: Sequence[_Unit], words: Sequence[Word]) -> bool:
    """Every unit is a word of its own, and of at least one the model was unsure."""
    indices = [unit.word for unit in passage if unit.word is not None]
    return len(indices) == len(passage) and min(words[index].probability for index in indices) < UNSURE_BELOW


def _protected(units: Sequence[_Unit], hotwords: Hotwords) -> set[int]:
    """The units that are part of a term or an ordinary word as they were heard."""
    known = _known(hotwords.terms, hotwords.ordinary)
    longest = max(map(len, known), default=0)
    keys = [unit_key(unit.core) for unit in units]
    kept: set[int] = set()
    for start in range(len(keys)):
        for end in range(start + 1, min(start + longest, len(keys)) + 1):
            if tuple(keys[start:end]) in known:
                kept.update(range(start, end))
    return kept


@lru_cache(maxsize=64)
def _known(terms: tuple[str, ...], ordinary: frozenset[str]) -> frozenset[tuple[str, ...]]:
    """The words that are kept, by their units; one Chinese character alone keeps nothing."""
    split = (tuple(unit_key(unit) for unit in split_units(word)) for word in (*terms, *ordinary))
    return frozenset(units for units in split if len(units) > 1 or (units and units[0].isascii() and units[0]))


def _changed(units: Sequence[_Unit], snap: _Snap) -> list[int]:
    """The units that would read otherwise, letters as good as their capitals."""
    pairs = enumerate(zip(units[snap.start : snap.end], snap.cores, strict=True), snap.start)
    return [index for index, (unit, core) in pairs if unit_key(unit.core) != unit_key(core)]


def _choose(possible: Sequence[_Snap]) -> list[_Snap]:
    """The nearest passages that do not overlap. A name that stands there stays; of two as near, neither is put."""
    taken: list[_Snap] = []
    for snap in sorted(possible, key=lambda item: (not item.stands, item.cost, item.start - item.end, item.start)):
        rivals = [other for other in possible if other.cores != snap.cores and _overlap(snap, other)]
        doubtful = not snap.stands and any(abs(other.cost - snap.cost) < _AMBIGUOUS for other in rivals)
        if not doubtful and not any(_overlap(snap, other) for other in taken):
            taken.append(snap)
    return taken


def _overlap(one: _Snap, other: _Snap) -> bool:
    return one.start < other.end and other.start < one.end


def _applied(heard: Recognition, units: Sequence[_Unit], chosen: Iterable[_Snap]) -> Recognition:
    words = list(heard.words)
    for snap in chosen:
        for unit, core in zip(units[snap.start : snap.end], snap.cores, strict=True):
            if unit.core == core or unit.word is None:
                continue
            word = words[unit.word]
            words[unit.word] = replace(word, text=_with_core(word.text, core), heard=word.heard or unit.core)
    if words == list(heard.words):
        return heard
    return replace(heard, text="".join(word.text for word in words), words=tuple(words))
