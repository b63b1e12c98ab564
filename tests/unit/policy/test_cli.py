"""The command line keeps its contract: JSON Lines, exit codes, errors that say where."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from policy.cli import app
from policy.schema import house_rules, load_rulebook

Raw = Callable[..., dict[str, Any]]
runner = CliRunner()
OVERLAYS = Path(__file__).resolve().parents[3] / "docs" / "examples" / "overlays"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes lines (text or JSON values) to a file and names it."""

    def put(*lines: str | dict[str, Any], name: str = "in.jsonl") -> str:
        path = tmp_path / name
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(text) + "\n", encoding="utf-8")
        return str(path)

    return put


def answers(output: str) -> list[dict[str, Any]]:
    """The JSON Lines of standard output."""
    return [json.loads(line) for line in output.splitlines()]


def test_good_lines_are_answered_in_order(raw_scenario: Raw, write: Callable[..., str]) -> None:
    night = raw_scenario(id="cn-t-2", attempt={"at": "2026-06-10T22:00:00+08:00"})

    result = runner.invoke(app, ["check", write(raw_scenario(), "", night)])

    assert result.exit_code == 0
    assert [(line["id"], line["decision"], line["rules"]) for line in answers(result.stdout)] == [
        ("cn-t-1", "permit", []),
        ("cn-t-2", "deny", ["cn-quiet-hours"]),
    ]
    assert result.stderr == ""


def test_bad_lines_are_named_and_good_ones_still_answered(raw_scenario: Raw, write: Callable[..., str]) -> None:
    naive = raw_scenario(id="cn-t-2", attempt={"at": "2026-06-10T22:00:00"})
    file = write("{oops", naive, raw_scenario())

    result = runner.invoke(app, ["check", file])

    assert result.exit_code == 2
    broken, refused, good = answers(result.stdout)
    assert (broken["line"], broken["error"]["code"], broken["error"]["field"]) == (1, "scenario.not_json", "")
    assert (refused["id"], refused["error"]["code"]) == ("cn-t-2", "scenario.bad_instant")
    assert refused["error"]["field"] == "attempt.at"
    assert f"{file}:2: `attempt.at`: found `2026-06-10T22:00:00`; expected RFC 3339" in refused["error"]["message"]
    assert good["decision"] == "permit"
    assert result.stderr.count("\n") == 2
    assert "Traceback" not in result.output


def test_standard_input_and_bytes_that_are_not_text(raw_scenario: Raw) -> None:
    data = b"\xff\xfe\n" + json.dumps(raw_scenario()).encode() + b"\n"

    result = runner.invoke(app, ["check", "-"], input=data)

    assert result.exit_code == 2
    bad, good = answers(result.stdout)
    assert bad["error"]["code"] == "scenario.not_text"
    assert good["decision"] == "permit"


def test_messages_in_chinese(raw_scenario: Raw, write: Callable[..., str]) -> None:
    file = write(raw_scenario(debtor={"flags": ["hospitalised"]}))

    result = runner.invoke(app, ["check", file, "--lang", "zh"])

    assert answers(result.stdout)[0]["reasons"][0]["message"].startswith("已知债务人正在住院")


def test_expectations_met(raw_scenario: Raw, write: Callable[..., str]) -> None:
    one = write(raw_scenario(expect="permit", rules=[]), name="one.jsonl")
    two = write(raw_scenario(debtor={"flags": ["minor"]}, expect="deny", rules=["cn-no-minors"]), name="two.jsonl")

    result = runner.invoke(app, ["check", "--expect", one, two])

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "2 scenarios, 0 different" in result.stderr


@pytest.mark.parametrize(
    "wrong", [{"expect": "deny", "rules": ["cn-quiet-hours"]}, {"expect": "permit", "rules": ["x"]}]
)
def test_expectations_not_met(raw_scenario: Raw, write: Callable[..., str], wrong: dict[str, Any]) -> None:
    file = write(raw_scenario(**wrong))

    plain = runner.invoke(app, ["check", "--expect", file])
    machine = runner.invoke(app, ["check", "--expect", "--json", file])

    assert (plain.exit_code, machine.exit_code) == (1, 1)
    assert "cn-t-1: expected" in plain.stdout
    (difference,) = answers(machine.stdout)
    assert difference["expected"] == {"decision": wrong["expect"], "rules": wrong["rules"]}
    assert difference["found"] == {"decision": "permit", "rules": []}


