"""Storing checked rows of a portfolio file (I/O): each row is stored whole or not at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.cases.rows import CaseRow, Problem
from outreach.db.tables import CollectionCase, ContactPoint, Creditor, Debt, Debtor, Preference
from outreach.db.vault import Vault


@dataclass
class Tally:
    """Rows by what became of them; `new_debtors` counts people."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    new_debtors: int = 0


class RowWriter:
    """Writes checked rows and remembers what it has met, so that a file cannot contradict itself."""

    def __init__(self, session: Session, vault: Vault, now: datetime, tally: Tally) -> None:
        self._session = session
        self._vault = vault
        self._now = now
        self._tally = tally
        self._creditors: dict[str, Creditor] = {}
        self._debtors: dict[str, Debtor] = {}
        self._lines: dict[tuple[int, str], int] = {}

    def write(self, row: CaseRow) -> list[Problem]:
        """Store the row, or answer what it contradicts; then nothing of it is stored."""
        creditor = self._creditors.get(row.creditor) or self._find(Creditor, Creditor.name == row.creditor)
        debtor = self._debtors.get(row.debtor_reference) or self._find(Debtor, Debtor.reference == row.debtor_reference)
        problems = [*_creditor_conflicts(creditor, row), *self._debtor_conflicts(debtor, row)]
        if creditor is not None and not problems:
            problems = self._debt_conflicts(creditor, debtor, row)
        if problems:
            return problems
        creditor = self._creditors[row.creditor] = creditor or self._new_creditor(row)
        debtor = self._debtors[row.debtor_reference] = debtor or self._new_debtor(row)
        self._lines[creditor.id, row.debt_reference] = row.line
        changed = self._add_contact_point(debtor, row)
        changed = self._protect(debtor, row) or changed
        self._count(self._write_debt(creditor, debtor, row), changed)
        return []

    def _find(self, table: Any, condition: Any) -> Any:
        return self._session.scalar(select(table).where(condition))

    def _debtor_conflicts(self, debtor: Debtor | None, row: CaseRow) -> list[Problem]:
        if debtor is None:
            return []
        if debtor.data_key is None or debtor.name_enc is None:
            return [_conflict("debtor_reference", row.debtor_reference, "a person whose data was not erased")]
        problems = []
        if self._vault.open(debtor, "name", debtor.name_enc) != row.name:
            problems.append(_conflict("name", row.name, "the name known for this debtor_reference"))
        known = None if debtor.birth_date_enc is None else self._vault.open(debtor, "birth_date", debtor.birth_date_enc)
        given = None if row.birth_date is None else row.birth_date.isoformat()
        if known is not None and given is not None and known != given:
            problems.append(_conflict("birth_date", given, "the birth date known for this debtor_reference"))
        return problems

    def _debt_conflicts(self, creditor: Creditor, debtor: Debtor | None, row: CaseRow) -> list[Problem]:
        earlier = self._lines.get((creditor.id, row.debt_reference))
        if earlier is not None:
            return [
                _conflict("debt_reference", row.debt_reference, f"a debt not yet in the file; it is on line {earlier}")
            ]
        debt = self._debt(creditor, row)
        if debt is not None and (debtor is None or debt.debtor_id != debtor.id):
            return [_conflict("debtor_reference", row.debtor_reference, "the debtor this debt is stored with")]
        if debt is not None and debt.currency != row.currency:
            return [_conflict("currency", row.currency, f"{debt.currency}, in which this debt is stored")]
        return []

    def _debt(self, creditor: Creditor, row: CaseRow) -> Debt | None:
        found: Debt | None = self._session.scalar(
            select(Debt).where(Debt.creditor_id == creditor.id, Debt.reference == row.debt_reference)
        )
        return found

    def _new_creditor(self, row: CaseRow) -> Creditor:
        creditor = Creditor(name=row.creditor, tier=row.creditor_tier, jurisdiction=row.jurisdiction)
        self._session.add(creditor)
        self._session.flush()
        return creditor

    def _new_debtor(self, row: CaseRow) -> Debtor:
        key_ref = uuid4()
        debtor = Debtor(
            reference=row.debtor_reference,
            key_ref=key_ref,
            data_key=self._vault.new_data_key(key_ref),
            language=row.language,
            tier=row.debtor_tier,
            timezones=list(row.timezones),
            region=row.region,
            flags=list(row.flags),
            created_at=self._now,
        )
        debtor.name_enc = self._vault.seal(debtor, "name", row.name)
        self._session.add(debtor)
        self._session.flush()
        self._tally.new_debtors += 1
        return debtor

    def _write_debt(self, creditor: Creditor, debtor: Debtor, row: CaseRow) -> str:
        debt = self._debt(creditor, row)
        if debt is None:
            debt = Debt(
                creditor_id=creditor.id,
                debtor_id=debtor.id,
                reference=row.debt_reference,
                principal=row.principal,
                amount=row.amount,
                currency=row.currency,
                due_date=row.due_date,
                flags=[],
            )
            self._session.add(debt)
            self._session.flush()
            case = CollectionCase(
                debt_id=debt.id, debtor_id=debtor.id, creditor_id=creditor.id, state="open", opened_at=self._now
            )
            self._session.add(case)
            self._session.flush()
            return "created"
        before = (debt.principal, debt.amount, debt.due_date)
        debt.principal, debt.amount, debt.due_date = row.principal, row.amount, row.due_date
        return "unchanged" if before == (row.principal, row.amount, row.due_date) else "updated"

    def _add_contact_point(self, debtor: Debtor, row: CaseRow) -> bool:
        index = self._vault.address_index(row.phone)
        known = select(ContactPoint.id).where(ContactPoint.debtor_id == debtor.id, ContactPoint.address_index == index)
        if self._session.scalar(known) is not None:
            return False
        self._session.add(
            ContactPoint(
                debtor_id=debtor.id,
                kind="phone",
                address_enc=self._vault.seal(debtor, "address", row.phone),
                address_index=index,
                party=row.party,
                place=row.place,
                state="active",
                source=row.phone_source,
                added_at=self._now,
            )
        )
        return True

    def _protect(self, debtor: Debtor, row: CaseRow) -> bool:
        """Add what the row knows in the person's favour: flags, zones and wishes are only ever added by a file."""
        flags = [flag for flag in row.flags if flag not in debtor.flags]
        zones = [zone for zone in row.timezones if zone not in debtor.timezones]
        debtor.flags, debtor.timezones = [*debtor.flags, *flags], [*debtor.timezones, *zones]
        learned = bool(flags or zones)
        if debtor.birth_date_enc is None and row.birth_date is not None:
            debtor.birth_date_enc = self._vault.seal(debtor, "birth_date", row.birth_date.isoformat())
            learned = True
        wishes: list[dict[str, Any]] = [{"kind": "channel", "channel": name} for name in row.refused_channels]
        wishes += [{"kind": "quiet_window", "window": dict(window)} for window in row.quiet_windows]
        for wish in wishes:
            learned = self._add_wish(debtor, wish) or learned
        return learned

    def _add_wish(self, debtor: Debtor, wish: dict[str, Any]) -> bool:
        standing = self._session.scalars(
            select(Preference).where(
                Preference.debtor_id == debtor.id, Preference.kind == wish["kind"], Preference.ended_at.is_(None)
            )
        )
        if any(held.channel == wish.get("channel") and held.window == wish.get("window") for held in standing):
            return False
        self._session.add(Preference(debtor_id=debtor.id, source="portfolio file", stated_at=self._now, **wish))
        return True

    def _count(self, outcome: str, changed: bool) -> None:
        if outcome == "created":
            self._tally.created += 1
        elif outcome == "updated" or changed:
            self._tally.updated += 1
        else:
            self._tally.unchanged += 1


def _creditor_conflicts(creditor: Creditor | None, row: CaseRow) -> list[Problem]:
    if creditor is None:
        return []
    problems = []
    if creditor.tier != row.creditor_tier:
        problems.append(_conflict("creditor_tier", row.creditor_tier, f"{creditor.tier}, as this creditor is stored"))
    if creditor.jurisdiction != row.jurisdiction:
        problems.append(
            _conflict("jurisdiction", row.jurisdiction, f"{creditor.jurisdiction}, as this creditor is stored")
        )
    return problems


def _conflict(column: str, found: str, expected: str) -> Problem:
    return Problem(
        field=column,
        found=found,
        expected=expected,
        what_to_do="find out which of the two is right; correct the file, or the stored record by hand",
    )
