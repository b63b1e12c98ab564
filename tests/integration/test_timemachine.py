"""The time machine against a real database: same answer or an alarm, drafts, hindsight, and looking ahead."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from typer.testing import CliRunner, Result

import policy
from outreach.cases.heard import Heard, Report, record_heard
from outreach.db.tables import Attempt, Base, CollectionCase, ContactPoint, Creditor, Debtor, LedgerEntry
from outreach.dialer.gate import Refusal
from outreach.dialer.progress import Ending
from outreach.ledger.entry import parse_body
from outreach.telephony.clearance import Clearance
from outreach.timemachine import cli
from outreach.timemachine.preflight import Plan, preflight
from outreach.timemachine.reading import Span
from outreach.timemachine.replay import Outcome, Summary, Wish, record_alarms, replay
from policy.schema import load_rulebook
from tests.histories import live
from tests.world import MORNING, NIGHT, ORIGIN, World, rulebook

EVER = Span(since=MORNING - timedelta(days=365))
RULES = Path(policy.__file__).parent / "rulebook"
Run = Callable[..., Result]


def replayed(world: World, **wish: Any) -> list[Outcome]:
    return list(replay(world.database, Wish(**{"span": EVER, **wish})))


def codes(outcomes: list[Outcome]) -> set[str]:
    return {alarm.code for outcome in outcomes for alarm in outcome.alarms}


def past_the_guards(world: World, statement: str, **values: Any) -> None:
    """What somebody with the keys to the server can do, whatever the triggers say."""
    with world.database.session() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values)


def finish(world: World, clearance: Clearance, outcome: str, sid: str) -> UUID:
    attempt = UUID(clearance.attempt_id)
    with world.database.session() as session:
        world.progress.placed(session, attempt, sid, clearance.issued_at)
        world.progress.ended(session, attempt, Ending(outcome=outcome), clearance.issued_at)
    return attempt


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The packaged law of the tests' people with one change: two calls a day instead of three."""
    folder = tmp_path / "two-calls-a-day"
    shutil.copytree(RULES / "cn", folder / "cn")
    rules = folder / "cn" / "call_frequency.yaml"
    found = rules.read_text("utf-8")
    assert found.count("limit: 3") >= 1
    rules.write_text(found.replace("limit: 3", "limit: 2", 1), "utf-8")
    return folder


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command lines against the world's own database, at the hour of the tests."""
    url = world.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("FAIRLINE_DATABASE_URL", url)
    monkeypatch.setenv("FAIRLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("FAIRLINE_LEDGER_ORIGIN", ORIGIN)
    monkeypatch.setattr(cli, "open_database", lambda settings: _Open(world))
    monkeypatch.setattr(cli, "SystemClock", lambda **_: _Clock())

    def call(app: Any, *arguments: str) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


class _Clock:
    def now(self) -> datetime:
        return NIGHT


class _Open:
    def __init__(self, world: World) -> None:
        self.database = world.database

    def __enter__(self) -> Any:
        return self.database

    def __exit__(self, *_: object) -> None:
        return None


# -- as of then ---------------------------------------------------------------------------------------------------


def test_a_random_history_gives_the_same_answers_again(world: World) -> None:
    people = [world.person(), world.person(region="US-CA", timezones=["America/Los_Angeles"])]
    live(world, people, random.Random(7), 40)
    before = _contents(world)
    outcomes = replayed(world)
    assert {outcome.status for outcome in outcomes} == {"same"}
    assert len(outcomes) > 8
    assert _contents(world) == before
    assert record_alarms(world.database, outcomes, NIGHT) == 0


def test_nights_when_clocks_change_are_decided_again_alike(world: World) -> None:
    """The first Sunday of November 2026 in New York: one o'clock twice."""
    zone = ZoneInfo("America/New_York")
    person = world.person(region="US-NY", timezones=["America/New_York"])
    with world.database.session() as session:
        session.execute(update(Creditor).values(jurisdiction="US"))
    for hour in (0, 1, 7, 8):
        for fold in (0, 1):
            world.gate.request(person.voice(), datetime(2026, 11, 1, hour, 30, tzinfo=zone, fold=fold))
    for spring in (datetime(2026, 3, 8, 1, 59, 59, tzinfo=zone), datetime(2026, 3, 8, 3, 0, tzinfo=zone)):
        world.gate.request(person.voice(), spring)
    outcomes = replayed(world)
    assert {outcome.status for outcome in outcomes} == {"same"}
    assert len(outcomes) == 10


TAMPERING: dict[str, tuple[str, set[str]]] = {
    "the answer": (
        "UPDATE attempt SET ruling = jsonb_set(ruling, '{answer}', '\"permit\"') WHERE id = :refused",
        {"replay.row_changed", "replay.ruling_changed"},
    ),
    "a message in the ruling": (
        "UPDATE attempt SET ruling = jsonb_set(ruling, '{reasons,0,message}', '\"\"') WHERE id = :refused",
        {"replay.ruling_changed"},
    ),
    "the ruling itself": (
        "UPDATE attempt SET ruling = NULL WHERE id = :refused",
        {"replay.row_changed", "replay.ruling_changed"},
    ),
    "the purpose": ("UPDATE attempt SET purpose = 'reminder' WHERE id = :refused", {"replay.row_changed"}),
    "the party": ("UPDATE attempt SET party = 'spouse' WHERE id = :refused", {"replay.row_changed"}),
    "the rulebook": ("UPDATE attempt SET rulebook_digest = 'sha256:0' WHERE id = :refused", {"replay.row_changed"}),
    "the commitment": ("UPDATE attempt SET facts_digest = '00' WHERE id = :refused", {"replay.row_changed"}),
    "the hour": (
        "UPDATE attempt SET intended_at = intended_at - interval '1 hour' WHERE id = :refused",
        {"replay.row_changed"},
    ),
    "the year": (
        "UPDATE attempt SET intended_at = intended_at - interval '2 years' WHERE id = :refused",
        {"replay.row_changed"},
    ),
    "the facts, by those of another ruling": (
        "UPDATE attempt SET facts_enc = (SELECT facts_enc FROM attempt WHERE id = :other) WHERE id = :refused",
        {"replay.facts_changed"},
    ),
    "the facts, by noise": ("UPDATE attempt SET facts_enc = '\\x00' WHERE id = :refused", {"replay.facts_unreadable"}),
    "that it was ever decided": (
        "UPDATE attempt SET ruling = NULL, rulebook_digest = NULL, facts_enc = NULL WHERE id = :refused",
        {"replay.row_changed", "replay.ruling_changed", "replay.facts_unreadable"},
    ),
    "the row": ("DELETE FROM attempt WHERE id = :refused", {"replay.attempt_missing"}),
    "the log": (
        "DELETE FROM ledger_entry WHERE position(CAST(:name AS bytea) IN body) > 0",
        {"replay.no_entry"},
    ),
    "the archive": (
        "UPDATE rulebook_version SET files = jsonb_set(files, '{cn/pack.yaml}', '\"topic: x\"')",
        {"replay.rulebook_changed"},
    ),
    "a limit in the archive": (
        "UPDATE rulebook_version SET files = replace(CAST(files AS text), 'limit: 3', 'limit: 9')::jsonb",
        {"replay.rulebook_changed"},
    ),
    "the archive, wholly": ("DELETE FROM rulebook_version", {"replay.rulebook_missing"}),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_whatever_is_edited_raises_an_alarm(world: World, what: str) -> None:
    person = world.person()
    other = UUID(world.refused(person, NIGHT - timedelta(days=1)).attempt_id)
    refused = UUID(world.refused(person, NIGHT).attempt_id)
    assert codes(replayed(world)) == set()
    statement, expected = TAMPERING[what]
    known = {"refused": refused, "other": other, "name": str(refused).encode()}
    past_the_guards(world, statement, **{name: value for name, value in known.items() if f":{name}" in statement})
    outcomes = replayed(world)
    assert codes(outcomes) == expected
    alarmed = {outcome.attempt for outcome in outcomes if outcome.status == "alarm"}
    assert str(refused) in alarmed
    assert str(other) not in alarmed or "archive" in what
    assert record_alarms(world.database, outcomes, NIGHT) >= 1
    with world.database.session() as session:
        bodies = session.scalars(select(LedgerEntry.body).where(LedgerEntry.kind == "replay.alarm")).all()
    written = [parse_body(body, "entry").data for body in bodies]
    assert {entry["alarm"] for entry in written} == expected
    assert {entry["attempt"] for entry in written} == alarmed


def test_erased_people_are_no_alarm(world: World) -> None:
    person, erased = world.person(), world.person()
    world.refused(person, NIGHT)
    world.refused(erased, NIGHT)
    with world.database.session() as session:
        session.execute(update(Debtor).where(Debtor.id == erased.debtor_id).values(data_key=None))
    world.refused(erased, NIGHT + timedelta(hours=1))
    assert [outcome.status for outcome in replayed(world)].count("erased") == 2
    assert codes(replayed(world)) == set()
    past_the_guards(world, "UPDATE attempt SET purpose = 'reminder' WHERE debtor_id = :id", id=erased.debtor_id)
    assert codes(replayed(world)) == {"replay.row_changed"}, "what needs no key is still compared"


def test_contacts_from_a_creditors_file_were_not_decided_here(world: World) -> None:
    person = world.person()
    fields = {"case_id": person.case_id, "debtor_id": person.debtor_id, "debt_id": person.debt_id}
    with world.database.session() as session:
        session.add(
            Attempt(
                **fields,
                contact_point_id=person.point_id,
                channel="voice",
                purpose="collection",
                state="ended",
                outcome="no_answer",
                intended_at=MORNING,
            )
        )
    assert [outcome.status for outcome in replayed(world)] == ["not_decided"]


def test_decisions_older_than_the_archive_are_told_apart(world: World, draft: Path) -> None:
    world.refused(world.person(), NIGHT)
    past_the_guards(world, "UPDATE fact_version SET source = 'migration'; DELETE FROM rulebook_version")
    assert [outcome.status for outcome in replayed(world)] == ["before_archive"]
    assert [outcome.status for outcome in replayed(world, draft=load_rulebook(draft))] == ["same"]
    assert [outcome.status for outcome in replayed(world, draft=rulebook(), hindsight=True)] == ["same"]


def test_questions_sealed_without_the_houses_facts_keep_its_recorded_objections(world: World) -> None:
    """As the first version of this program recorded them: a case on hold is in the ruling, not in the facts."""
    person = world.person()
    with world.database.session() as session:
        session.execute(update(CollectionCase).values(state="on_hold"))
    attempt_id = UUID(world.refused(person, NIGHT).attempt_id)
    from outreach.timemachine.check import decide_again, differences, question_of
    from outreach.timemachine.reading import LogOfDecisions, recorded

    with world.database.session() as session:
        attempt = session.get_one(Attempt, attempt_id)
        entry = LogOfDecisions(session, EVER).take([attempt])[str(attempt_id)]
        record = recorded(session, world.database.vault, attempt, entry)
    question = question_of(record)
    assert question is not None
    assert question.house is not None
    older = type(question).from_json({"packs": list(question.packs), "scenario": question.scenario})
    assert older.house is None
    assert differences(record, decide_again(record, older, rulebook())) == []


# -- under another rulebook -----------------------------------------------------------------------------------------


def test_a_draft_lists_every_attempt_that_would_change(world: World, draft: Path, run: Run) -> None:
    person, calm = world.person(), world.person()
    made = [
        finish(world, world.cleared(person, MORNING + timedelta(hours=hour)), "no_answer", f"CA{hour}")
        for hour in range(3)
    ]
    world.refused(calm, NIGHT)
    told = run(cli.policy_app, "replay", "--since", "2026-11-23", "--draft", str(draft), "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    *lines, last = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["attempt"] for line in lines] == [str(made[2])]
    (line,) = lines
    assert (line["status"], line["known"], line["case"]) == ("changed", "then", person.case_id)
    assert (line["before"]["decision"], line["after"]["decision"]) == ("permit", "deny")
    assert line["after"]["next_permitted_at"] == "2026-11-24T00:00:00Z"
    (reason,) = line["rules_added"]
    assert reason["rule"] == "cn-daily-call-cap"
    assert reason["citation"]
    assert "2" in reason["message"]
    assert line["rules_removed"] == []
    assert last["summary"]["attempts"] == 4
    assert (last["summary"]["same"], last["summary"]["changed"]) == (3, 1)
    assert last["summary"]["rules"] == {"cn-daily-call-cap": {"would_deny_more": 1, "would_deny_fewer": 0}}
    for lang, words in (("en", "would deny 1 more"), ("zh", "cn-daily-call-cap")):
        arguments = ("replay", "--since", "2026-11-23T00:00:00+08:00", "--draft", str(draft), "--lang", lang)
        shown = run(cli.policy_app, *arguments)
        assert shown.exit_code == 0
        assert words in shown.stdout


def test_a_milder_draft_names_the_rules_that_would_no_longer_deny(world: World, draft: Path) -> None:
    hours = draft / "cn" / "contact_hours.yaml"
    hours.write_text(hours.read_text("utf-8").replace('"21:00"', '"23:00"'), "utf-8")
    world.refused(world.person(), NIGHT)
    (outcome,) = replayed(world, draft=load_rulebook(draft))
    assert outcome.status == "changed"
    assert [reason["rule"] for reason in outcome.removed] == ["cn-quiet-hours"]
    assert outcome.added == ()
    counts = Summary()
    counts.add(outcome)
    assert counts.to_json()["rules"]["cn-quiet-hours"] == {"would_deny_more": 0, "would_deny_fewer": 1}


def test_alarms_come_before_drafts_and_fail_the_command(world: World, draft: Path, run: Run) -> None:
    refused = world.refused(world.person(), NIGHT).attempt_id
    past_the_guards(world, "UPDATE attempt SET party = 'spouse'")
    told = run(cli.policy_app, "replay", "--since", "2026-11-23", "--draft", str(draft), "--json")
    assert told.exit_code == 1
    line, last = [json.loads(line) for line in told.stdout.splitlines()]
    assert (line["attempt"], line["status"]) == (refused, "alarm")
    assert line["alarms"] == [
        {"code": "replay.row_changed", "message": line["alarms"][0]["message"], "what": ["party"]}
    ]
    assert last["summary"]["alarm"] == 1
    shown = run(cli.policy_app, "replay", "--since", "2026-11-23", "--lang", "zh")
    assert shown.exit_code == 1
    assert "警报" in shown.stdout
    with world.database.session() as session:
        assert len(session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "replay.alarm")).all()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--since", "yesterday"), "input.usage", "--since: found 'yesterday'"),
        (("--since", "2026-11-23T10:00:00"), "input.usage", "expected a day"),
        (("--since", "2026-11-23", "--until", "2026-02-30"), "input.usage", "--until"),
        (("--since", "2026-11-23", "--until", "2026-11-22"), "input.usage", "later than --until"),
        (("--since", "2026-11-23", "--known", "later"), "input.usage", "then, now"),
        (("--since", "2026-11-23", "--lang", "fr"), "input.usage", "en, zh"),
        (("--since", "2026-11-23", "--draft", "nowhere"), "rulebook.empty", "nowhere"),
    ],
)
def test_bad_input_is_one_clear_line(run: Run, arguments: tuple[str, ...], code: str, words: str) -> None:
    told = run(cli.policy_app, "replay", *arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(f"error {code}: ")
    assert words in told.stderr


def test_a_broken_draft_is_refused_with_its_file_and_line(run: Run, draft: Path) -> None:
    rules = draft / "cn" / "call_frequency.yaml"
    rules.write_text(rules.read_text("utf-8").replace("limit: 2", "limit: many", 1), "utf-8")
    number = next(n for n, line in enumerate(rules.read_text("utf-8").splitlines(), 1) if "limit: many" in line)
    for command in (("replay", "--since", "2026-11-23"), ("preflight",)):
        app = cli.policy_app if command[0] == "replay" else cli.campaign_app
        told = run(app, *command, "--draft", str(draft))
        assert (told.exit_code, told.stdout) == (2, "")
        assert f"cn/call_frequency.yaml:{number}:" in told.stderr


# -- with hindsight -------------------------------------------------------------------------------------------------


def test_what_became_known_later_is_asked_only_with_hindsight(world: World, run: Run) -> None:
    patient, visitor, minor = world.person(), world.person(), world.person()
    for number, person in enumerate((patient, visitor, minor)):
        finish(world, world.cleared(person), "conversation", f"CA{number}")
    evening = MORNING + timedelta(hours=8)
    with world.database.session() as session:
        vault = world.database.vault
        since = Report(kind=Heard.HOSPITALISED, source="speech:x", at=evening, since=MORNING - timedelta(days=2))
        record_heard(session, vault, patient.debtor_id, since)
        record_heard(session, vault, visitor.debtor_id, Report(kind=Heard.HOSPITALISED, source="speech:x", at=evening))
        child = session.get_one(Debtor, minor.debtor_id)
        child.birth_date_enc = vault.seal(child, "birth_date", "2010-01-01")
    assert {outcome.status for outcome in replayed(world)} == {"same"}
    told = run(cli.policy_app, "replay", "--since", "2026-11-23", "--known", "now", "--json")
    assert told.exit_code == 0
    *lines, last = [json.loads(line) for line in told.stdout.splitlines()]
    found = {line["case"]: line["after"]["rules"] for line in lines}
    assert found == {patient.case_id: ["cn-no-patients"], minor.case_id: ["cn-no-minors"]}
    assert {line["known"] for line in lines} == {"now"} == {last["summary"]["known"]}
    shown = run(cli.policy_app, "replay", "--since", "2026-11-23", "--known", "now")
    assert "hindsight" in shown.stdout


# -- before dialling ------------------------------------------------------------------------------------------------


def _contents(world: World) -> dict[str, Any]:
    """Every row of every table, and how far every counter has got."""
    with world.database.session() as session:
        found: dict[str, Any] = {
            name: session.scalar(
                text(f'SELECT md5(string_agg(CAST(t AS text), chr(10) ORDER BY CAST(t AS text))) FROM "{name}" t')  # noqa: S608
            )
            for name in Base.metadata.tables
        }
        found["sequences"] = session.execute(text("SELECT sequencename, last_value FROM pg_sequences")).all()
    return {name: sorted(map(tuple, value)) if name == "sequences" else value for name, value in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_preflight_says_what_the_gate_then_says(world: World, seed: int) -> None:
    rng = random.Random(100 + seed)
    people = [world.person() for _ in range(6)]
    now = live(world, people, rng, 40) + timedelta(minutes=rng.choice([0, 1, 3]))
    with world.database.session() as session:
        for person in people[::2]:
            session.execute(update(ContactPoint).where(ContactPoint.id == person.point_id).values(state="active"))
        session.execute(update(CollectionCase).where(CollectionCase.id == people[0].case_id).values(state="open"))
    before = _contents(world)
    purpose = rng.choice(["collection", "reminder"])
    found = list(preflight(world.database, rulebook(), Plan(at=now, purpose=purpose)))
    assert _contents(world) == before
    assert {forecast.case_id for forecast in found} == {person.case_id for person in people}
    asked = 0
    for person in people:
        (forecast,) = (item for item in found if item.case_id == person.case_id)
        if forecast.point is None:
            assert forecast.rules == ("no-usable-address",)
            continue
        asked += 1
        answer = world.gate.request(person.voice(purpose=purpose), now)
        if isinstance(answer, Refusal):
            assert (forecast.decision, forecast.rules) == (answer.decision, answer.rules)
            assert forecast.next_permitted_at == answer.next_permitted_at
            assert [dict(reason) for reason in forecast.reasons] == answer.ruling["reasons"]
        else:
            assert forecast.decision == "permit"
    assert asked >= 3


def test_permits_that_were_never_used_are_foreseen_as_given_back(world: World) -> None:
    person = world.person()
    for number in range(2):
        finish(world, world.cleared(person, MORNING + timedelta(minutes=number)), "no_answer", f"CA{number}")
    start = MORNING + timedelta(hours=1)
    world.cleared(person, start)

    def foreseen(at: datetime) -> tuple[str, ...]:
        (forecast,) = preflight(world.database, rulebook(), Plan(at=at))
        return forecast.rules

    assert "house-in-flight" in foreseen(start + timedelta(seconds=10))
    assert foreseen(start + timedelta(seconds=31)) == ()
    world.cleared(person, start + timedelta(seconds=31))


def test_a_book_that_does_not_agree_is_foreseen(world: World) -> None:
    person = world.person()
    finish(world, world.cleared(person), "no_answer", "CA1")
    past_the_guards(world, "UPDATE budget SET charged = charged + 5")
    (forecast,) = preflight(world.database, rulebook(), Plan(at=MORNING + timedelta(hours=1)))
    refusal = world.refused(person, MORNING + timedelta(hours=1))
    assert forecast.rules == refusal.rules
    assert "house-budget-mismatch" in forecast.rules


def test_preflight_for_people_and_for_machines(world: World, draft: Path, run: Run) -> None:
    people = [world.person(), world.person(flags=["hospitalised"]), world.person(), world.person()]
    for hour in range(2):
        finish(world, world.cleared(people[2], MORNING + timedelta(hours=hour)), "no_answer", f"CA{hour}")
    with world.database.session() as session:
        session.execute(update(ContactPoint).where(ContactPoint.id == people[3].point_id).values(state="wrong"))
        settled = session.get_one(CollectionCase, world.person().case_id)
        settled.state = "settled"
    later = "2026-11-23T22:59:00+08:00"
    told = run(cli.campaign_app, "preflight", "--at", later, "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    *lines, last = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["decision"] for line in lines] == ["deny"] * 4
    assert lines[0]["next_permitted_at"] == "2026-11-24T00:00:00Z"
    assert last["summary"]["cases"] == 4, "the settled case is not planned for"
    counts = {rule["rule"]: rule["addresses"] for rule in last["summary"]["rules"]}
    assert counts["cn-quiet-hours"] == 3
    assert (counts["cn-no-patients"], counts["no-usable-address"]) == (1, 1)
    assert all(rule["citation"] for rule in last["summary"]["rules"])
    next_day = ("--at", "2026-11-24T10:00:00+08:00")
    shown = run(cli.campaign_app, "preflight", *next_day, "--lang", "zh")
    assert "4 cases: 2 reachable, 2 skipped" in shown.stdout
    one = run(cli.campaign_app, "preflight", *next_day, "--case", str(people[0].case_id), "--json", "--channel", "sms")
    assert json.loads(one.stdout.splitlines()[0])["case"] == people[0].case_id
    assert len(one.stdout.splitlines()) == 2


def test_preflight_under_a_draft(world: World, draft: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    person = world.person()
    for number in range(2):
        finish(world, world.cleared(person, MORNING + timedelta(minutes=number)), "no_answer", f"CA{number}")
    monkeypatch.setattr(_Clock, "now", lambda _: MORNING + timedelta(hours=1))
    last = json.loads(run(cli.campaign_app, "preflight", "--json", "--draft", str(draft)).stdout.splitlines()[-1])
    told = {name: last["summary"][name] for name in ("channel", "purpose", "voice", "draft")}
    assert told == {"channel": "voice", "purpose": "collection", "voice": "human", "draft": str(draft)}
    plain = json.loads(run(cli.campaign_app, "preflight", "--json").stdout.splitlines()[0])
    drafted = json.loads(run(cli.campaign_app, "preflight", "--json", "--draft", str(draft)).stdout.splitlines()[0])
    assert (plain["decision"], plain["rules"]) == ("permit", [])
    assert (drafted["decision"], drafted["rules"]) == ("deny", ["cn-daily-call-cap"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--at", "2026-11-23T00:00:00Z"), "input.usage"),
        (("--at", "2026-11-30"), "input.usage"),
        (("--at", "2026-11-30T09:00+08:00"), "input.usage"),
        (("--at", "2026-11-30T09:00:00"), "input.usage"),
        (("--case", "999"), "input.unknown_case"),
        (("--case", "1", "--all"), "input.usage"),
        (("--channel", "email"), "input.usage"),
        (("--purpose", "threat"), "input.usage"),
        (("--case", "1"), "input.case_finished"),
    ],
)
def test_preflight_refuses_what_it_cannot_answer(world: World, run: Run, arguments: tuple[str, ...], code: str) -> None:
    world.person()
    with world.database.session() as session:
        session.execute(update(CollectionCase).values(state="closed"))
    told = run(cli.campaign_app, "preflight", *arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(f"error {code}: ")


def test_what_was_asked_stands_above_the_answer(world: World, draft: Path, run: Run) -> None:
    world.person()
    shown = run(cli.campaign_app, "preflight", "--at", "2026-11-24T23:00:00+08:00", "--purpose", "reminder").stdout
    assert shown.startswith(
        "at 2026-11-24T23:00:00+08:00; channel voice, purpose reminder, voice human; rulebook sha256"
    )
    assert "+08:00" in shown.split("\n", 1)[1], "an opening stands in the person's own time"
    period = ("--since", "2026-01-01", "--until", "2026-01-02", "--draft", str(draft))
    head, none = run(cli.policy_app, "replay", *period).stdout.splitlines()
    assert head.startswith("attempts from 2026-01-01T00:00:00+00:00 until 2026-01-02T00:00:00+00:00; under draft ")
    assert str(draft) in head
    assert none == "0 attempts: none " + head.removeprefix("attempts ")


def test_a_country_without_a_pack_and_a_hold_say_why_nothing_opens(world: World, run: Run) -> None:
    world.person(region="FR-75", timezones=["Europe/Paris"])
    world.person(flags=["hospitalised"])
    shown = run(cli.campaign_app, "preflight", "--at", "2026-11-24T10:00:00+08:00").stdout
    words = " ".join(shown.replace("│", " ").split())
    assert "none-fr-cannot-tell" in words
    assert "FR; loaded:" in words
    assert "cannot tell" in words
    assert "not by waiting" in words
