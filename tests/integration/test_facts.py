"""Facts that reach a ruling: consents, messages received, several packs, clocks that ran ahead."""

from datetime import timedelta

from sqlalchemy import select, update

from outreach.db.tables import Attempt, Consent, Creditor, Message
from outreach.dialer import facts
from outreach.dialer.budget import release
from outreach.dialer.facts import packs_for, rfc3339
from policy.scenario import parse_scenario
from tests.world import MORNING, World


def test_consents_and_messages_stand_in_the_scenario(world: World) -> None:
    person = world.person()
    window = {"days": ["sat"], "start": "09:00", "end": "12:00"}
    with world.database.session() as session:
        common = {"debtor_id": person.debtor_id, "given_to": "collector", "given_at": MORNING, "source": "portal"}
        session.add(Consent(kind="artificial_voice", **common))
        later = MORNING + timedelta(days=9)
        more = {"debt_id": person.debt_id, "valid_until": later, "window": window}
        session.add(Consent(kind="inconvenient_time", **common, **more))
        fields = {"sid": "SM1", "debtor_id": person.debtor_id, "direction": "inbound", "status": "received"}
        session.add(Message(**fields, at=MORNING + timedelta(minutes=5)))
    with world.database.session() as session:
        situation = facts.load_situation(session, person.voice())
        found = facts.scenario(session, world.database.vault, situation, person.voice(), MORNING)
    assert found["debtor"]["consents"] == [
        {"kind": "artificial_voice", "at": rfc3339(MORNING), "given_to": "collector"},
        {
            "kind": "inconvenient_time",
            "at": rfc3339(MORNING),
            "given_to": "collector",
            "debt": f"D{person.debt_id}",
            "valid_until": rfc3339(later),
            "window": window,
        },
    ]
    (message,) = found["history"]
    assert (message["direction"], message["at"]) == ("inbound", rfc3339(MORNING)), "never later than the ruling"
    assert parse_scenario({"id": "cn-1", "pack": "cn", **found}).history[0].channel == "sms"


def test_every_pack_that_applies_must_permit(world: World) -> None:
    person = world.person(region="US-MA")
    with world.database.session() as session:
        assert packs_for(facts.load_situation(session, person.voice())) == ["us-reg-f", "cn"]
        session.execute(update(Creditor).values(jurisdiction="US"))
    with world.database.session() as session:
        assert packs_for(facts.load_situation(session, person.voice())) == ["us-reg-f"]
    unknown = world.person(region="FR-75")
    refusal = world.refused(unknown)
    assert refusal.decision == "cannot_tell"
    assert [ruling["pack"] for ruling in refusal.ruling["packs"]] == ["none-fr", "cn"]


def test_what_was_never_charged_is_not_given_back(world: World) -> None:
    person = world.person(flags=["hospitalised"])
    world.refused(person)
    with world.database.session() as session:
        assert not release(session, session.scalars(select(Attempt)).one())
