"""Writes what the monitor says to the database, in the caller's transaction (I/O).

How an effect reads as a row is agreed in `outreach.monitor.rows`. A sentence still being said is updated in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from outreach.db import repository as store
from outreach.db.live import LiveChange, notify
from outreach.db.tables import Alert, Finding, Utterance
from outreach.monitor import effects as heard
from outreach.monitor import rows
from outreach.monitor.effects import MonitorEffect


@dataclass
class CallRecord:
    """One call's rows by the monitor's own keys, so that later effects find them."""

    call_sid: str
    case_id: int
    debtor_id: int
    utterances: dict[int, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    alerts: dict[str, int] = field(default_factory=dict)


def write(session: Session, record: CallRecord, effects: Sequence[MonitorEffect], now: datetime) -> None:
    """Store every effect that has a row; what acts outside these rows (facts heard) is the caller's."""
    escalate = next((effect for effect in effects if isinstance(effect, heard.Escalate)), None)
    for effect in effects:
        match effect:
            case heard.UtterancePartial() | heard.UtteranceFinal():
                _sentence(session, record, effect, now)
            case heard.AudioGap():
                _gap(session, record, effect)
            case heard.FindingRaised():
                utterance_id = record.utterances[effect.utterance_seq]
                row = store.append_finding(session, rows.finding_row(effect, record.call_sid, utterance_id))
                record.findings[effect.key] = row.id
            case heard.FindingRevised():
                _revision(session, record, effect)
            case heard.ReviewMark():
                record.alerts[effect.key] = store.append_alert(
                    session, rows.review_row(effect, record.call_sid, now)
                ).id
            case heard.AlertRaised():
                finding_id = record.findings.get(effect.finding_key or "")
                record.alerts[effect.key] = store.append_alert(
                    session, rows.alert_row(effect, record.call_sid, finding_id)
                ).id
            case heard.CallFlagged():
                store.update_call(session, record.call_sid, flagged=True)
            case heard.MoodChanged():
                _mood(session, record, effect)
            case heard.StageChanged():
                store.update_call(session, record.call_sid, stage=effect.stage)
            case heard.DisclosureHeard():
                spoken = record.utterances.get(effect.utterance_seq)
                store.append_disclosure(session, record.call_sid, effect.disclosure, heard_at=now, utterance_id=spoken)
            case heard.SuggestionShown():
                last = max(record.utterances.values(), default=None)
                store.append_suggestion(
                    session,
                    rows.suggestion_row(effect, record.call_sid, now, utterance_id=last, escalate=escalate),
                )
            case heard.PromiseHeard():
                _promise(session, record, effect, now)
            case heard.CallSummarised():
                summary = effect.summary.to_json()
                store.set_call_summary(session, record.call_sid, summary, flagged=effect.summary.flagged)


def _sentence(
    session: Session, record: CallRecord, effect: heard.UtterancePartial | heard.UtteranceFinal, now: datetime
) -> None:
    new = rows.utterance_row(effect, record.call_sid, now)
    known = record.utterances.get(effect.utterance_seq)
    if known is None:
        record.utterances[effect.utterance_seq] = store.append_utterance(session, new).id
        return
    row = session.get_one(Utterance, known)
    row.start_secs, row.end_secs, row.text, row.clear = new.start_secs, new.end_secs, new.text, new.clear
    row.language, row.avg_logprob, row.analysis = new.language, new.avg_logprob, new.analysis or {}
    row.prosody = new.prosody
    kind = "partial" if isinstance(effect, heard.UtterancePartial) else "utterance"
    _wake(session, record, kind, row.id)


def _gap(session: Session, record: CallRecord, effect: heard.AudioGap) -> None:
    call = store.get_call(session, record.call_sid)
    gap = {"step": "audio_gap", "speaker": effect.speaker, "start": effect.start_secs, "end": effect.end_secs}
    store.update_call(session, record.call_sid, degraded=[*call.degraded, gap])


def _revision(session: Session, record: CallRecord, effect: heard.FindingRevised) -> None:
    finding = session.get(Finding, record.findings.get(effect.key, -1))
    if finding is not None:
        for column, value in rows.revised_finding(effect, finding.why).items():
            setattr(finding, column, value)
        _wake(session, record, "finding", finding.id)
    alert = session.get(Alert, record.alerts.get(effect.alert_key or "", -1))
    if alert is not None:
        for column, value in rows.revised_alert(effect, alert.details).items():
            setattr(alert, column, value)
        _wake(session, record, "alert", alert.id)


def _mood(session: Session, record: CallRecord, effect: heard.MoodChanged) -> None:
    store.update_call(session, record.call_sid, mood=effect.mood)
    row = session.get(Utterance, record.utterances.get(effect.utterance_seq, -1))
    if row is not None:
        row.mood, row.mood_score = effect.mood, effect.score


def _promise(session: Session, record: CallRecord, effect: heard.PromiseHeard, now: datetime) -> None:
    store.append_promise(
        session,
        store.NewPromise(
            case_id=record.case_id,
            made_at=now,
            amount=Decimal(effect.amount) if effect.amount is not None else None,
            currency=effect.currency,
            due_date=effect.due,
            call_sid=record.call_sid,
            utterance_id=record.utterances.get(effect.utterance_seq),
        ),
    )


def _wake(session: Session, record: CallRecord, kind: str, row_id: int) -> None:
    notify(session, LiveChange(call=record.call_sid, kind=kind, id=str(row_id)))
