"""Periods of a value as numbers for a small plot: where each begins and ends on a common axis (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from policy.telling.coverage import Item, periods_of

WIDTH = 1000
"""Units from the first to the last day of the axis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A stretch of the axis, `x` and `width` in units; `state`: now, past, later or gap."""

    x: float
    width: float
    state: str
    start: date
    end: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """Days from `start` to `end` on `WIDTH` units; `day` is the one looked at."""

    start: date
    end: date
    day: date

    def x(self, day: date) -> float:
        """Where a day lies, within the axis."""
        share = (day - self.start).days / max(1, (self.end - self.start).days)
        return round(min(1.0, max(0.0, share)) * WIDTH, 1)

    def years(self) -> tuple[tuple[int, float], ...]:
        """First days of years with their place; every second or fifth year where there are many."""
        span = self.end.year - self.start.year
        step = 1 if span <= 10 else 2 if span <= 20 else 5
        years = range(self.start.year + 1, self.end.year + 1)
        return tuple((year, self.x(date(year, 1, 1))) for year in years if year % step == 0)

    def bars(self, item: Item) -> tuple[Bar, ...]:
        """The periods of an item, and the gaps between them."""
        periods = periods_of(item)
        found = [self._bar(period.start, period.end, self._state(period.start, period.end)) for period in periods]
        for earlier, later in pairwise(periods):
            if earlier.end is not None and earlier.end < later.start:
                found.append(self._bar(earlier.end, later.start, "gap"))
        return tuple(sorted(found, key=lambda bar: bar.start))

    def _state(self, start: date, end: date | None) -> str:
        if self.day < start:
            return "later"
        return "now" if end is None or self.day < end else "past"

    def _bar(self, start: date, end: date | None, state: str) -> Bar:
        left = self.x(start)
        right = WIDTH if end is None else self.x(end)
        return Bar(x=left, width=round(max(4.0, right - left), 1), state=state, start=start, end=end)


def axis_of(items: Iterable[Item], first: date, day: date) -> Axis:
    """One axis for all items of a pack: from its first day to a year after the last change or the day looked at."""
    days = [day, first]
    for item in items:
        for period in periods_of(item):
            days.extend(found for found in (period.start, period.end) if found is not None)
    last = max(days)
    return Axis(start=min(first, day), end=date(last.year + 1, last.month, 1), day=day)


def told(bars: Iterable[Bar], unknown: str) -> str:
    """The plot in words, for those who do not see it."""
    parts: list[Any] = []
    for bar in bars:
        span = f"{bar.start.isoformat()} – {bar.end.isoformat() if bar.end else '…'}"
        parts.append(f"{span} ({unknown})" if bar.state == "gap" else span)
    return "; ".join(parts)
