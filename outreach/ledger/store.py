"""The evidence log in PostgreSQL (I/O): appended to inside the caller's transaction, gapless under concurrency.

`append` takes a transaction-wide advisory lock before it chooses the next index, so indexes are given out in commit
order and a rolled-back transaction leaves no gap. The lock is held until the caller commits: append last. Whoever also
locks a person takes that lock first. The tables refuse UPDATE and DELETE by trigger.
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from outreach.db.tables import LedgerCheckpoint, LedgerEntry
from outreach.errors import EvidenceError
from outreach.ledger import checkpoint, merkle
from outreach.ledger.entry import Entry
from outreach.ledger.log import Log


def append(session: Session, entry: Entry) -> int:
    """Store an entry and answer its durable index; the entry exists when the caller's transaction commits."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('fairline ledger'))"))
    last = session.scalar(select(func.max(LedgerEntry.index)))
    index = 0 if last is None else last + 1
    body = entry.body(index)
    session.add(
        LedgerEntry(index=index, kind=entry.kind, body=body, leaf_hash=merkle.leaf_hash(body), recorded_at=entry.at)
    )
    session.flush()
    return index


def bodies(session: Session, *, size: int | None = None) -> list[bytes]:
    """Canonical bytes of the entries in order, the first `size` of them."""
    rows = select(LedgerEntry.index, LedgerEntry.body).order_by(LedgerEntry.index)
    if size is not None:
        rows = rows.where(LedgerEntry.index < size)
    found = session.execute(rows).all()
    _require_gapless([row[0] for row in found])
    return [row.body for row in found]


def load_log(session: Session, origin: str) -> Log:
    """The log's leaf hashes; EvidenceError evidence.gap when an index is missing."""
    rows = session.execute(select(LedgerEntry.index, LedgerEntry.leaf_hash).order_by(LedgerEntry.index)).all()
    _require_gapless([row[0] for row in rows])
    return Log(origin, [row.leaf_hash for row in rows])


def latest_checkpoint(session: Session) -> LedgerCheckpoint | None:
    """The newest checkpoint, or None before the first."""
    return session.scalar(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc()).limit(1))


def checkpoints(session: Session) -> Sequence[LedgerCheckpoint]:
    """Every checkpoint ever signed, oldest first."""
    return session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size)).all()


def pending(session: Session) -> int:
    """Entries that no checkpoint covers yet."""
    newest, last = session.scalar(select(func.max(LedgerEntry.index))), latest_checkpoint(session)
    return (0 if newest is None else newest + 1) - (0 if last is None else last.size)


def make_checkpoint(session: Session, origin: str, key: Ed25519PrivateKey, now: datetime) -> LedgerCheckpoint:
    """Sign the head over all entries; answers the newest one when nothing was added since.

    Before it signs, the log as stored must still contain the last signed head as a prefix: a key that signs whatever
    it finds would launder a rewritten history. EvidenceError evidence.rewritten.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('fairline ledger'))"))
    log = load_log(session, origin)
    last = latest_checkpoint(session)
    if last is not None:
        if last.size > log.size or log.head(last.size).root != last.root:
            raise EvidenceError(
                "evidence.rewritten",
                f"the stored log no longer begins with the {last.size} entries signed before; nothing was signed",
                hint="keep the database as it is and call the compliance officer",
            )
        if last.size == log.size:
            return last
    head = log.head()
    signed = LedgerCheckpoint(size=head.size, root=head.root, note=checkpoint.sign(head, key), signed_at=now)
    session.add(signed)
    session.flush()
    return signed


def _require_gapless(indexes: Sequence[int]) -> None:
    for expected, found in enumerate(indexes):
        if expected != found:
            raise EvidenceError("evidence.gap", f"entry {expected} is missing from the stored log; found {found}")
