"""Small functions over the tables that the worker, the monitor and the pages share (I/O).

Each takes the caller's session and never commits. What changes a call on screen also sends a NOTIFY, which is
delivered when the caller commits. Functions that insert answer the new row with its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload, undefer

from outreach.db.live import LiveChange, notify
from outreach.db.tables import (
    FINAL_CALL_STATUSES,
    Alert,
    Attempt,
    Call,
    CollectionCase,
    Debtor,
    DisclosureGiven,
    Finding,
    PlannedContact,
    Promise,
    SuggestionShown,
    UserAccount,
    Utterance,
)
from outreach.errors import InputError

Row = TypeVar("Row", Utterance, Finding, Alert, SuggestionShown, Promise, DisclosureGiven)


@dataclass(frozen=True, kw_only=True)
class NewUtterance:
    """A recognised utterance. Times in seconds of the call; `clear` false: too unsure to act upon."""

    call_sid: str
    speaker: str
    start_secs: float
    end_secs: float
    text: str
    clear: bool
    heard_at: datetime
    language: str | None = None
    avg_logprob: float | None = None
    mood: str | None = None
    mood_score: float | None = None
    analysis: dict[str, Any] | None = None
    prosody: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class NewFinding:
    """A detector's result; `span` is half-open, in code points of the utterance's text."""

    call_sid: str
    utterance_id: int
    label: str
    category: str
    span: tuple[int, int]
    score: float
    detector: str
    severity: str
    heard_at: datetime
    why: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class NewAlert:
    """Something a person must look at; `latency_ms` from the end of the words to now."""

    call_sid: str
    kind: str
    severity: str
    raised_at: datetime
    finding_id: int | None = None
    details: dict[str, Any] | None = None
    latency_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewSuggestion:
    """An approved line as offered to the agent."""

    call_sid: str
    stage: str
    script: str
    version: str
    step: str
    digest: str
    text: str
    shown_at: datetime
    utterance_id: int | None = None
    mood: str | None = None
    why: str | None = None
    disclosures: Sequence[str] = ()
    escalate: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class NewPromise:
    """A promise to pay as heard; what was not said stays None."""

    case_id: int
    made_at: datetime
    amount: Decimal | None = None
    currency: str | None = None
    due_date: date | None = None
    call_sid: str | None = None
    utterance_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CallDetail:
    """Everything a page shows of one call, each list in the order it happened."""

    call: Call
    utterances: list[Utterance]
    findings: list[Finding]
    alerts: list[Alert]
    suggestions: list[SuggestionShown]
    disclosures: list[DisclosureGiven]
    promises: list[Promise]


def lock_debtor(session: Session, debtor_id: int | ScalarSelect[int]) -> Debtor | None:
    """The person's row, read afresh and locked until the transaction ends; None when there is no such person.

    `debtor_id` may be a query for it, of rows that never change (whose case it is).
    Rulings, budgets and facts heard about one person happen one after another because each begins here.
    """
    query = select(Debtor).where(Debtor.id == debtor_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def create_call(session: Session, *, sid: str, attempt_id: UUID, agent: str | None, started_at: datetime) -> Call:
    """Store a call the carrier accepted. Answers the stored one when it is heard of twice, even at the same moment.

    Locks the person first. Locks are taken in this order everywhere: person, call, evidence log.
    """
    debtor_id = session.scalar(select(Attempt.debtor_id).where(Attempt.id == attempt_id))
    if debtor_id is not None:
        lock_debtor(session, debtor_id)
    fresh = insert(Call).values(
        sid=sid, attempt_id=attempt_id, agent=agent, status="queued", started_at=started_at, degraded=[]
    )
    if session.scalar(fresh.on_conflict_do_nothing(index_elements=[Call.sid]).returning(Call.sid)) is not None:
        notify(session, LiveChange(call=sid, kind="call", id=sid))
    return session.get_one(Call, sid, populate_existing=True)


def get_call(session: Session, sid: str) -> Call:
    """The call; InputError input.unknown_call."""
    call = session.get(Call, sid)
    if call is None:
        raise InputError("input.unknown_call", f"no call {sid!r} is stored here")
    return call


def update_call(session: Session, sid: str, **changes: Any) -> Call:
    """Set columns of a call (status, answered_at, mood, stage, recording_path …) and wake the pages."""
    call = get_call(session, sid)
    for column, value in changes.items():
        if column not in Call.__table__.columns:
            raise InputError("input.unknown_column", f"a call has no column {column!r}")
        setattr(call, column, value)
    session.flush()
    notify(session, LiveChange(call=sid, kind="call", id=sid))
    return call


def set_call_summary(session: Session, sid: str, summary: dict[str, Any], *, flagged: bool) -> Call:
    """Store the summary made after the call; a call once flagged stays flagged."""
    return update_call(session, sid, summary=summary, flagged=flagged or get_call(session, sid).flagged)


def append_utterance(session: Session, new: NewUtterance) -> Utterance:
    """Store an utterance under the next number of its call."""
    get_call(session, new.call_sid)
    session.execute(select(Call.sid).where(Call.sid == new.call_sid).with_for_update())
    last = session.scalar(select(func.max(Utterance.seq)).where(Utterance.call_sid == new.call_sid))
    fields = {**vars(new), "analysis": new.analysis or {}}
    utterance = Utterance(seq=0 if last is None else last + 1, **fields)
    return _stored(session, utterance, new.call_sid, "utterance")


def append_finding(session: Session, new: NewFinding) -> Finding:
    """Store a finding."""
    fields = {**vars(new), "why": new.why or {}}
    start, end = fields.pop("span")
    return _stored(session, Finding(span_start=start, span_end=end, **fields), new.call_sid, "finding")


def append_alert(session: Session, new: NewAlert) -> Alert:
    """Store an alert and flag its call when the alert is high or critical."""
    alert = _stored(session, Alert(**{**vars(new), "details": new.details or {}}), new.call_sid, "alert")
    if new.severity in {"high", "critical"}:
        session.execute(update(Call).where(Call.sid == new.call_sid).values(flagged=True))
    return alert


def append_suggestion(session: Session, new: NewSuggestion) -> SuggestionShown:
    """Store a line that was shown to the agent."""
    shown = SuggestionShown(**{**vars(new), "disclosures": list(new.disclosures)})
    return _stored(session, shown, new.call_sid, "suggestion")


def append_promise(session: Session, new: NewPromise) -> Promise:
    """Store a promise in state `made`."""
    return _stored(session, Promise(**vars(new), state="made"), new.call_sid or "", "promise")


def append_disclosure(
    session: Session, call_sid: str, disclosure: str, *, heard_at: datetime, utterance_id: int | None = None
) -> bool:
    """Note that a mandated statement was heard; False when it had been heard before in this call."""
    known = select(DisclosureGiven.id).where(
        DisclosureGiven.call_sid == call_sid, DisclosureGiven.disclosure == disclosure
    )
    if session.scalar(known) is not None:
        return False
    row = DisclosureGiven(call_sid=call_sid, disclosure=disclosure, utterance_id=utterance_id, heard_at=heard_at)
    _stored(session, row, call_sid, "disclosure")
    return True


def acknowledge_alert(session: Session, alert_id: int, *, user_id: int, now: datetime) -> Alert:
    """A person has seen the alert; the first acknowledgement stands."""
    alert = session.get(Alert, alert_id, with_for_update=True)
    if alert is None:
        raise InputError("input.unknown_alert", f"no alert {alert_id} is stored here")
    if alert.acknowledged_at is None:
        alert.acknowledged_by, alert.acknowledged_at = user_id, now
        notify(session, LiveChange(call=alert.call_sid, kind="alert", id=str(alert.id)))
    return alert


def list_live_calls(session: Session) -> list[Call]:
    """Calls that have not ended, oldest first, with their attempt and case loaded."""
    return _calls(session, Call.status.not_in(FINAL_CALL_STATUSES), Call.started_at.asc(), limit=1000)


def list_recent_calls(session: Session, *, limit: int = 50) -> list[Call]:
    """Calls that have ended, newest first."""
    return _calls(session, Call.status.in_(FINAL_CALL_STATUSES), Call.started_at.desc(), limit=limit)


def call_detail(session: Session, sid: str) -> CallDetail:
    """Everything stored of one call; InputError input.unknown_call."""
    call = get_call(session, sid)

    def rows(table: Any, order: Any) -> list[Any]:
        chosen = select(table).where(table.call_sid == sid).order_by(order, table.id)
        return list(session.scalars(chosen.options(undefer(Utterance.prosody)) if table is Utterance else chosen))

    return CallDetail(
        call=call,
        utterances=rows(Utterance, Utterance.start_secs),
        findings=rows(Finding, Finding.heard_at),
        alerts=rows(Alert, Alert.raised_at),
        suggestions=rows(SuggestionShown, SuggestionShown.shown_at),
        disclosures=rows(DisclosureGiven, DisclosureGiven.heard_at),
        promises=rows(Promise, Promise.made_at),
    )


def case_with_people(session: Session, case_id: int) -> CollectionCase:
    """A case with debt, debtor, creditor and contact points loaded; InputError input.unknown_case."""
    case = session.scalar(
        select(CollectionCase)
        .where(CollectionCase.id == case_id)
        .options(selectinload(CollectionCase.debt), selectinload(CollectionCase.creditor))
    )
    if case is None:
        raise InputError(
            "input.unknown_case",
            f"no case {case_id} is stored here",
            hint="case numbers: fairline campaign preflight --all --json",
        )
    return case


def take_planned(session: Session, worker: str, now: datetime) -> PlannedContact | None:
    """The most urgent contact that is due, marked as taken by `worker`; None when there is nothing to do."""
    due = (
        select(PlannedContact)
        .where(PlannedContact.state == "queued", PlannedContact.due_at <= now)
        .order_by(PlannedContact.priority.desc(), PlannedContact.due_at, PlannedContact.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    planned = session.scalar(due)
    if planned is not None:
        planned.state, planned.taken_by, planned.taken_at = "taken", worker, now
        session.flush()
    return planned


def untake_planned(session: Session, taken_before: datetime) -> None:
    """Plans taken before then, about which the gate was never asked, are due again."""
    session.execute(
        update(PlannedContact)
        .where(
            PlannedContact.state == "taken",
            PlannedContact.attempt_id.is_(None),
            PlannedContact.taken_at < taken_before,
        )
        .values(state="queued", taken_by=None, taken_at=None)
    )


def list_refused(session: Session, *, limit: int = 200) -> list[Attempt]:
    """Contacts the gate refused, newest first, each with its ruling."""
    return list(
        session.scalars(
            select(Attempt).where(Attempt.state == "refused").order_by(Attempt.intended_at.desc()).limit(limit)
        )
    )


def find_user(session: Session, login: str) -> UserAccount | None:
    """The account that may log in under this name, or None."""
    return session.scalar(select(UserAccount).where(UserAccount.login == login, UserAccount.disabled_at.is_(None)))


def _calls(session: Session, where: Any, order: Any, *, limit: int) -> list[Call]:
    loaded = selectinload(Call.attempt).selectinload(Attempt.case)
    return list(session.scalars(select(Call).where(where).order_by(order).limit(limit).options(loaded)))


def _stored(session: Session, row: Row, call_sid: str, kind: str) -> Row:
    session.add(row)
    session.flush()
    notify(session, LiveChange(call=call_sid, kind=kind, id=str(row.id)))
    return row
