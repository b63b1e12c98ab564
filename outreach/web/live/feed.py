"""The feed's memory: numbered events, a bounded past, bounded viewers. No I/O.

An event id is `<epoch>-<number>`. A viewer who comes back with the id last seen gets what was missed, or is told to
start over when that lies too far back or belongs to an earlier run of the server.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from outreach.errors import NotAvailableError

KEPT_EVENTS = 2000
MAX_VIEWERS = 300
MAX_BACKLOG = 400


@dataclass(frozen=True, kw_only=True)
class FeedEvent:
    """One change. `target`: an element id; `html` replaces it (None removes it); `parent` takes a new element."""

    number: int
    target: str
    html: Mapping[str, str] | None
    parent: str | None = None
    announce: Mapping[str, str] | None = None

    def data(self, lang: str) -> str:
        """The JSON a viewer in `lang` receives."""
        fields: dict[str, str | None] = {"target": self.target, "html": self.html[lang] if self.html else None}
        if self.parent is not None:
            fields["parent"] = self.parent
        if self.announce is not None:
            fields["announce"] = self.announce[lang]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class Viewer:
    """One open page: what it has not been sent yet. `lost` says that it fell behind and must start over."""

    def __init__(self) -> None:
        self._waiting: deque[FeedEvent] = deque()
        self._wake = asyncio.Event()
        self.lost = False
        self.closed = False

    def offer(self, event: FeedEvent) -> None:
        """Queue an event; a viewer that falls too far behind loses its queue and starts over."""
        if len(self._waiting) >= MAX_BACKLOG:
            self._waiting.clear()
            self.lost = True
        else:
            self._waiting.append(event)
        self._wake.set()

    def close(self) -> None:
        """The server stops: let the stream end."""
        self.closed = True
        self._wake.set()

    async def take(self, timeout_secs: float) -> list[FeedEvent]:
        """Everything waiting, or nothing after `timeout_secs` of silence."""
        if not self._waiting and not self.lost and not self.closed:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), timeout_secs)
            except TimeoutError:
                return []
        events = list(self._waiting)
        self._waiting.clear()
        return events


class Feed:
    """Numbers events and hands them to every viewer; keeps the latest for those who come back."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self._kept: deque[FeedEvent] = deque(maxlen=KEPT_EVENTS)
        self._number = 0
        self._viewers: set[Viewer] = set()

    @property
    def viewers(self) -> int:
        """How many pages are open."""
        return len(self._viewers)

    @property
    def last_id(self) -> str:
        """The id of the newest event."""
        return f"{self.epoch}-{self._number}"

    def event_id(self, event: FeedEvent) -> str:
        """The id a viewer can come back with."""
        return f"{self.epoch}-{event.number}"

    def publish(
        self,
        target: str,
        html: Mapping[str, str] | None,
        *,
        parent: str | None = None,
        announce: Mapping[str, str] | None = None,
    ) -> None:
        """Number an event, keep it, hand it to every viewer."""
        self._number += 1
        event = FeedEvent(number=self._number, target=target, html=html, parent=parent, announce=announce)
        self._kept.append(event)
        for viewer in self._viewers:
            viewer.offer(event)

    def join(self, last_id: str | None) -> Viewer:
        """A new viewer who has seen all up to `last_id`. NotAvailableError missing.feed when the house is full."""
        if len(self._viewers) >= MAX_VIEWERS:
            raise NotAvailableError(
                "missing.feed", f"{MAX_VIEWERS} live pages are open already", hint="close one and reload this page"
            )
        viewer = Viewer()
        missed = self._missed(last_id)
        if missed is None:
            viewer.lost = True
        else:
            for event in missed:
                viewer.offer(event)
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The page was closed."""
        self._viewers.discard(viewer)

    def close(self) -> None:
        """Let every stream end."""
        for viewer in self._viewers:
            viewer.close()

    def _missed(self, last_id: str | None) -> list[FeedEvent] | None:
        epoch, _, number = (last_id or "").rpartition("-")
        if epoch != self.epoch or not number.isdigit():
            return None
        seen = int(number)
        oldest = self._kept[0].number if self._kept else self._number + 1
        if seen > self._number or seen < oldest - 1:
            return None
        return [event for event in self._kept if event.number > seen]
