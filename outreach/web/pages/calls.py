"""The list of calls and the page of one call: what was said, what was found, why it was allowed, the proof (I/O)."""

from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from outreach.db.repository import get_call
from outreach.errors import NotAvailableError
from outreach.ledger.checkpoint import VerifierKey
from outreach.web.access import Access, Visitor
from outreach.web.deps import WebState, state_of
from outreach.web.dossier import Dossier, read_dossier, read_list
from outreach.web.pages.common import page
from outreach.web.pages.live import reader_of
from outreach.web.roles import OVERSIGHT
from outreach.web.second_hearing import SecondView, read_second

router = APIRouter()
_log = structlog.get_logger("fairline.web.calls")

Overseer = Annotated[Visitor, Depends(Access(*OVERSIGHT))]


@router.get("/calls")
async def calls(request: Request, visitor: Overseer, flagged: bool = False) -> Response:
    """The latest calls, those that go to review first when asked for."""
    state = state_of(request)
    found = await run_in_threadpool(_list, state, flagged)
    return page(request, "pages/calls.html", visitor, calls=found, only_flagged=flagged)


@router.get("/calls/{sid}")
async def call(request: Request, visitor: Overseer, sid: str) -> Response:
    """Everything about one call."""
    state = state_of(request)
    dossier = await run_in_threadpool(_dossier, state, sid)
    second = await run_in_threadpool(_second, state, sid)
    return page(request, "pages/call.html", visitor, dossier=dossier, call=dossier.call, second=second)


@router.get("/calls/{sid}/recording")
async def recording(request: Request, visitor: Overseer, sid: str) -> Response:
    """The two-track recording, in ranges. Who listened is logged."""
    state = state_of(request)
    path = await run_in_threadpool(_recording, state, sid)
    _log.info("recording_read", user_id=visitor.known.id, call_sid=sid)
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "private, no-store"})


def _list(state: WebState, flagged: bool) -> list[object]:
    with state.deps.database.session() as session:
        return list(read_list(session, reader_of(state), only_flagged=flagged))


def _dossier(state: WebState, sid: str) -> Dossier:
    options = state.deps.options
    verifier = VerifierKey.of(options.ledger_origin, state.deps.database.keys.ledger)
    with state.deps.database.session() as session:
        return read_dossier(session, reader_of(state), options, verifier, sid)


def _second(state: WebState, sid: str) -> SecondView | None:
    with state.deps.database.session() as session:
        return read_second(session, sid)


def _recording(state: WebState, sid: str) -> Path:
    with state.deps.database.session() as session:
        stored = get_call(session, sid).recording_path
    return recording_file(state.deps.options.recordings_dir, stored)


def recording_file(folder: Path, stored: str | None) -> Path:
    """The file of a recording, never outside `folder`; NotAvailableError missing.recording."""
    problem = NotAvailableError("missing.recording", "this call has no recording (yet)")
    if stored is None:
        raise problem
    root = folder.resolve()
    path = (root / stored).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise problem
    return path
