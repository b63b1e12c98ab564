"""Until when the records of one call are kept, by the law of its packs and what is stored of its case (I/O: reads)."""

from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.db.tables import Attempt, Call, CollectionCase
from outreach.dialer.facts import COUNTED_STATES
from outreach.dialer.law import call_law
from outreach.ledger.retention import Kept, circumstances, kept
from policy.book import Rulebook
from policy.errors import PolicyError

log = structlog.get_logger(__name__)


def records_kept(session: Session, rulebook: Rulebook, call: Call) -> Kept | None:
    """As the case stands now: activity since the call and an open complaint keep its records longer.

    None when no pack names a period; a period that cannot be read is none too, for then nothing may be erased.
    """
    attempt = session.get_one(Attempt, call.attempt_id)
    case = session.get_one(CollectionCase, attempt.case_id)
    law = call_law(rulebook, case, attempt.ruling, call.answered_at or call.started_at)
    if not law.packs:
        return None
    last = max(_last_contact(session, case) or law.at, law.at)
    try:
        return kept(
            law.retentions(),
            call_day=max(law.day(pack) for pack in law.packs),
            last_activity=max(law.day_of(last, pack) for pack in law.packs),
            circumstances=circumstances({*case.debtor.flags, *case.debt.flags}),
        )
    except PolicyError as error:
        log.warning("retention.unknown", call=call.sid, code=error.code)
        return None


def _last_contact(session: Session, case: CollectionCase) -> datetime | None:
    """When the last contact of the case was made."""
    made = select(func.max(Attempt.intended_at)).where(Attempt.case_id == case.id, Attempt.state.in_(COUNTED_STATES))
    return session.scalar(made)
