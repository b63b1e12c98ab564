"""The worker's own application and server settings, with calls that are received, stored and not recognised (I/O).

Prints one JSON line with its port, serves until its input ends, then prints what it received. A call that was answered
is `hear`d by one of

    discard   audio is decoded to samples and let go: what a call costs without recognition
    stuck     the product's own stream, never worked on: what a call costs when recognition has stopped
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI

from outreach.telephony.events import MediaStarted, Track
from outreach.telephony.twilio.media import TwilioMediaDecoder
from outreach.worker.app import worker_app
from outreach.worker.ear import HOP_SECS
from outreach.worker.intake import Hearing, Intake
from outreach.worker.server import worker_server
from outreach.worker.spool import Spool
from speech.codec import decode
from speech.stream import TrackStream


class Discard:
    """Decodes and lets go."""

    backlog_secs = 0.0

    def __init__(self) -> None:
        self.samples = 0

    def feed(self, _timestamp_ms: float, payload: bytes) -> None:
        self.samples += len(decode(payload, "mulaw"))


class NoVoices:
    """In place of the voice-activity model, which a stream that is never worked on does not ask."""

    def reset(self) -> None:
        """Nothing to forget."""

    def probabilities(self, windows: np.ndarray) -> np.ndarray:
        return np.zeros(len(windows), np.float32)


class Call:
    """What `Ear` is to the media endpoint, without recognition: the same intake and spool, settled as often."""

    def __init__(self, call_sid: str, folder: Path, hear: str) -> None:
        self.call_sid = call_sid
        self.hearings: dict[Track, Hearing] = {
            track: Discard() if hear == "discard" else TrackStream(None, probability=NoVoices()) for track in Track
        }
        self._intake = Intake(Spool(folder, call_sid), self.hearings)
        self.feed = self._intake.take
        self._task = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        while True:
            await asyncio.sleep(HOP_SECS)
            self._intake.settle()

    def attach(self) -> None:
        """The connection is open."""

    def detach(self) -> None:
        self._task.cancel()
        self._intake.close()


class Calls:
    """In place of the floor."""

    backlog_secs = 0.0

    def __init__(self, folder: Path, hear: str) -> None:
        self._folder, self._hear = folder, hear
        self.opened: list[Call] = []
        self.lost_calls: list[str] = []

    async def open(self, started: MediaStarted) -> tuple[Call, int]:
        self.opened.append(Call(started.call_sid, self._folder, self._hear))
        return self.opened[-1], 0

    @property
    def calls(self) -> tuple[str, ...]:
        return tuple(call.call_sid for call in self.opened)

    async def lost(self, call_sid: str) -> None:
        self.lost_calls.append(call_sid)

    @staticmethod
    def media_decoder() -> TwilioMediaDecoder:
        return TwilioMediaDecoder()


@contextlib.asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Nothing beside the server."""
    yield


async def serve(folder: Path, hear: str) -> dict[str, object]:
    """Serve until standard input ends."""
    calls = Calls(folder, hear)
    app = worker_app(
        carrier=calls, floor=calls, lines=calls, tasks=None, callback_path="/c", media_path="/media", lifespan=lifespan
    )
    server = uvicorn.Server(worker_server(app, host="127.0.0.1", port=0))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    loop = type(asyncio.get_running_loop())
    ready = {"port": server.servers[0].sockets[0].getsockname()[1], "loop": f"{loop.__module__}.{loop.__name__}"}
    print(json.dumps(ready), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving
    samples = [sum(hearing.samples for hearing in call.hearings.values()) for call in calls.opened if hear == "discard"]
    return {"calls": len(calls.opened), "lost": len(calls.lost_calls), "samples": sum(samples)}


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hear", choices=["discard", "stuck"], default="discard")
    asked = parser.parse_args()
    factory = worker_server(FastAPI(), host="127.0.0.1", port=0).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(serve(asked.folder, asked.hear))), flush=True)


if __name__ == "__main__":
    main()
