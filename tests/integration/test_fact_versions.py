"""Versions of facts: nothing changes without leaving one, none is ever changed, and the past reads back exactly."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from outreach.cases.heard import Heard, Report, record_heard
from outreach.cases.importer import import_file
from outreach.db.history import tell
from outreach.db.tables import (
    Attempt,
    Base,
    CollectionCase,
    Consent,
    ContactPoint,
    Creditor,
    Debt,
    Debtor,
    FactVersion,
    Message,
    Preference,
)
from outreach.db.vault import VaultError
from outreach.db.versions import TRACKED, UNTRACKED
from outreach.dialer.gate import Refusal
from outreach.dialer.progress import Ending
from outreach.errors import InputError
from outreach.timemachine.asof import NOW, Known, decided_at, known_then, question_as_of, with_sealed
from outreach.timemachine.sealed import sealed_question
from tests.world import MORNING, NIGHT, Person, World

WINDOW = {"days": ["mon", "tue"], "start": "09:00", "end": "10:30"}


def versions(world: World, of: str) -> list[FactVersion]:
    with world.database.session() as session:
        return list(session.scalars(select(FactVersion).where(FactVersion.of == of).order_by(FactVersion.id)))


def changes(person: Person, rng: random.Random) -> list[Any]:
    """Every kind of change that a question may see, as statements of any program."""
    mine = {"debtor_id": person.debtor_id}
    flags = rng.sample(["hospitalised", "ceased", "represented", "minor", "bereavement"], rng.randint(0, 2))
    zones = [["Asia/Shanghai"], ["Asia/Shanghai", "Asia/Urumqi"], ["America/New_York"], ["Europe/London"]]
    point = update(ContactPoint).where(ContactPoint.id == person.point_id)
    debtor = update(Debtor).where(Debtor.id == person.debtor_id)
    case = update(CollectionCase).where(CollectionCase.id == person.case_id)
    creditor = select(CollectionCase.creditor_id).where(CollectionCase.id == person.case_id).scalar_subquery()
    wish = {"source": "portal", "stated_at": MORNING - timedelta(days=rng.randint(0, 5)), **mine}
    consent = {"given_to": "collector", "given_at": MORNING, "source": "portal", **mine}
    return [
        debtor.values(flags=flags),
        debtor.values(timezones=rng.choice(zones)),
        debtor.values(region=rng.choice(["CN", "US-CA", "GB-LND", None])),
        debtor.values(tier=rng.choice(["standard", "plus", "vip"])),
        update(Debt).where(Debt.id == person.debt_id).values(flags=rng.choice([[], ["disputed"], ["breathing_space"]])),
        case.values(state=rng.choice(["open", "promised", "disputed", "on_hold"])),
        case.values(grade=rng.choice(["A", "B", "D", None])),
        point.values(state=rng.choice(["active", "active", "wrong", "refused", "retired"])),
        point.values(place=rng.choice(["personal", "work"])),
        point.values(party=rng.choice(["debtor", "third_party", "spouse"])),
        update(Creditor).where(Creditor.id == creditor).values(tier=rng.choice(["basic", "advanced", "premier"])),
        update(Creditor).where(Creditor.id == creditor).values(jurisdiction=rng.choice(["CN", "US", "GB"])),
        Preference.__table__.insert().values(kind="channel", channel="sms", **wish),
        Preference.__table__.insert().values(kind="quiet_window", window=WINDOW, **wish),
        Preference.__table__.insert().values(kind="address", contact_point_id=person.point_id, **wish),
        update(Preference).where(Preference.debtor_id == person.debtor_id).values(ended_at=MORNING),
        delete(Preference).where(Preference.debtor_id == person.debtor_id, Preference.kind == "quiet_window"),
        Consent.__table__.insert().values(kind="additional_calls", **consent),
        Consent.__table__.insert().values(kind="inconvenient_time", window=WINDOW, debt_id=person.debt_id, **consent),
        update(Consent).where(Consent.debtor_id == person.debtor_id).values(valid_until=MORNING + timedelta(days=1)),
        Message.__table__.insert().values(
            sid=f"SM{rng.random()}", direction=rng.choice(["inbound", "outbound"]), status="received", at=MORNING, **mine
        ),
    ]


def carry_out(world: World, attempt_id: UUID, rng: random.Random, now: datetime) -> None:
    """What the carrier makes of a permit, or as much as is known yet."""
    sid = f"CA{rng.random()}"
    with world.database.session() as session:
        if rng.random() < 0.2:
            world.progress.failed(session, attempt_id, now)
            return
        world.progress.placed(session, attempt_id, sid, now)
        if rng.random() < 0.8:
            outcome = rng.choice(["no_answer", "conversation", "voicemail", "busy"])
            world.progress.ended(session, attempt_id, Ending(outcome=outcome), now)


@pytest.mark.parametrize("seed", range(6))
def test_a_question_rebuilt_for_its_moment_has_the_bytes_that_were_sealed(world: World, seed: int) -> None:
    rng = random.Random(seed)
    people = [world.person(), world.person(region=None)]
    with world.database.session() as session:  # two people under one creditor: its facts are both people's
        theirs = session.get_one(CollectionCase, people[0].case_id).creditor_id
        session.execute(update(CollectionCase).values(creditor_id=theirs))
    now, asked = MORNING, 0
    for _ in range(60):
        person = rng.choice(people)
        now += rng.choice([timedelta(0), timedelta(0), timedelta(seconds=40), timedelta(minutes=17)])
        if rng.random() < 0.4:
            answer = world.gate.request(person.voice(purpose=rng.choice(["collection", "reminder"])), now)
            asked += 1
            if not isinstance(answer, Refusal) and rng.random() < 0.8:
                carry_out(world, UUID(answer.attempt_id), rng, now)
            continue
        with world.database.session() as session:
            if rng.random() < 0.5:
                tell(session, now + rng.choice([timedelta(0), timedelta(days=1), -timedelta(days=1)]), "a clock astray")
            if rng.random() < 0.3:
                heard = rng.choice(list(Heard))
                record_heard(session, world.database.vault, person.debtor_id, Report(kind=heard, source="t", at=now))
            else:
                session.execute(rng.choice(changes(person, rng)))
    with world.database.session() as session:
        attempts = session.scalars(select(Attempt)).all()
        assert len(attempts) == asked > 10
        for attempt in attempts:
            sealed = sealed_question(session, world.database.vault, attempt)
            rebuilt = question_as_of(
                session,
                world.database.vault,
                attempt,
                valid_at=attempt.intended_at,
                known=known_then(session, attempt),
            )
            assert with_sealed(rebuilt, sealed).document() == sealed.document()
