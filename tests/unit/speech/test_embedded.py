"""The model that ships with Fairline hears synthetic telephone speech, and nothing where nothing is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from speech.cli import app
from speech.codec import encode
from speech.recognizer import RecognizeOptions
from speech.scoring import ErrorCount, character_errors, total, word_errors
from speech.stream import StreamOptions, TrackStream
from speech.synthesis.telephone import VOICES, synthesize_telephone
from speech.transcribe import transcribe_file
from speech.types import FinalHypothesis, PartialHypothesis
from speech.whisper import EMBEDDED, WhisperRecognizer

RATE = 8_000
HELD_OUT = [name for name, voice in VOICES.items() if voice.split == "heldout"]
SAID = {
    "zh": ["您好，请问是王先生吗？", "我这个星期五可以还款。", "请不要再给我打电话了。"],
    "en": [
        "Hello, is this Mister Smith?",
        "I can pay two hundred dollars on Friday.",
        "Please stop calling me.",
    ],
}


@pytest.fixture(scope="module")
def embedded() -> WhisperRecognizer:
    return WhisperRecognizer.load(EMBEDDED, device="cpu")


def call(*texts: tuple[str, str], voice: str = "f4") -> np.ndarray:
    """Sentences with a second of quiet around each, 8 kHz."""
    quiet = np.zeros(RATE, np.int16)
    parts = [quiet]
    for text, language in texts:
        parts += [synthesize_telephone(text, language, VOICES[voice]), quiet]
    return np.concatenate(parts)


def finals(recognizer, samples) -> list[FinalHypothesis]:
    stream = TrackStream(recognizer, StreamOptions())
    payload = encode(samples, "mulaw")
    events = []
    for start in range(0, len(payload), 1_600):
        events += stream.push(start / 8, payload[start : start + 1_600])
    return [event for event in [*events, *stream.flush()] if isinstance(event, FinalHypothesis)]


def dtmf(secs: float) -> np.ndarray:
    """All sixteen keys, a tenth of a second each, again and again."""
    rows, columns = (697, 770, 852, 941), (1_209, 1_336, 1_477, 1_633)
    time = np.arange(RATE // 10) / RATE
    keys = [np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time) for low in rows for high in columns]
    pauses = [part for key in keys for part in (key, np.zeros(RATE // 20))]
    return np.resize(np.concatenate(pauses) * 6_000, round(secs * RATE)).astype(np.int16)


def noise(secs: float) -> np.ndarray:
    return (np.random.default_rng(5).standard_normal(round(secs * RATE)) * 1_500).astype(np.int16)


def hum(secs: float) -> np.ndarray:
    time = np.arange(round(secs * RATE)) / RATE
    return (np.sin(2 * np.pi * 50 * time) * 3_000 + np.sin(2 * np.pi * 150 * time) * 1_000).astype(np.int16)


NOT_SPEECH = {"silence": np.zeros(10 * RATE, np.int16), "noise": noise(10), "dtmf": dtmf(10), "hum": hum(10)}


@pytest.mark.parametrize("kind", NOT_SPEECH)
def test_ten_seconds_without_speech_give_no_clear_text_in_a_stream(embedded, kind):
    assert [final.text for final in finals(embedded, NOT_SPEECH[kind]) if final.clear] == []


@pytest.mark.parametrize("kind", NOT_SPEECH)
def test_ten_seconds_without_speech_give_no_clear_text_from_the_model_itself(embedded, kind):
    samples = np.repeat(NOT_SPEECH[kind], 2).astype(np.float32) / 32_768
    heard = embedded.recognize(samples, RecognizeOptions(beam_size=5))
    assert not heard.clear


@pytest.mark.parametrize(("language", "most"), [("zh", 0.5), ("en", 0.6)])
def test_held_out_voices_are_understood(embedded, language, most):
    count = character_errors if language == "zh" else word_errors
    errors: list[ErrorCount] = []
    for voice in ("f4", "m4"):
        said = SAID[language]
        heard = finals(embedded, call(*((text, language) for text in said), voice=voice))
        assert {final.language for final in heard} == {language}
        errors.append(count(" ".join(said), " ".join(final.text for final in heard)))
    rate = total(errors).rate
    assert rate is not None
    assert rate < most


def test_other_sound_gives_another_text(embedded):
    one, other = (finals(embedded, call((text, "zh"))) for text in SAID["zh"][1:])
    assert one[0].text
    assert other[0].text
    assert one[0].text != other[0].text


def test_partials_come_while_the_sentence_is_spoken(embedded):
    stream = TrackStream(embedded, StreamOptions())
    events = stream.push(0, encode(call((SAID["zh"][1], "zh")), "mulaw"))
    assert isinstance(events[0], PartialHypothesis)
    assert isinstance(events[-1], FinalHypothesis)
    assert events[-1].text.startswith(events[-2].committed)


def test_swapped_channels_swap_the_transcripts(embedded, write_wav):
    left, right = call((SAID["zh"][0], "zh")), call((SAID["en"][1], "en"), voice="m4")
    length = max(len(left), len(right))
    both = np.stack([np.pad(track, (0, length - len(track))) for track in (left, right)], axis=1)
    straight = transcribe_file(write_wav("straight.wav", both), embedded)["tracks"]
    swapped = transcribe_file(write_wav("swapped.wav", both[:, ::-1]), embedded)["tracks"]
    assert straight[0]["segments"] == swapped[1]["segments"]
    assert straight[1]["segments"] == swapped[0]["segments"]
    assert straight[0]["segments"] != straight[1]["segments"]


def test_it_says_what_it_is_and_is_calibrated(embedded, write_wav):
    assert embedded.capabilities.demonstration
    assert embedded.capabilities.calibrated
    assert set(embedded.capabilities.languages) == {"zh", "en"}
    result = CliRunner().invoke(app, [str(write_wav("a.wav", call((SAID["zh"][1], "zh")))), "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["language"] == "zh"
    assert answer["model"] == embedded.identity.id
    assert "demonstration model" in result.stderr


def test_voices_under_test_were_kept_out_of_training():
    assert {"f4", "m4"} <= set(HELD_OUT)
