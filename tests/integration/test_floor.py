"""A call heard: media in; rows, facts in force and files out. Real database, monitor, disk; a scripted recogniser."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from nlp.pipeline import Analyzer
from outreach.clock import ManualClock
from outreach.db.tables import Alert, Call, Debtor, Finding, HeardFact, Utterance
from outreach.errors import WebhookError
from outreach.monitor.context import CallEnding
from outreach.telephony.events import Encoding, MediaFrame, MediaStarted, Track
from outreach.worker.context import House
from outreach.worker.floor import Floor, FloorParts
from scripts.schema import load_library
from speech.codec import encode
from speech.pool import StreamPool
from speech.types import Samples
from tests.unit.speech.fakes import EnergyProbability, FakeRecognizer
from tests.world import MORNING, Person, World, rulebook

SID = "CA" + "1" * 32
FRAME = 160
HOUSE = House(institution_zh="安和", institution_en="Harbor", agent_zh="小林", agent_en="Sam", service_phone="95001234")


def loud(secs: float) -> np.ndarray:
    times = np.arange(int(secs * 8000)) / 8000
    return (9000 * np.sin(2 * np.pi * 300 * times)).astype(np.int16)


def quiet(secs: float) -> np.ndarray:
    return np.zeros(int(secs * 8000), np.int16)


@dataclass
class Room:
    """A floor with one call on it."""

    world: World
    floor: Floor
    attempt_id: str
    ended: list[str] = field(default_factory=list)

    async def play(self, tracks: dict[Track, np.ndarray], *, start_ms: int = 0) -> None:
        """Open a stream, send both tracks in 20 ms frames, close it."""
        token = self.floor.expect(self.attempt_id)
        ear, origin_ms = await self.floor.open(started(self.attempt_id, token))
        ear.attach()
        for track, samples in tracks.items():
            payload = encode(samples, "mulaw")
            for index in range(len(payload) // FRAME):
                frame = MediaFrame(
                    track=track,
                    timestamp_ms=start_ms + index * 20,
                    payload=payload[index * FRAME : (index + 1) * FRAME],
                    chunk=index + 1,
                )
                ear.feed(frame, origin_ms=origin_ms)
        ear.detach()

    async def close(self) -> None:
        await self.floor.close(SID, CallEnding(status="completed", answered_by="human", duration_secs=6))


def started(attempt_id: str, token: str) -> MediaStarted:
    return MediaStarted(
        call_sid=SID,
        stream_sid="MZ1",
        tracks=(Track.INBOUND, Track.OUTBOUND),
        rate_hz=8000,
        encoding=Encoding.MULAW,
        params={"attempt": attempt_id, "token": token},
    )


@pytest.fixture
def person(world: World) -> Person:
    return world.person()


@pytest.fixture
def open_room(
    world: World, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Samples], str]], Room]:
    """Makes a room whose recogniser reads sound with the given function."""
    monkeypatch.setattr("speech.stream._silero", EnergyProbability)

    def make(text_of: Callable[[Samples], str]) -> Room:
        attempt_id = world.cleared(person).attempt_id
        with world.database.session() as session:
            world.progress.placed(session, UUID(attempt_id), SID, MORNING)
        ended: list[str] = []
        floor = Floor(
            FloorParts(
                database=world.database,
                clock=ManualClock(MORNING),
                recognizer=FakeRecognizer(text_of),
                analyzer=Analyzer.load(),
                library=load_library(),
                rulebook=rulebook(),
                house=HOUSE,
                recordings=tmp_path / "recordings",
                pool=StreamPool(1),
                cancel_call=ended.append,
                end_call=ended.append,
            )
        )
        return Room(world, floor, attempt_id, ended)

    return make


def says(text: str) -> Callable[[Samples], str]:
    return lambda _samples: text


async def test_a_threat_in_the_agents_track_is_found_and_the_call_flagged(open_room) -> None:
    room = open_room(says("再不还款我们就上门找你"))
    await room.play({Track.OUTBOUND: np.concatenate([quiet(0.3), loud(2.0), quiet(1.5)])})
    await room.close()
    with room.world.database.session() as session:
        (said,) = session.scalars(select(Utterance)).all()
        assert (said.speaker, said.text) == ("agent", "再不还款我们就上门找你")
        assert "visit-threat" in session.scalars(select(Finding.label)).all()
        assert "visit-threat" in session.scalars(select(Alert.kind)).all()
        call = session.get_one(Call, SID)
        assert call.flagged
        assert call.summary is not None


async def test_the_recogniser_is_told_the_words_of_the_call(open_room) -> None:
    room = open_room(says("好的"))
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(2.0), quiet(1.5)])})
    await room.close()
    asked = room.floor._parts.recognizer.asked
    assert asked
    assert all(options.hotwords[:3] == ("张三", "小林", "安和") for options in asked)
    assert all("上门催收" in options.hotwords for options in asked)


async def test_the_same_words_in_the_debtors_track_are_no_violation(open_room) -> None:
    room = open_room(says("再不还款我们就上门找你"))
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(2.0), quiet(1.5)])})
    await room.close()
    with room.world.database.session() as session:
        labels = session.scalars(select(Finding.label).where(Finding.category == "violation")).all()
        assert labels == []


async def test_what_the_debtor_says_is_in_force_before_the_call_is_over(open_room, person: Person) -> None:
    room = open_room(says("我现在在医院住院"))
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(2.0), quiet(1.5)])})
    facts: list[str] = []
    async with asyncio.timeout(30):
        while not facts:
            await asyncio.sleep(0.05)
            with room.world.database.session() as session:
                facts = list(session.scalars(select(HeardFact.kind)))
    with room.world.database.session() as session:
        assert "hospitalised" in session.get_one(Debtor, person.debtor_id).flags
        assert session.get_one(Call, SID).summary is None
    await room.close()
    with room.world.database.session() as session:
        call = session.get_one(Call, SID)
        assert call.flagged
        assert call.summary is not None
        assert call.summary["flagged_why"] == ["hospitalised"]


async def test_a_stream_without_its_token_opens_nothing(open_room) -> None:
    room = open_room(says(""))
    token = room.floor.expect(room.attempt_id)
    with pytest.raises(WebhookError) as caught:
        await room.floor.open(started(room.attempt_id, "guessed"))
    assert caught.value.code == "webhook.stream_token"
    assert room.floor.calls == ()
    await room.floor.open(started(room.attempt_id, token))
    with pytest.raises(WebhookError):  # once only
        await room.floor.open(started(room.attempt_id, token))
    await room.close()


async def test_hearing_that_fails_ends_the_call_and_is_on_record(open_room) -> None:
    def broken(_samples: Samples) -> str:
        raise MemoryError("the engine is gone")

    room = open_room(broken)
    await room.play({Track.INBOUND: np.concatenate([quiet(0.3), loud(2.0), quiet(1.5)])})
    async with asyncio.timeout(30):
        while not room.ended:
            await asyncio.sleep(0.05)
    await room.close()
    assert room.ended == [SID]
    with room.world.database.session() as session:
        call = session.get_one(Call, SID)
        assert "unheard" in {step["step"] for step in call.degraded}


async def test_both_tracks_are_spooled_at_their_place(open_room, tmp_path: Path) -> None:
    room = open_room(says("好的"))
    await room.play({Track.INBOUND: loud(1.0), Track.OUTBOUND: quiet(0.5)}, start_ms=100)
    await room.close()
    inbound = (tmp_path / "recordings" / f"{SID}.inbound.ulaw").read_bytes()
    assert len(inbound) == 8800
    assert set(inbound[:800]) == {0xFF}


async def test_a_worker_that_stops_ends_the_calls_nobody_would_hear(open_room) -> None:
    room = open_room(says("好的"))
    await room.play({Track.INBOUND: loud(0.5)})
    await room.floor.stop()
    assert room.ended == [SID]
    assert room.floor.calls == ()
