"""Where a long utterance may be heard from: shortly before the last words that no longer change. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from speech.recognizer import Recognition
from speech.stabilizer import split_units

_MARGIN_SECS = 0.1
"""Word times are rough: a little more sound than they say, so that the first word is heard whole."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Hearings may begin `secs` later; they then begin so many `units` of the text later."""

    units: int
    secs: float


def cut_of(heard: Recognition, committed_units: int, context_secs: float) -> Cut | None:
    """The latest place to cut that leaves `context_secs` of committed words; None when there is none.

    The first `committed_units` of the text are committed. Word times are seconds from where the hearing began; a cut
    is made only where a word begins with a unit.
    """
    if not heard.words or committed_units < 2:
        return None
    units = split_units(heard.text)[:committed_units]
    begins = [0, *accumulate(len(unit) for unit in units)]
    words = dict(zip(accumulate((len(word.text) for word in heard.words), initial=0), heard.words, strict=False))
    timed = [(index, words[begin].start) for index, begin in enumerate(begins) if begin in words]
    latest = max((start for index, start in timed if index <= committed_units), default=0.0) - context_secs
    usable = [(index, start) for index, start in timed if 0 < index < committed_units and start <= latest]
    if not usable:
        return None
    index, start = max(usable)
    return Cut(units=index, secs=max(0.0, start - _MARGIN_SECS))