def test_missing_expectation_is_bad_input(raw_scenario: Raw, write: Callable[..., str]) -> None:
    result = runner.invoke(app, ["check", "--expect", write(raw_scenario())])

    assert result.exit_code == 2
    assert answers(result.stdout)[0]["error"]["code"] == "scenario.missing_expectation"


def test_missing_file(tmp_path: Path) -> None:
    result = runner.invoke(app, ["check", str(tmp_path / "none.jsonl")])

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_broken_rulebook_is_refused(tmp_path: Path, raw_scenario: Raw, write: Callable[..., str]) -> None:
    folder = tmp_path / "book" / "zz"
    folder.mkdir(parents=True)
    (folder / "main.yaml").write_text("topic: a\ntopic: b\n", encoding="utf-8")

    result = runner.invoke(app, ["check", write(raw_scenario()), "--rulebook", str(tmp_path / "book")])

    assert result.exit_code == 2
    assert "zz/main.yaml:2" in result.stderr
    assert "rulebook.duplicate_key" in result.stderr


@pytest.mark.parametrize("empty", ["", "\n  \n"])
def test_input_without_a_scenario_is_bad_input(empty: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text(empty, encoding="utf-8")

    piped = runner.invoke(app, ["check", "-"], input=empty)
    read = runner.invoke(app, ["check", "--expect", str(file)])

    assert (piped.exit_code, read.exit_code) == (2, 2)
    assert piped.stderr == "no scenario found in standard input; give one JSON object a line\n"
    assert f"no scenario found in {file}" in read.stderr


def test_the_digest_of_the_gate_is_shown_and_decided_under(raw_scenario: Raw, write: Callable[..., str]) -> None:
    law, gate = load_rulebook(), load_rulebook(overlays=[house_rules()])
    whole = load_rulebook(overlays=[house_rules(), OVERLAYS])
    human = runner.invoke(app, ["packs"]).stdout
    machine = json.loads(runner.invoke(app, ["packs", "--json"]).stdout)
    laid = json.loads(runner.invoke(app, ["packs", "--json", "--overlays", str(OVERLAYS)]).stdout)
    checked = runner.invoke(app, ["check", "--house", write(raw_scenario())])

    assert f"law alone {law.digest}\n" in human
    assert f"with the house rules, as the gate uses it, {gate.digest}\n" in human
    assert (machine["rulebook"], machine["rulebook_with_house_rules"]) == (law.digest, gate.digest)
    assert (laid["rulebook"], laid["rulebook_with_house_rules"]) == (law.digest, whole.digest)
    assert answers(checked.stdout)[0]["rulebook"] == gate.digest


def test_a_folder_of_law_has_its_own_digest(draft: Path) -> None:
    alone = runner.invoke(app, ["packs", "--rulebook", str(draft)]).stdout
    laid = json.loads(
        runner.invoke(app, ["packs", "--rulebook", str(draft), "--overlays", str(OVERLAYS), "--json"]).stdout
    )

    assert load_rulebook(draft).digest in alone
    assert "house rules" not in alone
    assert laid["rulebook_with_overlays"] == load_rulebook(draft, [OVERLAYS]).digest


def test_packs_in_chinese_and_their_marks() -> None:
    english, chinese = (runner.invoke(app, ["packs", "--lang", lang]).stdout for lang in ("en", "zh"))

    assert "联系时段" in chinese
    assert "contact_hours" not in chinese
    assert "依据标记: V 已核对原文" in chinese
    assert "certainty: V read in the primary text; S second hand" in english
    assert re.search(r"\b1 rule\b", english)
    assert "1 rules" not in english
    assert "Asia/Shanghai\n\nin-rbi" in english


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("house-contact-budget", "house rule, all packs · house-budget (One contact budget per person)"),
        ("c1-two-calls-a-day", "for creditor C1 · tightens cn-daily-call-cap"),
        ("c1-retention", "contract, cn · c1-contract (Servicing agreement with creditor C1)"),
        (
            "vip-no-sundays",
            "tier rules, all packs · vip-quiet-sundays (Quiet Sundays for VIP members) · for debtors of",
        ),
        ("cn-human-review", "the advice says: Recorded about the debtor"),
        ("cn-quiet-hours", "cn · contact_hours · in force"),
    ],
)
def test_explain_says_whose_rule_it_is(item: str, told: str) -> None:
    result = runner.invoke(app, ["explain", item, "--overlays", str(OVERLAYS)])

    assert told in result.stdout
    assert ("what a refusal says" in result.stdout) == (item not in {"cn-human-review", "c1-retention"})


