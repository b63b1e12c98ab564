"""Every route says who may use it, and the saying is what happens: a matrix of all routes and all roles."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from outreach.errors import ConfigError
from outreach.web.access import Access, declared_access, require_declared
from outreach.web.roles import EVERYONE, OVERSIGHT, Role
from tests.unit.outreach.web.conftest import Site

MATRIX: dict[tuple[str, str], tuple[Role | None, ...]] = {
    ("GET", "/"): (None, *EVERYONE),
    ("GET", "/login"): (None, *EVERYONE),
    ("POST", "/login"): (None, *EVERYONE),
    ("POST", "/logout"): EVERYONE,
    ("GET", "/lang/{lang}"): (None, *EVERYONE),
    ("GET", "/account"): EVERYONE,
    ("GET", "/live"): OVERSIGHT,
    ("GET", "/live/events"): OVERSIGHT,
    ("POST", "/alerts/{alert_id}/acknowledge"): (Role.SUPERVISOR, Role.ADMIN),
    ("GET", "/calls"): OVERSIGHT,
    ("GET", "/calls/{sid}"): OVERSIGHT,
    ("GET", "/calls/{sid}/recording"): OVERSIGHT,
    ("GET", "/rulebook"): EVERYONE,
    ("GET", "/api/console/next"): (Role.AGENT, Role.SUPERVISOR, Role.ADMIN),
    ("GET", "/healthz"): (None, *EVERYONE),
    ("GET", "/metrics"): (Role.ADMIN,),
    ("GET", "/static/{name}"): (None, *EVERYONE),
}
FILLED = {"{lang}": "en", "{alert_id}": "7", "{sid}": "CA404", "{name}": "fairline.css"}


def routes_of(site: Site) -> list[APIRoute]:
    return [route for route in site.app.router.routes if isinstance(route, APIRoute)]


def test_the_matrix_names_every_route_and_no_other(site: Site) -> None:
    found = {(method, route.path) for route in routes_of(site) for method in route.methods}
    assert found == set(MATRIX)


def test_every_route_declares_its_access_exactly_once(site: Site) -> None:
    assert all(declared_access(route) is not None for route in site.app.router.routes)


def test_an_undeclared_route_stops_the_start() -> None:
    app, router = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), APIRouter()
    router.add_api_route("/forgotten", lambda: None)
    app.router.routes.extend(router.routes)
    with pytest.raises(ConfigError, match="/forgotten"):
        require_declared(app.router.routes)


@pytest.mark.parametrize("arguments", [((), False), ((Role.AGENT,), True)])
def test_a_declaration_is_roles_or_public_never_both_or_neither(arguments: tuple[tuple[Role, ...], bool]) -> None:
    with pytest.raises(ConfigError):
        Access(*arguments[0], public=arguments[1])


@pytest.mark.parametrize("role", [None, *Role])
async def test_the_declaration_is_what_happens(site: Site, role: Role | None) -> None:
    async with site.client(role) as client:
        cookie = site.session_cookie(role) if role is not None else ""
        token = site.csrf(cookie) if cookie else ""
        for (method, path), allowed in MATRIX.items():
            if path == "/live/events" and role in allowed:
                continue  # endless: read in test_live.py
            for gap, value in FILLED.items():
                path = path.replace(gap, value)
            client.cookies.clear()
            if cookie:
                client.cookies.set("fairline_session", cookie, domain="fairline.test")
            answer = await client.request(
                method,
                path,
                headers={"x-csrf-token": token, "accept": "application/json"},
                params={"call_sid": "CA404"} if path.startswith("/api") else None,
            )
            code = answer.json()["error"]["code"] if answer.status_code in {401, 403} else ""
            if role in allowed:
                # a form without a session fails for its token, and that is no matter of roles
                assert code in {"", "access.csrf"}, (path, code)
            else:
                assert code in ({"access.login", "access.csrf"} if role is None else {"access.forbidden"}), (path, code)


async def test_a_person_without_a_session_is_sent_to_the_login_page(site: Site) -> None:
    async with site.client() as client:
        answer = await client.get("/live", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/live")


async def test_a_wrong_role_reads_a_page_that_says_so(site: Site) -> None:
    async with site.client(Role.CREDITOR) as client:
        answer = await client.get("/live", headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert "您没有权限打开此页面" in answer.text
    assert "access.forbidden" in answer.text


async def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    from outreach.db.tables import UserAccount
    from tests.world import MORNING

    async with site.client(Role.SUPERVISOR) as client:
        assert (await client.get("/live")).status_code == 200
        with site.world.database.session() as session:
            session.get_one(UserAccount, site.account(Role.SUPERVISOR).id).disabled_at = MORNING
        assert (await client.get("/live")).status_code == 303
