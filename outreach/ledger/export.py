"""Writing evidence out of the database (I/O): the whole log, or one call with everything that proves it.

An export is a set of named files; `outreach.ledger.verify` lists what each must satisfy. A call bundle holds personal
data by nature (the voices); a log export holds none.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.repository import call_detail, get_call
from outreach.db.tables import Attempt, Call, Debtor, LedgerEntry, SecondHearing
from outreach.db.vault import Vault
from outreach.errors import InputError
from outreach.ledger import store
from outreach.ledger.checkpoint import VerifierKey
from outreach.ledger.entry import Entry, commitment, digest_commitment, document, parse_body, pseudonym
from outreach.ledger.retention import Kept
from outreach.ledger.verify import CHECKPOINT, ENTRIES, LEAVES, OLDER, OPENINGS, PROOFS, PUBLIC_KEY

MAX_OLDER = 1000
"""Earlier heads an export carries, the newest ones: each is a file, and an auditor needs those they were given."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs: the log's name and key."""

    origin: str
    key: Ed25519PrivateKey


def transcript_document(session: Session, sid: str) -> bytes:
    """The transcript of a call as it is committed to and exported."""
    detail = call_detail(session, sid)
    return document(
        {
            "call": sid,
            "utterances": [
                {
                    "seq": said.seq,
                    "speaker": said.speaker,
                    "start": said.start_secs,
                    "end": said.end_secs,
                    "text": said.text,
                    "language": said.language,
                    "clear": said.clear,
                }
                for said in sorted(detail.utterances, key=lambda said: said.seq)
            ],
        }
    )


def findings_document(session: Session, sid: str) -> bytes:
    """The findings of a call as they are committed to and exported."""
    detail = call_detail(session, sid)
    numbers = {said.id: said.seq for said in detail.utterances}
    return document(
        {
            "call": sid,
            "findings": [
                {
                    "utterance": numbers[found.utterance_id],
                    "label": found.label,
                    "category": found.category,
                    "span": [found.span_start, found.span_end],
                    "score": found.score,
                    "detector": found.detector,
                    "severity": found.severity,
                    "why": found.why,
                }
                for found in sorted(detail.findings, key=lambda found: found.id)
            ],
        }
    )


def record_call(session: Session, vault: Vault, sid: str, now: datetime, *, kept: Kept | None) -> int:
    """Commit to a finished call: recording, transcript, findings. Once per call, after the second pass.

    `kept` says until when they are kept; None: no period is known, so nothing says that they may ever be erased.
    The recording must have been stored (`recording_path`, `recording_sha256`); InputError input.no_recording otherwise.
    """
    call = get_call(session, sid)
    if call.recording_sha256 is None:
        raise InputError("input.no_recording", f"call {sid} has no recording yet; store it before committing to it")
    attempt = session.get_one(Attempt, call.attempt_id)
    debtor = session.get_one(Debtor, attempt.debtor_id)
    key = _opening_key(vault, debtor, attempt.id)
    entry = Entry(
        kind="call.recorded",
        at=now,
        subject=pseudonym(vault.opening_key(debtor, "person")),
        data={
            "attempt": str(attempt.id),
            "call": sid,
            "recording": digest_commitment(key, "recording", call.recording_sha256),
            "transcript": commitment(key, "transcript", transcript_document(session, sid)),
            "findings": commitment(key, "findings", findings_document(session, sid)),
            "flagged": call.flagged,
            "degraded": len(call.degraded),
            "keep_until": None if kept is None else kept.until.isoformat(),
            "duty": None if kept is None else kept.duty,
        },
    )
    return store.append(session, entry)


