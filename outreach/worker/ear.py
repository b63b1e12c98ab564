"""One call, heard while it is spoken (I/O: threads, disk, database).

media frames -> spool on disk -> two track streams -> monitor session -> rows, facts in force, alerts.
Frames are written to disk before anything looks at them; what a stream has no room for waits there. Recognition,
language work and the database run in threads, so that the event loop that receives media never waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

import structlog

from outreach.clock import Clock
from outreach.monitor.context import CallEnding
from outreach.monitor.effects import MonitorEffect
from outreach.monitor.session import MonitorSession
from outreach.telephony.events import Track
from outreach.worker.intake import Intake
from outreach.worker.spool import Spool
from speech.ladder import Effort
from speech.pool import StreamPool
from speech.stream import TrackStream
from speech.types import SpeechEvent

HOP_SECS = 0.1
"""How often what was fed is worked on."""

log = structlog.get_logger(__name__)
Apply = Callable[[Sequence[MonitorEffect]], None]
Degrade = Callable[[str, str], None]


@dataclass(frozen=True, kw_only=True)
class EarParts:
    """What an ear is made of. `apply` stores effects, `degrade` records a step, `end_call` hangs up: all in threads."""

    call_sid: str
    session: MonitorSession
    streams: dict[Track, TrackStream]
    spool: Spool
    pool: StreamPool
    clock: Clock
    apply: Apply
    degrade: Degrade
    end_call: Callable[[], None]
    base_ms: int = 0


def in_order(tracks: Iterable[Iterable[SpeechEvent]]) -> list[SpeechEvent]:
    """Events of several tracks by time; those of one track stay in the order in which they were said.

    A partial text reaches to the sound of now, the final text after it only to the end of the speech: by their ends
    alone the two would change places, and a sentence that is over would begin again.
    """
    return [event for _, event in merge(*map(_by_time, tracks), key=lambda item: item[0])]


def _by_time(events: Iterable[SpeechEvent]) -> Iterator[tuple[float, SpeechEvent]]:
    latest = float("-inf")
    for event in events:
        latest = max(latest, event.end)
        yield latest, event


class Ear:
    """Hears one call from its first frame to its summary. Lives on the event loop that made it."""

    def __init__(self, parts: EarParts) -> None:
        self._parts = parts
        self._intake = Intake(parts.spool, parts.streams, base_ms=parts.base_ms)
        self.feed = self._intake.take
        """Take one frame: (frame, origin_ms), see `Intake.take`; no detour, a hundred come a second."""
        self._connections = 0
        self._deaf = False
        self._effort = Effort.FULL
        self._comes_back = False
        self._ended = asyncio.Event()
        self._silent = asyncio.Event()
        self._task = asyncio.create_task(self._listen(), name=f"ear {parts.call_sid}")

    @property
    def call_sid(self) -> str:
        """The call that is heard."""
        return self._parts.call_sid

    @property
    def backlog_secs(self) -> float:
        """Audio received and not yet recognised, the worse of both tracks."""
        return 0.0 if self._comes_back else self._intake.backlog_secs

    @property
    def connected(self) -> bool:
        """A media connection is open and somebody listens to it."""
        return self._connections > 0 and not self._deaf

    def attach(self) -> None:
        """A media connection for this call was opened."""
        self._connections += 1
        self._silent.clear()

    def detach(self) -> None:
        """A media connection was closed."""
        self._connections -= 1
        if self._connections <= 0:
            self._silent.set()

    async def take_effort(self, effort: Effort, reason: str) -> None:
        """From now on do so much for this call; a change is recorded on it with its reason.

        A deferred call is only stored. When it is heard again what was left out stays out: the streams tell a gap.
        """
        before = self._effort
        if effort is before:
            return
        log.warning("recognition.degrade", call=self.call_sid, step=effort.step, reason=reason)
        await asyncio.to_thread(self._parts.degrade, effort.step, reason)
        for stream in self._parts.streams.values():
            stream.effort = effort
        self._comes_back = effort is not Effort.DEFERRED and (self._comes_back or before is Effort.DEFERRED)
        self._effort = effort

    async def wait_silent(self, timeout_secs: float) -> bool:
        """Wait until no media connection is open; False after `timeout_secs`."""
        try:
            await asyncio.wait_for(self._silent.wait(), timeout_secs)
        except TimeoutError:
            return False
        return True

    async def finish(self, ending: CallEnding) -> None:
        """The call is over: work off what is left, close the utterances, summarise."""
        self._ended.set()
        await self._task
        try:
            if not self._deaf:
                await self._flush_or_tell()
            await asyncio.to_thread(self._conclude, ending)
        finally:
            self._intake.close()

    async def abandon(self) -> None:
        """Stop hearing without a summary (the worker is shutting down); what was heard is stored already."""
        self._ended.set()
        await self._task
        self._intake.close()

    async def _listen(self) -> None:
        """Hear until the end. A call that can no longer be heard is ended: none goes on unmonitored."""
        try:
            await asyncio.to_thread(self._apply, self._parts.session.start())
            while not self._ended.is_set():
                try:
                    await asyncio.wait_for(self._ended.wait(), HOP_SECS)
                except TimeoutError:
                    await self._step()
            await self._step()
        except Exception:
            self._deaf = True
            log.exception("ear.failed", call=self.call_sid)
            await asyncio.to_thread(self._parts.end_call)
            await asyncio.to_thread(self._parts.degrade, "unheard", "hearing failed; the call was ended")

    async def _flush_or_tell(self) -> None:
        """An end that could not be heard is recorded, so that it is heard again; the summary is made all the same."""
        try:
            await self._flush()
        except Exception:
            log.exception("ear.end_not_heard", call=self.call_sid)
            await asyncio.to_thread(self._parts.degrade, "unheard", "the end of the call could not be heard")

    async def _flush(self) -> None:
        self._intake.settle(last=True)
        while self._intake.waiting and self._effort is not Effort.DEFERRED:
            await self._step()
        if self._effort is Effort.DEFERRED:
            await self._leave_out()  # all of it is heard after the call
        await self._work(self._parts.pool.flush)

    async def _step(self) -> None:
        self._intake.settle()
        if self._effort is Effort.DEFERRED:
            return
        if self._comes_back:
            await self._leave_out()
        await self._work(self._parts.pool.advance)

    async def _leave_out(self) -> None:
        """Begin with the sound of now: what came while the call was put off is on disk."""
        self._intake.skip()
        for stream in self._parts.streams.values():
            await self._parts.pool.leave_out(stream)
        self._comes_back = False

    async def _work(self, work: Callable[[TrackStream], Awaitable[list[SpeechEvent]]]) -> None:
        """Both tracks at once, each in a thread of its own; what they say is taken in together."""
        found = await asyncio.gather(*(work(stream) for stream in self._parts.streams.values()))
        events = in_order(found)
        if events:
            await asyncio.to_thread(self._hear, events)

    def _hear(self, events: Sequence[SpeechEvent]) -> None:
        effects: list[MonitorEffect] = []
        for event in events:
            effects += self._parts.session.on_speech_event(event, self._parts.clock.now())
        self._apply(effects)

    def _conclude(self, ending: CallEnding) -> None:
        self._apply(self._parts.session.end(ending))

    def _apply(self, effects: Sequence[MonitorEffect]) -> None:
        if effects:
            self._parts.apply(effects)
