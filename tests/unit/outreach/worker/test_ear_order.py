"""The order in which the events of two tracks reach the monitor."""

from hypothesis import given
from hypothesis import strategies as st

from outreach.worker.ear import in_order
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
