"""The life of a promise to pay: made, then kept, broken or withdrawn. Pure.

A promise is broken only when the due date and the days of grace have gone by without the money; a day is the debtor's
own calendar day, so the caller passes `today` in the debtor's zone.
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from outreach.cases.case import CaseError


class PromiseState(StrEnum):
    """Where a promise stands; all but `made` are final."""

    MADE = "made"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


def judged(due: date, promised: Decimal, paid: Decimal, today: date, *, grace_days: int) -> PromiseState:
    """The state of a promise given what has been paid towards it.

    Kept as soon as enough is there. Broken from the day after the grace ends. Raises CaseError promise.impossible for
    an amount below zero or a negative grace.
    """
    if promised <= 0 or paid < 0 or grace_days < 0:
        raise CaseError(
            "promise.impossible", "a promise needs an amount above zero; payments and grace days cannot be negative"
        )
    if paid >= promised:
        return PromiseState.KEPT
    return PromiseState.BROKEN if today > due + timedelta(days=grace_days) else PromiseState.MADE


def withdrawn(state: PromiseState) -> PromiseState:
    """The debtor takes the promise back; CaseError promise.impossible when it has ended already."""
    if state is not PromiseState.MADE:
        raise CaseError("promise.impossible", f"a promise that is {state} cannot be withdrawn")
    return PromiseState.WITHDRAWN
