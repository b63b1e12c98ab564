"""The application factory: routes, errors, headers, the live hub's life. No work at import, no globals."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from outreach.errors import FairlineError, InputError
from outreach.web.access import Visitor, require_declared
from outreach.web.api import console, health
from outreach.web.deps import WebDeps, WebState
from outreach.web.errors import status_of, wants_json
from outreach.web.headers import Counted, SecurityHeaders
from outreach.web.live.hub import LiveHub
from outreach.web.live.queries import Reader
from outreach.web.live.render import Painter
from outreach.web.metrics import Metrics
from outreach.web.pages import calls, live, login, rulebook
from outreach.web.pages.common import page
from outreach.web.templating import environment
from outreach.web.throttle import Throttle
from outreach.web.tokens import TokenSigner

ROUTERS = (login.router, live.router, calls.router, rulebook.router, console.router, health.router)
_log = structlog.get_logger("fairline.web")


def create_app(deps: WebDeps) -> FastAPI:
    """The web application over `deps`; ConfigError config.access when a route does not say who may use it."""
    metrics = Metrics()
    templates = environment(deps.library)
    reader = Reader(vault=deps.database.vault, library=deps.library, rulebook=deps.rulebook)
    hub = LiveHub(
        database=deps.database, reader=reader, painter=Painter(templates), metrics=metrics, epoch=secrets.token_hex(4)
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        try:
            yield
        finally:
            await hub.stop()

    app = FastAPI(title="Fairline", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.fairline = WebState(
        deps=deps,
        signer=TokenSigner(deps.database.keys.session),
        throttle=Throttle(),
        hub=hub,
        metrics=metrics,
        templates=templates,
    )
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat, so that `require_declared` sees every one
    require_declared(app.router.routes)
    app.add_middleware(Counted, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(FairlineError, _fairline_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _unexpected_error)
    return app


async def _fairline_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, FairlineError):
        raise error
    if error.code == "access.login" and request.method == "GET" and not wants_json(request):
        return RedirectResponse(f"/login?next={quote(request.url.path)}", status_code=303)
    return _answer(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = "input.method" if status == 405 else "input.unknown_page"
    message = "this page does not take that method" if status == 405 else "there is no such page"
    return _answer(request, InputError(code, message))


async def _validation_error(request: Request, error: Exception) -> Response:
    places = error.errors() if isinstance(error, RequestValidationError) else []
    fields = ", ".join(sorted({".".join(str(part) for part in place["loc"]) for place in places}))
    return _answer(request, InputError("input.fields", f"missing or wrong: {fields}"))


async def _unexpected_error(request: Request, error: Exception) -> Response:
    _log.error("unexpected_error", kind=type(error).__name__, exc_info=error)
    return _answer(
        request,
        FairlineError("internal.error", "something went wrong here", hint="try again; the operators can see the log"),
    )


def _answer(request: Request, error: FairlineError) -> Response:
    status = status_of(error)
    if wants_json(request):
        return JSONResponse({"error": error.to_json()}, status_code=status)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return page(request, "pages/error.html", visitor, status=status, error=error, status_code=status)
