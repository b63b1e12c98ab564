"""Probes and figures for machines, and the static files (I/O)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from outreach.errors import InputError
from outreach.web.access import Access, Visitor
from outreach.web.deps import WebState, state_of
from outreach.web.roles import Role
from outreach.web.templating import static_file

router = APIRouter()

Anybody = Annotated[Visitor, Depends(Access(public=True))]
Machine = Annotated[Visitor, Depends(Access(Role.ADMIN, bearer=True))]


@router.get("/healthz")
async def healthz(request: Request, _visitor: Anybody) -> Response:
    """200 when the database answers and the live feed runs, 503 with what is wrong otherwise."""
    state = state_of(request)
    checks = {"database": await run_in_threadpool(_database_answers, state), "feed": state.hub.healthy}
    status = 200 if all(checks.values()) else 503
    return JSONResponse({"ok": status == 200, "checks": checks}, status_code=status)


@router.get("/metrics")
async def metrics(request: Request, _visitor: Machine) -> Response:
    """Prometheus exposition; with an admin session or bearer token."""
    return Response(state_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/static/{name}")
async def static(_visitor: Anybody, name: str) -> Response:
    """One of our own files; the address carries the content's digest, so it may be kept."""
    found = static_file(name)
    if found is None:
        raise InputError("input.unknown_page", "there is no such file")
    return Response(found[0], media_type=found[1], headers={"cache-control": "public, max-age=31536000, immutable"})


def _database_answers(state: WebState) -> bool:
    try:
        with state.deps.database.session() as session:
            return bool(session.scalar(text("SELECT 1")))
    except SQLAlchemyError:
        return False
