"""`fairline doctor` on overlays it cannot use: a row that says where, what, and what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.config import Settings
from outreach.doctor import command, law
from outreach.doctor.check import OVERLAY_REMEDY, Check, guarded
from policy.errors import RulebookError


@pytest.fixture
def few_checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the rulebook is looked at: the other parts load models."""
    monkeypatch.setenv("FAIRLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(command, "examine", lambda settings: iter([guarded("rulebook", law.rulebook, settings)]))


@pytest.mark.usefixtures("few_checks")
def test_a_refused_overlay_is_told_whole_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a-rather-long-name-of-a-folder-of-overlays-that-no-terminal-has-room-for"
    folder.mkdir()
    (folder / "wrong.yaml").write_text("surprise: 1\n", "utf-8")
    monkeypatch.setenv("FAIRLINE_OVERLAYS", str(folder))
    told = CliRunner().invoke(command.app, [])
    assert told.exit_code == 3
    assert "…" not in told.stdout
    columns = [line.split("│") for line in told.stdout.splitlines() if line.count("│") == 5]
    found, todo = ("".join(cells[place].strip() for cells in columns) for place in (3, 4))
    assert str(folder / "wrong.yaml") + ":1:" in found
    assert found.endswith("[rulebook.unknown_key]")
    assert todo.replace(" ", "") == OVERLAY_REMEDY.replace(" ", "")


@pytest.mark.usefixtures("few_checks")
def test_a_folder_of_overlays_that_is_not_there_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLINE_OVERLAYS", str(tmp_path / "nowhere"))
    told = CliRunner().invoke(command.app, ["--json"])
    assert told.exit_code == 3
    assert '"name": "overlays", "state": "missing"' in told.stdout
    assert "expected a folder that exists" in told.stdout
    assert '"name": "rulebook", "state": "ok"' in told.stdout


def test_a_damaged_rulebook_without_overlays_does_not_blame_them(tmp_path: Path) -> None:
    def look(_: Settings) -> Check:
        raise RulebookError("rulebook.empty", file="x.yaml", line=1, field="a", found="nothing", expected="rules")

    check = guarded("rulebook", look, Settings(var_dir=tmp_path))
    assert (check.state, "again" in check.todo) == ("missing", True)
