"""What was heard or written takes effect at once, and is written down (I/O)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.analysis import Analysis
from nlp.labels import Intent, Signal
from outreach.cases.heard import Heard, Report, record_heard
from outreach.db.database import Database
from outreach.db.history import tell
from outreach.db.repository import get_call, update_call
from outreach.db.tables import Attempt, ContactPoint, Debtor, Message
from outreach.ledger import store
from outreach.ledger.entry import Entry
from outreach.monitor.effects import FactKind, HeardFact
from outreach.telephony.events import InboundMessage, OptWord
from outreach.worker.effects import CallRecord

KINDS: Mapping[FactKind, Heard] = {
    FactKind.STOP: Heard.STOP,
    FactKind.HOSPITALISED: Heard.HOSPITALISED,
    FactKind.WRONG_NUMBER: Heard.WRONG_NUMBER,
    FactKind.REPRESENTED: Heard.REPRESENTED,
    FactKind.DISPUTED: Heard.DISPUTE,
    FactKind.MINOR: Heard.MINOR,
    FactKind.DECEASED: Heard.DECEASED,
    FactKind.BEREAVEMENT: Heard.BEREAVEMENT,
}
INTENTS: Mapping[Intent, Heard] = {
    Intent.STOP_CONTACT: Heard.STOP,
    Intent.WRONG_NUMBER: Heard.WRONG_NUMBER,
    Intent.REPRESENTED: Heard.REPRESENTED,
    Intent.DISPUTE: Heard.DISPUTE,
}
SIGNALS: Mapping[Signal, Heard] = {
    Signal.HOSPITALISED: Heard.HOSPITALISED,
    Signal.MINOR: Heard.MINOR,
    Signal.DECEASED: Heard.DECEASED,
}
"""What a written reply binds, in the terms of the text room."""


def take_effect(
    session: Session, database: Database, record: CallRecord, effect: HeardFact, now: datetime
) -> list[str]:
    """A fact the debtor stated binds the next ruling. Answers carrier calls still ringing that must be cancelled."""
    attempt = session.get_one(Attempt, get_call(session, record.call_sid).attempt_id)
    report = Report(
        kind=KINDS[effect.kind],
        source=f"speech:{effect.label}",
        at=now,
        call_sid=record.call_sid,
        debt_id=attempt.debt_id,
        contact_point_id=attempt.contact_point_id,
    )
    return record_heard(session, database.vault, attempt.debtor_id, report).cancel_calls


def heard_in(event: InboundMessage, understood: Analysis) -> list[Heard]:
    """What a reply establishes: a stop word by itself, and what its sentence says."""
    found = [Heard.STOP_SMS] if event.opt_word is OptWord.STOP else []
    found += [fact for intent, fact in INTENTS.items() if intent in understood.intents]
    return found + [fact for signal, fact in SIGNALS.items() if signal in understood.signals]


def reply_received(
    session: Session, database: Database, event: InboundMessage, understood: Analysis, now: datetime
) -> list[str]:
    """A text message came in: kept sealed with every person who has that number; what it says binds at once."""
    index = database.vault.address_index(event.from_)
    cancel: list[str] = []
    for point in session.scalars(select(ContactPoint).where(ContactPoint.address_index == index)).all():
        debtor = session.get_one(Debtor, point.debtor_id)
        sid = f"{event.message_sid}-{point.id}"
        if debtor.data_key is None or session.get(Message, sid) is not None:
            continue
        tell(session, now, "message received")
        session.add(
            Message(
                sid=sid,
                debtor_id=debtor.id,
                contact_point_id=point.id,
                direction="inbound",
                body_enc=database.vault.seal(debtor, "message", event.body),
                status="received",
                at=now,
            )
        )
        for fact in heard_in(event, understood):
            report = Report(kind=fact, source=f"sms:{fact.value}", at=now, contact_point_id=point.id)
            cancel += record_heard(session, database.vault, debtor.id, report).cancel_calls
    return cancel


def degraded(session: Session, call_sid: str, step: str, reason: str, now: datetime) -> None:
    """A step of the degrade ladder was taken on a call: on the call and in the evidence log."""
    call = get_call(session, call_sid)
    update_call(session, call_sid, degraded=[*call.degraded, {"step": step, "reason": reason}])
    store.append(session, Entry(kind="degraded", at=now, data={"step": step, "reason": reason, "call": call_sid}))
