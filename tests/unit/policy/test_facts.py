"""Facts refuse what cannot be; windows are read on the wall clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from policy.digest import facts_bytes, facts_digest
from policy.errors import FactsError
from policy.facts import Attempt, Consent, DebtorFacts, PastContact, Preferences, Scenario, WeeklyWindow

AT = datetime(2026, 6, 10, 2, tzinfo=UTC)


def attempt(**changes: object) -> Attempt:
    """A plain attempt with some fields replaced."""
    fields: dict[str, object] = {
        "at": AT,
        "channel": "voice",
        "purpose": "reminder",
        "debt": "D1",
        "party": "debtor",
        **changes,
    }
    return Attempt(**fields)  # type: ignore[arg-type]


def past(at: datetime, **changes: object) -> PastContact:
    """A plain unanswered call with some fields replaced."""
    fields: dict[str, object] = {
        "at": at,
        "channel": "voice",
        "direction": "outbound",
        "outcome": "no_answer",
        "debt": "D1",
        "party": "debtor",
        **changes,
    }
    return PastContact(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["channel", "purpose", "party", "place", "voice"])
def test_attempt_refuses_unknown_words(field: str) -> None:
    with pytest.raises(FactsError) as caught:
        attempt(**{field: "unheard-of"})

    assert caught.value.code == "facts.unknown_value"
    assert "unheard-of" not in str(caught.value)


@pytest.mark.parametrize("field", ["channel", "direction", "outcome", "party", "purpose"])
def test_past_contact_refuses_unknown_words(field: str) -> None:
    with pytest.raises(FactsError, match=field):
        past(AT, **{field: "unheard-of"})


def test_naive_times_are_refused() -> None:
    naive = AT.replace(tzinfo=None)
    for build in (lambda: attempt(at=naive), lambda: past(naive)):
        with pytest.raises(FactsError) as caught:
            build()
        assert caught.value.code == "facts.naive_datetime"
    with pytest.raises(FactsError):
        Consent(kind="inconvenient_time", given_at=naive, given_to="collector")
    with pytest.raises(FactsError):
        Consent(kind="inconvenient_time", given_at=AT, given_to="collector", valid_until=naive)


def test_history_after_the_attempt_is_refused() -> None:
    debtor = DebtorFacts(timezones=("Asia/Shanghai",))
    Scenario(pack="xx", debtor=debtor, attempt=attempt(), history=(past(AT),))
    with pytest.raises(FactsError) as caught:
        Scenario(pack="xx", debtor=debtor, attempt=attempt(), history=(past(AT + timedelta(microseconds=1)),))
    assert caught.value.code == "facts.history_after_attempt"


@pytest.mark.parametrize(("days", "start", "end"), [(set(), 0, 1), ({7}, 0, 1), ({0}, -1, 1), ({0}, 0, 86_401)])
def test_windows_that_cannot_be(days: set[int], start: int, end: int) -> None:
    with pytest.raises(FactsError):
        WeeklyWindow(days=frozenset(days), start_secs=start, end_secs=end)


@pytest.mark.parametrize(
    ("start", "end", "inside", "outside"),
    [
        (12, 14, [(2, 12, 0, 0), (2, 13, 59, 59)], [(2, 11, 59, 59), (2, 14, 0, 0), (3, 12, 30, 0)]),
        (20, 10, [(2, 20, 0, 0), (2, 23, 59, 59), (3, 0, 0, 0), (3, 9, 59, 59)], [(2, 9, 0, 0), (3, 10, 0, 0)]),
        (0, 24, [(2, 0, 0, 0), (2, 23, 59, 59)], [(1, 23, 59, 59), (3, 0, 0, 0)]),
        (9, 9, [(2, 9, 0, 0), (3, 8, 59, 59)], [(2, 8, 59, 59), (3, 9, 0, 0)]),
    ],
)
def test_window_edges(
    start: int, end: int, inside: list[tuple[int, int, int, int]], outside: list[tuple[int, int, int, int]]
) -> None:
    # 2026-06-01 is a Monday; the window starts on Wednesdays
    window = WeeklyWindow(days=frozenset({2}), start_secs=start * 3600, end_secs=end * 3600)

    def at(day: int, hour: int, minute: int, second: int) -> datetime:
        return datetime(2026, 6, 1 + day, hour, minute, second, tzinfo=UTC)

    assert all(window.covers(at(*clock)) for clock in inside)
    assert not any(window.covers(at(*clock)) for clock in outside)


def test_refused_channels_are_of_the_vocabulary() -> None:
    with pytest.raises(FactsError):
        Preferences(no_channels=frozenset({"fax"}))


def test_facts_digest_sees_facts_only() -> None:
    debtor = DebtorFacts(timezones=("Asia/Shanghai", "Asia/Tokyo"), birth_date=date(1990, 1, 1))
    one = Scenario(pack="xx", debtor=debtor, attempt=attempt(), history=(past(AT), past(AT - timedelta(hours=1))))
    same = Scenario(
        id="other",
        pack="xx",
        debtor=debtor,
        attempt=attempt(at=AT.astimezone()),
        history=(past(AT - timedelta(hours=1)), past(AT)),
    )
    turned = DebtorFacts(timezones=("Asia/Tokyo", "Asia/Shanghai"), birth_date=date(1990, 1, 1))

    assert facts_digest(one) == facts_digest(same)
    assert facts_digest(one) != facts_digest(Scenario(pack="xx", debtor=turned, attempt=attempt(), history=one.history))
    assert b"1990-01-01" in facts_bytes(one)
