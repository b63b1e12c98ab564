"""The gate against a real PostgreSQL and the packaged rulebook."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from outreach.db.tables import (
    Attempt,
    Budget,
    CollectionCase,
    ContactPoint,
    Debtor,
    LedgerEntry,
    PlannedContact,
    Preference,
)
from outreach.dialer.attempt import IN_FLIGHT, AttemptError
from outreach.dialer.gate import Refusal, gate_public_keys
from outreach.dialer.progress import Ending, ambiguous_attempts, stale_people
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import ClearanceError, InputError
from outreach.ledger.entry import commitment as commit
from outreach.ledger.entry import document, parse_body
from outreach.telephony.clearance import Clearance, ClearanceGuard, Contact
from policy.scenario import parse_scenario
from tests.world import MORNING, NIGHT, Person, World, rulebook


def guard(world: World) -> ClearanceGuard:
    return ClearanceGuard(gate_public_keys(world.database.keys), PostgresUseRegistry(world.database))


def contact(person: Person, clearance: Clearance) -> Contact:
    return Contact(channel="voice", address=person.phone, attempt_id=clearance.attempt_id)


def stored(world: World, attempt_id: str) -> Attempt:
    with world.database.session() as session:
        return session.get_one(Attempt, UUID(attempt_id))


def spent(world: World, person: Person) -> int:
    with world.database.session() as session:
        row = session.scalar(
            select(Budget).where(
                Budget.debtor_id == person.debtor_id, Budget.counter == "cn-daily-call-cap:party=debtor"
            )
        )
        return 0 if row is None else row.charged - row.released


def finish(world: World, clearance: Clearance, outcome: str, sid: str) -> None:
    with world.database.session() as session:
        world.progress.placed(session, UUID(clearance.attempt_id), sid, clearance.issued_at)
        world.progress.ended(session, UUID(clearance.attempt_id), Ending(outcome=outcome), clearance.issued_at)


def test_a_permit_leaves_intent_charge_and_entry_behind(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    attempt = stored(world, clearance.attempt_id)
    assert (attempt.state, attempt.clearance_id) == ("intended", clearance.id)
    assert attempt.budget_slot == clearance.budget_slot
    named = set(clearance.budget_slot.split(","))
    assert {"cn-daily-call-cap:2026-11-23:1/3", "cn-number-daily-cap:2026-11-23:1/6"} <= named
    assert clearance.debtor_local_time == "2026-11-23T10:00:00+08:00"
    assert clearance.expires_at - clearance.issued_at == timedelta(seconds=30)
    with world.database.session() as session:
        entry = parse_body(session.get_one(LedgerEntry, attempt.ledger_index).body, "entry")
    assert entry.kind == "attempt.intended"
    assert entry.data["clearance"] == clearance.id
    assert entry.data["rulebook"] == clearance.rulebook_digest == rulebook().digest
    assert entry.data["facts"] == clearance.facts_digest


def test_the_clearance_opens_the_door_once(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    guard(world).admit(clearance, contact(person, clearance), MORNING)
    with pytest.raises(ClearanceError) as caught:
        guard(world).admit(clearance, contact(person, clearance), MORNING)
    assert caught.value.code == "clearance.reused"


def test_a_refusal_is_recorded_with_its_citation(world: World) -> None:
    refusal = world.refused(world.person(), NIGHT)
    assert (refusal.decision, refusal.rules) == ("deny", ("cn-quiet-hours",))
    assert refusal.ruling["reasons"][0]["citation"]
    assert refusal.next_permitted_at is not None
    attempt = stored(world, refusal.attempt_id)
    assert (attempt.state, attempt.budget_slot) == ("refused", None)
    assert attempt.ruling == refusal.ruling
    with world.database.session() as session:
        assert session.get_one(LedgerEntry, attempt.ledger_index).kind == "attempt.refused"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"birth_date": "2010-01-01"}, "cn-no-minors"),
        ({"flags": ["hospitalised"]}, "cn-no-patients"),
        ({"timezones": ["America/New_York"]}, "cn-quiet-hours"),
        ({"flags": ["disputed"]}, "cn-dispute-hold"),
    ],
)
def test_facts_of_the_person_are_judged(world: World, changes: dict[str, object], rule: str) -> None:
    assert rule in world.refused(world.person(**changes)).rules


@pytest.mark.parametrize(
    "changes", [{"timezones": []}, {"timezones": ["Asia/Nowhere"]}, {"flags": ["abducted"]}, {"region": "DE"}]
)
def test_what_cannot_be_told_is_refused(world: World, changes: dict[str, object]) -> None:
    refusal = world.refused(world.person(**changes))
    assert refusal.decision == "cannot_tell"
    assert refusal.rules


def test_every_state_that_forbids_contact(world: World) -> None:
    for table, values, rule in [
        (CollectionCase, {"state": "settled"}, "house-case-closed"),
        (CollectionCase, {"state": "on_hold"}, "house-case-on-hold"),
        (CollectionCase, {"state": "disputed"}, "cn-dispute-hold"),
        (ContactPoint, {"state": "retired"}, "house-contact-point-retired"),
        (ContactPoint, {"state": "wrong"}, "cn-wrong-number"),
        (ContactPoint, {"state": "refused"}, "cn-channel-optout"),
        (ContactPoint, {"kind": "email"}, "house-wrong-channel"),
        (ContactPoint, {"party": "third_party"}, "cn-third-party"),
        (Debtor, {"data_key": None}, "house-erased"),
    ]:
        person = world.person()
        owner = table.id if table is Debtor else table.debtor_id
        with world.database.session() as session:
            session.execute(update(table).where(owner == person.debtor_id).values(**values))
        assert rule in world.refused(person).rules


def test_wishes_are_kept_until_withdrawn(world: World) -> None:
    person = world.person()
    window = {"days": ["mon"], "start": "09:00", "end": "11:00"}
    with world.database.session() as session:
        for fields in ({"kind": "quiet_window", "window": window}, {"kind": "channel", "channel": "voice"}):
            session.add(Preference(debtor_id=person.debtor_id, source="portal", stated_at=MORNING, **fields))
    assert set(world.refused(person).rules) == {"cn-no-contact-preference", "cn-channel-optout"}
    with world.database.session() as session:
        session.execute(update(Preference).values(ended_at=MORNING))
    world.cleared(person)


def test_case_and_number_of_different_people_are_bad_input(world: World) -> None:
    one, other = world.person(), world.person()
    with pytest.raises(InputError) as caught:
        world.gate.request(one.voice(contact_point_id=other.point_id), MORNING)
    assert caught.value.code == "input.unknown_contact"


def test_the_daily_cap_is_reached_and_opens_the_next_day(world: World) -> None:
    person = world.person()
    for number in range(3):
        finish(world, world.cleared(person, MORNING + timedelta(hours=number)), "no_answer", f"CA{number}")
    refusal = world.refused(person, MORNING + timedelta(hours=4))
    assert "cn-daily-call-cap" in refusal.rules
    assert spent(world, person) == 3
    world.cleared(person, MORNING + timedelta(days=1))


def test_two_racing_for_the_last_slot_one_wins(world: World) -> None:
    person = world.person()
    for number in range(2):
        finish(world, world.cleared(person, MORNING + timedelta(minutes=number)), "no_answer", f"CA{number}")
    barrier = threading.Barrier(4)

    def race(_: int) -> Clearance | Refusal:
        gate = world.gate
        barrier.wait()
        return gate.request(person.voice(), MORNING + timedelta(hours=1))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(race, range(4)))
    winners = [answer for answer in answers if isinstance(answer, Clearance)]
    assert len(winners) == 1
    assert winners[0].budget_slot.startswith("cn-daily-call-cap:2026-11-23:3/3,")
    assert spent(world, person) == 3
    with world.database.session() as session:
        indexes = session.scalars(select(LedgerEntry.index).order_by(LedgerEntry.index)).all()
    assert list(indexes) == list(range(len(indexes)))


def test_never_two_in_flight_even_without_the_gate(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    assert world.refused(person).rules == ("house-in-flight",)
    twin = stored(world, clearance.attempt_id)
    fields = ("case_id", "debtor_id", "debt_id", "contact_point_id", "channel", "purpose", "state", "intended_at")
    with pytest.raises(IntegrityError, match="uq_attempt_in_flight"), world.database.session() as session:
        session.add(Attempt(**{name: getattr(twin, name) for name in fields}))


def test_the_index_covers_exactly_the_states_in_flight(world: World) -> None:
    with world.database.session() as session:
        definition = session.scalar(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_attempt_in_flight'"))
        states = session.scalar(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_attempt_state'")
        )
    assert definition is not None
    assert {state.value for state in IN_FLIGHT} == {
        state for state in str(states).split("'")[1::2] if f"'{state}'" in definition
    }


def test_a_crash_between_commit_and_dial_keeps_intent_and_charge(world: World) -> None:
    person = world.person()
    lost = world.cleared(person)  # the process dies here: nobody ever uses the clearance
    assert stored(world, lost.attempt_id).state == "intended"
    assert spent(world, person) == 1
    assert world.refused(person, MORNING + timedelta(seconds=29)).rules == ("house-in-flight",)
    later = MORNING + timedelta(seconds=31)
    again = world.cleared(person, later)  # expired and revoked by the gate itself: provably never dialled
    assert stored(world, lost.attempt_id).state == "voided"
    assert again.attempt_id != lost.attempt_id
    assert spent(world, person) == 1
    with pytest.raises(ClearanceError):
        guard(world).admit(lost, contact(person, lost), MORNING + timedelta(seconds=5))


def test_a_crash_after_the_clearance_was_used_is_ambiguous_and_stays_charged(world: World) -> None:
    person = world.person()
    lost = world.cleared(person)
    guard(world).admit(lost, contact(person, lost), MORNING)
    later = MORNING + timedelta(minutes=5)
    with world.database.session() as session:
        assert list(stale_people(session, later)) == [person.debtor_id]
        world.progress.settle(session, person.debtor_id, later)
        assert [str(attempt.id) for attempt in ambiguous_attempts(session)] == [lost.attempt_id]
    assert world.refused(person, later).rules == ("house-in-flight",)
    assert spent(world, person) == 1
    with world.database.session() as session:
        world.progress.reconciled(session, UUID(lost.attempt_id), None, later)
    assert stored(world, lost.attempt_id).budget_released
    assert spent(world, person) == 0
    world.cleared(person, later)


def test_an_ambiguous_create_that_the_carrier_knows_goes_on(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    attempt_id = UUID(clearance.attempt_id)
    with world.database.session() as session:
        world.progress.doubtful(session, attempt_id, "timeout", MORNING)
        world.progress.reconciled(session, attempt_id, "CA1", MORNING)
        world.progress.answered(session, attempt_id, "CA1", MORNING)
        world.progress.rang(session, attempt_id, "CA1", MORNING)  # overtaken by the answer
        world.progress.ended(session, attempt_id, Ending(outcome="conversation"), MORNING)
    attempt = stored(world, clearance.attempt_id)
    assert (attempt.state, attempt.call_sid, attempt.outcome) == ("ended", "CA1", "conversation")
    with world.database.session() as session:
        kinds = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.index)).all()
    assert kinds == [
        "attempt.intended",
        "attempt.ambiguous",
        "attempt.placed",
        "attempt.reconciled",
        "attempt.outcome",
    ]
    with pytest.raises(AttemptError), world.database.session() as session:
        world.progress.voided(session, attempt_id, "too late", MORNING)


def test_a_refused_create_gives_the_budget_back_once(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    with world.database.session() as session:
        world.progress.failed(session, UUID(clearance.attempt_id), MORNING)
    with pytest.raises(AttemptError), world.database.session() as session:
        world.progress.failed(session, UUID(clearance.attempt_id), MORNING)
    assert spent(world, person) == 0


def test_when_budget_and_attempts_disagree_the_gate_cannot_tell(world: World) -> None:
    person = world.person()
    finish(world, world.cleared(person), "no_answer", "CA1")
    with world.database.session() as session:
        session.execute(update(Budget).values(charged=0))
    refusal = world.refused(person, MORNING + timedelta(hours=1))
    assert (refusal.decision, refusal.rules) == ("cannot_tell", ("house-budget-mismatch",))


def test_a_planned_contact_is_carried_out_once(world: World) -> None:
    person = world.person()
    with world.database.session() as session:
        planned = PlannedContact(
            case_id=person.case_id,
            debtor_id=person.debtor_id,
            contact_point_id=person.point_id,
            channel="voice",
            purpose="collection",
            due_at=MORNING,
            details={},
        )
        session.add(planned)
        session.flush()
        planned_id = planned.id
    answer = world.gate.request(person.voice(planned_id=planned_id), MORNING)
    assert isinstance(answer, Clearance)
    finish(world, answer, "no_answer", "CA1")
    assert world.refused(person, planned_id=planned_id).rules == ("house-plan-spent",)
    with world.database.session() as session:
        assert str(session.get_one(PlannedContact, planned_id).attempt_id) == answer.attempt_id


def test_the_sealed_facts_open_the_commitment_and_replay(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    with world.database.session() as session:
        attempt = session.get_one(Attempt, UUID(clearance.attempt_id))
        debtor = session.get_one(Debtor, person.debtor_id)
        facts = world.database.vault.open(debtor, "facts", attempt.facts_enc or b"")
        key = world.database.vault.opening_key(debtor, f"attempt:{attempt.id}")
    assert commit(key, "facts", facts.encode()) == clearance.facts_digest
    sealed = json.loads(facts)
    assert document(sealed).decode() == facts
    assert person.phone not in facts
    scenario = parse_scenario({"id": "cn-1", "pack": sealed["packs"][0], **sealed["scenario"]})
    assert scenario.attempt.at == MORNING


def test_the_evidence_log_names_nobody(world: World) -> None:
    person = world.person()
    world.call(person, "CA1")
    world.refused(world.person(), NIGHT)
    with world.database.session() as session:
        log = b"\n".join(session.scalars(select(LedgerEntry.body)))
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 5
    for personal in (person.phone, person.phone[1:], "1990-05-17", "张", "\\u5f20", "P0001"):
        assert personal.encode() not in log
