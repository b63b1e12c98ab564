"""Facts heard on a call or read in a message, in force for the very next ruling (I/O).

No wrap-up, no review and no queue stands between the words and their effect: flags, wishes and address states change
in the transaction that records the words, under the same lock every ruling takes. Clearances of the person not yet
used are revoked, planned contacts withdrawn, and the calls that still ring are named for the caller to cancel.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.cases import case, contact_point
from outreach.cases.case import CaseEvent, CaseState
from outreach.cases.contact_point import PointEvent, PointState
from outreach.db.clearances import revoke
from outreach.db.history import tell
from outreach.db.live import LiveChange, notify
from outreach.db.repository import lock_debtor
from outreach.db.tables import (
    Attempt,
    CollectionCase,
    ContactPoint,
    Debt,
    Debtor,
    HeardFact,
    PlannedContact,
    Preference,
)
from outreach.db.vault import Vault
from outreach.errors import InputError
from outreach.ledger import store
from outreach.ledger.entry import Entry, pseudonym


class Heard(StrEnum):
    """What can be heard that binds at once."""

    STOP = "stop"
    STOP_VOICE = "stop_voice"
    STOP_SMS = "stop_sms"
    HOSPITALISED = "hospitalised"
    WRONG_NUMBER = "wrong_number"
    REFUSED_NUMBER = "refused_number"
    REPRESENTED = "represented"
    DISPUTE = "dispute"
    DECEASED = "deceased"
    MINOR = "minor"
    BANKRUPT = "bankrupt"
    BEREAVEMENT = "bereavement"
    LACKS_CAPACITY = "lacks_capacity"
    EMPLOYER_PROHIBITS = "employer_prohibits"
    GRIEVANCE = "grievance"
    THIRD_PARTY_REFUSED = "third_party_refused"


FLAGS: Mapping[Heard, str] = {
    Heard.STOP: "ceased",
    Heard.STOP_SMS: "revoked_sms_consent",
    Heard.HOSPITALISED: "hospitalised",
    Heard.REPRESENTED: "represented",
    Heard.DECEASED: "deceased",
    Heard.MINOR: "minor",
    Heard.BANKRUPT: "bankrupt",
    Heard.BEREAVEMENT: "bereavement",
    Heard.LACKS_CAPACITY: "lacks_capacity",
    Heard.EMPLOYER_PROHIBITS: "employer_prohibits",
    Heard.GRIEVANCE: "grievance_open",
    Heard.THIRD_PARTY_REFUSED: "third_party_refused",
}
CHANNELS_REFUSED: Mapping[Heard, Sequence[str]] = {
    Heard.STOP: ("voice", "sms", "email"),
    Heard.STOP_VOICE: ("voice",),
    Heard.STOP_SMS: ("sms",),
}
"""A plain "do not contact me again" closes every channel: the protective reading."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was heard and where. `source` names the detector, message or person, never the words themselves.

    `since`: from when on it is true, where that was said ("in hospital since Friday"); None: from when it was heard.
    """

    kind: Heard
    source: str
    at: datetime
    since: datetime | None = None
    call_sid: str | None = None
    debt_id: int | None = None
    contact_point_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What changed at once. `cancel_calls`: carrier calls still queued or ringing that the caller must cancel."""

    effects: list[str] = field(default_factory=list)
    revoked_clearances: list[str] = field(default_factory=list)
    voided_plans: list[int] = field(default_factory=list)
    cancel_calls: list[str] = field(default_factory=list)
    ledger_index: int | None = None


def record_heard(session: Session, vault: Vault, debtor_id: int, report: Report) -> Effect:
    """Put a fact in force; takes effect when the caller commits. InputError input.unknown_debtor.

    Hearing the same thing twice changes nothing the second time, but is recorded: repetition is evidence too.
    """
    debtor = lock_debtor(session, debtor_id)
    if debtor is None:
        raise InputError("input.unknown_debtor", f"no debtor {debtor_id} is stored here")
    tell(session, report.at, report.source, since=report.since)
    effects = [*_flag(debtor, report), *_refuse_channels(session, debtor, report)]
    special: Mapping[Heard, Callable[[Session, Debtor, Report], list[str]]] = {
        Heard.WRONG_NUMBER: _mark_addresses,
        Heard.REFUSED_NUMBER: _mark_addresses,
        Heard.DISPUTE: _dispute,
    }
    if report.kind in special:
        effects += special[report.kind](session, debtor, report)
    revoked, cancel = _stop_attempts(session, debtor, report)
    voided = _void_plans(session, debtor)
    data = {
        "fact": report.kind.value,
        "source": report.source,
        "call": report.call_sid,
        "effects": effects,
        "voided": len(revoked) + len(voided),
    }
    subject = pseudonym(vault.opening_key(debtor, "person")) if debtor.data_key is not None else None
    fact = HeardFact(
        debtor_id=debtor.id,
        kind=report.kind.value,
        source=report.source,
        call_sid=report.call_sid,
        debt_id=report.debt_id,
        contact_point_id=report.contact_point_id,
        heard_at=report.at,
        effects=effects,
    )
    session.add(fact)
    session.flush()
    notify(session, LiveChange(call=report.call_sid or "", kind="heard", id=str(fact.id)))
    fact.ledger_index = store.append(session, Entry(kind="fact.heard", at=report.at, data=data, subject=subject))
    return Effect(
        effects=effects,
        revoked_clearances=revoked,
        voided_plans=voided,
        cancel_calls=cancel,
        ledger_index=fact.ledger_index,
    )


