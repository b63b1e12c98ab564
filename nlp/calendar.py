"""Days named in speech, counted from the day of the call. Weeks start on Monday; see `resolve_*` for each form."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# First day of the lunar year and the mid-autumn day (published calendars; the sky does not fit a short formula).
LUNAR_NEW_YEAR: Final[dict[int, date]] = {
    day.year: day
    for day in (
        date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
        date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
    )
}  # fmt: skip
MID_AUTUMN: Final[dict[int, date]] = {
    day.year: day
    for day in (
        date(2024, 9, 17), date(2025, 10, 6), date(2026, 9, 25), date(2027, 9, 15), date(2028, 10, 3),
        date(2029, 9, 22), date(2030, 9, 12),
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NamedDay:
    """A day named at the half-open range [start, end) of a view's text; `day` is None when it cannot be resolved."""

    start: int
    end: int
    day: date | None


def next_weekday(reference: date, weekday: int) -> date:
    """The next such weekday after the reference day (Monday is 0)."""
    return reference + timedelta(days=(weekday - reference.weekday() - 1) % 7 + 1)


def weekday_in_week(reference: date, weekday: int, weeks_ahead: int) -> date:
    """That weekday of the calendar week `weeks_ahead` weeks after the current one."""
    return reference + timedelta(days=weekday - reference.weekday() + 7 * weeks_ahead)


def month_end(reference: date, months_ahead: int = 0) -> date:
    """Last day of the month `months_ahead` months after the current one."""
    first = shift_month(reference, months_ahead)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def shift_month(reference: date, months: int) -> date:
    """First day of the month that many months away."""
    number = reference.year * 12 + reference.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def day_of_month(reference: date, day: int) -> date | None:
    """The next such day of a month, on or after the reference date; None for a day no month has."""
    for months in range(13):
        first = shift_month(reference, months)
        if 1 <= day <= calendar.monthrange(first.year, first.month)[1]:
            found = first.replace(day=day)
            if found >= reference:
                return found
    return None


def day_in_month(reference: date, months_ahead: int, day: int) -> date | None:
    """That day of the month `months_ahead` months away, or None when the month is shorter."""
    first = shift_month(reference, months_ahead)
    return first.replace(day=day) if 1 <= day <= calendar.monthrange(first.year, first.month)[1] else None


def month_and_day(reference: date, month: int, day: int) -> date | None:
    """The next such calendar day, on or after the reference date; None when there is none (30 February)."""
    for year in range(reference.year, reference.year + 5):
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            found = date(year, month, day)
            if found >= reference:
                return found
    return None


def plus_months(reference: date, months: int) -> date:
    """The same day that many months later, or the last day of a shorter month."""
    first = shift_month(reference, months)
    return first.replace(day=min(reference.day, calendar.monthrange(first.year, first.month)[1]))


def lunar_new_year_eve(reference: date) -> date | None:
    """The next lunar New Year's Eve, on or after the reference date; None beyond the table."""
    eves = [day - timedelta(days=1) for day in LUNAR_NEW_YEAR.values()]
    return next((day for day in eves if day >= reference), None)


def next_of(reference: date, table: dict[int, date]) -> date | None:
    """The next day of a table on or after the reference date; None beyond the table."""
    return next((day for day in table.values() if day >= reference), None)
