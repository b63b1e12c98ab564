"""`serve` as its own process: it answers, it watches the database, it stops cleanly when it is told to."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from outreach.config import Settings
from outreach.db.database import upgrade
from outreach.web.accounts import create_user
from outreach.web.roles import Role
from outreach.web.tokens import TokenSigner
from tests.world import MORNING

PROGRAM = """
import os
from outreach.config import Settings
from outreach.web.server import serve
serve(Settings.from_environment(os.environ))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up; exit status {child.poll()}")


def test_sigterm_ends_the_server_cleanly_while_a_page_is_open(dsn: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "FAIRLINE_DATABASE_URL": dsn,
        "FAIRLINE_VAR": str(tmp_path / "var"),
        "FAIRLINE_WEB_PORT": str(port),
    }
    with upgrade(Settings.from_environment(environment), MORNING) as database:
        signer = TokenSigner(database.keys.session)
        with database.session() as session:
            user = create_user(session, "supervisor@test", Role.SUPERVISOR, "correct horse battery", now=MORNING)
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stderr=subprocess.PIPE)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, child)
        cookies = {"fairline_session": signer.new_session(user.id, datetime.now(UTC))}
        with httpx.Client(cookies=cookies, timeout=20) as client, client.stream("GET", f"{url}/live/events") as feed:
            lines = feed.iter_lines()
            assert next(lines).startswith("retry:")
            child.send_signal(signal.SIGTERM)
            rest = list(lines)  # the feed ends instead of holding the server up
            assert not [line for line in rest if line.startswith("event: part")]
        assert child.wait(20) == 0
        assert child.stderr is not None
        assert b"Traceback" not in child.stderr.read()
    finally:
        child.kill()
        child.wait()
        if child.stderr is not None:
            child.stderr.close()
