"""What a second hearing found goes beside what was heard live, and into force (I/O: database, one transaction).

Nothing that was heard live is changed: its transcript, findings and summary are committed to in the evidence log. What
works against the debtor (a promise) is not taken from a second hearing; what protects them is, at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.cases.heard import Report, record_heard
from outreach.db.database import Database
from outreach.db.live import LiveChange, notify
from outreach.db.repository import NewAlert, append_alert, call_detail, lock_debtor, update_call
from outreach.db.tables import Alert, Attempt, Call, HeardFact, SecondHearing
from outreach.ledger.export import Reheard, record_second_hearing
from outreach.monitor.alerts import load_catalogue
from outreach.monitor.effects import FindingState, Severity
from outreach.monitor.testimony import FACT_OF_LABEL
from outreach.rehearing.queue import UNHEARD
from outreach.rehearing.record import VIOLATION, Record, Row, not_in
from outreach.worker.facts import KINDS
from speech.recognizer import ModelIdentity

VULNERABILITY = "vulnerability"


@dataclass(frozen=True, kw_only=True)
class Second:
    """A second hearing as it ended. `began`: instant of the recording's second 0."""

    call_sid: str
    why: str
    began: datetime
    model: ModelIdentity
    record: Record


def keep(session: Session, database: Database, second: Second, now: datetime) -> list[str]:
    """Store it, put its facts in force, flag the call, write the evidence. Answers calls still ringing to be cancelled.

    Does nothing when the call's second hearing is stored already.
    """
    row = session.get_one(SecondHearing, second.call_sid, with_for_update=True)
    if row.state == "done":
        return []
    call = session.get_one(Call, second.call_sid)
    attempt = session.get_one(Attempt, call.attempt_id)
    lock_debtor(session, attempt.debtor_id)
    live = live_findings(session, second.call_sid)
    heard = [dict(item) for item in second.record.findings]
    fresh = [item for item in not_in(heard, live) if matters(item)]
    missed = [item for item in not_in(live, heard) if matters(item)]
    row.state, row.error, row.done_at = "done", None, now
    row.model = f"{second.model.name}@{second.model.digest}"
    row.record, row.fresh, row.missed = second.record.to_json(), fresh, missed
    facts, ringing = _take_effect(session, database, attempt, second, now)
    if fresh or facts or second.why in UNHEARD:
        update_call(session, second.call_sid, flagged=True)
    for item in fresh:
        _alert(session, second.call_sid, item, now)
    session.flush()
    session.refresh(row)
    reheard = Reheard(
        why=second.why,
        model=second.model.digest,
        record=row.record,
        fresh=len(fresh),
        missed=len(missed),
        facts=tuple(facts),
    )
    record_second_hearing(session, database.vault, second.call_sid, reheard, now)
    notify(session, LiveChange(call=second.call_sid, kind="second_hearing", id=second.call_sid))
    return ringing


def live_findings(session: Session, sid: str) -> list[Row]:
    """The findings of the live pass in the form of a record."""
    detail = call_detail(session, sid)
    speakers = {said.id: said.speaker for said in detail.utterances}
    return [
        {
            "label": found.label,
            "category": found.category,
            "speaker": speakers[found.utterance_id],
            "severity": found.severity,
            "state": str(found.why.get("state", FindingState.CONFIRMED)),
            "start": float(found.why.get("start_secs", 0.0)),
            "end": float(found.why.get("end_secs", 0.0)),
        }
        for found in detail.findings
    ]


def matters(finding: Row) -> bool:
    """Whether a reviewer should know: a violation, or something graver than a turn of the conversation."""
    return bool(finding["category"] == VIOLATION or finding["severity"] != Severity.INFO)


def _take_effect(
    session: Session, database: Database, attempt: Attempt, second: Second, now: datetime
) -> tuple[list[str], list[str]]:
    """Facts that this call did not put in force yet: known from now on, true since they were said."""
    known = set(session.scalars(select(HeardFact.kind).where(HeardFact.call_sid == second.call_sid)))
    told: list[str] = []
    ringing: list[str] = []
    for fact in second.record.heard_facts:
        kind = KINDS[fact.kind]
        if kind.value in known:
            continue
        report = Report(
            kind=kind,
            source=f"second-hearing:{fact.label}",
            at=now,
            since=min(now, second.began + timedelta(seconds=fact.at_secs)),
            call_sid=second.call_sid,
            debt_id=attempt.debt_id,
            contact_point_id=attempt.contact_point_id,
        )
        ringing += record_heard(session, database.vault, attempt.debtor_id, report).cancel_calls
        told.append(kind.value)
        known.add(kind.value)
    return told, ringing


def _alert(session: Session, sid: str, finding: Row, now: datetime) -> None:
    """What a supervisor sees: worded as a live alert, with the second of the recording and no latency."""
    kind = _kind(finding)
    key = f"second:{sid}:{finding['label']}:{finding['start']}"
    known: Sequence[dict[str, Any]] = session.scalars(select(Alert.details).where(Alert.call_sid == sid)).all()
    if kind is None or any(details.get("key") == key for details in known):
        return
    group, name = kind
    append_alert(
        session,
        NewAlert(
            call_sid=sid,
            kind=name,
            severity=str(finding["severity"]),
            raised_at=now,
            details={
                "key": key,
                "state": str(FindingState.CONFIRMED),
                "text": dict(load_catalogue().kind(group, name).text),
                "at_secs": finding["start"],
                "speaker": finding["speaker"],
                "citation": dict(finding["why"].get("law", {}).get("citation", {})),
                "second_hearing": True,
            },
        ),
    )


def _kind(finding: Row) -> tuple[str, str] | None:
    """Group and name of the alert on a finding."""
    label = str(finding["label"])
    if finding["category"] == VIOLATION:
        return VIOLATION, label
    if label in FACT_OF_LABEL:
        return "fact", str(FACT_OF_LABEL[label])
    return (VULNERABILITY, label) if finding["category"] == VULNERABILITY else None
