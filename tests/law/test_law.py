"""Every case of the law files, one test each: decision and the exact list of denying rules."""

import json
from pathlib import Path

import pytest

from policy.evaluate import evaluate
from policy.scenario import parse_json, parse_scenario
from policy.schema import load_rulebook

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.jsonl"))
CASES = [(file.name, line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("file", "line"), CASES, ids=[json.loads(line)["id"] for _, line in CASES])
def test_case_is_decided_as_written(file: str, line: str) -> None:
    raw = parse_json(line)

    ruling = evaluate(parse_scenario(raw), load_rulebook())

    assert (ruling.to_json()["decision"], list(ruling.rules)) == (raw["expect"], raw["rules"]), raw["note"]


def test_ids_are_unique_and_each_denying_rule_occurs() -> None:
    raws = [json.loads(line) for _, line in CASES]
    book = load_rulebook()

    assert len({raw["id"] for raw in raws}) == len(raws)
    told = {rule for raw in raws for rule in raw["rules"]}
    for pack in book.packs.values():
        assert {rule.id for rule in pack.rules if rule.denies} <= told
