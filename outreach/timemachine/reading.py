"""Reading recorded decisions with their witnesses, some hundred at a time (I/O)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, TextClause, func, select, text, tuple_
from sqlalchemy.orm import Session

from outreach.db.history import MIGRATION
from outreach.db.tables import Attempt, Debtor, FactVersion, LedgerEntry
from outreach.db.vault import Vault, VaultError
from outreach.ledger.entry import PlacedEntry, parse_body
from outreach.timemachine.check import Recorded

DECISIONS = ("attempt.intended", "attempt.refused")
CHUNK = 500
ROW = (
    "channel",
    "purpose",
    "party",
    "place",
    "voice",
    "debt_id",
    "contact_point_id",
    "rulebook_digest",
    "facts_digest",
)
"""Columns of an attempt that its other witnesses also tell."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Decisions of `since` <= instant < `until` (None: no end)."""

    since: datetime
    until: datetime | None = None

    def of(self, column: SQLColumnExpression[datetime]) -> list[ColumnElement[bool]]:
        """As conditions of a query."""
        return [column >= self.since] if self.until is None else [column >= self.since, column < self.until]


class LogOfDecisions:
    """Where the evidence log decides which attempt. Holds indexes of one period, not entries."""

    def __init__(self, session: Session, span: Span) -> None:
        """Read the log once. EvidenceError evidence.entry_malformed when an entry is not canonical."""
        self._session = session
        query = select(LedgerEntry.index, LedgerEntry.body).where(
            LedgerEntry.kind.in_(DECISIONS), *span.of(LedgerEntry.recorded_at)
        )
        rows = session.execute(query.execution_options(yield_per=CHUNK))
        self._index = {str(_parsed(index, body).data.get("attempt")): index for index, body in rows}

    def take(self, attempts: Sequence[Attempt]) -> dict[str, PlacedEntry]:
        """The decisions on these attempts, each asked for once.

        A decision that the row places in another period than the log does is looked for in the whole log.
        """
        indexes = [index for attempt in attempts if (index := self._index.pop(str(attempt.id), None)) is not None]
        found = self._entries(LedgerEntry.index.in_(indexes))
        for attempt in attempts:
            if str(attempt.id) not in found and is_decision(attempt):
                needle = str(attempt.id).encode()
                found |= self._entries(text("position(CAST(:needle AS bytea) IN body) > 0").bindparams(needle=needle))
        return found

    def left(self) -> Sequence[UUID]:
        """Attempts decided in the period that nobody asked for."""
        return [UUID(name) for name in sorted(self._index)]

    def _entries(self, where: ColumnElement[bool] | TextClause) -> dict[str, PlacedEntry]:
        query = select(LedgerEntry.index, LedgerEntry.body).where(LedgerEntry.kind.in_(DECISIONS), where)
        placed = [_parsed(index, body) for index, body in self._session.execute(query)]
        return {str(entry.data.get("attempt")): entry for entry in placed}


def is_decision(attempt: Attempt) -> bool:
    """Whether the row claims that the gate decided. A contact from a creditor's file carries no ruling at all."""
    return not (attempt.ruling is None and attempt.rulebook_digest is None and attempt.facts_enc is None)


def count(session: Session, span: Span) -> int:
    """How many attempts the period has."""
    return session.scalar(select(func.count()).select_from(Attempt).where(*span.of(Attempt.intended_at))) or 0


def attempts(session: Session, span: Span) -> Iterator[Sequence[Attempt]]:
    """The attempts of the period in the order of their instants."""
    place = tuple_(Attempt.intended_at, Attempt.id)
    last: tuple[datetime, UUID] | None = None
    while True:
        query = select(Attempt).where(*span.of(Attempt.intended_at)).order_by(place).limit(CHUNK)
        found = session.scalars(query if last is None else query.where(place > last)).all()
        if not found:
            return
        yield found
        last = found[-1].intended_at, found[-1].id
        session.expunge_all()


def too_early(session: Session, found: Sequence[Attempt]) -> set[UUID]:
    """Those that were decided before rulebooks and versions of facts were kept."""
    refs = [str(attempt.id) for attempt in found]
    own = select(FactVersion.ref).where(
        FactVersion.of == "attempt", FactVersion.ref.in_(refs), FactVersion.source == MIGRATION
    )
    return {UUID(ref) for ref in session.scalars(own)}


def recorded(session: Session, vault: Vault, attempt: Attempt, entry: PlacedEntry | None) -> Recorded:
    """The decision with what its witnesses say."""
    debtor = session.get_one(Debtor, attempt.debtor_id)
    erased = debtor.data_key is None
    return Recorded(
        attempt=str(attempt.id),
        case_id=attempt.case_id,
        at=attempt.intended_at,
        row={name: getattr(attempt, name) for name in ROW},
        ruling=attempt.ruling,
        facts=None if erased else _opened(vault, debtor, attempt),
        key=None if erased else vault.opening_key(debtor, f"attempt:{attempt.id}"),
        entry=entry,
    )


def _opened(vault: Vault, debtor: Debtor, attempt: Attempt) -> str | None:
    try:
        return vault.open(debtor, "facts", attempt.facts_enc or b"")
    except (VaultError, UnicodeDecodeError):
        return None


def _parsed(index: int, body: bytes) -> PlacedEntry:
    return parse_body(body, f"entry {index}")
