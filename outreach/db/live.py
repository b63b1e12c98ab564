"""Waking the live pages (I/O): NOTIFY inside the caller's transaction, LISTEN as an asynchronous stream.

The payload names what changed and never says what: {"call": sid, "kind": "utterance", "id": 7}. Who listens reads the
rows itself, under its own access rules.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "fairline_live"
RETRY_SECS = 1.0


@dataclass(frozen=True, kw_only=True)
class LiveChange:
    """One change: which call (empty when none), what kind of row, its id as text."""

    call: str
    kind: str
    id: str


RESYNC = LiveChange(call="", kind="resync", id="")


def notify(session: Session, change: LiveChange) -> None:
    """Announce `change` when, and only if, the surrounding transaction commits."""
    payload = json.dumps({"call": change.call, "kind": change.kind, "id": change.id}, separators=(",", ":"))
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})


async def listen(dsn: str, *, idle_secs: float = 15.0) -> AsyncIterator[LiveChange | None]:
    """Changes as they are committed, for ever; close the generator to end.

    `None` is a heartbeat after `idle_secs` of silence. The first item, and one after every lost connection, is
    `RESYNC`: changes before it may have been missed, so read everything afresh.
    """
    plain = dsn.replace("postgresql+psycopg://", "postgresql://", 1)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                yield RESYNC
                while True:
                    heard = False
                    async for notice in connection.notifies(timeout=idle_secs, stop_after=1):
                        heard = True
                        yield parse_payload(notice.payload)
                    if not heard:
                        yield None
        except psycopg.OperationalError:
            await asyncio.sleep(RETRY_SECS)


def parse_payload(payload: str) -> LiveChange:
    """The change a payload names; whatever is not of our form reads as `RESYNC`."""
    try:
        fields = json.loads(payload)
        return LiveChange(call=str(fields["call"]), kind=str(fields["kind"]), id=str(fields["id"]))
    except (ValueError, KeyError, TypeError):
        return RESYNC
