"""The contract of `speech.recognizer.Recognizer`, run on every recogniser that is here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from speech.batching import Batcher
from speech.errors import RecognizerError
from speech.recognizer import RecognizeOptions
from speech.types import RECOGNITION_RATE
from speech.whisper import EMBEDDED, WhisperRecognizer, embedded_directory
from tests.unit.speech.fakes import FakeRecognizer
from tests.unit.speech.tiny_whisper import write_real_shape, write_tiny_whisper

RECOGNIZERS = [
    "fake",
    "tiny-random",
    "tiny-random, batched",
    "whisper-layout",
    *([EMBEDDED] if (embedded_directory() / "model.bin").is_file() else []),
]


@pytest.fixture(scope="module", params=RECOGNIZERS)
def recognizer(request, tmp_path_factory):
    if request.param == "fake":
        yield FakeRecognizer()
    elif request.param == EMBEDDED:
        yield WhisperRecognizer.load(EMBEDDED, device="cpu")
    elif request.param == "whisper-layout":
        yield WhisperRecognizer.load(str(write_real_shape(tmp_path_factory.mktemp("real"), "small")), device="cpu")
    else:
        tiny = str(write_tiny_whisper(tmp_path_factory.mktemp("tiny")))
        model = WhisperRecognizer.load(tiny, device="cpu", workers=2)
        if "batched" not in request.param:
            yield model
            return
        batcher = Batcher(model, engines=2)
        yield batcher
        batcher.close()


def clip(secs: float, seed: int = 0):
    """Something between a hum and a voice: gliding harmonics, swelling four times a second."""
    time = np.arange(round(secs * RECOGNITION_RATE)) / RECOGNITION_RATE
    pitch = np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * time + seed)) / RECOGNITION_RATE
    voice = sum(np.sin(2 * np.pi * pitch * harmonic) / harmonic for harmonic in range(1, 20))
    return (0.1 * voice * (1 + np.sin(2 * np.pi * 4 * time))).astype(np.float32)


@pytest.mark.parametrize("secs", [0.0, 0.02, 0.5, 10.0, 30.0])
def test_silence_gives_no_clear_text(recognizer, secs):
    heard = recognizer.recognize(np.zeros(round(secs * RECOGNITION_RATE), np.float32), RecognizeOptions())
    assert (heard.text, heard.words, heard.clear) == ("", (), False)


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("secs", [0.02, 0.3, 3.0, 30.0])
def test_words_lie_in_the_clip_in_order_and_read_as_the_text(recognizer, secs, beam_size):
    options = RecognizeOptions(word_timestamps=True, beam_size=beam_size)
    heard = recognizer.recognize(clip(secs), options)
    assert "".join(word.text for word in heard.words) == heard.text == heard.text.strip()
    position = 0.0
    for word in heard.words:
        assert position <= word.start <= word.end <= secs
        assert 0 <= word.probability <= 1
        position = word.start


def test_words_come_only_when_asked_for(recognizer):
    assert recognizer.recognize(clip(3.0), RecognizeOptions()).words == ()


def test_the_same_clip_gives_the_same_text_in_any_thread_and_order(recognizer):
    clips = [clip(secs, seed) for seed, secs in enumerate((1.0, 2.5, 0.4, 4.0))]
    options = RecognizeOptions(word_timestamps=True)
    alone = [recognizer.recognize(one, options) for one in clips]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda one: recognizer.recognize(one, options), [*reversed(clips), *clips] * 2))
    assert all(map(same, together, [*reversed(alone), *alone] * 2))


def same(left, right):
    """Text, times and verdict are equal; probabilities too, up to the rounding of the engine's sums."""
    assert (left.text, left.language, left.clear) == (right.text, right.language, right.clear)
    assert [(word.text, word.start, word.end) for word in left.words] == [
        (word.text, word.start, word.end) for word in right.words
    ]
    for one, other in zip((left, *left.words), (right, *right.words), strict=True):
        names = ("probability",) if one is not left else ("avg_logprob", "no_speech_prob", "language_probability")
        for name in names:
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-4)
    return True


@pytest.mark.parametrize("language", [None, "zh"])
def test_many_clips_at_once_read_as_each_alone(recognizer, language):
    if not isinstance(recognizer, WhisperRecognizer):
        return
    clips = [clip(secs, seed) for seed, secs in enumerate((1.0, 1.1, 0.0, 2.5, 1.0, 0.02, 2.4, 1.2, 1.1, 6.0))]
    options = RecognizeOptions(word_timestamps=True, beam_size=2, language=language)
    together = recognizer.recognize_many(clips, options)
    assert all(same(one, recognizer.recognize(alone, options)) for one, alone in zip(together, clips, strict=True))
    assert recognizer.recognize_many([], options) == []
    with pytest.raises(RecognizerError, match=r"31\.0 s"):
        recognizer.recognize_many([*clips, clip(31.0)], options)


def test_languages_it_names_can_be_asked_for(recognizer):
    languages = recognizer.capabilities.languages
    assert languages
    for language in languages[:: max(1, len(languages) // 4)]:
        heard = recognizer.recognize(clip(1.0), RecognizeOptions(language=language))
        assert heard.language in (language, None)
        assert heard.language_probability in (1.0, 0.0)


def test_a_detected_language_is_one_it_names(recognizer):
    heard = recognizer.recognize(clip(2.0), RecognizeOptions())
    assert heard.language is None or heard.language in recognizer.capabilities.languages
    assert 0 <= heard.language_probability <= 1
    assert heard.avg_logprob <= 0
    assert 0 <= heard.no_speech_prob <= 1


def test_identity_is_complete(recognizer):
    identity = recognizer.identity
    assert identity.digest.startswith("sha256:")
    assert len(identity.digest) == len("sha256:") + 64
    assert identity.id == f"{identity.name}@{identity.digest[:19]}"
    assert all((identity.name, identity.engine, identity.device, identity.compute_type))


@pytest.mark.parametrize(
    ("samples", "options", "code"),
    [
        (np.zeros(30 * RECOGNITION_RATE + 1, np.float32), RecognizeOptions(), "recognizer.clip_too_long"),
        (np.zeros((2, 100), np.float32), RecognizeOptions(), "recognizer.bad_audio"),
        (np.zeros(100, np.int16), RecognizeOptions(), "recognizer.bad_audio"),
        (np.array([0.0, np.nan], np.float32), RecognizeOptions(), "recognizer.bad_audio"),
        (np.zeros(100, np.float32), RecognizeOptions(language="xx"), "recognizer.unknown_language"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_code(recognizer, samples, options, code):
    with pytest.raises(RecognizerError) as caught:
        recognizer.recognize(samples, options)
    assert caught.value.code == code
    assert caught.value.message
