"""The media endpoint on the worker's own server: order, back-pressure, refusals, and a stream that breaks off."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.utils import apply_mask

from outreach.errors import MediaError
from outreach.telephony.events import MediaFrame, MediaStarted, Track
from outreach.telephony.l16 import L16Decoder
from outreach.telephony.port import MediaDecoder
from outreach.telephony.twilio.media import TwilioMediaDecoder
from outreach.worker.media import media_router
from outreach.worker.server import MAX_MESSAGE_BYTES, MAX_WAITING_MESSAGES, MediaProtocol, worker_server
from speech.codec import decode

CALL = "CA" + "1" * 32
START = {
    "event": "start",
    "start": {
        "streamSid": "MZ" + "2" * 32,
        "callSid": CALL,
        "tracks": ["inbound", "outbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}


@dataclass
class Line:
    """Remembers what it is given; may be slow to begin, and may refuse."""

    call_sid: str = CALL
    frames: list[MediaFrame] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False

    async def open(self, started: MediaStarted) -> tuple["Line", int]:
        self.log.append("open")
        await self.gate.wait()
        return self, 0

    def attach(self) -> None:
        self.log.append("attach")

    def detach(self) -> None:
        self.log.append("detach")

    def feed(self, frame: MediaFrame, origin_ms: int) -> None:
        if self.refuses:
            raise MediaError("media.not_stored", "the disk is full")
        self.frames.append(frame)

    async def lost(self, call_sid: str) -> None:
        self.log.append(f"lost {call_sid}")


@contextlib.asynccontextmanager
async def served(line: Line, decoder: type[MediaDecoder] = TwilioMediaDecoder) -> AsyncIterator[tuple[Any, str]]:
    app = FastAPI()
    app.include_router(media_router("/media", line, decoder, line.lost))
    config = worker_server(app, host="127.0.0.1", port=0)
    config.lifespan, config.log_level = "off", None
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server, f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/media"
    finally:
        server.should_exit = True
        await serving


def media(number: int, size: int = 160) -> str:
    payload = base64.b64encode(bytes([number % 250]) * size).decode()
    body = {"track": "inbound", "chunk": str(number + 1), "timestamp": str(number * 20), "payload": payload}
    return json.dumps({"event": "media", "media": body})


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def code_of(connection: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(20):
            await connection.recv()
    return connection.close_code


async def test_a_handler_that_is_held_up_stops_the_reading_and_loses_nothing() -> None:
    line = Line()
    async with served(line) as (server, address), connect(address, compression=None, proxy=None) as connection:
        await connection.send(json.dumps(START))
        sending = asyncio.create_task(send_all(connection, [media(n, 8_000) for n in range(1_500)]))
        await until(lambda: line.log == ["open"])
        [protocol] = server.server_state.connections
        assert isinstance(protocol, MediaProtocol)
        await until(lambda: protocol.read_paused)
        held = protocol.queue.qsize()
        await asyncio.sleep(0.1)
        assert protocol.queue.qsize() == held, "nothing more is taken from the socket"
        # what one read of the socket held (at most 256 KiB, so 24 of these messages) is queued beyond the mark
        assert MAX_WAITING_MESSAGES <= held <= MAX_WAITING_MESSAGES + 25
        assert not sending.done(), "the sender feels it"
        line.gate.set()
        await sending
        await until(lambda: len(line.frames) == 1_500)
        assert [frame.chunk for frame in line.frames] == list(range(1, 1_501))
        assert not protocol.read_paused


class Pipe(asyncio.Transport):
    """A transport that takes everything and says nothing."""

    closed = False

    def write(self, data: bytes) -> None:
        """Nobody reads."""

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing is read anyway."""

    resume_reading = pause_reading


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def received(kind: type[WebSocketsSansIOProtocol], pieces: list[bytes]) -> list[dict[str, Any]]:
    """What an application gets of bytes that come so, and whether the connection was closed for them."""

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    config = uvicorn.Config(application, ws_per_message_deflate=False, ws_ping_interval=None, ws_max_size=100_000)
    config.load()
    protocol, pipe = kind(config, ServerState(), {}, asyncio.get_running_loop()), Pipe()
    protocol.logger.disabled = True
    protocol.connection_made(pipe)
    protocol.data_received(UPGRADE)
    await asyncio.sleep(0)
    for piece in pieces:
        if piece and not pipe.closed:
            protocol.data_received(piece)
    found = [protocol.queue.get_nowait() for _ in range(protocol.queue.qsize())]
    for task in protocol.tasks:
        task.cancel()
    await asyncio.gather(*protocol.tasks, return_exceptions=True)
    assert found.pop(0) == {"type": "websocket.connect"}
    return [*found, {"closed": pipe.closed}]


def packed(first: int, content: bytes | int, mask: bytes, masked: bool) -> bytes:
    """A WebSocket frame with this content, or one of this length."""
    payload = b"x" * content if isinstance(content, int) else content
    size, bit = len(payload), 0x80 if masked else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65_536:
        length = bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([bit | 127]) + size.to_bytes(8, "big")
    body = apply_mask(payload, mask) if masked else payload
    return bytes([first]) + length + (mask if masked else b"") + body


