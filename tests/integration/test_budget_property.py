"""Whatever happens to contacts, in whatever order: no window holds more than its limit, and the book tells the truth.

A state machine drives two gates, three persons and the carrier's callbacks, wrong and late ones among them, over
midnights and two changes of clocks, against a real PostgreSQL. The limits are written here from the text of the rules.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from outreach.db.tables import Attempt, Budget, CollectionCase, ContactPoint, Creditor, Debt
from outreach.dialer import budget, facts, judgement
from outreach.dialer.attempt import AttemptError
from outreach.dialer.facts import ContactRequest
from outreach.dialer.gate import Gate, Refusal, gate_public_keys
from outreach.dialer.progress import Ending
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import ClearanceError
from outreach.telephony.clearance import Clearance, ClearanceGuard, Contact
from policy.evaluate import budget_slots, evaluate
from policy.ruling import Ruling
from policy.scenario import parse_scenario
from policy.schema import house_rules, load_rulebook
from tests.world import Person, World

BOOK = load_rulebook(overlays=[house_rules()])
START = datetime(2026, 10, 31, 14, 0, tzinfo=UTC)
"""Saturday, ten in New York, the day before its clocks go back; London's went back six days earlier."""
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London")
RANG = frozenset({"no_answer", "conversation", "voicemail", "busy", "declined", "dropped", "delivered"})
LIMITS = (
    # rule, channels, outcomes that count, whose counter, limit, days
    ("house a day", {"voice", "sms", "email"}, RANG | {"wrong_number"}, "debtor_id", 5, 1),
    ("house a week", {"voice", "sms", "email"}, RANG | {"wrong_number"}, "debtor_id", 15, 7),
    ("cn a day", {"voice"}, RANG, "debtor_id", 3, 1),
    ("cn number a day", {"voice"}, RANG - {"conversation", "dropped"} | {"not_in_service"}, "contact_point_id", 6, 1),
)
OUTCOMES = {
    "voice": sorted(RANG - {"delivered"} | {"wrong_number", "not_in_service"}),
    "sms": ["bounced", "delivered"],
    "email": ["bounced", "delivered"],
}
EVENTS = ["placed", "rang", "answered", "sent", "doubtful", "found", "absent", "failed", "voided", "ended"]


