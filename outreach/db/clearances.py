"""Spent clearances (I/O): one row each, first come first served, for the carrier's guard and for whoever revokes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.db.tables import ClearanceUse


def spend(
    session: Session, clearance_id: str, at: datetime, *, revoked: bool = False, reason: str | None = None
) -> bool:
    """Write the one row of a clearance; False when it exists already, whoever wrote it."""
    row = insert(ClearanceUse).values(clearance_id=clearance_id, used_at=at, revoked=revoked, reason=reason)
    return session.scalar(row.on_conflict_do_nothing().returning(ClearanceUse.clearance_id)) is not None


def is_revoked(session: Session, clearance_id: str) -> bool:
    """Whether the clearance was spent by revoking it."""
    return bool(session.scalar(select(ClearanceUse.revoked).where(ClearanceUse.clearance_id == clearance_id)))


def revoke(session: Session, clearance_id: str, at: datetime, reason: str) -> bool:
    """Make an unused clearance unusable. True when it is revoked, now or before; False when it was used."""
    return spend(session, clearance_id, at, revoked=True, reason=reason) or is_revoked(session, clearance_id)
