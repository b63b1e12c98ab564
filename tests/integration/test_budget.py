"""The budget's book in a real PostgreSQL: all counters or none, never past a limit, units given back once."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import create_engine, select, text, update

from outreach.db.database import upgrade_schema
from outreach.db.migrations.config import alembic_config
from outreach.db.tables import Attempt, Budget
from outreach.dialer import budget
from outreach.dialer.budget import Unit
from outreach.dialer.progress import Ending
from tests.world import MORNING, Person, World

DAY = date(2026, 11, 23)
DAILY, NUMBER = "cn-daily-call-cap", "cn-number-daily-cap"


def unit(rule: str, *, limit: int, days: int = 1) -> Unit:
    return Unit(rule=rule, subject="person", window_days=days, limit=limit, outcomes=frozenset({"conversation"}))


def book(world: World, person: Person) -> dict[str, int]:
    """What is spent, by rule."""
    with world.database.session() as session:
        rows = session.scalars(select(Budget).where(Budget.debtor_id == person.debtor_id))
        return {row.counter.split(":")[0]: row.charged - row.released for row in rows}


def charge(world: World, person: Person, day: date, *units: Unit) -> dict[str, int] | None:
    with world.database.session() as session:
        return budget.charge(session, person.debtor_id, day, units)


def ended(world: World, attempt_id: UUID, outcome: str) -> None:
    with world.database.session() as session:
        world.progress.ended(session, attempt_id, Ending(outcome=outcome), MORNING)


def test_all_counters_are_charged_or_none(world: World) -> None:
    person = world.person()
    assert charge(world, person, DAY, unit("a", limit=1), unit("b", limit=2)) == {"a:person": 1, "b:person": 1}
    assert charge(world, person, DAY, unit("a", limit=1), unit("b", limit=2)) is None
    assert book(world, person) == {"a": 1, "b": 1}
    assert charge(world, person, DAY, unit("b", limit=2)) == {"b:person": 2}
    assert charge(world, person, DAY) == {}


def test_the_window_spans_days_and_moves_on(world: World) -> None:
    person, week = world.person(), unit("week", limit=2, days=7)
    assert charge(world, person, DAY, week) == {"week:person": 1}
    assert charge(world, person, DAY + timedelta(days=6), week) == {"week:person": 2}
    assert charge(world, person, DAY + timedelta(days=6), week) is None
    assert charge(world, person, DAY + timedelta(days=7), week) == {"week:person": 2}


def test_a_clock_put_back_opens_no_window(world: World) -> None:
    person, week = world.person(), unit("week", limit=1, days=7)
    assert charge(world, person, DAY, week) is not None
    for days in (1, 3, 40):
        assert charge(world, person, DAY - timedelta(days=days), week) is None


def test_nobody_passes_a_limit_who_forgets_the_lock(world: World) -> None:
    person, barrier = world.person(), threading.Barrier(6)

    def take(number: int) -> bool:
        with world.database.session() as session:
            barrier.wait()
            day = DAY + timedelta(days=number % 3)  # different rows of one window: no two inserts collide
            return budget.charge(session, person.debtor_id, day, [unit("week", limit=2, days=7)]) is not None

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(take, range(6)))
    assert sum(taken) == 2
    with world.database.session() as session:
        days = [DAY + timedelta(days=2)]
        assert budget.spent(session, person.debtor_id, days[0], [unit("week", limit=2, days=7)]) == {"week:person": 2}


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        ("no_answer", {DAILY: 1, NUMBER: 1}),
        ("not_in_service", {DAILY: 0, NUMBER: 1}),
        ("conversation", {DAILY: 1, NUMBER: 0}),
        ("wrong_number", {DAILY: 0, NUMBER: 0}),
    ],
)
def test_an_outcome_gives_back_the_units_that_do_not_count_it(world: World, outcome: str, left: dict[str, int]) -> None:
    person = world.person()
    attempt_id = UUID(world.cleared(person).attempt_id)
    assert {rule: book(world, person)[rule] for rule in left} == {DAILY: 1, NUMBER: 1}
    for _ in range(2):
        ended(world, attempt_id, outcome)
        assert {rule: book(world, person)[rule] for rule in left} == left
    world.cleared(person, MORNING + timedelta(hours=1))


def test_a_late_word_that_counts_again_takes_its_unit_anew(world: World) -> None:
    person = world.person()
    attempt_id = UUID(world.cleared(person).attempt_id)
    for outcome, left in [("wrong_number", 0), ("conversation", 1), ("wrong_number", 0)]:
        ended(world, attempt_id, outcome)
        assert book(world, person)[DAILY] == left
    world.cleared(person, MORNING + timedelta(hours=1))  # book and record still tell the same number


def test_what_the_book_holds_refuses_where_the_ruling_would_permit(world: World) -> None:
    person = world.person()
    for number in range(3):
        ended(world, UUID(world.cleared(person, MORNING + timedelta(hours=number)).attempt_id), "no_answer")
    with world.database.session() as session:  # the record of when they were made is moved out of sight
        session.execute(update(Attempt).values(intended_at=MORNING - timedelta(days=9), placed_at=None))
    refusal = world.refused(person, MORNING + timedelta(hours=4))
    assert (refusal.decision, refusal.rules) == ("deny", ("house-budget-full",))
    (reason,) = refusal.ruling["reasons"]
    assert reason["facts"] == {
        "limited_by": DAILY,
        "subject": "party=debtor",
        "used": 3,
        "limit": 3,
        "window_days": 1,
        "local_day": "2026-11-23",
    }
    assert book(world, person)[DAILY] == 3
    world.cleared(person, MORNING + timedelta(days=1))


def test_counters_name_nobody(world: World) -> None:
    person = world.person()
    world.cleared(person)
    with world.database.session() as session:
        counters = session.scalars(select(Budget.counter)).all()
        assert {DAILY, NUMBER} <= {counter.split(":")[0] for counter in counters}
    label = re.compile(r"[a-z0-9-]+:(person|(party=[a-z_]+|debt=D\d+|address=CP\d+|part=\d+)(/[a-z]+=[A-Za-z0-9_]+)*)")
    assert all(label.fullmatch(counter) and person.phone[1:] not in counter for counter in counters)


def test_the_migration_keeps_what_was_charged(dsn: str) -> None:
    engine = create_engine(dsn)

    def migrate(revision: str) -> None:
        with engine.begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.downgrade(config, revision)

    def rows(query: str) -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    migrate("0002")
    with engine.begin() as connection:
        connection.execute(text(BEFORE))
    upgrade_schema(engine)
    assert rows("SELECT counter, local_day, charged, released FROM budget") == [("channel:voice", DAY, 2, 1)]
    assert rows("SELECT budget_units, budget_released FROM attempt ORDER BY budget_released") == [
        ([{"counter": "channel:voice"}], False),
        ([{"counter": "channel:voice"}], True),
    ]
    migrate("0002")
    assert rows("SELECT scope, local_day, charged, released FROM budget") == [("voice", DAY, 2, 1)]
    assert rows("SELECT DISTINCT budget_scope FROM attempt") == [("voice",)]
    engine.dispose()


BEFORE = """
INSERT INTO debtor (reference, key_ref, created_at) VALUES ('P1', gen_random_uuid(), now());
INSERT INTO creditor (name, jurisdiction) VALUES ('清风银行', 'CN');
INSERT INTO debt (creditor_id, debtor_id, reference, principal, amount, currency, due_date)
    VALUES (1, 1, 'D1', 1, 1, 'CNY', '2026-08-01');
INSERT INTO collection_case (debt_id, debtor_id, creditor_id, opened_at) VALUES (1, 1, 1, now());
INSERT INTO contact_point (debtor_id, address_enc, address_index, source, added_at) VALUES (1, '', '', 'file', now());
INSERT INTO attempt (id, case_id, debtor_id, debt_id, contact_point_id, channel, purpose, state, intended_at,
                     budget_scope, budget_day, budget_slot, budget_released)
    SELECT gen_random_uuid(), 1, 1, 1, 1, 'voice', 'collection', 'ended', now(),
           'voice', '2026-11-23', 'voice:2026-11-23:' || number, number = 2
    FROM generate_series(1, 2) AS number;
INSERT INTO budget (debtor_id, scope, local_day, charged, released) VALUES (1, 'voice', '2026-11-23', 2, 1);
"""
