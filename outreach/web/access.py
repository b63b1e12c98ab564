"""The one mechanism that decides who may do what: every route declares an `Access`, and none starts without one.

`Access` finds out who asks (session cookie, or a bearer token where the route takes one), refuses roles that are not
named, and demands the CSRF token on every changing request that rests on a cookie.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from outreach.errors import AccessError, ConfigError
from outreach.web.accounts import Account, load_account
from outreach.web.deps import WebState, state_of
from outreach.web.roles import Role
from outreach.web.tokens import SessionValue

SESSION_COOKIE = "fairline_session"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks. `account` is None for somebody not logged in; `csrf` belongs to their session, empty without one."""

    account: Account | None
    csrf: str

    @property
    def known(self) -> Account:
        """The account; AccessError access.login without one."""
        if self.account is None:
            raise _login_needed()
        return self.account


class Access:
    """Declares who may use a route: `Access(Role.SUPERVISOR, …)`, or `Access(public=True)` for everybody."""

    def __init__(self, *roles: Role, public: bool = False, bearer: bool = False) -> None:
        if bool(roles) == public:
            raise ConfigError("config.access", "declare the roles of a route, or declare it public, not both")
        self.roles = frozenset(roles)
        self.public = public
        self.bearer = bearer

    def allows(self, role: Role | None) -> bool:
        """Whether this route is open to a role (None: nobody logged in)."""
        return self.public or (role is not None and role in self.roles)

    async def __call__(self, request: Request) -> Visitor:
        """The visitor; AccessError access.login, access.forbidden or access.csrf."""
        state = state_of(request)
        token = _bearer_of(request)
        if token is not None and self.bearer:
            visitor = Visitor(account=await self._by_token(state, token), csrf="")
        else:
            visitor = await self._by_cookie(request, state)
        role = visitor.account.role if visitor.account is not None else None
        if not self.allows(role):
            _refuse(role)
        request.state.visitor = visitor
        return visitor

    async def _by_token(self, state: WebState, token: str) -> Account:
        user_id = state.signer.read_bearer(token, state.deps.clock.now())
        account = None if user_id is None else await run_in_threadpool(_load, state, user_id)
        if account is None:
            raise AccessError("access.login", "the bearer token is not valid here or has run out")
        return account

    async def _by_cookie(self, request: Request, state: WebState) -> Visitor:
        session = state.signer.read_session(request.cookies.get(SESSION_COOKIE, ""), state.deps.clock.now())
        if request.method not in SAFE_METHODS:
            await _require_csrf(request, state, session)
        if session is None:
            return Visitor(account=None, csrf="")
        account = None
        if session.user_id is not None:
            account = await run_in_threadpool(_load, state, session.user_id)
        return Visitor(account=account, csrf=state.signer.csrf(session.nonce))


async def _require_csrf(request: Request, state: WebState, session: SessionValue | None) -> None:
    token = request.headers.get(CSRF_HEADER)
    if token is None:
        field = (await request.form()).get(CSRF_FIELD)
        token = field if isinstance(field, str) else ""
    if session is None or not state.signer.csrf_matches(session.nonce, token):
        raise AccessError(
            "access.csrf", "the form does not belong to this session", hint="go back, reload the page and try again"
        )


def _load(state: WebState, user_id: int) -> Account | None:
    with state.deps.database.session() as session:
        return load_account(session, user_id)


def _bearer_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _login_needed() -> AccessError:
    return AccessError("access.login", "log in first")


def _refuse(role: Role | None) -> NoReturn:
    if role is None:
        raise _login_needed()
    raise AccessError("access.forbidden", f"the role {role} may not open this page", hint="ask an administrator")


def declared_access(route: BaseRoute) -> Access | None:
    """The access declared on a route; None when there is none or more than one."""
    if not isinstance(route, APIRoute):
        return None
    found = [call for call in _calls(route.dependant) if isinstance(call, Access)]
    return found[0] if len(found) == 1 else None


def require_declared(routes: list[BaseRoute]) -> None:
    """Refuse to start with a route that says nothing about who may use it: ConfigError config.access naming it."""
    bare = [getattr(route, "path", str(route)) for route in routes if declared_access(route) is None]
    if bare:
        raise ConfigError("config.access", f"routes without exactly one access declaration: {', '.join(bare)}")


def _calls(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)
