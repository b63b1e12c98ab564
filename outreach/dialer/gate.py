"""The gate (I/O): the only place where a clearance is made.

One transaction, under the person's lock: facts read afresh -> ruling of every pack that applies -> every counter of the
rulings charged, attempt stored as intended, intent written to the evidence log. Only after the commit is the clearance
signed, so that no right to dial ever exists without its durable record. A refusal is recorded the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.keyring import KeyRing
from outreach.db.tables import Attempt, PlannedContact
from outreach.dialer import budget, facts
from outreach.dialer.attempt import IN_FLIGHT, State
from outreach.dialer.budget import Unit
from outreach.dialer.facts import ContactRequest, Situation
from outreach.dialer.progress import Progress
from outreach.dialer.verdict import Verdict, combine, house_reason
from outreach.ledger import store
from outreach.ledger.entry import Entry, commitment, document, instant, pseudonym
from outreach.telephony.clearance import Clearance, address_digest, sign
from policy.book import Rulebook
from policy.errors import PolicyError
from policy.evaluate import budget_slots, evaluate
from policy.facts import Scenario
from policy.kind import BudgetSlot
from policy.ruling import Ruling
from policy.scenario import parse_scenario

CLEARANCE_LIFETIME = timedelta(seconds=30)
CHANNEL_KINDS = {"voice": "phone", "sms": "phone"}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The gate said no. `ruling` is in the form of the command-line contract, every reason with its citation."""

    attempt_id: str
    decision: Literal["deny", "cannot_tell"]
    rules: tuple[str, ...]
    ruling: dict[str, Any]
    next_permitted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Question:
    """One request with everything read for it."""

    attempt_id: UUID
    request: ContactRequest
    situation: Situation
    scenario: dict[str, Any]
    local_day: date | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """What law and house said, and the counters a permit would be charged to."""

    rulings: tuple[Ruling, ...]
    house: tuple[dict[str, Any], ...]
    units: tuple[Unit, ...]
    verdict: Verdict


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

    def request(self, contact: ContactRequest, now: datetime) -> Clearance | Refusal:
        """May this contact be made now? A clearance that lives thirty seconds, or a refusal with its reasons.

        Commits before it answers. Raises InputError input.unknown_contact for a case and an address that do not belong
        together; every other doubt is a refusal.
        """
        with self._database.session() as session:
            question = self._question(session, contact, now)
            judged = self._judge(session, question)
            if judged.verdict.decision != "permit" or question.local_day is None:
                return self._refuse(session, question, judged.verdict)
            charge = self._charge(session, question, question.local_day, judged.units)
            if charge is None:
                return self._refuse(session, question, self._full(session, question, question.local_day, judged))
            unsigned = self._permit(session, question, charge, judged.verdict)
        return sign(unsigned, self._database.keys.gate)

    def _question(self, session: Session, contact: ContactRequest, now: datetime) -> _Question:
        situation = facts.load_situation(session, contact)
        self._progress.settle(session, situation.debtor.id, now)
        if situation.debtor.data_key is None:
            scenario: dict[str, Any] = {}
        else:
            scenario = facts.scenario(session, self._vault, situation, contact, now)
        return _Question(
            attempt_id=uuid4(),
            request=contact,
            situation=situation,
            scenario=scenario,
            local_day=_local_day(situation, now),
            now=now,
        )

    def _judge(self, session: Session, question: _Question) -> _Judgement:
        rulings: list[Ruling] = []
        slots: list[BudgetSlot] = []
        untold: list[dict[str, Any]] = []
        for pack in facts.packs_for(question.situation) if question.scenario else []:
            try:
                scenario = self._scenario(question, pack)
            except PolicyError as error:
                untold.append(house_reason("house-cannot-tell", pack=pack, code=error.code))
            else:
                rulings.append(evaluate(scenario, self._rulebook))
                slots.extend(budget_slots(scenario, self._rulebook))
        units = budget.units_of(slots)
        house = [*self._house_reasons(session, question, units), *untold]
        return _Judgement(
            rulings=tuple(rulings),
            house=tuple(house),
            units=units,
            verdict=combine(rulings, house, self._rulebook.digest, question.now),
        )

    def _scenario(self, question: _Question, pack: str) -> Scenario:
        named = {"id": f"{pack.split('-', maxsplit=1)[0]}-{question.attempt_id}", "pack": pack, **question.scenario}
        return parse_scenario(named)

    def _charge(self, session: Session, question: _Question, day: date, units: tuple[Unit, ...]) -> _Charge | None:
        spent = budget.charge(session, question.situation.debtor.id, day, units)
        return None if spent is None else _Charge(day=day, units=units, spent=spent)

    def _full(self, session: Session, question: _Question, day: date, judged: _Judgement) -> Verdict:
        """The verdict where the rulings permit and the book does not: each full counter with its numbers."""
        spent = budget.spent(session, question.situation.debtor.id, day, judged.units)
        full = [
            house_reason(
                "house-budget-full",
                limited_by=unit.rule,
                subject=unit.subject,
                used=spent[unit.counter],
                limit=unit.limit,
                window_days=unit.window_days,
                local_day=day.isoformat(),
            )
            for unit in judged.units
            if spent[unit.counter] >= unit.limit
        ]
        return combine(judged.rulings, [*judged.house, *full], self._rulebook.digest, question.now)

    def _house_reasons(self, session: Session, question: _Question, units: tuple[Unit, ...]) -> list[dict[str, Any]]:
        situation, request = question.situation, question.request
        found: list[dict[str, Any]] = []
        if situation.debtor.data_key is None:
            found.append(house_reason("house-erased"))
        if situation.case.state in {"settled", "closed"}:
            found.append(house_reason("house-case-closed", state=situation.case.state))
        if situation.case.state == "on_hold":
            found.append(house_reason("house-case-on-hold"))
        if situation.point.state == "retired":
            found.append(house_reason("house-contact-point-retired"))
        if CHANNEL_KINDS.get(request.channel) != situation.point.kind:
            found.append(house_reason("house-wrong-channel", channel=request.channel, kind=situation.point.kind))
        if _in_flight(session, situation.debtor.id):
            found.append(house_reason("house-in-flight"))
        if request.planned_id is not None and not _plan_is_open(session, request.planned_id):
            found.append(house_reason("house-plan-spent"))
        if question.local_day is None:
            found.append(house_reason("house-cannot-tell", missing="time zone"))
        elif not budget.agrees(session, situation.debtor.id, question.local_day, units):
            found.append(house_reason("house-budget-mismatch"))
        return found

    def _permit(self, session: Session, question: _Question, charge: _Charge, verdict: Verdict) -> Clearance:
        unsigned = self._unsigned(question, charge.slot())
        attempt = self._attempt(question, verdict, State.INTENDED)
        attempt.clearance_id, attempt.clearance_expires_at = unsigned.id, unsigned.expires_at
        attempt.budget_units = [unit.to_record() for unit in charge.units]
        attempt.budget_day, attempt.budget_slot = charge.day, unsigned.budget_slot
        session.add(attempt)
        session.flush()
        _mark_plan(session, question, "done")
        more = {
            "clearance": unsigned.id,
            "budget_slot": unsigned.budget_slot,
            "expires_at": instant(unsigned.expires_at),
            "key": unsigned.key_id,
        }
        attempt.ledger_index = store.append(session, self._entry("attempt.intended", question, verdict, more))
        return unsigned

    def _refuse(self, session: Session, question: _Question, verdict: Verdict) -> Refusal:
        attempt = self._attempt(question, verdict, State.REFUSED)
        session.add(attempt)
        session.flush()
        _mark_plan(session, question, "refused")
        attempt.ledger_index = store.append(session, self._entry("attempt.refused", question, verdict, {}))
        return Refusal(
            attempt_id=str(question.attempt_id),
            decision="deny" if verdict.decision == "deny" else "cannot_tell",
            rules=verdict.rules,
            ruling=verdict.record,
            next_permitted_at=verdict.next_permitted_at,
        )

    def _unsigned(self, question: _Question, slot: str) -> Clearance:
        situation, now = question.situation, question.now
        address = self._vault.open(situation.debtor, "address", situation.point.address_enc)
        local = now.astimezone(ZoneInfo(situation.debtor.timezones[0]))
        return Clearance(
            id=uuid4().hex,
            attempt_id=str(question.attempt_id),
            channel=cast(Literal["voice", "sms"], question.request.channel),
            address_digest=address_digest(address),
            rulebook_digest=self._rulebook.digest,
            facts_digest=self._facts_digest(question),
            budget_slot=slot,
            debtor_local_time=local.isoformat(),
            issued_at=now,
            expires_at=now + CLEARANCE_LIFETIME,
            key_id=self._database.keys.fingerprints()["gate"],
        )

    def _attempt(self, question: _Question, verdict: Verdict, state: State) -> Attempt:
        situation, request = question.situation, question.request
        erased = situation.debtor.data_key is None
        return Attempt(
            id=question.attempt_id,
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
            intended_at=question.now,
            rulebook_digest=self._rulebook.digest,
            facts_digest=None if erased else self._facts_digest(question),
            facts_enc=None if erased else self._vault.seal(situation.debtor, "facts", _facts_bytes(question).decode()),
            ruling=verdict.record,
        )

    def _facts_digest(self, question: _Question) -> str:
        return commitment(self._opening_key(question), "facts", _facts_bytes(question))

    def _opening_key(self, question: _Question) -> bytes:
        return self._vault.opening_key(question.situation.debtor, f"attempt:{question.attempt_id}")

    def _entry(self, kind: str, question: _Question, verdict: Verdict, more: dict[str, Any]) -> Entry:
        erased = question.situation.debtor.data_key is None
        data = {
            "attempt": str(question.attempt_id),
            "channel": question.request.channel,
            "purpose": question.request.purpose,
            "decision": verdict.decision,
            "rules": list(verdict.rules),
            "rulebook": self._rulebook.digest,
            "facts": None if erased else self._facts_digest(question),
            "ruling": None if erased else commitment(self._opening_key(question), "ruling", document(verdict.record)),
        }
        subject = None if erased else pseudonym(self._vault.opening_key(question.situation.debtor, "person"))
        return Entry(kind=kind, at=question.now, data={**data, **more}, subject=subject)


