"""Builders for tests against a real database: people who owe, the gate under the real rulebook, finished calls."""

import io
import wave
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from outreach.db.database import Database
from outreach.db.history import tell
from outreach.db.repository import (
    NewFinding,
    NewUtterance,
    append_finding,
    append_utterance,
    create_call,
    get_call,
    update_call,
)
from outreach.db.tables import CollectionCase, ContactPoint, Creditor, Debt, Debtor
from outreach.dialer.facts import ContactRequest
from outreach.dialer.gate import Gate, Refusal
from outreach.dialer.keeping import records_kept
from outreach.dialer.progress import Ending, Progress
from outreach.ledger.export import Signer, record_call
from outreach.telephony.clearance import Clearance
from policy.book import Rulebook
from policy.schema import load_rulebook

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, a Monday."""
NIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""22:00 in Shanghai."""
ORIGIN = "test.example/evidence"


@cache
def rulebook() -> Rulebook:
    """The packaged rulebook, read once."""
    return load_rulebook()


@dataclass(frozen=True)
class Person:
    """Ids of one debtor with one case and one number."""

    debtor_id: int
    case_id: int
    debt_id: int
    point_id: int
    phone: str

    def voice(self, **changes: Any) -> ContactRequest:
        """A request to call them."""
        fields = {
            "case_id": self.case_id,
            "contact_point_id": self.point_id,
            "channel": "voice",
            "purpose": "collection",
        }
        return ContactRequest(**{**fields, **changes})


@dataclass
class World:
    """One database and what tests do with it."""

    database: Database
    folder: Path
    numbers: int = field(default=0)

    @property
    def gate(self) -> Gate:
        """A gate under the packaged rulebook."""
        return Gate(self.database, rulebook())

    @property
    def progress(self) -> Progress:
        """Moves attempts."""
        return Progress(self.database.vault)

    @property
    def signer(self) -> Signer:
        """The log's name and key."""
        return Signer(origin=ORIGIN, key=self.database.keys.ledger)

    def person(self, **changes: Any) -> Person:
        """A debtor in Shanghai born in 1990 with one case, unless `changes` (columns of the debtor) says otherwise."""
        self.numbers += 1
        phone = f"+86138{self.numbers:08d}"
        vault, key_ref = self.database.vault, uuid4()
        with self.database.session() as session:
            tell(session, MORNING, "test")
            fields = {"timezones": ["Asia/Shanghai"], "flags": [], "region": "CN", **changes}
            birth_date = fields.pop("birth_date", "1990-05-17")
            debtor = Debtor(
                reference=f"P{self.numbers:04d}",
                key_ref=key_ref,
                data_key=vault.new_data_key(key_ref),
                created_at=MORNING,
                **fields,
            )
            debtor.name_enc = vault.seal(debtor, "name", "张三")
            debtor.birth_date_enc = vault.seal(debtor, "birth_date", birth_date)
            creditor = Creditor(name=f"清风银行{self.numbers}", tier="basic", jurisdiction="CN")
            session.add_all([debtor, creditor])
            session.flush()
            debt = Debt(
                creditor_id=creditor.id,
                debtor_id=debtor.id,
                reference=f"D{self.numbers:04d}",
                principal=Decimal("1000.00"),
                amount=Decimal("1200.00"),
                currency="CNY",
                due_date=date(2026, 8, 1),
                flags=[],
            )
            session.add(debt)
            session.flush()
            case = CollectionCase(
                debt_id=debt.id, debtor_id=debtor.id, creditor_id=creditor.id, state="open", opened_at=MORNING
            )
            point = ContactPoint(
                debtor_id=debtor.id,
                kind="phone",
                address_enc=vault.seal(debtor, "address", phone),
                address_index=vault.address_index(phone),
                party="debtor",
                place="personal",
                state="active",
                source="contract",
                added_at=MORNING,
            )
            session.add_all([case, point])
            session.flush()
            return Person(debtor.id, case.id, debt.id, point.id, phone)

    def cleared(self, person: Person, now: datetime = MORNING) -> Clearance:
        """A permit for a call; fails the test when the gate refuses."""
        answer = self.gate.request(person.voice(), now)
        assert isinstance(answer, Clearance), answer
        return answer

    def refused(self, person: Person, now: datetime = MORNING, **changes: Any) -> Refusal:
        """A refusal; fails the test when the gate permits."""
        answer = self.gate.request(person.voice(**changes), now)
        assert isinstance(answer, Refusal), answer
        return answer

    def call(self, person: Person, sid: str, now: datetime = MORNING, *, outcome: str = "conversation") -> UUID:
        """A whole call: permit, dial, two utterances, one finding, recording, evidence. Answers the attempt's id."""
        clearance = self.cleared(person, now)
        attempt_id = UUID(clearance.attempt_id)
        recording = self.folder / f"{sid}.wav"
        recording.write_bytes(two_track_wav())
        with self.database.session() as session:
            self.progress.placed(session, attempt_id, sid, now)
            self.progress.answered(session, attempt_id, sid, now)
            create_call(session, sid=sid, attempt_id=attempt_id, agent="agent-1", started_at=now)
            said = append_utterance(session, _utterance(sid, "agent", 0.0, "您好，请问是张先生吗？", now))
            append_utterance(session, _utterance(sid, "debtor", 2.5, "我是，什么事？", now))
            append_finding(session, _finding(sid, said.id, now))
            digest = sha256(recording.read_bytes()).hexdigest()
            update_call(session, sid, status="completed", recording_path=str(recording), recording_sha256=digest)
            self.progress.ended(session, attempt_id, Ending(outcome=outcome, duration_ms=5000), now)
            record_call(
                session, self.database.vault, sid, now, kept=records_kept(session, rulebook(), get_call(session, sid))
            )
        return attempt_id


def two_track_wav() -> bytes:
    """A tenth of a second of telephone audio on two tracks."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * 12 + bytes(128))
    return buffer.getvalue()


def _utterance(sid: str, speaker: str, start: float, text: str, now: datetime) -> NewUtterance:
    return NewUtterance(
        call_sid=sid,
        speaker=speaker,
        start_secs=start,
        end_secs=start + 2.0,
        text=text,
        clear=True,
        heard_at=now,
        language="zh",
        avg_logprob=-0.25,
    )


def _finding(sid: str, utterance_id: int, now: datetime) -> NewFinding:
    return NewFinding(
        call_sid=sid,
        utterance_id=utterance_id,
        label="threat-visit",
        category="threat",
        span=(0, 2),
        score=0.75,
        detector="phrases@1",
        severity="medium",
        heard_at=now,
        why={"phrase": "上门"},
    )
