"""Audio on disk: order, holes, a process that died."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import MediaError
from outreach.telephony.events import Track
from outreach.worker.lane import BATCH_MS, MAX_CALL_SECS, SILENCE, Lane
from outreach.worker.spool import Spool, digests_left, discard, track_path

INBOUND = Track.INBOUND
FRAME_MS = 20


def write_frames(lane: Lane, numbers: list[int]) -> None:
    for number in numbers:
        lane.write(number * 160, frame(number))


def stored(folder: Path, track: Track = INBOUND) -> bytes:
    return track_path(folder, "CA1", track).read_bytes()


def frame(number: int) -> bytes:
    """Twenty milliseconds that look like no others, and not like silence."""
    return bytes([number % 250]) * 160


def test_a_hole_is_filled_with_silence_at_its_place(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.lanes[INBOUND].write(0, b"\x10" * 160)
        spool.lanes[INBOUND].write(60 * 8, b"\x20" * 160)
    assert stored(tmp_path) == b"\x10" * 160 + SILENCE * 320 + b"\x20" * 160


def test_what_is_there_already_is_not_written_twice(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.lanes[INBOUND].write(0, b"\x10" * 320)
        spool.lanes[INBOUND].write(20 * 8, b"\x30" * 320)
    assert stored(tmp_path) == b"\x10" * 320 + b"\x30" * 160


def test_a_new_process_goes_on_where_the_dead_one_stopped(tmp_path: Path) -> None:
    first = Spool(tmp_path, "CA1")
    first.lanes[Track.OUTBOUND].write(0, b"\x10" * 1600)
    # no close: the process was killed
    with Spool(tmp_path, "CA1") as second:
        assert second.resume_ms() == 200
        second.lanes[Track.OUTBOUND].write(500 * 8, b"\x20" * 160)
    first.close()
    audio = stored(tmp_path, Track.OUTBOUND)
    assert audio[:1600] == b"\x10" * 1600
    assert len(audio) == 500 * 8 + 160


KILLED = """
import sys
from pathlib import Path
from outreach.telephony.events import Track
from outreach.worker.spool import Spool

