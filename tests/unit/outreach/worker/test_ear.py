"""One call's ear: the order in which events reach the monitor, and what becomes of a call that cannot be heard."""

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from outreach.clock import SystemClock
from outreach.errors import InputError
from outreach.monitor.context import CallEnding
from outreach.telephony.events import Track
from outreach.worker.ear import Ear, EarParts, in_order
from outreach.worker.spool import Spool
from speech.ladder import Effort
from speech.pool import StreamPool
from speech.types import FinalHypothesis, PartialHypothesis


def partial(track: str, end: float) -> PartialHypothesis:
    return PartialHypothesis(track=track, utterance=0, start=0.0, end=end, committed="", tail="好")


def final(track: str, end: float) -> FinalHypothesis:
    return FinalHypothesis(
        track=track,
        utterance=0,
        start=0.0,
        end=end,
        text="好",
        words=(),
        avg_logprob=-0.1,
        no_speech_prob=0.0,
        language="zh",
        clear=True,
        reason="silence",
    )


def test_a_final_text_stays_behind_the_partial_that_reached_into_the_silence_after_it() -> None:
    """A worker that was behind once stored a sentence twice: final first, then the partial as a new sentence."""
    said = [partial("debtor", 47.94), final("debtor", 47.74)]
    assert in_order([said, []]) == said


@given(st.lists(st.floats(0, 60), max_size=8), st.lists(st.floats(0, 60), max_size=8))
def test_every_track_keeps_its_order_and_nothing_is_lost(one: list[float], other: list[float]) -> None:
    tracks = [[partial("debtor", end) for end in one], [partial("agent", end) for end in other]]
    merged = in_order(tracks)
    for events in tracks:
        assert [event for event in merged if any(event is own for own in events)] == events


def test_two_tracks_come_by_time() -> None:
    first, second, third = partial("debtor", 1.0), partial("agent", 2.0), partial("debtor", 3.0)
    assert in_order([[first, third], [second]]) == [first, second, third]


class StandInSession:
    """A monitor session that only counts its ends."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.ends = fails, 0

    def start(self) -> list[Any]:
        if self.fails:
            raise InputError("input.broken", "the session does not begin")
        return []

    def end(self, ending: CallEnding) -> list[Any]:
        self.ends += 1
        return []


class StandInStream:
    """A track that never has a backlog; its end may fail."""

    backlog_secs, effort = 0.0, Effort.FULL

    def feed(self, timestamp_ms: float, payload: bytes) -> None:
        pass

    def advance(self) -> list[Any]:
        return []

    def flush(self) -> list[Any]:
        raise InputError("input.broken", "the end of the track cannot be heard")


def ear_of(folder: Path, session: StandInSession, steps: list[str], ended: list[str]) -> Ear:
    streams: Any = {track: StandInStream() for track in Track}
    heard: Any = session
    return Ear(
        EarParts(
            call_sid="CA1",
            session=heard,
            streams=streams,
            spool=Spool(folder, "CA1"),
            pool=StreamPool(2),
            clock=SystemClock(),
            apply=lambda effects: None,
            degrade=lambda step, reason: steps.append(step),
            end_call=lambda: ended.append("CA1"),
        )
    )


def test_an_end_that_cannot_be_heard_is_recorded_and_summarised(tmp_path: Path) -> None:
    session, steps = StandInSession(), list[str]()

    async def call() -> None:
        ear = ear_of(tmp_path, session, steps, [])
        await ear.finish(CallEnding(status="completed"))

    with capture_logs():
        asyncio.run(call())
    assert (steps, session.ends) == (["unheard"], 1)


def test_a_call_that_nobody_hears_is_ended_and_its_connection_counts_for_nothing(tmp_path: Path) -> None:
    steps, ended = list[str](), list[str]()

    async def call() -> bool:
        ear = ear_of(tmp_path, StandInSession(fails=True), steps, ended)
        ear.attach()
        while not steps:
            await asyncio.sleep(0)
        connected = ear.connected
        await ear.abandon()
        return connected

    with capture_logs():
        assert asyncio.run(call()) is False
    assert (steps, ended) == (["unheard"], ["CA1"])
