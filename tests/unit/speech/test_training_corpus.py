"""Spoken sentences with exact alignment, to disk and back; the file of test sentences."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espeakng_loader")
pytest.importorskip("jieba")

from speech.synthesis.telephone import VOICES
from speech.training import corpus, testset
from speech.training.sources import Line, target
from speech.training.utterance import SILENCE, Manner, draw_manner, utter

MANNER = Manner(rate_wpm=170, pitch=50, pitch_range=50, word_gap=0)
LINES = [
    Line(text="您好，我下周五还2000块，女士。", lang="zh", source="test", heldout=False),
    Line(text="I can't pay $200 on the 21st; call my co-worker.", lang="en", source="test", heldout=False),
    Line(text="喂", lang="zh", source="test", heldout=False),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.lang + str(len(line.text)))
def test_every_unit_has_its_time(line: Line) -> None:
    spoken = utter(line, VOICES["f2"], MANNER)
    assert spoken is not None
    assert spoken.text == target(line.text, line.lang)
    units = list(spoken.text) if line.lang == "zh" else spoken.text.split()
    assert len(spoken.units) == len(units)
    assert list(spoken.units) == sorted(spoken.units)
    assert spoken.units[-1] < spoken.end_secs == pytest.approx(len(spoken.samples) / 8_000)
    starts = [start for _, start in spoken.phones]
    assert starts == sorted(starts)


def test_mandarin_vowels_carry_the_tone_of_their_syllable() -> None:
    spoken = utter(LINES[0], VOICES["f2"], MANNER)
    assert spoken is not None
    vowels = [symbol for symbol, _ in spoken.phones if symbol != SILENCE and symbol[-1].isdigit()]
    assert all(symbol.startswith("zh:") and symbol[-1] in "12345" for symbol in vowels)
    assert vowels[0][-1] == "2"
    assert len(vowels) >= 11


def test_manners_stay_in_their_ranges() -> None:
    rng = random.Random(1)
    for lang in ("zh", "en"):
        for manner in [draw_manner(rng, lang) for _ in range(50)]:
            assert 130 <= manner.rate_wpm <= 230
            assert 0 <= manner.pitch <= 99


def test_a_shard_comes_back_as_it_was(tmp_path: Path) -> None:
    made = [spoken for line in LINES if (spoken := utter(line, VOICES["m2"], MANNER)) is not None]
    corpus._write(tmp_path / "shard-00000.npz", made)
    classes = corpus.phone_classes(tmp_path)
    assert classes[SILENCE] == 0
    assert corpus.phone_classes(tmp_path) == classes
    clips = corpus.load([tmp_path], classes)
    assert [clip.text for clip in clips] == [spoken.text for spoken in made]
    for clip, spoken in zip(clips, made, strict=True):
        assert np.array_equal(clip.samples, spoken.samples)
        assert np.allclose(clip.units, spoken.units)
        assert [symbol for symbol, _ in spoken.phones] == [_name(classes, index) for index in clip.phone_ids]
    assert {clip.text for clip in clips} == testset.training_texts([tmp_path])


def _name(classes: dict[str, int], index: int) -> str:
    return next(symbol for symbol, number in classes.items() if number == index)


def test_a_phone_without_a_class_is_ignored(tmp_path: Path) -> None:
    spoken = utter(LINES[2], VOICES["m2"], MANNER)
    assert spoken is not None
    corpus._write(tmp_path / "shard-00000.npz", [spoken])
    clip = corpus.load([tmp_path], {SILENCE: 0})[0]
    assert set(clip.phone_ids.tolist()) <= {0, -100}


def test_test_sentences_survive_their_file(tmp_path: Path) -> None:
    sentences = [testset.Sentence(text="您好", lang="zh", group="zh-templates", seen=True)]
    testset.write(tmp_path / "sentences.jsonl", sentences)
    assert testset.read(tmp_path / "sentences.jsonl") == sentences


def test_the_shipped_test_sentences_cover_both_languages_and_keep_whole_families_out() -> None:
    path = Path(__file__).parents[3] / "benchmarks" / "asr_eval_sentences.jsonl"
    sentences = testset.read(path)
    for lang in ("zh", "en"):
        unseen = {s.group for s in sentences if s.lang == lang and not s.seen}
        assert {f"{lang}-templates", f"{lang}-mixes", f"{lang}-licensed", f"{lang}-families"} <= unseen
    assert not [s for s in sentences if s.group.endswith("-families") and s.seen]
