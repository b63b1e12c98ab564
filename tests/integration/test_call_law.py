"""What the rulebook asks of a call reaches the call: context, recording, evidence; on a real database."""

import json
import wave
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from outreach.clock import ManualClock
from outreach.config import Settings
from outreach.db.repository import create_call, get_call
from outreach.db.tables import Attempt, Call, Debtor, LedgerEntry
from outreach.dialer.gate import gate_public_keys
from outreach.dialer.keeping import records_kept
from outreach.dialer.uses import PostgresUseRegistry
from outreach.doctor.law import must_be_said
from outreach.ledger.export import export_call
from outreach.ledger.retention import Kept
from outreach.ledger.verify import verify_export
from outreach.monitor.context import CallContext
from outreach.monitor.due import Due
from outreach.telephony.clearance import ClearanceGuard
from outreach.telephony.events import Track
from outreach.worker.archive import Archive
from outreach.worker.context import Answered, House, call_context
from outreach.worker.spool import Spool
from policy.duties import required_disclosures
from policy.subjects import duty_about
from tests.fakes import PaperCarrier
from tests.world import MORNING, Person, World, rulebook

HOUSE = House(institution_zh="安和", institution_en="Harbor", agent_zh="小林", agent_en="Sam", service_phone="95001234")
SID = "CA" + "7" * 32


@dataclass
class Dialled:
    """A permitted call that was answered."""

    world: World
    person: Person
    attempt_id: UUID

    def context(self) -> CallContext:
        with self.world.database.session() as session:
            answered = Answered(call_sid=SID, attempt_id=self.attempt_id, audio_started_at=MORNING)
            context, _ = call_context(session, self.world.database.vault, HOUSE, rulebook(), answered)
        return context


@pytest.fixture
def dialled(world: World) -> Dialled:
    person = world.person()
    attempt_id = UUID(world.cleared(person).attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, attempt_id, SID, MORNING)
        world.progress.answered(session, attempt_id, SID, MORNING)
        create_call(session, sid=SID, attempt_id=attempt_id, agent=None, started_at=MORNING)
    return Dialled(world, person, attempt_id)


def packs_named(world: World, attempt_id: UUID) -> list[str]:
    with world.database.session() as session:
        ruling = session.get_one(Attempt, attempt_id).ruling or {}
    return [pack["pack"] for pack in ruling["packs"]]


def test_the_monitor_is_told_what_the_packs_that_ruled_demand_and_forbid(dialled: Dialled) -> None:
    assert packs_named(dialled.world, dialled.attempt_id) == ["cn"]
    context = dialled.context()
    stated = required_disclosures(rulebook(), "cn", MORNING.date(), artificial_voice=False)
    assert [(item.id, item.due) for item in context.required_disclosures] == [
        (item.disclosure.id, Due(item.due)) for item in stated
    ]
    assert context.prohibitions["visit-threat"].severity == "critical"
    assert "CBA Guideline" in context.prohibitions["visit-threat"].citation["en"]
    assert context.voice == "human"
    assert context.flags == frozenset()
    assert context.prohibitions["undue-pressure"].severity == "high"
    assert context.prohibitions["undue-pressure"].once_known["hospitalised"].severity == "critical"


def test_the_monitor_is_told_what_is_on_file_of_person_and_debt(dialled: Dialled) -> None:
    with dialled.world.database.session() as session:
        case = session.get_one(Attempt, dialled.attempt_id).case
        case.debtor.flags, case.debt.flags = ["bereavement"], ["disputed"]
    assert dialled.context().flags == {"bereavement", "disputed"}


def test_an_artificial_voice_has_to_say_so_before_all_else_about_the_call(dialled: Dialled) -> None:
    """The duty on synthetic speech names the statement; the call is held to it."""
    (demanded,) = duty_about(rulebook(), "cn", "ai-voice-label", MORNING.date()).parameters["disclosures"]
    with dialled.world.database.session() as session:
        session.get_one(Attempt, dialled.attempt_id).voice = "artificial"
    required = {item.id: item.due for item in dialled.context().required_disclosures}
    assert required[demanded] is Due.OPENING
    assert list(required).index(demanded) < list(required).index("recording-notice")


