"""Clearance: canonical bytes, checks and single use. (What an adapter does with it: tests/contract.)"""

import threading
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outreach.errors import ClearanceError, InputError
from outreach.telephony.clearance import (
    BurnResult,
    Clearance,
    ClearanceGuard,
    Contact,
    InMemoryUseRegistry,
    address_digest,
    sign,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ADDRESS = "+8613800138000"
KEY = Ed25519PrivateKey.generate()
CONTACT = Contact(channel="voice", address=ADDRESS, attempt_id="a-1")


def permit() -> Clearance:
    return sign(
        Clearance(
            id="c-1",
            attempt_id="a-1",
            channel="voice",
            address_digest=address_digest(ADDRESS),
            rulebook_digest="sha256:r",
            facts_digest="sha256:f",
            budget_slot="person/2026-11-23",
            debtor_local_time="2026-11-23T10:00:00+08:00",
            issued_at=NOW,
            expires_at=NOW + timedelta(seconds=20),
            key_id="gate",
        ),
        KEY,
    )


def guard() -> ClearanceGuard:
    return ClearanceGuard({"gate": KEY.public_key()}, InMemoryUseRegistry())


def test_every_field_but_the_signature_is_signed() -> None:
    base = permit()
    others = {
        "channel": "sms",
        "issued_at": NOW - timedelta(seconds=1),
        "expires_at": NOW + timedelta(seconds=21),
        "signature": b"x",
    }
    for field in fields(Clearance):
        changed = replace(base, **{field.name: others.get(field.name, "changed")})
        differs = changed.signing_bytes() != base.signing_bytes()
        assert differs == (field.name != "signature"), field.name


def test_signing_bytes_do_not_depend_on_how_an_instant_is_written() -> None:
    base = permit()
    shanghai = replace(base, issued_at=NOW.astimezone(timezone(timedelta(hours=8))))
    assert shanghai.signing_bytes() == base.signing_bytes()
    assert base.signing_bytes().startswith(b"fairline-clearance-v1\n{")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-0.001, "clearance.not_yet_valid"), (0, None), (19.999, None), (20, "clearance.expired")],
)
def test_validity_is_half_open(seconds: float, code: str | None) -> None:
    now = NOW + timedelta(seconds=seconds)
    if code is None:
        guard().admit(permit(), CONTACT, now)
        return
    with pytest.raises(ClearanceError) as refused:
        guard().admit(permit(), CONTACT, now)
    assert refused.value.code == code


def test_verify_does_not_use_it_up() -> None:
    watch = guard()
    watch.verify(permit(), CONTACT, NOW)
    watch.admit(permit(), CONTACT, NOW)
    with pytest.raises(ClearanceError) as refused:
        watch.admit(permit(), CONTACT, NOW)
    assert refused.value.code == "clearance.reused"


def test_a_clearance_that_fails_a_check_is_not_burnt() -> None:
    registry = InMemoryUseRegistry()
    watch = ClearanceGuard({"gate": KEY.public_key()}, registry)
    with pytest.raises(ClearanceError):
        watch.admit(permit(), replace(CONTACT, attempt_id="a-2"), NOW)
    assert registry.burn("c-1", NOW) is BurnResult.BURNED


def test_a_naive_time_counts_as_altered() -> None:
    naive = replace(permit(), issued_at=NOW.replace(tzinfo=None))
    with pytest.raises(ClearanceError) as refused:
        guard().verify(naive, CONTACT, NOW)
    assert refused.value.code == "clearance.altered"


def test_only_one_of_many_threads_gets_to_use_it() -> None:
    registry = InMemoryUseRegistry()
    results: list[BurnResult] = []
    start = threading.Barrier(8)

    def burn() -> None:
        start.wait()
        results.append(registry.burn("c-1", NOW))

    threads = [threading.Thread(target=burn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [BurnResult.BURNED] + [BurnResult.REUSED] * 7


def test_revoking_works_until_it_is_used() -> None:
    registry = InMemoryUseRegistry()
    assert registry.revoke("c-1", NOW)
    assert registry.burn("c-1", NOW) is BurnResult.REVOKED
    assert registry.burn("c-2", NOW) is BurnResult.BURNED
    assert not registry.revoke("c-2", NOW)


@pytest.mark.parametrize("text", ["13800138000", "+0138001380", "+86 138", "+861380013800012345", "", "+8613800\n"])
def test_an_address_that_is_not_e164_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InputError) as refused:
        address_digest(text)
    assert not text.strip() or text.strip() not in refused.value.message
