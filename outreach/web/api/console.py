"""What the agent's console asks for (I/O through the database): the line to say next."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from outreach.db.repository import get_call
from outreach.db.tables import SuggestionShown
from outreach.errors import NotAvailableError
from outreach.web.access import Access, Visitor
from outreach.web.deps import WebState, state_of
from outreach.web.roles import Role

router = APIRouter(prefix="/api/console")

Console = Annotated[Visitor, Depends(Access(Role.AGENT, Role.SUPERVISOR, Role.ADMIN, bearer=True))]


@router.get("/next")
async def next_line(
    request: Request, _visitor: Console, call_sid: Annotated[str, Query(min_length=1, max_length=80)]
) -> dict[str, str | int]:
    """The line offered now: `{"text", "lang", "digest", "step", "why"}` and `seq`, which grows with every new offer.

    404 `input.unknown_call` for a call that is not stored, 404 `missing.suggestion` before the first offer.
    """
    return await run_in_threadpool(_latest, state_of(request), call_sid)


def _latest(state: WebState, call_sid: str) -> dict[str, str | int]:
    with state.deps.database.session() as session:
        call = get_call(session, call_sid)
        newest = select(SuggestionShown).where(SuggestionShown.call_sid == call_sid)
        row = session.scalar(newest.order_by(SuggestionShown.id.desc()).limit(1))
        if row is None:
            raise NotAvailableError("missing.suggestion", "nothing has been suggested in this call yet")
        return {
            "text": row.text,
            "lang": call.attempt.debtor.language,
            "digest": row.digest,
            "step": row.step,
            "why": row.why or "",
            "seq": row.id,
        }
