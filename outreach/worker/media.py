"""Media streams in (I/O): one WebSocket connection is one stream of one call.

The way of a packet, a hundred times a second for every call: parse the message (`MediaDecoder`), add its bytes to the
track's buffer (`Intake`, `Lane`); once in 200 ms a buffer is written, hashed and decoded to samples in one piece.

A stream must bring the one-time token of its attempt; anything malformed closes the connection, and `Lines` then opens
the stream anew or ends the call, because no call goes on unmonitored.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog
from fastapi import APIRouter, WebSocket

from outreach.errors import FairlineError, MediaError
from outreach.telephony.events import Encoding, MediaFrame, MediaStarted, MediaStopped
from outreach.telephony.port import MediaDecoder
from outreach.worker.lane import RATE_HZ
from speech.codec import decode, encode

POLICY_VIOLATION = 1008
log = structlog.get_logger(__name__)
Lost = Callable[[str], Awaitable[None]]


Feed = Callable[[MediaFrame, int], None]


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

    @property
    def feed(self) -> Feed:
        """Takes one frame of mu-law and where its connection began on the call's clock, in milliseconds."""
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
        self._feed: Feed | None = None
        self.stopped = False

    @property
    def call_sid(self) -> str | None:
        """The call, once the stream has said which."""
        return self._ear.call_sid if self._ear else None

    def take(self, message: str | bytes) -> MediaStarted | None:
        """One message; answers the start of the stream, which is to be given to `begin` before the next message.

        Raises MediaError for a stream that cannot be read or stored.
        """
        started = None
        for event in self._decoder.decode(message):
            if isinstance(event, MediaFrame):
                if self._feed is not None:
                    self._feed(event, self._origin_ms)
            elif isinstance(event, MediaStarted):
                started = event
            elif isinstance(event, MediaStopped):
                self.stopped = True
        return started

    async def begin(self, started: MediaStarted) -> None:
        """Find the call of the stream. Raises WebhookError for one that cannot be trusted, MediaError."""
        if started.rate_hz != RATE_HZ:
            message = f"calls are heard and kept at {RATE_HZ} Hz; the stream has {started.rate_hz} Hz"
            raise MediaError("media.unsupported", message)
        self._ear, self._origin_ms = await self._floor.open(started)
        self._feed = _from_linear(self._ear.feed) if started.encoding is Encoding.L16 else self._ear.feed
        self._ear.attach()

    def close(self) -> None:
        """The connection is gone."""
        if self._ear is not None:
            self._ear.detach()


def _from_linear(feed: Feed) -> Feed:
    """Frames of 16-bit audio, fed as the spool keeps them."""

    def convert(frame: MediaFrame, origin_ms: int) -> None:
        feed(msgspec.structs.replace(frame, payload=encode(decode(frame.payload, "l16"), "mulaw")), origin_ms)

    return convert


def media_router(path: str, floor: Opens, new_decoder: Callable[[], MediaDecoder], lost: Lost) -> APIRouter:
    """The endpoint at `path`. `lost` is told the call whose stream broke off without saying that it stops."""
    router = APIRouter()

    @router.websocket(path)
    async def media(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(floor, new_decoder())
        try:
            while (message := await socket.receive())["type"] != "websocket.disconnect":
                started = connection.take(message.get("text") or message.get("bytes") or b"")
                if started is not None:
                    await connection.begin(started)
        except FairlineError as error:
            log.warning("media.refused", code=error.code, call=connection.call_sid)
            await socket.close(POLICY_VIOLATION, error.code)
        finally:
            connection.close()
        if connection.call_sid is not None and not connection.stopped:
            await lost(connection.call_sid)

    return router
