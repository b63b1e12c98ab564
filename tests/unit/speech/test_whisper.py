"""Loading Whisper models: what is found, what is missing, and the words for it."""

from __future__ import annotations

import json
import shutil

import faster_whisper
import numpy as np
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from speech.errors import RecognizerError
from speech.gate import Gate
from speech.recognizer import RecognizeOptions
from speech.whisper import WhisperRecognizer, digest_of
from speech.whisper_decode import Decoder

NOISE = (np.random.default_rng(0).standard_normal(32_000) * 0.1).astype(np.float32)


def failure(*arguments, **options) -> RecognizerError:
    with pytest.raises(RecognizerError) as caught:
        WhisperRecognizer.load(*arguments, **options)
    return caught.value


@pytest.fixture
def copy(tiny_whisper, tmp_path):
    return shutil.copytree(tiny_whisper, tmp_path / "copy")


def test_identity_and_capabilities_tell_what_was_loaded(tiny_whisper):
    recognizer = WhisperRecognizer.load(str(tiny_whisper), device="cpu")
    identity, capabilities = recognizer.identity, recognizer.capabilities
    assert (identity.name, identity.device) == (tiny_whisper.name, "cpu")
    assert identity.engine == f"faster-whisper {faster_whisper.__version__}"
    assert identity.digest == digest_of(tiny_whisper)
    assert identity.id == f"{tiny_whisper.name}@{identity.digest[:19]}"
    assert set(capabilities.languages) == {"en", "zh"}
    assert capabilities.detects_language
    assert capabilities.demonstration
    assert not capabilities.calibrated


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json"])
def test_the_digest_covers_every_file_that_matters(copy, name):
    before = digest_of(copy)
    with (copy / name).open("ab") as file:
        file.write(b" ")
    assert digest_of(copy) != before


def test_an_unknown_name_lists_the_known_ones():
    error = failure("whisper-huge")
    assert error.code == "recognizer.unknown_model"
    assert "large-v3-turbo" in (error.hint or "")


@pytest.mark.parametrize("gone", ["model.bin", "tokenizer.json", "config.json"])
def test_a_directory_without_a_needed_file_is_refused_and_nothing_is_fetched(copy, monkeypatch, gone):
    monkeypatch.setattr(faster_whisper, "download_model", lambda *a, **k: pytest.fail("must not fetch"))
    (copy / gone).unlink()
    error = failure(str(copy))
    assert error.code == "recognizer.weights_missing"
    assert gone in error.message
    assert str(copy) in error.message


def test_weights_that_cannot_be_fetched_say_what_to_do(monkeypatch):
    def offline(name, local_files_only=False):
        if local_files_only:
            raise LocalEntryNotFoundError("not in the cache")
        raise ConnectionError("no route")

    monkeypatch.setattr(faster_whisper, "download_model", offline)
    with pytest.raises(RecognizerError) as caught:
        WhisperRecognizer.load("tiny")
    assert caught.value.code == "recognizer.weights_unreachable"
    assert "ConnectionError" in caught.value.message
    assert "name its directory" in (caught.value.hint or "")


def test_a_name_is_looked_for_in_the_cache_before_the_network(tiny_whisper, monkeypatch):
    asked = []

    def cached(name, local_files_only=False):
        asked.append(local_files_only)
        return str(tiny_whisper)

    monkeypatch.setattr(faster_whisper, "download_model", cached)
    assert WhisperRecognizer.load("tiny", device="cpu").identity.name == "tiny"
    assert asked == [True]


def test_broken_weights_are_named(copy):
    (copy / "model.bin").write_bytes(b"not a model")
    error = failure(str(copy))
    assert error.code == "recognizer.broken_model"
    assert str(copy) in error.message


@pytest.mark.parametrize("options", [{"device": "abacus"}, {"compute_type": "int3"}])
def test_a_device_that_nobody_knows_is_named(tiny_whisper, options):
    error = failure(str(tiny_whisper), **options)
    assert error.code == f"recognizer.unknown_{next(iter(options))}"
    assert str(next(iter(options.values()))) in error.message


@pytest.mark.parametrize(("content", "code"), [("{", "not JSON"), ("[]", "expected an object")])
def test_an_unreadable_calibration_is_refused(copy, content, code):
    (copy / "calibration.json").write_text(content, encoding="utf-8")
    error = failure(str(copy))
    assert error.code == "recognizer.broken_model"
    assert code in error.message


def gated(directory, **calibration):
    (directory / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    recognizer = WhisperRecognizer.load(str(directory), device="cpu")
    assert recognizer.capabilities.calibrated
    return recognizer.recognize(NOISE, RecognizeOptions())


def test_the_measured_gate_of_the_model_decides_what_is_clear(copy):
    heard = WhisperRecognizer.load(str(copy), device="cpu").recognize(NOISE, RecognizeOptions())
    assert -1.0 < heard.avg_logprob < -0.3
    assert not heard.clear
    assert gated(copy, avg_logprob_gate=heard.avg_logprob - 0.01).clear
    strict = gated(copy, avg_logprob_gate=heard.avg_logprob + 0.01)
    assert (strict.text, strict.clear) == (heard.text, False)


def test_a_calibration_without_a_gate_is_refused(copy):
    (copy / "calibration.json").write_text('{"measured": {"zh": 0.2}}', encoding="utf-8")
    error = failure(str(copy))
    assert error.code == "recognizer.broken_model"
    assert "avg_logprob_gate must be a number, found None" in error.message


@pytest.mark.parametrize(
    ("text", "avg_logprob", "no_speech_prob", "clear"),
    [
        ("好的", -0.2, 0.1, True),
        ("好的", -1.0, 0.6, True),
        ("好的", -1.01, 0.1, False),
        ("好的", -0.2, 0.61, False),
        ("", -0.2, 0.1, False),
        ("谢谢" * 60, -0.01, 0.0, False),
    ],
)
def test_gate_bounds(text, avg_logprob, no_speech_prob, clear):
    assert Gate().is_clear(text, avg_logprob, no_speech_prob) is clear


@pytest.mark.parametrize("value", ["low", True, [1]])
def test_a_gate_that_is_no_number_is_refused(value):
    with pytest.raises(RecognizerError, match="avg_logprob_gate must be a number"):
        Gate.from_calibration({"avg_logprob_gate": value})


class ExhaustedModel:
    """An engine that runs out of memory while it encodes."""

    def feature_extractor(self, samples):
        return np.zeros((80, 101), np.float32)

    def encode(self, features):
        raise RuntimeError("CUDA failed with error out of memory")


def test_an_engine_that_gives_up_is_named():
    decoder = Decoder(ExhaustedModel(), gate=Gate(), small_vocabulary=False)
    with pytest.raises(RecognizerError, match=r"clip of 2\.0 s: CUDA failed") as caught:
        decoder.decode(NOISE, RecognizeOptions())
    assert caught.value.code == "recognizer.failed"
