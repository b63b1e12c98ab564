"""One broadcaster for all live pages (I/O): it listens to the database, reads what changed once, and tells everybody.

Fifty viewers cost the database nothing: they are fed from memory. Changes that arrive together are read together.
"""

import asyncio
import contextlib
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from outreach.db.database import Database
from outreach.db.live import LiveChange, listen
from outreach.web.live.feed import Feed
from outreach.web.live.queries import Reader
from outreach.web.live.render import Drawn, Painter, card_id
from outreach.web.live.views import CallView, Overview
from outreach.web.metrics import Metrics

GATHER_SECS = 0.12
OVERVIEW_SECS = 2.0
RETRY_SECS = 1.0
QUIET_KINDS = frozenset({"utterance", "partial", "finding", "suggestion", "disclosure"})
"""Changes inside a call: the lists beside the calls do not depend on them."""

_log = structlog.get_logger("fairline.web.live")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one refresh must read."""

    calls: frozenset[str]
    everything: bool
    overview: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one refresh read: the running calls in order, those read afresh, and the overview if it was due."""

    live: tuple[str, ...]
    calls: dict[str, CallView]
    overview: Overview | None


class LiveHub:
    """Keeps the drawn state of every running call and of the overview; publishes differences to the feed."""

    def __init__(self, *, database: Database, reader: Reader, painter: Painter, metrics: Metrics, epoch: str) -> None:
        self._database = database
        self._metrics = metrics
        self._reader = reader
        self._painter = painter
        self.feed = Feed(epoch)
        self._dirty: set[str] = set()
        self._all_dirty = True
        self._overview_dirty = True
        self._woken = asyncio.Event()
        self._cards: dict[str, dict[str, Drawn]] = {}
        self._parts: dict[str, Drawn] = {}
        self._alerts_seen: dict[str, set[int]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = asyncio.Event()

    @property
    def healthy(self) -> bool:
        """Both tasks are running."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def start(self) -> None:
        """Begin to listen; call once, inside the event loop."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._work())]

    async def stop(self) -> None:
        """End the streams and the tasks."""
        self.feed.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    def changed(self, change: LiveChange | None) -> None:
        """Note what must be read again; None is a heartbeat."""
        if change is None:
            self._overview_dirty = True
        elif change.kind == "resync":
            self._all_dirty = self._overview_dirty = True
        else:
            if change.call:
                self._dirty.add(change.call)
            self._overview_dirty = self._overview_dirty or change.kind not in QUIET_KINDS
        self._woken.set()

    async def _listen(self) -> None:
        async for change in listen(self._database.dsn):
            self.changed(change)

    async def _work(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), OVERVIEW_SECS)
            await asyncio.sleep(GATHER_SECS)
            self._woken.clear()
            self._overview_dirty = self._overview_dirty or self.feed.viewers > 0
            try:
                await self._refresh()
            except SQLAlchemyError as error:
                self._all_dirty = self._overview_dirty = True
                _log.warning("live_refresh_failed", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECS)

    async def _refresh(self) -> None:
        wanted = Wanted(calls=frozenset(self._dirty), everything=self._all_dirty, overview=self._overview_dirty)
        self._dirty, self._all_dirty, self._overview_dirty = set(), False, False
        if not (wanted.calls or wanted.everything or wanted.overview):
            return
        with self._metrics.refresh_secs.time():
            self._publish(await run_in_threadpool(self._read, wanted))
        self.ready.set()

    def _read(self, wanted: Wanted) -> Found:
        with self._database.session() as session:
            live = self._reader.live_sids(session)
            sids = live if wanted.everything else [s for s in live if s in wanted.calls or s not in self._cards]
            calls = self._reader.calls(session, sids)
            return Found(
                live=tuple(live), calls=calls, overview=self._reader.overview(session) if wanted.overview else None
            )

    def _publish(self, found: Found) -> None:
        for sid in [sid for sid in self._cards if sid not in found.live]:
            del self._cards[sid]
            self._alerts_seen.pop(sid, None)
            self._send(card_id(sid), None)
        for sid in found.live:
            if sid in found.calls:
                self._publish_call(found.calls[sid])
        if found.overview is not None:
            for name, drawn in self._painter.overview(found.overview).items():
                if self._parts.get(name) != drawn:
                    self._parts[name] = drawn
                    self._send(name, drawn)

    def _publish_call(self, call: CallView) -> None:
        parts = self._painter.call(call)
        known = self._cards.get(call.sid)
        self._cards[call.sid] = parts
        announce = self._announcement(call)
        if known is None:
            self._send(card_id(call.sid), self._painter.card(call), parent="calls", announce=announce)
            return
        for target, drawn in parts.items():
            if known.get(target) != drawn:
                self._send(target, drawn, announce=announce)
                announce = None

    def _announcement(self, call: CallView) -> Drawn | None:
        """Words for a screen reader when an alert is new; the page itself shows it in colour and text."""
        seen = self._alerts_seen.setdefault(call.sid, set())
        fresh = [alert for alert in call.alerts if alert.id not in seen]
        seen |= {alert.id for alert in fresh}
        return fresh[-1].text if fresh else None

    def _send(
        self, target: str, html: Drawn | None, *, parent: str | None = None, announce: Drawn | None = None
    ) -> None:
        self.feed.publish(target, html, parent=parent, announce=announce)
        self._metrics.events.inc()
