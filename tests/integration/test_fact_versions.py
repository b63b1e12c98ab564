"""Versions of facts: nothing changes without leaving one, none is ever changed, and the past reads back exactly."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import create_engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from nlp.analysis import Analysis
from outreach.cases.heard import Heard, Report, record_heard
from outreach.cases.importer import import_file
from outreach.db.database import upgrade_schema
from outreach.db.history import MIGRATION, UNTOLD
from outreach.db.migrations.config import alembic_config
from outreach.db.tables import (
    Attempt,
    Base,
    CollectionCase,
    ContactPoint,
    Debtor,
    FactVersion,
    RulebookVersion,
)
from outreach.db.vault import VaultError
from outreach.db.versions import TRACKED, UNTRACKED
from outreach.dialer.gate import Gate
from outreach.dialer.progress import Ending
from outreach.dialer.rulebooks import keep, open_kept
from outreach.errors import EvidenceError, InputError
from outreach.telephony.events import InboundMessage, OptWord
from outreach.timemachine.asof import NOW, Known, known_then, question_as_of, with_sealed
from outreach.timemachine.sealed import sealed_question
from outreach.worker.facts import reply_received
from policy.book import Rulebook
from tests.histories import change, live, statements
from tests.integration.test_commands import GOOD, portfolio
from tests.world import MORNING, NIGHT, Person, World, rulebook


def versions(world: World, of: str) -> list[FactVersion]:
    with world.database.session() as session:
        return list(session.scalars(select(FactVersion).where(FactVersion.of == of).order_by(FactVersion.id)))


def reads_back(world: World) -> int:
    """Every recorded question, rebuilt for its moment, has its bytes; answers how many there were."""
    with world.database.session() as session:
        vault = world.database.vault
        attempts = session.scalars(select(Attempt)).all()
        for attempt in attempts:
            sealed, known = sealed_question(session, vault, attempt), known_then(session, attempt)
            rebuilt = question_as_of(session, vault, attempt, valid_at=attempt.intended_at, known=known)
            assert with_sealed(rebuilt, sealed).document() == sealed.document()
        return len(attempts)


@pytest.mark.parametrize("seed", range(3))
def test_a_question_rebuilt_for_its_moment_has_the_bytes_that_were_sealed(world: World, seed: int) -> None:
    people = [world.person(), world.person(region=None)]
    with world.database.session() as session:  # two people under one creditor: its facts are both people's
        shared = session.get_one(CollectionCase, people[0].case_id).creditor_id
        session.execute(update(CollectionCase).values(creditor_id=shared))
    live(world, people, random.Random(seed), 50)
    assert reads_back(world) > 8


def test_it_does_so_when_facts_change_while_the_gate_decides(world: World) -> None:
    people = [world.person(), world.person()]
    with world.database.session() as session:
        shared = session.get_one(CollectionCase, people[0].case_id).creditor_id
        session.execute(update(CollectionCase).values(creditor_id=shared))
    done = threading.Event()

    def disturb(seed: int) -> None:
        rng = random.Random(seed)
        while not done.is_set():
            change(world, rng.choice(people), rng, MORNING)

    writers = [threading.Thread(target=disturb, args=(seed,)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(12):
            world.gate.request(people[number % 2].voice(), MORNING + timedelta(minutes=number))
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert reads_back(world) == 12


def test_every_column_is_either_tracked_or_knowingly_not() -> None:
    for table, tracked in TRACKED.items():
        columns = set(Base.metadata.tables[table].columns.keys())
        assert {*tracked.columns, *UNTRACKED[table]} == columns, f"put the new column of {table} on one of the lists"
        assert not set(tracked.columns) & set(UNTRACKED[table])
        assert tracked.began is None or tracked.began in columns
    assert set(TRACKED) == set(UNTRACKED)


def test_a_change_of_any_tracked_column_by_any_road_leaves_its_version(world: World) -> None:
    person, rng = world.person(), random.Random(0)
    world.cleared(person)
    for statement in statements(person, rng) + statements(person, rng):
        with world.database.session() as session:
            session.execute(statement)
    other = {"text": "'x'", "bigint": "NULL", "timestamp with time zone": "now()", "ARRAY": "'{x}'", "boolean": "true"}
    for table, tracked in TRACKED.items():
        for column in tracked.columns:
            kind = text("SELECT data_type FROM information_schema.columns WHERE table_name = :t AND column_name = :c")
            with world.database.session() as session:
                session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
                data_type = session.scalar(kind, {"t": table, "c": column})
                value = {**other, "bytea": "'\\x01'", "jsonb": "'{\"a\": 1}'"}[str(data_type)]
                for constraint in session.scalars(
                    text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass) AND contype = 'c'"),
                    {"t": table},
                ).all():
                    session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
                session.execute(text(f'ALTER TABLE {table} ALTER "{column}" DROP NOT NULL'))
                before = session.scalar(select(func.max(FactVersion.id)))
                for set_to in (value, "NULL"):
                    session.execute(text(f'UPDATE {table} SET "{column}" = {set_to}'))  # noqa: S608 - our own names
                found = session.execute(select(FactVersion.of, FactVersion.value).where(FactVersion.id > before)).all()
                session.rollback()
            changed = {name.removesuffix("_added").removesuffix("_removed") for _, value in found for name in value}
            assert changed == {column}, (table, column)
            assert {of for of, _ in found} == {table}


def test_versions_cannot_be_changed_and_rows_cannot_vanish_unseen(world: World) -> None:
    person, other = world.person(), world.person()
    for statement in (
        "UPDATE fact_version SET value = '{\"flags\": []}'",
        "UPDATE fact_version SET value = '{}'",
        "DELETE FROM fact_version",
        "TRUNCATE fact_version",
        "TRUNCATE preference",
        "UPDATE contact_point SET debtor_id = :other WHERE debtor_id = :person",
        "UPDATE debt SET id = 900 WHERE debtor_id = :person",
    ):
        with pytest.raises(DBAPIError), world.database.session() as session:
            session.execute(text(statement), {"person": person.debtor_id, "other": other.debtor_id})


def test_a_row_taken_away_is_told_too(world: World) -> None:
    person = world.person()
    with world.database.session() as session:
        session.execute(delete(ContactPoint).where(ContactPoint.id == person.point_id))
    assert [version.op for version in versions(world, "contact_point")] == ["insert", "delete"]


def test_our_own_writers_speak_for_every_change(world: World, tmp_path: Path) -> None:
    import_file(world.database, Path(portfolio(tmp_path, GOOD)), MORNING)
    with world.database.session() as session:
        assert set(session.scalars(select(FactVersion.source))) == {"portfolio file"}
        case = session.scalars(select(CollectionCase)).one()
        debtor = session.get_one(Debtor, case.debtor_id)
        point = debtor.contact_points[0]
        phone = world.database.vault.open(debtor, "address", point.address_enc)
        person = Person(debtor.id, case.id, case.debt_id, point.id, phone)
        newest = session.scalar(select(func.max(FactVersion.id))) or 0
    attempt = UUID(world.cleared(person, MORNING + timedelta(hours=1)).attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, attempt, "CA1", NIGHT)
        world.progress.answered(session, attempt, "CA1", NIGHT)
        world.progress.ended(session, attempt, Ending(outcome="conversation"), NIGHT)
    with world.database.session() as session:
        report = Report(kind=Heard.HOSPITALISED, source="speech:x", at=NIGHT, since=MORNING)
        record_heard(session, world.database.vault, person.debtor_id, report)
    event = InboundMessage(message_sid="SM1", from_=phone, to="+86", body="TD", opt_word=OptWord.STOP)
    understood = Analysis(lang="zh")
    with world.database.session() as session:
        reply_received(session, world.database, event, understood, NIGHT + timedelta(hours=1))
    with world.database.session() as session:
        told = session.scalars(select(FactVersion).where(FactVersion.id > newest).order_by(FactVersion.id)).all()
    assert UNTOLD not in {version.source for version in told}
    assert {"gate", "attempt placed", "attempt answered", "attempt ended", "speech:x", "message received"} <= {
        version.source for version in told
    }
    hospital = next(version for version in told if version.value.get("flags_added") == ["hospitalised"])
    assert (hospital.recorded_at, hospital.valid_from) == (NIGHT, MORNING)


def test_a_person_who_is_erased_leaves_no_values_behind(world: World) -> None:
    person, other = world.person(), world.person()
    attempt = UUID(world.refused(person, NIGHT).attempt_id)
    with world.database.session() as session:
        session.execute(update(Debtor).where(Debtor.id == person.debtor_id).values(data_key=None, flags=["ceased"]))
        session.execute(update(Debtor).where(Debtor.id == person.debtor_id).values(region="GB-LND"))
    with world.database.session() as session:
        values = select(FactVersion.value).where(FactVersion.debtor_id == person.debtor_id)
        assert all(value == {} for value in session.scalars(values))
        kept = select(FactVersion.value).where(FactVersion.debtor_id == other.debtor_id)
        assert all(session.scalars(kept))
        found = session.get_one(Attempt, attempt)
        with pytest.raises(VaultError) as caught:
            question_as_of(session, world.database.vault, found, valid_at=NIGHT, known=NOW)
    assert caught.value.code == "vault.erased"


def test_both_axes_of_time(world: World) -> None:
    """In hospital since noon, heard in the evening: at one o'clock it was true and not known."""
    person = world.person()
    noon, evening = MORNING + timedelta(hours=2), MORNING + timedelta(hours=9)
    attempt_id = UUID(world.cleared(person).attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, attempt_id, "CA1", MORNING)
        world.progress.ended(session, attempt_id, Ending(outcome="conversation"), MORNING)
        report = Report(kind=Heard.HOSPITALISED, source="speech:x", at=evening, since=noon)
        record_heard(session, world.database.vault, person.debtor_id, report)

    def flags(valid_at: Any, known: Known) -> list[str]:
        with world.database.session() as session:
            attempt = session.get_one(Attempt, attempt_id)
            asked = question_as_of(session, world.database.vault, attempt, valid_at=valid_at, known=known)
            return list(asked.scenario["debtor"]["flags"])

    one = noon + timedelta(hours=1)
    assert flags(one, Known(until=one)) == []
    assert flags(one, NOW) == ["hospitalised"]
    assert flags(MORNING, NOW) == []
    assert flags(evening, Known(until=evening)) == ["hospitalised"]


