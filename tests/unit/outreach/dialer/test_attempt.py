"""The life of an attempt: what may follow what."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.db.tables import ATTEMPT_STATES, IN_FLIGHT_STATES
from outreach.dialer.attempt import FINAL, IN_FLIGHT, RELEASING, TRANSITIONS, AttemptError, Event, State, after


def test_the_table_knows_every_state_and_the_database_the_same_ones() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {state.value for state in State} == set(ATTEMPT_STATES)
    assert {state.value for state in IN_FLIGHT} == set(IN_FLIGHT_STATES)


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([Event.PLACED, Event.RANG, Event.ANSWERED, Event.ENDED], State.ENDED),
        ([Event.RANG, Event.PLACED, Event.ANSWERED, Event.RANG], State.IN_PROGRESS),
        ([Event.ANSWERED, Event.ENDED, Event.RANG, Event.PLACED], State.ENDED),
        ([Event.DOUBTFUL, Event.FOUND, Event.ENDED], State.ENDED),
        ([Event.DOUBTFUL, Event.RANG], State.RINGING),
        ([Event.DOUBTFUL, Event.ABSENT], State.ENDED),
        ([Event.SENT, Event.SENT, Event.ENDED], State.ENDED),
        ([Event.FAILED], State.ENDED),
        ([Event.VOIDED], State.VOIDED),
    ],
)
def test_lives(events: list[Event], end: State) -> None:
    state = State.INTENDED
    for event in events:
        state = after(state, event)
    assert state is end


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.REFUSED, Event.PLACED),
        (State.VOIDED, Event.RANG),
        (State.RINGING, Event.VOIDED),
        (State.PLACED, Event.FAILED),
        (State.PLACED, Event.DOUBTFUL),
        (State.IN_PROGRESS, Event.ABSENT),
        (State.ENDED, Event.VOIDED),
        (State.SENT, Event.RANG),
    ],
)
def test_what_cannot_happen_is_an_error(state: State, event: Event) -> None:
    with pytest.raises(AttemptError) as caught:
        after(state, event)
    assert caught.value.code == "attempt.impossible"


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly; nothing here is timed
@given(st.lists(st.sampled_from(Event), max_size=12))
def test_no_order_of_events_revives_a_finished_attempt_or_refunds_a_dial(events: list[Event]) -> None:
    state, seen = State.INTENDED, set[State]()
    for event in events:
        before = state
        try:
            state = after(state, event)
        except AttemptError:
            continue
        assert before not in FINAL or state is before
        dialled = seen & {State.PLACED, State.RINGING, State.IN_PROGRESS, State.SENT}
        assert not (event in RELEASING and dialled), "nothing is given back once the carrier is known to have dialled"
        seen.add(state)
