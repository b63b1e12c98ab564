"""What happens to attempts after the gate, written down with its evidence (I/O).

Every function locks the person, moves the attempt by the table of `outreach.dialer.attempt`, gives units of the budget
back when nothing was dialled or the outcome is one that a counter does not count, and adds one ledger entry per change,
all inside the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.clearances import is_revoked, revoke
from outreach.db.history import tell
from outreach.db.repository import lock_debtor
from outreach.db.tables import Attempt, Debtor
from outreach.db.vault import Vault
from outreach.dialer import budget
from outreach.dialer.attempt import FINAL, RELEASING, Event, State, after
from outreach.errors import InputError
from outreach.ledger import store
from outreach.ledger.entry import Entry, pseudonym

LEDGER_KINDS = {
    Event.DOUBTFUL: "attempt.ambiguous",
    Event.FOUND: "attempt.reconciled",
    Event.ABSENT: "attempt.reconciled",
    Event.VOIDED: "attempt.voided",
    Event.FAILED: "attempt.outcome",
    Event.ENDED: "attempt.outcome",
}

LEDGER_DATA = {
    "attempt.ambiguous": ("reason",),
    "attempt.reconciled": ("call", "found"),
    "attempt.voided": ("reason", "clearance"),
    "attempt.outcome": ("call", "outcome", "duration_ms", "released"),
}
"""What each kind says beside the attempt itself. The first word of a call adds an `attempt.placed` of its own."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a contact ended: `outcome` in the terms of the scenario format (conversation, no_answer, busy …)."""

    outcome: str
    duration_ms: int | None = None
    call_sid: str | None = None


