"""Who had the floor: turns of two speakers, back-channels, interruptions, how long an answer took. Pure.

Definitions and their sources stand in docs/decisions/0015-how-it-was-said.md. All of them treat both speakers alike.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outreach.monitor.context import AGENT, DEBTOR
from outreach.monitor.spans import Span, length, union

JOIN_SECS = 0.3
"""Less between two utterances of one speaker and they are one turn: a long one was cut in two."""
BACK_CHANNEL_SECS = 0.6
WORDY_BACK_CHANNEL_SECS = 1.5
"""A back-channel of known words may last so long: 对对对对, "uh huh, okay"."""
OVERLAP_LEAST_SECS = 0.25
"""Less overlap is how turns ordinarily change; two who begin within it began together."""
BREATH_SECS = 2.0
"""A longer silence ends a monologue: the other could have spoken."""

_BACK_CHANNELS = re.compile(
    r"(?:嗯|恩|唔|哦|噢|喔|啊|哎|诶|欸|是|对|好|行|好的|是的|对的|明白|知道|可以|没错|嗯哼|[,，.。!！、\s]"
    r"|\b(?:uh|huh|mm|mhm|hmm|hm|um|yes|yeah|yep|ok|okay|right|sure|oh|i see|got it)\b|-)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One finished utterance as talk: its stretches of speech in seconds of the call, and what was said if clear."""

    speaker: str
    runs: tuple[Span, ...]
    text: str = ""
    clear: bool = False
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One speaker's talk from its first to its last sound. A back-channel takes no floor."""

    speaker: str
    start: float
    end: float
    back_channel: bool


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """`by` began while the other was speaking; `other_stopped` first, or else went on until `by` had stopped."""

    by: str
    at_secs: float
    overlap_secs: float
    other_stopped: bool


def turns_of(spoken: Iterable[Spoken]) -> list[Turn]:
    """The turns of a call in the order in which they began."""
    said = list(spoken)
    found = {side: _joined([one for one in said if one.speaker == side and one.runs]) for side in (AGENT, DEBTOR)}
    turns = [
        Turn(
            speaker=side,
            start=turn[0].runs[0][0],
            end=max(one.runs[-1][1] for one in turn),
            back_channel=_short(turn) and _spoken_at(turn[0].runs[0][0], found[other]),
        )
        for side, other in ((AGENT, DEBTOR), (DEBTOR, AGENT))
        for turn in found[side]
    ]
    return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))


def interruptions(turns: Sequence[Turn]) -> list[Interruption]:
    """Every turn that began while the other had been speaking for a while and went on speaking over it."""
    floor = [turn for turn in turns if not turn.back_channel]
    found = []
    for turn in floor:
        for other in floor:
            if other.start >= turn.start:
                break
            if other.speaker == turn.speaker or not _well_before(other, turn):
                continue
            overlap = min(turn.end, other.end) - turn.start
            if round(overlap, 3) >= OVERLAP_LEAST_SECS:
                stopped = other.end <= turn.end
                found.append(
                    Interruption(by=turn.speaker, at_secs=turn.start, overlap_secs=overlap, other_stopped=stopped)
                )
                break
    return found


def response_latencies(turns: Sequence[Turn], longest_secs: float) -> dict[str, list[float]]:
    """How long each took to answer: from the other's last sound to their own first, 0 for a turn taken just before it.

    Interruptions are no answers, and neither is what comes after `longest_secs` of silence.
    """
    found: dict[str, list[float]] = {AGENT: [], DEBTOR: []}
    interrupting = {(each.by, each.at_secs) for each in interruptions(turns)}
    floor = [turn for turn in turns if not turn.back_channel]
    for turn in floor:
        heard = [each.end for each in floor if each.speaker != turn.speaker and _well_before(each, turn)]
        own = [each.end for each in floor if each.speaker == turn.speaker and each.start < turn.start]
        answers = max(heard, default=-1.0) > max(own, default=-1.0)
        if answers and (turn.speaker, turn.start) not in interrupting:
            latency = max(0.0, turn.start - max(heard))
            found[turn.speaker] += [latency] if latency < longest_secs else []
    return found


def longest_monologue(turns: Sequence[Turn], speaker: str) -> float:
    """Seconds of the longest stretch in which one spoke and the other at most gave back-channels."""
    floor = [turn for turn in turns if not turn.back_channel]
    own = [turn for turn in floor if turn.speaker == speaker]
    others = [turn.start for turn in floor if turn.speaker != speaker]
    longest, start, until = 0.0, 0.0, 0.0
    for before, turn in zip([None, *own], own, strict=False):
        spoke_between = before is not None and any(before.start < each <= turn.start for each in others)
        if before is None or spoke_between or turn.start - until > BREATH_SECS:
            start = turn.start
        until = turn.end
        longest = max(longest, until - start)
    return longest


def _well_before(one: Turn, other: Turn) -> bool:
    """Not begun together: the later speaker could hear the earlier one."""
    return round(other.start - one.start, 3) >= OVERLAP_LEAST_SECS


def _joined(said: list[Spoken]) -> list[list[Spoken]]:
    turns: list[list[Spoken]] = []
    for one in sorted(said, key=lambda one: one.runs[0][0]):
        if turns and one.runs[0][0] - turns[-1][-1].runs[-1][1] < JOIN_SECS:
            turns[-1].append(one)
        else:
            turns.append([one])
    return turns


def _short(turn: list[Spoken]) -> bool:
    secs = round(length(union(run for one in turn for run in one.runs)), 3)
    agreeing = all(one.clear and _BACK_CHANNELS.fullmatch(one.text.strip()) for one in turn)
    return secs <= (WORDY_BACK_CHANNEL_SECS if agreeing else BACK_CHANNEL_SECS)


def _spoken_at(at_secs: float, turns: list[list[Spoken]]) -> bool:
    """Whether a turn had begun before and was not over: its own pauses belong to it."""
    return any(turn[0].runs[0][0] < at_secs < turn[-1].runs[-1][1] for turn in turns)
