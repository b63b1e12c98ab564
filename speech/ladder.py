"""What is given up when recognition falls behind, and when it comes back: a ladder with hysteresis. Pure.

    rung 0  nothing: partial texts every hop
    rung 1  LONGER_HOPS: partial texts half as often
    rung 2  FINALS_ONLY: no partial texts, whole utterances only
    rung 3  DEFERRED for one call: its audio is only stored, and heard after the call
    rung 4  DEFERRED for two calls, and so on

The lag is the worst of how long a request waits and how much sound of a call has not been worked on. Down the ladder it
goes when the lag exceeds the limit of the next rung, one rung at a time and not before the last one had time to help;
back up when the lag has been small for a while. Between the two limits everything stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Effort(IntEnum):
    """How much is done for one call. The names, in lower case, are those on record."""

    FULL = 0
    LONGER_HOPS = 1
    FINALS_ONLY = 2
    DEFERRED = 3

    @property
    def step(self) -> str:
        """The name on record; a call that gets everything again has its `partials` back."""
        return "partials" if self is Effort.FULL else self.name.lower()


@dataclass(frozen=True, kw_only=True)
class LadderOptions:
    """A rung is taken when the lag exceeds its limit (the last also for each further call) for `settle_secs`
    after the rung before; it is left after `calm_secs` with a lag below `calm_lag_secs`.
    """

    limits_secs: tuple[float, float, float] = (1.0, 2.0, 6.0)
    settle_secs: float = 1.0
    calm_lag_secs: float = 0.6
    calm_secs: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.calm_lag_secs < self.limits_secs[0] <= self.limits_secs[1] <= self.limits_secs[2]:
            raise ValueError(
                f"0 < calm_lag_secs < limits_secs, which may not fall, must hold; "
                f"found {self.calm_lag_secs} and {self.limits_secs}"
            )
        if self.settle_secs < 0 or self.calm_secs <= 0:
            raise ValueError("settle_secs must be at least 0 and calm_secs more than 0")


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Where on the ladder recognition stands. Times are seconds of any steady clock.

    `since` is when the rung was reached, `calm_since` the first reading of an unbroken run of small lags.
    """

    rung: int = 0
    since: float = float("-inf")
    calm_since: float | None = None

    @property
    def effort(self) -> Effort:
        """What is done for a call that is not deferred."""
        return Effort(min(self.rung, Effort.FINALS_ONLY))

    @property
    def deferred(self) -> int:
        """How many calls are deferred."""
        return max(0, self.rung - Effort.FINALS_ONLY)

    def after(self, lag_secs: float, now: float, *, calls: int, options: LadderOptions) -> Ladder:
        """Where it stands after a reading at `now`, with `calls` being heard: the same rung, or one more or less.

        A rung that no longer has its calls, because they ended, is left at once.
        """
        highest = Effort.FINALS_ONLY + calls
        if self.rung > highest:
            return Ladder(rung=highest, since=now)
        calm = lag_secs < options.calm_lag_secs
        state = replace(self, calm_since=(now if self.calm_since is None else self.calm_since) if calm else None)
        limit = options.limits_secs[min(self.rung, len(options.limits_secs) - 1)]
        if lag_secs > limit and self.rung < highest and now - self.since >= options.settle_secs:
            return Ladder(rung=self.rung + 1, since=now)
        calm_secs = 0.0 if state.calm_since is None else now - max(state.calm_since, self.since)
        if self.rung and calm_secs >= options.calm_secs:
            return Ladder(rung=self.rung - 1, since=now, calm_since=now)
        return state
