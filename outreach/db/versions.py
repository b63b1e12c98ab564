"""Tables of what was known when: every version of a fact the gate asks about, and every rulebook that ever decided.

The rows of `fact_version` are written by triggers of the database (migration 0004), never by a program: whoever changes
a fact, by whatever road, leaves its version. How they are read is the business of `outreach.timemachine`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.db.base import Base, BigId, Document, Instant


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """What is kept of a table. `began`: the column that says since when a new row is true, None: since it is told.

    `event`: rows are about one thing that happened or was agreed at `began`; a later change of the row is better
    knowledge of the same thing, and so true of it from `began` on.
    """

    columns: tuple[str, ...]
    began: str | None = None
    event: bool = False


TRACKED: Mapping[str, Tracked] = {
    "creditor": Tracked(columns=("tier", "jurisdiction")),
    "debtor": Tracked(columns=("timezones", "region", "tier", "flags", "birth_date_enc"), began="created_at"),
    "debt": Tracked(columns=("creditor_id", "flags")),
    "collection_case": Tracked(columns=("debt_id", "creditor_id", "state", "grade"), began="opened_at"),
    "contact_point": Tracked(columns=("kind", "party", "place", "state"), began="added_at"),
    "consent": Tracked(
        columns=("debt_id", "kind", "given_to", "given_at", "valid_until", "window"), began="given_at", event=True
    ),
    "preference": Tracked(
        columns=("kind", "channel", "contact_point_id", "window", "stated_at", "ended_at"),
        began="stated_at",
        event=True,
    ),
    "attempt": Tracked(
        columns=(
            "debt_id",
            "contact_point_id",
            "channel",
            "purpose",
            "party",
            "state",
            "outcome",
            "intended_at",
            "placed_at",
            "budget_released",
        ),
        began="intended_at",
        event=True,
    ),
    "message": Tracked(columns=("direction", "at"), began="at", event=True),
}
"""Everything a question is made of and that can change, by table."""

UNTRACKED: Mapping[str, tuple[str, ...]] = {
    "creditor": ("id", "name"),
    "debtor": ("id", "reference", "key_ref", "data_key", "name_enc", "language", "created_at", "erased_at"),
    "debt": ("id", "debtor_id", "reference", "principal", "amount", "currency", "due_date"),
    "collection_case": ("id", "debtor_id", "opened_at"),
    "contact_point": ("id", "debtor_id", "address_enc", "address_index", "source", "added_at"),
    "consent": ("id", "debtor_id", "source"),
    "preference": ("id", "debtor_id", "source"),
    "attempt": (
        "id",
        "case_id",
        "debtor_id",
        "planned_id",
        "place",
        "voice",
        "clearance_id",
        "clearance_expires_at",
        "call_sid",
        "ended_at",
        "budget_units",
        "budget_day",
        "budget_slot",
        "rulebook_digest",
        "facts_digest",
        "facts_enc",
        "ruling",
        "ledger_index",
    ),
    "message": ("sid", "attempt_id", "debtor_id", "contact_point_id", "body_enc", "script_digest", "status"),
}
"""Columns of the same tables that no question reads, or that never change: a new column must be put on either list."""


class FactVersion(Base):
    """One change of one row: what it says (`value`), since when that is true, and when it was recorded.

    `op` insert: `value` holds every tracked column; update: those that changed, sets as `flags_added` and
    `flags_removed`; delete: the row was taken away. `id` gives the order in which things became known: versions of one
    person are written under that person's lock. `valid_from`: since when it was true in the world. What a later
    version says holds from its `valid_from` on, so neither end of an interval is ever written back into an older row.
    Rows are never changed or deleted; when a person's key is destroyed, their values are emptied.
    """

    __tablename__ = "fact_version"
    __table_args__ = (
        Index("ix_fact_version_debtor_id_id", "debtor_id", "id"),
        Index("ix_fact_version_of", "of", "ref"),
    )

    id: Mapped[BigId]
    debtor_id: Mapped[int | None] = mapped_column(BigInteger)
    of: Mapped[str]
    ref: Mapped[str]
    op: Mapped[str]
    value: Mapped[dict[str, Any]] = mapped_column(JSONB)
    valid_from: Mapped[Instant]
    recorded_at: Mapped[Instant]
    source: Mapped[str]


class RulebookVersion(Base):
    """A rulebook that decided: its YAML texts by path. Written once, before its first decision; never changed."""

    __tablename__ = "rulebook_version"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    files: Mapped[Document]
    first_used_at: Mapped[Instant]
