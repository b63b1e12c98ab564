"""Tables of contacting: what is planned, what was attempted, what it cost of the budget, which clearances are spent."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.db.base import Base, BigId, Instant, Sealed, one_of
from outreach.db.people import CollectionCase, ContactPoint, Debtor

ATTEMPT_STATES = (
    "refused",
    "intended",
    "placed",
    "ringing",
    "in_progress",
    "ambiguous",
    "sent",
    "voided",
    "ended",
)
IN_FLIGHT_STATES = ("intended", "placed", "ringing", "in_progress", "ambiguous")
CHANNELS = ("voice", "sms", "email")
PLANNED_STATES = ("queued", "taken", "done", "refused", "voided")
PURPOSES = (
    "collection",
    "reminder",
    "requested_callback",
    "location_information",
    "reply",
    "opt_out_confirmation",
)

_IN_FLIGHT = "state IN ({})".format(", ".join(f"'{state}'" for state in IN_FLIGHT_STATES))


class PlannedContact(Base):
    """A contact somebody wants made; the gate alone decides whether it is. Taken by one worker at a time."""

    __tablename__ = "planned_contact"
    __table_args__ = (
        one_of("state", *PLANNED_STATES),
        one_of("channel", *CHANNELS),
        one_of("purpose", *PURPOSES),
        Index("ix_planned_contact_due", "state", "due_at"),
    )

    id: Mapped[BigId]
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("collection_case.id"))
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    contact_point_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contact_point.id"))
    channel: Mapped[str]
    purpose: Mapped[str]
    voice: Mapped[str] = mapped_column(Text, server_default="human")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    due_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    taken_by: Mapped[str | None]
    taken_at: Mapped[Instant | None]
    attempt_id: Mapped[UUID | None] = mapped_column(Uuid)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Attempt(Base):
    """One contact we made, tried to make, or were refused. `state` moves only by `outreach.dialer.attempt`.

    `purpose`, `party`, `place` and `voice` are in the terms of the scenario format; `ruling` is the gate's answer.
    `budget_units` lists the counters charged for the local day `budget_day`, each with the outcomes that keep its unit
    (`outreach.dialer.budget`); `budget_released` says that the carrier proved no dial, and so that it holds none.
    `facts_digest` is a keyed commitment to the facts, which lie sealed beside it for a later replay of the decision.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        one_of("state", *ATTEMPT_STATES),
        one_of("channel", *CHANNELS),
        one_of("purpose", *PURPOSES),
        Index("uq_attempt_in_flight", "debtor_id", unique=True, postgresql_where=text(_IN_FLIGHT)),
        Index("ix_attempt_debtor_id_intended_at", "debtor_id", "intended_at"),
        UniqueConstraint("clearance_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("collection_case.id"), index=True)
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"))
    debt_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debt.id"))
    contact_point_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contact_point.id"))
    planned_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("planned_contact.id"))
    channel: Mapped[str]
    purpose: Mapped[str]
    party: Mapped[str] = mapped_column(Text, server_default="debtor")
    place: Mapped[str] = mapped_column(Text, server_default="personal")
    voice: Mapped[str] = mapped_column(Text, server_default="human")
    state: Mapped[str]
    clearance_id: Mapped[str | None]
    clearance_expires_at: Mapped[Instant | None]
    call_sid: Mapped[str | None] = mapped_column(Text, index=True)
    outcome: Mapped[str | None]
    intended_at: Mapped[Instant]
    placed_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    budget_units: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    budget_day: Mapped[date | None]
    budget_slot: Mapped[str | None]
    budget_released: Mapped[bool] = mapped_column(server_default=text("false"))
    rulebook_digest: Mapped[str | None]
    facts_digest: Mapped[str | None]
    facts_enc: Mapped[Sealed | None]
    ruling: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ledger_index: Mapped[int | None]

    case: Mapped[CollectionCase] = relationship()
    debtor: Mapped[Debtor] = relationship()
    contact_point: Mapped[ContactPoint] = relationship()


class Budget(Base):
    """Units one person's contacts took from one counter (a rule and whose counter it is) on one local day.

    Both numbers only grow: `charged` before the dial, `released` on proof. What is spent is their difference.
    """

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("debtor_id", "counter", "local_day"),
        CheckConstraint("released <= charged AND released >= 0", name="released"),
    )

    id: Mapped[BigId]
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"))
    counter: Mapped[str]
    local_day: Mapped[date]
    charged: Mapped[int] = mapped_column(BigInteger, server_default="0")
    released: Mapped[int] = mapped_column(BigInteger, server_default="0")


class ClearanceUse(Base):
    """A clearance that can no longer be used: burnt by the carrier adapter, or revoked. One row ever per clearance."""

    __tablename__ = "clearance_use"

    clearance_id: Mapped[str] = mapped_column(Text, primary_key=True)
    used_at: Mapped[Instant]
    revoked: Mapped[bool] = mapped_column(server_default=text("false"))
    reason: Mapped[str | None]


class Message(Base):
    """A short message sent or received. The words are sealed with the debtor's key."""

    __tablename__ = "message"
    __table_args__ = (one_of("direction", "outbound", "inbound"),)

    sid: Mapped[str] = mapped_column(Text, primary_key=True)
    attempt_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("attempt.id"))
    debtor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    contact_point_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact_point.id"))
    direction: Mapped[str]
    body_enc: Mapped[Sealed | None]
    script_digest: Mapped[str | None]
    status: Mapped[str]
    at: Mapped[Instant]
