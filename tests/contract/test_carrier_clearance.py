"""One door: without a clearance that holds nothing leaves the adapter, neither a call nor a message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outreach.errors import ClearanceError
from outreach.telephony.clearance import Clearance, sign
from tests.contract.carrier_world import CLOCK, DEBTOR, World, scenario, world

OTHER = "+8613800000002"


def expired(here: World, channel: Any) -> Clearance:
    now = CLOCK.now()
    return here.clearance(channel, issued_at=now - timedelta(seconds=30), expires_at=now - timedelta(seconds=1))


def altered(here: World, channel: Any) -> Clearance:
    return replace(here.clearance(channel), budget_slot="another slot")


def unsigned(here: World, channel: Any) -> Clearance:
    return replace(here.clearance(channel), signature=b"")


def forged(here: World, channel: Any) -> Clearance:
    return sign(here.clearance(channel), Ed25519PrivateKey.generate())


def prolonged(here: World, channel: Any) -> Clearance:
    return replace(here.clearance(channel), expires_at=CLOCK.now() + timedelta(hours=1))


def everlasting(here: World, channel: Any) -> Clearance:
    return here.clearance(channel, expires_at=CLOCK.now() + timedelta(hours=1))


def future(here: World, channel: Any) -> Clearance:
    now = CLOCK.now()
    return here.clearance(channel, issued_at=now + timedelta(seconds=10), expires_at=now + timedelta(seconds=20))


def other_address(here: World, channel: Any) -> Clearance:
    return here.clearance(channel, to=OTHER)


def other_channel(here: World, channel: Any) -> Clearance:
    return here.clearance("sms" if channel == "voice" else "voice")


def other_attempt(here: World, channel: Any) -> Clearance:
    return here.clearance(channel, attempt_id="attempt-2")


def unknown_key(here: World, channel: Any) -> Clearance:
    return here.clearance(channel, key_id="gate-9")


def revoked(here: World, channel: Any) -> Clearance:
    permit = here.clearance(channel)
    here.registry.revoke(permit.id, CLOCK.now())
    return permit


CASES: list[tuple[Callable[[World, Any], Clearance], str]] = [
    (expired, "clearance.expired"),
    (altered, "clearance.altered"),
    (unsigned, "clearance.altered"),
    (forged, "clearance.altered"),
    (prolonged, "clearance.altered"),
    (everlasting, "clearance.too_long_lived"),
    (future, "clearance.not_yet_valid"),
    (other_address, "clearance.wrong_address"),
    (other_channel, "clearance.wrong_channel"),
    (other_attempt, "clearance.wrong_attempt"),
    (unknown_key, "clearance.unknown_key"),
    (revoked, "clearance.revoked"),
]


def test_no_call_without_a_clearance_that_holds() -> None:
    with world(scenario()) as here:
        for make, code in CASES:
            with pytest.raises(ClearanceError) as refused:
                here.carrier.place(make(here, "voice"), here.call())
            assert refused.value.code == code, make.__name__
            assert DEBTOR[3:] not in refused.value.message
        assert here.http.sent == []
        assert here.local.exchange.calls == {}


def test_no_message_without_a_clearance_that_holds() -> None:
    with world(scenario()) as here:
        for make, code in CASES:
            with pytest.raises(ClearanceError) as refused:
                here.carrier.send_message(make(here, "sms"), here.message())
            assert refused.value.code == code, make.__name__
        assert here.http.sent == []
        assert here.local.exchange.messages == {}


def test_a_clearance_makes_one_contact() -> None:
    with world(scenario()) as here:
        permit = here.clearance()
        here.carrier.place(permit, here.call())
        with pytest.raises(ClearanceError) as refused:
            here.carrier.place(permit, here.call())
        assert refused.value.code == "clearance.reused"
        assert len(here.http.sent) == 1
        assert not here.registry.revoke(permit.id, CLOCK.now()), "what is used cannot be revoked"


def test_a_clearance_is_spent_even_when_the_carrier_refuses() -> None:
    with world(scenario(faults=[{"at": "create", "action": "rate_limited", "times": 1}])) as here:
        permit = here.clearance()
        with pytest.raises(Exception, match="slow down"):
            here.carrier.place(permit, here.call())
        with pytest.raises(ClearanceError) as refused:
            here.carrier.place(permit, here.call())
        assert refused.value.code == "clearance.reused"
