"""The life of a number or mailbox. Pure.

`wrong`: known not to be the debtor's; it never comes back by itself, because dialling it again would reach a stranger.
`refused`: the debtor asked not to be reached there, and may change their mind. `retired`: no longer in use.
"""

from collections.abc import Mapping
from enum import StrEnum

from outreach.cases.case import CaseError


class PointState(StrEnum):
    """Where a contact point stands."""

    ACTIVE = "active"
    WRONG = "wrong"
    REFUSED = "refused"
    RETIRED = "retired"


class PointEvent(StrEnum):
    """What can become known of a contact point."""

    STRANGER_ANSWERED = "stranger_answered"
    REFUSED = "refused"
    ALLOWED_AGAIN = "allowed_again"
    OUT_OF_SERVICE = "out_of_service"


TRANSITIONS: Mapping[PointState, Mapping[PointEvent, PointState]] = {
    PointState.ACTIVE: {
        PointEvent.STRANGER_ANSWERED: PointState.WRONG,
        PointEvent.REFUSED: PointState.REFUSED,
        PointEvent.ALLOWED_AGAIN: PointState.ACTIVE,
        PointEvent.OUT_OF_SERVICE: PointState.RETIRED,
    },
    PointState.REFUSED: {
        PointEvent.STRANGER_ANSWERED: PointState.WRONG,
        PointEvent.REFUSED: PointState.REFUSED,
        PointEvent.ALLOWED_AGAIN: PointState.ACTIVE,
        PointEvent.OUT_OF_SERVICE: PointState.RETIRED,
    },
    PointState.WRONG: {
        PointEvent.STRANGER_ANSWERED: PointState.WRONG,
        PointEvent.REFUSED: PointState.WRONG,
        PointEvent.OUT_OF_SERVICE: PointState.WRONG,
    },
    PointState.RETIRED: {
        PointEvent.STRANGER_ANSWERED: PointState.WRONG,
        PointEvent.REFUSED: PointState.RETIRED,
        PointEvent.OUT_OF_SERVICE: PointState.RETIRED,
    },
}


def after(state: PointState, event: PointEvent) -> PointState:
    """The state once `event` is known; CaseError contact_point.impossible."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise CaseError("contact_point.impossible", f"a contact point that is {state} cannot become {event}")
    return following
