"""From frames to disk and to what hears them: nothing lost, memory bounded, however slow the hearing is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.telephony.events import MediaFrame, Track
from outreach.worker.intake import HELD_SECS, MAX_WAITING_RUNS, Intake
from outreach.worker.spool import Spool, track_path


class Listener:
    """Holds what it is given until it is told to work; remembers the most it ever held."""

    def __init__(self) -> None:
        self.held: list[tuple[float, bytes]] = []
        self.heard: list[tuple[float, bytes]] = []
        self.most_held_secs = 0.0

    @property
    def backlog_secs(self) -> float:
        return sum(len(audio) for _, audio in self.held) / 8_000

    def feed(self, timestamp_ms: float, payload: bytes) -> None:
        self.held.append((timestamp_ms, payload))
        self.most_held_secs = max(self.most_held_secs, self.backlog_secs)

    def work(self) -> None:
        self.heard += self.held
        self.held = []

    def samples(self) -> dict[int, int]:
        return {round(at * 8) + index: byte for at, audio in self.heard for index, byte in enumerate(audio)}


def frame(track: Track, number: int, **changes: object) -> MediaFrame:
    values = {
        "track": track,
        "timestamp_ms": number * 20,
        "payload": bytes([number % 250]) * 160,
        "chunk": number + 1,
    }
    return MediaFrame(**(values | changes))


@contextmanager
def opened(folder: Path, base_ms: int = 0) -> Iterator[tuple[Intake, dict[Track, Listener]]]:
    listeners = {track: Listener() for track in Track}
    intake = Intake(Spool(folder, "CA1"), listeners, base_ms=base_ms)
    try:
        yield intake, listeners
    finally:
        intake.close()


def test_what_is_heard_is_on_disk_before(tmp_path: Path) -> None:
    with opened(tmp_path) as (intake, listeners):
        for number in range(25):
            for track in Track:
                intake.take(frame(track, number), origin_ms=0)
                given_out = sum(len(audio) for _, audio in listeners[track].held)
                assert track_path(tmp_path, "CA1", track).stat().st_size == given_out
        assert [round(at) for at, _ in listeners[Track.INBOUND].held] == [0, 200]
        intake.settle()
        assert intake.backlog_secs == 0.5


def test_a_hearing_that_stands_still_holds_a_few_seconds_and_loses_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as (intake, listeners):
        for number in range(3_000):
            for track in Track:
                intake.take(frame(track, number), origin_ms=0)
        assert intake.waiting
        assert intake.backlog_secs == pytest.approx(60)
        rounds = 0
        intake.settle(last=True)
        while intake.waiting or any(listener.held for listener in listeners.values()):
            for listener in listeners.values():
                listener.work()
            intake.settle()
            rounds += 1
        assert rounds < 30
        for track, listener in listeners.items():
            assert listener.most_held_secs <= HELD_SECS + 1
            audio = track_path(tmp_path, "CA1", track).read_bytes()
            assert b"".join(block for _, block in listener.heard) == audio
            assert list(listener.samples()) == list(range(480_000))


def test_what_is_left_out_is_a_gap_for_the_streams_and_stays_on_disk(tmp_path: Path) -> None:
    with opened(tmp_path) as (intake, listeners):
        for number in range(1_000):
            intake.take(frame(Track.INBOUND, number), origin_ms=0)
        assert intake.skip() == pytest.approx(20 - HELD_SECS)
        assert not intake.waiting
        listeners[Track.INBOUND].work()
        intake.take(frame(Track.INBOUND, 1_000), origin_ms=0)
        intake.settle(last=True)
        listeners[Track.INBOUND].work()
        heard = listeners[Track.INBOUND].samples()
    assert len(heard) == HELD_SECS * 8_000 + 160
    assert max(heard) == 160_159
    assert track_path(tmp_path, "CA1", Track.INBOUND).stat().st_size == 160_160


@settings(max_examples=30, deadline=None)
@given(
    sent=st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=40, unique_by=lambda item: item[0]),
    base_ms=st.sampled_from([0, 1_000]),
)
def test_gaps_are_the_same_heard_at_once_or_from_disk(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, bool]], base_ms: int
) -> None:
    """`sent`: frame numbers, and whether the hearing worked after each of them."""
    heard = []
    for eager in (True, False):
        with opened(tmp_path_factory.mktemp("spool"), base_ms) as (intake, listeners):
            listener = listeners[Track.INBOUND]
            for number, works in sorted(sent):
                for part in range(10):
                    intake.take(frame(Track.INBOUND, number * 10 + part), origin_ms=base_ms)
                if works or eager:
                    listener.work()
                    intake.settle()
            intake.settle(last=True)
            while listener.held or intake.waiting:
                listener.work()
                intake.settle()
            heard.append(listener.samples())
    assert heard[0] == heard[1]
    assert sorted(heard[0]) == [n * 1_600 + i for n in sorted(number for number, _ in sent) for i in range(1_600)]


def test_a_line_full_of_holes_is_remembered_within_bounds(tmp_path: Path) -> None:
    with opened(tmp_path) as (intake, listeners):
        for number in range(0, 5_000, 2):
            intake.take(frame(Track.INBOUND, number), origin_ms=0)
        intake.settle(last=True)
        waiting = 2_500 - len(listeners[Track.INBOUND].held)
        assert waiting > MAX_WAITING_RUNS
        while intake.waiting:
            listeners[Track.INBOUND].work()
            intake.settle()
        listeners[Track.INBOUND].work()
        heard = listeners[Track.INBOUND].samples()
    assert max(heard) == 4_998 * 160 + 159
    assert heard[4_997 * 160] == 0xFF, "beyond the bound a gap is heard as silence"


def test_frames_after_the_end_are_ignored(tmp_path: Path) -> None:
    with opened(tmp_path) as (intake, _):
        intake.take(frame(Track.INBOUND, 0), origin_ms=0)
    intake.take(frame(Track.INBOUND, 1), origin_ms=0)
    assert track_path(tmp_path, "CA1", Track.INBOUND).stat().st_size == 160
