"""Utterance boundaries on the sample clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import Closed, Endpointer, EndpointOptions, Opened, find_utterances
from speech.vad import WINDOW_SAMPLES, VadOptions, windows_of

VAD = VadOptions(start_secs=0.064, stop_secs=0.16)
OPTIONS = EndpointOptions(pad_before_secs=0.128, pad_after_secs=0.064, max_secs=3.2, cut_search_secs=0.64)


def found(speech: str, options: EndpointOptions = OPTIONS):
    """Utterances, in windows, of a drawing: '#' speech, '.' none, '-' in between."""
    values = {"#": 1.0, ".": 0.0, "-": 0.6}
    utterances = find_utterances([values[mark] for mark in speech], len(speech) * WINDOW_SAMPLES, VAD, options)
    return [(one.start_sample / WINDOW_SAMPLES, one.end_sample / WINDOW_SAMPLES, one.reason) for one in utterances]


def test_an_utterance_reaches_over_its_pads():
    assert found("......######......") == [(2, 14, "silence")]


def test_the_pad_cannot_reach_before_the_beginning():
    assert found("..####..........") == [(0, 8, "silence")]


def test_a_blip_is_no_utterance_and_a_short_pause_does_not_end_one():
    assert found("......#........") == []
    assert found("......####....####......") == [(2, 20, "silence")]


def test_pads_of_neighbours_do_not_overlap():
    first, second = found("....####.....####......")
    assert (first, second) == ((0, 10, "silence"), (10, 19, "silence"))


def test_the_end_of_the_stream_closes_what_is_open():
    assert found("......####") == [(2, 10, "end_of_stream")]
    assert found("......####..") == [(2, 12, "end_of_stream")]


def test_audio_after_the_last_whole_window_is_kept():
    utterances = find_utterances([0.0] * 6 + [1.0] * 4, 10 * WINDOW_SAMPLES + 100, VAD, OPTIONS)
    assert [one.end_sample for one in utterances] == [10 * WINDOW_SAMPLES + 100]


def test_long_speech_is_cut_at_its_quietest_recent_window_and_goes_on_there():
    longest = windows_of(OPTIONS.max_secs)
    speech = "#" * (longest - 10) + "-" + "#" * 30 + "......"
    first, second = found(speech)
    assert first == (0, longest - 9, "max_length")
    assert second == (longest - 9, longest + 21 + 2, "silence")


def test_without_a_quiet_place_the_cut_is_the_latest():
    first, second = found("#" * 110)
    assert first == (0, 100, "max_length")
    assert second == (100, 110, "end_of_stream")


@given(st.text(alphabet="#.-", max_size=400))
def test_utterances_are_in_order_apart_and_hold_all_confirmed_speech(speech):
    utterances = found(speech)
    position = 0
    for start, end, _ in utterances:
        assert position <= start < end <= len(speech)
        position = end
        assert end - start <= windows_of(OPTIONS.max_secs)
    covered = {index for start, end, _ in utterances for index in range(int(start), int(end))}
    confirmed = {
        index + offset for index in range(len(speech) - 1) if speech[index : index + 2] == "##" for offset in (0, 1)
    }
    assert confirmed <= covered


@given(st.text(alphabet="#.", max_size=300))
def test_audio_still_needed_is_never_let_go(speech):
    endpointer = Endpointer(VAD, OPTIONS)
    kept_from = 0
    for mark in speech:
        for boundary in endpointer.step(1.0 if mark == "#" else 0.0):
            assert boundary.start_sample >= kept_from
        assert endpointer.needed_from >= kept_from
        kept_from = endpointer.needed_from


def test_after_a_jump_boundaries_are_counted_from_the_new_place():
    endpointer = Endpointer(VAD, OPTIONS)
    for _ in range(5):
        endpointer.step(1.0)
    (closed,) = endpointer.end("gap")
    endpointer.jump(1_000_000)
    opened = [boundary for _ in range(2) for boundary in endpointer.step(1.0)]
    assert (closed.reason, closed.end_secs) == ("gap", 5 * 0.032)
    assert isinstance(closed, Closed)
    assert opened == [Opened(start_sample=1_000_000)]
    assert endpointer.open_since == 1_000_000


def test_impossible_lengths_are_refused():
    with pytest.raises(ValueError, match="must hold"):
        EndpointOptions(max_secs=29.5)
