"""What `fairline doctor` says of models and of what they compute on."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.config import Settings
from outreach.doctor import command, recognition
from outreach.doctor.check import Check, guarded
from speech.weights import digest_of, embedded_directory
from tests.unit.speech.tiny_whisper import write_tiny_whisper


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_whisper(tmp_path_factory.mktemp("models") / "ours")


def settings(**given: object) -> Settings:
    return Settings(var_dir=Path("var"), **given)  # type: ignore[arg-type]


def test_the_embedded_model_is_shown_with_digest_size_and_measured_error() -> None:
    shown = recognition.embedded_model(settings())
    directory = embedded_directory()
    calibration = json.loads((directory / "calibration.json").read_text("utf-8"))
    errors = calibration["measured"]["error"]["mu-law"]
    assert shown.state == "ok"
    assert shown.details["digest"] == digest_of(directory)
    assert shown.details["measured_error"] == {lang: errors[f"{lang} all unseen"]["error"] for lang in ("zh", "en")}
    assert str(errors["zh all unseen"]["error"]) in shown.found
    files = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")
    total = sum((directory / name).stat().st_size for name in (*files, "calibration.json"))
    assert shown.details["size_bytes"] == total


def test_a_directory_is_loaded_and_shown_with_its_place(model: Path) -> None:
    shown = recognition.second_pass(settings(second_pass_model=str(model), asr_device="cpu"))
    assert (shown.state, shown.details["kind"], shown.details["device"]) == ("ok", "directory", "cpu")
    assert str(model) in shown.found
    assert digest_of(model)[:19] in shown.found
    live = recognition.recogniser(settings(asr_model=str(model), asr_device="cpu"))
    assert (live.state, live.details["demonstration"]) == ("note", True)
    assert "FAIRLINE_ASR_MODEL" in live.todo


def test_no_second_model_is_no_fault() -> None:
    assert recognition.second_pass(settings()).state == "ok"


@pytest.mark.parametrize("name", ["distil-large-v3.5", "large-v3-turbo", "Systran/faster-whisper-tiny"])
def test_weights_that_are_not_here_are_not_fetched(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import faster_whisper
    from huggingface_hub.errors import LocalEntryNotFoundError

    def cache_only(asked: str, local_files_only: bool = False) -> str:
        assert (asked, local_files_only) == (name, True)
        raise LocalEntryNotFoundError("not in the cache")

    monkeypatch.setattr(faster_whisper, "download_model", cache_only)
    shown = guarded("recogniser", recognition.recogniser, settings(asr_model=name))
    assert shown.state == "missing"
    assert f"weights of {name} are not on this machine" in shown.found
    assert "hf download " in shown.todo


def test_a_broken_model_and_a_device_that_is_not_there_are_rows(model: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(model, tmp_path / "broken")
    (broken / "model.bin").write_bytes(b"")
    shown = guarded("second pass", recognition.second_pass, settings(second_pass_model=str(broken), asr_device="cpu"))
    assert (shown.state, str(broken) in shown.found, "copy it again" in shown.todo) == ("missing", True, True)
    missing = guarded("device", recognition.device, settings(asr_device="cpu", asr_compute_type="float16"))
    assert (missing.state, "expected default or one of" in missing.todo) == ("missing", True)


def test_more_threads_than_cores_are_told() -> None:
    shown = recognition.device(settings(asr_device="cpu", asr_threads=10_000))
    assert (shown.state, "FAIRLINE_ASR_THREADS" in shown.todo) == ("note", True)
    assert recognition.device(settings(asr_device="cpu")).details["compute_types"]["cpu"]


def test_programs_get_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        command, "examine", lambda _: iter([Check(name="device", state="ok", found="cpu", details={"cores": 2})])
    )
    told = CliRunner().invoke(command.app, ["--json"])
    assert json.loads(told.stdout)["checks"] == [
        {"name": "device", "state": "ok", "found": "cpu", "todo": "", "details": {"cores": 2}}
    ]
