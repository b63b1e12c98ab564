"""Recognition falls behind on a real floor: steps on the call, audio kept, nothing dialled, and everything back."""

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from outreach.clock import ManualClock
from outreach.db.tables import Call, LedgerEntry, PlannedContact, Utterance
from outreach.dialer.gate import gate_public_keys
from outreach.dialer.uses import PostgresUseRegistry
from outreach.telephony.clearance import ClearanceGuard
from outreach.telephony.events import Track
from outreach.worker.dialing import Dialing, DialingParts
from outreach.worker.metrics import registry_of
from outreach.worker.texts import Texts
from scripts.schema import load_library
from speech.ladder import LadderOptions
from speech.types import Samples
from tests.fakes import PaperCarrier
from tests.integration.test_floor import HOUSE, SID, Room, loud, open_room, person, quiet
from tests.world import MORNING, Person

__all__ = ["open_room", "person"]  # fixtures
LADDER = LadderOptions(limits_secs=(1.0, 1.2, 1.4))


def dialing_of(room: Room, carrier: PaperCarrier) -> Dialing:
    return Dialing(
        DialingParts(
            database=room.world.database,
            clock=ManualClock(MORNING),
            gate=room.world.gate,
            progress=room.world.progress,
            carrier=carrier,
            floor=room.floor,
            texts=Texts(database=room.world.database, library=load_library(), house=HOUSE),
            caller_id="+862155550100",
            agent_address="+862155550199",
            lines=2,
            worker="w1",
        )
    )


def planned(room: Room) -> tuple[Person, int]:
    due = room.world.person()
    with room.world.database.session() as session:
        row = PlannedContact(
            case_id=due.case_id,
            debtor_id=due.debtor_id,
            contact_point_id=due.point_id,
            channel="voice",
            purpose="collection",
            due_at=MORNING,
        )
        session.add(row)
        session.flush()
        return due, row.id


Stuck = tuple[Room, threading.Event, threading.Event, list[float]]


def steps(room: Room) -> list[str]:
    with room.world.database.session() as session:
        return [step["step"] for step in session.get_one(Call, SID).degraded if step["step"] != "audio_gap"]


def metrics(room: Room) -> dict[str, float]:
    text = generate_latest(registry_of(room.floor)).decode()
    return {line.split()[0]: float(line.split()[1]) for line in text.splitlines() if not line.startswith("#")}


@pytest.fixture
def stuck(open_room) -> Stuck:
    """A call whose recogniser answers only when `go` is set and says when it was asked; a clock that stands still."""
    go, asked = threading.Event(), threading.Event()

    def slowly(_samples: Samples) -> str:
        asked.set()
        go.wait(30)
        return "好的"

    now = [0.0]
    room = open_room(slowly)
    parts = replace(room.floor._parts, ladder=LADDER, steady=lambda: now[0])
    return replace(room, floor=type(room.floor)(parts)), go, asked, now


async def fall_behind(room: Room, asked: threading.Event, now: list[float]) -> None:
    """Three looks at the pace, once the recogniser stands still over a request and the sound waits."""
    assert await asyncio.to_thread(asked.wait, 20)
    for _ in range(3):
        now[0] += 1.5
        await room.floor.keep_pace()


async def test_behind_it_steps_down_dialling_waits_and_all_of_it_comes_back(stuck: Stuck, tmp_path: Path) -> None:
    room, go, asked, now = stuck
    database = room.world.database
    carrier = PaperCarrier(
        guard=ClearanceGuard(gate_public_keys(database.keys), PostgresUseRegistry(database)), now=MORNING
    )
    dialing, (due, row) = dialing_of(room, carrier), planned(room)
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(9.0), quiet(1.0)])})
    await fall_behind(room, asked, now)
    assert steps(room) == ["longer_hops", "finals_only", "deferred"]
    assert room.floor.pace.deferred == (SID,)
    seen = metrics(room)
    assert (seen["fairline_degrade_rung"], seen["fairline_calls_deferred"], seen["fairline_dialing_held"]) == (3, 1, 1)

    assert await dialing.step() is False
    with database.session() as session:
        assert session.get_one(PlannedContact, row).state == "queued"
    assert carrier.placed == []

    go.set()
    async with asyncio.timeout(20):
        while room.floor.load().waiting or not room.floor.load().clips:
            await asyncio.sleep(0.05)
    for _ in range(40):
        now[0] += 1.0
        await room.floor.keep_pace()
        await asyncio.sleep(0.05)
        if room.floor.hold is None:
            break
    assert steps(room)[3:] == ["finals_only", "longer_hops", "partials"]
    assert metrics(room)["fairline_dialing_held"] == 0
    assert await dialing.step() is True
    assert [call.to for call in carrier.placed] == [due.phone]

    await room.close()
    assert (tmp_path / "recordings" / f"{SID}.inbound.ulaw").stat().st_size == 8000 * 10.3
    with database.session() as session:
        assert session.scalars(select(Utterance)).all()
        bodies = session.scalars(select(LedgerEntry.body).where(LedgerEntry.kind == "degraded"))
        recorded = [json.loads(body)["data"]["step"] for body in bodies]
    assert [step for step in recorded if step.startswith("dialing")] == ["dialing_held", "dialing_resumed"]


async def test_a_call_that_ends_while_it_is_put_off_keeps_its_audio_and_its_summary(
    stuck: Stuck, tmp_path: Path
) -> None:
    room, go, asked, now = stuck
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(9.0)])})
    await fall_behind(room, asked, now)
    assert steps(room) == ["longer_hops", "finals_only", "deferred"]
    go.set()
    await room.close()
    await room.floor.keep_pace()
    assert room.floor.pace.deferred == ()
    assert (tmp_path / "recordings" / f"{SID}.inbound.ulaw").stat().st_size == 8000 * 9.3
    with room.world.database.session() as session:
        assert session.get_one(Call, SID).summary is not None
