"""Every case of the law files, one test each; and the files themselves: form, order, coverage of every rule."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policy.evaluate import evaluate
from policy.scenario import parse_json, parse_scenario
from policy.schema import load_rulebook

HERE = Path(__file__).parent
SCHEMA = HERE.parent / "data" / "scenario.schema.json"
FILES = sorted(HERE.glob("*.jsonl"))
CASES = [(file.name, line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
RAWS: list[dict[str, Any]] = [json.loads(line) for _, line in CASES]
PARTS = ("debtor", "history", "attempt")


@pytest.mark.parametrize(("file", "line"), CASES, ids=[raw["id"] for raw in RAWS])
def test_case_is_decided_as_written(file: str, line: str) -> None:
    raw = parse_json(line)

    ruling = evaluate(parse_scenario(raw), load_rulebook())

    assert (ruling.to_json()["decision"], list(ruling.rules)) == (raw["expect"], raw["rules"]), raw["note"]


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_file_keeps_the_published_form(file: Path) -> None:
    published = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    for name, line in CASES:
        if name == file.name:
            raw = json.loads(line)
            assert [error.message for error in published.iter_errors(raw)] == [], raw["id"]
            assert raw["rules"] == sorted(raw["rules"]), raw["id"]
            assert (raw["rules"] == []) == (raw["expect"] == "permit"), raw["id"]


def test_ids_and_questions_are_unique() -> None:
    questions = [json.dumps([raw["pack"], *(raw[part] for part in PARTS)], sort_keys=True) for raw in RAWS]

    assert len({raw["id"] for raw in RAWS}) == len(RAWS)
    assert len(set(questions)) == len(RAWS)


def denying_rules() -> list[tuple[str, str]]:
    return [(pack.id, rule.id) for pack in load_rulebook().packs.values() for rule in pack.rules if rule.denies]


def without_one_part(raw: dict[str, Any]) -> set[str]:
    """The question with each of its three parts left out in turn: two questions that share one differ in one part."""
    return {json.dumps([out, *(raw[part] for part in PARTS if part != out)], sort_keys=True) for out in PARTS}


@pytest.mark.parametrize(("pack", "rule"), denying_rules(), ids=[rule for _, rule in denying_rules()])
def test_rule_has_cases_just_inside_and_just_outside(pack: str, rule: str) -> None:
    denied = [raw for raw in RAWS if rule in raw["rules"]]
    permitted = {key for raw in RAWS if raw["pack"] == pack and not raw["rules"] for key in without_one_part(raw)}

    assert len(denied) >= 2
    assert any(without_one_part(raw) & permitted for raw in denied), "no permit that differs in one part alone"
