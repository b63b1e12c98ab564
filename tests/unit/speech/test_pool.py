"""Streams on threads beside an event loop."""

from __future__ import annotations

import asyncio
import threading

from speech.pool import StreamPool
from speech.stream import StreamOptions, TrackStream
from tests.unit.speech.fakes import EnergyProbability, FakeRecognizer
from tests.unit.speech.test_stream import PAYLOAD, reference


def stream():
    return TrackStream(FakeRecognizer(), StreamOptions(track="debtor"), EnergyProbability())


async def heard(pool, one):
    events = []
    for start in range(0, len(PAYLOAD), 1_600):
        one.feed(start / 8, PAYLOAD[start : start + 1_600])
        events += await pool.advance(one)
    return events + await pool.flush(one)


async def test_many_streams_at_once_give_what_one_gives_alone():
    pool = StreamPool(workers=3)
    results = await asyncio.gather(*(heard(pool, stream()) for _ in range(5)))
    pool.close()
    assert all(result == reference() for result in results)


async def test_a_stream_fed_while_it_is_worked_on_loses_nothing():
    pool = StreamPool(workers=2)
    one = stream()
    events = []
    running = None
    for start in range(0, len(PAYLOAD), 800):
        one.feed(start / 8, PAYLOAD[start : start + 800])
        if running is None or running.done():
            events += running.result() if running else []
            running = asyncio.ensure_future(pool.advance(one))
        await asyncio.sleep(0)
    events += await running
    events += await pool.flush(one)
    pool.close()
    assert events == reference()


async def test_work_runs_on_named_threads_and_not_on_the_loop():
    seen = []

    def text_of(samples):
        seen.append(threading.current_thread().name)
        return ""

    pool = StreamPool(workers=1)
    one = TrackStream(FakeRecognizer(text_of), StreamOptions(), EnergyProbability())
    one.feed(0, PAYLOAD)
    await pool.advance(one)
    pool.close()
    assert seen
    assert all(name.startswith("speech") for name in seen)