def second_documents(sid: str, record: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Transcript and findings of a second hearing as they are committed to and exported."""
    findings = {name: record.get(name) for name in ("findings", "unclear", "facts", "disclosures", "summary")}
    return (
        document({"call": sid, "utterances": record.get("utterances")}),
        document({"call": sid, **findings}),
    )


@dataclass(frozen=True, kw_only=True)
class Reheard:
    """A second hearing to commit to: `model` is the digest of the weights, `fresh` and `missed` count findings, `facts`
    names what took effect.
    """

    why: str
    model: str
    record: Mapping[str, Any]
    fresh: int
    missed: int
    facts: tuple[str, ...]


def record_second_hearing(session: Session, vault: Vault, sid: str, reheard: Reheard, now: datetime) -> int:
    """Commit to what a call's recording said when it was heard again; answers the entry's index.

    `reheard.record` must be as it was read back from the database: what is exported later is read from there.
    """
    call = get_call(session, sid)
    attempt = session.get_one(Attempt, call.attempt_id)
    debtor = session.get_one(Debtor, attempt.debtor_id)
    key = _opening_key(vault, debtor, attempt.id)
    transcript, findings = second_documents(sid, reheard.record)
    entry = Entry(
        kind="call.reheard",
        at=now,
        subject=pseudonym(vault.opening_key(debtor, "person")),
        data={
            "attempt": str(attempt.id),
            "call": sid,
            "why": reheard.why,
            "model": reheard.model,
            "second_transcript": commitment(key, "second_transcript", transcript),
            "second_findings": commitment(key, "second_findings", findings),
            "fresh": reheard.fresh,
            "missed": reheard.missed,
            "facts": list(reheard.facts),
            "flagged": call.flagged,
        },
    )
    return store.append(session, entry)


def export_log(database: Database, signer: Signer, now: datetime) -> dict[str, bytes]:
    """The files of a log export up to a checkpoint made now. Holds no personal data."""
    with database.session() as session:
        head = store.make_checkpoint(session, signer.origin, signer.key, now)
        found = store.bodies(session, size=head.size)
        leaves = store.load_log(session, signer.origin).leaf_hashes()[: head.size]
        files = {
            CHECKPOINT: head.note.encode(),
            PUBLIC_KEY: public_key_file(signer),
            ENTRIES: b"".join(body + b"\n" for body in found),
            LEAVES: b"".join(leaf.hex().encode() + b"\n" for leaf in leaves),
        }
        for older in store.checkpoints(session)[-MAX_OLDER:]:
            if older.size < head.size:
                files[f"{OLDER}{older.size:012d}.txt"] = older.note.encode()
        return files


def export_call(database: Database, signer: Signer, sid: str, now: datetime) -> dict[str, bytes]:
    """The files of one call's bundle; InputError input.unknown_call, input.not_committed or input.recording_*.

    What was committed to is exported as it is stored today: a recording or transcript changed since does not verify.
    """
    with database.session() as session:
        call = get_call(session, sid)
        attempt = session.get_one(Attempt, call.attempt_id)
        debtor = session.get_one(Debtor, attempt.debtor_id)
        head = store.make_checkpoint(session, signer.origin, signer.key, now)
        found = _entries_of(session, str(attempt.id), head.size)
        if not any(body_kind == "call.recorded" for _, body_kind, _ in found):
            raise InputError(
                "input.not_committed",
                f"call {sid} has not been committed to yet",
                hint="it is, once the call has ended and its recording is stored",
            )
        log = store.load_log(session, signer.origin)
        proofs = [
            {"entry": body.decode(), "inclusion": log.inclusion(index, head.size).to_json()} for index, _, body in found
        ]
        key = _opening_key(database.vault, debtor, attempt.id).hex()
        again = any(kind == "call.reheard" for _, kind, _ in found)
        openings = ("attempt.intended", "call.recorded", *(("call.reheard",) if again else ()))
        return (_second_files(session, sid) if again else {}) | {
            CHECKPOINT: head.note.encode(),
            PUBLIC_KEY: public_key_file(signer),
            PROOFS: document(proofs),
            OPENINGS: document(dict.fromkeys(openings, key)),
            "recording.wav": _recording(call),
            "transcript.json": transcript_document(session, sid),
            "findings.json": findings_document(session, sid),
            "ruling.json": document(attempt.ruling),
            "facts.json": database.vault.open(debtor, "facts", attempt.facts_enc or b"").encode(),
        }


def public_key_file(signer: Signer) -> bytes:
    """The public key as auditors keep it."""
    return VerifierKey.of(signer.origin, signer.key).encode().encode() + b"\n"


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file; InputError input.recording_missing."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError("input.recording_missing", f"{path}: cannot be read ({error.strerror})") from error


def _entries_of(session: Session, attempt: str, size: int) -> list[tuple[int, str, bytes]]:
    kinds = ("attempt.intended", "attempt.placed", "attempt.outcome", "call.recorded", "call.reheard")
    rows = session.execute(
        select(LedgerEntry.index, LedgerEntry.kind, LedgerEntry.body)
        .where(LedgerEntry.kind.in_(kinds), LedgerEntry.index < size)
        .order_by(LedgerEntry.index)
    ).all()
    named: list[tuple[int, str, bytes]] = [(row[0], row[1], row[2]) for row in rows if attempt.encode() in row[2]]
    return [item for item in named if parse_body(item[2], f"entry {item[0]}").data.get("attempt") == attempt]


def _second_files(session: Session, sid: str) -> dict[str, bytes]:
    row = session.get(SecondHearing, sid)
    if row is None or row.record is None:
        return {}
    transcript, findings = second_documents(sid, row.record)
    return {"second-transcript.json": transcript, "second-findings.json": findings}


def _opening_key(vault: Vault, debtor: Debtor, attempt_id: UUID) -> bytes:
    return vault.opening_key(debtor, f"attempt:{attempt_id}")


def _recording(call: Call) -> bytes:
    path: Any = call.recording_path
    try:
        return Path(path or "").read_bytes()
    except OSError as error:
        raise InputError("input.recording_missing", f"the recording of call {call.sid} cannot be read") from error
