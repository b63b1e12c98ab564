"""Looks four times a second whether recognition keeps up; lets the floor give something up or take it back (I/O)."""

import asyncio
from dataclasses import dataclass

from outreach.worker.floor import Floor

EVERY_SECS = 0.25


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """The pace loop of one worker."""

    floor: Floor

    async def run(self, stop: asyncio.Event) -> None:
        """Keep pace until `stop` is set."""
        while not stop.is_set():
            await self.floor.keep_pace()
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECS)
            except TimeoutError:
                continue
