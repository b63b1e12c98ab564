"""The carrier's clock (I/O): one 20 ms tick drives every call, timer and stream, at any pace.

Deadlines are absolute (start + n x 20 ms / pace), so sleeping late never adds up to drift; after a stall the missed
ticks are made up at once. Timers count the same ticks, so at pace 20 a ring of two seconds takes a tenth of one.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from itertools import count

from outreach.telephony.localcarrier.sound import FRAMES_PER_SEC

_CATCH_UP_SECS = 2.0


class Ticker:
    """Counts ticks while anything wants them and rests otherwise."""

    def __init__(self, pace: float) -> None:
        self._period_secs = 0.0 if pace == 0 else 1 / (FRAMES_PER_SEC * pace)
        self._in_step = pace == 1
        self._listeners: list[Callable[[int], None]] = []
        self._brakes: list[Callable[[], Awaitable[None]]] = []
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._wake = asyncio.Event()
        self.tick = 0
        self.late_ticks = 0

    def join(self, listener: Callable[[int], None], brake: Callable[[], Awaitable[None]]) -> None:
        """Call `listener` each tick. At another pace than real time `brake` may hold the next tick back."""
        self._listeners.append(listener)
        self._brakes.append(brake)
        self._wake.set()

    def leave(self, listener: Callable[[int], None], brake: Callable[[], Awaitable[None]]) -> None:
        """Stop calling."""
        self._listeners.remove(listener)
        self._brakes.remove(brake)

    async def sleep(self, secs: float) -> None:
        """Sleep in the carrier's time."""
        due = self.tick + round(secs * FRAMES_PER_SEC)
        if due <= self.tick:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due, next(self._order), future))
        self._wake.set()
        await future

    async def run(self) -> None:
        """Tick until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._listeners and not self._sleepers:
                self._wake.clear()
                await self._wake.wait()
            base, first = loop.time(), self.tick
            while self._listeners or self._sleepers:
                behind_secs = loop.time() - (base + (self.tick + 1 - first) * self._period_secs)
                if self._period_secs and behind_secs > _CATCH_UP_SECS:
                    self.late_ticks += 1
                    base, first = loop.time(), self.tick
                await asyncio.sleep(max(0.0, -behind_secs))
                self._advance()
                if not self._in_step:
                    for brake in tuple(self._brakes):
                        await brake()

    def _advance(self) -> None:
        self.tick += 1
        while self._sleepers and self._sleepers[0][0] <= self.tick:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
        for listener in tuple(self._listeners):
            listener(self.tick)
