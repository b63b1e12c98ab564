"""Until when the records of a call are kept: the longest period of all packs, and longer while something is open."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.ledger.retention import LAST_ACTIVITY, OPEN_BY_FLAG, Kept, circumstances, kept
from policy.facts import FLAGS
from policy.schema import load_rulebook
from policy.subjects import LONGER_WHILE, Retention, retention

CALL = date(2026, 11, 23)
OPEN = frozenset({"complaint_open", "suit_open"})


def period(duty_id: str, months: int, counted_from: Mapping[str, str] | None = None) -> Retention:
    return Retention(
        duty_id=duty_id,
        minimum_months=0,
        keep_months=months,
        longer_while=OPEN,
        counted_from=counted_from or {},
        citations=(),
    )


@pytest.mark.parametrize(
    ("packs", "until", "duty"),
    [
        (["cn"], date(2029, 11, 23), "cn-retention"),
        (["us-reg-f"], date(2030, 2, 1), "us-retention"),  # three years after the last activity
        (["uk-conc7"], date(2032, 11, 23), "uk-retention"),
        (["in-rbi"], date(2029, 11, 23), "in-retention"),
        (["cn", "uk-conc7"], date(2032, 11, 23), "uk-retention"),
        (["cn", "in-rbi"], date(2029, 11, 23), "cn-retention"),  # equals: the first
        (["cn", "us-reg-f"], date(2030, 2, 1), "us-retention"),
    ],
)
def test_the_longest_period_of_the_packs(packs: list[str], until: date, duty: str) -> None:
    book = load_rulebook()
    periods = [retention(book, pack, CALL) for pack in packs]
    assert kept(periods, call_day=CALL, last_activity=date(2027, 2, 1)) == Kept(until=until, duty=duty)


def test_without_a_period_nothing_says_that_it_may_be_erased() -> None:
    assert kept([], call_day=CALL, last_activity=CALL) is None


def test_an_open_complaint_keeps_it_longer_and_other_flags_do_not() -> None:
    assert circumstances({"grievance_open", "hospitalised"}) == {"complaint_open"}
    found = kept([period("a", 6)], call_day=CALL, last_activity=CALL, circumstances={"complaint_open"})
    assert found == Kept(until=date(2027, 5, 23), duty="a", while_open=("complaint_open",))
    assert set(OPEN_BY_FLAG) <= FLAGS
    assert set(OPEN_BY_FLAG.values()) <= LONGER_WHILE


@given(
    st.lists(st.tuples(st.integers(1, 120), st.booleans()), min_size=1, max_size=4),
    st.dates(date(2021, 1, 1), date(2027, 1, 1)),
    st.dates(date(2021, 1, 1), date(2027, 1, 1)),
)
def test_no_pack_s_own_period_ends_later(kinds: list[tuple[int, bool]], call_day: date, last_activity: date) -> None:
    periods = [
        period(f"d{index}", months, {"records": LAST_ACTIVITY} if from_last else None)
        for index, (months, from_last) in enumerate(kinds)
    ]
    found = kept(periods, call_day=call_day, last_activity=last_activity)
    assert found is not None
    alone = [kept([one], call_day=call_day, last_activity=last_activity) for one in periods]
    assert found.until == max(one.until for one in alone if one is not None)
    assert found.until > call_day
