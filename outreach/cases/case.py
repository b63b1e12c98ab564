"""The life of a collection case. Pure.

    open ──promise──> promised ──broken/withdrawn──> open   any active state ──dispute──> disputed ──answered──> open
    open, promised, disputed ──hold──> on_hold ──release──> open
    open, promised, disputed, on_hold ──paid──> settled          any ──recall──> closed (the creditor takes it back)

A disputed case stays disputed until the dispute is answered: neither a promise nor a release ends it.
"""

from collections.abc import Mapping
from enum import StrEnum

from outreach.errors import FairlineError


class CaseError(FairlineError):
    """An event that cannot happen in the state. Code case., promise. or contact_point.impossible."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PROMISED = "promised"
    DISPUTED = "disputed"
    ON_HOLD = "on_hold"
    SETTLED = "settled"
    CLOSED = "closed"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    PROMISE_MADE = "promise_made"
    PROMISE_ENDED = "promise_ended"
    DISPUTE_RAISED = "dispute_raised"
    DISPUTE_ANSWERED = "dispute_answered"
    HELD = "held"
    RELEASED = "released"
    PAID = "paid"
    RECALLED = "recalled"


TRANSITIONS: Mapping[CaseState, Mapping[CaseEvent, CaseState]] = {
    CaseState.OPEN: {
        CaseEvent.PROMISE_MADE: CaseState.PROMISED,
        CaseEvent.PROMISE_ENDED: CaseState.OPEN,
        CaseEvent.DISPUTE_RAISED: CaseState.DISPUTED,
        CaseEvent.HELD: CaseState.ON_HOLD,
        CaseEvent.PAID: CaseState.SETTLED,
        CaseEvent.RECALLED: CaseState.CLOSED,
    },
    CaseState.PROMISED: {
        CaseEvent.PROMISE_MADE: CaseState.PROMISED,
        CaseEvent.PROMISE_ENDED: CaseState.OPEN,
        CaseEvent.DISPUTE_RAISED: CaseState.DISPUTED,
        CaseEvent.HELD: CaseState.ON_HOLD,
        CaseEvent.PAID: CaseState.SETTLED,
        CaseEvent.RECALLED: CaseState.CLOSED,
    },
    CaseState.DISPUTED: {
        CaseEvent.PROMISE_MADE: CaseState.DISPUTED,
        CaseEvent.PROMISE_ENDED: CaseState.DISPUTED,
        CaseEvent.DISPUTE_RAISED: CaseState.DISPUTED,
        CaseEvent.DISPUTE_ANSWERED: CaseState.OPEN,
        CaseEvent.HELD: CaseState.DISPUTED,
        CaseEvent.PAID: CaseState.SETTLED,
        CaseEvent.RECALLED: CaseState.CLOSED,
    },
    CaseState.ON_HOLD: {
        CaseEvent.PROMISE_MADE: CaseState.ON_HOLD,
        CaseEvent.PROMISE_ENDED: CaseState.ON_HOLD,
        CaseEvent.DISPUTE_RAISED: CaseState.DISPUTED,
        CaseEvent.HELD: CaseState.ON_HOLD,
        CaseEvent.RELEASED: CaseState.OPEN,
        CaseEvent.PAID: CaseState.SETTLED,
        CaseEvent.RECALLED: CaseState.CLOSED,
    },
    CaseState.SETTLED: {CaseEvent.RECALLED: CaseState.CLOSED},
    CaseState.CLOSED: {},
}


def after(state: CaseState, event: CaseEvent) -> CaseState:
    """The state once `event` has happened; CaseError case.impossible."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise CaseError("case.impossible", f"a case that is {state} cannot take {event}")
    return following