class Machine(RuleBasedStateMachine):
    """One life of three people's budgets."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.now = START
        self.gates = (Gate(world.database, BOOK), Gate(world.database, BOOK))
        self.guard = ClearanceGuard(gate_public_keys(world.database.keys), PostgresUseRegistry(world.database))
        self.people: list[tuple[Person, list[int], list[int], str]] = []
        self.clearances: list[tuple[Clearance, Person]] = []
        self.attempts: list[UUID] = []
        self.returned: set[UUID] = set()

    @initialize()
    def settle_in(self) -> None:
        """Three people of one law in three zones, each with two creditors' cases, two numbers and a mailbox."""
        for zone in ZONES:
            person = self.world.person(timezones=[zone])
            with self.world.database.session() as session:
                case = session.get_one(CollectionCase, person.case_id)
                creditor = Creditor(name=f"second creditor of {person.debtor_id}", jurisdiction="CN")
                session.add(creditor)
                session.flush()
                first = session.get_one(Debt, person.debt_id)
                terms = {name: getattr(first, name) for name in ("principal", "amount", "currency", "due_date")}
                debt = Debt(creditor_id=creditor.id, debtor_id=person.debtor_id, reference="second", **terms)
                session.add(debt)
                session.flush()
                other = CollectionCase(
                    debt_id=debt.id, debtor_id=person.debtor_id, creditor_id=creditor.id, opened_at=case.opened_at
                )
                points = [
                    ContactPoint(
                        debtor_id=person.debtor_id,
                        kind=kind,
                        address_enc=session.get_one(ContactPoint, person.point_id).address_enc,
                        address_index=uuid4().bytes,
                        source="contract",
                        added_at=START,
                    )
                    for kind in ("phone", "email")
                ]
                session.add_all([other, *points])
                session.flush()
                self.people.append(
                    (person, [case.id, other.id], [person.point_id, *(point.id for point in points)], zone)
                )

    @rule(secs=st.sampled_from([1, 29, 31, 1800, 6 * 3600, 11 * 3600, 24 * 3600, -3600, -13 * 3600]))
    def time_passes(self, secs: int) -> None:
        """Also backwards: two workers' clocks differ."""
        self.now += timedelta(seconds=secs)

    @rule(data=st.data(), how=st.sampled_from(["leave", "burn", "carry out", "carry out", "carry out"]))
    def contact(self, data: st.DataObject, how: str) -> None:
        """Ask one of the gates; leave the clearance lying (a crash), burn it (another), or carry the contact out."""
        person, cases, points, _ = data.draw(st.sampled_from(self.people))
        channel = data.draw(st.sampled_from(["voice", "voice", "voice", "sms", "email"]))
        request = ContactRequest(
            case_id=data.draw(st.sampled_from(cases)),
            contact_point_id=points[2] if channel == "email" else data.draw(st.sampled_from(points[:2])),
            channel=channel,
            purpose="collection",
            voice=data.draw(st.sampled_from(["human", "artificial"])) if channel == "voice" else "human",
        )
        answer = data.draw(st.sampled_from(self.gates)).request(request, self.now)
        if isinstance(answer, Refusal):
            assert "house-budget-mismatch" not in answer.rules
            return
        attempt_id = UUID(answer.attempt_id)
        self.attempts.append(attempt_id)
        self.clearances.append((answer, person))
        if how != "leave":
            self._burn(answer, person)
        if how == "carry out":
            self._tell("placed" if channel == "voice" else "sent", attempt_id, None)
            self._tell("ended", attempt_id, data.draw(st.sampled_from(OUTCOMES[channel])))

    @rule(data=st.data())
    def letter(self, data: st.DataObject) -> None:
        """An e-mail by a sender of its own, charged to the same book: the budget does not know what a carrier is."""
        person, cases, points, _ = data.draw(st.sampled_from(self.people))
        request = ContactRequest(case_id=cases[0], contact_point_id=points[2], channel="email", purpose="collection")
        with self.world.database.session() as session:
            situation = facts.load_situation(session, request)
            asked = facts.scenario(session, self.world.database.vault, situation, request, self.now)
            units = budget.units_of(budget_slots(parse_scenario({"id": "cn-1", "pack": "cn", **asked}), BOOK))
            day = budget.local_day(self.now, situation.debtor.timezones[0])
            if budget.charge(session, person.debtor_id, day, units) is None:
                return
            attempt = Attempt(
                id=uuid4(),
                case_id=cases[0],
                debtor_id=person.debtor_id,
                debt_id=situation.debt.id,
                contact_point_id=points[2],
                channel="email",
                purpose="collection",
                state="sent",
                intended_at=self.now,
                budget_units=[unit.to_record() for unit in units],
                budget_day=day,
                budget_slot="letter",
            )
            session.add(attempt)
            self.attempts.append(attempt.id)

    @precondition(lambda self: self.clearances)
    @rule(data=st.data())
    def late_dial(self, data: st.DataObject) -> None:
        """A worker that was held up dials with what it has: an old, used or revoked clearance opens nothing."""
        self._burn(*data.draw(st.sampled_from(self.clearances)))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), event=st.sampled_from(EVENTS))
    def callback(self, data: st.DataObject, event: str) -> None:
        """Any word on any attempt: in order, late, twice, or about something that cannot be."""
        self._tell(event, data.draw(st.sampled_from(self.attempts)), data.draw(st.sampled_from(OUTCOMES["voice"])))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def second_word(self, data: st.DataObject) -> None:
        """One outcome of a contact, then another of the same contact."""
        attempt_id = data.draw(st.sampled_from(self.attempts))
        for outcome in data.draw(st.lists(st.sampled_from(OUTCOMES["voice"]), min_size=1, max_size=2)):
            self._tell("ended", attempt_id, outcome)

    @rule(data=st.data())
    def recovery(self, data: st.DataObject) -> None:
        """Intents that nobody carried out are settled."""
        person, *_ = data.draw(st.sampled_from(self.people))
        with self.world.database.session() as session:
            self.world.progress.settle(session, person.debtor_id, self.now)

    @invariant()
    def no_window_is_overfull_and_the_book_is_true(self) -> None:
        """Every window that ends on a day with contacts, for every limit; then the book beside the record."""
        for person, _, _, zone in self.people:
            with self.world.database.session() as session:
                attempts = session.scalars(select(Attempt).where(Attempt.debtor_id == person.debtor_id)).all()
                rows = session.scalars(select(Budget).where(Budget.debtor_id == person.debtor_id)).all()
            made = [one for one in attempts if one.state not in {"refused", "voided"} and not one.budget_released]
            assert all(one.budget_day == _day(one, zone) for one in made)
            for name, channels, outcomes, owner, limit, days in LIMITS:
                counted = [one for one in made if one.channel in channels and one.outcome in {None, *outcomes}]
                kept = [one for one in counted if one.id not in self.returned]
                for last in kept:
                    window = [
                        one
                        for one in kept
                        if getattr(one, owner) == getattr(last, owner)
                        and 0 <= (_day(last, zone) - _day(one, zone)).days < days
                    ]
                    assert len(window) <= limit, name
            assert Counter({(row.counter, row.local_day): row.charged - row.released for row in rows}) == _recorded(
                made
            )

    def _burn(self, clearance: Clearance, person: Person) -> None:
        contact = Contact(channel=clearance.channel, address=person.phone, attempt_id=clearance.attempt_id)
        try:
            self.guard.admit(clearance, contact, self.now)
        except ClearanceError:
            return

    def _tell(self, event: str, attempt_id: UUID, outcome: str | None) -> None:
        progress, more = self.world.progress, "CA" + attempt_id.hex
        calls: dict[str, tuple[Any, ...]] = {
            "placed": (progress.placed, more),
            "rang": (progress.rang, more),
            "answered": (progress.answered, more),
            "sent": (progress.sent, more),
            "doubtful": (progress.doubtful, "carrier.timeout"),
            "found": (progress.reconciled, more),
            "absent": (progress.reconciled, None),
            "failed": (progress.failed,),
            "voided": (progress.voided, "revoked"),
            "ended": (progress.ended, Ending(outcome=outcome or "no_answer")),
        }
        tell, *details = calls[event]
        try:
            with self.world.database.session() as session:
                before = budget.held(session.get_one(Attempt, attempt_id))
                attempt = tell(session, attempt_id, *details, self.now)
                if budget.held(attempt) - before:
                    self.returned.add(attempt_id)  # it did not count, and now it does: the limit was kept without it
        except AttemptError:
            return


def _day(attempt: Attempt, zone: str) -> date:
    return attempt.intended_at.astimezone(ZoneInfo(zone)).date()


def _recorded(made: list[Attempt]) -> Counter[tuple[str, date]]:
    found: Counter[tuple[str, date]] = Counter()
    for attempt in made:
        for unit in attempt.budget_units:
            if attempt.outcome is None or attempt.outcome in unit["outcomes"]:
                assert attempt.budget_day is not None
                found[unit["counter"], attempt.budget_day] += 1
    return found


def lives(world: World, number: int) -> None:
    """So many lives of thirty steps each."""
    run_state_machine_as_test(
        lambda: Machine(world),
        settings=settings(
            max_examples=number,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a failure is told as it was found: making it smaller takes minutes here
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_no_order_of_events_overfills_a_window(world: World) -> None:
    lives(world, 5)


def test_the_book_alone_holds_every_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rulebook that permits everything is held by the counters all the same."""

    def permit(*asked: Any) -> Ruling:
        return replace(evaluate(*asked), decision="permit", reasons=())

    monkeypatch.setattr(judgement, "evaluate", permit)
    lives(world, 3)
