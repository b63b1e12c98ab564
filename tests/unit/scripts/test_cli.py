"""`fairline scripts`: the contract's JSON, exit codes, and errors without tracebacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scripts.cli import build_app
from scripts.schema import load_library
from scripts.script import Library
from tests.unit.scripts.conftest import FACTS

Spoil = Callable[[str, str, str], Path]
REQUEST = {
    "lang": "zh",
    "purpose": "collection",
    "stage": "opening",
    "mood": "anxious",
    "debtor_tier": "standard",
    "facts": FACTS["zh"],
}


def flag(text: str, lang: str) -> list[str]:
    return ["visit-threat"] if lang == "zh" and "上门" in text else []


APP = build_app(flag)


def run(*words: str, stdin: object = None) -> Result:
    return CliRunner().invoke(APP, list(words), input=stdin if isinstance(stdin, str) else json.dumps(stdin))


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_suggest_answers_in_the_form_of_the_contract() -> None:
    result = run("suggest", stdin=REQUEST)
    assert result.exit_code == 0
    assert result.stderr == ""
    reply = answer(result)
    assert list(reply) == ["suggestions", "must_say_next", "do_not_say", "escalate"]
    assert reply["suggestions"][0]["text"] == "您好，您别紧张。我是安和服务公司的小林。"
    assert reply["escalate"] is None


BAD_INPUT = [
    ('{"lang": "zh",', "request.not_json", "standard input:1"),
    ("[]", "request.not_an_object", "object"),
    (json.dumps({**REQUEST, "mood": "bored"}), "request.unknown_value", "mood"),
    (json.dumps({**REQUEST, "facts": {**FACTS["zh"], "institution": 5}}), "render.wrong_type", "institution"),
]


@pytest.mark.parametrize(("stdin", "code", "told"), BAD_INPUT)
def test_bad_input_is_exit_2_and_words(stdin: str, code: str, told: str) -> None:
    result = run("suggest", stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert code in result.stderr
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    with_json = run("suggest", "--json", stdin=stdin)
    assert answer(with_json)["error"]["code"] == code


def test_a_day_before_all_approvals_leaves_nothing_to_say() -> None:
    result = run("suggest", "--as-of", "2020-01-01", stdin=REQUEST)
    assert result.exit_code == 0
    assert answer(result)["suggestions"] == []
    assert answer(result)["escalate"]["to"] == "supervisor"
    assert run("suggest", "--as-of", "someday", stdin=REQUEST).exit_code == 2


def test_lint_of_the_packaged_library_passes(library: Library) -> None:
    result = run("lint", "--json", "--strict")
    assert result.exit_code == 0
    count = len(library.lines)
    expected = {"ok": True, "library": library.digest, "lines": count, "approved": count, "problems": []}
    assert answer(result) == expected
    assert f"{len(library.lines)} approved, 0 errors, 0 notes" in run("lint").stdout


def test_lint_fails_on_a_prohibited_line(spoil: Spoil) -> None:
    folder = spoil("zh/shared.yaml", "您好，打扰您了。", "再不还款就上门。")
    result = run("lint", str(folder), "--json")
    assert result.exit_code == 1
    problems = answer(result)["problems"]
    assert ("lint.flagged", "visit-threat") in {(problem["code"], problem["found"]) for problem in problems}
    table = run("lint", str(folder))
    assert table.exit_code == 1
    assert "lint.flagged" in table.stdout


def test_lint_lets_a_waiting_line_pass_unless_strict(spoil: Spoil) -> None:
    folder = spoil("zh/collection.yaml", "您看怎么安排合适？", "您看怎么安排好？")
    assert run("lint", str(folder)).exit_code == 0
    assert run("lint", str(folder), "--strict").exit_code == 1


def test_lint_of_a_broken_file_names_file_and_line(spoil: Spoil) -> None:
    folder = spoil("zh/shared.yaml", "stage: opening", "stage: overture")
    result = run("lint", str(folder), "--json")
    assert result.exit_code == 2
    error = answer(result)["error"]
    assert (error["file"], error["field"], error["found"]) == ("zh/shared.yaml", "steps[0].stage", "'overture'")
    assert f"zh/shared.yaml:{error['line']}:" in result.stderr
    assert run("lint", str(folder / "nowhere")).exit_code == 2


def test_approve_makes_a_changed_line_usable_again(spoil: Spoil) -> None:
    folder = spoil("zh/collection.yaml", "您看怎么安排合适？", "您看怎么安排好？")
    waiting = next(p for p in answer(run("lint", str(folder), "--json"))["problems"] if p["code"] == "lint.unapproved")
    digest = waiting["found"].rsplit("sha256:", maxsplit=1)[-1]
    result = run("approve", digest[:12], "--by", "reviewer-2", "--library", str(folder), "--json")
    assert result.exit_code == 0
    assert answer(result)["line"] == "zh/collection/negotiation/angry"
    library = load_library(folder)
    assert all(library.is_approved(line) for line in library.lines.values())
    assert library.approvals[f"sha256:{digest}"].by == "reviewer-2"
    assert not list(folder.glob(".approvals*"))


def test_a_line_that_fails_the_lint_cannot_be_approved(spoil: Spoil) -> None:
    folder = spoil("zh/shared.yaml", "您好，打扰您了。", "再不还款就上门。")
    before = (folder / "approvals.yaml").read_text("utf-8")
    line = next(line for line in load_library(folder).lines.values() if "上门" in line.text)
    result = run("approve", line.digest, "--by", "reviewer-2", "--library", str(folder))
    assert result.exit_code == 1
    assert "lint.flagged" in result.stderr
    assert (folder / "approvals.yaml").read_text("utf-8") == before


BAD_APPROVALS = [
    (["0123456789", "--by", "reviewer-2"], "approval.unknown_digest"),
    (["DIGEST", "--by", "starter-library"], "approval.maker_is_checker"),
    (["DIGEST", "--by", "reviewer-2", "--role", "agent"], "approval.wrong_role"),
    (["DIGEST", "--by", "reviewer-2", "--effective", "2020-01-01"], "approval.backdated"),
    (["DIGEST", "--by", "reviewer-2", "--effective", "soon"], "request.bad_date"),
]


@pytest.mark.parametrize(("words", "code"), BAD_APPROVALS)
def test_a_bad_approval_changes_nothing(copy: Path, library: Library, words: list[str], code: str) -> None:
    before = (copy / "approvals.yaml").read_text("utf-8")
    filled = [next(iter(library.lines)) if word == "DIGEST" else word for word in words]
    result = run("approve", *filled, "--library", str(copy))
    assert result.exit_code == 2
    assert code in result.stderr
    assert (copy / "approvals.yaml").read_text("utf-8") == before


def test_a_folder_that_cannot_be_written_to_is_an_error_with_advice(copy: Path, library: Library) -> None:
    (copy / ".approvals.yaml.new").mkdir()
    result = run("approve", next(iter(library.lines)), "--by", "reviewer-2", "--library", str(copy))
    assert result.exit_code == 2
    assert "approval.read_only" in result.stderr
    assert "--library" in result.stderr


@pytest.mark.parametrize("command", ["suggest", "lint", "approve"])
def test_help_has_an_example(command: str) -> None:
    assert "Example:" in run(command, "--help").stdout
