"""Clocks that jump, repeat and skip days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policy.zones import CLOCK_DATA, find_zone, next_reading, start_of_day, transitions


def zone(name: str) -> ZoneInfo:
    """A zone that must exist."""
    found = find_zone(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["", "Asia", "Asia/Nowhere", "../etc/passwd", "/etc/passwd", "asia/shanghai", "zones"])
def test_names_that_are_no_zone(name: str) -> None:
    assert find_zone(name) is None


def test_database_version_is_known() -> None:
    assert CLOCK_DATA[:4].isdigit()
    assert zone("Asia/Shanghai").key == "Asia/Shanghai"


def test_transitions_are_exact() -> None:
    assert transitions(zone("America/New_York"), date(2026, 3, 8)) == (datetime(2026, 3, 8, 7, tzinfo=UTC),)
    assert transitions(zone("America/New_York"), date(2026, 11, 1)) == (datetime(2026, 11, 1, 6, tzinfo=UTC),)
    assert transitions(zone("Asia/Shanghai"), date(2026, 3, 8)) == ()


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("Asia/Shanghai", date(2026, 6, 10), datetime(2026, 6, 9, 16, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),  # midnight does not exist: 01:00
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # midnight occurs twice
        ("America/Toronto", date(1919, 3, 31), datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),  # 23:30 became 00:30
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the day was skipped
    ],
)
def test_start_of_day(name: str, day: date, expected: datetime) -> None:
    start = start_of_day(zone(name), day)

    assert start == expected
    assert start.astimezone(zone(name)).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(zone(name)).date() < day


def test_next_reading_finds_both_occurrences_and_the_jump() -> None:
    newyork = zone("America/New_York")
    half_past_one = (3600 + 1800,)
    found = [datetime(2026, 11, 1, 4, tzinfo=UTC)]
    for _ in range(3):
        found.append(next_reading(newyork, found[-1], half_past_one))

    assert found[1:] == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # 01:30 daylight time
        datetime(2026, 11, 1, 6, 0, tzinfo=UTC),  # the clock is put back
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # 01:30 standard time
    ]


def test_next_reading_in_the_missing_hour_is_the_jump() -> None:
    after = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)

    assert next_reading(zone("America/New_York"), after, (2 * 3600 + 1800,)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_next_reading_needs_marks() -> None:
    with pytest.raises(ValueError, match="wall_secs"):
        next_reading(zone("Asia/Shanghai"), datetime(2026, 6, 1, tzinfo=UTC), ())
