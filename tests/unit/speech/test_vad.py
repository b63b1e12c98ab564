"""The four states of voice activity, and that grouping of windows cannot change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.silero import SileroProbability
from speech.vad import WINDOW_SAMPLES, VadOptions, VadState, VoiceActivity, windows_of

Q, A, S, O = VadState.QUIET, VadState.STARTING, VadState.SPEAKING, VadState.STOPPING  # noqa: E741 - columns of a table
OPTIONS = VadOptions(start_threshold=0.6, stop_threshold=0.4, start_secs=0.064, stop_secs=0.096)


@pytest.mark.parametrize(
    ("probabilities", "states"),
    [
        ([0.0, 0.5, 0.59], [Q, Q, Q]),
        ([0.6, 0.6, 0.9], [A, S, S]),
        ([0.9, 0.1, 0.9, 0.9], [A, Q, A, S]),
        ([0.9, 0.5, 0.5], [A, S, S]),
        ([0.9, 0.9, 0.5, 0.5, 0.5, 0.5], [A, S, S, S, S, S]),
        ([0.9, 0.9, 0.1, 0.1, 0.1, 0.1], [A, S, O, O, Q, Q]),
        ([0.9, 0.9, 0.1, 0.5, 0.5, 0.5], [A, S, O, O, Q, Q]),
        ([0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1], [A, S, O, S, O, O, Q]),
        ([0.9, 0.9, 0.1, 0.1, 0.1, 0.9, 0.9], [A, S, O, O, Q, A, S]),
    ],
)
def test_transitions(probabilities, states):
    activity = VoiceActivity(OPTIONS)
    assert [activity.step(probability) for probability in probabilities] == states


def test_one_window_is_enough_when_the_options_say_so():
    activity = VoiceActivity(VadOptions(start_secs=0.01, stop_secs=0.01))
    assert [activity.step(probability) for probability in (0.9, 0.1, 0.9)] == [S, Q, S]


def test_reset_is_quiet():
    activity = VoiceActivity(OPTIONS)
    activity.step(0.9)
    activity.step(0.9)
    activity.reset()
    assert activity.state is Q
    assert activity.step(0.9) is A


@given(st.lists(st.floats(0, 1), max_size=200))
def test_only_the_drawn_transitions_happen(probabilities):
    allowed = {(Q, A), (A, Q), (A, S), (S, O), (O, S), (O, Q)}
    activity = VoiceActivity(OPTIONS)
    before = activity.state
    for probability in probabilities:
        after = activity.step(probability)
        assert before is after or (before, after) in allowed
        before = after


@pytest.mark.parametrize("thresholds", [(0.4, 0.5), (1.0, 0.5), (0.5, 0.0)])
def test_thresholds_in_the_wrong_order_are_refused(thresholds):
    with pytest.raises(ValueError, match="must hold"):
        VadOptions(start_threshold=thresholds[0], stop_threshold=thresholds[1])


def test_durations_become_whole_windows():
    assert [windows_of(secs) for secs in (0.0, 0.032, 0.1, 0.48)] == [1, 1, 3, 15]


def windows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, WINDOW_SAMPLES)).astype(np.float32) * 0.1


@pytest.mark.parametrize("cuts", [range(1, 40), [1], [7, 8, 30], [39]])
def test_silero_gives_the_same_numbers_however_windows_are_grouped(cuts):
    rows = windows(40)
    together = SileroProbability().probabilities(rows)
    track = SileroProbability()
    apart = np.concatenate([track.probabilities(part) for part in np.split(rows, list(cuts))])
    assert together.shape == (40,)
    assert together.tobytes() == apart.tobytes()


def test_silero_keeps_the_state_of_each_track_apart_and_forgets_on_reset():
    rows, others = windows(10), windows(10, seed=1)
    alone = SileroProbability().probabilities(rows)
    track, other = SileroProbability(), SileroProbability()
    mixed = []
    for row, strange in zip(rows, others, strict=True):
        other.probabilities(strange[None])
        mixed.append(track.probabilities(row[None])[0])
    assert np.array(mixed).tobytes() == alone.tobytes()
    assert track.probabilities(rows).tobytes() != alone.tobytes()
    track.reset()
    assert track.probabilities(rows).tobytes() == alone.tobytes()


def test_silero_of_nothing_is_nothing():
    assert len(SileroProbability().probabilities(windows(0))) == 0