def test_explain_names_the_overlay_as_data() -> None:
    body = json.loads(
        runner.invoke(app, ["explain", "c1-two-calls-a-day", "--overlays", str(OVERLAYS), "--json"]).stdout
    )

    assert body["overlay"]["id"] == "c1-contract"
    assert body["overlay"]["applies_to"] == {"creditor": "C1"}
    assert body["overlay"]["tightens"] == "cn-daily-call-cap"


def test_a_folder_that_is_not_there_is_named_without_a_line(tmp_path: Path) -> None:
    result = runner.invoke(app, ["packs", "--overlays", str(tmp_path / "none")])

    assert result.exit_code == 2
    assert f"rulebook refused: {tmp_path / 'none'}: found no such file or folder; expected" in result.stderr


def test_packs(rulebook: Any) -> None:
    machine = json.loads(runner.invoke(app, ["packs", "--json"]).stdout)
    human = runner.invoke(app, ["packs", "--lang", "zh"])

    assert machine["rulebook"] == rulebook.digest
    assert machine["packs"][0]["pack"] == "cn"
    assert machine["packs"][0]["last_confirmed"] == "2026-11-23"
    assert human.exit_code == 0
    assert "中国大陆" in human.stdout


def test_explain() -> None:
    machine = json.loads(runner.invoke(app, ["explain", "cn-daily-call-cap", "--json"]).stdout)
    human = runner.invoke(app, ["explain", "cn-quiet-hours"])

    assert machine["values"][0]["parameters"]["limit"] == 3
    assert machine["values"][0]["sources"][0]["certainty"] == "paper"
    assert human.exit_code == 0
    assert "CBA Guideline 2026" in human.stdout


def test_explain_unknown_rule_offers_near_ones() -> None:
    result = runner.invoke(app, ["explain", "cn-quite-hours"])

    assert result.exit_code == 2
    assert "cn-quiet-hours" in result.stderr
    assert result.stderr.endswith("rules of a contract or of the house: give --overlays FOLDER\n")


@pytest.mark.parametrize("command", [["check", "x", "--lang", "fr"], ["packs", "--lang", "fr"]])
def test_unknown_language(command: list[str]) -> None:
    result = runner.invoke(app, command)

    assert result.exit_code == 2
    assert "expected en or zh" in result.stderr


def test_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policy", "check", "--help"], capture_output=True, text=True, check=True, timeout=60
    )

    assert "Example: fairline policy check" in done.stdout


def test_packs_by_topic_and_day(rulebook: Any) -> None:
    machine = json.loads(runner.invoke(app, ["packs", "--json", "--on", "2026-01-29"]).stdout)
    human = runner.invoke(app, ["packs", "--on", "2026-01-29"])

    pack = next(row for row in machine["packs"] if row["pack"] == "cn")
    topics = {row["topic"]: row for row in pack["topics"]}
    assert machine["on"] == "2026-01-29"
    assert topics["contact_hours"]["rules"] == 2
    assert topics["contact_hours"]["weakest"] == "P"
    assert topics["duties"]["states"]["not_yet"] >= 1
    assert "cn-no-private-devices" not in pack["in_force"]["duties"]
    assert "cn-retention" in pack["in_force"]["duties"]
    assert human.exit_code == 0
    assert "in force on 2026-01-29" in human.stdout
    assert "contact_hours" in human.stdout


def test_packs_warn_of_what_was_confirmed_long_ago() -> None:
    fresh = runner.invoke(app, ["packs", "--on", "2026-11-23"])
    stale = runner.invoke(app, ["packs", "--on", "2027-11-23"])
    machine = json.loads(runner.invoke(app, ["packs", "--on", "2027-11-23", "--json", "--lang", "zh"]).stdout)

    assert "days ago" not in fresh.stderr
    assert "cn/contact_hours: last confirmed 365 days ago" in stale.stderr
    assert stale.exit_code == 0
    assert any("距上次核对已365天" in text for text in machine["warnings"])


def test_packs_of_a_day_that_is_not_covered() -> None:
    result = runner.invoke(app, ["packs", "--on", "1999-12-31"])

    assert result.exit_code == 0
    assert "the day 1999-12-31 is NOT covered" in result.stdout
    assert "every contact is refused" in result.stderr


@pytest.mark.parametrize("command", [["packs"], ["explain", "cn-retention"], ["page", "-o", "x.html"]])
def test_a_day_that_does_not_exist(command: list[str]) -> None:
    result = runner.invoke(app, [*command, "--on", "2026-02-30"])

    assert result.exit_code == 2
    assert "--on: found `2026-02-30`; expected a day that exists" in result.stderr