def _flag(debtor: Debtor, report: Report) -> list[str]:
    flag = FLAGS.get(report.kind)
    if flag is None or flag in debtor.flags:
        return []
    debtor.flags = [*debtor.flags, flag]
    return [f"flag:{flag}"]


def _refuse_channels(session: Session, debtor: Debtor, report: Report) -> list[str]:
    effects = []
    for channel in CHANNELS_REFUSED.get(report.kind, ()):
        standing = select(Preference.id).where(
            Preference.debtor_id == debtor.id,
            Preference.kind == "channel",
            Preference.channel == channel,
            Preference.ended_at.is_(None),
        )
        if session.scalar(standing) is None:
            session.add(
                Preference(
                    debtor_id=debtor.id, kind="channel", channel=channel, source=report.source, stated_at=report.at
                )
            )
            effects.append(f"refused:{channel}")
    return effects


def _mark_addresses(session: Session, debtor: Debtor, report: Report) -> list[str]:
    """The number spoken of; when nobody knows which one, every active one, the protective reading."""
    event = PointEvent.STRANGER_ANSWERED if report.kind is Heard.WRONG_NUMBER else PointEvent.REFUSED
    query = select(ContactPoint).where(ContactPoint.debtor_id == debtor.id)
    known = _address_of(session, report)
    query = query.where(ContactPoint.state == "active") if known is None else query.where(ContactPoint.id == known)
    effects = []
    for point in session.scalars(query.order_by(ContactPoint.id)):
        following = contact_point.after(PointState(point.state), event)
        if following != point.state:
            point.state = following.value
            effects.append(f"{following.value}:CP{point.id}")
    return effects


def _address_of(session: Session, report: Report) -> int | None:
    if report.contact_point_id is not None or report.call_sid is None:
        return report.contact_point_id
    return session.scalar(select(Attempt.contact_point_id).where(Attempt.call_sid == report.call_sid))


def _dispute(session: Session, debtor: Debtor, report: Report) -> list[str]:
    """The debt spoken of; when nobody knows which one, every debt of the person."""
    debts = select(Debt).where(Debt.debtor_id == debtor.id)
    known = report.debt_id
    if known is None and report.call_sid is not None:
        known = session.scalar(select(Attempt.debt_id).where(Attempt.call_sid == report.call_sid))
    effects = []
    for debt in session.scalars(debts if known is None else debts.where(Debt.id == known)):
        if "disputed" not in debt.flags:
            debt.flags = [*debt.flags, "disputed"]
            effects.append(f"disputed:D{debt.id}")
        for found in session.scalars(select(CollectionCase).where(CollectionCase.debt_id == debt.id)):
            if found.state not in {"settled", "closed"}:
                found.state = case.after(CaseState(found.state), CaseEvent.DISPUTE_RAISED).value
    return effects


def _stop_attempts(session: Session, debtor: Debtor, report: Report) -> tuple[list[str], list[str]]:
    """Revoke what has not been dialled; name the calls that have been, but that nobody has answered yet."""
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.debtor_id == debtor.id, Attempt.state.in_(("intended", "placed", "ringing")))
        .execution_options(populate_existing=True)
    ).all()
    revoked = [
        attempt.clearance_id
        for attempt in attempts
        if attempt.state == "intended"
        and attempt.clearance_id is not None
        and revoke(session, attempt.clearance_id, report.at, report.kind.value)
    ]
    cancel = [
        attempt.call_sid
        for attempt in attempts
        if attempt.call_sid is not None and attempt.call_sid != report.call_sid and attempt.state != "intended"
    ]
    return revoked, cancel


def _void_plans(session: Session, debtor: Debtor) -> list[int]:
    plans = session.scalars(
        select(PlannedContact).where(
            PlannedContact.debtor_id == debtor.id, PlannedContact.state.in_(("queued", "taken"))
        )
    ).all()
    for planned in plans:
        planned.state = "voided"
    return [planned.id for planned in plans]
