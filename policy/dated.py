"""Values that hold from one day until another.

Asking a dated value for a day gives one of four answers, and the three that are not a value are different facts about
the law:
*not yet in force* (the provision starts later), *repealed* (it has ended) and *unknown* (the rulebook does not say: a
gap).
Days are half open: `start` is the first day in force, `end` the first day no longer in force.
"""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce(Generic[T]):
    """The value that holds on the day asked for, and until when it is known to hold."""

    value: T
    start: date
    end: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotYetInForce:
    """The provision exists but starts only on `starts`."""

    starts: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Repealed:
    """The provision ended: `ended` is the first day on which it no longer held."""

    ended: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """The rulebook is silent on that day although it speaks before and after."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period(Generic[T]):
    """`value` holds on every day d with start <= d < end (end None: no end known)."""

    start: date
    end: date | None
    value: T

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError("a period must end after it starts")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """Periods in order of start, none overlapping. Raises ValueError when they overlap or there are none."""

    periods: tuple[Period[T], ...]

    def __post_init__(self) -> None:
        if not self.periods:
            raise ValueError("a dated value needs at least one period")
        for earlier, later in zip(self.periods, self.periods[1:], strict=False):
            if earlier.end is None or earlier.end > later.start:
                raise ValueError("periods overlap or are out of order")

    def on(self, day: date) -> InForce[T] | NotYetInForce | Repealed | Unknown:
        """The answer for one day."""
        if day < self.periods[0].start:
            return NotYetInForce(starts=self.periods[0].start)
        for period in self.periods:
            if period.start <= day and (period.end is None or day < period.end):
                return InForce(value=period.value, start=period.start, end=period.end)
        last_end = self.periods[-1].end
        if last_end is not None and day >= last_end:
            return Repealed(ended=last_end)
        return Unknown()
