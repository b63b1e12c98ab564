"""The sample clock: any packet sizes and any order within the window give the same run of samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speech.track import TrackClock, TrackOptions


def sound(count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(1, 30_000, count).astype(np.int16)


def run(packets, **options):
    """The joined samples and the lost stretches."""
    clock = TrackClock(TrackOptions(**options))
    frames = [frame for start, samples in packets for frame in clock.push(start, samples)] + clock.flush()
    position = 0
    for frame in frames:
        assert frame.start_sample == position
        position = frame.end_sample
    joined = np.concatenate([frame.samples for frame in frames]) if frames else np.zeros(0, np.int16)
    return joined, [(frame.start_sample, frame.end_sample) for frame in frames if frame.lost]


def cut(samples, sizes):
    packets, start = [], 0
    while start < len(samples):
        size = sizes[len(packets) % len(sizes)]
        packets.append((start, samples[start : start + size]))
        start += size
    return packets


@given(
    st.lists(st.integers(33, 700), min_size=1, max_size=8),
    st.lists(st.integers(0, 3), min_size=60, max_size=60),
    st.sets(st.integers(0, 59), max_size=6),
)
def test_sizes_order_and_duplicates_do_not_matter(sizes, shifts, repeated):
    samples = sound(4_000)
    packets = cut(samples, sizes)
    order = sorted(range(len(packets)), key=lambda index: (index + shifts[index % 60], index))
    arriving = [packets[index] for index in order]
    arriving += [packets[index] for index in sorted(repeated) if index < len(packets)]
    window_ms = 4 * 700 // 8 + 1
    joined, lost = run(arriving, reorder_ms=window_ms)
    assert (joined == samples).all()
    assert len(joined) == len(samples)
    assert lost == []


@given(st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_packets_in_order_may_be_of_any_size(sizes):
    samples = sound(3_000)
    joined, lost = run(cut(samples, sizes))
    assert (joined == samples).all()
    assert lost == []


@given(st.lists(st.sampled_from([80, 160, 240]), min_size=1, max_size=5), st.integers(1, 20))
def test_a_missing_packet_is_silence_marked_as_lost(sizes, missing):
    samples = sound(8_000)
    packets = cut(samples, sizes)
    gone_start, gone = packets.pop(missing)
    joined, lost = run(packets)
    assert lost == [(gone_start, gone_start + len(gone))]
    assert len(joined) == 8_000
    assert not joined[gone_start : gone_start + len(gone)].any()
    expected = samples.copy()
    expected[gone_start : gone_start + len(gone)] = 0
    assert (joined == expected).all()


def test_in_order_audio_is_passed_on_at_once():
    clock = TrackClock()
    assert [frame.end_sample for frame in clock.push(0, sound(160))] == [160]
    assert clock.position == 160


def test_early_audio_waits_for_the_missing_packet_and_no_longer_than_the_window():
    clock = TrackClock(TrackOptions(reorder_ms=60))
    assert clock.push(160, sound(160)) == []
    first, second = clock.push(0, sound(160))
    assert (first.lost, second.lost, second.end_sample) == (False, False, 320)
    assert clock.push(480, sound(160)) == []
    gap, late, last = clock.push(640, sound(240))
    assert (gap.lost, gap.start_sample, gap.end_sample) == (True, 320, 480)
    assert (late.lost, last.end_sample) == (False, 880)


def test_audio_later_than_the_window_is_dropped():
    clock = TrackClock(TrackOptions(reorder_ms=20))
    clock.push(160, sound(320))
    assert clock.push(0, sound(160)) == []
    assert clock.position == 480


def test_only_the_new_part_of_an_overlapping_packet_is_used():
    samples = sound(400)
    joined, lost = run([(0, samples[:200]), (100, samples[100:])])
    assert (joined == samples).all()
    assert lost == []


def test_timestamps_rounded_to_milliseconds_leave_no_gaps():
    samples = sound(8_000)
    packets = [(round(start / 8) * 8, part) for start, part in cut(samples, [163])]
    joined, lost = run(packets)
    assert (joined == samples).all()
    assert lost == []


def test_silence_before_the_first_packet_is_lost_audio():
    joined, lost = run([(1_600, sound(160))])
    assert lost == [(0, 1_600)]
    assert len(joined) == 1_760


def test_empty_packets_change_nothing():
    clock = TrackClock()
    assert clock.push(0, np.zeros(0, np.int16)) == []
    assert clock.flush() == []
