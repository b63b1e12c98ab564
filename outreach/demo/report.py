"""What happened, read from the database after the calls: the summary object of `fairline demo --json` (I/O)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.repository import CallDetail, call_detail
from outreach.db.tables import Attempt, Call, Message
from outreach.demo.stage import references
from outreach.ledger.export import Signer, export_log
from outreach.ledger.verify import verify_export


def calls(session: Session) -> list[dict[str, Any]]:
    """Every call that was placed, in the order it was placed."""
    names = references(session)
    found = session.execute(
        select(Call.sid, Call.attempt_id).join(Attempt, Call.attempt_id == Attempt.id).order_by(Attempt.case_id)
    ).all()
    return [_call(session, sid, attempt_id, names) for sid, attempt_id in found]


def refused(session: Session) -> list[dict[str, Any]]:
    """Every contact the gate refused: rules with message and citation, and when the same contact would be permitted."""
    names = references(session)
    attempts = session.scalars(select(Attempt).where(Attempt.state == "refused").order_by(Attempt.intended_at))
    return [
        {
            "case": names[attempt.case_id],
            "channel": attempt.channel,
            "at": attempt.intended_at.isoformat(),
            "decision": "deny",
            **_ruling(attempt),
            "ledger_index": attempt.ledger_index,
        }
        for attempt in attempts
    ]


def messages(session: Session) -> list[dict[str, Any]]:
    """Text messages sent."""
    names = references(session)
    rows = session.execute(
        select(Message.status, Message.script_digest, Attempt.case_id, Attempt.outcome)
        .join(Attempt, Message.attempt_id == Attempt.id)
        .where(Message.direction == "outbound")
    )
    return [
        {"case": names[row.case_id], "status": row.status, "outcome": row.outcome, "script": row.script_digest}
        for row in rows
    ]


def evidence(database: Database, signer: Signer, now: datetime) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Export the log as an auditor would get it and check it as an auditor would: from the files alone."""
    files = export_log(database, signer, now)
    checked = verify_export(files)
    summary: dict[str, Any] = {"size": checked.size, "root": checked.root, "verified": checked.verified}
    if checked.failure is not None:
        summary["failure"] = checked.failure.to_json()
    return summary, files


def _call(session: Session, sid: str, attempt_id: UUID, names: Mapping[int, str]) -> dict[str, Any]:
    detail = call_detail(session, sid)
    attempt = session.get_one(Attempt, attempt_id)
    call = detail.call
    summary: Mapping[str, Any] = call.summary or {}
    return {
        "id": sid,
        "case": names[attempt.case_id],
        "decision": "permit",
        "rules": [],
        "outcome": attempt.outcome,
        "status": call.status,
        "duration_secs": call.duration_secs,
        "transcript": [
            {
                "speaker": said.speaker,
                "start": round(said.start_secs, 2),
                "end": round(said.end_secs, 2),
                "text": said.text,
                "clear": said.clear,
            }
            for said in detail.utterances
        ],
        "findings": _findings(detail),
        "moods": list(summary.get("moods", [])),
        "talk": summary.get("talk"),
        "suggestions_shown": len(detail.suggestions),
        "suggestions": [
            {"stage": shown.stage, "mood": shown.mood, "text": shown.text, "digest": shown.digest}
            for shown in detail.suggestions
        ],
        "alerts": [
            {
                "kind": alert.kind,
                "severity": alert.severity,
                "latency_ms": alert.latency_ms,
                **_heard_when(detail, alert),
            }
            for alert in detail.alerts
        ],
        "alert_latency_ms": next(iter(_latencies(detail)), None),
        "facts_heard": list(summary.get("facts_heard", [])),
        "promises": [
            {
                "amount": str(promise.amount) if promise.amount is not None else None,
                "currency": promise.currency,
                "date": promise.due_date.isoformat() if promise.due_date else None,
            }
            for promise in detail.promises
        ],
        "disclosures": [given.disclosure for given in detail.disclosures],
        "escalated_to": list(summary.get("escalated_to", [])),
        "degraded": list(call.degraded),
        "flagged": call.flagged,
        "recording_sha256": call.recording_sha256,
        "ledger_index": attempt.ledger_index,
    }


def _findings(detail: CallDetail) -> list[dict[str, Any]]:
    said = {row.id: row for row in detail.utterances}
    return [
        {
            "label": found.label,
            "category": found.category,
            "state": found.why.get("state"),
            "speaker": said[found.utterance_id].speaker,
            "words": said[found.utterance_id].text[found.span_start : found.span_end],
            "score": found.score,
            "detector": found.detector,
            "severity": found.severity,
        }
        for found in detail.findings
    ]


def _heard_when(detail: CallDetail, alert: Any) -> dict[str, Any]:
    """Whether the alert was there while the call was still up."""
    ended_at = detail.call.ended_at
    return {"during_call": ended_at is None or alert.raised_at < ended_at}


def _latencies(detail: CallDetail) -> Sequence[int]:
    return [alert.latency_ms for alert in detail.alerts if alert.latency_ms is not None]


def _ruling(attempt: Attempt) -> dict[str, Any]:
    ruling: Mapping[str, Any] = attempt.ruling or {}
    reasons = ruling.get("reasons", [])
    return {
        "rules": list(ruling.get("rules", [])),
        "reasons": [
            {"rule": reason["rule"], "message": reason["message"], "citation": reason["citation"]} for reason in reasons
        ],
        "next_permitted_at": ruling.get("next_permitted_at"),
    }
