"""Tables of who owes what to whom: creditors, debtors, debts, cases, contact points, consents, preferences, promises.

Columns ending in `_enc` are sealed with the debtor's own data key (`outreach.db.vault`). `reference` values are the
agency's or creditor's numbers and must not be names or telephone numbers.
"""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.db.base import Base, BigId, Instant, Money, Sealed, Strings, one_of

CREDITOR_TIERS = ("basic", "advanced", "premier")
DEBTOR_TIERS = ("standard", "plus", "vip")
CASE_STATES = ("open", "promised", "disputed", "on_hold", "settled", "closed")
CONTACT_POINT_STATES = ("active", "wrong", "refused", "retired")
PROMISE_STATES = ("made", "kept", "broken", "withdrawn")


class Creditor(Base):
    """Who is owed. `jurisdiction` is an ISO 3166-1 alpha-2 code and chooses the rule pack."""

    __tablename__ = "creditor"
    __table_args__ = (one_of("tier", *CREDITOR_TIERS), UniqueConstraint("name"))

    id: Mapped[BigId]
    name: Mapped[str]
    tier: Mapped[str] = mapped_column(Text, server_default="basic")
    jurisdiction: Mapped[str]


class Debtor(Base):
    """One person who owes; all budgets, locks and preferences hang on this row.

    `data_key` is the person's own key wrapped by the master key; it is destroyed to erase the person.
    `timezones` lists every zone in which the person may be, the most likely first; empty means not known.
    """

    __tablename__ = "debtor"
    __table_args__ = (one_of("tier", *DEBTOR_TIERS), UniqueConstraint("reference"))

    id: Mapped[BigId]
    reference: Mapped[str]
    key_ref: Mapped[UUID] = mapped_column(Uuid, default=uuid4)
    data_key: Mapped[Sealed | None]
    name_enc: Mapped[Sealed | None]
    birth_date_enc: Mapped[Sealed | None]
    language: Mapped[str] = mapped_column(Text, server_default="zh")
    tier: Mapped[str] = mapped_column(Text, server_default="standard")
    timezones: Mapped[Strings]
    region: Mapped[str | None]
    flags: Mapped[Strings]
    created_at: Mapped[Instant]
    erased_at: Mapped[Instant | None]

    contact_points: Mapped[list["ContactPoint"]] = relationship(back_populates="debtor")
    debts: Mapped[list["Debt"]] = relationship(back_populates="debtor")


class Debt(Base):
    """One legal claim. `flags` holds what is known of this debt alone (a dispute, for instance)."""

    __tablename__ = "debt"
    __table_args__ = (UniqueConstraint("creditor_id", "reference"),)

    id: Mapped[BigId]
    creditor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("creditor.id"))
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    reference: Mapped[str]
    principal: Mapped[Money]
    amount: Mapped[Money]
    currency: Mapped[str]
    due_date: Mapped[date]
    flags: Mapped[Strings]

    debtor: Mapped[Debtor] = relationship(back_populates="debts")
    creditor: Mapped[Creditor] = relationship()


class CollectionCase(Base):
    """Our unit of work on one debt; its state moves only by `outreach.cases.case`."""

    __tablename__ = "collection_case"
    __table_args__ = (one_of("state", *CASE_STATES), UniqueConstraint("debt_id"))

    id: Mapped[BigId]
    debt_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debt.id"))
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("creditor.id"))
    state: Mapped[str] = mapped_column(Text, server_default="open")
    grade: Mapped[str | None]
    opened_at: Mapped[Instant]

    debt: Mapped[Debt] = relationship()
    debtor: Mapped[Debtor] = relationship()
    creditor: Mapped[Creditor] = relationship()


class ContactPoint(Base):
    """A number or mailbox with its origin. `address_index` is a keyed hash, for look-up without opening the address."""

    __tablename__ = "contact_point"
    __table_args__ = (
        one_of("kind", "phone", "email"),
        one_of("state", *CONTACT_POINT_STATES),
        one_of("party", "debtor", "third_party", "guarantor", "spouse", "parent", "guardian", "executor", "attorney"),
        one_of("place", "personal", "work"),
        UniqueConstraint("debtor_id", "address_index"),
        Index("ix_contact_point_address_index", "address_index"),
    )

    id: Mapped[BigId]
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"))
    kind: Mapped[str] = mapped_column(Text, server_default="phone")
    address_enc: Mapped[Sealed]
    address_index: Mapped[Sealed]
    party: Mapped[str] = mapped_column(Text, server_default="debtor")
    place: Mapped[str] = mapped_column(Text, server_default="personal")
    state: Mapped[str] = mapped_column(Text, server_default="active")
    source: Mapped[str]
    added_at: Mapped[Instant]

    debtor: Mapped[Debtor] = relationship(back_populates="contact_points")


class Consent(Base):
    """An agreement given by the debtor, in the terms of the scenario format."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("kind", "additional_calls", "inconvenient_time", "artificial_voice"),
        one_of("given_to", "collector", "creditor"),
    )

    id: Mapped[BigId]
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    debt_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("debt.id"))
    kind: Mapped[str]
    given_to: Mapped[str]
    given_at: Mapped[Instant]
    valid_until: Mapped[Instant | None]
    window: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str]


class Preference(Base):
    """What the debtor asked for: one row per wish, withdrawn by `ended_at`, never edited.

    `kind` quiet_window: `window` as in the scenario format; channel: `channel` is refused; address: the contact
    point is refused.
    """

    __tablename__ = "preference"
    __table_args__ = (one_of("kind", "quiet_window", "channel", "address"),)

    id: Mapped[BigId]
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    kind: Mapped[str]
    channel: Mapped[str | None]
    contact_point_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact_point.id"))
    window: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str]
    stated_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class Promise(Base):
    """A dated promise to pay, with the words it was heard in kept as the utterance."""

    __tablename__ = "promise"
    __table_args__ = (one_of("state", *PROMISE_STATES),)

    id: Mapped[BigId]
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("collection_case.id"), index=True)
    call_sid: Mapped[str | None] = mapped_column(Text, ForeignKey("call.sid"))
    utterance_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("utterance.id"))
    amount: Mapped[Money | None]
    currency: Mapped[str | None]
    due_date: Mapped[date | None]
    state: Mapped[str] = mapped_column(Text, server_default="made")
    made_at: Mapped[Instant]


class HeardFact(Base):
    """Something a debtor said or an agent noted that binds at once; kept as it came, never edited."""

    __tablename__ = "heard_fact"

    id: Mapped[BigId]
    debtor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("debtor.id"), index=True)
    kind: Mapped[str]
    source: Mapped[str]
    call_sid: Mapped[str | None]
    debt_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("debt.id"))
    contact_point_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact_point.id"))
    heard_at: Mapped[Instant]
    effects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ledger_index: Mapped[int | None]