spool = Spool(Path(sys.argv[1]), "CA1")
for at_ms in range(0, 10_000, 20):
    for track in Track:
        spool.lanes[track].write(at_ms * 8, bytes([at_ms // 20 % 250]) * 160)
    print(at_ms, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_loses_less_than_a_batch_and_the_digest_is_rebuilt(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    received_ms = 0
    while received_ms < 9_980:
        received_ms = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    for track in Track:
        left = stored(tmp_path, track)
        assert left == b"".join(frame(n) for n in range(500))[: len(left)]
        assert len(left) >= (received_ms + FRAME_MS - BATCH_MS) * 8
        lane = Lane(track_path(tmp_path, "CA1", track))
        assert lane.sha256 == hashlib.sha256(left).hexdigest()
        lane.close()
    assert digests_left(tmp_path, "CA1") == {}


def test_digests_are_left_as_sha256sum_reads_them(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.lanes[INBOUND].write(0, b"\x10" * 4_000)
        spool.lanes[INBOUND].write(700 * 8, b"\x20" * 100)
    digests = {track: hashlib.sha256(stored(tmp_path, track)).hexdigest() for track in Track}
    assert digests_left(tmp_path, "CA1") == digests
    lines = (tmp_path / "CA1.spool.sha256").read_text().splitlines()
    assert lines[0] == f"{digests[INBOUND]}  CA1.inbound.ulaw"
    discard(tmp_path, "CA1")
    assert list(tmp_path.iterdir()) == []


def test_writes_come_in_batches(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        runs = [spool.lanes[INBOUND].write(at * 8, frame(at // 20)) for at in range(0, 1_000, FRAME_MS)]
    written = [run for given_out in runs for run in given_out]
    assert [start for start, _ in written] == [0, 1_600, 3_200, 4_800, 6_400]
    assert b"".join(audio for _, audio in written) == stored(tmp_path)


def test_late_audio_finds_its_place_while_that_is_in_memory(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        runs = []
        for number in (0, 1, 3, 5, 4, 2, 2, 6):
            runs += spool.lanes[INBOUND].write(number * FRAME_MS * 8, frame(number))
        runs += spool.lanes[INBOUND].settle(last=True)
    assert stored(tmp_path) == b"".join(frame(number) for number in range(7))
    assert b"".join(audio for _, audio in runs) == stored(tmp_path)


def test_what_comes_after_a_hole_is_given_out_without_it(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        runs = []
        for number in (0, 1, *range(4, 30)):
            runs += spool.lanes[INBOUND].write(number * FRAME_MS * 8, frame(number))
        runs += spool.lanes[INBOUND].settle(last=True)
    heard = {start + index: byte for start, audio in runs for index, byte in enumerate(audio)}
    assert sorted(heard) == [*range(320), *range(640, 4_800)]
    assert stored(tmp_path)[320:640] == SILENCE * 320
    assert all(stored(tmp_path)[at] == byte for at, byte in heard.items())


def test_a_long_hole_goes_to_disk_at_once(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "lane")
    lane.write(0, frame(1))
    lane.write(100_000, frame(2))
    assert lane.written == 100_000
    lane.settle(last=True)
    lane.close()
    assert (tmp_path / "lane").read_bytes() == frame(1) + SILENCE * (100_000 - 160) + frame(2)


def test_an_impossible_place_is_refused(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool, pytest.raises(MediaError) as caught:
        spool.lanes[INBOUND].write(2**40 * 8, b"\x10")
    assert caught.value.code == "media.timestamp"
    assert str(MAX_CALL_SECS) in caught.value.message
    assert stored(tmp_path) == b""


@pytest.mark.parametrize("lost", [None, 3])
def test_a_disk_that_refuses_is_named_and_what_it_takes_later_is_in_its_place(tmp_path: Path, lost: int | None) -> None:
    lane = Lane(tmp_path / "lane")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, before[1]))
    try:
        with pytest.raises(MediaError) as caught:
            write_frames(lane, [number for number in range(20) if number != lost])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code == "media.not_stored"
    assert (tmp_path / "lane").stat().st_size == 700, "the disk took a part"
    lane.write(30 * 160, frame(30))
    lane.settle(last=True)
    lane.close()
    stored = (tmp_path / "lane").read_bytes()
    assert lane.sha256 == hashlib.sha256(stored).hexdigest()
    assert len(stored) == 31 * 160
    for number in range(10):
        assert stored[number * 160 : (number + 1) * 160] == (SILENCE * 160 if number == lost else frame(number))
    assert stored[30 * 160 :] == frame(30)


def played(folder: Path, numbers: list[int]) -> list[tuple[int, int]]:
    """Spool these frames; answers every sample given out and its place."""
    runs = []
    with Spool(folder, "CA1") as spool:
        for number in numbers:
            runs += spool.lanes[INBOUND].write(number * FRAME_MS * 8, frame(number))
        runs += spool.lanes[INBOUND].settle(last=True)
    return [(start + index, byte) for start, audio in runs for index, byte in enumerate(audio)]


@settings(max_examples=50, deadline=None)
@given(delays=st.lists(st.integers(0, 9), min_size=1, max_size=30), twice=st.sets(st.integers(0, 29), max_size=6))
def test_packets_late_by_less_than_the_window_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, delays: list[int], twice: set[int]
) -> None:
    folder, count = tmp_path_factory.mktemp("spool"), len(delays)
    order = sorted(range(count), key=lambda number: number + delays[number])
    heard = played(folder, [number for item in order for number in [item] * (1 + (item in twice))])
    assert stored(folder) == b"".join(frame(number) for number in range(count))
    assert heard == list(enumerate(stored(folder)))


@settings(max_examples=50, deadline=None)
@given(lost=st.sets(st.integers(0, 59)), again=st.lists(st.integers(0, 59), max_size=6))
def test_lost_packets_are_silence_in_the_file_and_not_given_out(
    tmp_path_factory: pytest.TempPathFactory, lost: set[int], again: list[int]
) -> None:
    folder, there = tmp_path_factory.mktemp("spool"), sorted(set(range(60)) - lost)
    heard = played(folder, there + [number for number in again if number in there])
    last = max(there, default=-1)
    assert stored(folder) == b"".join(SILENCE * 160 if n in lost else frame(n) for n in range(last + 1))
    assert heard == [(n * 160 + index, byte) for n in there for index, byte in enumerate(frame(n))]


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(1, 400), min_size=1, max_size=12))
def test_packet_sizes_do_not_matter(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    audio = bytes(range(250)) * 160
    folder = tmp_path_factory.mktemp("spool")
    runs = []
    with Spool(folder, "CA1") as spool:
        at_ms = 0
        for ms in cuts:
            runs += spool.lanes[INBOUND].write(at_ms * 8, audio[at_ms * 8 : (at_ms + ms) * 8])
            at_ms += ms
        runs += spool.lanes[INBOUND].settle(last=True)
    assert stored(folder) == audio[: at_ms * 8]
    assert b"".join(block for _, block in runs) == audio[: at_ms * 8]
