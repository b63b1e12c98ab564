"""The debtor's mood over a call: distress counts at once, relief must be heard twice. Pure."""

from dataclasses import dataclass

AT_ONCE = frozenset({"distressed", "angry", "anxious", "cooperative"})
LEAST_SCORE = 0.35


@dataclass(frozen=True, kw_only=True)
class MoodState:
    """`current` is what the adapter uses; `candidate` is a quieter mood heard once; `trail` is every change."""

    current: str | None = None
    candidate: str | None = None
    trail: tuple[str, ...] = ()


def hear_mood(state: MoodState, label: str, score: float, *, clear: bool) -> MoodState:
    """The state after one debtor turn.

    A mood that asks for care takes effect at once when it was heard clearly. Falling back to calm or evasive needs
    two turns in a row, because one flat answer does not mean that the fear has gone. Unclear words and weak scores
    can only support what was heard before.
    """
    if label == state.current:
        return MoodState(current=state.current, candidate=None, trail=state.trail)
    trusted = clear and score >= LEAST_SCORE
    second_time = state.candidate == label
    if trusted and (label in AT_ONCE or state.current is None or second_time):
        return MoodState(current=label, candidate=None, trail=(*state.trail, label))
    return MoodState(current=state.current, candidate=label, trail=state.trail)
