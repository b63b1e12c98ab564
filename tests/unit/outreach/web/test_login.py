"""Logging in: argon2, cookies, CSRF, throttling, redirects that stay here."""

from datetime import timedelta
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.db.tables import UserAccount
from outreach.errors import InputError
from outreach.web.accounts import create_user, new_password
from outreach.web.pages.common import local_path
from outreach.web.roles import Role
from outreach.web.throttle import LIMIT, WINDOW, Throttle
from outreach.web.tokens import SESSION_HOURS, TokenSigner
from tests.unit.outreach.web.conftest import PASSWORD, Site
from tests.world import MORNING


class Fields(HTMLParser):
    """Hidden fields of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.values[str(found["name"])] = str(found["value"])


async def submit(client: httpx.AsyncClient, login: str, password: str, **extra: str) -> httpx.Response:
    form = Fields((await client.get("/login")).text).values
    return await client.post("/login", data={**form, "login": login, "password": password, **extra})


async def test_the_right_password_opens_the_role_s_first_page(site: Site) -> None:
    site.account(Role.SUPERVISOR)
    async with site.client() as client:
        answer = await submit(client, "supervisor@test", PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/live")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/live")).status_code == 200


async def test_a_wrong_password_and_an_unknown_name_read_the_same(site: Site) -> None:
    site.account(Role.AGENT)
    async with site.client() as client:
        wrong = await submit(client, "agent@test", "not the password")
        unknown = await submit(client, "nobody@test", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert Fields(wrong.text).values.keys() == Fields(unknown.text).values.keys()
    assert "账号或密码不对" in wrong.text
    assert "账号或密码不对" in unknown.text


async def test_a_form_without_its_token_is_refused(site: Site) -> None:
    site.account(Role.SUPERVISOR)
    async with site.client() as client:
        await client.get("/login")
        answer = await client.post("/login", data={"login": "supervisor@test", "password": PASSWORD})
    assert answer.status_code == 403
    assert "access.csrf" in answer.text


async def test_a_token_of_another_session_is_refused(site: Site) -> None:
    theirs = site.csrf(site.signer.new_session(site.account(Role.SUPERVISOR).id, MORNING))
    async with site.client(Role.SUPERVISOR) as client:
        answer = await client.post("/logout", data={"csrf_token": theirs})
    assert answer.status_code == 403


async def test_logging_out_forgets_the_session(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        token = site.csrf(client.cookies["fairline_session"])
        answer = await client.post("/logout", data={"csrf_token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert (await client.get("/live")).headers["location"] == "/login?next=/live"


async def test_guessing_is_slowed_down_and_then_forgiven(site: Site) -> None:
    site.account(Role.AGENT)
    async with site.client() as client:
        for _ in range(LIMIT):
            assert (await submit(client, "agent@test", "wrong wrong")).status_code == 401
        assert (await submit(client, "agent@test", PASSWORD)).status_code == 429
        site.clock.advance(secs=WINDOW.total_seconds())
        assert (await submit(client, "agent@test", PASSWORD)).status_code == 303


async def test_a_session_ends_after_its_hours(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        site.clock.advance(secs=SESSION_HOURS * 3600 - 1)
        assert (await client.get("/live")).status_code == 200
        site.clock.advance(secs=1)
        assert (await client.get("/live")).status_code == 303


def test_passwords_are_stored_as_argon2_only(site: Site) -> None:
    site.account(Role.AGENT)
    with site.world.database.session() as session:
        stored = session.get_one(UserAccount, site.account(Role.AGENT).id).password_hash
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_an_account_can_be_given_a_new_password_and_role(site: Site) -> None:
    first = site.account(Role.AGENT)
    with site.world.database.session() as session:
        again = create_user(session, first.login, Role.SUPERVISOR, new_password(), now=MORNING)
    assert (again.id, again.role) == (first.id, Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("role", "password", "code"), [("agent", "short", "input.password"), ("boss", PASSWORD, "input.role")]
)
def test_a_bad_account_is_refused(site: Site, role: str, password: str, code: str) -> None:
    with site.world.database.session() as session, pytest.raises(InputError) as caught:
        create_user(session, "x@test", role, password, now=MORNING)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "live", "", "/a\r\nb", "/a\\b"],
)
def test_nobody_is_sent_to_another_site(target: str) -> None:
    assert local_path(target, "/live") == "/live"


def test_a_path_of_this_site_is_kept() -> None:
    assert local_path("/calls/CA1?x=1", "/live") == "/calls/CA1?x=1"


@given(st.text(max_size=80))
def test_whatever_is_not_our_signature_is_nobody(value: str) -> None:
    signer = TokenSigner(b"k" * 32)
    assert signer.read_session(value, MORNING) is None
    assert signer.read_bearer(value, MORNING) is None


@given(st.integers(min_value=0, max_value=300), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_spoils_a_token(position: int, change: int) -> None:
    signer = TokenSigner(b"k" * 32)
    token = bytearray(signer.new_bearer(7, MORNING).encode())
    token[position % (len(token) - 1)] ^= change  # the last character carries two bits that stand for nothing
    assert signer.read_bearer(token.decode("latin-1"), MORNING) is None


def test_a_session_is_no_bearer_token_and_a_bearer_no_session() -> None:
    signer = TokenSigner(b"k" * 32)
    assert signer.read_bearer(signer.new_session(7, MORNING), MORNING) is None
    assert signer.read_session(signer.new_bearer(7, MORNING), MORNING) is None


def test_a_throttle_is_per_key_and_slides() -> None:
    throttle = Throttle(limit=2, window=timedelta(minutes=1))
    throttle.failed(("a",), MORNING)
    throttle.failed(("a",), MORNING + timedelta(seconds=30))
    assert throttle.blocked(("a", "b"), MORNING + timedelta(seconds=59))
    assert not throttle.blocked(("b",), MORNING + timedelta(seconds=59))
    assert not throttle.blocked(("a",), MORNING + timedelta(seconds=60))