class Progress:
    """Moves attempts. Holds no state of its own; one per process is enough."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def placed(self, session: Session, attempt_id: UUID, call_sid: str, now: datetime) -> Attempt:
        """The carrier took the call."""
        return self._move(session, attempt_id, Event.PLACED, now, call=call_sid)

    def rang(self, session: Session, attempt_id: UUID, call_sid: str, now: datetime) -> Attempt:
        """It rings at the far end."""
        return self._move(session, attempt_id, Event.RANG, now, call=call_sid)

    def answered(self, session: Session, attempt_id: UUID, call_sid: str, now: datetime) -> Attempt:
        """Somebody or something answered."""
        return self._move(session, attempt_id, Event.ANSWERED, now, call=call_sid)

    def sent(self, session: Session, attempt_id: UUID, message_sid: str, now: datetime) -> Attempt:
        """The carrier took the message."""
        return self._move(session, attempt_id, Event.SENT, now, call=message_sid)

    def doubtful(self, session: Session, attempt_id: UUID, reason: str, now: datetime) -> Attempt:
        """The carrier's answer leaves open whether it dialled: charged, looked up later, never replayed."""
        return self._move(session, attempt_id, Event.DOUBTFUL, now, reason=reason)

    def reconciled(self, session: Session, attempt_id: UUID, call_sid: str | None, now: datetime) -> Attempt:
        """The carrier, asked again, knows the call (`call_sid`), or knows none and the budget is given back."""
        event = Event.ABSENT if call_sid is None else Event.FOUND
        return self._move(session, attempt_id, event, now, call=call_sid, found=call_sid is not None)

    def failed(self, session: Session, attempt_id: UUID, now: datetime) -> Attempt:
        """The carrier refused before it dialled."""
        return self._move(session, attempt_id, Event.FAILED, now)

    def voided(self, session: Session, attempt_id: UUID, reason: str, now: datetime) -> Attempt:
        """The clearance was revoked before it was used."""
        return self._move(session, attempt_id, Event.VOIDED, now, reason=reason)

    def ended(self, session: Session, attempt_id: UUID, ending: "Ending", now: datetime) -> Attempt:
        """The contact is over. A later word on it refines the outcome (answered, then known to be a mailbox)."""
        details = {"outcome": ending.outcome, "duration_ms": ending.duration_ms, "call": ending.call_sid}
        return self._move(session, attempt_id, Event.ENDED, now, **details)

    def settle(self, session: Session, debtor_id: int, now: datetime) -> list[Attempt]:
        """Clear up intents of one person that nobody carried out: after a crash, or after a revocation.

        An intent whose clearance is revoked, or has expired and can still be revoked, was provably never dialled: it
        is voided and its budget given back. One whose clearance was burnt may have been dialled: it becomes ambiguous,
        stays charged, and has to be looked up with the carrier.
        """
        open_intents = select(Attempt.id).where(Attempt.debtor_id == debtor_id, Attempt.state == State.INTENDED)
        lock_debtor(session, debtor_id)
        return [
            moved
            for attempt_id in session.scalars(open_intents).all()
            if (moved := self._settle_one(session, attempt_id, now)) is not None
        ]

    def _settle_one(self, session: Session, attempt_id: UUID, now: datetime) -> Attempt | None:
        attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
        clearance_id, expires_at = attempt.clearance_id, attempt.clearance_expires_at
        if clearance_id is None or expires_at is None:
            return None
        if now < expires_at:
            return self.voided(session, attempt_id, "revoked", now) if is_revoked(session, clearance_id) else None
        if revoke(session, clearance_id, now, "expired unused"):
            return self.voided(session, attempt_id, "expired unused", now)
        return self.doubtful(session, attempt_id, "clearance used, no answer recorded", now)

    def _move(self, session: Session, attempt_id: UUID, event: Event, now: datetime, **details: Any) -> Attempt:
        debtor, attempt = _locked(session, attempt_id)
        tell(session, now, f"attempt {event.value}")
        following, before = after(State(attempt.state), event), budget.held(attempt)
        outcome, call = details.get("outcome"), details.get("call")
        news = following != attempt.state or outcome not in {None, attempt.outcome}
        first_call = call is not None and attempt.call_sid is None
        attempt.state = following.value
        if first_call:
            attempt.call_sid, attempt.placed_at = call, now
        if outcome is not None:
            attempt.outcome = outcome
        if following in FINAL and attempt.ended_at is None:
            attempt.ended_at = now
        if event in RELEASING:
            details["released"] = budget.release(session, attempt)
        else:
            details["released"] = budget.settle(session, attempt, before)
        session.flush()
        if first_call:
            self._record(session, debtor, attempt, Entry(kind="attempt.placed", at=now, data={"call": call}))
        if news and event in LEDGER_KINDS:
            data = {name: details.get(name) for name in LEDGER_DATA[LEDGER_KINDS[event]]}
            self._record(session, debtor, attempt, Entry(kind=LEDGER_KINDS[event], at=now, data=data))
        return attempt

    def _record(self, session: Session, debtor: Debtor, attempt: Attempt, entry: Entry) -> None:
        named = {"attempt": str(attempt.id), "channel": attempt.channel, "purpose": attempt.purpose}
        known = {"clearance": attempt.clearance_id, "call": attempt.call_sid, "outcome": attempt.outcome}
        data = named | {name: known.get(name, value) for name, value in entry.data.items()}
        subject = pseudonym(self._vault.opening_key(debtor, "person")) if debtor.data_key is not None else None
        attempt.ledger_index = store.append(session, Entry(kind=entry.kind, at=entry.at, data=data, subject=subject))


def stale_people(session: Session, now: datetime) -> Sequence[int]:
    """People with an intent whose clearance has expired: `settle` each of them, in a transaction of its own."""
    expired = select(Attempt.debtor_id).where(Attempt.state == State.INTENDED, Attempt.clearance_expires_at <= now)
    return session.scalars(expired.distinct()).all()


def ambiguous_attempts(session: Session) -> Sequence[Attempt]:
    """Attempts that must be looked up with the carrier, oldest first."""
    return session.scalars(select(Attempt).where(Attempt.state == State.AMBIGUOUS).order_by(Attempt.intended_at)).all()


def _locked(session: Session, attempt_id: UUID) -> tuple[Debtor, Attempt]:
    debtor_id = session.scalar(select(Attempt.debtor_id).where(Attempt.id == attempt_id))
    debtor = None if debtor_id is None else lock_debtor(session, debtor_id)
    if debtor is None:
        raise InputError("input.unknown_attempt", f"no attempt {attempt_id} is stored here")
    return debtor, session.get_one(Attempt, attempt_id, populate_existing=True)
