"""Open cases with everything a question about them is made of, read some hundred at a time (I/O).

For looking ahead: nothing is locked and nothing is written. What the gate would clear up before it asks (permits that
expired unused) is left out here in the same way, without touching it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from outreach.db.tables import (
    Attempt,
    Budget,
    ClearanceUse,
    CollectionCase,
    Consent,
    ContactPoint,
    Creditor,
    Debt,
    Debtor,
    Message,
    Preference,
)
from outreach.dialer.attempt import State
from outreach.dialer.facts import COUNTED_STATES, Record, Situation
from outreach.errors import InputError

FINISHED = ("settled", "closed")
CHUNK = 250
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """One case. `void`: intents the gate would find expired or revoked unused, and so never dialled.

    `booked`: whether the person has charged contacts or a budget book at all.
    """

    case: CollectionCase
    debt: Debt
    debtor: Debtor
    creditor: Creditor
    points: Sequence[ContactPoint]
    record: Record
    void: Sequence[Attempt]
    booked: bool

    def at(self, point: ContactPoint) -> Situation:
        """The rows of a question about this number."""
        return Situation(case=self.case, debt=self.debt, debtor=self.debtor, creditor=self.creditor, point=point)


def count(session: Session, cases: Sequence[int]) -> int:
    """How many cases `open_cases` yields. InputError input.unknown_case, input.case_finished for one that is named."""
    if cases:
        states = {
            row[0]: row[1]
            for row in session.execute(
                select(CollectionCase.id, CollectionCase.state).where(CollectionCase.id.in_(cases))
            )
        }
        for case in cases:
            if case not in states:
                raise InputError(
                    "input.unknown_case",
                    f"no case {case} is stored here",
                    hint="case numbers: fairline campaign preflight --all --json",
                )
            if states[case] in FINISHED:
                raise InputError("input.case_finished", f"case {case} is {states[case]}: there is nothing to plan")
        return len(states)
    query = select(func.count()).select_from(CollectionCase).where(CollectionCase.state.not_in(FINISHED))
    return session.scalar(query) or 0


def open_cases(session: Session, cases: Sequence[int], at: datetime) -> Iterator[Sequence[OpenCase]]:
    """The cases that are not settled or closed, or the named ones of them, in the order of their ids."""
    last = 0
    while True:
        query = select(CollectionCase).where(CollectionCase.state.not_in(FINISHED), CollectionCase.id > last)
        if cases:
            query = query.where(CollectionCase.id.in_(cases))
        found = session.scalars(query.order_by(CollectionCase.id).limit(CHUNK)).all()
        if not found:
            return
        yield _Chunk(session, found, at).cases()
        last = found[-1].id
        session.expunge_all()


class _Chunk:
    """Some cases, and the rows of their people read together."""

    def __init__(self, session: Session, cases: Sequence[CollectionCase], at: datetime) -> None:
        self._session, self._cases, self._at = session, cases, at
        self._people = {case.debtor_id for case in cases}
        self._debtors = self._keyed(Debtor, Debtor.id, self._people)
        self._debts = self._keyed(Debt, Debt.id, {case.debt_id for case in cases})
        self._creditors = self._keyed(Creditor, Creditor.id, {case.creditor_id for case in cases})
        self._points = self._by_person(select(ContactPoint).order_by(ContactPoint.id), ContactPoint)
        self._preferences = self._by_person(select(Preference), Preference)
        self._consents = self._by_person(select(Consent), Consent)
        self._messages = self._by_person(select(Message), Message)
        light = select(Attempt).options(defer(Attempt.ruling), defer(Attempt.facts_enc))
        self._attempts = self._by_person(light.where(Attempt.state.in_(COUNTED_STATES)), Attempt)
        self._spent = self._clearances()
        self._first = self._pairs(select(Debt.debtor_id, func.min(Debt.id)).group_by(Debt.debtor_id), Debt)
        self._books = self._pairs(select(Budget.debtor_id, func.min(Budget.id)).group_by(Budget.debtor_id), Budget)

    def cases(self) -> list[OpenCase]:
        """Each with the rows of its person."""
        return [self._case(case) for case in self._cases]

    def _case(self, case: CollectionCase) -> OpenCase:
        person = case.debtor_id
        attempts = self._attempts.get(person, [])
        void = [attempt for attempt in attempts if self._never_dialled(attempt)]
        record = Record(
            preferences=self._preferences.get(person, []),
            consents=self._consents.get(person, []),
            attempts=[attempt for attempt in attempts if attempt not in void],
            messages=self._messages.get(person, []),
            first_debt_id=self._first.get(person, 0),
        )
        return OpenCase(
            case=case,
            debt=self._debts[case.debt_id],
            debtor=self._debtors[person],
            creditor=self._creditors[case.creditor_id],
            points=self._points.get(person, []),
            record=record,
            void=void,
            booked=person in self._books or any(attempt.budget_slot is not None for attempt in attempts),
        )

    def _never_dialled(self, attempt: Attempt) -> bool:
        """As `outreach.dialer.progress.Progress.settle` finds: revoked, or expired before anybody used it."""
        if attempt.state != State.INTENDED or attempt.clearance_id is None or attempt.clearance_expires_at is None:
            return False
        revoked = self._spent.get(attempt.clearance_id)
        return revoked is True or (revoked is None and self._at >= attempt.clearance_expires_at)

    def _clearances(self) -> Mapping[str, bool]:
        """Spent clearances of intents: id -> whether by revoking it."""
        intents = [attempt for made in self._attempts.values() for attempt in made if attempt.state == State.INTENDED]
        ids = [attempt.clearance_id for attempt in intents if attempt.clearance_id is not None]
        used = select(ClearanceUse.clearance_id, ClearanceUse.revoked).where(ClearanceUse.clearance_id.in_(ids))
        return {row[0]: row[1] for row in self._session.execute(used)} if ids else {}

    def _keyed(self, model: type[T], key: Any, ids: Iterable[int]) -> dict[int, T]:
        rows = self._session.scalars(select(model).where(key.in_(set(ids))))
        return {getattr(row, key.key): row for row in rows}

    def _by_person(self, query: Any, model: Any) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self._session.scalars(query.where(model.debtor_id.in_(self._people))):
            found[row.debtor_id].append(row)
        return found

    def _pairs(self, query: Any, model: Any) -> dict[int, int]:
        rows = self._session.execute(query.where(model.debtor_id.in_(self._people)))
        return {row[0]: row[1] for row in rows}
