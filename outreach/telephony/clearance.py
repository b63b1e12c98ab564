"""The right to make one contact, and the guard every carrier adapter asks before it sends anything.

A `Clearance` is issued and signed by the gate only. It names one attempt, one channel, one address (by digest), the
rulebook and facts it was decided on, the budget slot it was charged to and the debtor's local time; it lives for
seconds and works once. The guard does no I/O of its own: the single use is recorded through the `UseRegistry` port.

Checks, in this order; the first that fails names the error:
 1. key known, 2. signature valid, 3. channel, 4. attempt, 5. address, 6. lifetime,
 7. validity `[issued_at, expires_at)`, 8. burnt in the registry (first use wins; a revoked clearance cannot be burnt).
"""

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, NoReturn, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from outreach.errors import ClearanceError, InputError

Channel = Literal["voice", "sms"]
MAX_LIFETIME = timedelta(seconds=60)

_DOMAIN = b"fairline-clearance-v1\n"
_E164 = re.compile(r"\+[1-9][0-9]{5,14}\Z", re.ASCII)


def address_digest(address: str) -> str:
    """Lower-case hex SHA-256 of an E.164 number (`+8613800138000`).

    Raises InputError (input.address) when the text is not E.164; the message does not repeat it.
    """
    if not _E164.match(address):
        raise InputError("input.address", "a telephone address must be E.164: '+', country code, at most 15 digits")
    return hashlib.sha256(address.encode("ascii")).hexdigest()


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise InputError("input.naive_datetime", "a clearance needs aware datetimes")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """The right to make one contact: single use, expiring in seconds, signed with Ed25519 by the gate.

    `address_digest` is `address_digest(e164)`; `debtor_local_time` is the wall time the hours rule was judged at.
    """

    id: str
    attempt_id: str
    channel: Channel
    address_digest: str
    rulebook_digest: str
    facts_digest: str
    budget_slot: str
    debtor_local_time: str
    issued_at: datetime
    expires_at: datetime
    key_id: str
    signature: bytes = b""

    def signing_bytes(self) -> bytes:
        """Canonical bytes of everything but the signature: a domain line, then JSON with sorted keys, ASCII only."""
        body = {
            "address_digest": self.address_digest,
            "attempt_id": self.attempt_id,
            "budget_slot": self.budget_slot,
            "channel": self.channel,
            "debtor_local_time": self.debtor_local_time,
            "expires_at": _instant(self.expires_at),
            "facts_digest": self.facts_digest,
            "id": self.id,
            "issued_at": _instant(self.issued_at),
            "key_id": self.key_id,
            "rulebook_digest": self.rulebook_digest,
        }
        return _DOMAIN + json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sign(clearance: Clearance, key: Ed25519PrivateKey) -> Clearance:
    """The same clearance with its signature. Only the gate holds a key that a guard knows."""
    return replace(clearance, signature=key.sign(clearance.signing_bytes()))


class BurnResult(StrEnum):
    """What the registry says when a clearance is to be used."""

    BURNED = "burned"
    REUSED = "reused"
    REVOKED = "revoked"


class UseRegistry(Protocol):
    """Remembers which clearances were used or revoked; shared by every worker (a unique insert in the database)."""

    def burn(self, clearance_id: str, used_at: datetime) -> BurnResult:
        """Record the use, atomically. Only the first caller gets BURNED; after `revoke` nobody does."""
        ...

    def revoke(self, clearance_id: str, revoked_at: datetime) -> bool:
        """Make an unused clearance unusable. False when it was already used."""
        ...


class InMemoryUseRegistry:
    """The registry of one process: for a single worker, the local tools and the tests of other parts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[str, datetime] = {}
        self._revoked: dict[str, datetime] = {}

    def burn(self, clearance_id: str, used_at: datetime) -> BurnResult:
        """See `UseRegistry.burn`."""
        with self._lock:
            if clearance_id in self._revoked:
                return BurnResult.REVOKED
            if clearance_id in self._used:
                return BurnResult.REUSED
            self._used[clearance_id] = used_at
            return BurnResult.BURNED

    def revoke(self, clearance_id: str, revoked_at: datetime) -> bool:
        """See `UseRegistry.revoke`."""
        with self._lock:
            if clearance_id in self._used:
                return False
            self._revoked.setdefault(clearance_id, revoked_at)
            return True


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What the adapter is about to do, in the terms a clearance is checked against."""

    channel: Channel
    address: str
    attempt_id: str


class ClearanceGuard:
    """Decides whether a clearance lets a contact through, and burns it."""

    def __init__(
        self,
        public_keys: Mapping[str, Ed25519PublicKey],
        registry: UseRegistry,
        *,
        max_lifetime: timedelta = MAX_LIFETIME,
    ) -> None:
        self._keys = dict(public_keys)
        self._registry = registry
        self._max_lifetime = max_lifetime

    def verify(self, clearance: Clearance, contact: Contact, now: datetime) -> None:
        """Check everything but the use. Raises ClearanceError; records nothing."""
        self._verify_signature(clearance)
        if clearance.channel != contact.channel:
            _refuse("wrong_channel", f"it permits {clearance.channel}, the contact is {contact.channel}")
        if clearance.attempt_id != contact.attempt_id:
            _refuse("wrong_attempt", "it was issued for another attempt")
        if clearance.address_digest != address_digest(contact.address):
            _refuse("wrong_address", "it was issued for another address")
        if clearance.expires_at - clearance.issued_at > self._max_lifetime:
            limit_secs = self._max_lifetime.total_seconds()
            _refuse("too_long_lived", f"it claims to live longer than {limit_secs:g} s")
        if now < clearance.issued_at:
            _refuse("not_yet_valid", "it was issued in the future: compare the clocks of gate and worker")
        if now >= clearance.expires_at:
            late_secs = (now - clearance.expires_at).total_seconds()
            _refuse("expired", f"it expired {late_secs:.1f} s ago")

    def admit(self, clearance: Clearance, contact: Contact, now: datetime) -> None:
        """Check everything, then burn the clearance. Raises ClearanceError; returns only for the one permitted use."""
        self.verify(clearance, contact, now)
        result = self._registry.burn(clearance.id, now)
        if result is BurnResult.REVOKED:
            _refuse("revoked", "it was revoked before use")
        if result is BurnResult.REUSED:
            _refuse("reused", "it was used before; one clearance makes one contact")

    def _verify_signature(self, clearance: Clearance) -> None:
        key = self._keys.get(clearance.key_id)
        if key is None:
            _refuse("unknown_key", "it is signed with a key this worker does not know")
        try:
            key.verify(clearance.signature, clearance.signing_bytes())
        except (InvalidSignature, InputError) as error:
            raise _error("altered", "its signature does not match its content") from error


def _error(code: str, found: str) -> ClearanceError:
    hint = "ask the gate for a new ruling; nothing was sent"
    return ClearanceError(f"clearance.{code}", f"clearance refused: {found}", hint=hint)


def _refuse(code: str, found: str) -> NoReturn:
    raise _error(code, found)
