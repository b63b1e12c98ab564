"""The feed on the wire: server-sent events over a real socket, and what fifty viewers cost the database."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
from sqlalchemy import event

from outreach.db.repository import find_user
from outreach.web.roles import Role
from outreach.web.tokens import TokenSigner
from tests.e2e.conftest import Served
from tests.e2e.stage import start_call
from tests.unit.outreach.monitor.calls import START

HURRY = httpx.Timeout(20)
PATIENCE_SECS = 60  # heartbeats keep a stream open for ever, so waiting for an event must end by itself


@contextmanager
def feed(served: Served, last_id: str | None = None, lang: str = "zh") -> Iterator[Iterator[dict[str, str]]]:
    """An open feed of a supervisor, as parsed events."""
    with served.world.database.session() as session:
        user = find_user(session, f"{Role.SUPERVISOR}@test")
    assert user is not None
    cookies = {
        "fairline_session": TokenSigner(served.world.database.keys.session).new_session(user.id, START),
        "fairline_lang": lang,
    }
    headers = {"last-event-id": last_id} if last_id else {}
    with (
        httpx.Client(timeout=HURRY, cookies=cookies) as client,
        client.stream("GET", f"{served.url}/live/events", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    found: dict[str, str] = {}
    opened = time.monotonic()
    for line in lines:
        assert time.monotonic() - opened < PATIENCE_SECS, "the awaited event never came"
        if not line and "event" in found:
            yield found
            found = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value


def until(stream: Iterator[dict[str, str]], target: str) -> dict[str, str]:
    return next(item for item in stream if item["event"] == "part" and json.loads(item["data"])["target"] == target)


def test_a_viewer_resumes_where_it_stopped(served: Served) -> None:
    with feed(served) as stream:
        assert next(stream)["event"] == "reset"  # it has seen nothing yet: draw the page first
        call = start_call(served.world, "CA1", "王强")
        card = until(stream, "call-CA1")
    assert json.loads(card["data"])["parent"] == "calls"
    call.say("agent")
    with feed(served, last_id=card["id"], lang="en") as stream:
        missed = until(stream, "call-CA1-checks")
    assert "Must be said" in json.loads(missed["data"])["html"]
    with feed(served, last_id="0000-7") as stream:
        assert next(stream)["event"] == "reset"


def test_viewers_do_not_multiply_the_work_of_the_database(served: Served) -> None:
    statements: list[str] = []
    engine = served.world.database.engine
    with feed(served) as stream:
        next(stream)
        call = start_call(served.world, "CA1", "王强")
        until(stream, "call-CA1")  # drawn once: from here on only its parts are sent

    def work_for(viewers: int) -> int:
        with ExitStack() as stack:
            streams = [stack.enter_context(feed(served)) for _ in range(viewers)]
            for stream in streams:
                next(stream)
            statements.clear()
            call.say("agent", "您好")
            for stream in streams:
                until(stream, "call-CA1-lines")
            return sum("FROM utterance" in statement for statement in statements)

    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    one, many = work_for(1), work_for(40)
    assert 0 < many <= one + 3  # one refresh more or less; a reading for each viewer would add forty


def test_the_server_ends_cleanly_while_somebody_watches(served: Served) -> None:
    with feed(served) as stream:
        next(stream)
        # the fixture's teardown stops the server and checks that its thread ends
