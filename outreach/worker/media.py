"""Media streams in (I/O): one WebSocket connection is one stream of one call.

The way of a packet, a hundred times a second for every call: parse the message (`MediaDecoder`), add its bytes to the
track's buffer (`Intake`, `Lane`); once in 200 ms a buffer is written, hashed and decoded to samples in one piece.

A stream must bring the one-time token of its attempt; anything malformed closes the connection, and `Lines` then opens
the stream anew or ends the call, because no call goes on unmonitored.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from fastapi import APIRouter, WebSocket

from outreach.errors import FairlineError, MediaError
from outreach.telephony.events import MediaFrame, MediaStarted, MediaStopped
from outreach.telephony.port import MediaDecoder
from outreach.worker.lane import RATE_HZ

POLICY_VIOLATION = 1008
log = structlog.get_logger(__name__)
Lost = Callable[[str], Awaitable[None]]


class Listener(Protocol):
    """What a call's audio is given to: `outreach.worker.ear.Ear`."""

    @property
    def call_sid(self) -> str:
        """The call."""
        ...

    def attach(self) -> None:
        """A connection for this call was opened."""
        ...

    def detach(self) -> None:
        """A connection was closed."""
        ...

    def feed(self, frame: MediaFrame, *, origin_ms: int) -> None:
        """Take one frame; `origin_ms` is where its connection began on the call's clock."""
        ...


class Opens(Protocol):
    """Who knows the call of a stream that begins: `outreach.worker.floor.Floor`."""

    async def open(self, started: MediaStarted) -> tuple[Listener, int]:
        """Its listener, and the stream's start on the call's clock in milliseconds. Raises WebhookError."""
        ...


class Connection:
    """One media connection: which call it belongs to and where its clock began."""

    def __init__(self, floor: Opens, decoder: MediaDecoder) -> None:
        self._floor = floor
        self._decoder = decoder
        self._ear: Listener | None = None
        self._origin_ms = 0
        self.stopped = False

    @property
    def call_sid(self) -> str | None:
        """The call, once the stream has said which."""
        return self._ear.call_sid if self._ear else None

    async def take(self, message: str | bytes) -> None:
        """One message; raises WebhookError or MediaError for a stream that cannot be trusted or read."""
        for event in self._decoder.decode(message):
            if isinstance(event, MediaFrame) and self._ear is not None:
                self._ear.feed(event, origin_ms=self._origin_ms)
            elif isinstance(event, MediaStarted):
                if event.rate_hz != RATE_HZ:
                    found = f"the stream has {event.rate_hz} Hz"
                    raise MediaError("media.unsupported", f"calls are heard and kept at {RATE_HZ} Hz; {found}")
                self._ear, self._origin_ms = await self._floor.open(event)
                self._ear.attach()
            elif isinstance(event, MediaStopped):
                self.stopped = True

    def close(self) -> None:
        """The connection is gone."""
        if self._ear is not None:
            self._ear.detach()


def media_router(path: str, floor: Opens, new_decoder: Callable[[], MediaDecoder], lost: Lost) -> APIRouter:
    """The endpoint at `path`. `lost` is told the call whose stream broke off without saying that it stops."""
    router = APIRouter()

    @router.websocket(path)
    async def media(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(floor, new_decoder())
        try:
            while (message := await socket.receive())["type"] != "websocket.disconnect":
                await connection.take(message.get("text") or message.get("bytes") or b"")
        except FairlineError as error:
            log.warning("media.refused", code=error.code, call=connection.call_sid)
            await socket.close(POLICY_VIOLATION, error.code)
        finally:
            connection.close()
        if connection.call_sid is not None and not connection.stopped:
            await lost(connection.call_sid)

    return router
