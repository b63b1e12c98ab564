"""Cases, promises and contact points: what may follow what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from outreach.cases import case, contact_point
from outreach.cases.case import CaseError, CaseEvent, CaseState
from outreach.cases.contact_point import PointEvent, PointState
from outreach.cases.promise import PromiseState, judged, withdrawn
from outreach.db.tables import CASE_STATES, CONTACT_POINT_STATES, PROMISE_STATES


def test_the_database_knows_the_same_states() -> None:
    assert {state.value for state in CaseState} == set(CASE_STATES) == {state.value for state in case.TRANSITIONS}
    assert {state.value for state in PointState} == set(CONTACT_POINT_STATES)
    assert {state.value for state in contact_point.TRANSITIONS} == set(CONTACT_POINT_STATES)
    assert {state.value for state in PromiseState} == set(PROMISE_STATES)


def test_only_an_answer_payment_or_recall_ends_a_dispute() -> None:
    leaving = {event for event in CaseEvent if case.TRANSITIONS[CaseState.DISPUTED].get(event) != CaseState.DISPUTED}
    allowed = {event for event in leaving if event in case.TRANSITIONS[CaseState.DISPUTED]}
    assert allowed == {CaseEvent.DISPUTE_ANSWERED, CaseEvent.PAID, CaseEvent.RECALLED}


def test_every_active_state_can_be_disputed() -> None:
    for state in (CaseState.OPEN, CaseState.PROMISED, CaseState.ON_HOLD):
        assert case.after(state, CaseEvent.DISPUTE_RAISED) is CaseState.DISPUTED


@pytest.mark.parametrize("event", [event for event in CaseEvent if event is not CaseEvent.RECALLED])
def test_a_settled_case_is_over(event: CaseEvent) -> None:
    for state in (CaseState.SETTLED, CaseState.CLOSED):
        with pytest.raises(CaseError) as caught:
            case.after(state, event)
        assert caught.value.code == "case.impossible"


def test_a_wrong_number_never_becomes_active_again() -> None:
    assert set(contact_point.TRANSITIONS[PointState.WRONG].values()) == {PointState.WRONG}
    with pytest.raises(CaseError):
        contact_point.after(PointState.WRONG, PointEvent.ALLOWED_AGAIN)


def test_a_refused_number_can_be_allowed_again() -> None:
    assert contact_point.after(PointState.REFUSED, PointEvent.ALLOWED_AGAIN) is PointState.ACTIVE


DUE = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("paid", "days", "state"),
    [
        ("0", 0, PromiseState.MADE),
        ("0", 3, PromiseState.MADE),
        ("0", 4, PromiseState.BROKEN),
        ("99.99", 4, PromiseState.BROKEN),
        ("100", 0, PromiseState.KEPT),
        ("100", 30, PromiseState.KEPT),
    ],
)
def test_a_promise_breaks_only_after_the_days_of_grace(paid: str, days: int, state: PromiseState) -> None:
    today = DUE + timedelta(days=days)
    assert judged(DUE, Decimal(100), Decimal(paid), today, grace_days=3) is state


@pytest.mark.parametrize(("promised", "paid", "grace"), [("0", "0", 0), ("1", "-1", 0), ("1", "0", -1)])
def test_promises_that_cannot_be(promised: str, paid: str, grace: int) -> None:
    with pytest.raises(CaseError) as caught:
        judged(DUE, Decimal(promised), Decimal(paid), DUE, grace_days=grace)
    assert caught.value.code == "promise.impossible"


def test_only_a_standing_promise_is_withdrawn() -> None:
    assert withdrawn(PromiseState.MADE) is PromiseState.WITHDRAWN
    with pytest.raises(CaseError):
        withdrawn(PromiseState.KEPT)
