"""The script library, the detectors and the demo's conversations agree about what may be said."""

from __future__ import annotations

import csv
import io
import re
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
import yaml

from outreach.cli import flag
from outreach.telephony.localcarrier.scenario import Scenario, parse_scenario
from scripts.check import lint
from scripts.render import render, resolve_facts
from scripts.schema import load_library
from scripts.script import Library
from speech.synthesis.telephone import VOICES

THREAT = "再不还款，我们就上门找你。"
HOUSE = {
    "zh": {"institution": "安和服务公司", "agent_name": "小林", "debt_name": "信用卡账单"},
    "en": {"institution": "Harbor Services", "agent_name": "Sam", "debt_name": "card account"},
}
PROMISES = {
    "promise": {"promise_amount": 2000, "promise_date": "2026-12-04"},
    "english-promise": {"promise_amount": 200, "promise_date": "2026-11-27"},
}
SENTENCE = re.compile(r"[^。？！.?!]+[。？！.?!]")
BEFORE_THE_DEBT = {"zh": "本人吗", "en": "Am I speaking with"}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse_scenario(yaml.safe_load((files("outreach.demo") / "parties.yaml").read_text("utf-8")))


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, str]]:
    """Rows of the demo's portfolio by telephone number."""
    content = (files("outreach.demo") / "cases.csv").read_text("utf-8")
    return {row["phone"]: row for row in csv.DictReader(io.StringIO(content))}


def conversations(scenario: Scenario) -> list[tuple[str, str]]:
    """Number and conversation of everybody who talks or takes a message."""
    return [(number, s.conversation) for number, s in scenario.subscribers.items() if s.conversation]


def test_no_approved_line_is_flagged(library: Library) -> None:
    assert lint(library, flag) == []


def test_the_demo_shows_every_kind_of_call(scenario: Scenario, cases: dict[str, dict[str, str]]) -> None:
    wanted = {"calm", "anxious", "angry", "promise", "threat", "hospital", "stop", "wrong-number", "english-promise"}
    assert {name for _, name in conversations(scenario)} == wanted | {"voicemail"}
    assert sorted(s.behaviour for s in scenario.subscribers.values() if s.behaviour != "answer") == [
        "busy",
        "voicemail",
    ]
    assert set(scenario.subscribers) <= set(cases)
    assert len(cases) - len(scenario.subscribers) == 5  # refused by the gate: nobody needs to answer


def test_every_agent_line_but_the_planted_one_comes_from_the_library(
    library: Library, scenario: Scenario, cases: dict[str, dict[str, str]]
) -> None:
    foreign = set()
    for number, name in conversations(scenario):
        conversation, row = scenario.conversations[name], cases[number]
        facts: dict[str, Any] = {**HOUSE[conversation.lang], **PROMISES.get(name, {}), "today": "2026-11-25"}
        facts |= {
            "debtor_name": row["name"],
            "creditor": row["creditor"],
            "amount": row["amount"],
            "due_date": row["due_date"],
        }
        known = sentences_of(library, conversation.lang, facts)
        foreign |= {s for turn in conversation.agent for s in sentences(turn.words) if s not in known}
    assert foreign == {THREAT}


def sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in SENTENCE.findall(text)]


def sentences_of(library: Library, lang: str, facts: dict[str, Any]) -> set[str]:
    resolved = resolve_facts(facts, library.slots)
    lines = [line for line in library.lines.values() if line.lang == lang and library.is_approved(line)]
    fillable = [line for line in lines if set(line.slots) <= set(resolved.values)]
    return {sentence for line in fillable for sentence in sentences(render(line, library.slots, resolved))}


def test_only_the_planted_threat_is_prohibited(scenario: Scenario) -> None:
    flagged = {
        turn.words: flag(turn.words, conversation.lang)
        for conversation in scenario.conversations.values()
        for turn in conversation.agent
        if flag(turn.words, conversation.lang)
    }
    assert list(flagged) == [THREAT]
    assert "visit-threat" in flagged[THREAT]


def test_no_demo_agent_names_the_debt_before_asking_who_is_there(scenario: Scenario, library: Library) -> None:
    for name in (name for _, name in conversations(scenario) if name != "voicemail"):
        conversation = scenario.conversations[name]
        words = [turn.words for turn in conversation.agent]
        asked = next(index for index, text in enumerate(words) if BEFORE_THE_DEBT[conversation.lang] in text)
        before = "".join(words[: asked + 1])
        assert not [word for word in library.flow.debt_words[conversation.lang] if word in before]


def test_parties_take_turns_with_two_different_voices(scenario: Scenario) -> None:
    for name in (name for _, name in conversations(scenario) if name != "voicemail"):
        conversation = scenario.conversations[name]
        assert conversation.debtor_voice != conversation.agent_voice
        assert {conversation.debtor_voice, conversation.agent_voice} <= set(VOICES)
        assert not conversation.debtor[0].wait
        assert 0 <= len(conversation.debtor) - len(conversation.agent) <= 1


def test_suggestions_are_spoken_where_moods_and_signals_ask_for_them(scenario: Scenario) -> None:
    suggested = {name: sum(turn.suggested for turn in c.agent) for name, c in scenario.conversations.items()}
    assert suggested["anxious"] >= 3
    assert all(suggested[name] >= 1 for name in ("angry", "threat", "hospital", "stop", "wrong-number", "promise"))


def test_the_record_explains_two_refusals() -> None:
    history = yaml.safe_load((files("outreach.demo") / "history.yaml").read_text("utf-8"))
    calls = [contact for contact in history["contacts"] if contact["case"] == "D-015"]
    times = [contact["at"] for contact in calls]
    assert len(calls) == 3
    assert all(earlier < later for earlier, later in pairwise(times))
    assert all(at.startswith("2026-11-25") for at in times)
    assert [wish["case"] for wish in history["preferences"]] == ["D-016"]
