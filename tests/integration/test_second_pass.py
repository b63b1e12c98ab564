"""A call heard again after it ended. Real database, monitor, recording on disk, evidence; a scripted recogniser."""

import asyncio
import json
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from nlp.pipeline import Analyzer
from outreach.clock import ManualClock
from outreach.db.repository import call_detail, get_call, update_call
from outreach.db.tables import Alert, Call, Debtor, FactVersion, HeardFact, LedgerEntry, SecondHearing
from outreach.ledger.export import export_call
from outreach.ledger.verify import verify_export
from outreach.rehearing import queue
from outreach.rehearing.second_pass import SecondPass
from outreach.worker.context import House
from scripts.schema import load_library
from speech.types import Samples
from tests.unit.speech.fakes import EnergyProbability, FakeRecognizer
from tests.world import MORNING, Person, World, rulebook

SID = "CA" + "2" * 32
HOUSE = House(institution_zh="安和", institution_en="Harbor", agent_zh="小林", agent_en="Sam", service_phone="95001234")
LATER = MORNING + timedelta(minutes=5)
DEFERRED = {"step": "deferred", "reason": "backlog 9.0 s"}


analyzer = cache(Analyzer.load)
library = cache(load_library)


def spoken(samples: Samples) -> str:
    """The debtor's track of the test recording is louder than the agent's."""
    return "我现在在医院住院" if float(np.abs(samples).max()) > 0.2 else "再不还款我们就上门找你"


def recording(path: Path) -> None:
    """Left the debtor, loud, from 0.5 to 2.5 s; right the agent, soft, from 4 to 6 s; 8 kHz."""
    tone = np.sin(2 * np.pi * 300 * np.arange(16_000) / 8_000)
    left, right = np.zeros(56_000), np.zeros(56_000)
    left[4_000:20_000] = 9_000 * tone
    right[32_000:48_000] = 3_000 * tone
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())


@dataclass
class Desk:
    """One ended call whose recording is kept, and the loop that hears it again."""

    world: World
    person: Person
    clock: ManualClock
    backlog: list[float] = field(default_factory=lambda: [0.0])
    cancelled: list[str] = field(default_factory=list)
    recognizer: FakeRecognizer = field(default_factory=lambda: FakeRecognizer(spoken))
    every_call: bool = False

    def loop(self) -> SecondPass:
        return SecondPass(
            database=self.world.database,
            clock=self.clock,
            recognizer=self.recognizer,
            analyzer=analyzer(),
            library=library(),
            rulebook=rulebook(),
            house=HOUSE,
            every_call=self.every_call,
            backlog_secs=lambda: self.backlog.pop(0) if len(self.backlog) > 1 else self.backlog[0],
            cancel_call=self.cancelled.append,
        )

    def step(self) -> bool:
        return self.loop().step(threading.Event())

    def row(self) -> SecondHearing | None:
        with self.world.database.session() as session:
            return session.get(SecondHearing, SID)

    def call(self) -> Call:
        with self.world.database.session() as session:
            return get_call(session, SID)


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    """Makes a desk; `steps` of the degrade ladder were taken on its call."""
    monkeypatch.setattr("speech.hearing.SileroProbability", EnergyProbability)
    monkeypatch.setattr("outreach.rehearing.second_pass.LOOK_SECS", 0.01)

    def make(*steps: dict[str, Any], every_call: bool = False) -> Desk:
        person = world.person()
        monkeypatch.setattr("tests.world.two_track_wav", lambda: _bytes(world.folder))
        world.call(person, SID)
        with world.database.session() as session:
            update_call(session, SID, degraded=list(steps), ended_at=MORNING, answered_at=MORNING)
        return Desk(world, person, ManualClock(LATER), every_call=every_call)

    return make


def _bytes(folder: Path) -> bytes:
    recording(folder / "made.wav")
    return (folder / "made.wav").read_bytes()


def test_a_deferred_call_is_heard_and_what_protects_is_in_force(desk) -> None:
    at = desk(DEFERRED)
    before = _live(at)
    assert at.step()
    row = at.row()
    assert (row.state, row.why, row.tries, row.error) == ("done", "deferred", 1, None)
    assert row.model == "fake@sha256:" + "0" * 64
    assert [said["text"] for said in row.record["utterances"]] == ["我现在在医院住院", "再不还款我们就上门找你"]
    assert {item["label"] for item in row.fresh} >= {"hospitalised", "visit-threat"}
    assert all(3.5 < item["start"] < 6 for item in row.fresh if item["label"] == "visit-threat")
    with at.world.database.session() as session:
        assert session.get_one(Call, SID).flagged
        assert "hospitalised" in session.get_one(Debtor, at.person.debtor_id).flags
        fact = session.scalars(select(HeardFact)).one()
        assert (fact.kind, fact.source, fact.call_sid) == ("hospitalised", "second-hearing:hospitalised", SID)
        version = session.scalars(select(FactVersion).where(FactVersion.source == fact.source)).first()
        assert version.recorded_at == LATER
        assert MORNING < version.valid_from < MORNING + timedelta(seconds=3)
        kinds = {alert.kind: alert for alert in session.scalars(select(Alert))}
        assert {"hospitalised", "visit-threat"} <= set(kinds)
        assert kinds["visit-threat"].details["second_hearing"] is True
        assert kinds["visit-threat"].details["citation"]["zh"]
    assert _live(at) == before  # nothing that was heard live is touched
    at.world.refused(at.person, LATER)
    assert not at.step()  # once is enough


