"""Real time around a house (I/O): a carrier that sends both tracks of every call, and a viewer of the live page."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import httpx
from websockets.asyncio.client import connect

from hearing.house import House, LiveCall
from hearing.inputs import AGENT, DEBTOR, Conversation
from hearing.shown import Shown

FRAME_SECS = 0.02
FRAME_BYTES = 160
SILENCE = b"\xff"
TRACKS = {AGENT: "outbound", DEBTOR: "inbound"}
WATCH_SECS = 0.5
_LINE = re.compile(
    r'<li class="(?P<speaker>\w+)(?P<partial> partial)?[^"]*">.*?<span class="said">(?P<said>.*?)</span>'
    r'<a class="num at" href="/calls/(?P<sid>\w+)#t=(?P<start>[\d.]+)">',
    re.DOTALL,
)
_CHIP = re.compile(r"<em\b.*?</em>", re.DOTALL)
_TAIL = re.compile(r'<span class="tail">(.*?)</span>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_GAUGE = re.compile(r"^(fairline_\w+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass
class Carrier:
    """Sends conversations in packets of 20 ms, each when its last sample would have been spoken."""

    starts: dict[str, float] = field(default_factory=dict)
    late_ms: list[float] = field(default_factory=list)

    async def call(self, url: str, call: LiveCall, talk: Conversation, after_secs: float) -> None:
        """One call from its start message to its stop message."""
        packets = list(_media(talk))
        await asyncio.sleep(after_secs)
        async with connect(url, compression=None, proxy=None) as socket:
            await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            await socket.send(json.dumps(_start(call)))
            self.starts[call.sid] = began = perf_counter()
            for number, pair in enumerate(packets, 1):
                wait = began + number * FRAME_SECS - perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                for message in pair:
                    await socket.send(message)
                self.late_ms.append(max(0.0, perf_counter() - began - number * FRAME_SECS) * 1e3)
            await socket.send(json.dumps({"event": "stop", "streamSid": _stream_sid(call)}))


@dataclass
class Viewer:
    """Reads the live page's events and notes when each line changed, by call and speaker."""

    seen: dict[tuple[str, str], list[tuple[float, Shown]]] = field(default_factory=dict)
    changed_at: float = 0.0
    _last: dict[tuple[str, str, float], str] = field(default_factory=dict)

    async def watch(self, house: House) -> None:
        """For ever; cancel it."""
        cookies = {"fairline_session": house.cookie, "fairline_lang": "en"}
        async with (
            httpx.AsyncClient(cookies=cookies, timeout=None, trust_env=False) as client,  # noqa: S113 - endless by nature
            client.stream("GET", f"{house.web_url}/live/events") as answer,
        ):
            answer.raise_for_status()
            async for event in _events(answer.aiter_lines()):
                at = perf_counter()
                if event.get("event") == "part":
                    self.take(json.loads(event["data"])["html"] or "", at)

    def take(self, part: str, at: float) -> None:
        """Note every line of a part of the page that reads otherwise than before."""
        for found in _LINE.finditer(part):
            key = (found["sid"], found["speaker"], float(found["start"]))
            if self._last.get(key) == found[0]:
                continue
            self._last[key], self.changed_at = found[0], at
            line = shown_line(found["said"], key[2], final=found["partial"] is None)
            self.seen.setdefault(key[:2], []).append((at, line))


def shown_line(said: str, start_secs: float, *, final: bool) -> Shown:
    """What stands in one line of the page, its changeable end apart. `at_secs` is set by who knows the call's clock."""
    markup = _CHIP.sub("", said)
    tail = "".join(_TAIL.findall(markup))
    committed = _TAIL.sub("", markup)
    if final:
        committed = committed.rstrip()  # the blank before a chip
    return Shown(at_secs=0.0, line_start=start_secs, committed=_text(committed), tail=_text(tail), final=final)


async def watch_worker(house: House, most: dict[str, float]) -> None:
    """For ever: the largest value of every gauge of the worker; cancel it."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while True:
            with suppress(httpx.TimeoutException):
                answer = await client.get(f"{house.worker_url}/metrics")
                for name, value in _GAUGE.findall(answer.text):
                    most[name] = max(most.get(name, float("-inf")), float(value))
            await asyncio.sleep(WATCH_SECS)


def _text(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def _start(call: LiveCall) -> Mapping[str, Any]:
    return {
        "event": "start",
        "start": {
            "callSid": call.sid,
            "streamSid": _stream_sid(call),
            "tracks": ["inbound", "outbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"attempt": call.attempt_id, "token": call.token},
        },
    }


def _stream_sid(call: LiveCall) -> str:
    return f"MZ{call.sid[2:]}"


def _media(talk: Conversation) -> list[tuple[str, ...]]:
    """The messages of each 20 ms, made before the clock starts."""
    count = max(len(track.payload) for track in talk.tracks) // FRAME_BYTES
    return [
        tuple(_packet(TRACKS[track.name], track.payload, number) for track in talk.tracks) for number in range(count)
    ]


def _packet(track: str, payload: bytes, number: int) -> str:
    piece = payload[number * FRAME_BYTES : (number + 1) * FRAME_BYTES].ljust(FRAME_BYTES, SILENCE)
    media = {
        "track": track,
        "chunk": str(number + 1),
        "timestamp": str(number * 20),
        "payload": base64.b64encode(piece).decode(),
    }
    return json.dumps({"event": "media", "media": media})


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    found: dict[str, str] = {}
    async for line in lines:
        if not line and found:
            yield found
            found = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value
