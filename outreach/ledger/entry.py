"""Entries of the evidence log: one canonical encoding, and nothing personal in it.

An entry is one JSON object: version, index, kind, instant, subject and data. Canonical bytes are JSON with sorted keys,
no white space, ASCII escapes and no floating-point numbers, so that every party computes the same hash.

What is personal enters only as a commitment: HMAC-SHA256 under a key of that person and subject. With the key, anyone
can check that a recording is the one meant; without it the commitment says nothing, and once the person's key is
destroyed nobody can ever link it again, while every proof over it stays valid.

Every kind lists the names its data may use; texts must be plain ASCII without addresses. An entry that does not
follow is a programming error found at once, not a leak found later.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from outreach.errors import EvidenceError

VERSION = 1
MAX_ENTRY_BYTES = 64 * 1024

_CONTACT = frozenset({"attempt", "channel", "purpose"})
_DECISION = _CONTACT | {"decision", "rules", "rulebook", "facts", "ruling"}
KINDS: Mapping[str, frozenset[str]] = {
    "attempt.intended": _DECISION | {"clearance", "budget_slot", "expires_at", "key"},
    "attempt.refused": _DECISION,
    "attempt.placed": _CONTACT | {"call"},
    "attempt.ambiguous": _CONTACT | {"reason"},
    "attempt.reconciled": _CONTACT | {"call", "found"},
    "attempt.voided": _CONTACT | {"reason", "clearance"},
    "attempt.outcome": _CONTACT | {"call", "outcome", "duration_ms", "released"},
    "call.recorded": frozenset(
        {"attempt", "call", "recording", "transcript", "findings", "flagged", "degraded", "keep_until", "duty"}
    ),
    "call.reheard": frozenset(
        {
            "attempt",
            "call",
            "why",
            "model",
            "second_transcript",
            "second_findings",
            "fresh",
            "missed",
            "facts",
            "flagged",
        }
    ),
    "fact.heard": frozenset({"fact", "source", "call", "effects", "voided"}),
    "cases.imported": frozenset({"file", "accepted", "quarantined"}),
    "evidence.exported": frozenset({"call", "digest", "size"}),
    "service.started": frozenset({"version", "rulebook", "scripts", "models", "keys", "clock_offset_secs"}),
    "degraded": frozenset({"step", "reason", "call"}),
    "replay.alarm": frozenset({"attempt", "alarm"}),
}
"""Entry kinds and the names their data may use."""

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_TELEPHONE = re.compile(r"(?<![0-9A-Za-z])\+[0-9]{7,}")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.:+-])1[3-9][0-9]{9}(?![0-9A-Za-z.:])")
_MAILBOX = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record before it has a place. `subject` is the person's pseudonym in the log (`pseudonym`), or None."""

    kind: str
    at: datetime
    data: Mapping[str, Any]
    subject: str | None = None

    def __post_init__(self) -> None:
        allowed = KINDS.get(self.kind)
        if allowed is None:
            raise EvidenceError("evidence.kind", f"{self.kind!r} is not a kind of entry")
        unknown = sorted(set(self.data) - allowed)
        if unknown:
            raise EvidenceError("evidence.field", f"an entry of kind {self.kind} may not hold {', '.join(unknown)}")
        if self.at.tzinfo is None:
            raise EvidenceError("evidence.naive_datetime", "an entry needs an aware datetime")
        _require_impersonal(self.data, self.kind)

    def body(self, index: int) -> bytes:
        """Canonical bytes of this entry as number `index` of the log."""
        encoded = canonical(
            {
                "v": VERSION,
                "index": index,
                "kind": self.kind,
                "at": instant(self.at),
                "subject": self.subject,
                "data": dict(self.data),
            }
        )
        if len(encoded) > MAX_ENTRY_BYTES:
            raise EvidenceError("evidence.size", f"an entry has {len(encoded)} bytes, at most {MAX_ENTRY_BYTES} fit")
        return encoded


@dataclass(frozen=True, kw_only=True)
class PlacedEntry:
    """An entry read back from its canonical bytes."""

    index: int
    kind: str
    at: str
    subject: str | None
    data: dict[str, Any]


def canonical(value: Any) -> bytes:
    """The one encoding of a JSON value; EvidenceError evidence.canonical for what has none (a float, a date)."""
    _require_exact(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def parse_body(body: bytes, where: str) -> PlacedEntry:
    """Read canonical bytes; every malformation is EvidenceError evidence.entry_malformed naming `where`."""
    try:
        fields = json.loads(body)
        if not isinstance(fields, dict) or canonical(fields) != body or set(fields) != _FIELDS:
            raise _malformed(where)
    except (ValueError, RecursionError, EvidenceError) as error:
        raise _malformed(where) from error
    index, subject = fields["index"], fields["subject"]
    well_typed = (
        fields["v"] == VERSION
        and type(index) is int
        and index >= 0
        and fields["kind"] in KINDS
        and isinstance(fields["at"], str)
        and _INSTANT.match(fields["at"]) is not None
        and isinstance(fields["data"], dict)
        and (subject is None or isinstance(subject, str))
    )
    if not well_typed:
        raise _malformed(where)
    return PlacedEntry(index=index, kind=fields["kind"], at=fields["at"], subject=subject, data=fields["data"])


_FIELDS = {"v", "index", "kind", "at", "subject", "data"}


def document(value: Any) -> bytes:
    """The bytes a JSON document is committed to and exported as: sorted keys, no white space, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def commitment(opening_key: bytes, name: str, content: bytes) -> str:
    """Hex HMAC-SHA256 of `name` and the SHA-256 of `content` under a subject's opening key."""
    return digest_commitment(opening_key, name, hashlib.sha256(content).hexdigest())


def digest_commitment(opening_key: bytes, name: str, content_sha256: str) -> str:
    """As `commitment`, for content of which only the hex SHA-256 is at hand."""
    return hmac.new(opening_key, f"{name}:{content_sha256}".encode("ascii"), hashlib.sha256).hexdigest()


def pseudonym(opening_key: bytes) -> str:
    """The person's name in the log, from their opening key for the subject `person`."""
    return hmac.new(opening_key, b"subject", hashlib.sha256).hexdigest()[:32]


def instant(value: datetime) -> str:
    """An instant as entries write it: UTC, microseconds, `Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _malformed(where: str) -> EvidenceError:
    return EvidenceError("evidence.entry_malformed", f"{where} is not the canonical form of an entry")


def _require_exact(value: Any) -> None:
    if value is None or isinstance(value, (str, bool, int)):
        return
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        for item in value.values():
            _require_exact(item)
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            _require_exact(item)
        return
    raise EvidenceError("evidence.canonical", f"a value of type {type(value).__name__} has no canonical form")


def _require_impersonal(value: Any, kind: str) -> None:
    """Refuse texts that look like an address or are not plain ASCII; the text itself is not repeated."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not _KEY.match(str(key)):
                raise EvidenceError("evidence.field", f"an entry of kind {kind} has a field name that is not plain")
            _require_impersonal(item, kind)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _require_impersonal(item, kind)
    elif isinstance(value, str):
        suspicious = _TELEPHONE.search(value) or _MOBILE.search(value) or _MAILBOX.search(value)
        if suspicious or not value.isascii() or not value.isprintable():
            raise EvidenceError(
                "evidence.personal", f"an entry of kind {kind} holds a text that may be personal: commit to it instead"
            )
