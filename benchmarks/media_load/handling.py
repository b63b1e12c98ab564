"""Cost of one media message: ours, with and without a disk behind it, beside Pipecat's serializer (I/O).

Ours is everything between the WebSocket server and the recogniser: the message is parsed and checked, its bytes go to
the buffer of their track, and every 200 ms the buffer is put in order, hashed, written and decoded to samples. The peer
parses a message and decodes its audio; it has neither tracks nor a recording.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from media_load.calls import FRAMES_PER_SEC, TRACKS, call_sid, messages, opening, sent
from outreach.telephony.events import MediaStarted, Track
from outreach.telephony.twilio.media import TwilioMediaDecoder
from outreach.worker.intake import Intake
from outreach.worker.media import Connection
from outreach.worker.spool import Spool, track_path
from speech.codec import decode

PEER = Path(__file__).with_name("pipecat_peer.py")
PEER_PYTHON = "FAIRLINE_PIPECAT_PYTHON"
MISSING = f"pipecat-ai is not installed here; set {PEER_PYTHON} to the Python of an environment that has it"


class Samples:
    """Decodes a track to samples, and keeps them where they are compared."""

    backlog_secs = 0.0

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep
        self.blocks: list[np.ndarray] = []

    def feed(self, _timestamp_ms: float, payload: bytes) -> None:
        samples = decode(payload, "mulaw")
        if self._keep:
            self.blocks.append(samples)


class Call:
    """What `Ear` is to the media endpoint, without recognition."""

    def __init__(self, folder: Path, *, keep: bool = False) -> None:
        self.call_sid = call_sid(0)
        self.hearings = {track: Samples(keep=keep) for track in Track}
        self.intake = Intake(Spool(folder, self.call_sid), self.hearings)
        self.feed = self.intake.take

    async def open(self, _started: MediaStarted) -> tuple[Call, int]:
        return self, 0

    def attach(self) -> None:
        """Nothing to do."""

    detach = attach


async def heard(folder: Path, wanted: list[str], *, keep: bool = False) -> tuple[Call, int]:
    """One call through the product's own way; processor nanoseconds of its media messages."""
    call = Call(folder, keep=keep)
    connection = Connection(call, TwilioMediaDecoder())
    for message in opening(0):
        started = connection.take(message)
        if started is not None:
            await connection.begin(started)
    began = time.process_time_ns()
    for message in wanted:
        connection.take(message)
    call.intake.settle(last=True)
    took = time.process_time_ns() - began
    call.intake.close()
    return call, took


@contextmanager
def folders(*, disk: bool):
    """A folder for a call's files; where `disk` is not wanted, what is written to them vanishes."""
    with tempfile.TemporaryDirectory(prefix="media-bench-") as name:
        folder = Path(name)
        if not disk:
            for track in Track:
                track_path(folder, call_sid(0), track).symlink_to(os.devnull)
        yield folder


def ours(wanted: list[str], *, disk: bool) -> int:
    """One pass."""
    with folders(disk=disk) as folder:
        return asyncio.run(heard(folder, wanted))[1]


def parsing(wanted: list[str]) -> int:
    """One pass of the decoder alone: from text to checked events."""
    decoder = TwilioMediaDecoder()
    for message in opening(0):
        decoder.decode(message)
    began = time.process_time_ns()
    for message in wanted:
        decoder.decode(message)
    return time.process_time_ns() - began


def check_ours(wanted: list[str], frames: int) -> None:
    """Samples and files of both tracks are what was sent. Raises AssertionError."""
    with folders(disk=True) as folder:
        call, _ = asyncio.run(heard(folder, wanted, keep=True))
        for track in Track:
            audio = sent(track.value, frames)
            assert track_path(folder, call.call_sid, track).read_bytes() == audio, f"{track}: the file is not the audio"
            samples = np.concatenate(call.hearings[track].blocks)
            assert np.array_equal(samples, decode(audio, "mulaw")), f"{track}: the samples are not the audio"


class Peer:
    """Pipecat in its own process, which is asked for one pass at a time."""

    def __init__(self, python: str, wanted: Path, rate_hz: int) -> None:
        command = [python, str(PEER), str(wanted), str(rate_hz)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        assert line, f"the peer did not start: {' '.join(command)}"
        self.said = json.loads(line)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)

    def once(self) -> int:
        """Processor nanoseconds of one pass."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def check_peer(peer: Peer, frames: int) -> None:
    """At 8 kHz the peer's audio is the frames of both tracks in turn, which is all it says. Raises AssertionError."""
    tracks = [sent(track, frames) for track in TRACKS]
    turns = b"".join(track[at : at + 160] for at in range(0, len(tracks[0]), 160) for track in tracks)
    wanted = hashlib.sha256(decode(turns, "mulaw").astype("<i2").tobytes()).hexdigest()
    assert peer.said["sha256"] == wanted, "the peer's audio is not what was sent"


def row(costs: list[int], count: int) -> dict[str, float]:
    """Microseconds of processor a message."""
    us = sorted(cost / 1000 / count for cost in costs)
    return {
        "median_us": round(statistics.median(us), 3),
        "p95_us": round(us[int(0.95 * (len(us) - 1))], 3),
        "spread_us": round(us[-1] - us[0], 3),
    }


def peer_python() -> str | None:
    """An interpreter that has the peer."""
    named = os.environ.get(PEER_PYTHON)
    if named:
        return named
    here = subprocess.run([sys.executable, "-c", "import pipecat"], capture_output=True, check=False)
    return sys.executable if here.returncode == 0 else None


def compare(secs: int, rounds: int) -> dict[str, object]:
    """Every row, in turn within each round. Raises AssertionError for audio that is not what was sent."""
    wanted, frames = messages(secs), secs * FRAMES_PER_SEC
    check_ours(wanted, frames)
    works: dict[str, Callable[[], int]] = {
        "ours, parsing alone": lambda: parsing(wanted),
        "ours, spool to the null device": lambda: ours(wanted, disk=False),
        "ours, spool on disk": lambda: ours(wanted, disk=True),
    }
    found: dict[str, object] = {"messages": len(wanted), "rounds": rounds}
    python = peer_python()
    with ExitStack() as stack:
        if python is None:
            found["peer"] = {"missing": MISSING}
        else:
            file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="media-bench-"))) / "messages.json"
            file.write_text(json.dumps(wanted))
            for rate_hz in (8_000, 16_000):
                peer = stack.enter_context(Peer(python, file, rate_hz))
                works[f"Pipecat, {rate_hz // 1000} kHz"] = peer.once
                if rate_hz == 8_000:
                    check_peer(peer, frames)
                    found["peer"] = peer.said
        costs: dict[str, list[int]] = {name: [] for name in works}
        for work in works.values():
            work()  # warm
        for _ in range(rounds):
            for name, work in works.items():
                costs[name].append(work())
    rows = {name: row(values, len(wanted)) for name, values in costs.items()}
    base = rows["ours, spool on disk"]["median_us"]
    for values in rows.values():
        values["times_ours_on_disk"] = round(values["median_us"] / base, 2)
    return found | {"rows": rows}
