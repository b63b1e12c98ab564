"""Random histories of facts against a real database: every kind of change that a question may see."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, delete, insert, select, update

from outreach.cases.heard import Heard, Report, record_heard
from outreach.db.history import tell
from outreach.db.tables import CollectionCase, Consent, ContactPoint, Creditor, Debt, Debtor, Message, Preference
from outreach.dialer.gate import Refusal
from outreach.dialer.progress import Ending
from tests.world import MORNING, Person, World

WINDOW = {"days": ["mon", "tue"], "start": "09:00", "end": "10:30"}
ZONES = [["Asia/Shanghai"], ["Asia/Shanghai", "Asia/Urumqi"], ["America/New_York"], ["Europe/London"], []]
FLAGS = ["hospitalised", "ceased", "represented", "minor", "bereavement"]


def statements(person: Person, rng: random.Random) -> list[Executable]:
    """Changes as any program might make them, past every function of ours."""
    mine = {"debtor_id": person.debtor_id}
    point = update(ContactPoint).where(ContactPoint.id == person.point_id)
    debtor = update(Debtor).where(Debtor.id == person.debtor_id)
    debt = update(Debt).where(Debt.id == person.debt_id)
    case = update(CollectionCase).where(CollectionCase.id == person.case_id)
    creditor = update(Creditor).where(
        Creditor.id == select(CollectionCase.creditor_id).where(CollectionCase.id == person.case_id).scalar_subquery()
    )
    wish = {"source": "portal", "stated_at": MORNING - timedelta(days=rng.randint(0, 5)), **mine}
    consent = {"given_to": "collector", "given_at": MORNING, "source": "portal", **mine}
    message = {"sid": f"SM{rng.random()}", "status": "received", "at": MORNING, **mine}
    return [
        debtor.values(flags=rng.sample(FLAGS, rng.randint(0, 2))),
        debtor.values(timezones=rng.choice(ZONES)),
        debtor.values(region=rng.choice(["CN", "US-CA", "GB-LND", None])),
        debtor.values(tier=rng.choice(["standard", "plus", "vip"])),
        debt.values(flags=rng.choice([[], ["disputed"], ["breathing_space"]])),
        case.values(state=rng.choice(["open", "promised", "disputed", "on_hold"])),
        case.values(grade=rng.choice(["A", "B", "D", None])),
        point.values(state=rng.choice(["active", "active", "active", "wrong", "refused", "retired"])),
        point.values(place=rng.choice(["personal", "work"])),
        point.values(party=rng.choice(["debtor", "third_party", "spouse"])),
        creditor.values(tier=rng.choice(["basic", "advanced", "premier"])),
        creditor.values(jurisdiction=rng.choice(["CN", "US", "GB"])),
        insert(Preference).values(kind="channel", channel="sms", **wish),
        insert(Preference).values(kind="quiet_window", window=WINDOW, **wish),
        insert(Preference).values(kind="address", contact_point_id=person.point_id, **wish),
        update(Preference).where(Preference.debtor_id == person.debtor_id).values(ended_at=MORNING),
        delete(Preference).where(Preference.debtor_id == person.debtor_id, Preference.kind == "quiet_window"),
        insert(Consent).values(kind="additional_calls", **consent),
        insert(Consent).values(kind="inconvenient_time", window=WINDOW, debt_id=person.debt_id, **consent),
        update(Consent).where(Consent.debtor_id == person.debtor_id).values(valid_until=MORNING + timedelta(days=1)),
        insert(Message).values(direction=rng.choice(["inbound", "outbound"]), **message),
    ]


def change(world: World, person: Person, rng: random.Random, now: datetime) -> None:
    """One change, spoken for by a clock that is right or a day astray, or by nobody."""
    with world.database.session() as session:
        if rng.random() < 0.5:
            tell(session, now + rng.choice([timedelta(0), timedelta(days=1), -timedelta(days=1)]), "a clock astray")
        if rng.random() < 0.2:
            report = Report(kind=rng.choice(list(Heard)), source="test", at=now)
            record_heard(session, world.database.vault, person.debtor_id, report)
        else:
            session.execute(rng.choice(statements(person, rng)))


def ask(world: World, person: Person, rng: random.Random, now: datetime) -> None:
    """Ask the gate, and carry out what it permits as far as is known yet."""
    answer = world.gate.request(person.voice(purpose=rng.choice(["collection", "reminder"])), now)
    if isinstance(answer, Refusal) or rng.random() < 0.2:
        return
    sid, attempt = f"CA{rng.random()}", UUID(answer.attempt_id)
    with world.database.session() as session:
        if rng.random() < 0.2:
            world.progress.failed(session, attempt, now)
            return
        world.progress.placed(session, attempt, sid, now)
        if rng.random() < 0.8:
            outcome = rng.choice(["no_answer", "conversation", "voicemail", "busy"])
            world.progress.ended(session, attempt, Ending(outcome=outcome), now)


def live(world: World, people: list[Person], rng: random.Random, steps: int) -> datetime:
    """Days in which much happens, often at the very same instant; answers the last one."""
    now = MORNING
    waits: list[Any] = [timedelta(0), timedelta(0), timedelta(seconds=40), timedelta(minutes=17)]
    for _ in range(steps):
        now += rng.choice(waits)
        act = ask if rng.random() < 0.4 else change
        act(world, rng.choice(people), rng, now)
    return now
