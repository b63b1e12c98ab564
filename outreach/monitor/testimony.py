"""What the debtor's words mean: mood, circumstances, facts that bind at once, promises. Pure.

Clear words count at once. Unclear words count when the same thing has been heard twice; heard once they raise
"unclear – listen", because a person may have said something that must be obeyed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from nlp.finding import Finding
from outreach.monitor.alerts import AlertCatalogue, AlertLedger
from outreach.monitor.context import CallContext
from outreach.monitor.effects import (
    FLAGS_ITS_CALL,
    AlertRaised,
    CallFlagged,
    FactKind,
    FindingRaised,
    FindingState,
    HeardFact,
    MonitorEffect,
    MoodChanged,
    PromiseHeard,
    ReviewMark,
    Severity,
)
from outreach.monitor.mood import MoodState, hear_mood
from outreach.monitor.timing import latency_ms, word_span
from outreach.monitor.utterances import HeardUtterance

FACT_OF_LABEL: Mapping[str, FactKind] = {
    "stop-contact": FactKind.STOP,
    "wrong-number": FactKind.WRONG_NUMBER,
    "represented": FactKind.REPRESENTED,
    "dispute": FactKind.DISPUTED,
    "hospitalised": FactKind.HOSPITALISED,
    "minor": FactKind.MINOR,
    "deceased": FactKind.DECEASED,
    "bereavement": FactKind.BEREAVEMENT,
}
HEARD_OFTEN_ENOUGH = 2
MUST_LISTEN = frozenset({*FACT_OF_LABEL, "self-harm", "promise-to-pay"})


class Testimony:
    """The debtor's side of one call. Keeps the mood, what was heard how often, and which alerts were given."""

    def __init__(self, call: CallContext, catalogue: AlertCatalogue) -> None:
        self._call = call
        self._catalogue = catalogue
        self._alerts = AlertLedger()
        self._unclear_counts: dict[FactKind, int] = {}
        self._last_promise: PromiseHeard | None = None
        self.mood = MoodState()
        self.facts: dict[FactKind, HeardFact] = {}
        self.vulnerability: set[str] = set(call.known_vulnerability)
        self.promise: PromiseHeard | None = None

    def known(self) -> frozenset[str]:
        """What is known of the person by now: on file, or heard clearly or often enough."""
        return self._call.flags | self.vulnerability | {str(kind) for kind in self.facts}

    def when_said(self, heard: HeardUtterance, now: datetime) -> Iterator[MonitorEffect]:
        """Effects of one finished debtor sentence."""
        labels = self._labels(heard)
        yield from self._findings(heard, labels, now)
        yield from self._mood(heard)
        yield from self._facts(heard, labels, now)
        yield from self._promise(heard)
        urgent = sorted(set(labels) & MUST_LISTEN)
        if not heard.clear and urgent:
            yield ReviewMark(
                at_secs=heard.event.start,
                key=f"{self._call.call_sid}:{heard.seq}:unclear",
                utterance_seq=heard.seq,
                speaker=heard.speaker,
                start_secs=heard.event.start,
                end_secs=heard.event.end,
                labels=tuple(urgent),
                text=self._catalogue.kind("monitor", "unclear").text,
            )
            yield CallFlagged(at_secs=heard.event.start, why=("unclear",), severity=Severity.INFO)

    def _labels(self, heard: HeardUtterance) -> dict[str, str]:
        """Every label of the utterance with its category."""
        analysis = heard.analysis
        labels = {str(label): "intent" for label in analysis.intents}
        labels |= {str(label): "vulnerability" for label in analysis.vulnerability}
        labels |= {str(label): "signal" for label in analysis.signals}
        return dict(sorted(labels.items()))

    def _findings(self, heard: HeardUtterance, labels: Mapping[str, str], now: datetime) -> Iterator[MonitorEffect]:
        evidence = {str(finding.label): finding for finding in heard.analysis.evidence}
        for label, category in labels.items():
            raised = self._finding(heard, label, category, evidence.get(label), now)
            yield raised
            if category == "vulnerability" and heard.clear:
                self.vulnerability.add(label)
                yield from self._alert(("vulnerability", label), label, raised.end_secs, heard, now)

    def _finding(
        self, heard: HeardUtterance, label: str, category: str, evidence: Finding | None, now: datetime
    ) -> FindingRaised:
        event = heard.event
        span = evidence.span if evidence is not None else (0, len(event.text))
        start, end = word_span(event.text, span, event.words, (event.start, event.end))
        severity = Severity.INFO
        if heard.clear and label in FACT_OF_LABEL:
            severity = self._catalogue.kind("fact", FACT_OF_LABEL[label]).severity
        elif heard.clear and category == "vulnerability":
            severity = self._catalogue.kind("vulnerability", label).severity
        return FindingRaised(
            at_secs=start,
            key=f"{self._call.call_sid}:{heard.seq}:{label}",
            utterance_seq=heard.seq,
            speaker=heard.speaker,
            category=category,
            label=label,
            span=span,
            score=evidence.score if evidence is not None else 0.5,
            detector=evidence.detector if evidence is not None else "analysis",
            why={"rule": evidence.why} if evidence is not None else {},
            severity=severity,
            state=FindingState.CONFIRMED if heard.clear else FindingState.UNCLEAR,
            start_secs=start,
            end_secs=end,
            heard_at=now,
        )

    def _mood(self, heard: HeardUtterance) -> Iterator[MonitorEffect]:
        reading = heard.analysis.mood
        if reading is None:
            return
        before = self.mood
        self.mood = hear_mood(before, str(reading.label), reading.score, clear=heard.clear)
        if self.mood.current is not None and self.mood.current != before.current:
            yield MoodChanged(
                at_secs=heard.event.start,
                mood=self.mood.current,
                previous=before.current,
                score=reading.score,
                utterance_seq=heard.seq,
                why={"rule": reading.why},
            )

    def _facts(self, heard: HeardUtterance, labels: Mapping[str, str], now: datetime) -> Iterator[MonitorEffect]:
        evidence = {str(finding.label): finding for finding in heard.analysis.evidence}
        for label in labels:
            kind = FACT_OF_LABEL.get(label)
            if kind is None or kind in self.facts:
                continue
            times = 1
            if not heard.clear:
                times = self._unclear_counts.get(kind, 0) + 1
                self._unclear_counts[kind] = times
                if times < HEARD_OFTEN_ENOUGH:
                    continue
            fact = HeardFact(
                at_secs=heard.event.start,
                kind=kind,
                utterance_seq=heard.seq,
                label=label,
                score=evidence[label].score if label in evidence else 0.5,
                clear=heard.clear,
                times_heard=times,
                heard_at=now,
            )
            self.facts[kind] = fact
            yield fact
            yield from self._alert(("fact", str(kind)), label, heard.event.end, heard, now)

    def _promise(self, heard: HeardUtterance) -> Iterator[MonitorEffect]:
        promise = heard.analysis.promise
        intends = any(str(intent) == "promise-to-pay" for intent in heard.analysis.intents)
        if not heard.clear or not (promise or intends):
            return
        said = PromiseHeard(
            at_secs=heard.event.start,
            utterance_seq=heard.seq,
            amount=str(promise.amount) if promise and promise.amount is not None else None,
            currency=promise.currency if promise else None,
            due=promise.date if promise else None,
            clear=True,
        )
        merged = _merged(self.promise, said)
        if self.promise is None or (merged.amount, merged.due) != (self.promise.amount, self.promise.due):
            self.promise = merged
            yield merged

    def _alert(
        self, entry: tuple[str, str], label: str, end_secs: float, heard: HeardUtterance, now: datetime
    ) -> Iterator[MonitorEffect]:
        """The catalogue's alert on a finding with this label, once per call; a grave one sends the call to review."""
        group, name = entry
        if not self._alerts.first_time(f"{group}:{name}"):
            return
        kind = self._catalogue.kind(group, name)
        yield AlertRaised(
            at_secs=end_secs,
            key=f"alert:{self._call.call_sid}:{group}:{name}",
            finding_key=f"{self._call.call_sid}:{heard.seq}:{label}",
            kind=name,
            severity=kind.severity,
            text=kind.text,
            utterance_seq=heard.seq,
            speaker=heard.speaker,
            latency_ms=latency_ms(self._call.audio_started_at, end_secs, now),
            raised_at=now,
            provisional=False,
        )
        if kind.severity in FLAGS_ITS_CALL:
            yield CallFlagged(at_secs=end_secs, why=(label,), severity=kind.severity)


def _merged(earlier: PromiseHeard | None, said: PromiseHeard) -> PromiseHeard:
    """A later sentence corrects what it names and keeps what it leaves out."""
    if earlier is None:
        return said
    return PromiseHeard(
        at_secs=said.at_secs,
        utterance_seq=said.utterance_seq,
        amount=said.amount or earlier.amount,
        currency=said.currency or earlier.currency,
        due=said.due or earlier.due,
        clear=True,
    )
