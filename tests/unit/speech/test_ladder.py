"""The ladder of effort: when something is given up and when it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.ladder import Effort, Ladder, LadderOptions

OPTIONS = LadderOptions()


def climb(lags, *, every=0.25, calls=3, state=None, start=0.0):
    """The rungs after readings at a steady rhythm."""
    state, rungs = state or Ladder(), []
    for index, lag in enumerate(lags):
        state = state.after(lag, start + index * every, calls=calls, options=OPTIONS)
        rungs.append(state.rung)
    return rungs, state


@pytest.mark.parametrize(
    ("lag", "highest"), [(0.0, 0), (0.9, 0), (1.0, 0), (1.1, 1), (2.0, 1), (2.1, 2), (6.0, 2), (6.1, 5), (60.0, 5)]
)
def test_a_lasting_lag_leads_to_its_rung_and_no_further(lag, highest):
    rungs, _ = climb([lag] * 100)
    assert rungs[-1] == max(rungs) == highest


def test_rungs_are_taken_one_at_a_time_and_given_time_to_help():
    rungs, _ = climb([60.0] * 17)
    assert rungs == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5]


@pytest.mark.parametrize("lag", [0.6, 0.8, 1.0])
def test_between_the_limits_nothing_changes(lag):
    _, up = climb([60.0] * 6)
    rungs, _ = climb([lag] * 400, state=up, start=2.0)
    assert set(rungs) == {up.rung}


def test_the_way_back_needs_an_unbroken_calm_for_every_rung():
    _, up = climb([60.0] * 6)
    assert up.rung == 2
    rungs, _ = climb([0.1] * 45, state=up, start=1.5)
    assert rungs == [2] * 20 + [1] * 20 + [0] * 5
    broken, _ = climb([0.1] * 18 + [0.7] + [0.1] * 20, state=up, start=1.5)
    assert set(broken) == {2}


def test_rungs_without_calls_are_left_at_once():
    _, up = climb([60.0] * 40)
    assert (up.rung, up.deferred, up.effort) == (5, 3, Effort.FINALS_ONLY)
    left = up.after(60.0, 10.0, calls=1, options=OPTIONS)
    assert (left.rung, left.deferred) == (3, 1)


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0.01, 3), st.integers(0, 4)), max_size=60))
def test_one_rung_at_a_time_never_back_without_calm_never_on_without_need(readings):
    state, now, calm_from = Ladder(), 0.0, None
    changed = float("-inf")
    for lag, pause, calls in readings:
        now += pause
        calm_from = None if lag >= OPTIONS.calm_lag_secs else now if calm_from is None else calm_from
        after = state.after(lag, now, calls=calls, options=OPTIONS)
        assert 0 <= after.rung <= Effort.FINALS_ONLY + calls
        if after.rung > state.rung:
            assert after.rung == state.rung + 1
            assert lag > OPTIONS.limits_secs[min(state.rung, 2)]
            assert now - changed >= OPTIONS.settle_secs
        elif after.rung < state.rung and state.rung <= Effort.FINALS_ONLY + calls:
            assert after.rung == state.rung - 1
            assert calm_from is not None
            assert now - calm_from >= OPTIONS.calm_secs
        if after.rung != state.rung:
            changed = now
        state = after


def test_steps_have_the_names_on_record():
    assert [effort.step for effort in Effort] == ["partials", "longer_hops", "finals_only", "deferred"]


@pytest.mark.parametrize(
    "options",
    [
        {"limits_secs": (2.0, 1.0, 6.0)},
        {"calm_lag_secs": 1.0},
        {"calm_lag_secs": 0.0},
        {"calm_secs": 0.0},
        {"settle_secs": -1.0},
    ],
)
def test_limits_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match="must"):
        LadderOptions(**options)
