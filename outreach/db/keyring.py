"""The key files of an installation (I/O): made once, mode 0600, never replaced behind anybody's back.

| file        | what it is                                                          |
|-------------|---------------------------------------------------------------------|
| master.key  | 32 random bytes, base64: wraps each person's data key               |
| gate.key    | Ed25519 private key, PEM: signs clearances                          |
| ledger.key  | Ed25519 private key, PEM: signs checkpoints of the evidence log     |
| session.key | 32 random bytes, base64: signs the cookies of the web pages         |

The database keeps a fingerprint of each. `outreach.db.database` refuses to work when files and fingerprints differ.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from outreach.errors import ConfigError

SYMMETRIC = ("master", "session")
SIGNING = ("gate", "ledger")
NAMES = ("master", "gate", "ledger", "session")


@dataclass(frozen=True, repr=False)
class KeyRing:
    """All keys of one installation, in memory."""

    master: bytes
    gate: Ed25519PrivateKey
    ledger: Ed25519PrivateKey
    session: bytes

    @classmethod
    def create(cls, directory: Path) -> "KeyRing":
        """Write the key files that are missing, then load all. Only for an installation without data."""
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        for name in NAMES:
            _write_once(directory / f"{name}.key", _fresh(name))
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> "KeyRing":
        """Read all key files; ConfigError config.key_missing, config.key_open or config.key_malformed."""
        return cls(
            master=_symmetric(directory / "master.key"),
            gate=_signing(directory / "gate.key"),
            ledger=_signing(directory / "ledger.key"),
            session=_symmetric(directory / "session.key"),
        )

    def fingerprints(self) -> dict[str, str]:
        """A short public name for each key: it identifies the key and reveals nothing about it."""
        public = {"gate": public_bytes(self.gate), "ledger": public_bytes(self.ledger)}
        hidden = {name: hashlib.sha256(b"fairline fingerprint" + getattr(self, name)).digest() for name in SYMMETRIC}
        return {name: key_id(name, public.get(name) or hidden[name]) for name in NAMES}

    def __repr__(self) -> str:
        return f"KeyRing({self.fingerprints()})"


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half (RFC 8032)."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(purpose: str, public: bytes) -> str:
    """`purpose-` and the first eight bytes of the SHA-256 of the public half, in hex."""
    return f"{purpose}-{hashlib.sha256(public).hexdigest()[:16]}"


def _fresh(name: str) -> bytes:
    if name in SYMMETRIC:
        return base64.b64encode(os.urandom(32)) + b"\n"
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_once(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o777
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "config.key_missing",
            f"{path}: the key file cannot be read",
            hint="restore it from the backup; without it the personal data of this database cannot be opened",
        ) from error
    if mode & 0o077:
        raise ConfigError(
            "config.key_open", f"{path}: found mode {mode:04o}, expected 0600", hint=f"run: chmod 600 {path}"
        )
    return content


def _symmetric(path: Path) -> bytes:
    try:
        key = base64.b64decode(_read(path).strip(), validate=True)
    except binascii.Error as error:
        raise _malformed(path, "32 bytes in base64") from error
    if len(key) != 32:
        raise _malformed(path, "32 bytes in base64")
    return key


def _signing(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _malformed(path, "an Ed25519 private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _malformed(path, "an Ed25519 private key in PEM")
    return key


def _malformed(path: Path, expected: str) -> ConfigError:
    return ConfigError("config.key_malformed", f"{path}: expected {expected}", hint="restore it from the backup")
