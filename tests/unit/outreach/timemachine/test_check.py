"""Witnesses of a decision against each other, and its answer against the answer of today."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from outreach.dialer.judgement import HouseFacts, Question, judge
from outreach.ledger.entry import PlacedEntry, commitment, document, instant
from outreach.timemachine.check import Alarm, Recorded, answer_alarm, decide_again, differences, examine, question_of
from outreach.timemachine.replay import Outcome, Summary, told
from outreach.timemachine.texts import ALARMS, STATUS
from policy.book import Rulebook
from policy.schema import load_rulebook

NIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
KEY = b"k" * 32
QUESTION = Question(
    packs=("cn",),
    scenario={
        "debtor": {
            "timezones": ["Asia/Shanghai"],
            "flags": [],
            "preferences": {"no_contact_windows": [], "no_channels": []},
        },
        "history": [],
        "attempt": {
            "at": "2026-11-23T14:00:00Z",
            "channel": "voice",
            "purpose": "collection",
            "debt": "D1",
            "party": "debtor",
            "address": "CP1",
            "place": "personal",
            "voice": "human",
        },
    },
    house=HouseFacts(
        channel="voice",
        erased=False,
        case_state="open",
        point_state="active",
        point_kind="phone",
        in_flight=False,
        plan_open=None,
        budget="agrees",
    ),
)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook()


def recorded(book: Rulebook, **changes: Any) -> Recorded:
    """A refusal at night, as its witnesses tell it when nobody touched anything."""
    facts = QUESTION.document().decode()
    verdict = judge(QUESTION, book, "a", NIGHT)
    committed = commitment(KEY, "facts", facts.encode())
    data = {
        "attempt": "a",
        "channel": "voice",
        "purpose": "collection",
        "decision": verdict.decision,
        "rules": list(verdict.rules),
        "rulebook": book.digest,
        "facts": committed,
        "ruling": commitment(KEY, "ruling", document(verdict.record)),
    }
    row = {
        "channel": "voice",
        "purpose": "collection",
        "party": "debtor",
        "place": "personal",
        "voice": "human",
        "debt_id": 1,
        "contact_point_id": 1,
        "rulebook_digest": book.digest,
        "facts_digest": committed,
    }
    fields: dict[str, Any] = {
        "attempt": "a",
        "case_id": 1,
        "at": NIGHT,
        "row": row,
        "ruling": verdict.record,
        "facts": facts,
        "key": KEY,
        "entry": PlacedEntry(index=0, kind="attempt.refused", at=instant(NIGHT), subject=None, data=data),
    }
    return Recorded(**{**fields, **changes})


def test_untouched_evidence_agrees_and_gives_the_same_answer(book: Rulebook) -> None:
    record = recorded(book)
    question = question_of(record)
    assert question == QUESTION
    assert examine(record) == []
    assert differences(record, decide_again(record, question, book)) == []


@pytest.mark.parametrize(
    ("changes", "alarms"),
    [
        ({"entry": None}, {"replay.no_entry": ()}),
        ({"facts": None}, {"replay.facts_unreadable": ()}),
        ({"facts": "[]"}, {"replay.facts_unreadable": ()}),
        ({"facts": "{"}, {"replay.facts_unreadable": ()}),
        ({"facts": '{"packs":[],"scenario":{},"house":{"full":[]}}'}, {"replay.facts_unreadable": ()}),
        ({"facts": '"x"'}, {"replay.facts_unreadable": ()}),
        ({"facts": QUESTION.document().decode() + " "}, {"replay.facts_changed": ()}),
        ({"facts": '{"packs":[],"scenario":[]}'}, {"replay.facts_changed": ()}),
        ({"ruling": None}, {"replay.row_changed": ("ruling",), "replay.ruling_changed": ()}),
        ({"at": NIGHT.replace(hour=15)}, {"replay.row_changed": ("intended_at",)}),
        ({"key": b"x" * 32}, {"replay.ruling_changed": (), "replay.facts_changed": ()}),
    ],
)
def test_each_witness_that_contradicts_is_named(
    book: Rulebook, changes: dict[str, Any], alarms: dict[str, tuple[str, ...]]
) -> None:
    assert {alarm.code: alarm.what for alarm in examine(recorded(book, **changes))} == alarms


@pytest.mark.parametrize("column", ["channel", "purpose", "party", "place", "voice", "debt_id", "contact_point_id"])
def test_every_column_that_another_witness_tells_is_compared(book: Rulebook, column: str) -> None:
    record = recorded(book)
    (alarm,) = examine(replace(record, row={**record.row, column: 7}))
    assert set(alarm.what) == {column}


def test_without_a_key_only_what_is_not_sealed_is_compared(book: Rulebook) -> None:
    gone = recorded(book, key=None, facts=None)
    assert gone.erased
    assert examine(gone) == []
    (alarm,) = examine(replace(gone, row={**gone.row, "rulebook_digest": "sha256:0"}))
    assert alarm.what == ("rulebook_digest",)


def test_another_answer_is_told_by_what_differs(book: Rulebook) -> None:
    morning = {**QUESTION.scenario, "attempt": {**QUESTION.scenario["attempt"], "at": "2026-11-23T02:00:00Z"}}
    record = recorded(book)
    verdict = decide_again(record, replace(QUESTION, scenario=morning), book)
    names = differences(record, verdict)
    assert names == ["answer", "rules", "next_permitted_at", "facts_digest"]
    alarm = answer_alarm(record, names, verdict)
    assert alarm.code == "replay.answer_differs"
    assert alarm.what == tuple(names)
    older = {**(record.ruling or {}), "packs": [{**(record.ruling or {})["packs"][0], "clock_data": "1999a"}]}
    assert any("1999a" in what for what in answer_alarm(replace(record, ruling=older), names, verdict).what)


def test_every_alarm_and_status_speaks_both_languages() -> None:
    for texts in (*ALARMS.values(), *STATUS.values()):
        assert set(texts) == {"en", "zh"}
    for code in ALARMS:
        shown = Alarm(code=code, what=("purpose",)).to_json("zh")
        assert "{" not in shown["message"]
        assert shown["code"] == code


def test_counts_and_lines() -> None:
    reason = {"rule": "r", "message": "m", "citation": "c", "messages": {"zh": "中"}, "citations": {"zh": "引"}}
    outcome = Outcome(attempt="a", status="changed", added=(reason, reason), removed=())
    counts = Summary()
    counts.add(outcome)
    counts.add(Outcome(attempt="b", status="same"))
    assert counts.to_json() == {
        "attempts": 2,
        "changed": 1,
        "same": 1,
        "rules": {"r": {"would_deny_more": 1, "would_deny_fewer": 0}},
    }
    assert told(reason, "zh") == {"rule": "r", "message": "中", "citation": "引"}
    assert outcome.to_json() == {"attempt": "a", "case": None, "at": None, "status": "changed"}