FRAMES = st.tuples(
    st.sampled_from([0x81] * 6 + [0x82, 0x01, 0x80, 0x00, 0x88, 0x89, 0x8A, 0xC1, 0x83]),
    st.one_of(
        st.text(max_size=300).map(str.encode),
        st.binary(max_size=130),
        st.sampled_from([0, 125, 126, 65_535, 65_536, 100_001]),
    ),
    st.binary(min_size=4, max_size=4),
    st.sampled_from([True] * 9 + [False]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    frames=st.lists(FRAMES, max_size=8), junk=st.binary(max_size=8), cuts=st.lists(st.integers(0, 70_000), max_size=8)
)
def test_whatever_comes_however_cut_the_application_gets_what_the_library_reads(
    frames: list[tuple[int, bytes | int, bytes, bool]], junk: bytes, cuts: list[int]
) -> None:
    whole = [*(packed(*frame) for frame in frames), junk]
    data = b"".join(whole)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    ours = asyncio.run(received(MediaProtocol, [data[begin:end] for begin, end in pairwise(places)]))
    library = asyncio.run(received(WebSocketsSansIOProtocol, whole))
    heard, told = ([event for event in events if "text" in event or "bytes" in event] for events in (ours, library))
    assert ours[len(heard) :] == library[len(told) :], "closed for the same reason, or not at all"
    assert heard == told[: len(heard)]
    if len(library) == len(told) + 1 or library[len(told)]["code"] not in (1002, 1007, 1009):
        assert heard == told, "the library passes over what came in one read with a frame that it refuses"


async def test_a_connection_rests_after_each_read_and_goes_on() -> None:
    reading: list[bool] = []
    line = Line()
    line.gate.set()
    async with served(line) as (server, address), connect(address, proxy=None) as connection:
        await until(lambda: server.server_state.connections)
        [protocol] = server.server_state.connections
        line.feed = lambda _frame, _origin_ms: reading.append(protocol.transport.is_reading())  # type: ignore[method-assign]
        await connection.send(json.dumps(START))
        for number in range(3):
            await connection.send(media(number))
            await until(lambda wanted=number + 1: len(reading) == wanted)
        assert reading == [False, False, False]
        await until(protocol.transport.is_reading)


async def send_all(connection: ClientConnection, messages: list[str]) -> None:
    for message in messages:
        await connection.send(message)


async def test_an_orderly_stop_is_no_loss_and_a_break_is() -> None:
    line = Line()
    line.gate.set()
    async with served(line) as (_, address):
        async with connect(address, proxy=None) as connection:
            await send_all(connection, [json.dumps(START), media(0), json.dumps({"event": "stop"})])
        await until(lambda: line.log == ["open", "attach", "detach"])
        async with connect(address, proxy=None) as connection:
            await send_all(connection, [json.dumps(START), media(1)])
            await until(lambda: len(line.frames) == 2)
            connection.transport.abort()
        await until(lambda: line.log[3:] == ["open", "attach", "detach", f"lost {CALL}"])


@pytest.mark.parametrize(
    ("message", "refuses"), [('{"event": "media"}', False), ("no JSON", False), (media(0), True), (b"\x00", False)]
)
async def test_what_cannot_be_read_or_stored_closes_the_connection(message: str | bytes, refuses: bool) -> None:
    line = Line(refuses=refuses)
    line.gate.set()
    async with served(line) as (_, address), connect(address, proxy=None) as connection:
        await connection.send(json.dumps(START))
        await connection.send(message)
        assert await code_of(connection) == 1008
        await until(lambda: line.log[-1] == f"lost {CALL}")


async def test_a_message_out_of_all_proportion_is_not_taken_in() -> None:
    line = Line()
    line.gate.set()
    async with served(line) as (_, address), connect(address, proxy=None) as connection:
        await connection.send(json.dumps(START))
        with contextlib.suppress(ConnectionClosed):
            await connection.send("x" * (MAX_MESSAGE_BYTES + 1))
        assert await code_of(connection) == 1009


async def test_another_rate_than_the_calls_is_refused() -> None:
    line = Line()
    line.gate.set()
    async with served(line, L16Decoder) as (_, address), connect(address, proxy=None) as connection:
        await connection.send(json.dumps({"callSid": CALL, "sampleRate": 16000, "mixType": "stereo"}))
        assert await code_of(connection) == 1008
        assert line.log == []


async def test_linear_audio_reaches_the_call_as_mulaw() -> None:
    line = Line()
    line.gate.set()
    samples = (9_000 * np.sin(np.arange(320) / 5)).astype("<i2")
    async with served(line, L16Decoder) as (_, address), connect(address, proxy=None) as connection:
        await connection.send(json.dumps({"callSid": CALL, "sampleRate": 8000, "mixType": "stereo"}))
        await connection.send(np.stack([samples, -samples], axis=1).tobytes())
        await until(lambda: len(line.frames) == 4)
    for track, wanted in ((Track.INBOUND, samples), (Track.OUTBOUND, -samples)):
        mine = [frame for frame in line.frames if frame.track is track]
        assert [(frame.timestamp_ms, len(frame.payload)) for frame in mine] == [(0, 160), (20, 160)]
        heard = decode(b"".join(frame.payload for frame in mine), "mulaw")
        assert np.abs(heard.astype(int) - wanted).max() < 300
