"""The gate (I/O): the only place where a clearance is made.

One transaction, under the person's lock: facts read afresh -> ruling of every pack that applies -> every counter of the
rulings charged, attempt stored as intended, intent written to the evidence log. Only after the commit is the clearance
signed, so that no right to dial ever exists without its durable record. A refusal is recorded the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.history import tell
from outreach.db.keyring import KeyRing
from outreach.db.tables import Attempt, PlannedContact
from outreach.dialer import budget, facts
from outreach.dialer.attempt import State
from outreach.dialer.budget import Unit
from outreach.dialer.facts import ContactRequest, Situation
from outreach.dialer.judgement import (
    HouseFacts,
    Question,
    conclude,
    full_counters,
    house_reasons,
    judge,
    rule,
)
from outreach.dialer.progress import Progress
from outreach.dialer.rulebooks import keep
from outreach.dialer.verdict import Verdict
from outreach.ledger import store
from outreach.ledger.entry import Entry, commitment, document, instant, pseudonym
from outreach.telephony.clearance import Clearance, address_digest, sign
from policy.book import Rulebook

CLEARANCE_LIFETIME = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The gate said no. `ruling` is in the form of the command-line contract, every reason with its citation."""

    attempt_id: str
    decision: Literal["deny", "cannot_tell"]
    rules: tuple[str, ...]
    ruling: dict[str, Any]
    next_permitted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One request with everything read for it, and what law and house said."""

    attempt_id: UUID
    request: ContactRequest
    situation: Situation
    scenario: dict[str, Any]
    house: HouseFacts
    verdict: Verdict
    units: tuple[Unit, ...]
    now: datetime

    @cached_property
    def question(self) -> Question:
        """What is decided on, and kept."""
        return Question(packs=tuple(facts.packs_for(self.situation)), scenario=self.scenario, house=self.house)

    @cached_property
    def document(self) -> bytes:
        """The question as it is sealed and committed to."""
        return self.question.document()


@dataclass(frozen=True, kw_only=True)
class _Charge:
    """What a permit took: `spent` says for each counter what its window holds now."""

    day: date
    units: tuple[Unit, ...]
    spent: Mapping[str, int]

    def slot(self) -> str:
        """Its name in clearance and log, without the subjects: `cn-daily-call-cap:2026-11-23:2/3`."""
        day = self.day.isoformat()
        taken = [f"{unit.rule}:{day}:{self.spent[unit.counter]}/{unit.limit}" for unit in self.units]
        return ",".join(taken) or f"uncounted:{day}"


class Gate:
    """Answers requests to make a contact."""

    def __init__(self, database: Database, rulebook: Rulebook) -> None:
        self._database = database
        self._vault = database.vault
        self._rulebook = rulebook
        self._progress = Progress(database.vault)
        self._rulebook_kept = False

    def request(self, contact: ContactRequest, now: datetime) -> Clearance | Refusal:
        """May this contact be made now? A clearance that lives thirty seconds, or a refusal with its reasons.

        Commits before it answers. Raises InputError input.unknown_contact for a case and an address that do not belong
        together, and EvidenceError evidence.rulebook_unkept for a rulebook that could not be asked again; every other
        doubt is a refusal.
        """
        answer = self._decide(contact, now)
        self._rulebook_kept = True
        return answer if isinstance(answer, Refusal) else sign(answer, self._database.keys.gate)

    def _decide(self, contact: ContactRequest, now: datetime) -> Clearance | Refusal:
        """The committed decision; a clearance is not signed yet."""
        with self._database.session() as session:
            asked = self._ask(session, contact, now)
            day = facts.person_day(asked.situation, now)
            if asked.verdict.decision != "permit" or day is None:
                return self._refuse(session, asked)
            spent = budget.charge(session, asked.situation.debtor.id, day, asked.units)
            if spent is None:
                return self._refuse(session, self._full(session, asked, day))
            return self._permit(session, asked, _Charge(day=day, units=asked.units, spent=spent))

    def _ask(self, session: Session, contact: ContactRequest, now: datetime) -> _Asked:
        situation, attempt_id = facts.load_situation(session, contact), uuid4()
        tell(session, now, "gate")
        if not self._rulebook_kept:
            keep(session, self._rulebook, now)
        record = facts.read_record(session, situation.debtor.id)
        if facts.in_flight(record):
            self._progress.settle(session, situation.debtor.id, now)
            record = facts.read_record(session, situation.debtor.id)
        scenario: dict[str, Any] = {}
        if situation.debtor.data_key is not None:
            scenario = facts.question(self._vault, situation, record, contact, now)
        ruled = rule(facts.packs_for(situation), scenario, self._rulebook, str(attempt_id))
        day, planned_id = facts.person_day(situation, now), contact.planned_id
        house = HouseFacts.of(
            situation,
            contact.channel,
            in_flight=facts.in_flight(record),
            budget="no_day" if day is None else _book(session, situation.debtor.id, record, day, ruled.units),
            plan_open=None if planned_id is None else _plan_is_open(session, planned_id),
        )
        return _Asked(
            attempt_id=attempt_id,
            request=contact,
            situation=situation,
            scenario=scenario,
            house=house,
            verdict=conclude(ruled, house_reasons(house), self._rulebook, now),
            units=ruled.units,
            now=now,
        )

    def _full(self, session: Session, asked: _Asked, day: date) -> _Asked:
        """The same question where the rulings permit and the book does not: each full counter with its numbers."""
        spent = budget.spent(session, asked.situation.debtor.id, day, asked.units)
        full = replace(asked, house=replace(asked.house, full=full_counters(asked.units, spent, day.isoformat())))
        return replace(full, verdict=judge(full.question, self._rulebook, str(full.attempt_id), full.now))

    def _permit(self, session: Session, asked: _Asked, charge: _Charge) -> Clearance:
        unsigned = self._unsigned(asked, charge.slot())
        attempt = self._attempt(asked, State.INTENDED)
        attempt.clearance_id, attempt.clearance_expires_at = unsigned.id, unsigned.expires_at
        attempt.budget_units = [unit.to_record() for unit in charge.units]
        attempt.budget_day, attempt.budget_slot = charge.day, unsigned.budget_slot
        _mark_plan(session, asked, "done")
        more = {
            "clearance": unsigned.id,
            "budget_slot": unsigned.budget_slot,
            "expires_at": instant(unsigned.expires_at),
            "key": unsigned.key_id,
        }
        attempt.ledger_index = store.append(session, self._entry("attempt.intended", asked, more))
        session.add(attempt)
        return unsigned

    def _refuse(self, session: Session, asked: _Asked) -> Refusal:
        attempt = self._attempt(asked, State.REFUSED)
        _mark_plan(session, asked, "refused")
        attempt.ledger_index = store.append(session, self._entry("attempt.refused", asked, {}))
        session.add(attempt)
        return Refusal(
            attempt_id=str(asked.attempt_id),
            decision="deny" if asked.verdict.decision == "deny" else "cannot_tell",
            rules=asked.verdict.rules,
            ruling=asked.verdict.record,
            next_permitted_at=asked.verdict.next_permitted_at,
        )

    def _unsigned(self, asked: _Asked, slot: str) -> Clearance:
        situation, now = asked.situation, asked.now
        address = self._vault.open(situation.debtor, "address", situation.point.address_enc)
        local = now.astimezone(ZoneInfo(situation.debtor.timezones[0]))
        return Clearance(
            id=uuid4().hex,
            attempt_id=str(asked.attempt_id),
            channel=cast(Literal["voice", "sms"], asked.request.channel),
            address_digest=address_digest(address),
            rulebook_digest=self._rulebook.digest,
            facts_digest=self._facts_digest(asked),
            budget_slot=slot,
            debtor_local_time=local.isoformat(),
            issued_at=now,
            expires_at=now + CLEARANCE_LIFETIME,
            key_id=self._database.keys.fingerprints()["gate"],
        )

    def _attempt(self, asked: _Asked, state: State) -> Attempt:
        situation, request = asked.situation, asked.request
        erased = situation.debtor.data_key is None
        return Attempt(
            id=asked.attempt_id,
            case_id=situation.case.id,
            debtor_id=situation.debtor.id,
            debt_id=situation.debt.id,
            contact_point_id=situation.point.id,
            planned_id=request.planned_id,
            channel=request.channel,
            purpose=request.purpose,
            party=situation.point.party,
            place=situation.point.place,
            voice=request.voice,
            state=state.value,
            intended_at=asked.now,
            rulebook_digest=self._rulebook.digest,
            facts_digest=None if erased else self._facts_digest(asked),
            facts_enc=None if erased else self._sealed(asked),
            ruling=asked.verdict.record,
        )

    def _sealed(self, asked: _Asked) -> bytes:
        return self._vault.seal(asked.situation.debtor, "facts", asked.document.decode())

    def _facts_digest(self, asked: _Asked) -> str:
        return commitment(self._opening_key(asked), "facts", asked.document)

    def _opening_key(self, asked: _Asked) -> bytes:
        return self._vault.opening_key(asked.situation.debtor, f"attempt:{asked.attempt_id}")

    def _entry(self, kind: str, asked: _Asked, more: dict[str, Any]) -> Entry:
        erased = asked.situation.debtor.data_key is None
        data = {
            "attempt": str(asked.attempt_id),
            "channel": asked.request.channel,
            "purpose": asked.request.purpose,
            "decision": asked.verdict.decision,
            "rules": list(asked.verdict.rules),
            "rulebook": self._rulebook.digest,
            "facts": None if erased else self._facts_digest(asked),
            "ruling": None
            if erased
            else commitment(self._opening_key(asked), "ruling", document(asked.verdict.record)),
        }
        subject = None if erased else pseudonym(self._vault.opening_key(asked.situation.debtor, "person"))
        return Entry(kind=kind, at=asked.now, data={**data, **more}, subject=subject)


def gate_public_keys(keys: KeyRing) -> dict[str, Ed25519PublicKey]:
    """What a clearance guard needs to know to trust this installation's gate."""
    return {keys.fingerprints()["gate"]: keys.gate.public_key()}


def _book(session: Session, debtor_id: int, record: facts.Record, day: date, units: tuple[Unit, ...]) -> str:
    return "agrees" if budget.agrees(session, debtor_id, record.attempts, day, units) else "mismatch"


def _plan_is_open(session: Session, planned_id: int) -> bool:
    planned = session.get(PlannedContact, planned_id, with_for_update=True, populate_existing=True)
    return planned is not None and planned.state in {"queued", "taken"}


def _mark_plan(session: Session, asked: _Asked, state: str) -> None:
    planned_id = asked.request.planned_id
    planned = None if planned_id is None else session.get(PlannedContact, planned_id)
    if planned is not None and planned.state in {"queued", "taken"}:
        planned.state, planned.attempt_id = state, asked.attempt_id