def test_explain_tells_edges_history_and_doubts() -> None:
    english = runner.invoke(app, ["explain", "cn-quiet-hours", "--on", "2026-01-29"]).stdout
    chinese = runner.invoke(app, ["explain", "cn-quiet-hours", "--lang", "zh"]).stdout

    assert "Closed from 21:00 to 08:00 for calls and ringless messages" in english
    assert "✓ calls 20:59:59: not barred by this rule" in english
    assert "✗ calls 21:00:00: refused" in english
    assert english.index("in force on the day asked for") < english.index("2026-01-30 –")
    assert "evidence to keep: decision time" in english
    assert "doubts: CBA Guideline 2026" in english
    assert "电话和语音留言：21:00至08:00不得联系" in chinese
    assert "✗ 电话 21:00:00: 不得联系" in chinese


@pytest.mark.parametrize(
    ("item", "section", "told"),
    [
        ("cn-retention", "duties", "Minimum years: 2."),
        ("threat-visit", "statements", "finding labels: visit-threat"),
        ("machine-label", "disclosures", "only where a machine speaks"),
        ("cn-human-review", "rules", "advised against"),
        ("house-contact-budget", "rules", "At most 5 in one calendar day"),
        ("us-ma-2in7", "rules", "Only for debtors who reside in US-MA."),
    ],
)
def test_everything_can_be_explained(item: str, section: str, told: str) -> None:
    machine = json.loads(runner.invoke(app, ["explain", item, "--json"]).stdout)
    human = runner.invoke(app, ["explain", item])

    assert (machine["id"], machine["section"], human.exit_code) == (item, section, 0)
    assert told in human.stdout


def test_page_is_written(tmp_path: Path) -> None:
    file = tmp_path / "book.html"

    result = runner.invoke(app, ["page", "-o", str(file), "--lang", "zh", "--on", "2026-11-23"])

    assert result.exit_code == 0
    assert "4 packs" in result.stderr
    text = file.read_text("utf-8")
    assert "以 2026-11-23 生效内容为准" in text
    assert text.endswith(("</html>\n", "</html>"))


def test_page_that_cannot_be_written(tmp_path: Path) -> None:
    result = runner.invoke(app, ["page", "-o", str(tmp_path / "no" / "book.html")])

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.fixture
def draft(tmp_path: Path, rulebook: Any) -> Path:
    """A copy of the packaged law in which more calls are allowed."""
    root = tmp_path / "draft"
    for name, text in rulebook.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("limit: 3\n", "limit: 4\n") if name == "cn/call_frequency.yaml" else text, "utf-8")
    return root


def test_diff(draft: Path) -> None:
    english = runner.invoke(app, ["diff", "-", str(draft)])
    chinese = runner.invoke(app, ["diff", str(draft), "-", "--lang", "zh"])
    machine = runner.invoke(app, ["diff", "-", str(draft), "--json"])

    assert (english.exit_code, chinese.exit_code, machine.exit_code) == (1, 1, 1)
    assert "changed: rules cn-daily-call-cap · Three calls a day to a person [LOOSENS]" in english.stdout
    assert "- At most 3 in one calendar day" in english.stdout
    assert "+ At most 4 in one calendar day" in english.stdout
    assert "newly open" in english.stdout
    assert "! changes days already past: end the old value with `until`" in english.stdout
    assert "! values changed, but neither title nor sources" in english.stdout
    assert "1 difference:" in english.stdout
    assert "[收紧]" in chinese.stdout
    (difference,) = json.loads(machine.stdout)["differences"]
    assert (difference["id"], difference["direction"]) == ("cn-daily-call-cap", "loosens")
    assert difference["cautions"] == ["past_days", "title_and_sources_kept"]


def test_diff_of_the_same(draft: Path) -> None:
    result = runner.invoke(app, ["diff", str(draft), str(draft)])
    machine = json.loads(runner.invoke(app, ["diff", "-", "-", "--json"]).stdout)

    assert result.exit_code == 0
    assert "Both say the same law" in result.stdout
    assert (machine["same"], machine["differences"]) == (True, [])


def test_diff_with_a_broken_book(draft: Path) -> None:
    (draft / "cn" / "duties.yaml").write_text("topic: duties\n\x07", "utf-8")

    result = runner.invoke(app, ["diff", "-", str(draft)])

    assert result.exit_code == 2
    assert "rulebook refused: cn/duties.yaml:" in result.stderr
    assert "Traceback" not in result.output