def test_hindsight_counts_what_came_of_earlier_contacts(world: World) -> None:
    person = world.person()
    first = UUID(world.cleared(person).attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, first, "CA1", MORNING)
    second = UUID(world.refused(person, MORNING + timedelta(minutes=1)).attempt_id)
    third = UUID(world.refused(person, MORNING + timedelta(minutes=1)).attempt_id)
    with world.database.session() as session:
        world.progress.ended(session, first, Ending(outcome="conversation"), MORNING + timedelta(minutes=2))
    with world.database.session() as session:
        vault = world.database.vault
        for attempt_id in (second, third):
            attempt = session.get_one(Attempt, attempt_id)
            then = question_as_of(
                session, vault, attempt, valid_at=attempt.intended_at, known=known_then(session, attempt)
            )
            now = question_as_of(session, vault, attempt, valid_at=attempt.intended_at, known=NOW)
            assert [item["outcome"] for item in then.scenario["history"]] == ["no_answer"]
            assert [item["outcome"] for item in now.scenario["history"]] == ["conversation"]
        own = question_as_of(session, vault, session.get_one(Attempt, first), valid_at=MORNING, known=NOW)
        assert own.scenario["history"] == []


def test_what_was_there_before_versions_becomes_its_own_first_one(empty_dsn: str, keys: Any, tmp_path: Path) -> None:
    from outreach.db.database import Database

    engine = create_engine(empty_dsn)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    world = World(database=Database(engine, keys), folder=tmp_path)
    person, erased = world.person(flags=["ceased"]), world.person()
    with engine.begin() as connection:
        connection.execute(update(Debtor).where(Debtor.id == erased.debtor_id).values(data_key=None))
        connection.execute(
            text(
                "INSERT INTO attempt (id, case_id, debtor_id, debt_id, contact_point_id, channel, purpose, state, "
                "intended_at) VALUES (gen_random_uuid(), :case, :debtor, :debt, :point, 'voice', 'collection', "
                "'ended', :at)"
            ),
            {
                "case": person.case_id,
                "debtor": person.debtor_id,
                "debt": person.debt_id,
                "point": person.point_id,
                "at": MORNING,
            },
        )
    upgrade_schema(engine)
    with world.database.session() as session:
        found = session.scalars(select(FactVersion)).all()
        assert {version.source for version in found} == {MIGRATION}
        assert {version.of for version in found} == {
            "attempt",
            "creditor",
            "debtor",
            "debt",
            "collection_case",
            "contact_point",
        }
        assert {version.debtor_id for version in found} == {None, person.debtor_id}
        attempt = session.scalars(select(Attempt)).one()
        with pytest.raises(InputError) as caught:
            known_then(session, attempt)
        assert caught.value.code == "input.no_history"
        now = question_as_of(session, world.database.vault, attempt, valid_at=attempt.intended_at, known=NOW)
    assert now.scenario["debtor"]["flags"] == ["ceased"]
    engine.dispose()


