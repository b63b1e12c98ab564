"""The contact budget: charged before the dial, given back only on proof that nothing was dialled (I/O).

One row per person, scope and local day. The caller holds the person's lock, so counting and charging are one act. How
many contacts are permitted is the rulebook's business; this book is the second witness: when it disagrees with the
recorded attempts, somebody has tampered or failed, and the gate cannot tell.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.db.tables import Attempt, Budget


@dataclass(frozen=True, kw_only=True)
class BudgetKey:
    """Whose budget of which scope (a channel) on which day of the person's own calendar."""

    debtor_id: int
    scope: str
    local_day: date


def local_day(now: datetime, timezone: str) -> date:
    """The calendar day of `now` in the person's first zone; calendar-day counts use that one."""
    return now.astimezone(ZoneInfo(timezone)).date()


def charge(session: Session, key: BudgetKey) -> str:
    """Take the next slot and answer its name: `voice:2026-11-23:2` is the second voice contact of that day."""
    new_row = insert(Budget).values(debtor_id=key.debtor_id, scope=key.scope, local_day=key.local_day, charged=1)
    upsert = new_row.on_conflict_do_update(
        index_elements=[Budget.debtor_id, Budget.scope, Budget.local_day], set_={"charged": Budget.charged + 1}
    ).returning(Budget.charged)
    return f"{key.scope}:{key.local_day.isoformat()}:{session.scalar(upsert)}"


def release(session: Session, attempt: Attempt) -> bool:
    """Give back what an attempt was charged; False when it never was, or has been given back before."""
    if attempt.budget_slot is None or attempt.budget_released:
        return False
    attempt.budget_released = True
    session.execute(
        update(Budget)
        .where(
            Budget.debtor_id == attempt.debtor_id,
            Budget.scope == attempt.budget_scope,
            Budget.local_day == attempt.budget_day,
        )
        .values(released=Budget.released + 1)
    )
    return True


def spent(session: Session, key: BudgetKey) -> int:
    """Contacts charged and not given back."""
    row = session.execute(
        select(Budget.charged, Budget.released).where(
            Budget.debtor_id == key.debtor_id, Budget.scope == key.scope, Budget.local_day == key.local_day
        )
    ).one_or_none()
    return 0 if row is None else row.charged - row.released


def agrees(session: Session, key: BudgetKey) -> bool:
    """Whether the budget row and the recorded attempts tell the same number."""
    recorded = session.scalar(
        select(func.count())
        .select_from(Attempt)
        .where(
            Attempt.debtor_id == key.debtor_id,
            Attempt.budget_scope == key.scope,
            Attempt.budget_day == key.local_day,
            Attempt.budget_slot.is_not(None),
            Attempt.budget_released.is_(False),
        )
    )
    return recorded == spent(session, key)
