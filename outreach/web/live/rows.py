"""Database rows as the frozen values that templates draw. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from outreach.db.tables import Alert, Finding, SuggestionShown, Utterance
from outreach.web.live.views import AlertView, LineView, MarkView, ReasonView, SuggestionView

LANGS = ("zh", "en")
BACK = "partials"
"""The step on record when a call gets everything again."""


def limits_of(degraded: Iterable[Any]) -> tuple[str, ...]:
    """The steps that were ever given up on a call, each once, in order; that partial texts came back is none."""
    steps = dict.fromkeys(str(step.get("step", "")) for step in degraded if isinstance(step, dict))
    return tuple(step for step in steps if step and step != BACK)


def line_view(row: Utterance, marks: Sequence[MarkView] = ()) -> LineView:
    """An utterance as a line of transcript."""
    partial = row.analysis.get("state") == "partial"
    return LineView(
        id=row.id,
        speaker=row.speaker,
        start_secs=row.start_secs,
        text=row.text,
        committed=int(row.analysis.get("committed", len(row.text))),
        partial=partial,
        clear=row.clear,
        mood=row.mood,
        marks=tuple(marks),
        written=str(row.analysis.get("written", "")),
    )


def alert_view(row: Alert) -> AlertView:
    """An alert with the wording stored when it was raised."""
    wording, citation = row.details.get("text"), row.details.get("citation")
    return AlertView(
        id=row.id,
        kind=row.kind,
        severity=row.severity,
        state=str(row.details.get("state", "confirmed")),
        text=wording if isinstance(wording, dict) and set(LANGS) <= set(wording) else dict.fromkeys(LANGS, row.kind),
        citation=citation if isinstance(citation, dict) and set(LANGS) <= set(citation) else {},
        at_secs=float(row.details.get("at_secs", 0.0)),
        latency_ms=row.latency_ms,
        acknowledged=row.acknowledged_at is not None,
    )


def suggestion_view(row: SuggestionShown) -> SuggestionView:
    """A suggestion as it was shown."""
    return SuggestionView(
        id=row.id,
        text=row.text,
        why=row.why or "",
        stage=row.stage,
        mood=row.mood or "calm",
        step=row.step,
        digest=row.digest,
        disclosures=tuple(row.disclosures),
        escalate=row.escalate,
    )


def reason_views(ruling: Mapping[str, Any]) -> tuple[ReasonView, ...]:
    """The reasons of a stored ruling; texts may be stored in one language or in both."""
    return tuple(
        ReasonView(
            rule=str(reason.get("rule", "")),
            message=_both(reason.get("messages", reason.get("message"))),
            citation=_both(reason.get("citations", reason.get("citation"))),
        )
        for reason in ruling.get("reasons", ())
    )


def parse_instant(value: object) -> datetime | None:
    """An RFC 3339 instant of a stored ruling, None for none."""
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _both(value: object) -> Mapping[str, str]:
    if isinstance(value, dict):
        first = next(iter(value.values()), "")
        return {lang: str(value.get(lang, first)) for lang in LANGS}
    return dict.fromkeys(LANGS, "" if value is None else str(value))


def marks_by_utterance(findings: Iterable[Finding]) -> Mapping[int, list[MarkView]]:
    """Violation spans that still stand, by the utterance they lie in."""
    marks: dict[int, list[MarkView]] = defaultdict(list)
    for row in findings:
        state = str(row.why.get("state", "confirmed"))
        if row.category == "violation" and state != "withdrawn":
            mark = MarkView(start=row.span_start, end=row.span_end, label=row.label, severity=row.severity, state=state)
            marks[row.utterance_id].append(mark)
    return marks


def mood_trail(lines: Iterable[Utterance]) -> tuple[str, ...]:
    """The moods of a call in order, repeats dropped."""
    trail: list[str] = []
    for row in lines:
        if row.mood and (not trail or trail[-1] != row.mood):
            trail.append(row.mood)
    return tuple(trail)
