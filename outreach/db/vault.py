"""Personal data at rest: AES-256-GCM under a key per person, that key wrapped by the master key.

Destroying a person's wrapped key makes every sealed column and every ledger commitment about them unreadable and
unlinkable (crypto-erasure), without touching a row of evidence. A sealed value is one version byte, a 96-bit random
nonce and the GCM ciphertext; the person's `key_ref` and the column name are authenticated with it, so that a value
moved to another person or column does not open. NIST SP 800-38D; RFC 5869 for the derived keys.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from outreach.errors import FairlineError

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


class VaultError(FairlineError):
    """A sealed value does not open: erased, altered, or sealed under another key. Codes vault.erased, vault.sealed."""


class KeyHolder(Protocol):
    """Whoever has a data key of their own: a debtor row."""

    key_ref: UUID
    data_key: bytes | None


@dataclass(frozen=True)
class PersonKey:
    """A key holder apart from any table."""

    key_ref: UUID
    data_key: bytes | None


class Vault:
    """Seals and opens personal columns. Holds the master key; never prints it."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise VaultError("vault.key", f"the master key has {len(master_key)} bytes, expected {KEY_BYTES}")
        self._wrapping = _derive(master_key, b"fairline wrap data keys v1")
        self._index = _derive(master_key, b"fairline address index v1")

    def __repr__(self) -> str:
        return "Vault(********)"

    def new_data_key(self, key_ref: UUID) -> bytes:
        """A fresh person's key, wrapped for storage."""
        return _encrypt(self._wrapping, os.urandom(KEY_BYTES), b"data-key:" + key_ref.bytes)

    def seal(self, holder: KeyHolder, column: str, text: str) -> bytes:
        """`text` sealed for one person and one column; VaultError vault.erased when the person's key is gone."""
        return _encrypt(self._data_key(holder), text.encode(), _context(holder, column))

    def open(self, holder: KeyHolder, column: str, sealed: bytes) -> str:
        """The text sealed in `sealed`; VaultError vault.erased or vault.sealed."""
        return _decrypt(self._data_key(holder), sealed, _context(holder, column)).decode()

    def opening_key(self, holder: KeyHolder, subject: str) -> bytes:
        """The key that opens commitments about one subject (a call, an attempt) of one person.

        It may be handed out with evidence about that subject: it opens nothing else, and no personal column.
        """
        return _derive(self._data_key(holder), b"fairline opening v1:" + subject.encode())

    def address_index(self, address: str) -> bytes:
        """Keyed hash of an address, equal for equal addresses: lets a row be found without opening any."""
        return hmac.new(self._index, address.encode(), hashlib.sha256).digest()

    def _data_key(self, holder: KeyHolder) -> bytes:
        if holder.data_key is None:
            raise VaultError("vault.erased", "the personal data of this person has been erased")
        return _decrypt(self._wrapping, holder.data_key, b"data-key:" + holder.key_ref.bytes)


def _context(holder: KeyHolder, column: str) -> bytes:
    return holder.key_ref.bytes + b":" + column.encode()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, VERSION + context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    if sealed[:1] != VERSION or len(sealed) < 1 + NONCE_BYTES + 16:
        raise VaultError("vault.sealed", "a sealed value is not in the form this version writes")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, VERSION + context)
    except InvalidTag as error:
        raise VaultError(
            "vault.sealed",
            "a sealed value does not open: it was altered, moved to another row, or sealed under another master key",
            hint="check that the key files belong to this database (fairline db status)",
        ) from error
