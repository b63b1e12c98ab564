"""How two people talked: shares, overlap, silence, hold, turns. Same utterances, same figures. Pure.

The seconds add up: speech of both minus overlap, plus silence, plus what was lost, is the time listened to.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outreach.monitor.context import AGENT, DEBTOR
from outreach.monitor.manner import Manner
from outreach.monitor.spans import Span, common, length, rest, union
from outreach.monitor.turns import (
    Interruption,
    Spoken,
    Turn,
    interruptions,
    longest_monologue,
    response_latencies,
    turns_of,
)
from outreach.monitor.utterances import HeardUtterance
from speech.speaking_rate import count_syllables

HOLD_SECS = 10.0
"""A silence of both, or sound without words such as music, from which on somebody is waiting."""


@dataclass(frozen=True, kw_only=True)
class SideTalk:
    """One side of a call. `share` is of all speech; `response_secs` the median time to answer; None: nothing to tell.

    `other_stopped` counts those of the `interruptions` begun by this side after which the other fell silent first.
    """

    speech_secs: float
    share: float | None
    longest_monologue_secs: float
    interruptions: int
    other_stopped: int
    back_channels: int
    response_secs: float | None
    syllables_per_sec: float | None = None
    words_per_sec: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded."""
        return {key: _rounded(value) for key, value in vars(self).items()}


@dataclass(frozen=True, kw_only=True)
class Talk:
    """The talk of one call, from second 0 to the last thing heard; `overlaps`, `holds`, `interruptions` in order."""

    total_secs: float
    overlap_secs: float
    silence_secs: float
    silence_share: float | None
    hold_secs: float
    lost_secs: float
    sides: Mapping[str, SideTalk]
    overlaps: tuple[Span, ...] = field(repr=False)
    holds: tuple[Span, ...] = field(repr=False)
    interruptions: tuple[Interruption, ...] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """What `call.summary["talk"]` holds."""
        whole = ("total_secs", "overlap_secs", "silence_secs", "silence_share", "hold_secs", "lost_secs")
        figures = {key: _rounded(getattr(self, key)) for key in whole}
        return {**figures, **{side: self.sides[side].to_json() for side in (AGENT, DEBTOR)}}


def talk_of(spoken: Sequence[Spoken], lost: Iterable[Span], heard_until: float) -> Talk:
    """The figures of a call. `lost`: audio of either track that never came; `heard_until`: the end of what did."""
    speech = {side: union(run for one in spoken if one.speaker == side for run in one.runs) for side in (AGENT, DEBTOR)}
    anybody = union([*speech[AGENT], *speech[DEBTOR]])
    total = max([heard_until, *(end for _, end in anybody)])
    unsaid = rest(anybody, total)
    missing = common(unsaid, union(lost))
    silence = rest(union([*anybody, *missing]), total)
    overlaps = common(speech[AGENT], speech[DEBTOR])
    holds = [span for span in silence if round(span[1] - span[0], 3) >= HOLD_SECS]
    turns = turns_of(spoken)
    breaking = interruptions(turns)
    return Talk(
        total_secs=total,
        overlap_secs=length(overlaps),
        silence_secs=length(silence),
        silence_share=length(silence) / total if total else None,
        hold_secs=length(holds),
        lost_secs=length(missing),
        sides={side: _side(side, speech, spoken, turns, breaking) for side in (AGENT, DEBTOR)},
        overlaps=tuple(overlaps),
        holds=tuple(holds),
        interruptions=tuple(breaking),
    )


def spoken_of(heard: HeardUtterance) -> Spoken | None:
    """An utterance as talk, None where the recogniser heard no words in the sound.

    Where it failed to answer, voice activity alone says that somebody spoke.
    """
    event = heard.event
    if not event.text.strip() and event.error is None:
        return None
    runs = runs_of(event.start, event.end, heard.manner)
    return Spoken(speaker=heard.speaker, runs=runs, text=event.text, clear=event.clear, language=event.language)


def runs_of(start_secs: float, end_secs: float, manner: Manner | None) -> tuple[Span, ...]:
    """The stretches of speech of an utterance in seconds of the call; all of it where its sound was not measured."""
    if manner is None or not manner.prosody.runs:
        return ((start_secs, end_secs),)
    return tuple((start_secs + start, start_secs + end) for start, end in manner.prosody.runs)


def _side(
    side: str,
    speech: Mapping[str, Sequence[Span]],
    spoken: Sequence[Spoken],
    turns: Sequence[Turn],
    breaking: Sequence[Interruption],
) -> SideTalk:
    both = length(speech[AGENT]) + length(speech[DEBTOR])
    own = [each for each in breaking if each.by == side]
    latencies = response_latencies(turns, HOLD_SECS)[side]
    syllables, words = _rates([one for one in spoken if one.speaker == side])
    return SideTalk(
        speech_secs=length(speech[side]),
        share=length(speech[side]) / both if both else None,
        longest_monologue_secs=longest_monologue(turns, side),
        interruptions=len(own),
        other_stopped=sum(1 for each in own if each.other_stopped),
        back_channels=sum(1 for turn in turns if turn.speaker == side and turn.back_channel),
        response_secs=statistics.median(latencies) if latencies else None,
        syllables_per_sec=syllables,
        words_per_sec=words,
    )


def _rates(spoken: Sequence[Spoken]) -> tuple[float | None, float | None]:
    """Syllables and words per second of speech over what was heard clearly."""
    clear = [one for one in spoken if one.clear and one.text.strip()]
    secs = length(run for one in clear for run in one.runs)
    counted = [count_syllables(one.text, one.language) for one in clear]
    if not secs:
        return None, None
    words = sum(count[1] for count in counted)
    return sum(count[0] for count in counted) / secs, words / secs if words else None


def _rounded(value: float | None) -> float | None:
    return value if value is None or isinstance(value, int) else round(value, 2)
