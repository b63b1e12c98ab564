"""The real application on a real database with real people in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from outreach.clock import ManualClock
from outreach.web.accounts import Account, create_user
from outreach.web.app import create_app
from outreach.web.deps import RecogniserNote, WebDeps, WebOptions
from outreach.web.roles import Role
from outreach.web.tokens import TokenSigner
from scripts.schema import load_library
from tests.world import MORNING, ORIGIN, World, rulebook

PASSWORD = "correct horse battery"


class Site:
    """One application and its accounts, spoken to without a socket."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = ManualClock(MORNING)
        options = WebOptions(
            recordings_dir=world.folder,
            ledger_origin=ORIGIN,
            recogniser=RecogniserNote(name="embedded", demonstration=True),
        )
        self.deps = WebDeps(
            database=world.database, clock=self.clock, library=load_library(), rulebook=rulebook(), options=options
        )
        self.app = create_app(self.deps)
        self.signer = TokenSigner(world.database.keys.session)
        self.accounts: dict[Role, Account] = {}

    def account(self, role: Role) -> Account:
        """An account of a role, made on first use."""
        if role not in self.accounts:
            with self.world.database.session() as session:
                self.accounts[role] = create_user(session, f"{role}@test", role, PASSWORD, now=MORNING)
        return self.accounts[role]

    def session_cookie(self, role: Role) -> str:
        """A valid session cookie of a role."""
        return self.signer.new_session(self.account(role).id, MORNING)

    def csrf(self, cookie: str) -> str:
        """The token that belongs to a cookie."""
        session = self.signer.read_session(cookie, MORNING)
        assert session is not None
        return self.signer.csrf(session.nonce)

    @asynccontextmanager
    async def client(self, role: Role | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A browser, logged in as `role` or not at all."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://fairline.test") as client:
            if role is not None:
                client.cookies.set("fairline_session", self.session_cookie(role), domain="fairline.test")
            yield client


@pytest.fixture
def site(world: World) -> Site:
    """The application over this test's database."""
    return Site(world)
