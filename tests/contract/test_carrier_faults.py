"""What the port does when the carrier or the way to it fails."""

from collections import Counter
from typing import Any

import pytest

from outreach.errors import CarrierError
from outreach.telephony.events import CallProgress, CallStatus, RecordingReady
from outreach.telephony.ordering import order_progress, supersedes
from outreach.telephony.twilio.adapter import TwilioCarrier
from tests.contract.carrier_world import CLOCK, DEBTOR, CheckedHttpClient, World, scenario, until, world


def failing_place(here: World) -> CarrierError:
    with pytest.raises(CarrierError) as failed:
        here.carrier.place(here.clearance(), here.call())
    return failed.value


def create_fault(action: str) -> dict[str, Any]:
    return scenario(faults=[{"at": "create", "action": action, "times": 1}])


def test_too_many_requests_did_nothing_and_may_be_tried_later() -> None:
    with world(create_fault("rate_limited")) as here:
        error = failing_place(here)
        assert (error.code, error.retryable, error.ambiguous) == ("carrier.rate_limited", True, False)
        assert here.carrier.find_calls(DEBTOR, CLOCK.now()) == []
        assert here.place()


def test_a_server_error_is_ambiguous_even_when_nothing_happened() -> None:
    with world(create_fault("server_error")) as here:
        error = failing_place(here)
        assert (error.code, error.retryable, error.ambiguous) == ("carrier.server_error", False, True)
        assert here.carrier.find_calls(DEBTOR, CLOCK.now()) == []


@pytest.mark.parametrize(
    ("action", "code"),
    [("server_error_after_accept", "carrier.server_error"), ("timeout_after_accept", "carrier.timeout")],
)
def test_an_ambiguous_create_is_found_again_and_was_sent_once(action: str, code: str) -> None:
    started = CLOCK.now()
    with world(create_fault(action), timeout_secs=1.5) as here:
        error = failing_place(here)
        assert (error.code, error.retryable, error.ambiguous) == (code, False, True)
        [found] = here.carrier.find_calls(DEBTOR, started)
        assert found.status is not CallStatus.FAILED
        posts = [method for method, _ in here.http.sent if method == "POST"]
        assert len(posts) == 1, "a create is never replayed"
        assert here.final(found.call_sid).attempt_id == "attempt-1"


def test_a_carrier_that_cannot_be_reached_was_not_asked() -> None:
    with world(scenario()) as here:
        http = CheckedHttpClient("http://127.0.0.1:9", 1.0)
        settings = here.settings
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from outreach.telephony.clearance import ClearanceGuard, InMemoryUseRegistry, sign

        key = Ed25519PrivateKey.generate()
        guard = ClearanceGuard({"gate-1": key.public_key()}, InMemoryUseRegistry())
        carrier = TwilioCarrier(settings, guard=guard, clock=CLOCK, http_client=http)
        with pytest.raises(CarrierError) as failed:
            carrier.place(sign(here.clearance(), key), here.call())
        carrier.close()
        assert (failed.value.code, failed.value.retryable, failed.value.ambiguous) == (
            "carrier.unreachable",
            True,
            False,
        )


def test_callbacks_out_of_order_are_put_in_order() -> None:
    faults = [
        {"at": "callback", "match": "initiated", "action": "reorder"},
        {"at": "callback", "match": "in-progress", "action": "delay", "secs": 0.4},
    ]
    with world(scenario(faults=faults)) as here:
        here.final(here.place())
        until(lambda: len(here.app.of(CallProgress)) == 4)
        arrived = here.app.of(CallProgress)
        assert [event.sequence for event in arrived] != [0, 1, 2, 3]
        assert [event.sequence for event in order_progress(arrived)] == [0, 1, 2, 3]
        current: CallProgress | None = None
        for event in arrived:
            current = event if supersedes(event, current) else current
        assert current is not None
        assert current.status is CallStatus.COMPLETED


def test_callbacks_that_come_twice_count_once() -> None:
    with world(scenario(faults=[{"at": "callback", "action": "duplicate"}])) as here:
        here.final(here.place())
        until(lambda: len(here.app.of(CallProgress)) == 8)
        assert set(Counter(event.sequence for event in here.app.of(CallProgress)).values()) == {2}
        assert len(order_progress(here.app.of(CallProgress))) == 4


def test_a_final_callback_that_never_comes_is_made_up_for_by_asking() -> None:
    with world(scenario(faults=[{"at": "callback", "match": "completed", "action": "drop"}])) as here:
        sid = here.place()
        here.status(sid, CallStatus.COMPLETED)
        until(lambda: [event for event in here.app.of(RecordingReady) if event.duration_secs])
        assert not [event for event in here.app.of(CallProgress) if event.status.is_final]


@pytest.mark.parametrize(
    ("action", "status"),
    [("busy", CallStatus.BUSY), ("no_answer", CallStatus.NO_ANSWER), ("unallocated", CallStatus.FAILED)],
)
def test_a_fault_can_spoil_a_call_to_someone_who_would_answer(action: str, status: CallStatus) -> None:
    with world(scenario(faults=[{"at": "call", "action": action, "to": DEBTOR}])) as here:
        assert here.final(here.place(timeout_secs=3)).status is status


def test_a_fault_can_cut_a_call() -> None:
    with world(scenario(faults=[{"at": "call", "action": "hang_up", "secs": 2}])) as here:
        assert here.final(here.place()).duration_secs == 2


def test_credentials_that_the_carrier_does_not_accept() -> None:
    with world(scenario()) as here:
        from dataclasses import replace

        from outreach.telephony.clearance import ClearanceGuard

        settings = replace(here.settings, auth_token="wrong")
        guard = ClearanceGuard({}, here.registry)
        http = CheckedHttpClient(here.local.base_url, 2.0)
        carrier = TwilioCarrier(settings, guard=guard, clock=CLOCK, http_client=http)
        with pytest.raises(CarrierError) as refused:
            carrier.fetch_call("CA" + "0" * 32)
        carrier.close()
        assert refused.value.code == "carrier.unauthorized"


def test_a_long_list_of_calls_is_read_page_by_page() -> None:
    started = CLOCK.now()
    with world(scenario(subscribers={DEBTOR: {"behaviour": "busy"}})) as here:
        sids = [here.place() for _ in range(5)]
        found = here.carrier._client.calls.list(to=DEBTOR, page_size=2, limit=10)
        assert {call.sid for call in found} == set(sids)
        assert {call.call_sid for call in here.carrier.find_calls(DEBTOR, started)} == set(sids)
