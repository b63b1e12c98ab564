"""The life of an attempt as one table: what may happen in which state, and what the state is then.

    intended ──placed──> placed ──rang──> ringing ──answered──> in_progress ──ended──> ended
        │ doubtful ──> ambiguous ──found──> placed       (an ambiguous create is charged and looked up, never replayed)
        │                  └──absent──> ended, budget released
        │ sent ──> sent ──ended──> ended                    (messages)
        │ failed ──> ended, budget released                 (the carrier refused: nothing was dialled)
        └ voided ──> voided, budget released                (its clearance was revoked before use)

Carrier callbacks repeat themselves and overtake one another: what comes late is answered with the state unchanged.
What cannot happen at all raises AttemptError. Pure.
"""

from collections.abc import Mapping
from enum import StrEnum

from outreach.errors import FairlineError


class AttemptError(FairlineError):
    """An event that cannot happen in the attempt's state. Code attempt.impossible."""


class State(StrEnum):
    """Where an attempt stands. `refused`, `voided` and `ended` are final."""

    REFUSED = "refused"
    INTENDED = "intended"
    PLACED = "placed"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    VOIDED = "voided"
    ENDED = "ended"


class Event(StrEnum):
    """What can happen to an attempt."""

    PLACED = "placed"
    RANG = "rang"
    ANSWERED = "answered"
    SENT = "sent"
    DOUBTFUL = "doubtful"
    FOUND = "found"
    ABSENT = "absent"
    FAILED = "failed"
    VOIDED = "voided"
    ENDED = "ended"


IN_FLIGHT = frozenset({State.INTENDED, State.PLACED, State.RINGING, State.IN_PROGRESS, State.AMBIGUOUS})
FINAL = frozenset({State.REFUSED, State.VOIDED, State.ENDED})
RELEASING = frozenset({Event.ABSENT, Event.FAILED, Event.VOIDED})
"""Events that prove that nothing was dialled, and so give the budget back."""

TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.REFUSED: {},
    State.INTENDED: {
        Event.PLACED: State.PLACED,
        Event.RANG: State.RINGING,
        Event.ANSWERED: State.IN_PROGRESS,
        Event.SENT: State.SENT,
        Event.DOUBTFUL: State.AMBIGUOUS,
        Event.FAILED: State.ENDED,
        Event.VOIDED: State.VOIDED,
        Event.ENDED: State.ENDED,
    },
    State.PLACED: {
        Event.PLACED: State.PLACED,
        Event.RANG: State.RINGING,
        Event.ANSWERED: State.IN_PROGRESS,
        Event.ENDED: State.ENDED,
    },
    State.RINGING: {
        Event.PLACED: State.RINGING,
        Event.RANG: State.RINGING,
        Event.ANSWERED: State.IN_PROGRESS,
        Event.ENDED: State.ENDED,
    },
    State.IN_PROGRESS: {
        Event.PLACED: State.IN_PROGRESS,
        Event.RANG: State.IN_PROGRESS,
        Event.ANSWERED: State.IN_PROGRESS,
        Event.ENDED: State.ENDED,
    },
    State.AMBIGUOUS: {
        Event.FOUND: State.PLACED,
        Event.PLACED: State.PLACED,
        Event.RANG: State.RINGING,
        Event.ANSWERED: State.IN_PROGRESS,
        Event.SENT: State.SENT,
        Event.ABSENT: State.ENDED,
        Event.ENDED: State.ENDED,
    },
    State.SENT: {Event.SENT: State.SENT, Event.ENDED: State.ENDED},
    State.VOIDED: {},
    State.ENDED: {
        Event.PLACED: State.ENDED,
        Event.RANG: State.ENDED,
        Event.ANSWERED: State.ENDED,
        Event.SENT: State.ENDED,
        Event.ENDED: State.ENDED,
    },
}


def after(state: State, event: Event) -> State:
    """The state once `event` has happened in `state`; AttemptError attempt.impossible."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise AttemptError("attempt.impossible", f"an attempt that is {state} cannot be {event}")
    return following
