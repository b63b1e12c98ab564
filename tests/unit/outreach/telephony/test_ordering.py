"""Status changes in any order, any number of times, give one history."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.telephony.events import CallProgress, CallStatus
from outreach.telephony.ordering import order_progress, supersedes

AT = datetime(2026, 11, 23, tzinfo=UTC)
LIFE = [CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED]


def step(sequence: int, call_sid: str = "CA1") -> CallProgress:
    return CallProgress(call_sid=call_sid, attempt_id=None, status=LIFE[sequence], sequence=sequence, at=AT)


@given(st.lists(st.sampled_from(range(4)), min_size=1, max_size=30))
def test_history_is_sorted_and_without_repeats(arrived: list[int]) -> None:
    ordered = order_progress(step(sequence) for sequence in arrived)
    assert [event.sequence for event in ordered] == sorted(set(arrived))


@given(st.lists(st.sampled_from(range(4)), min_size=1, max_size=30))
def test_applying_what_supersedes_ends_at_the_highest_step(arrived: list[int]) -> None:
    current: CallProgress | None = None
    for sequence in arrived:
        event = step(sequence)
        current = event if supersedes(event, current) else current
    assert current is not None
    assert current.sequence == max(arrived)


def test_nothing_follows_a_final_status() -> None:
    final = CallProgress(call_sid="CA1", attempt_id=None, status=CallStatus.BUSY, sequence=2, at=AT)
    assert not supersedes(step(3), final)


def test_two_calls_are_kept_apart() -> None:
    assert len(order_progress([step(0, "CA2"), step(0, "CA1")])) == 2
    with pytest.raises(ValueError, match="different calls"):
        supersedes(step(1, "CA2"), step(0, "CA1"))
