"""Checking evidence with nothing but files and a public key.

This module does no I/O, knows no database and needs only the standard library and `cryptography`, so that an auditor
can read all of it. It takes the files of an export as bytes and reports every step it made, stopping at the first that
does not hold. The steps, which the code below follows by number:

 1. The public key reads. It is the auditor's own copy; the one inside the export proves consistency but not origin.
 2. The checkpoint's signature holds under that key: origin, size and root are what the log signed.
 3. Log export: every entry is canonical and stands at its own index; exactly the signed number is there. A gap is a
    deleted entry, a number in the wrong place is reordering, a short end is a truncated tail.
 4. Log export: every entry has the leaf hash listed for it, and the root over all is the signed root.
 5. Log export: every older checkpoint is signed by the same key and is the root of a prefix: history was not rewritten.
    No other file is there.
 6. Log export: every call placed has exactly one earlier permit of its own, and every permit is used at most once.
 7. Bundle: every entry's inclusion proof leads from its bytes to the signed root.
 8. Bundle: all entries speak of one call: permit, placement and recording name the same attempt and the same call.
 9. Bundle: every file committed to is there and opens its commitment with the enclosed opening key: recording,
    transcript, findings, those of a second hearing where there was one, ruling, facts. No other file is there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outreach.errors import EvidenceError
from outreach.ledger import checkpoint, merkle
from outreach.ledger.checkpoint import Checkpoint, VerifierKey
from outreach.ledger.entry import PlacedEntry, commitment, parse_body
from outreach.ledger.merkle import Inclusion

CHECKPOINT, PUBLIC_KEY, ENTRIES, LEAVES, PROOFS, OPENINGS = (
    "checkpoint.txt",
    "public-key.txt",
    "entries.jsonl",
    "leaves.txt",
    "proofs.json",
    "openings.json",
)
OLDER = "checkpoints/"
CONTENT_FILES: Mapping[str, tuple[str, str]] = {
    "recording": ("recording.wav", "call.recorded"),
    "transcript": ("transcript.json", "call.recorded"),
    "findings": ("findings.json", "call.recorded"),
    "second_transcript": ("second-transcript.json", "call.reheard"),
    "second_findings": ("second-findings.json", "call.reheard"),
    "ruling": ("ruling.json", "attempt.intended"),
    "facts": ("facts.json", "attempt.intended"),
}
"""Commitment name -> file of the bundle, and the kind of the entry that commits to it."""

Files = Mapping[str, bytes]


@dataclass
class Report:
    """What was checked, in order, and the first thing that does not hold."""

    kind: str
    key_trusted: bool
    steps: list[dict[str, Any]] = field(default_factory=list)
    failure: EvidenceError | None = None
    origin: str | None = None
    size: int | None = None
    root: str | None = None
    open_attempts: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """Whether every step held."""
        return self.failure is None

    def passed(self, step: int, what: str) -> None:
        """Note a step that held."""
        self.steps.append({"step": step, "what": what, "ok": True})

    def to_json(self) -> dict[str, Any]:
        """The report as `fairline evidence verify --json` prints it."""
        return {
            "verified": self.verified,
            "kind": self.kind,
            "key_trusted": self.key_trusted,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "open_attempts": self.open_attempts,
            "steps": self.steps,
            "failure": None if self.failure is None else self.failure.to_json(),
        }


def verify_export(files: Files, public_key: str | None = None) -> Report:
    """Check a log export or a call bundle. Never raises for bad evidence: the report names what does not hold."""
    kind = "log" if ENTRIES in files else "call"
    report = Report(kind=kind, key_trusted=public_key is not None)
    try:
        head, key = _check_head(files, public_key, report)
        if kind == "log":
            _check_log(files, head, key, report)
        else:
            _check_bundle(files, head, report)
    except EvidenceError as error:
        report.failure = error
    return report


def _check_head(files: Files, public_key: str | None, report: Report) -> tuple[Checkpoint, VerifierKey]:
    # 1. the key
    key = VerifierKey.decode(public_key if public_key is not None else _text(files, PUBLIC_KEY))
    report.passed(1, f"public key of {key.name}" + ("" if report.key_trusted else ", taken from the export itself"))
    # 2. the checkpoint
    head = checkpoint.verify(_text(files, CHECKPOINT), key)
    report.origin, report.size, report.root = head.origin, head.size, head.root.hex()
    report.passed(2, f"signed tree head over {head.size} entries")
    return head, key


def _check_log(files: Files, head: Checkpoint, key: VerifierKey, report: Report) -> None:
    # 3. entries in their places
    bodies = _lines(files, ENTRIES)
    entries = [parse_body(body, f"{ENTRIES} line {number}") for number, body in enumerate(bodies, 1)]
    _check_places(entries, head.size)
    report.passed(3, f"{len(entries)} entries, each canonical and at its own index")
    # 4. leaves and root
    leaves = [merkle.leaf_hash(body) for body in bodies]
    _check_leaves(files, leaves)
    if merkle.root(leaves) != head.root:
        raise EvidenceError("evidence.entry_altered", "the entries do not lead to the signed root: some were altered")
    report.passed(4, "every leaf hash, and the root over all of them")
    # 5. older checkpoints
    older = sorted(name for name in files if name.startswith(OLDER))
    for name in older:
        _check_prefix(checkpoint.verify(_text(files, name), key), leaves, name)
    _refuse_strangers(files, {CHECKPOINT, PUBLIC_KEY, ENTRIES, LEAVES, *older})
    report.passed(5, f"{len(older)} older checkpoints are prefixes")
    # 6. permits
    report.open_attempts = _check_permits(entries)
    report.passed(6, "every call placed has one permit of its own")


def _check_places(entries: Sequence[PlacedEntry], size: int) -> None:
    indexes = [entry.index for entry in entries]
    present = set(indexes)
    if len(present) < len(indexes):
        raise EvidenceError("evidence.entry_repeated", "an index occurs twice among the entries")
    missing = next((index for index in range(max(indexes, default=-1) + 1) if index not in present), None)
    if missing is not None:
        raise EvidenceError("evidence.entry_missing", f"entry {missing} was deleted: its index is not there")
    misplaced = next((place for place, index in enumerate(indexes) if place != index), None)
    if misplaced is not None:
        raise EvidenceError(
            "evidence.entry_out_of_order",
            f"entries were reordered: place {misplaced} holds entry {indexes[misplaced]}",
        )
    if len(indexes) < size:
        raise EvidenceError(
            "evidence.tail_truncated", f"the tail was cut off: {len(indexes)} entries are there, {size} were signed"
        )
    if len(indexes) > size:
        raise EvidenceError(
            "evidence.entry_unsigned", f"entries were added: {len(indexes)} are there, only {size} were signed"
        )


def _check_leaves(files: Files, leaves: Sequence[bytes]) -> None:
    listed = _lines(files, LEAVES)
    if len(listed) != len(leaves):
        raise EvidenceError("evidence.leaves", f"{LEAVES} lists {len(listed)} hashes for {len(leaves)} entries")
    for index, (leaf, text) in enumerate(zip(leaves, listed, strict=True)):
        if leaf.hex().encode() != text:
            raise EvidenceError("evidence.entry_altered", f"entry {index} was altered: it has another leaf hash")


def _check_prefix(older: Checkpoint, leaves: Sequence[bytes], name: str) -> None:
    if older.size > len(leaves) or merkle.root(leaves[: older.size]) != older.root:
        raise EvidenceError(
            "evidence.history_rewritten", f"{name}: the first {older.size} entries are not those signed then"
        )


def _check_permits(entries: Sequence[PlacedEntry]) -> list[str]:
    """Attempts still open at the end; raises for a call without a permit of its own."""
    permits: dict[str, int] = {}
    placed: set[str] = set()
    open_attempts: dict[str, None] = {}
    for entry in entries:
        attempt = str(entry.data.get("attempt"))
        if entry.kind == "attempt.intended":
            if attempt in permits:
                raise EvidenceError("evidence.permit_repeated", f"entry {entry.index} permits an attempt a second time")
            permits[attempt] = entry.index
            open_attempts[attempt] = None
        elif entry.kind == "attempt.placed":
            if attempt not in permits:
                raise EvidenceError(
                    "evidence.permit_missing", f"entry {entry.index} records a contact that no earlier entry permits"
                )
            if attempt in placed:
                raise EvidenceError("evidence.permit_reused", f"entry {entry.index} uses a permit a second time")
            placed.add(attempt)
        elif entry.kind in {"attempt.outcome", "attempt.voided"}:
            open_attempts.pop(attempt, None)
    return list(open_attempts)


def _check_bundle(files: Files, head: Checkpoint, report: Report) -> None:
    # 7. inclusion
    entries = _included_entries(files, head)
    report.passed(7, f"{len(entries)} entries are included in the signed log")
    # 8. one call
    by_kind = _check_one_call(entries)
    report.passed(8, "the entries speak of one attempt and one call")
    # 9. contents
    opened = _check_contents(files, by_kind)
    report.passed(9, "committed files are the ones committed to: " + ", ".join(opened))


def _included_entries(files: Files, head: Checkpoint) -> list[PlacedEntry]:
    proofs = _json(files, PROOFS)
    if not isinstance(proofs, list) or not proofs:
        raise EvidenceError("evidence.proof_malformed", f"{PROOFS}: expected a list of entries with proofs")
    entries = []
    for number, item in enumerate(proofs):
        where = f"{PROOFS} item {number}"
        if not isinstance(item, dict) or set(item) != {"entry", "inclusion"} or not isinstance(item["entry"], str):
            raise EvidenceError("evidence.proof_malformed", f"{where}: expected entry and inclusion")
        body = item["entry"].encode()
        entry = parse_body(body, where)
        proof = Inclusion.from_json(item["inclusion"], where)
        leaf = merkle.leaf_hash(body)
        at_place = proof.size == head.size and proof.index == entry.index
        if not at_place or not merkle.verify_inclusion(leaf, proof.index, head.size, proof.hashes, head.root):
            raise EvidenceError("evidence.not_included", f"{where}: entry {entry.index} is not in the signed log")
        entries.append(entry)
    return entries


def _check_one_call(entries: Sequence[PlacedEntry]) -> dict[str, PlacedEntry]:
    by_kind = {entry.kind: entry for entry in entries}
    for kind in ("attempt.intended", "attempt.placed"):
        if kind not in by_kind:
            raise EvidenceError("evidence.permit_missing", f"the bundle holds no entry of kind {kind}")
    if "call.recorded" not in by_kind:
        raise EvidenceError("evidence.recording_missing", "the bundle holds no entry that commits to a recording")
    if len({entry.data.get("attempt") for entry in entries}) != 1:
        raise EvidenceError("evidence.mixed", "the entries speak of different attempts")
    if len({entry.data["call"] for entry in entries if entry.data.get("call") is not None}) > 1:
        raise EvidenceError("evidence.mixed", "the entries speak of different calls")
    if len({entry.subject for entry in entries}) != 1:
        raise EvidenceError("evidence.mixed", "the entries speak of different people")
    if by_kind["attempt.intended"].index > by_kind["attempt.placed"].index:
        raise EvidenceError("evidence.permit_missing", "the permit comes after the contact it should permit")
    return by_kind


def _check_contents(files: Files, by_kind: Mapping[str, PlacedEntry]) -> list[str]:
    openings = _json(files, OPENINGS)
    opened = []
    for name, (file_name, kind) in CONTENT_FILES.items():
        entry = by_kind.get(kind)
        committed = None if entry is None else entry.data.get(name)
        if committed is None:
            continue
        if file_name not in files:
            raise EvidenceError("evidence.file_missing", f"{file_name} is committed to, but is not in the bundle")
        if commitment(_opening_key(openings, kind), name, files[file_name]) != committed:
            raise EvidenceError(f"evidence.{name}_mismatch", f"{file_name} is not the {name} that was committed to")
        opened.append(file_name)
    _refuse_strangers(files, {CHECKPOINT, PUBLIC_KEY, PROOFS, OPENINGS, *opened})
    return opened


def _refuse_strangers(files: Files, known: set[str]) -> None:
    """A file that the proof does not cover would borrow the credit of those that it does."""
    strange = sorted(name for name in files if name not in known)
    if strange:
        raise EvidenceError("evidence.uncommitted", f"{strange[0]!a} is in the export, but nothing commits to it")


def _opening_key(openings: Any, kind: str) -> bytes:
    try:
        return bytes.fromhex(openings[kind])
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceError("evidence.opening_malformed", f"{OPENINGS}: expected a hex key for {kind}") from error


def _json(files: Files, name: str) -> Any:
    try:
        return json.loads(_text(files, name))
    except (ValueError, RecursionError) as error:
        raise EvidenceError("evidence.file_malformed", f"{name} is not JSON") from error


def _text(files: Files, name: str) -> str:
    if name not in files:
        raise EvidenceError("evidence.file_missing", f"{name} is not in the export")
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError("evidence.file_malformed", f"{name} is not UTF-8 text") from error


def _lines(files: Files, name: str) -> list[bytes]:
    content = _text(files, name).encode()
    if content and not content.endswith(b"\n"):
        raise EvidenceError("evidence.file_malformed", f"{name} does not end with a line end: it was cut")
    return content.split(b"\n")[:-1]
