"""The gate under house rules, contracts and tiers; how an agency's own overlays are loaded, shown and refused."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import update

from outreach.bootstrap import rulebook_of
from outreach.config import Settings
from outreach.db.database import upgrade
from outreach.db.tables import Attempt, CollectionCase, Creditor, Debtor
from outreach.dialer.facts import creditor_names, load_situation, question, read_record
from outreach.dialer.gate import Gate, Refusal
from outreach.dialer.progress import Ending
from outreach.doctor.check import Check
from outreach.doctor.law import contracts, rulebook
from outreach.telephony.clearance import Clearance
from policy.book import Rulebook
from policy.errors import RulebookError
from policy.facts import Grade, Terms
from policy.scenario import parse_scenario
from tests.world import MORNING, Person, World

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "overlays"
SUNDAY = MORNING + timedelta(days=6)


def settings(folder: Path, overlays: Path | None) -> Settings:
    """Settings of a house with its overlays in that folder."""
    return Settings(var_dir=folder, overlays=overlays)


def creditor_of(world: World, person: Person) -> str:
    """How overlays name the creditor of a person's case."""
    with world.database.session() as session:
        return f"C{session.get_one(CollectionCase, person.case_id).creditor_id}"


def contract(folder: Path, creditor: str) -> Path:
    """The example contract, with that creditor."""
    text = (EXAMPLES / "contract.yaml").read_text("utf-8")
    (folder / "contract.yaml").write_text(text.replace("{creditor: C1}", f"{{creditor: {creditor}}}"), "utf-8")
    return folder


def call(world: World, book: Rulebook, person: Person, minutes: int) -> Clearance | Refusal:
    """Asks for a call and, where it is permitted, lets it ring in vain."""
    now = MORNING + timedelta(minutes=minutes)
    answer = Gate(world.database, book).request(person.voice(), now)
    if isinstance(answer, Clearance):
        with world.database.session() as session:
            world.progress.placed(session, UUID(answer.attempt_id), f"CA{person.case_id}-{minutes}", now)
            world.progress.ended(session, UUID(answer.attempt_id), Ending(outcome="no_answer"), now)
    return answer


def test_a_contract_binds_its_creditor_and_nobody_else(world: World, tmp_path: Path) -> None:
    bound, free = world.person(), world.person()
    book = rulebook_of(settings(tmp_path, contract(tmp_path, creditor_of(world, bound))))
    for minutes in (0, 1):
        assert isinstance(call(world, book, bound, minutes), Clearance)
        assert isinstance(call(world, book, free, minutes), Clearance)
    third = call(world, book, bound, 2)
    assert isinstance(third, Refusal)
    assert third.rules == ("c1-two-calls-a-day",)
    assert "agreement with C1" in third.ruling["reasons"][0]["citation"]
    with world.database.session() as session:
        assert session.get_one(Attempt, UUID(third.attempt_id)).rulebook_digest == book.digest
    allowed = call(world, book, free, 2)
    assert isinstance(allowed, Clearance)
    assert "c1-" not in allowed.budget_slot
    assert "house-contact-budget:2026-11-23:3/5" in allowed.budget_slot


def test_a_member_of_the_tier_is_left_alone_on_sundays(world: World) -> None:
    vip, other = world.person(tier="vip"), world.person(tier="plus")
    gate = Gate(world.database, rulebook_of(settings(world.folder, EXAMPLES)))
    refusal = gate.request(vip.voice(), SUNDAY)
    assert isinstance(refusal, Refusal)
    assert refusal.rules == ("vip-no-sundays",)
    assert isinstance(gate.request(other.voice(), SUNDAY), Clearance)


@pytest.mark.parametrize("grade", [None, "A", "D", "unknown"])
def test_the_question_names_creditor_tiers_and_grade(world: World, grade: str | None) -> None:
    """A grade that is no word of the rulebook is left out, because none may stop a contact."""
    person = world.person(tier="plus")
    with world.database.session() as session:
        case = session.get_one(CollectionCase, person.case_id)
        case.grade = grade
        session.execute(update(Creditor).where(Creditor.id == case.creditor_id).values(tier="premier"))
    with world.database.session() as session:
        situation = load_situation(session, person.voice())
        record = read_record(session, person.debtor_id)
        raw = question(world.database.vault, situation, record, person.voice(), MORNING)
    asked = parse_scenario({"id": "cn-1", "pack": "cn", **raw})
    known = grade if grade in {"A", "D"} else None
    creditor = creditor_of(world, person)
    assert asked.terms == Terms(
        creditor=creditor, creditor_tier="premier", debtor_tier="plus", grade=cast(Grade | None, known)
    )


def test_tier_and_grade_change_no_answer_of_the_packaged_rules(world: World) -> None:
    gate = Gate(world.database, rulebook_of(settings(world.folder, None)))
    answers = []
    for tier, grade in (("standard", "D"), ("vip", "A")):
        person = world.person(tier=tier)
        with world.database.session() as session:
            session.get_one(CollectionCase, person.case_id).grade = grade
        answers.append([type(gate.request(person.voice(), now)) for now in (MORNING, SUNDAY, MORNING.replace(hour=14))])
    assert answers[0] == answers[1]
    assert answers[0][-1] is Refusal


def test_a_bad_file_stops_the_start_with_its_place(tmp_path: Path) -> None:
    text = (EXAMPLES / "contract.yaml").read_text("utf-8").replace("limit: 2", "limit: 9")
    (tmp_path / "contract.yaml").write_text(text, "utf-8")
    with pytest.raises(RulebookError) as caught:
        rulebook_of(settings(tmp_path, tmp_path))
    place = f"{tmp_path}/contract.yaml:38: `rules[0].values[0].parameters.limit`"
    assert caught.value.message.startswith(f"{place}: found `limit` 9; expected a clause at least as strict as `cn-")


def test_doctor_shows_overlays_and_contracts_of_nobody(empty_dsn: str, tmp_path: Path) -> None:
    house = Settings(var_dir=tmp_path / "var", database_url=empty_dsn)
    assert contracts(house).found == "no creditor contract among the overlays"
    with upgrade(house, MORNING) as database, database.session() as session:
        session.add(Creditor(name="清风银行", tier="basic", jurisdiction="CN"))
        session.flush()
        assert creditor_names(session) == {"C1": "清风银行"}
    own = replace(house, overlays=contract(tmp_path, "C1"))
    assert "overlays c1-contract (creditor C1), house-budget (everybody); sha256:" in rulebook(own).found
    assert contracts(own) == Check(name="contracts", state="ok", found="C1 清风银行: c1-contract")
    contract(tmp_path, "C7")
    lost = contracts(own)
    assert (lost.state, lost.found) == ("note", "of unknown creditors: c1-contract (creditor C7)")
    assert lost.todo == "name one of the creditors stored: C1 清风银行"
    nowhere = replace(own, database_url=None)
    assert contracts(nowhere).found == "1 for creditors of no database yet"


def test_erasure_leaves_the_lock_and_the_tier_readable(world: World) -> None:
    """Terms are business data: they are read for a person whose own data is gone, who is refused anyway."""
    person = world.person(tier="vip")
    with world.database.session() as session:
        session.get_one(Debtor, person.debtor_id).data_key = None
    refusal = Gate(world.database, rulebook_of(settings(world.folder, EXAMPLES))).request(person.voice(), MORNING)
    assert isinstance(refusal, Refusal)
    assert "house-erased" in refusal.rules
