"""The worker's HTTP side (I/O): carrier callbacks and media streams come in here.

A callback is checked, answered at once and applied in a task of its own: carriers give up after seconds, and closing a
call takes some.
A callback lost to a crash is asked for again by `outreach.worker.recovery`.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from outreach.errors import FairlineError, WebhookError
from outreach.telephony.events import CarrierEvent
from outreach.telephony.port import Carrier, WebhookRequest
from outreach.worker.floor import Floor
from outreach.worker.lines import Lines
from outreach.worker.media import media_router
from outreach.worker.metrics import registry_of

EMPTY_ANSWER = "<Response/>"
MAX_BODY_BYTES = 64 * 1024
log = structlog.get_logger(__name__)


class Tasks:
    """Events being applied. A failure is logged with its code, never swallowed: recovery sets right what it left."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._running: set[asyncio.Task[None]] = set()

    def start(self, event: CarrierEvent) -> None:
        """Apply an event in the background."""
        task = asyncio.create_task(self._lines.apply(event))
        self._running.add(task)
        task.add_done_callback(self._done)

    async def settle(self) -> None:
        """Wait for everything under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            code = error.code if isinstance(error, FairlineError) else type(error).__name__
            log.error("event.failed", code=code, exc_info=error)


def worker_app(
    *,
    carrier: Carrier,
    floor: Floor,
    lines: Lines,
    tasks: Tasks,
    callback_path: str,
    media_path: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
) -> FastAPI:
    """The application that the carrier talks to; it serves no page."""
    app = FastAPI(title="Fairline worker", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(media_router(media_path, floor, carrier.media_decoder, lines.lost))

    @app.post(callback_path + "/{kind}")
    async def callback(kind: str, request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > MAX_BODY_BYTES:
            return Response(status_code=413)
        asked = WebhookRequest(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
            body=await request.body(),
        )
        try:
            tasks.start(carrier.parse_webhook(asked))
        except WebhookError as error:
            log.warning("callback.refused", kind=kind, code=error.code)
            return Response(status_code=403 if error.code == "webhook.bad_signature" else 400)
        return Response(EMPTY_ANSWER, media_type="application/xml")

    @app.get("/healthz")
    async def health() -> dict[str, object]:
        backlog_secs = round(floor.backlog_secs, 2)
        return {"status": "ok", "calls": len(floor.calls), "backlog_secs": backlog_secs, "held": floor.hold is not None}

    registry = registry_of(floor)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
