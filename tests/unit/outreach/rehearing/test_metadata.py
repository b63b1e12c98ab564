"""What is told of recordings: every bad row is named by file, line and field; good rows stand."""

from datetime import datetime
from pathlib import Path

import pytest

from outreach.errors import InputError
from outreach.rehearing.law import Told
from outreach.rehearing.metadata import Allowed, beside, read_metadata

ALLOWED = Allowed(jurisdictions={"cn": "cn", "us": "us-reg-f"}, purposes=("collection", "reminder"))
NAMES = {"a.wav", "b.wav", "sub/c.mp3"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path, text: str, name: str = "metadata.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return read_metadata(folder / name, NAMES, ALLOWED)


def test_a_full_row_is_understood(folder: Path) -> None:
    found = read(
        folder,
        "\ufefffile,left,language,at,creditor,jurisdiction,purpose,voice\n"
        "sub/c.mp3,Debtor,ZH,2026-11-02T09:30:00+08:00,恒信银行,US,reminder,artificial\n",
    )
    assert found.told == {
        "sub/c.mp3": Told(
            left="debtor",
            language="zh",
            at=datetime.fromisoformat("2026-11-02T09:30:00+08:00"),
            creditor="恒信银行",
            jurisdiction="us-reg-f",
            purpose="reminder",
            voice="artificial",
        )
    }
    assert (dict(found.bad), found.loose) == ({}, ())


def test_json_lines_say_the_same(folder: Path) -> None:
    found = read(folder, '{"file": "./a.wav", "left": null, "language": "en"}\n\n{"file": "b.wav"}\n', "metadata.jsonl")
    assert found.told == {"a.wav": Told(language="en"), "b.wav": Told()}


@pytest.mark.parametrize(
    ("row", "field", "found"),
    [
        ("a.wav,boss,,,", "left", "boss"),
        ("a.wav,agent,agent,,", "right", "agent"),
        ("a.wav,,,last week,", "at", "last week"),
        ("a.wav,,,2026-11-02T09:30:00,", "at", "2026-11-02T09:30:00"),
        ("a.wav,,,,mars", "jurisdiction", "mars"),
    ],
)
def test_a_bad_row_is_named_and_its_recording_is_not_judged(folder: Path, row: str, field: str, found: str) -> None:
    table = read(folder, f"file,left,right,at,jurisdiction\nb.wav,agent,,,\n{row}\n")
    assert list(table.told) == ["b.wav"]
    error = table.bad["a.wav"]
    assert error.code == "input.metadata_row"
    assert f"{folder / 'metadata.csv'} line 3, field {field}: found {found!r}, expected" in error.message


def test_two_rows_for_one_recording_contradict_each_other(folder: Path) -> None:
    table = read(folder, "file,left\na.wav,agent\na.wav,debtor\nb.wav,agent\n")
    assert list(table.told) == ["b.wav"]
    assert "one row for each recording" in table.bad["a.wav"].message


@pytest.mark.parametrize("name", ["gone.wav", "", "../metadata.csv/x"])
def test_a_row_about_nothing_is_named(folder: Path, name: str) -> None:
    (problem,) = read(folder, f"file,left\n{name},agent\nb.wav,agent\n").loose
    assert problem.code == "input.metadata_row"
    assert "line 2, field file" in problem.message


@pytest.mark.parametrize(
    ("text", "name", "code", "where"),
    [
        ("file,sides\na.wav,agent\n", "metadata.csv", "input.metadata_fields", "line 1: found the field 'sides'"),
        ("left\nagent\n", "metadata.csv", "input.metadata_fields", "line 1: found no field `file`"),
        ("file,left\na.wav\n", "metadata.csv", "input.metadata_row", "line 2: expected 2 columns"),
        ('{"file": "a.wav"}\nnot json\n', "metadata.jsonl", "input.metadata_unreadable", "line 2"),
        ('{"file": "a.wav", "left": 1}\n', "metadata.jsonl", "input.metadata_unreadable", "line 1"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(folder: Path, text: str, name: str, code: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        read(folder, text, name)
    assert caught.value.code == code
    assert where in caught.value.message


def test_it_is_found_beside_the_recordings_unless_there_are_two(folder: Path) -> None:
    assert beside(folder) is None
    (folder / "metadata.jsonl").write_text("")
    assert beside(folder) == folder / "metadata.jsonl"
    (folder / "metadata.csv").write_text("")
    with pytest.raises(InputError) as caught:
        beside(folder)
    assert caught.value.code == "input.metadata_twice"


def test_bytes_that_are_no_text_are_refused(folder: Path) -> None:
    (folder / "metadata.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        read_metadata(folder / "metadata.csv", NAMES, ALLOWED)
    assert caught.value.code == "input.metadata_unreadable"
