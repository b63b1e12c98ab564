"""The one place that reads the wall clock (I/O).

Everything else receives `now`. The demo runs on a shifted clock, so that it works at any hour of the real day
and says which instant it starts from.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where `now` comes from: an aware datetime in UTC."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def outside(self, instant: datetime) -> datetime:
        """The same moment as everybody else's clocks show it: for questions to a carrier."""
        ...


@dataclass(frozen=True, kw_only=True)
class SystemClock:
    """The machine's clock moved by `offset` (zero in production)."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The machine's instant plus the offset."""
        return datetime.now(UTC) + self.offset

    def outside(self, instant: datetime) -> datetime:
        """The instant without the offset."""
        return instant - self.offset


@dataclass
class ManualClock:
    """A clock that stands still until it is moved: for tests and replays."""

    instant: datetime

    def now(self) -> datetime:
        """The instant last set."""
        return self.instant

    def outside(self, instant: datetime) -> datetime:
        """The instant itself."""
        return instant

    def advance(self, *, secs: float) -> None:
        """Move forward by `secs` seconds."""
        self.instant += timedelta(seconds=secs)
