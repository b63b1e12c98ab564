"""Where weights are looked for, and the words for those that are not there."""

from __future__ import annotations

import errno
import shutil

import faster_whisper
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from speech.engine import Engine, check_engine, hardware
from speech.errors import RecognizerError
from speech.recognizer import RecognizeOptions
from speech.weights import EMBEDDED, embedded_directory, find, known_models, locate
from speech.whisper import WhisperRecognizer
from tests.unit.speech.test_whisper import NOISE


def failure(work, *arguments) -> RecognizerError:
    with pytest.raises(RecognizerError) as caught:
        work(*arguments)
    return caught.value


@pytest.fixture
def nothing_cached(monkeypatch):
    """A machine with an empty cache; gives what was asked of the hub."""
    asked = []

    def download(name, local_files_only=False):
        if local_files_only:
            raise LocalEntryNotFoundError("not in the cache")
        asked.append(name)
        raise ConnectionError("no route")

    monkeypatch.setattr(faster_whisper, "download_model", download)
    return asked


def test_the_installed_library_knows_the_names_the_documents_give():
    promised = {"tiny", "tiny.en", "small", "medium", "large-v3", "large-v3-turbo", "turbo"}
    assert promised | {"distil-small.en", "distil-large-v3", "distil-large-v3.5"} <= set(known_models())


def test_every_name_says_how_to_get_it_by_hand(nothing_cached):
    for name in known_models():
        error = failure(locate, name)
        assert error.code == "recognizer.weights_absent"
        repository = (error.hint or "").partition("hf download ")[2].partition(" ")[0]
        assert repository.count("/") == 1
    assert nothing_cached == []


def test_a_repository_is_a_name_too(nothing_cached):
    error = failure(find, "someone/whisper-for-calls")
    assert error.code == "recognizer.weights_unreachable"
    assert "there is no directory someone/whisper-for-calls" in error.message
    assert nothing_cached == ["someone/whisper-for-calls"]


@pytest.mark.parametrize("place", ["/no/such/place", "./nor/here", "~/models/gone", "one/two/three"])
def test_a_directory_that_is_not_there_is_not_asked_of_the_hub(place, nothing_cached):
    error = failure(find, place)
    assert (error.code, nothing_cached) == ("recognizer.weights_missing", [])
    assert "there is no such directory" in error.message


def test_a_full_disk_is_told_from_a_lost_connection(monkeypatch):
    def download(name, local_files_only=False):
        if local_files_only:
            raise LocalEntryNotFoundError("not in the cache")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(faster_whisper, "download_model", download)
    error = failure(find, "small")
    assert "the disk is full" in error.message
    assert "HF_HOME" in (error.hint or "")


def test_a_half_fetched_model_is_fetched_again(monkeypatch, tiny_whisper, tmp_path):
    half = shutil.copytree(tiny_whisper, tmp_path / "half")
    (half / "model.bin").unlink()
    monkeypatch.setattr(
        faster_whisper,
        "download_model",
        lambda name, local_files_only=False: half if local_files_only else tiny_whisper,
    )
    assert failure(locate, "small").code == "recognizer.weights_absent"
    assert find("small") == tiny_whisper


def test_a_model_that_is_not_converted_yet_is_told_so(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    error = failure(find, str(tmp_path))
    assert "not converted yet" in error.message
    assert f"ct2-transformers-converter --model {tmp_path}" in (error.hint or "")


def test_a_copy_of_the_embedded_model_answers_as_the_original(tmp_path):
    copy = shutil.copytree(embedded_directory(), tmp_path / "copy")
    assert locate(str(copy)).size_bytes == locate(EMBEDDED).size_bytes
    one, other = (WhisperRecognizer.load(model, device="cpu") for model in (EMBEDDED, str(copy)))
    assert one.identity.digest == other.identity.digest
    assert one.capabilities == other.capabilities
    options = RecognizeOptions(word_timestamps=True, beam_size=2)
    assert one.recognize(NOISE, options) == other.recognize(NOISE, options)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.bin", b""),
        ("tokenizer.json", b"{"),
        ("tokenizer.json", b"\xff\xfe"),
        ("config.json", b"\xff\xfe"),
        ("vocabulary.json", b"["),
        ("preprocessor_config.json", b"{"),
    ],
)
def test_every_damaged_file_is_a_broken_model(tiny_whisper, tmp_path, file, content):
    broken = shutil.copytree(tiny_whisper, tmp_path / "broken")
    (broken / file).write_bytes(content)
    error = failure(WhisperRecognizer.load, str(broken))
    assert error.code == "recognizer.broken_model"
    assert str(broken) in error.message
    assert error.hint


def test_a_tokenizer_of_another_kind_is_named(tiny_whisper, tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    other = shutil.copytree(tiny_whisper, tmp_path / "other")
    Tokenizer(BPE(vocab={"a": 0}, merges=[])).save(str(other / "tokenizer.json"))
    error = failure(WhisperRecognizer.load, str(other))
    assert "not a Whisper's: it lacks <|endoftext|>" in error.message


@pytest.mark.parametrize(
    ("engine", "code", "words"),
    [
        (Engine(device="abacus"), "recognizer.unknown_device", "expected one of auto, cpu, cuda"),
        (
            Engine(device="cuda", compute_type="int3"),
            "recognizer.unknown_compute_type",
            "expected one of default, auto, int8",
        ),
    ],
)
def test_what_no_machine_has_is_refused_before_anything_is_fetched(engine, code, words):
    error = failure(check_engine, engine)
    assert (error.code, words in (error.hint or "")) == (code, True)


def test_what_this_machine_lacks_is_refused_with_what_it_has():
    here = hardware()
    assert "float32" in here.compute_types["cpu"]
    for engine in (Engine(device="cpu", compute_type=name) for name in here.compute_types["cpu"]):
        check_engine(engine)
    if here.cuda_devices == 0:
        assert here.auto == "cpu"
        assert "no CUDA device" in failure(check_engine, Engine(device="cuda")).message
        assert "expected default or one of" in (failure(check_engine, Engine(compute_type="float16")).hint or "")
