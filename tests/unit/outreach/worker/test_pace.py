"""Which calls are heard how well, from how far each is behind."""

from collections.abc import Mapping

from outreach.worker.pace import Pace
from speech.ladder import Effort


def paced(readings: list[Mapping[str, float]], pace: Pace | None = None, *, start: float = 0.0) -> Pace:
    """One reading a second, nothing waiting in the queue."""
    pace = pace or Pace()
    for index, backlogs in enumerate(readings):
        pace = pace.after(0.0, backlogs, start + index)
    return pace


def test_with_nobody_behind_everything_is_heard() -> None:
    pace = paced([{}, {"a": 0.2}, {"a": 0.3, "b": 0.0}])
    assert not pace.behind
    assert pace.effort("a") is Effort.FULL


def test_a_queue_counts_as_much_as_a_backlog() -> None:
    pace = Pace().after(1.5, {"a": 0.1}, 0.0)
    assert pace.behind
    assert pace.effort("a") is Effort.LONGER_HOPS


def test_the_call_furthest_behind_is_put_off_first_and_only_as_many_as_needed() -> None:
    pace = paced([{"a": 9.0, "b": 7.0, "c": 1.0}] * 3)
    assert pace.deferred == ("a",)
    assert [pace.effort(call) for call in "abc"] == [Effort.DEFERRED, Effort.FINALS_ONLY, Effort.FINALS_ONLY]
    pace = paced([{"a": 30.0, "b": 7.0, "c": 1.0}], pace, start=3.0)
    assert pace.deferred == ("a", "b")
    pace = paced([{"a": 30.0, "b": 9.0, "c": 1.0}] * 20, pace, start=4.0)
    assert pace.deferred == ("a", "b"), "what grows because it is put off is no reason to put off more"


def test_the_call_put_off_first_comes_back_first() -> None:
    pace = paced([{"a": 9.0, "b": 7.0, "c": 1.0}] * 4)
    assert pace.deferred == ("a", "b")
    pace = paced([{"a": 20.0, "b": 20.0, "c": 0.1}] * 6, pace, start=4.0)
    assert pace.deferred == ("b",)
    pace = paced([{"a": 0.1, "b": 20.0, "c": 0.1}] * 5, pace, start=10.0)
    assert (pace.deferred, pace.effort("a")) == ((), Effort.FINALS_ONLY)
    assert not paced([{"a": 0.1, "b": 0.2, "c": 0.1}] * 11, pace, start=15.0).behind


def test_a_call_that_ends_while_put_off_takes_no_other_along() -> None:
    pace = paced([{"a": 9.0, "b": 1.5}] * 3)
    assert pace.deferred == ("a",)
    pace = paced([{"b": 1.5}], pace, start=3.0)
    assert (pace.deferred, pace.effort("b")) == ((), Effort.FINALS_ONLY)


def test_a_call_that_begins_meanwhile_is_heard_like_the_others() -> None:
    pace = paced([{"a": 9.0}] * 3)
    assert pace.effort("new") is Effort.FINALS_ONLY
