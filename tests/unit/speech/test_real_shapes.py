"""Models in the layout of the published Whispers, end to end: languages, padding, prompts, word times."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from speech.errors import RecognizerError
from speech.recognizer import RecognizeOptions
from speech.types import RECOGNITION_RATE
from speech.whisper import WhisperRecognizer
from tests.unit.speech.tiny_whisper import real_shapes, write_real_shape

NOISE = (np.random.default_rng(3).standard_normal(3 * RECOGNITION_RATE) * 0.1).astype(np.float32)
NAMES = ("曾国梁", "Anna Whitfield", "清风银行")
FAMILIES = ("small", "small.en", "large-v3", "distil-large-v3")


@pytest.fixture(scope="module")
def directories(tmp_path_factory) -> dict[str, Path]:
    return {name: write_real_shape(tmp_path_factory.mktemp("models") / name, name) for name in FAMILIES}


@pytest.fixture(scope="module")
def recognizers(directories) -> dict[str, WhisperRecognizer]:
    return {name: WhisperRecognizer.load(str(path), device="cpu") for name, path in directories.items()}


def test_the_layouts_are_those_of_the_published_models():
    rows = {name: shape.text_tokens + len(shape.specials) + 1501 for name, shape in real_shapes().items()}
    assert rows == {"small": 51_865, "small.en": 51_864, "large-v3": 51_866, "distil-large-v3": 51_866}


@pytest.mark.parametrize(
    ("family", "languages"), [("small", 99), ("small.en", 1), ("large-v3", 100), ("distil-large-v3", 100)]
)
def test_a_real_whisper_is_told_from_ours(recognizers, family, languages):
    capabilities = recognizers[family].capabilities
    assert len(capabilities.languages) == languages
    assert capabilities.detects_language is (languages > 1)
    assert capabilities.takes_hotwords
    assert not capabilities.demonstration


@pytest.mark.parametrize("family", FAMILIES)
def test_clips_are_padded_to_thirty_seconds(recognizers, family):
    prepared = recognizers[family].prepare(NOISE, RecognizeOptions())
    assert prepared.features.shape == (real_shapes()[family].mels, 3_000)


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("family", FAMILIES)
def test_words_have_times_with_and_without_a_prompt(recognizers, family, beam_size):
    for hotwords in ((), NAMES):
        options = RecognizeOptions(word_timestamps=True, beam_size=beam_size, hotwords=hotwords)
        heard = recognizers[family].recognize(NOISE, options)
        assert heard.text
        assert "".join(word.text for word in heard.words) == heard.text
        assert [word.start for word in heard.words] == sorted(word.start for word in heard.words)
        assert 0 <= heard.words[0].start <= heard.words[-1].end <= 3.0
        assert heard.language in recognizers[family].capabilities.languages


@pytest.mark.parametrize("family", FAMILIES)
def test_hotwords_reach_the_model(recognizers, family):
    def score(*hotwords: str) -> float:
        return recognizers[family].recognize(NOISE, RecognizeOptions(language="en", hotwords=hotwords)).avg_logprob

    assert score() != score(*NAMES) != score(*reversed(NAMES))
    assert score(*NAMES) == score(*NAMES)


def test_more_hotwords_than_fit_leave_room_for_the_text(recognizers):
    many = tuple(f"{name} {number}" for number in range(500) for name in NAMES)
    clip = (np.random.default_rng(4).standard_normal(30 * RECOGNITION_RATE) * 0.1).astype(np.float32)
    heard = recognizers["small"].recognize(clip, RecognizeOptions(language="zh", hotwords=many))
    assert heard.text
    few = recognizers["small"].prepare(NOISE, RecognizeOptions(hotwords=many[:100]))
    assert few.told == recognizers["small"].prepare(NOISE, RecognizeOptions(hotwords=many)).told
    assert len(few.told) <= 203


def test_the_language_asked_for_is_told_to_the_model(recognizers):
    zh, en = (recognizers["large-v3"].recognize(NOISE, RecognizeOptions(language=lang)) for lang in ("zh", "en"))
    assert (zh.language, en.language) == ("zh", "en")
    assert zh.avg_logprob != en.avg_logprob
    with pytest.raises(RecognizerError) as caught:
        recognizers["small.en"].recognize(NOISE, RecognizeOptions(language="zh"))
    assert caught.value.code == "recognizer.unknown_language"


def test_files_of_another_family_are_named(directories, tmp_path):
    mixed = shutil.copytree(directories["large-v3"], tmp_path / "mixed")
    shutil.copy(directories["small"] / "tokenizer.json", mixed / "tokenizer.json")
    with pytest.raises(RecognizerError, match=r"number .* differently") as caught:
        WhisperRecognizer.load(str(mixed), device="cpu")
    assert "large-v3" in (caught.value.hint or "")
    (bare := shutil.copytree(directories["large-v3"], tmp_path / "bare")).joinpath("preprocessor_config.json").unlink()
    with pytest.raises(RecognizerError, match=r"128 bands, preprocessor_config.json gives 80") as caught:
        WhisperRecognizer.load(str(bare), device="cpu")
    assert caught.value.code == "recognizer.broken_model"