def archive_of(dialled: Dialled, folder: Path) -> Archive:
    database = dialled.world.database
    guard = ClearanceGuard(gate_public_keys(database.keys), PostgresUseRegistry(database))
    return Archive(
        database=database,
        clock=ManualClock(MORNING),
        carrier=PaperCarrier(guard=guard, now=MORNING),
        folder=folder,
        rulebook=rulebook(),
    )


def recorded(dialled: Dialled, folder: Path) -> Path:
    """What the worker keeps of a call in which both sides spoke."""
    with Spool(folder, SID) as spool:
        for track in Track:
            spool.lanes[track].write(0, b"\x55" * 800)
    kept = archive_of(dialled, folder).fall_back(SID)
    assert kept is not None
    return kept


def entry(world: World, kind: str) -> dict[str, object]:
    with world.database.session() as session:
        body = session.scalars(select(LedgerEntry.body).where(LedgerEntry.kind == kind)).one()
    return json.loads(body)["data"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("pack", sorted(rulebook().packs))
def test_every_call_is_recorded_as_the_duty_wants_it(dialled: Dialled, tmp_path: Path, pack: str) -> None:
    wanted = duty_about(rulebook(), pack, "record-all-calls", MORNING.date()).parameters
    with wave.open(str(recorded(dialled, tmp_path / "recordings"))) as file:
        assert file.getnchannels() == wanted["tracks"]
    with dialled.world.database.session() as session:
        attempt = session.get_one(Attempt, dialled.attempt_id)
        assert attempt.channel in wanted["channels"]
    recording, intent = entry(dialled.world, "call.recorded"), entry(dialled.world, "attempt.intended")
    assert wanted["linked_to_ruling"] is True
    assert recording["attempt"] == intent["attempt"] == str(dialled.attempt_id)
    assert intent["ruling"]
    covered = duty_about(rulebook(), pack, "evidence-tamper-proof", MORNING.date()).parameters["covers"]
    assert {"recording", "transcript", "ruling"} <= set(covered)
    assert recording["recording"]
    assert recording["transcript"]


def test_the_evidence_says_until_when_and_by_which_duty_the_recording_is_kept(dialled: Dialled, tmp_path: Path) -> None:
    recorded(dialled, tmp_path / "recordings")
    data = entry(dialled.world, "call.recorded")
    assert (data["keep_until"], data["duty"]) == ("2029-11-23", "cn-retention")
    files = export_call(dialled.world.database, dialled.world.signer, SID, MORNING)
    assert verify_export(files).failure is None


def test_an_open_complaint_keeps_the_records_longer(dialled: Dialled) -> None:
    def now() -> Kept | None:
        with dialled.world.database.session() as session:
            return records_kept(session, rulebook(), get_call(session, SID))

    before = now()
    with dialled.world.database.session() as session:
        session.get_one(Debtor, dialled.person.debtor_id).flags = ["grievance_open"]
    after = now()
    assert before is not None
    assert after == Kept(until=before.until, duty="cn-retention", while_open=("complaint_open",))


def test_a_call_that_no_loaded_pack_ruled_on_may_not_be_erased(dialled: Dialled, tmp_path: Path) -> None:
    with dialled.world.database.session() as session:
        session.get_one(Attempt, dialled.attempt_id).ruling = {"packs": [{"pack": "none-fr"}]}
    recorded(dialled, tmp_path / "recordings")
    data = entry(dialled.world, "call.recorded")
    assert (data["keep_until"], data["duty"]) == (None, None)
    with dialled.world.database.session() as session:
        assert session.get_one(Call, SID).recording_sha256 is not None


def test_doctor_names_what_agents_must_say_in_own_words(tmp_path: Path) -> None:
    found = must_be_said(Settings(var_dir=tmp_path))
    assert found.state == "note"
    assert "uk-conc7 (en): call-purpose, free-debt-advice, complaint-route, income-expenditure" in found.found
    assert "us-reg-f (zh): collector-notice" in found.found
    assert "cn (" not in found.found
    assert "us-reg-f (en)" not in found.found
