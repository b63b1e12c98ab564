"""The command lines of import, database and evidence, as a person uses them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from outreach.cases import cli as cases_cli
from outreach.cases.csv_file import REQUIRED
from outreach.db import cli as db_cli
from outreach.ledger import cli as ledger_cli
from outreach.ledger.export import Signer, public_key_file
from tests.world import MORNING, ORIGIN, World

APPS = {"cases": cases_cli.app, "db": db_cli.app, "evidence": ledger_cli.app}
GOOD = "清风银行,basic,CN,P-1,王小明,Asia/Shanghai,D-1,1000,1200,CNY,2026-08-01,+8613800138000,contract"

Run = Callable[..., Result]


@pytest.fixture
def run(empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against a database that nobody has prepared; a traceback fails the test."""
    monkeypatch.setenv("FAIRLINE_DATABASE_URL", empty_dsn)
    monkeypatch.setenv("FAIRLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("FAIRLINE_LEDGER_ORIGIN", ORIGIN)

    def call(app: str, *arguments: str) -> Result:
        result = CliRunner().invoke(APPS[app], list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def portfolio(folder: Path, *rows: str) -> str:
    path = folder / "cases.csv"
    path.write_text("\n".join([",".join(REQUIRED), *rows, ""]), "utf-8")
    return str(path)


def test_import_for_people_and_for_machines(run: Run, tmp_path: Path) -> None:
    bad = [GOOD.replace("P-1", f"P-{number}").replace("D-1", "D 1") for number in range(25)]
    told = run("cases", "import", portfolio(tmp_path, GOOD, *bad))
    assert told.exit_code == 2
    assert told.stdout == "cases.csv: 26 rows; 1 new, 0 updated, 0 unchanged, 25 set aside\n"
    assert "line 3, debt_reference: expected" in told.stderr
    assert "and 5 more" in told.stderr
    again = run("cases", "import", portfolio(tmp_path, GOOD), "--json")
    assert (again.exit_code, again.stderr) == (0, "")
    assert json.loads(again.stdout)["unchanged"] == 1


def test_a_bar_appears_when_it_takes_long(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases_cli, "BAR_AFTER_SECS", -1.0)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    told = run("cases", "import", portfolio(tmp_path, GOOD), "--json")
    assert "importing" in told.stderr
    assert json.loads(told.stdout)["created"] == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("cases", "import", "nowhere.csv"), "input.csv_missing"),
        (("evidence", "verify", "nowhere.zip"), "input.export_missing"),
        (("evidence", "export", "-o", "x.zip"), "input.usage"),
        (("evidence", "export", "--all", "--call", "CA1", "-o", "x.zip"), "input.usage"),
        (("evidence", "checkpoint"), "db.schema"),
    ],
)
def test_bad_input_is_one_clear_line(run: Run, arguments: tuple[str, ...], code: str) -> None:
    told = run(*arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(f"error {code}: ")


def test_database_commands(run: Run, tmp_path: Path) -> None:
    told = run("db", "status")
    assert told.exit_code == 1
    assert "run: fairline db upgrade" in told.stderr
    assert run("db", "upgrade").exit_code == 0
    told = run("db", "status", "--json")
    assert (told.exit_code, json.loads(told.stdout)["current"]) == (0, True)
    assert "keys.gate: gate-" in run("db", "status").stdout


def test_a_server_that_is_not_there_is_exit_code_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLINE_DATABASE_URL", "postgresql://127.0.0.1:1/x")
    for command in ("status", "upgrade"):
        assert run("db", command).exit_code == 3


def test_evidence_from_export_to_verdict(run: Run, tmp_path: Path) -> None:
    run("cases", "import", portfolio(tmp_path, GOOD))
    signed = run("evidence", "checkpoint")
    assert signed.stdout.startswith(f"{ORIGIN}\n1\n")
    assert json.loads(run("evidence", "checkpoint", "--json").stdout)["note"] == signed.stdout
    archive = tmp_path / "log.zip"
    assert run("evidence", "export", "--all", "-o", str(archive)).exit_code == 0
    told = run("evidence", "verify", str(archive))
    assert told.exit_code == 0
    assert "VERIFIED log" in told.stdout
    assert "--public-key" in told.stderr
    answer = json.loads(run("evidence", "verify", str(archive), "--json").stdout)
    assert (answer["verified"], answer["size"], answer["failure"]) == (True, 1, None)


def test_a_broken_export_is_exit_code_one(run: Run, world: World, tmp_path: Path) -> None:
    from outreach.ledger.archive import write_export
    from outreach.ledger.export import export_call

    world.call(world.person(), "CA1")
    files = export_call(world.database, world.signer, "CA1", MORNING)
    own_key = tmp_path / "auditor-copy.txt"
    own_key.write_bytes(public_key_file(Signer(origin=ORIGIN, key=world.database.keys.ledger)))
    archive = tmp_path / "call.zip"
    write_export(archive, files)
    told = run("evidence", "verify", str(archive), "--public-key", str(own_key))
    assert (told.exit_code, told.stderr) == (0, "")
    write_export(archive, {**files, "recording.wav": b"RIFF other audio"})
    told = run("evidence", "verify", str(archive), "--public-key", str(own_key))
    assert told.exit_code == 1
    assert "BROKEN evidence.recording_mismatch" in told.stdout
    told = run("evidence", "verify", str(archive), "--public-key", str(tmp_path / "none"))
    assert told.exit_code == 2


def test_a_file_that_is_no_export(run: Run, tmp_path: Path) -> None:
    for name, content in (("a.zip", b"not a zip"), ("b.zip", b"PK\x05\x06" + bytes(18))):
        (tmp_path / name).write_bytes(content)
    assert run("evidence", "verify", str(tmp_path / "a.zip")).exit_code == 2
    assert run("evidence", "verify", str(tmp_path / "b.zip")).exit_code == 1, "empty, so nothing is proved"
    told = run("evidence", "export", "--all", "-o", str(tmp_path / "no" / "x.zip"))
    assert told.exit_code == 2
