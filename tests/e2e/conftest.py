"""A real server on a real socket and a real Chromium in front of it."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from outreach.clock import ManualClock
from outreach.web.accounts import create_user
from outreach.web.app import create_app
from outreach.web.deps import RecogniserNote, WebDeps, WebOptions
from outreach.web.roles import Role
from outreach.web.server import WebServer
from scripts.schema import load_library
from tests.unit.outreach.monitor.calls import START
from tests.world import ORIGIN, World, rulebook

PASSWORD = "correct horse battery"
CHROMIUM_ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path() -> str:
    """The Chromium to use: FAIRLINE_CHROMIUM, or the one on the path."""
    named = os.environ.get("FAIRLINE_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail(
            "no Chromium on this machine: install one (Debian: apt-get install chromium fonts-noto-cjk) "
            "or name it in FAIRLINE_CHROMIUM; to leave these tests out: pytest -m 'not browser'",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: while it runs, its event loop occupies the thread, and asynchronous tests cannot."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@dataclass
class Served:
    """The application behind a socket."""

    world: World
    url: str
    clock: ManualClock
    server: WebServer
    errors: list[str] = field(default_factory=list)

    def cut_feeds(self) -> None:
        """End every open feed, as a proxy or a bad line would."""
        self.server.end_streams()

    def log_in(self, page: Page, role: Role = Role.SUPERVISOR) -> None:
        """Through the form, as a person does."""
        page.goto(f"{self.url}/login")
        page.fill("#login", f"{role}@test")
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    """The real application on a free port, with one account of every role."""
    clock = ManualClock(START)
    options = WebOptions(
        recordings_dir=world.folder,
        ledger_origin=ORIGIN,
        recogniser=RecogniserNote(name="embedded", demonstration=True),
    )
    app = create_app(
        WebDeps(database=world.database, clock=clock, library=load_library(), rulebook=rulebook(), options=options)
    )
    with world.database.session() as session:
        for role in Role:
            create_user(session, f"{role}@test", role, PASSWORD, now=START, display=str(role))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=3)
    server = WebServer(config, app.state.fairline)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(world=world, url=f"http://127.0.0.1:{port}", clock=clock, server=server)
    server.handle_exit(15, None)
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A fresh browser window at 1280 px; anything the page logs as an error fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    opened.on("pageerror", lambda error: served.errors.append(str(error)))
    opened.on("console", lambda message: served.errors.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert served.errors == []
