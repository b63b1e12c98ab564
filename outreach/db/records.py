"""Tables of the house itself: the evidence log, its checkpoints, the keys' fingerprints, the people who log in."""

from sqlalchemy import BigInteger, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.db.base import Base, BigId, Instant, one_of

ROLES = ("agent", "supervisor", "compliance", "creditor", "admin")


class LedgerEntry(Base):
    """One entry of the evidence log: canonical bytes and their RFC 6962 leaf hash. Never updated, never deleted."""

    __tablename__ = "ledger_entry"

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[Instant]


class LedgerCheckpoint(Base):
    """A signed tree head as issued: the signed note's text, and its size and root for look-up."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str]
    signed_at: Mapped[Instant]


class KeyFingerprint(Base):
    """Which key file belongs to this database; a different file under the same name is refused, never adopted."""

    __tablename__ = "key_fingerprint"

    purpose: Mapped[str] = mapped_column(Text, primary_key=True)
    key_id: Mapped[str]
    registered_at: Mapped[Instant]


class UserAccount(Base):
    """A person who logs in. The password is stored as an argon2 hash only."""

    __tablename__ = "user_account"
    __table_args__ = (one_of("role", *ROLES), UniqueConstraint("login"))

    id: Mapped[BigId]
    login: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    display: Mapped[str]
    created_at: Mapped[Instant]
    disabled_at: Mapped[Instant | None]
