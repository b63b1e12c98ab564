"""The supervisor's live page and its feed (I/O through the database and the hub)."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from outreach.db.repository import acknowledge_alert
from outreach.web.access import Access, Visitor
from outreach.web.deps import WebState, state_of
from outreach.web.live.feed import Viewer
from outreach.web.live.queries import Reader
from outreach.web.live.render import LIVE_LINES
from outreach.web.live.views import CallView, Overview
from outreach.web.pages.common import language_of, local_path, page
from outreach.web.roles import OVERSIGHT, Role

router = APIRouter()
HEARTBEAT_SECS = 15.0

Overseer = Annotated[Visitor, Depends(Access(*OVERSIGHT))]
Decider = Annotated[Visitor, Depends(Access(Role.SUPERVISOR, Role.ADMIN))]


@router.get("/live")
async def live(request: Request, visitor: Overseer) -> Response:
    """Calls running now, refusals, the ledger's head. The page says up to which event it was drawn."""
    state = state_of(request)
    last_event = state.hub.feed.last_id
    calls, overview = await run_in_threadpool(_board, state)
    return page(
        request,
        "pages/live.html",
        visitor,
        calls=calls,
        overview=overview,
        last_event=last_event,
        live_lines=LIVE_LINES,
        now=state.deps.clock.now(),
    )


@router.get("/live/events")
async def events(request: Request, _visitor: Overseer, after: str = "") -> Response:
    """Server-sent events; comes back where it stopped by Last-Event-ID, and says `reset` when that is too long ago."""
    state = state_of(request)
    viewer = state.hub.feed.join(request.headers.get("last-event-id") or after)
    stream = _stream(state, viewer, language_of(request))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge(
    request: Request,
    visitor: Decider,
    alert_id: int,
    next: Annotated[str, Form(max_length=500)] = "/live",  # noqa: A002 - the field's name
) -> Response:
    """A supervisor has seen the alert."""
    await run_in_threadpool(_acknowledge, state_of(request), alert_id, visitor.known.id)
    if request.headers.get("x-requested-with") == "fairline":
        return Response(status_code=204)
    return RedirectResponse(local_path(next, "/live"), status_code=303)


async def _stream(state: WebState, viewer: Viewer, lang: str) -> AsyncIterator[str]:
    feed = state.hub.feed
    state.metrics.viewers.inc()
    try:
        yield "retry: 2000\n\n"
        while not viewer.closed:
            waiting = await viewer.take(HEARTBEAT_SECS)
            if viewer.lost:
                viewer.lost = False
                state.metrics.resets.inc()
                yield f"id: {feed.last_id}\nevent: reset\ndata: {{}}\n\n"
                continue
            if not waiting:
                yield ": still here\n\n"
            for event in waiting:
                yield f"id: {feed.event_id(event)}\nevent: part\ndata: {event.data(lang)}\n\n"
    finally:
        feed.leave(viewer)
        state.metrics.viewers.dec()


def reader_of(state: WebState) -> Reader:
    """A reader over this application's vault, library and rulebook."""
    deps = state.deps
    return Reader(vault=deps.database.vault, library=deps.library, rulebook=deps.rulebook)


def _board(state: WebState) -> tuple[list[CallView], Overview]:
    reader = reader_of(state)
    with state.deps.database.session() as session:
        sids = reader.live_sids(session)
        calls = reader.calls(session, sids)
        return [calls[sid] for sid in sids if sid in calls], reader.overview(session)


def _acknowledge(state: WebState, alert_id: int, user_id: int) -> None:
    with state.deps.database.session() as session:
        acknowledge_alert(session, alert_id, user_id=user_id, now=state.deps.clock.now())
