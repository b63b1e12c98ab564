"""Every track of every call speaks at once: how many seconds of work a second of all of them takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Any

from hearing.inputs import TrackAudio
from hearing.machine import memory_mib, spread
from speech.batching import Batcher
from speech.pool import StreamPool
from speech.stream import StreamOptions, TrackStream
from speech.types import FinalHypothesis, PartialHypothesis
from speech.whisper import WhisperRecognizer

STEP_MS = 200
_MS = 8


def all_at_once(model: str, tracks: Sequence[TrackAudio], engines: int, rounds: int) -> dict[str, Any]:
    """Seconds of wall clock and of processor for a second of all tracks, `engines` decodings at a time.

    Every 0.2 s of audio is fed to all tracks and worked off before the next, with partial texts throughout: what is
    measured is the work, not the ladder. Raises AssertionError when a track stays without a final text.
    """
    recognizer = WhisperRecognizer.load(model, workers=engines)
    secs = max(track.secs for track in tracks)
    wall, cpu = [], []
    for _ in range(rounds):
        batcher, pool = Batcher(recognizer, engines=engines), StreamPool(len(tracks))
        streams = [TrackStream(batcher, StreamOptions(track=str(number))) for number in range(len(tracks))]
        cpu_began, wall_began = process_time(), perf_counter()
        events = asyncio.run(_play(streams, pool, tracks))
        wall.append((perf_counter() - wall_began) / secs)
        cpu.append((process_time() - cpu_began) / secs)
        load = batcher.load()
        pool.close()
        batcher.close()
        finals = {event.track for event in events if isinstance(event, FinalHypothesis) and event.text}
        assert len(finals) == len(tracks), f"only {len(finals)} of {len(tracks)} tracks were heard"
    return {
        "tracks": len(tracks),
        "secs": round(secs, 1),
        "engines": engines,
        "rounds": rounds,
        "real_time_factor": spread(wall),
        "processor_secs_per_sec": spread(cpu),
        "clips_per_batch": round(load.clips / max(1, load.batches), 2),
        "partials": sum(isinstance(event, PartialHypothesis) for event in events),
        "finals": sum(isinstance(event, FinalHypothesis) for event in events),
        "memory_mib": memory_mib(),
    }


async def _play(streams: Sequence[TrackStream], pool: StreamPool, tracks: Sequence[TrackAudio]) -> list[Any]:
    size, events = STEP_MS * _MS, []
    for at in range(0, max(len(track.payload) for track in tracks), size):
        for stream, track in zip(streams, tracks, strict=True):
            stream.feed(at / _MS, track.payload[at : at + size])
        for found in await asyncio.gather(*(pool.advance(stream) for stream in streams)):
            events += found
    for found in await asyncio.gather(*(pool.flush(stream) for stream in streams)):
        events += found
    return events
