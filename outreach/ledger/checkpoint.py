"""Signed tree heads: a C2SP tlog-checkpoint inside a C2SP signed-note, signed with Ed25519.

    fairline.local/evidence
    42
    pBjG…root in base64…=

    — fairline.local/evidence Az3grl…key hash and signature in base64…

The key hash is the first four bytes of SHA-256(name, newline, 0x01, public key). A verifier key is written
`name+keyhash+base64(0x01 and public key)`. Everything a hostile checkpoint can get wrong is one error,
EvidenceError evidence.checkpoint_malformed; a signature that does not hold is evidence.checkpoint_forged.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outreach.errors import EvidenceError
from outreach.ledger.merkle import HASH_BYTES

ED25519 = b"\x01"
SIGNATURE_BYTES = 64
MAX_NOTE_BYTES = 16 * 1024
MAX_SIGNATURES = 16


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A tree head: which log, how many entries, their root."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, kw_only=True)
class VerifierKey:
    """The public half of a log's key, with the log's name."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell one key of a name from another."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def encode(self) -> str:
        """`name+keyhash+key`, as a public-key file holds it."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey) -> "VerifierKey":
        """The verifier key that belongs to a signing key."""
        return cls(name=name, public=key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def decode(cls, text: str) -> "VerifierKey":
        """Read a verifier key; EvidenceError evidence.key_malformed."""
        parts = text.strip().split("+", 2)
        try:
            name, key_hash, encoded = parts
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise _bad_key() from error
        key = cls(name=name, public=raw[1:])
        if raw[:1] != ED25519 or len(raw) != 33 or key.key_hash.hex() != key_hash or not _plain_name(name):
            raise _bad_key()
        return key


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note for a tree head, under the log's own name."""
    _require_encodable(checkpoint)
    body = checkpoint.body()
    verifier = VerifierKey.of(checkpoint.origin, key)
    signature = base64.b64encode(verifier.key_hash + key.sign(body.encode())).decode()
    return f"{body}\n— {checkpoint.origin} {signature}\n"


def parse(note: str) -> tuple[Checkpoint, list[tuple[str, bytes, bytes]]]:
    """A note's tree head and its signatures as (name, key hash, signature), none of them checked yet."""
    if len(note.encode("utf-8", "replace")) > MAX_NOTE_BYTES:
        raise _malformed("it is too long")
    text, separator, signed = note.rpartition("\n\n")
    if not separator or not signed.endswith("\n"):
        raise _malformed("it has no signature part")
    if any(character != "\n" and not character.isprintable() for character in note):
        raise _malformed("it holds control characters")
    return _parse_body(text + "\n"), _parse_signatures(signed)


def verify(note: str, key: VerifierKey) -> Checkpoint:
    """The tree head, once a signature of `key` over it holds.

    Raises EvidenceError evidence.checkpoint_malformed, evidence.checkpoint_unknown_key (nobody we know signed it) or
    evidence.checkpoint_forged (the signature does not belong to the text).
    """
    checkpoint, signatures = parse(note)
    ours = [value for name, key_hash, value in signatures if name == key.name and key_hash == key.key_hash]
    if not ours or checkpoint.origin != key.name:
        raise EvidenceError(
            "evidence.checkpoint_unknown_key",
            "the checkpoint carries no signature of the public key it is checked with",
            hint="check it with the public key of the log it comes from (--public-key)",
        )
    signed = checkpoint.body().encode()
    try:
        for value in ours:
            Ed25519PublicKey.from_public_bytes(key.public).verify(value, signed)
    except InvalidSignature as error:
        raise EvidenceError(
            "evidence.checkpoint_forged", "the signature of the checkpoint does not belong to its text"
        ) from error
    return checkpoint


def _parse_body(body: str) -> Checkpoint:
    lines = body.split("\n")[:-1]
    if len(lines) != 3:
        raise _malformed("its text has not exactly three lines: origin, size, root")
    origin, size, encoded_root = lines
    if not _plain_name(origin):
        raise _malformed("its origin is not a name")
    if not (size.isascii() and size.isdigit()) or len(size) > 19 or size != str(int(size)):
        raise _malformed("its size is not a plain decimal number")
    checkpoint = Checkpoint(origin=origin, size=int(size), root=_decoded(encoded_root))
    if len(checkpoint.root) != HASH_BYTES or checkpoint.body() != body:
        raise _malformed("its root is not 32 bytes in base64")
    return checkpoint


def _parse_signatures(signed: str) -> list[tuple[str, bytes, bytes]]:
    lines = signed.split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _malformed("it has no signature, or too many")
    found = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not _plain_name(parts[1]):
            raise _malformed("a signature line is not '— name base64'")
        raw = _decoded(parts[2])
        if len(raw) < 5 or base64.b64encode(raw).decode() != parts[2]:
            raise _malformed("a signature is not canonical base64")
        found.append((parts[1], raw[:4], raw[4:]))
    return found


def _require_encodable(checkpoint: Checkpoint) -> None:
    if _parse_body(checkpoint.body()) != checkpoint:
        raise _malformed("it does not survive its own encoding")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _malformed("a value is not base64") from error


def _plain_name(name: str) -> bool:
    return bool(name) and name.isprintable() and "+" not in name and not any(map(str.isspace, name))


def _malformed(what: str) -> EvidenceError:
    return EvidenceError("evidence.checkpoint_malformed", f"the checkpoint cannot be read: {what}")


def _bad_key() -> EvidenceError:
    return EvidenceError("evidence.key_malformed", "the public key is not in the form name+keyhash+base64")