def gate_public_keys(keys: KeyRing) -> dict[str, Ed25519PublicKey]:
    """What a clearance guard needs to know to trust this installation's gate."""
    return {keys.fingerprints()["gate"]: keys.gate.public_key()}


def _facts_bytes(question: _Question) -> bytes:
    return document({"packs": facts.packs_for(question.situation), "scenario": question.scenario})


def _local_day(situation: Situation, now: datetime) -> date | None:
    """The person's own day; None when no zone is known or the first is none of this world's."""
    try:
        return budget.local_day(now, situation.debtor.timezones[0])
    except (IndexError, KeyError, ValueError):
        return None


def _in_flight(session: Session, debtor_id: int) -> bool:
    states = [state.value for state in IN_FLIGHT]
    query = select(Attempt.id).where(Attempt.debtor_id == debtor_id, Attempt.state.in_(states)).limit(1)
    return session.scalar(query) is not None


def _plan_is_open(session: Session, planned_id: int) -> bool:
    planned = session.get(PlannedContact, planned_id, with_for_update=True, populate_existing=True)
    return planned is not None and planned.state in {"queued", "taken"}


def _mark_plan(session: Session, question: _Question, state: str) -> None:
    planned_id = question.request.planned_id
    planned = None if planned_id is None else session.get(PlannedContact, planned_id)
    if planned is not None and planned.state in {"queued", "taken"}:
        planned.state, planned.attempt_id = state, question.attempt_id
