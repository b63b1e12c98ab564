"""Media Streams, the sending side (I/O): one WebSocket per stream, JSON text messages, 20 ms of mu-law each.

The call's tick only queues; a task of the stream's own connects and sends, so a slow receiver never holds up a call.
When its queue is full, audio is lost and the timestamps show the gap. A stream that breaks stays broken, as with
Twilio: the application opens a new one.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from outreach.telephony.localcarrier.callbacks import sign_request
from outreach.telephony.localcarrier.faults import FaultPlan
from outreach.telephony.localcarrier.records import new_sid
from outreach.telephony.localcarrier.sound import FRAME_MS, RATE_HZ

_LOG = structlog.get_logger(__name__)
QUEUE_MESSAGES = 500
BRAKE_MESSAGES = 100
_TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}
StreamEnd = Literal["stream-stopped", "stream-error"]


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """What was asked for."""

    account_sid: str
    call_sid: str
    url: str
    track: str = "inbound_track"
    name: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    status_callback: str | None = None
    status_method: Literal["GET", "POST"] = "POST"


class MediaStream:
    """One stream of one call. `report` gets `stream-started`, then `stream-stopped` or `stream-error` with a code."""

    def __init__(
        self,
        plan: StreamPlan,
        *,
        auth_token: str,
        faults: FaultPlan,
        report: Callable[["MediaStream", str, str | None], None],
    ) -> None:
        self.sid = new_sid("MZ")
        self.plan = plan
        self.is_open = False
        self._was_connected = False
        self._auth_token = auth_token
        self._faults = faults
        self._report = report
        self._tracks = _TRACKS[plan.track]
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._drained = asyncio.Event()
        self._sequence = 1
        self._ticks = 0
        self._held: str | None = None
        self._over = asyncio.Event()
        self._settled = asyncio.Event()

    async def stop(self) -> None:
        """Send what is queued and the stop message, then close."""
        self._queue.put_nowait(None)
        await self._over.wait()

    def push(self, inbound: bytes, outbound: bytes) -> None:
        """Queue 20 ms of both tracks. Nothing is kept while the connection is not open."""
        if not self.is_open:
            return
        timestamp_ms = self._ticks * FRAME_MS
        self._ticks += 1
        if self._queue.qsize() > QUEUE_MESSAGES:
            return
        for track in self._tracks:
            payload = base64.b64encode(inbound if track == "inbound" else outbound).decode("ascii")
            self._sequence += 1
            self._offer(
                f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"{track}",'
                f'"chunk":"{self._ticks}","timestamp":"{timestamp_ms}","payload":"{payload}"}},"streamSid":"{self.sid}"}}'
            )

    async def brake(self) -> None:
        """Wait for the connection, and while the receiver is far behind: only when time runs faster than real."""
        await self._settled.wait()
        while self.is_open and self._queue.qsize() > BRAKE_MESSAGES:
            self._drained.clear()
            await self._drained.wait()

    def _offer(self, message: str) -> None:
        action = self._faults.action("media") if self._faults.any_on("media") else None
        if action == "drop":
            return
        if action == "reorder" and self._held is None:
            self._held = message
            return
        for _ in range(2 if action == "duplicate" else 1):
            self._queue.put_nowait(message)
        if self._held is not None:
            self._queue.put_nowait(self._held)
            self._held = None

    async def run(self) -> None:
        """Connect, send until `stop`, close."""
        error: str | None = None
        try:
            # the handshake is signed over the address alone
            signature = sign_request(self._auth_token, self.plan.url, {})
            async with connect(
                self.plan.url,
                additional_headers={"X-Twilio-Signature": signature},
                user_agent_header="TwilioMediaStreams/1.0",
                compression=None,
                open_timeout=5,
                close_timeout=1,
                ping_interval=None,
                proxy=None,
            ) as connection:
                error = await self._converse(connection)
        except TimeoutError:
            error = "31901"
        except (OSError, WebSocketException) as failure:
            error = "31921" if self._was_connected else "31920"
            _LOG.warning("stream_failed", code=error, reason=type(failure).__name__)
        finally:
            self.is_open = False
            self._drained.set()
            self._over.set()
            self._settled.set()
        self._report(self, "stream-error" if error else "stream-stopped", error)

    async def _converse(self, connection: ClientConnection) -> str | None:
        self._was_connected = True
        await connection.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        await connection.send(self._start_message())
        self.is_open = True
        self._settled.set()
        self._report(self, "stream-started", None)
        breaks = self._faults.draw("stream")
        left = None if breaks is None else round(breaks.secs * 1000 / FRAME_MS) * len(self._tracks)
        while (message := await self._queue.get()) is not None:
            await connection.send(message)
            if self._queue.qsize() <= BRAKE_MESSAGES:
                self._drained.set()
            if left is not None:
                left -= 1
                if left <= 0:
                    connection.transport.abort()
                    return "31903"
        self._sequence += 1
        stop = {
            "event": "stop",
            "sequenceNumber": str(self._sequence),
            "stop": {"accountSid": self.plan.account_sid, "callSid": self.plan.call_sid},
            "streamSid": self.sid,
        }
        await connection.send(msgspec.json.encode(stop).decode())
        return None

    def _start_message(self) -> str:
        start = {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "accountSid": self.plan.account_sid,
                "streamSid": self.sid,
                "callSid": self.plan.call_sid,
                "tracks": self._tracks,
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE_HZ, "channels": 1},
                "customParameters": self.plan.parameters,
            },
            "streamSid": self.sid,
        }
        return msgspec.json.encode(start).decode()
