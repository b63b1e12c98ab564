"""Effects as the values that `outreach.db.repository` stores; whoever applies and whoever shows them agree here. Pure.

Conventions that the pages read:

* `utterance.analysis["state"]` is `partial` while a sentence is being said (the row is updated in place), then `final`;
  `analysis["committed"]` counts the code points of `text` that no longer change; `analysis["written"]` is the text as
  the model wrote it, where names were put into it by sound.
* `utterance.prosody` is what `outreach.monitor.manner` writes of a finished sentence, NULL of an unfinished one.
* `finding.why["state"]` and `alert.details["state"]` hold a `FindingState`; `details["text"]` the wording by language;
  `details["at_secs"]` the second of audio to listen to; `details["key"]` recognises an effect applied twice.
* `finding.why["law"]` names what a violation is in the law of the call: `categories`, gravest first, and `citation` by
  language; `details["citation"]` repeats the citation for whoever sees only the alert.
"""

from datetime import datetime
from typing import Any

from outreach.db.repository import NewAlert, NewFinding, NewSuggestion, NewUtterance
from outreach.monitor.effects import (
    AlertRaised,
    Escalate,
    FindingRaised,
    FindingRevised,
    FindingState,
    ReviewMark,
    Severity,
    SuggestionShown,
    UtteranceFinal,
    UtterancePartial,
)

PARTIAL, FINAL = "partial", "final"


def utterance_row(effect: UtterancePartial | UtteranceFinal, call_sid: str, now: datetime) -> NewUtterance:
    """The row of a sentence, unfinished or finished. A partial is not clear: nothing may be concluded from the row."""
    if isinstance(effect, UtterancePartial):
        return NewUtterance(
            call_sid=call_sid,
            speaker=effect.speaker,
            start_secs=effect.start_secs,
            end_secs=effect.end_secs,
            text=effect.committed + effect.tail,
            clear=False,
            heard_at=now,
            analysis={"state": PARTIAL, "committed": len(effect.committed), "seq": effect.utterance_seq},
        )
    return NewUtterance(
        call_sid=call_sid,
        speaker=effect.speaker,
        start_secs=effect.start_secs,
        end_secs=effect.end_secs,
        text=effect.text,
        clear=effect.clear,
        heard_at=now,
        language=effect.language,
        avg_logprob=effect.avg_logprob,
        prosody=dict(effect.prosody) if effect.prosody is not None else None,
        analysis={
            "state": FINAL,
            "committed": len(effect.text),
            "seq": effect.utterance_seq,
            **({"written": effect.written} if effect.written is not None else {}),
        },
    )


def finding_row(effect: FindingRaised, call_sid: str, utterance_id: int) -> NewFinding:
    """The row of a finding."""
    return NewFinding(
        call_sid=call_sid,
        utterance_id=utterance_id,
        label=effect.label,
        category=effect.category,
        span=effect.span or (0, 0),
        score=effect.score,
        detector=effect.detector,
        severity=str(effect.severity),
        heard_at=effect.heard_at,
        why={
            **effect.why,
            "key": effect.key,
            "state": str(effect.state),
            "start_secs": round(effect.start_secs, 2),
            "end_secs": round(effect.end_secs, 2),
        },
    )


def revised_finding(effect: FindingRevised, why: dict[str, Any]) -> dict[str, Any]:
    """Column values of a finding after a revision; `why` is what the row holds now."""
    span = effect.span or (0, 0)
    times = {"start_secs": round(effect.start_secs, 2), "end_secs": round(effect.end_secs, 2)}
    return {
        "severity": str(effect.severity),
        "span_start": span[0],
        "span_end": span[1],
        "why": {**why, **effect.why, **times, "state": str(effect.state)},
    }


def revised_alert(effect: FindingRevised, details: dict[str, Any]) -> dict[str, Any]:
    """Column values of the alert on a revised finding; the exact latency replaces the estimate where it is known."""
    changes: dict[str, Any] = {
        "severity": str(effect.severity),
        "details": {**details, "state": str(effect.state), "at_secs": round(effect.start_secs, 2)},
    }
    if effect.latency_ms is not None:
        changes["latency_ms"] = round(effect.latency_ms)
    return changes


def alert_row(effect: AlertRaised, call_sid: str, finding_id: int | None) -> NewAlert:
    """The row of an alert."""
    state = FindingState.PROVISIONAL if effect.provisional else FindingState.CONFIRMED
    return NewAlert(
        call_sid=call_sid,
        kind=effect.kind,
        severity=str(effect.severity),
        raised_at=effect.raised_at,
        finding_id=finding_id,
        latency_ms=round(effect.latency_ms),
        details={
            "key": effect.key,
            "state": str(state),
            "text": dict(effect.text),
            "at_secs": round(effect.at_secs, 2),
            "utterance_seq": effect.utterance_seq,
            "speaker": effect.speaker,
            "citation": dict(effect.citation),
        },
    )


def review_row(effect: ReviewMark, call_sid: str, now: datetime) -> NewAlert:
    """The row of "unclear – listen": an alert that asserts nothing."""
    return NewAlert(
        call_sid=call_sid,
        kind="unclear",
        severity=str(Severity.INFO),
        raised_at=now,
        details={
            "key": effect.key,
            "state": str(FindingState.UNCLEAR),
            "text": dict(effect.text),
            "labels": list(effect.labels),
            "at_secs": round(effect.start_secs, 2),
            "utterance_seq": effect.utterance_seq,
            "speaker": effect.speaker,
        },
    )


def suggestion_row(
    effect: SuggestionShown, call_sid: str, now: datetime, *, utterance_id: int | None, escalate: Escalate | None = None
) -> NewSuggestion:
    """The row of a suggestion as it was shown."""
    return NewSuggestion(
        call_sid=call_sid,
        stage=effect.stage,
        script=effect.script,
        version=effect.version,
        step=effect.step,
        digest=effect.digest,
        text=effect.text,
        shown_at=now,
        utterance_id=utterance_id,
        mood=effect.mood,
        why=effect.why,
        disclosures=effect.disclosures,
        escalate={"to": escalate.to, "why": escalate.why} if escalate is not None else None,
    )
