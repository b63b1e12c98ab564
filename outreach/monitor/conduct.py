"""What the agent's words mean: violations while they are said, and what the finished sentence makes of them. Pure."""

from collections.abc import Callable, Iterator, Set
from datetime import datetime
from typing import Any

from nlp.finding import Finding
from outreach.monitor.alerts import AlertCatalogue
from outreach.monitor.context import CallContext, Prohibition
from outreach.monitor.effects import (
    AlertRaised,
    CallFlagged,
    FindingRaised,
    FindingRevised,
    FindingState,
    MonitorEffect,
    ReviewMark,
    Severity,
)
from outreach.monitor.timing import interpolated_span, latency_ms, word_span
from outreach.monitor.utterances import HeardUtterance, OpenUtterance
from speech.types import PartialHypothesis

VIOLATION = "violation"
_GRAVEST_FIRST = tuple(Severity)


class ConductWatch:
    """Turns violation findings of one call into effects, each label once per utterance.

    `known` answers what is known of the person at this moment: how grave words are can depend on it.
    """

    def __init__(self, call: CallContext, catalogue: AlertCatalogue, known: Callable[[], Set[str]]) -> None:
        self._call = call
        self._catalogue = catalogue
        self._known = known

    def while_said(
        self, utterance: OpenUtterance, event: PartialHypothesis, findings: tuple[Finding, ...], now: datetime
    ) -> Iterator[MonitorEffect]:
        """Findings on the committed prefix: raised and alerted at once, marked provisional."""
        for finding in findings:
            label = str(finding.label)
            if label in utterance.raised:
                continue
            times = interpolated_span(event.text, finding.span, event.start, event.end)
            raised = self._raised(utterance, finding, times, FindingState.PROVISIONAL, now)
            utterance.raised[label] = raised
            yield raised
            yield self._alert(raised, now, provisional=True)

    def when_said(self, utterance: OpenUtterance, heard: HeardUtterance, now: datetime) -> Iterator[MonitorEffect]:
        """The finished sentence confirms, withdraws or leaves unclear what was raised, and adds what came last."""
        found = {str(finding.label): finding for finding in heard.analysis.violations}
        for label in sorted(set(found) | set(utterance.raised)):
            finding, earlier = found.get(label), utterance.raised.get(label)
            if not heard.clear:
                if earlier is not None:
                    yield self._revised(earlier, FindingState.UNCLEAR, heard, finding)
                continue
            if earlier is not None:
                state = FindingState.CONFIRMED if finding is not None else FindingState.WITHDRAWN
                yield self._revised(earlier, state, heard, finding)
            elif finding is not None:
                times = self._times(heard, finding)
                earlier = self._raised(utterance, finding, times, FindingState.CONFIRMED, now)
                yield earlier
                yield self._alert(earlier, now, provisional=False)
            if finding is not None and earlier is not None:
                yield CallFlagged(at_secs=earlier.start_secs, why=(label,), severity=earlier.severity)
        if not heard.clear and (found or utterance.raised):
            yield from self._unclear(utterance, heard, tuple(sorted(set(found) | set(utterance.raised))))

    def _unclear(
        self, utterance: OpenUtterance, heard: HeardUtterance, labels: tuple[str, ...]
    ) -> Iterator[MonitorEffect]:
        yield ReviewMark(
            at_secs=heard.event.start,
            key=f"{self._call.call_sid}:{utterance.seq}:unclear",
            utterance_seq=utterance.seq,
            speaker=utterance.speaker,
            start_secs=heard.event.start,
            end_secs=heard.event.end,
            labels=labels,
            text=self._catalogue.kind("monitor", "unclear").text,
        )
        yield CallFlagged(at_secs=heard.event.start, why=("unclear",), severity=Severity.INFO)

    def _times(self, heard: HeardUtterance, finding: Finding) -> tuple[float, float]:
        event = heard.event
        return word_span(event.text, finding.span, event.words, (event.start, event.end))

    def _raised(
        self,
        utterance: OpenUtterance,
        finding: Finding,
        times: tuple[float, float],
        state: FindingState,
        now: datetime,
    ) -> FindingRaised:
        label = str(finding.label)
        prohibition = self._prohibition(label)
        return FindingRaised(
            at_secs=times[0],
            key=f"{self._call.call_sid}:{utterance.seq}:{label}",
            utterance_seq=utterance.seq,
            speaker=utterance.speaker,
            category=VIOLATION,
            label=label,
            span=finding.span,
            score=finding.score,
            detector=finding.detector,
            why={"rule": finding.why, **_law(prohibition)},
            severity=self._severity(label, prohibition),
            state=state,
            start_secs=times[0],
            end_secs=times[1],
            heard_at=now,
        )

    def _alert(self, raised: FindingRaised, now: datetime, *, provisional: bool) -> AlertRaised:
        kind = self._catalogue.kind(raised.category, raised.label)
        return AlertRaised(
            at_secs=raised.start_secs,
            key=f"alert:{raised.key}",
            finding_key=raised.key,
            kind=raised.label,
            severity=raised.severity,
            text=kind.text,
            utterance_seq=raised.utterance_seq,
            speaker=raised.speaker,
            latency_ms=latency_ms(self._call.audio_started_at, raised.end_secs, now),
            raised_at=now,
            provisional=provisional,
            citation=dict(raised.why.get("law", {}).get("citation", {})),
        )

    def _severity(self, label: str, prohibition: Prohibition | None) -> Severity:
        """As the law of the call grades it; the catalogue answers for what no pack of the call names."""
        return self._catalogue.kind(VIOLATION, label).severity if prohibition is None else prohibition.severity

    def _prohibition(self, label: str) -> Prohibition | None:
        """What the label stands for, the gravest of what holds for this person now; None where no pack names it."""
        plain = self._call.prohibitions.get(label)
        if plain is None or not plain.once_known:
            return plain
        known = self._known()
        graver = [found for word, found in plain.once_known.items() if word in known]
        return min([*graver, plain], key=lambda found: _GRAVEST_FIRST.index(found.severity))

    def _revised(
        self, earlier: FindingRaised, state: FindingState, heard: HeardUtterance, finding: Finding | None
    ) -> FindingRevised:
        times = (earlier.start_secs, earlier.end_secs) if finding is None else self._times(heard, finding)
        exact = state is FindingState.CONFIRMED
        return FindingRevised(
            at_secs=times[0],
            key=earlier.key,
            alert_key=f"alert:{earlier.key}",
            state=state,
            severity=earlier.severity if exact else Severity.INFO,
            span=finding.span if finding is not None else earlier.span,
            start_secs=times[0],
            end_secs=times[1],
            latency_ms=latency_ms(self._call.audio_started_at, times[1], earlier.heard_at) if exact else None,
            why={"rule": finding.why} if finding is not None else {"rule": "the finished sentence does not carry it"},
        )


def _law(prohibition: Prohibition | None) -> dict[str, Any]:
    if prohibition is None:
        return {}
    return {"law": {"categories": list(prohibition.categories), "citation": dict(prohibition.citation)}}
