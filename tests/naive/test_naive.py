"""The second reading: it passes the published vectors, owes nothing to the product, and agrees with it at random."""

import ast
import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.naive import compare, read_cn, read_in, read_uk, read_us
from tests.naive.clocks import change_days
from tests.naive.common import Scenario
from tests.naive.packs import READERS
from tests.naive.scenarios import random_question, random_scenario

ISO = ["cn", "us", "uk", "in"]
HERE = Path(__file__).parent
TESTS = HERE.parent
RULES = {"cn": read_cn.RULES, "us-reg-f": read_us.RULES, "uk-conc7": read_uk.RULES, "in-rbi": read_in.RULES}
PUBLIC = sorted(TESTS.glob("law/*-public.jsonl"))


def vectors() -> list[Scenario]:
    return [json.loads(line) for path in PUBLIC for line in path.read_text(encoding="utf-8").splitlines() if line]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_published_vectors(vector: Scenario) -> None:
    assert READERS[vector["pack"]](vector) == vector["rules"]


INDEPENDENT = ["common", "clocks", "open_questions", "packs", "scenarios", "us_facts", *(f"read_{p}" for p in ISO)]


def imports(path: Path) -> set[str]:
    """Modules imported by a file that are not of the standard library."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    return {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}


@pytest.mark.parametrize("module", INDEPENDENT)
def test_readings_know_nothing_of_the_product(module: str) -> None:
    """They import the standard library and each other only: no slip of the product can come in with an import."""
    allowed = {"tests.naive"} | {f"tests.naive.{name}" for name in INDEPENDENT}
    assert imports(HERE / f"{module}.py") - allowed == set()


def test_comparison_uses_the_public_entry_only() -> None:
    product = {name for name in imports(HERE / "compare.py") if name.startswith("policy")}
    assert product == {"policy.errors", "policy.evaluate", "policy.scenario", "policy.schema"}


@pytest.mark.parametrize("pack", READERS)
def test_random_scenarios_are_of_the_published_form(pack: str) -> None:
    schema = json.loads((TESTS / "data/scenario.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    scenarios = [random_scenario(pack, 5, index) for index in range(300)]
    assert [error.message for scenario in scenarios for error in validator.iter_errors(scenario)] == []
    permits = sum(scenario["expect"] == "permit" for scenario in scenarios)
    assert 90 <= permits <= 210, "about half should permit, or one side of the comparison is thin"


def test_the_same_numbers_give_the_same_scenario() -> None:
    assert random_question("cn", 7, 11) == random_question("cn", 7, 11)
    assert random_question("cn", 7, 11) != random_question("cn", 7, 12)
    assert random_question("cn", 8, 11) != random_question("cn", 7, 11)


@pytest.mark.parametrize("pack", READERS)
def test_product_agrees_at_random(pack: str) -> None:
    """Fifteen hundred scenarios give the same rules on both sides, save where a question about the text is open.

    Each rule of the page is hit on the way: one that never denies would not be compared.
    """
    tally = compare.compare_range(pack, 3, 0, 1500)
    named = {rule for rule, _ in RULES[pack]}
    assert named - set(tally.rules) == set()
    new = [pair for pair in tally.differences if compare.unexplained(pack, pair)]
    assert new == [], f"see: python -m tests.naive.compare --pack {pack} --count 1500 --seed 3"


def test_clock_changes_are_found() -> None:
    """Both nights of New York in 2026; Shanghai has none; Lord Howe's half hour counts as a change."""
    assert [day.isoformat() for day in change_days("America/New_York", 2026)] == ["2026-03-08", "2026-11-01"]
    assert change_days("Asia/Shanghai", 2026) == ()
    assert len(change_days("Australia/Lord_Howe", 2026)) == 2


def test_a_difference_is_reported_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a naive reading that allows everything, every denial is a difference, and its cause is what is left."""
    monkeypatch.setitem(READERS, "cn", lambda scenario: [])
    tally = compare.compare_range("cn", 3, 0, 150)
    assert tally.differing == 150 - sum(not compare.product_rules(random_question("cn", 3, n)) for n in range(150))
    stranger: tuple[list[str], list[str]] = ([], ["cn-third-party"])
    found = compare.report("cn", 3, tally)
    kind = next(k for k in found["differences"] if (k["naive_only"], k["product_only"]) == stranger)
    smallest = kind["minimised"]
    assert smallest["attempt"]["party"] not in ("debtor", "guarantor")
    assert (smallest["history"], smallest["debtor"]["flags"]) == ([], [])


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["--pack", "cn", "--count", "20", "--json"]) in (0, 1)
    found = json.loads(capsys.readouterr().out)
    assert (found["scenarios"], found["agreeing"] + found["differing"]) == (20, 20)