def test_rulebooks_are_kept_once_and_read_back(world: World) -> None:
    world.refused(world.person(), NIGHT)
    world.refused(world.person(), NIGHT)
    with world.database.session() as session:
        kept = session.scalars(select(RulebookVersion)).one()
        assert (kept.digest, kept.first_used_at) == (rulebook().digest, NIGHT)
        assert open_kept(session, kept.digest).packs.keys() == rulebook().packs.keys()
        with pytest.raises(EvidenceError) as caught:
            open_kept(session, "sha256:0")
    assert caught.value.code == "evidence.rulebook_missing"
    for statement in ("UPDATE rulebook_version SET digest = 'x'", "DELETE FROM rulebook_version"):
        with pytest.raises(DBAPIError), world.database.session() as session:
            session.execute(text(statement))


Edit = Callable[[dict[str, str]], dict[str, str]]


@pytest.mark.parametrize(
    "edit",
    [
        lambda files: {},
        lambda files: {name: text.replace("limit: 3", "limit: 4") for name, text in files.items()},
        lambda files: {**files, "cn/pack.yaml": "pack: ["},
    ],
)
def test_nothing_is_decided_under_a_rulebook_that_cannot_be_kept(world: World, edit: Edit) -> None:
    book = rulebook()
    forged = Rulebook(packs=book.packs, digest=book.digest, files=edit(dict(book.files)))
    person = world.person()
    with pytest.raises(EvidenceError) as caught:
        Gate(world.database, forged).request(person.voice(), MORNING)
    assert caught.value.code == "evidence.rulebook_unkept"
    with world.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0
        keep(session, book, MORNING)
