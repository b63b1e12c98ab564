"""The command line: contract output, bad lines, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nlp.cli import app
from nlp.errors import InputLineError
from nlp.evaluate import Counts
from nlp.requests import parse_line

RUNNER = CliRunner()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_good_lines_are_answered_and_bad_ones_named() -> None:
    good = '{"id": "a", "speaker": "agent", "text": "再不还款就上门"}'
    given = good + '\n{bad\n\n{"id": 2, "speaker": "debtor", "text": "好"}\n'
    result = RUNNER.invoke(app, ["analyze", "-", "--json"], input=given)
    first, bad, last = lines(result.stdout)
    assert (first["id"], first["violations"][0]["label"], last["id"]) == ("a", "visit-threat", 2)
    assert bad == {"line": 2, "error": {"code": "input.json", "message": bad["error"]["message"], "field": None}}
    assert "line 2" in result.stderr
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_clean_input_exits_with_nought() -> None:
    result = RUNNER.invoke(app, ["analyze", "-", "--json"], input='{"speaker": "agent", "text": "您好"}\n')
    assert result.exit_code == 0
    assert lines(result.stdout)[0]["violations"] == []


def test_human_output_names_labels_in_their_language() -> None:
    given = (
        '{"id": 1, "speaker": "agent", "text": "再不还款就上门"}\n'
        '{"speaker": "debtor", "text": "我在医院住院，月底还两千", "reference_date": "2026-11-23"}\n'
    )
    result = RUNNER.invoke(app, ["analyze", "-", "--table"], input=given)
    assert "上门威胁" in result.stdout
    assert "正在住院" in result.stdout
    assert "2026-11-30" in result.stdout


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["analyze", str(tmp_path / "none.jsonl")])
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'\xff\xfe\n{"speaker": "agent", "text": "hi"}\n')
    result = RUNNER.invoke(app, ["analyze", str(file), "--json"])
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr
    assert len(lines(result.stdout)) == 1


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ("[]", "input.shape", None),
        ("null", "input.shape", None),
        ('{"speaker": "agent"}', "input.field", "text"),
        ('{"speaker": "agent", "text": 5}', "input.field", "text"),
        ('{"speaker": "robot", "text": ""}', "input.field", "speaker"),
        ('{"text": "x"}', "input.field", "speaker"),
        ('{"speaker": "agent", "text": "", "lang": "fr"}', "input.field", "lang"),
        ('{"speaker": "agent", "text": "", "id": true}', "input.field", "id"),
        ('{"speaker": "agent", "text": "", "context": "x"}', "input.field", "context"),
        ('{"speaker": "agent", "text": "", "context": [1]}', "input.field", "context"),
        ('{"speaker": "agent", "text": "", "reference_date": "soon"}', "input.field", "reference_date"),
        ('{"speaker": "agent", "text": "", "reference_date": 5}', "input.field", "reference_date"),
        ('{"speaker": "agent", "text": "", "speeker": 1}', "input.unknown_field", "speeker"),
        ('{"speaker": "agent", "text": "", "zzz": 1}', "input.unknown_field", "zzz"),
    ],
)
def test_a_bad_line_names_field_and_expectation(line: str, code: str, field: str | None) -> None:
    with pytest.raises(InputLineError) as caught:
        parse_line(line)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert "expected" in caught.value.message or "did you mean" in caught.value.message


def test_redact_takes_plain_text_and_objects() -> None:
    given = '电话13812345678\n{"id": 7, "text": "我叫张伟"}\n'
    plain = RUNNER.invoke(app, ["redact", "-", "--table"], input=given)
    assert plain.stdout.splitlines() == ["电话[phone]\tphone[2,13)", "我叫[name]\tname[2,4)"]
    machine = RUNNER.invoke(app, ["redact", "-", "--json"], input=given)
    assert lines(machine.stdout)[1] == {"id": 7, "text": "我叫[name]", "masked": [{"kind": "name", "span": [2, 4]}]}


def test_redact_names_a_bad_object() -> None:
    result = RUNNER.invoke(app, ["redact", "-"], input='{"text": 5}\n')
    assert result.exit_code == 2
    assert "line 1" in result.stderr


def labelled(tmp_path: Path) -> Path:
    rows = [
        {"speaker": "agent", "text": "再不还款就上门", "labels": ["visit-threat"], "span": [0, 7], "kind": "direct"},
        {"speaker": "agent", "text": "我们不会上门", "labels": [], "span": None, "kind": "negation"},
        {"speaker": "debtor", "text": "你打死我吧", "labels": [], "kind": "debtor-speech"},
        {"text": "别再打了", "mood": "angry", "vulnerability": [], "lang": "zh"},
        {"text": "月底还两千", "intents": ["promise-to-pay"], "reference_date": "2026-11-23",
         "promise": {"amount": 2000, "currency": "CNY", "date": "2026-11-30"}},
    ]  # fmt: skip
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_evaluate_counts_labels_lawful_speech_and_slots(tmp_path: Path) -> None:
    report = lines(RUNNER.invoke(app, ["evaluate", str(labelled(tmp_path)), "--json"]).stdout)[0]
    assert report["lines"] == 5
    assert report["tasks"]["violations"]["labels"]["visit-threat"]["f1"] == 1.0
    assert report["tasks"]["mood"]["labels"]["angry"]["recall"] == 1.0
    assert report["hard_negatives"] == {
        "lines": 1, "flagged": 0, "false_positive_rate": 0.0, "by_kind": {"negation": {"lines": 1, "flagged": 0}},
    }  # fmt: skip
    assert report["promises"] == {"lines": 1, "amount": 1, "date": 1, "both": 1}
    assert report["span_overlap_mean"] == 1.0


def test_evaluate_for_a_person(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["evaluate", str(labelled(tmp_path))])
    assert result.exit_code == 0
    assert "visit-threat" in result.stdout
    assert "lawful agent speech flagged: 0 of 1" in result.stdout


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Counts(), None, None, None),
        (Counts(0, 1, 0), 0.0, None, 0.0),
        (Counts(0, 0, 1), None, 0.0, 0.0),
        (Counts(3, 1, 3), 0.75, 0.5, 0.6),
    ],
)
def test_ratios(counts: Counts, precision: float | None, recall: float | None, f1: float | None) -> None:
    assert (counts.precision, counts.recall, counts.f1) == (precision, recall, f1)


def test_help_shows_an_example() -> None:
    for command in ("analyze", "redact", "evaluate"):
        assert "Example" in RUNNER.invoke(app, [command, "--help"]).stdout


def test_where_nobody_reads_along_the_answer_is_json() -> None:
    result = RUNNER.invoke(app, ["analyze", "-"], input='{"speaker": "agent", "text": "再不还款就上门"}\n')
    assert lines(result.stdout)[0]["violations"][0]["label"] == "visit-threat"
