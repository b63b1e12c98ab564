"""Units of counters: what an attempt takes, and what it still holds."""

from datetime import UTC, date, datetime

import pytest

from outreach.db.tables import Attempt
from outreach.dialer.budget import Unit, held, local_day, units_of
from policy.families.kind import BudgetSlot


def slot(rule: str, subject: str = "person", *, days: int = 1, limit: int = 3, outcomes: str = "busy") -> BudgetSlot:
    return BudgetSlot(
        key=f"{rule}:{subject}:2026-11-23",
        rule=rule,
        subject=subject,
        bucket="2026-11-23",
        window_days=days,
        limit=limit,
        used=0,
        counted_outcomes=frozenset(outcomes.split()),
    )


def attempt(*units: Unit, outcome: str | None = None, released: bool = False) -> Attempt:
    return Attempt(budget_units=[unit.to_record() for unit in units], outcome=outcome, budget_released=released)


def test_a_counter_is_a_rule_and_whose_it_is() -> None:
    units = units_of([slot("b"), slot("a", "party=debtor"), slot("a", "debt=D1")])
    assert [unit.counter for unit in units] == ["a:debt=D1", "a:party=debtor", "b:person"]


def test_a_counter_that_two_packs_name_is_charged_once_and_strictly() -> None:
    (unit,) = units_of([slot("a", limit=3), slot("a", days=7, limit=5, outcomes="busy no_answer")])
    assert (unit.limit, unit.window_days, unit.outcomes) == (3, 7, {"busy", "no_answer"})


@pytest.mark.parametrize(
    ("outcome", "counters"),
    [
        (None, {"a:person", "b:person"}),
        ("busy", {"a:person"}),
        ("delivered", {"b:person"}),
        ("wrong_number", set()),
    ],
)
def test_what_an_attempt_holds_follows_from_its_outcome(outcome: str | None, counters: set[str]) -> None:
    units = units_of([slot("a"), slot("b", outcomes="delivered")])
    assert held(attempt(*units, outcome=outcome)) == counters
    assert held(attempt(*units, outcome=outcome, released=True)) == frozenset()


def test_units_charged_before_outcomes_were_noted_stay_whatever_the_outcome() -> None:
    old = Attempt(budget_units=[{"counter": "channel:voice"}], outcome="wrong_number", budget_released=False)
    assert held(old) == {"channel:voice"}


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-11-23T16:00:00+00:00", "Asia/Shanghai", date(2026, 11, 24)),
        ("2026-11-23T15:59:59+00:00", "Asia/Shanghai", date(2026, 11, 23)),
        ("2026-11-01T04:59:59+00:00", "America/New_York", date(2026, 11, 1)),
        ("2026-11-02T04:59:59+00:00", "America/New_York", date(2026, 11, 1)),  # a day of twenty-five hours
        ("2026-11-02T05:00:00+00:00", "America/New_York", date(2026, 11, 2)),
    ],
)
def test_the_day_is_the_persons(instant: str, zone: str, day: date) -> None:
    assert local_day(datetime.fromisoformat(instant).astimezone(UTC), zone) == day
