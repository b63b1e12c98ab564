"""How much of each call is heard live, from what recognition can do: the ladder of `speech.ladder` over calls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from speech.ladder import Effort, Ladder, LadderOptions


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The rung all calls stand on, and the calls put off until they are over, the first put off first."""

    ladder: Ladder = field(default_factory=Ladder)
    deferred: tuple[str, ...] = ()
    options: LadderOptions = field(default_factory=LadderOptions)

    @property
    def behind(self) -> bool:
        """Something has been given up: no new call may be placed."""
        return self.ladder.rung > 0

    def effort(self, call: str) -> Effort:
        """What is done for one call."""
        return Effort.DEFERRED if call in self.deferred else self.ladder.effort

    def after(self, queue_secs: float, backlogs: Mapping[str, float], now: float) -> Pace:
        """The pace after a reading at `now` (seconds of any steady clock).

        `queue_secs` is how long the oldest request waits, `backlogs` the seconds of sound of each call that have not
        been worked on; those of calls put off are expected to grow and do not count. The call furthest behind is put
        off first, the one put off first comes back first.
        """
        deferred = tuple(call for call in self.deferred if call in backlogs)
        heard = {call: secs for call, secs in backlogs.items() if call not in deferred}
        ladder = replace(self.ladder, rung=min(self.ladder.rung, Effort.FINALS_ONLY + len(deferred)))
        ladder = ladder.after(max((queue_secs, *heard.values())), now, calls=len(backlogs), options=self.options)
        if ladder.deferred > len(deferred):
            deferred += (max(heard, key=lambda call: heard[call]),)
        return replace(self, ladder=ladder, deferred=deferred[len(deferred) - ladder.deferred :])
