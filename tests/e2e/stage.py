"""A house in full swing for the pages: calls heard by the real monitor, refusals by the real gate, real proofs."""

import io
import math
import wave
from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.db.repository import create_call, get_call, update_call
from outreach.db.tables import Debtor
from outreach.ledger.store import make_checkpoint
from outreach.monitor.context import CallEnding
from outreach.monitor.effects import MonitorEffect
from outreach.worker.effects import CallRecord, write
from tests.unit.outreach.monitor.calls import START, Talk
from tests.world import NIGHT, ORIGIN, Person, World

OFFER = "*"
"""In a script: the agent says the line on the screen."""


@dataclass
class LiveCall:
    """A call that is going on: every sentence is written to the database as the worker would."""

    world: World
    sid: str
    person: Person
    talk: Talk
    record: CallRecord
    attempt_id: UUID

    def say(self, speaker: str, text: str = OFFER, *, clear: bool = True) -> list[MonitorEffect]:
        """Speak one sentence; `*` is the suggested line."""
        offered = self.talk.session.suggestion
        words = offered.text if text == OFFER and offered is not None else text
        return self.store(self.talk.say(speaker, words, clear=clear))

    def half_say(self, speaker: str, text: str, upto: int) -> None:
        """Begin a sentence and stop in the middle: its first `upto` partial hypotheses."""
        events = list(self.talk._events(speaker, text, clear=True, lag_secs=0.4))[:upto]
        for event, now in events:
            self.store(self.talk.session.on_speech_event(event, now))

    def store(self, effects: list[MonitorEffect]) -> list[MonitorEffect]:
        """Apply effects in one transaction."""
        with self.world.database.session() as session:
            write(session, self.record, effects, self.now)
        return effects

    @property
    def now(self) -> datetime:
        """The instant that the call has reached."""
        return START + timedelta(seconds=self.talk.secs)

    def end(self, status: str = "completed") -> None:
        """Hang up: summary, recording, evidence."""
        self.store(self.talk.session.end(CallEnding(status=status)))
        path = self.world.folder / f"{self.sid}.wav"
        path.write_bytes(tone_wav(max(1.0, self.talk.secs)))
        with self.world.database.session() as session:
            update_call(session, self.sid, status=status, ended_at=self.now, recording_path=path.name)


def start_call(world: World, sid: str, name: str, *, lang: str = "zh", answered: bool = True) -> LiveCall:
    """A permitted call, answered or still ringing."""
    person = world.person(language=lang)
    rename(world, person, name)
    attempt_id = UUID(world.cleared(person).attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, attempt_id, sid, START)
        create_call(session, sid=sid, attempt_id=attempt_id, agent="agent-1", started_at=START)
        status = "in_progress" if answered else "ringing"
        update_call(session, sid, status=status, answered_at=START if answered else None)
        if answered:
            world.progress.answered(session, attempt_id, sid, START)
    talk = Talk(lang, name=name)
    call = LiveCall(
        world=world, sid=sid, person=person, talk=talk, attempt_id=attempt_id,
        record=CallRecord(call_sid=sid, case_id=person.case_id, debtor_id=person.debtor_id),
    )  # fmt: skip
    if answered:
        call.store(talk.effects)
    return call


def rename(world: World, person: Person, name: str) -> None:
    """Give a person another name, sealed."""
    with world.database.session() as session:
        debtor = session.get_one(Debtor, person.debtor_id)
        debtor.name_enc = world.database.vault.seal(debtor, "name", name)


def refuse_some(world: World) -> None:
    """Three people who must not be called: a child, somebody in hospital, somebody at night."""
    child = world.person(birth_date="2011-03-02")
    rename(world, child, "周小雨")
    world.refused(child)
    patient = world.person(flags=["hospitalised"])
    rename(world, patient, "吴建国")
    world.refused(patient)
    sleeper = world.person()
    rename(world, sleeper, "郑秀兰")
    world.refused(sleeper, NIGHT)


def full_house(world: World) -> dict[str, LiveCall]:
    """Calls in every state that the page knows, and what stands beside them."""
    refuse_some(world)
    done = start_call(world, "CAdone", "孙丽")
    for speaker, text in (("agent", OFFER), ("debtor", "你好"), ("agent", OFFER), ("agent", OFFER), ("debtor", "我是")):
        done.say(speaker, text)
    done.say("agent", OFFER)
    done.say("debtor", "我还两千块下周五")
    done.say("agent", "再不还款我们就上门找你单位领导")
    done.say("debtor", "那个你说什么", clear=False)
    done.end()
    calls = {
        sid: start_call(world, sid, name)
        for sid, name in (("CAthreat", "王强"), ("CAanxious", "李娜"), ("CAcalm", "赵敏"))
    }
    for call in calls.values():
        call.say("agent")
        call.say("debtor", "喂你好")
        call.say("agent")
    calls["CAanxious"].say("agent")
    calls["CAanxious"].say("debtor", "我是")
    calls["CAanxious"].say("agent")
    calls["CAanxious"].say("debtor", "我很害怕会不会影响我孩子上学")
    calls["CAanxious"].say("debtor", "那个我怎么办啊", clear=False)
    hospital = start_call(world, "CAhospital", "何芳")
    hospital.say("agent")
    hospital.say("debtor", "我在住院呢什么事")
    calls["CAcalm"].say("agent")
    calls["CAcalm"].say("debtor", "我是")
    calls["CAcalm"].half_say("agent", "您在恒信银行的账单还有两千元没有还", 6)
    calls["CAthreat"].say("debtor", "我最近没钱你别催了")
    calls["CAthreat"].say("agent", "再不还款我们就上门找你")
    english = start_call(world, "CAenglish", "Alex Smith", lang="en")
    english.say("agent")
    english.say("debtor", "hello who is this")
    english.say("agent")
    ringing = start_call(world, "CAringing", "陈刚", answered=False)
    with world.database.session() as session:
        make_checkpoint(session, ORIGIN, world.database.keys.ledger, START)
        get_call(session, "CAdone")
    return {**calls, "CAhospital": hospital, "CAenglish": english, "CAringing": ringing, "CAdone": done}


def tone_wav(secs: float) -> bytes:
    """Two tracks of telephone audio: a low tone left, a higher one right."""
    frames = array("h")
    for index in range(int(secs * 8000)):
        frames.append(int(6000 * math.sin(index * 0.17)))
        frames.append(int(6000 * math.sin(index * 0.35)))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(frames.tobytes())
    return buffer.getvalue()
