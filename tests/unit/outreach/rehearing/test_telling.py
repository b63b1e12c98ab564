"""What an audit says of calls whose sides nobody named: on the terminal, to programs, at the head of the report."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from outreach.rehearing.report import ReportView, render_report
from outreach.rehearing.telling import Teller
from tests.unit.outreach.rehearing.rooms import NOW, audited, one_track, rulebook, two_tracks, write


def view_of(*results: dict[str, object]) -> ReportView:
    return ReportView(
        folder="calls", made_at=NOW, lang="en", results=results, errors=[], loose=[], rulebook=rulebook(), measured=None
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_calls_without_known_sides_are_counted_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    path = write(tmp_path / "a" / "call.wav", two_tracks())
    mono = audited(write(tmp_path / "b" / "mono.wav", one_track()))
    view = view_of(audited(path), mono, audited(path, left="agent"))
    said = StringIO()
    Teller(as_json=as_json, console=Console(file=said, soft_wrap=True)).ended(view, tmp_path / "r.html", unheard=0)
    assert "of 1 two-channel calls nobody said who is on which side" in said.getvalue()
    assert "--left agent --right debtor" in said.getvalue()
    printed = capsys.readouterr().out
    if as_json:
        assert json.loads(printed)["summary"]["sides_unknown"] == 1
    else:
        assert "3 calls heard, 1 of them scored" in printed
    head, _, rest = render_report(view).partition('<section class="box model">')
    assert "Two-channel calls of which nobody said who is on which side: 1." in head
    assert "Nobody said which channel is the agent" in rest


def test_where_all_sides_are_known_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    view = view_of(audited(write(tmp_path / "call.wav", two_tracks()), left="agent"))
    said = StringIO()
    Teller(as_json=True, console=Console(file=said)).ended(view, tmp_path / "r.html", unheard=0)
    assert (said.getvalue(), json.loads(capsys.readouterr().out)["summary"]["sides_unknown"]) == ("", 0)
    assert "nobody said who is on which side" not in render_report(view)
