"""Media Streams through the port: both tracks, 20 ms apart, counted, restartable; and what lost audio looks like."""

from itertools import pairwise

import numpy as np
import pytest

from outreach.errors import CarrierError
from outreach.telephony.events import (
    CallStatus,
    Encoding,
    MediaFrame,
    MediaStarted,
    MediaStopped,
    StreamState,
    StreamStatus,
    Track,
)
from speech.codec import decode
from tests.contract.carrier_world import last_started, scenario, until, world


def test_both_tracks_come_in_20_ms_blocks_with_their_own_counters() -> None:
    with world(scenario()) as here:
        sid = here.place()
        here.final(sid)
        until(lambda: here.app.of(MediaStopped))
        [started] = here.app.of(MediaStarted)
        assert started.call_sid == sid
        assert started.params == {"token": "one-time", "attempt": "attempt-1"}
        assert (started.rate_hz, started.encoding) == (8000, Encoding.MULAW)
        assert set(started.tracks) == {Track.INBOUND, Track.OUTBOUND}
        for track in ("inbound", "outbound"):
            frames = here.app.frames(track)
            assert len(frames) > 100
            assert [frame.chunk for frame in frames] == list(range(1, len(frames) + 1))
            assert [frame.timestamp_ms for frame in frames] == [20 * n for n in range(len(frames))]
            assert {len(frame.payload) for frame in frames} == {160}
        assert not here.app.media_errors


def test_each_party_is_on_its_own_track() -> None:
    with world(scenario()) as here:
        here.final(here.place())
        until(lambda: here.app.of(MediaStopped))
        loudest = {}
        for track in ("inbound", "outbound"):
            audio = decode(b"".join(frame.payload for frame in here.app.frames(track)), "mulaw").astype(float)
            loudest[track] = float(np.argmax(np.abs(np.fft.rfft(audio))) * 8000 / len(audio))
            quiet = np.sqrt(np.mean(audio[:800] ** 2))
            assert 0 < quiet < 200, "a silent line has noise, not zeros"
        assert loudest["inbound"] == pytest.approx(460, abs=25)
        assert loudest["outbound"] == pytest.approx(920, abs=45)


def test_real_time_is_kept_without_drift() -> None:
    with world(scenario(), pace=1) as here:
        here.place()
        until(lambda: len(here.app.frames("inbound")) > 100)
        arrivals = [(at, frame.timestamp_ms) for at, frame in list(here.app.arrivals) if frame.track is Track.INBOUND]
        wall_ms = (arrivals[-1][0] - arrivals[0][0]) * 1000
        audio_ms = arrivals[-1][1] - arrivals[0][1]
        assert wall_ms == pytest.approx(audio_ms, abs=400), "drift would grow with the call; a late packet does not"


def test_a_broken_stream_is_reported_and_can_be_restarted() -> None:
    faults = [{"at": "stream", "action": "break", "secs": 0.5, "times": 1}]
    with world(scenario(faults=faults), pace=4) as here:
        sid = here.place()
        broken = until(lambda: [event for event in here.app.of(StreamStatus) if event.state is StreamState.ERROR])
        assert broken[0].call_sid == sid
        assert not here.app.of(MediaStopped), "a stream that broke has no orderly stop"
        stream_sid = here.carrier.restart_stream(sid, attempt_id="attempt-1", stream_token="second")
        second = until(lambda: len(here.app.of(MediaStarted)) == 2 and last_started(here.app))
        assert second.stream_sid == stream_sid
        assert second.params == {"token": "second", "attempt": "attempt-1"}
        frames_before = len(here.app.frames("inbound"))
        until(lambda: len(here.app.frames("inbound")) > frames_before + 20)
        assert here.carrier.fetch_call(sid).status is CallStatus.IN_PROGRESS, "the call outlives its stream"
        here.carrier.hang_up(sid)
        here.final(sid)


def test_a_stream_cannot_be_restarted_on_a_finished_call() -> None:
    with world(scenario(subscribers={})) as here:
        sid = here.place()
        here.final(sid)
        with pytest.raises(CarrierError) as refused:
            here.carrier.restart_stream(sid, attempt_id="attempt-1", stream_token="late")
        assert refused.value.code == "carrier.call_over"


def chunks(frames: list[MediaFrame]) -> list[int]:
    return [frame.chunk for frame in frames]


def test_lost_media_shows_as_a_gap() -> None:
    faults = [{"at": "media", "action": "drop", "probability": 0.1}]
    with world(scenario(faults=faults)) as here:
        here.final(here.place())
        until(lambda: here.app.of(MediaStopped))
        frames = here.app.frames("inbound")
        steps = {b.timestamp_ms - a.timestamp_ms for a, b in pairwise(frames)}
        assert {20, 40} <= steps


def test_duplicated_and_reordered_media_can_be_put_right_by_chunk() -> None:
    faults = [
        {"at": "media", "action": "duplicate", "probability": 0.05},
        {"at": "media", "action": "reorder", "probability": 0.05},
    ]
    with world(scenario(faults=faults)) as here:
        here.final(here.place())
        until(lambda: here.app.of(MediaStopped))
        both = chunks(here.app.of(MediaFrame))
        seen = chunks(here.app.frames("inbound"))
        assert len(seen) > len(set(seen)), "some came twice"
        assert both != sorted(both), "some came late"
        missing = set(range(1, max(seen) + 1)) - set(seen)
        assert len(missing) <= 1, "nothing is lost, save one still held back at the end"


def test_a_receiver_that_closes_the_stream_is_a_stream_error() -> None:
    with world(scenario(), pace=4) as here:
        here.app.turn_away = True
        sid = here.place()
        [error] = until(lambda: [event for event in here.app.of(StreamStatus) if event.state is StreamState.ERROR])
        assert (error.call_sid, error.error) == (sid, "31921")
        here.carrier.hang_up(sid)
        here.final(sid)
