"""Which calls are to be heard again, and how often that was tried (I/O: database).

A call is asked for once. A try is counted when it begins, in a transaction of its own, so that one which a crash ended
counts: a recording that kills the process is given up after `MAX_TRIES`, with an error that says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.db.repository import update_call
from outreach.db.tables import FINAL_CALL_STATUSES, Attempt, Call, Debtor, SecondHearing

MAX_TRIES = 3
RETRY_AFTER = timedelta(seconds=30)
"""Pause before the second try; the third waits twice as long."""
LOOK_BACK = timedelta(days=7)
"""Calls that ended earlier are not heard again only because the house now wants every call heard twice."""
CRASHED = "second_pass.crashed"
UNHEARD = ("deferred", "unheard")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A call whose second hearing has begun."""

    call_sid: str
    why: str
    tries: int


def ask(session: Session, now: datetime, *, every_call: bool) -> int:
    """Ask for a second hearing of every call that needs one and whose recording is kept; answers how many were new."""
    broken = [Call.degraded.contains([{"step": step}]) for step in UNHEARD]
    wanted = or_(*broken, Call.ended_at > now - LOOK_BACK) if every_call else or_(*broken)
    asked = select(SecondHearing.call_sid).where(SecondHearing.call_sid == Call.sid).exists()
    query = (
        select(Call)
        .join(Attempt, Call.attempt_id == Attempt.id)
        .join(Debtor, Attempt.debtor_id == Debtor.id)
        .where(
            Call.status.in_(FINAL_CALL_STATUSES),
            Call.recording_sha256.is_not(None),
            Debtor.data_key.is_not(None),
            wanted,
            ~asked,
        )
        .order_by(Call.ended_at)
        .limit(100)
    )
    calls = session.scalars(query).all()
    for call in calls:
        steps = {item.get("step") for item in call.degraded if isinstance(item, dict)}
        why = next((step for step in UNHEARD if step in steps), "wanted")
        row = insert(SecondHearing).values(call_sid=call.sid, why=why, asked_at=now)
        session.execute(row.on_conflict_do_nothing())
    return len(calls)


def take(session: Session, now: datetime) -> Taken | None:
    """Begin the next try that is due, calls that nobody has heard before those that were; None when there is none."""
    give_up(session, now)
    due = or_(
        SecondHearing.tried_at.is_(None),
        SecondHearing.tried_at < now - RETRY_AFTER * 2,
        (SecondHearing.tried_at < now - RETRY_AFTER) & (SecondHearing.tries < 2),
    )
    row = session.scalar(
        select(SecondHearing)
        .where(SecondHearing.state == "pending", SecondHearing.tries < MAX_TRIES, due)
        .order_by(SecondHearing.why == "wanted", SecondHearing.asked_at, SecondHearing.call_sid)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.tries += 1
    row.tried_at = now
    row.error = None
    return Taken(call_sid=row.call_sid, why=row.why, tries=row.tries)


def put_back(session: Session, taken: Taken) -> None:
    """The worker ends before this try did: it does not count."""
    row = session.get_one(SecondHearing, taken.call_sid, with_for_update=True)
    if row.state == "pending":
        row.tries, row.tried_at = max(0, row.tries - 1), None


def fail(session: Session, taken: Taken, code: str, now: datetime) -> bool:
    """This try failed; True when it was the last one. A call that nobody has heard then goes to review."""
    row = session.get_one(SecondHearing, taken.call_sid, with_for_update=True)
    if row.state != "pending":
        return False
    row.error = code
    if row.tries < MAX_TRIES:
        return False
    _end(session, row, now)
    return True


def give_up(session: Session, now: datetime) -> None:
    """Calls whose last try never came to an end: whoever made it died of it."""
    rows = session.scalars(
        select(SecondHearing)
        .where(
            SecondHearing.state == "pending",
            SecondHearing.tries >= MAX_TRIES,
            SecondHearing.tried_at < now - RETRY_AFTER,
        )
        .with_for_update(skip_locked=True)
    )
    for row in rows.all():
        row.error = row.error or CRASHED
        _end(session, row, now)


def _end(session: Session, row: SecondHearing, now: datetime) -> None:
    row.state, row.done_at = "failed", now
    if row.why in UNHEARD:
        update_call(session, row.call_sid, flagged=True)
