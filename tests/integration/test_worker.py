"""The worker on a real database: what is dialled and what never is, events once and in order, what never came."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from nlp.pipeline import Analyzer
from outreach.clock import ManualClock
from outreach.db.repository import take_planned, update_call
from outreach.db.tables import Attempt, Budget, Call, Debtor, LedgerEntry, Message, PlannedContact
from outreach.dialer import budget
from outreach.dialer.gate import gate_public_keys
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import CarrierError
from outreach.telephony.clearance import ClearanceGuard
from outreach.telephony.events import (
    AnsweredBy,
    CallProgress,
    CallStatus,
    InboundMessage,
    MachineVerdict,
    MessageState,
    MessageStatus,
    OptWord,
    RecordingReady,
    RecordingState,
    Track,
)
from outreach.worker.archive import Archive
from outreach.worker.context import House
from outreach.worker.dialing import Dialing, DialingParts
from outreach.worker.lines import Lines, LinesParts
from outreach.worker.recovery import Recovery
from outreach.worker.spool import Spool, track_path
from outreach.worker.texts import Texts
from scripts.schema import load_library
from tests.fakes import PaperCarrier
from tests.world import MORNING, NIGHT, Person, World, rulebook, two_track_wav

HOUSE = House(
    institution_zh="安和服务公司",
    institution_en="Harbor Services",
    agent_zh="小林",
    agent_en="Sam",
    service_phone="95001234",
)


class SilentFloor:
    """A floor on which no call is heard: tests of what surrounds hearing."""

    hold: str | None = None

    def __init__(self) -> None:
        self.closed: list[str] = []

    def expect(self, attempt_id: str) -> str:
        return f"token-{attempt_id}"

    def forget(self, attempt_id: str) -> None:
        self.closed.append(f"token-{attempt_id}")

    def ear(self, call_sid: str) -> None:
        return None

    async def close(self, call_sid: str, ending: object) -> bool:
        self.closed.append(call_sid)
        return False


@dataclass
class Desk:
    """A worker in parts."""

    world: World
    clock: ManualClock
    carrier: PaperCarrier
    floor: SilentFloor
    dialing: Dialing
    lines: Lines
    recovery: Recovery

    def plan(self, person: Person, channel: str = "voice") -> None:
        with self.world.database.session() as session:
            session.add(
                PlannedContact(
                    case_id=person.case_id,
                    debtor_id=person.debtor_id,
                    contact_point_id=person.point_id,
                    channel=channel,
                    purpose="collection" if channel == "voice" else "reminder",
                    due_at=self.clock.now(),
                )
            )

    def dial(self) -> bool:
        return asyncio.run(self.dialing.step())

    def hear(self, *events: object) -> None:
        async def apply() -> None:
            for event in events:
                await self.lines.apply(event)

        asyncio.run(apply())

    def attempt(self, person: Person) -> Attempt:
        with self.world.database.session() as session:
            found = session.scalars(select(Attempt).where(Attempt.debtor_id == person.debtor_id)).all()
            return found[-1]

    def charged(self, person: Person) -> int:
        """What today's calls have spent of the number's daily cap, which counts unanswered calls of every sort."""
        counter = f"cn-number-daily-cap:address=CP{person.point_id}"
        with self.world.database.session() as session:
            row = session.scalar(
                select(Budget).where(
                    Budget.debtor_id == person.debtor_id,
                    Budget.counter == counter,
                    Budget.local_day == budget.local_day(self.clock.now(), "Asia/Shanghai"),
                )
            )
            return 0 if row is None else row.charged - row.released

    def progress(self, sid: str, status: CallStatus, sequence: int, **more: object) -> CallProgress:
        return CallProgress(
            call_sid=sid, attempt_id=None, status=status, sequence=sequence, at=self.clock.now(), **more
        )  # type: ignore[arg-type]


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock(MORNING)
    database = world.database
    guard = ClearanceGuard(gate_public_keys(database.keys), PostgresUseRegistry(database))
    carrier, floor = PaperCarrier(guard=guard, now=MORNING), SilentFloor()
    archive = Archive(
        database=database, clock=clock, carrier=carrier, folder=tmp_path / "recordings", rulebook=rulebook()
    )
    parts = LinesParts(
        database=database,
        clock=clock,
        progress=world.progress,
        carrier=carrier,
        floor=floor,
        archive=archive,
        analyzer=Analyzer.load(),
    )  # type: ignore[arg-type]
    lines = Lines(parts)
    dialing = Dialing(
        DialingParts(
            database=database,
            clock=clock,
            gate=world.gate,
            progress=world.progress,
            carrier=carrier,
            floor=floor,  # type: ignore[arg-type]
            texts=Texts(database=database, library=load_library(), house=HOUSE),
            caller_id="+862155550100",
            agent_address="+862155550199",
            lines=2,
            worker="w1",
        )
    )
    recovery = Recovery(
        database=database,
        clock=clock,
        progress=world.progress,
        carrier=carrier,
        floor=floor,  # type: ignore[arg-type]
        lines=lines,
        archive=archive,
    )
    return Desk(world, clock, carrier, floor, dialing, lines, recovery)


def test_a_permitted_contact_is_dialled_once(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    assert desk.dial() is True
    assert desk.dial() is False
    assert [call.to for call in desk.carrier.placed] == [person.phone]
    assert desk.attempt(person).state == "placed"
    assert desk.charged(person) == 1


@pytest.mark.parametrize(
    ("flags", "now"), [(["hospitalised"], MORNING), (["minor"], MORNING), ([], NIGHT), (["unheard-of"], MORNING)]
)
def test_what_the_gate_refuses_never_reaches_the_carrier(desk: Desk, flags: list[str], now: object) -> None:
    desk.clock.instant = desk.carrier.now = now  # type: ignore[assignment]
    person = desk.world.person(flags=flags)
    desk.plan(person)
    desk.dial()
    assert desk.carrier.placed == []
    assert desk.attempt(person).state == "refused"
    assert desk.charged(person) == 0


def test_no_more_calls_than_lines(desk: Desk) -> None:
    for _ in range(3):
        desk.plan(desk.world.person())
    assert [desk.dial() for _ in range(3)] == [True, True, False]
    assert len(desk.carrier.placed) == 2


def test_nothing_is_dialled_while_recognition_is_behind(desk: Desk) -> None:
    desk.plan(desk.world.person())
    desk.floor.hold = "recognition is behind: rung 2"
    assert desk.dial() is False
    desk.floor.hold = None
    assert desk.dial() is True
    with desk.world.database.session() as session:
        bodies = session.scalars(select(LedgerEntry.body).where(LedgerEntry.kind == "degraded"))
        steps = [json.loads(body)["data"]["step"] for body in bodies]
    assert steps == ["dialing_held", "dialing_resumed"]


def test_an_ambiguous_create_stays_charged_and_is_found_not_replayed(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.carrier.fails = CarrierError("carrier.timeout", "no answer", ambiguous=True)
    desk.dial()
    assert desk.attempt(person).state == "ambiguous"
    assert desk.charged(person) == 1
    asyncio.run(desk.recovery.step())
    assert desk.attempt(person).call_sid == next(iter(desk.carrier.calls))
    assert desk.dial() is False
    assert len(desk.carrier.placed) == 1


def test_an_ambiguous_create_that_never_was_gives_the_budget_back_after_a_while(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.carrier.fails = CarrierError("carrier.timeout", "no answer", ambiguous=True)
    desk.carrier.takes_effect = False
    desk.dial()
    asyncio.run(desk.recovery.step())
    assert (desk.attempt(person).state, desk.charged(person)) == ("ambiguous", 1)
    desk.clock.advance(secs=61)
    asyncio.run(desk.recovery.step())
    assert (desk.attempt(person).state, desk.charged(person)) == ("ended", 0)
    assert desk.carrier.placed == []


def test_a_worker_killed_between_burning_the_clearance_and_noting_the_call_never_dials_again(desk: Desk) -> None:
    person = desk.world.person()
    clearance = desk.world.cleared(person)
    desk.carrier.guard.admit(clearance, _contact(person, clearance.attempt_id), MORNING)
    sid = "CA" + "7" * 32
    desk.carrier.calls[sid] = desk.carrier.snapshot(sid, CallStatus.IN_PROGRESS, person.phone)
    desk.clock.advance(secs=31)
    asyncio.run(desk.recovery.step())
    assert desk.attempt(person).call_sid == sid
    assert desk.charged(person) == 1
    assert desk.carrier.placed == []


def test_callbacks_twice_late_and_out_of_order_give_one_outcome(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    busy = desk.progress(sid, CallStatus.BUSY, 2, sip_code=486, duration_secs=0)
    desk.hear(busy, desk.progress(sid, CallStatus.RINGING, 1), busy)
    attempt = desk.attempt(person)
    assert (attempt.state, attempt.outcome) == ("ended", "busy")
    assert desk.floor.closed == [sid]
    with desk.world.database.session() as session:
        assert session.get_one(Call, sid).status == "busy"


def test_a_machine_is_hung_up_on_before_anything_is_said(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    verdict = MachineVerdict(call_sid=sid, attempt_id=None, answered_by=AnsweredBy.MACHINE, detection_ms=900)
    desk.hear(desk.progress(sid, CallStatus.IN_PROGRESS, 1), verdict)
    assert desk.carrier.ended == [sid]
    desk.hear(desk.progress(sid, CallStatus.COMPLETED, 2, duration_secs=3))
    assert desk.attempt(person).outcome == "voicemail"


def test_a_final_status_that_never_came_is_asked_for(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    desk.carrier.calls[sid] = replace(desk.carrier.calls[sid], status=CallStatus.NO_ANSWER)
    asyncio.run(desk.recovery.step())
    assert desk.attempt(person).outcome == "no_answer"


def test_a_call_nobody_hears_is_heard_again_or_ended(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    desk.carrier.calls[sid] = replace(desk.carrier.calls[sid], status=CallStatus.IN_PROGRESS)
    desk.hear(desk.progress(sid, CallStatus.IN_PROGRESS, 1))
    desk.clock.advance(secs=5)
    for _ in range(4):
        asyncio.run(desk.recovery.step())
    assert desk.carrier.restarted == [sid] * 3
    assert desk.carrier.ended == [sid]


def test_the_recording_is_kept_with_its_digest_and_in_the_evidence_log(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    desk.carrier.recordings["RE1"] = two_track_wav()
    ready = RecordingReady(
        call_sid=sid, attempt_id=None, recording_sid="RE1", state=RecordingState.COMPLETED, channels=2, duration_secs=1
    )
    desk.hear(
        desk.progress(sid, CallStatus.IN_PROGRESS, 1), desk.progress(sid, CallStatus.COMPLETED, 2, duration_secs=1)
    )
    desk.hear(ready, ready)
    with desk.world.database.session() as session:
        call = session.get_one(Call, sid)
        assert call.recording_path is not None
        assert Path(call.recording_path).read_bytes() == two_track_wav()


def over(desk: Desk) -> str:
    """A call that is over and has no recording yet."""
    desk.plan(desk.world.person())
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    desk.hear(
        desk.progress(sid, CallStatus.IN_PROGRESS, 1), desk.progress(sid, CallStatus.COMPLETED, 2, duration_secs=1)
    )
    return sid


def test_the_first_recording_kept_of_a_call_stays_as_the_log_has_it(desk: Desk) -> None:
    sid, archive = over(desk), desk.recovery.archive
    with Spool(archive.folder, sid) as spool:
        for lane in spool.lanes.values():
            lane.write(0, bytes(range(256)) * 10)
    path = archive.fall_back(sid)
    assert path is not None
    kept = hashlib.sha256(path.read_bytes()).hexdigest()
    assert [file.name for file in archive.folder.iterdir()] == [f"{sid}.wav"], "no second copy of a voice"
    desk.carrier.recordings["RE1"] = two_track_wav()
    assert archive.fetch(sid, "RE1") == path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == kept
    with desk.world.database.session() as session:
        call = session.get_one(Call, sid)
        assert (call.recording_sha256, call.degraded) == (kept, [])


def test_a_spool_that_was_changed_after_the_call_is_kept_and_on_record(desk: Desk) -> None:
    sid, archive = over(desk), desk.recovery.archive
    with Spool(archive.folder, sid) as spool:
        for lane in spool.lanes.values():
            lane.write(0, bytes(range(256)) * 10)
    track_path(archive.folder, sid, Track.OUTBOUND).write_bytes(bytes(2_560))
    assert archive.fall_back(sid) is not None
    with desk.world.database.session() as session:
        [step] = session.get_one(Call, sid).degraded
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "degraded")).all()
    assert (step["step"], step["reason"]) == ("spool_changed", "digest differs: outbound")
    assert len(entries) == 1


def test_a_reminder_is_an_approved_line_sent_under_a_clearance(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person, channel="sms")
    desk.dial()
    (message,) = desk.carrier.sent
    assert message.body.startswith("【安和服务公司】")
    with desk.world.database.session() as session:
        stored = session.scalars(select(Message)).one()
        assert stored.script_digest in {line.digest for line in load_library().lines.values()}
        assert person.phone.encode() not in (stored.body_enc or b"")
    status = MessageStatus(message_sid=stored.sid, attempt_id=None, state=MessageState.DELIVERED)
    desk.hear(status, status)
    assert desk.attempt(person).outcome == "delivered"


def test_a_stop_word_by_message_binds_the_next_ruling(desk: Desk) -> None:
    person = desk.world.person()
    reply = InboundMessage(
        message_sid="SM1", from_=person.phone, to="+862155550100", body="退订", opt_word=OptWord.STOP
    )
    desk.hear(reply, reply)
    refusal = desk.world.refused(person, MORNING + timedelta(minutes=1), channel="sms", purpose="reminder")
    assert refusal.rules
    with desk.world.database.session() as session:
        assert "revoked_sms_consent" in session.get_one(Debtor, person.debtor_id).flags


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ("我在医院住院呢", "hospitalised"),
        ("请不要再联系我了", "ceased"),
        ("我已经请了律师，找我的律师吧", "represented"),
    ],
)
def test_what_a_reply_says_binds_the_next_ruling(desk: Desk, words: str, flag: str) -> None:
    person = desk.world.person()
    desk.hear(InboundMessage(message_sid="SM2", from_=person.phone, to="+862155550100", body=words))
    with desk.world.database.session() as session:
        assert flag in session.get_one(Debtor, person.debtor_id).flags


def test_a_plan_taken_by_a_worker_that_died_is_due_again(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    with desk.world.database.session() as session:
        take_planned(session, "dead", desk.clock.now())
    assert desk.dial() is False
    desk.clock.advance(secs=61)
    asyncio.run(desk.recovery.step())
    assert desk.dial() is True


def test_a_call_whose_end_is_stored_but_not_its_outcome_is_concluded(desk: Desk) -> None:
    person = desk.world.person()
    desk.plan(person)
    desk.dial()
    sid = next(iter(desk.carrier.calls))
    with desk.world.database.session() as session:
        update_call(session, sid, status="busy", ended_at=desk.clock.now())
    desk.clock.advance(secs=11)
    asyncio.run(desk.recovery.step())
    assert desk.attempt(person).outcome == "busy"


def test_a_message_without_approved_words_is_void_and_charges_nobody(desk: Desk) -> None:
    silent = replace(load_library(), approvals={})
    parts = replace(desk.dialing._parts, texts=Texts(database=desk.world.database, library=silent, house=HOUSE))
    person = desk.world.person()
    desk.plan(person, channel="sms")
    assert asyncio.run(Dialing(parts).step()) is True
    assert desk.carrier.sent == []
    with desk.world.database.session() as session:
        assert session.scalars(select(PlannedContact.state)).all() == ["voided"]
        assert session.scalars(select(Attempt)).all() == []


def _contact(person: Person, attempt_id: str) -> object:
    from outreach.telephony.clearance import Contact

    assert UUID(attempt_id)
    return Contact(channel="voice", address=person.phone, attempt_id=attempt_id)
