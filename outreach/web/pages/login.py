"""Log in, log out, language, the account page (I/O through the database)."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from outreach.errors import AccessError
from outreach.web.access import SESSION_COOKIE, Access, Visitor
from outreach.web.accounts import Account, check_password
from outreach.web.deps import WebState, state_of
from outreach.web.i18n import LANGS
from outreach.web.pages.common import LANG_COOKIE, home_of, local_path, page
from outreach.web.roles import EVERYONE
from outreach.web.tokens import SESSION_HOURS

router = APIRouter()
YEAR_SECS = 31_536_000
_log = structlog.get_logger("fairline.web.login")

Anybody = Annotated[Visitor, Depends(Access(public=True))]
Known = Annotated[Visitor, Depends(Access(*EVERYONE))]


@router.get("/")
async def start(visitor: Anybody) -> Response:
    """The first page of whoever it is."""
    target = "/login" if visitor.account is None else home_of(visitor.account.role)
    return RedirectResponse(target, status_code=303)


@router.get("/login")
async def login_form(request: Request, visitor: Anybody, next: str = "") -> Response:  # noqa: A002 - the query's name
    """The form. Starts an anonymous session when there is none, so that the form carries a CSRF token."""
    if visitor.account is not None:
        return RedirectResponse(home_of(visitor.account.role), status_code=303)
    return _form(request, next, None, 200)


@router.post("/login")
async def login(
    request: Request,
    _visitor: Anybody,
    login: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=500)],
    next: Annotated[str, Form(max_length=500)] = "",  # noqa: A002 - the field's name
) -> Response:
    """Check the password; too many wrong ones from one address or for one name must wait."""
    state = state_of(request)
    now = state.deps.clock.now()
    keys = (f"login:{login.strip().lower()}", f"from:{request.client.host if request.client else ''}")
    if state.throttle.blocked(keys, now):
        raise AccessError("access.throttled", "too many wrong passwords", hint="wait five minutes and try again")
    account = await run_in_threadpool(_check, state, login.strip(), password)
    if account is None:
        state.throttle.failed(keys, now)
        _log.info("login_refused")
        return _form(request, next, "login.wrong", 401)
    state.throttle.succeeded(keys[:1])
    _log.info("login", user_id=account.id, role=str(account.role))
    response = RedirectResponse(local_path(next, home_of(account.role)), status_code=303)
    _set_session(state, response, state.signer.new_session(account.id, now))
    return response


@router.post("/logout")
async def logout(_visitor: Known) -> Response:
    """Forget the session."""
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    return response


@router.get("/lang/{lang}")
async def choose_language(_visitor: Anybody, lang: str, next: str = "/") -> Response:  # noqa: A002 - the query's name
    """Remember the language of this browser."""
    response = RedirectResponse(local_path(next, "/"), status_code=303)
    if lang in LANGS:
        response.set_cookie(LANG_COOKIE, lang, max_age=YEAR_SECS, samesite="lax", httponly=True, path="/")
    return response


@router.get("/account")
async def account_page(request: Request, visitor: Known) -> Response:
    """Who is logged in and what this role may open."""
    return page(request, "pages/account.html", visitor)


def _check(state: WebState, login: str, password: str) -> Account | None:
    with state.deps.database.session() as session:
        return check_password(session, login, password)


def _form(request: Request, target: str, problem: str | None, status: int) -> Response:
    state = state_of(request)
    now = state.deps.clock.now()
    value = request.cookies.get(SESSION_COOKIE, "")
    session = state.signer.read_session(value, now)
    if session is None or session.user_id is not None:
        value = state.signer.new_session(None, now)
        session = state.signer.read_session(value, now)
    nonce = session.nonce if session is not None else ""
    visitor = Visitor(account=None, csrf=state.signer.csrf(nonce))
    response = page(request, "pages/login.html", visitor, status=status, next=local_path(target, ""), problem=problem)
    _set_session(state, response, value)
    return response


def _set_session(state: WebState, response: Response, value: str) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        value,
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="lax",
        secure=state.deps.options.secure_cookies,
        path="/",
    )
