"""What is heard binds the very next ruling."""

from uuid import UUID

import pytest
from sqlalchemy import select

from outreach.cases.heard import Effect, Heard, Report, record_heard
from outreach.db.tables import (
    Attempt,
    ClearanceUse,
    CollectionCase,
    ContactPoint,
    HeardFact,
    LedgerEntry,
    PlannedContact,
)
from outreach.dialer.gate import gate_public_keys
from outreach.dialer.progress import Ending
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import ClearanceError, InputError
from outreach.ledger.entry import parse_body
from outreach.telephony.clearance import BurnResult, ClearanceGuard, Contact
from tests.world import MORNING, Person, World


def hear(world: World, person: Person, kind: Heard, call_sid: str | None = None) -> Effect:
    report = Report(kind=kind, source="detector:intents@1", at=MORNING, call_sid=call_sid)
    with world.database.session() as session:
        return record_heard(session, world.database.vault, person.debtor_id, report)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (Heard.STOP, "cn-channel-optout"),
        (Heard.STOP_VOICE, "cn-channel-optout"),
        (Heard.HOSPITALISED, "cn-no-patients"),
        (Heard.WRONG_NUMBER, "cn-wrong-number"),
        (Heard.REFUSED_NUMBER, "cn-channel-optout"),
        (Heard.DISPUTE, "cn-dispute-hold"),
        (Heard.DECEASED, "cn-deceased"),
        (Heard.MINOR, "cn-no-minors"),
        (Heard.BANKRUPT, "cn-bankruptcy-stay"),
    ],
)
def test_the_next_ruling_refuses(world: World, kind: Heard, rule: str) -> None:
    person = world.person()
    assert hear(world, person, kind).effects
    assert rule in world.refused(person).rules


@pytest.mark.parametrize("kind", list(Heard))
def test_every_fact_is_kept_and_on_record_each_time_but_works_once(world: World, kind: Heard) -> None:
    person = world.person()
    first, second = hear(world, person, kind), hear(world, person, kind)
    assert first.effects
    assert second.effects == []
    with world.database.session() as session:
        facts = session.scalars(select(HeardFact).order_by(HeardFact.id)).all()
        entries = [parse_body(body, "entry") for body in session.scalars(select(LedgerEntry.body))]
    assert [fact.kind for fact in facts] == [kind.value] * 2
    assert [entry.data["fact"] for entry in entries if entry.kind == "fact.heard"] == [kind.value] * 2


def test_a_stop_closes_every_channel(world: World) -> None:
    person = world.person()
    hear(world, person, Heard.STOP)
    assert "cn-channel-optout" in world.refused(person, channel="sms").rules


def test_a_stop_of_messages_leaves_the_voice_open(world: World) -> None:
    person = world.person()
    hear(world, person, Heard.STOP_SMS)
    assert "cn-channel-optout" in world.refused(person, channel="sms").rules
    world.cleared(person)


def test_a_clearance_not_yet_used_is_void_and_its_budget_given_back(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    assert hear(world, person, Heard.HOSPITALISED).revoked_clearances == [clearance.id]
    guard = ClearanceGuard(gate_public_keys(world.database.keys), PostgresUseRegistry(world.database))
    with pytest.raises(ClearanceError) as caught:
        guard.admit(clearance, Contact(channel="voice", address=person.phone, attempt_id=clearance.attempt_id), MORNING)
    assert caught.value.code == "clearance.revoked"
    assert world.refused(person).rules == ("cn-no-patients",)  # no longer in flight: settled by the gate
    with world.database.session() as session:
        attempt = session.get_one(Attempt, UUID(clearance.attempt_id))
        assert (attempt.state, attempt.budget_released) == ("voided", True)
        assert session.get_one(ClearanceUse, clearance.id).reason == "hospitalised"


def test_a_clearance_already_used_cannot_be_revoked_and_its_ringing_call_is_named(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    registry = PostgresUseRegistry(world.database)
    assert registry.burn(clearance.id, MORNING) is BurnResult.BURNED
    assert not registry.revoke(clearance.id, MORNING)
    assert hear(world, person, Heard.STOP).revoked_clearances == []
    with world.database.session() as session:
        world.progress.placed(session, UUID(clearance.attempt_id), "CA7", MORNING)
        world.progress.rang(session, UUID(clearance.attempt_id), "CA7", MORNING)
    assert hear(world, person, Heard.STOP).cancel_calls == ["CA7"]


def test_the_call_it_is_heard_on_goes_on(world: World) -> None:
    person = world.person()
    clearance = world.cleared(person)
    with world.database.session() as session:
        world.progress.placed(session, UUID(clearance.attempt_id), "CA7", MORNING)
    assert hear(world, person, Heard.STOP, "CA7").cancel_calls == []


def test_the_registry_revokes_once_and_for_all(world: World) -> None:
    registry = PostgresUseRegistry(world.database)
    assert registry.revoke("c1", MORNING)
    assert registry.revoke("c1", MORNING)
    assert registry.burn("c1", MORNING) is BurnResult.REVOKED
    assert registry.burn("c2", MORNING) is BurnResult.BURNED
    assert registry.burn("c2", MORNING) is BurnResult.REUSED


def test_planned_contacts_are_withdrawn(world: World) -> None:
    person = world.person()
    with world.database.session() as session:
        for state in ("queued", "taken", "done"):
            session.add(
                PlannedContact(
                    case_id=person.case_id,
                    debtor_id=person.debtor_id,
                    contact_point_id=person.point_id,
                    channel="voice",
                    purpose="collection",
                    due_at=MORNING,
                    state=state,
                    details={},
                )
            )
    assert len(hear(world, person, Heard.REPRESENTED).voided_plans) == 2
    with world.database.session() as session:
        states = session.scalars(select(PlannedContact.state).order_by(PlannedContact.id)).all()
    assert states == ["voided", "voided", "done"]


def test_a_wrong_number_is_the_one_that_was_called(world: World) -> None:
    person = world.person()
    with world.database.session() as session:
        point = session.get_one(ContactPoint, person.point_id)
        session.add(
            ContactPoint(
                debtor_id=person.debtor_id,
                kind="phone",
                address_enc=point.address_enc,
                address_index=b"other",
                party="debtor",
                place="personal",
                state="active",
                source="contract",
                added_at=MORNING,
            )
        )
    clearance = world.cleared(person)
    with world.database.session() as session:
        world.progress.placed(session, UUID(clearance.attempt_id), "CA7", MORNING)
    assert hear(world, person, Heard.WRONG_NUMBER, "CA7").effects == [f"wrong:CP{person.point_id}"]
    with world.database.session() as session:
        world.progress.ended(session, UUID(clearance.attempt_id), Ending(outcome="wrong_number"), MORNING)
        states = session.scalars(select(ContactPoint.state).order_by(ContactPoint.id)).all()
    assert states == ["wrong", "active"]


def test_a_dispute_stops_the_case(world: World) -> None:
    person = world.person()
    hear(world, person, Heard.DISPUTE)
    with world.database.session() as session:
        assert session.get_one(CollectionCase, person.case_id).state == "disputed"


def test_nobody_is_bad_input(world: World) -> None:
    with pytest.raises(InputError) as caught, world.database.session() as session:
        record_heard(session, world.database.vault, 99, Report(kind=Heard.STOP, source="x", at=MORNING))
    assert caught.value.code == "input.unknown_debtor"