def test_it_is_in_the_evidence_and_the_bundle_proves_it(desk) -> None:
    at = desk(DEFERRED)
    at.step()
    with at.world.database.session() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "call.reheard")).one()
        data = json.loads(entry.body)["data"]
    assert data["model"] == "sha256:" + "0" * 64
    assert (data["why"], data["facts"], data["fresh"] > 1, data["flagged"]) == (
        "deferred",
        ["hospitalised"],
        True,
        True,
    )
    assert "医院" not in entry.body.decode()
    files = export_call(at.world.database, at.world.signer, SID, LATER)
    report = verify_export(files)
    assert report.verified, report.failure
    assert "second-transcript.json" in report.steps[-1]["what"]
    files["second-findings.json"] = files["second-findings.json"].replace(b"visit-threat", b"abuse")
    assert verify_export(files).failure.code == "evidence.second_findings_mismatch"


def test_a_call_that_was_heard_well_is_left_alone_unless_every_call_is_wanted(desk) -> None:
    at = desk({"step": "finals_only", "reason": "backlog 2.1 s"})
    assert not at.step()
    assert at.row() is None
    at.every_call = True
    assert at.step()
    assert at.row().why == "wanted"


def test_what_the_live_pass_had_is_not_new_and_does_not_flag(desk) -> None:
    at = desk(every_call=True)
    at.recognizer = FakeRecognizer(lambda _samples: "好的我知道了")
    assert at.step()
    assert (at.row().fresh, at.call().flagged) == ([], False)
    assert [item["label"] for item in at.row().missed] == ["threat-visit"]


def test_it_waits_until_live_calls_are_heard_in_time(desk) -> None:
    at = desk(DEFERRED)
    at.backlog = [2.0]
    assert not at.step()
    assert at.row().tries == 0
    at.backlog = [0.0, 3.0, 3.0, 3.0, 0.0]
    assert at.step()
    assert at.backlog == [0.0]
    assert at.row().state == "done"


def test_a_recording_that_cannot_be_read_is_tried_three_times_and_named(desk) -> None:
    at = desk(DEFERRED)
    Path(at.call().recording_path).unlink()
    states = []
    for _ in range(4):
        at.step()
        at.clock.advance(secs=61)
        states.append((at.row().state, at.row().tries, at.row().error))
    missing = "media_file.not_found"
    assert states == [("pending", 1, missing), ("pending", 2, missing), ("failed", 3, missing), ("failed", 3, missing)]
    assert at.call().flagged  # nobody has heard it


def test_tries_that_ended_the_process_count(desk) -> None:
    at = desk(DEFERRED)
    for _ in range(queue.MAX_TRIES):
        with at.world.database.session() as session:
            queue.ask(session, at.clock.now(), every_call=False)
            assert queue.take(session, at.clock.now()) is not None
        at.clock.advance(secs=61)
    assert not at.step()
    assert (at.row().state, at.row().error, at.call().flagged) == ("failed", queue.CRASHED, True)


def test_a_failed_try_is_made_good_by_the_next(desk) -> None:
    at = desk(DEFERRED)
    good = at.recognizer
    at.recognizer = FakeRecognizer(_broken)
    with capture_logs() as logs:
        assert at.step()
    assert {"second_pass.failed", "second_pass.try_failed"} == {entry["event"] for entry in logs}
    assert (at.row().state, at.row().error) == ("pending", "second_pass.failed")
    at.recognizer = good
    assert not at.step()  # not at once
    at.clock.advance(secs=31)
    assert at.step()
    assert (at.row().state, at.row().tries, at.row().error) == ("done", 2, None)


def _broken(_samples: Samples) -> str:
    raise MemoryError("the engine is gone")


async def test_a_worker_that_stops_gives_the_try_back(desk) -> None:
    at = desk(DEFERRED)
    stop = asyncio.Event()
    at.backlog = [0.0, 5.0]
    running = asyncio.create_task(at.loop().run(stop))
    async with asyncio.timeout(20):
        while (row := await asyncio.to_thread(at.row)) is None or row.tries == 0:
            await asyncio.sleep(0.02)
        stop.set()
        await running
    row = at.row()
    assert (row.state, row.tries) == ("pending", 0)


def _live(at: Desk) -> list[object]:
    with at.world.database.session() as session:
        detail = call_detail(session, SID)
        said = [(row.speaker, row.text, row.start_secs, row.clear) for row in detail.utterances]
        found = [(row.label, row.severity, json.dumps(row.why, sort_keys=True)) for row in detail.findings]
        return [said, found, detail.call.summary, detail.call.degraded]
