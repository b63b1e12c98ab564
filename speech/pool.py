"""Runs recognition beside an event loop (I/O: threads).

The engines release Python's lock while they compute, so a few threads serve many calls. Each stream works on one thread
at a time; the pool only spreads streams over threads.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from speech.stream import TrackStream
from speech.types import SpeechEvent


class StreamPool:
    """Threads for the heavy half of `TrackStream`. Make one per process and close it at the end.

    stream.feed(timestamp_ms, payload)          # in the socket handler
    events = await pool.advance(stream)         # in one task per track, for instance every 100 ms

    A thread mostly waits for the answer of a `speech.batching.Batcher`, so there should be as many as tracks are heard
    at once (`workers`): what they ask at the same moment then goes through the model together. Threads are made when
    they are needed.
    """

    def __init__(self, workers: int = 64) -> None:
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="speech")

    async def advance(self, stream: TrackStream) -> list[SpeechEvent]:
        """Work on what was fed to the stream. Raises what `TrackStream.advance` raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, stream.advance)

    async def flush(self, stream: TrackStream) -> list[SpeechEvent]:
        """End the stream."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, stream.flush)

    async def leave_out(self, stream: TrackStream) -> None:
        """Let the stream forget what was fed and not worked on."""
        await asyncio.get_running_loop().run_in_executor(self._threads, stream.leave_out)

    def close(self) -> None:
        """Wait for what is running and stop the threads."""
        self._threads.shutdown(wait=True)
