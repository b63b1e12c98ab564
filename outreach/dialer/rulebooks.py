"""The rulebook in use, and the archive of rulebooks (I/O): every book that decides is kept with the decisions, as the
texts it was read from.

A digest proves which book decided only to somebody who still has the book. So it is kept before its first decision, in
the same transaction, and read back with the same care: texts that do not give the digest they are kept under are no
rulebook any more.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.db.tables import RulebookVersion
from outreach.errors import EvidenceError
from policy.book import Rulebook
from policy.errors import PolicyError
from policy.schema import house_rules, load_rulebook, load_rulebook_files


def loaded(overlays: Path | None) -> Rulebook:
    """The law, the packaged house rules and an agency's own overlays. Raises RulebookError naming file and line."""
    own = [] if overlays is None else [overlays]
    return load_rulebook(overlays=[house_rules(), *own])


def is_kept(session: Session, digest: str) -> bool:
    """Whether a rulebook of this digest is in the archive."""
    return session.scalar(select(RulebookVersion.digest).where(RulebookVersion.digest == digest)) is not None


def keep(session: Session, rulebook: Rulebook, now: datetime) -> None:
    """Put a rulebook into the archive unless it is there.

    Raises EvidenceError evidence.rulebook_unkept for a book that its own texts do not reproduce: nothing may be decided
    under it, because nobody could decide it again.
    """
    if is_kept(session, rulebook.digest):
        return
    if not _reproduced(rulebook):
        raise EvidenceError(
            "evidence.rulebook_unkept",
            f"the texts of rulebook {rulebook.digest} do not give that digest, so it cannot be kept",
            hint="load the rulebook from its files (policy.schema.load_rulebook)",
        )
    row = insert(RulebookVersion).values(digest=rulebook.digest, files=dict(rulebook.files), first_used_at=now)
    session.execute(row.on_conflict_do_nothing())


def open_kept(session: Session, digest: str) -> Rulebook:
    """The rulebook of this digest as it was kept.

    Raises EvidenceError evidence.rulebook_missing, or evidence.rulebook_changed when the texts kept under the digest
    give another one or none.
    """
    row = session.get(RulebookVersion, digest)
    if row is None:
        raise EvidenceError("evidence.rulebook_missing", f"rulebook {digest} is not in the archive")
    try:
        book = _read(tuple(sorted(row.files.items())))
    except (PolicyError, AttributeError, TypeError) as error:
        raise EvidenceError(
            "evidence.rulebook_changed", f"the texts kept as rulebook {digest} are no rulebook any more"
        ) from error
    if book.digest != digest:
        raise EvidenceError(
            "evidence.rulebook_changed", f"the texts kept as rulebook {digest} give the digest {book.digest}"
        )
    return book


@lru_cache(maxsize=8)
def _read(texts: tuple[tuple[str, str], ...]) -> Rulebook:
    return load_rulebook_files(dict(texts), "archive")


def _reproduced(rulebook: Rulebook) -> bool:
    try:
        return _read(tuple(sorted(rulebook.files.items()))).digest == rulebook.digest
    except PolicyError:
        return False
