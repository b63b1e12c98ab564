"""What the monitor made of one recording, as plain data: one form for audit results and for second hearings. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outreach.monitor.effects import (
    CallSummarised,
    DisclosureHeard,
    FindingRaised,
    FindingRevised,
    FindingState,
    HeardFact,
    MonitorEffect,
    MoodChanged,
    PromiseHeard,
    ReviewMark,
    UtteranceFinal,
)

VIOLATION = "violation"
"""Category of findings that the law of a call may forbid."""
UNKNOWN = "unknown"
"""Speaker of a sentence on a track that both parties share."""
SAME_PLACE_SECS = 2.0
"""Two hearings of the same words cut them a little differently: findings this near are one."""

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One recording as heard. Rows are plain values for JSON; times are seconds of the recording.

    `facts`: what the debtor stated, that binds; `heard_facts`: the same as the monitor gave them. `summary` is None
    where nobody knows who speaks.
    """

    utterances: tuple[Row, ...] = ()
    findings: tuple[Row, ...] = ()
    unclear: tuple[Row, ...] = ()
    facts: tuple[Row, ...] = ()
    disclosures: tuple[Row, ...] = ()
    moods: tuple[Row, ...] = ()
    promise: Row | None = None
    summary: Row | None = None
    heard_facts: tuple[HeardFact, ...] = field(default=(), compare=False)

    def to_json(self) -> Row:
        """Plain values, in a stable order."""
        return {
            "utterances": list(self.utterances),
            "findings": list(self.findings),
            "unclear": list(self.unclear),
            "facts": list(self.facts),
            "disclosures": list(self.disclosures),
            "moods": list(self.moods),
            "promise": self.promise,
            "summary": self.summary,
        }


def record_of(effects: Iterable[MonitorEffect], *, speaker: str | None = None) -> Record:
    """The record of a call's effects. `speaker` replaces the name of whoever spoke, where that is not known."""
    effects = list(effects)
    utterances = [_utterance(item, speaker) for item in effects if isinstance(item, UtteranceFinal)]
    findings = {item.key: _finding(item, speaker) for item in effects if isinstance(item, FindingRaised)}
    for item in effects:
        if isinstance(item, FindingRevised) and item.key in findings:
            findings[item.key] |= _revision(item)
    promises = [item for item in effects if isinstance(item, PromiseHeard)]
    summaries = [item.summary.to_json() for item in effects if isinstance(item, CallSummarised)]
    facts = tuple(item for item in effects if isinstance(item, HeardFact))
    return Record(
        utterances=tuple(utterances),
        findings=tuple(sorted(findings.values(), key=lambda row: (row["start"], row["label"]))),
        unclear=_unclear([item for item in effects if isinstance(item, ReviewMark)], speaker),
        facts=tuple(_fact(item) for item in facts),
        disclosures=tuple(_disclosure(item) for item in effects if isinstance(item, DisclosureHeard)),
        moods=tuple(_mood(item) for item in effects if isinstance(item, MoodChanged)),
        promise=_promise(promises[-1]) if promises else None,
        summary=summaries[-1] if summaries else None,
        heard_facts=facts,
    )


def is_asserted(finding: Row) -> bool:
    """Whether a finding says something: its words were clear and its speaker is known."""
    return bool(finding["state"] == FindingState.CONFIRMED and finding["speaker"] != UNKNOWN)


def not_in(findings: Iterable[Row], others: Sequence[Row]) -> list[Row]:
    """The asserted findings that no asserted one of `others` repeats: same label, same speaker, about the same time."""
    known = [item for item in others if is_asserted(item)]
    return [item for item in findings if is_asserted(item) and not any(_same(item, other) for other in known)]


def _same(one: Row, other: Row) -> bool:
    near = one["start"] < other["end"] + SAME_PLACE_SECS and other["start"] < one["end"] + SAME_PLACE_SECS
    return bool(near and one["label"] == other["label"] and one["speaker"] == other["speaker"])


def _utterance(item: UtteranceFinal, speaker: str | None) -> Row:
    return {
        "seq": item.utterance_seq,
        "speaker": speaker or item.speaker,
        "start": round(item.start_secs, 2),
        "end": round(item.end_secs, 2),
        "text": item.text,
        "language": item.language,
        "clear": item.clear,
        "avg_logprob": round(item.avg_logprob, 3),
    }


def _finding(item: FindingRaised, speaker: str | None) -> Row:
    return {
        "utterance": item.utterance_seq,
        "speaker": speaker or item.speaker,
        "category": item.category,
        "label": item.label,
        "span": list(item.span) if item.span is not None else None,
        "score": round(item.score, 4),
        "detector": item.detector,
        "severity": str(item.severity),
        "state": str(item.state),
        "start": round(item.start_secs, 2),
        "end": round(item.end_secs, 2),
        "why": dict(item.why),
    }


def _revision(item: FindingRevised) -> Row:
    return {
        "state": str(item.state),
        "severity": str(item.severity),
        "span": list(item.span) if item.span is not None else None,
        "start": round(item.start_secs, 2),
        "end": round(item.end_secs, 2),
    }


def _unclear(marks: Sequence[ReviewMark], speaker: str | None) -> tuple[Row, ...]:
    """One row a sentence: read in two ways, a sentence is still one place to listen to."""
    rows: dict[int, Row] = {}
    for mark in marks:
        row = rows.setdefault(
            mark.utterance_seq,
            {
                "utterance": mark.utterance_seq,
                "speaker": speaker or mark.speaker,
                "start": round(mark.start_secs, 2),
                "end": round(mark.end_secs, 2),
                "labels": [],
            },
        )
        row["labels"] = sorted({*row["labels"], *mark.labels})
    return tuple(rows.values())


def _fact(item: HeardFact) -> Row:
    return {
        "kind": str(item.kind),
        "label": item.label,
        "utterance": item.utterance_seq,
        "at": round(item.at_secs, 2),
        "clear": item.clear,
        "times_heard": item.times_heard,
    }


def _disclosure(item: DisclosureHeard) -> Row:
    return {
        "id": item.disclosure,
        "utterance": item.utterance_seq,
        "at": round(item.at_secs, 2),
        "score": round(item.score, 3),
    }


def _mood(item: MoodChanged) -> Row:
    return {"mood": item.mood, "utterance": item.utterance_seq, "at": round(item.at_secs, 2)}


def _promise(item: PromiseHeard) -> Row:
    return {
        "amount": item.amount,
        "currency": item.currency,
        "due": item.due.isoformat() if item.due else None,
        "utterance": item.utterance_seq,
    }
