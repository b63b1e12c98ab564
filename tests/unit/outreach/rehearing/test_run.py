"""A folder of recordings: every file ends, nothing is heard twice, a bad one stops nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from outreach.errors import InputError
from outreach.rehearing.law import Told
from outreach.rehearing.metadata import Metadata
from outreach.rehearing.run import Outcome, Progress, hear_all, plan
from outreach.rehearing.scan import find_files
from outreach.rehearing.store import CALLS, ResultStore
from tests.unit.outreach.rehearing.rooms import auditor, one_track, spoken, tone, two_tracks, write
from tests.unit.speech.fakes import FakeRecognizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    calls = tmp_path / "calls"
    write(calls / "a.wav", two_tracks())
    write(calls / "deep" / "b.wav", one_track())
    write(calls / "blip.wav", tone(9_000, 0.2))
    whole = (calls / "a.wav").read_bytes()
    (calls / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (calls / "empty.mp3").write_bytes(b"")
    (calls / "notes.txt").write_text("call them back")
    (calls / ".hidden.wav").write_bytes(whole)
    return calls


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    opened = ResultStore(tmp_path / "out")
    yield opened
    opened.close()


def run(folder: Path, store: ResultStore, judge=None, metadata: Metadata | None = None) -> dict[str, Outcome]:
    judge, metadata = judge or auditor(), metadata or Metadata()
    todo = plan(find_files(folder, frozenset()), metadata, judge, store)
    moved: dict[str, float] = {}
    progress = Progress(jobs=2, moved=lambda found, secs: moved.__setitem__(found.name, secs))
    heard = list(hear_all(todo, metadata, judge, store, progress))
    assert sum(moved.values()) == pytest.approx(todo.secs)
    return {outcome.found.name: outcome for outcome in (*todo.settled, *heard)}


def test_every_file_ends_as_a_result_or_as_a_named_error(folder: Path, store: ResultStore) -> None:
    ended = run(folder, store)
    codes = {name: outcome.result.get("error", {}).get("code") for name, outcome in ended.items()}
    assert codes == {
        "a.wav": None,
        "deep/b.wav": None,
        "blip.wav": "input.too_short",
        "cut.wav": "media_file.truncated",
        "empty.mp3": "media_file.empty",
        "notes.txt": "media_file.not_audio",
    }
    written = [json.loads(path.read_text("utf-8")) for path in (store.folder / CALLS).glob("*.json")]
    assert {result["file"] for result in written} == {"a.wav", "deep/b.wav"}
    assert [dict(outcome.result) for outcome in ended.values() if outcome.done] == [
        result for outcome in ended.values() for result in written if result["file"] == outcome.found.name
    ]
    assert (store.folder.stat().st_mode & 0o777, (store.folder / CALLS).stat().st_mode & 0o777) == (0o700, 0o700)


def test_what_is_finished_is_taken_over_and_not_heard(folder: Path, store: ResultStore) -> None:
    first = run(folder, store)
    recognizer = FakeRecognizer(spoken)
    again = run(folder, store, auditor(recognizer))
    assert recognizer.asked == []
    assert {name for name, outcome in again.items() if outcome.taken_over} == {"a.wav", "deep/b.wav"}
    assert again["a.wav"].result == first["a.wav"].result


def test_a_renamed_file_keeps_its_result_and_a_changed_one_does_not(folder: Path, store: ResultStore) -> None:
    run(folder, store)
    (folder / "a.wav").rename(folder / "z.wav")
    write(folder / "deep" / "b.wav", one_track()[::-1])
    recognizer = FakeRecognizer(spoken)
    again = run(folder, store, auditor(recognizer))
    assert (again["z.wav"].taken_over, again["z.wav"].result["file"]) == (True, "z.wav")
    assert not again["deep/b.wav"].taken_over
    assert len(recognizer.asked) == 2


def test_other_sides_other_law_other_answer(folder: Path, store: ResultStore) -> None:
    run(folder, store)
    told = Metadata(told={"a.wav": Told(left="debtor")})
    again = run(folder, store, metadata=told)
    assert (again["a.wav"].taken_over, again["deep/b.wav"].taken_over) == (False, True)
    assert again["a.wav"].result["sides"] == ["debtor", "agent"]
    assert run(folder, store)["a.wav"].taken_over  # both answers are kept


def test_a_result_that_was_damaged_is_made_again(folder: Path, store: ResultStore) -> None:
    run(folder, store)
    for path in (store.folder / CALLS).glob("a.wav-*.json"):
        path.write_text(path.read_text("utf-8")[:200], "utf-8")
    again = run(folder, store)
    assert (again["a.wav"].taken_over, again["a.wav"].done) == (False, True)


def test_what_goes_wrong_inside_names_its_file_and_the_rest_goes_on(folder: Path, store: ResultStore) -> None:
    def broken(samples):
        if float(abs(samples).max()) < 0.2:
            raise OSError(5, "Input/output error")
        return spoken(samples)

    ended = run(folder, store, auditor(FakeRecognizer(broken)))
    assert ended["a.wav"].result["error"]["code"] == "input.unreadable"
    assert not ended["a.wav"].done


def test_a_fault_of_the_program_names_its_place_and_nothing_that_was_said(
    folder: Path, store: ResultStore, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(samples):
        raise KeyError(spoken(samples))

    error = run(folder, store, auditor(FakeRecognizer(broken)))["a.wav"].result["error"]
    assert error["code"] == "audit.failed"
    assert re.search(
        r"a\.wav: could not be judged, a fault of the program \(KeyError at \w+\.py:\d+\)", error["message"]
    )
    assert capsys.readouterr() == ("", "")


def test_a_bad_row_keeps_its_recording_from_being_judged(folder: Path, store: ResultStore) -> None:
    problem = InputError("input.metadata_row", "metadata.csv line 2, field left: found 'x', expected agent or debtor")
    ended = run(folder, store, metadata=Metadata(bad={"a.wav": problem}))
    assert ended["a.wav"].result["error"]["code"] == "input.metadata_row"
    assert ended["deep/b.wav"].done


def test_a_stopped_run_leaves_what_is_finished(folder: Path, store: ResultStore) -> None:
    judge = auditor()
    todo = plan(find_files(folder, frozenset()), Metadata(), judge, store)
    hearing = hear_all(todo, Metadata(), judge, store, Progress(jobs=1, moved=lambda found, secs: None))
    first = next(hearing)
    hearing.close()
    assert first.found.name in {item.name for item in find_files(folder, frozenset())}
    store.close()
    again = ResultStore(store.folder)
    ended = run(folder, again)
    again.close()
    assert len(ended) == 6
    assert ended["a.wav"].done


def test_one_audit_at_a_time_writes_into_a_folder(store: ResultStore) -> None:
    with pytest.raises(InputError) as caught:
        ResultStore(store.folder)
    assert caught.value.code == "input.output_busy"
    store.close()
    ResultStore(store.folder).close()


def test_left_over_halves_are_swept_away(tmp_path: Path) -> None:
    half = tmp_path / "out" / CALLS / ".x.partial"
    half.parent.mkdir(parents=True)
    half.write_text("{")
    ResultStore(tmp_path / "out").close()
    assert not half.exists()


def test_files_beside_the_recording_of_a_bundle_are_no_recordings(tmp_path: Path) -> None:
    bundle = tmp_path / "case" / "recording.wav"
    write(bundle, two_tracks())
    for name in ("proofs.json", "transcript.json", "findings.json", "openings.json", "checkpoint.txt"):
        (bundle.parent / name).write_text("{}")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("")
    found = find_files(tmp_path, frozenset({(tmp_path / "out").resolve()}))
    assert [item.name for item in found] == ["case/recording.wav"]
    with pytest.raises(InputError):
        find_files(bundle, frozenset())


def test_the_length_is_guessed_where_a_file_states_none(folder: Path) -> None:
    by_name = {item.name: item for item in find_files(folder, frozenset())}
    assert by_name["a.wav"].guessed_secs() == pytest.approx(5.1, abs=0.1)
    assert by_name["notes.txt"].guessed_secs() < 0.01
