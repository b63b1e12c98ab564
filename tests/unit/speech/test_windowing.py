"""Where later hearings of a long utterance begin."""

from __future__ import annotations

import pytest

from speech.recognizer import Recognition
from speech.types import Word
from speech.windowing import Cut, cut_of


def heard(*words: str) -> Recognition:
    """A word a second."""
    timed = tuple(Word(text=word, start=float(at), end=at + 1.0, probability=0.9) for at, word in enumerate(words))
    return Recognition(
        text="".join(words),
        words=timed,
        language="zh",
        language_probability=1.0,
        avg_logprob=-0.1,
        no_speech_prob=0.0,
        clear=True,
    )


ZH = heard(*"我明天下午三点还款好吗")
EN = heard("I", " will", " pay", " you", " tomorrow,", " if", " I", " can")


@pytest.mark.parametrize(
    ("recognition", "committed", "context_secs", "cut"),
    [
        (ZH, 8, 2.0, Cut(units=6, secs=5.9)),
        (ZH, 11, 2.0, Cut(units=8, secs=7.9)),
        (ZH, 8, 0.0, Cut(units=7, secs=6.9)),
        (EN, 6, 2.0, Cut(units=4, secs=3.9)),
        (ZH, 3, 2.0, Cut(units=1, secs=0.9)),
        (ZH, 2, 2.0, None),
        (ZH, 0, 0.0, None),
        (EN, 6, 9.0, None),
    ],
)
def test_the_cut_leaves_the_last_committed_words(recognition, committed, context_secs, cut):
    assert cut_of(recognition, committed, context_secs) == cut


def test_without_word_times_nothing_is_cut():
    silent_about_times = Recognition(**{**vars(ZH), "words": ()})
    assert cut_of(silent_about_times, 8, 2.0) is None


def test_a_word_of_several_units_is_not_cut_in_two():
    merged = heard("我明", "天下", "午三", "点还")
    assert cut_of(merged, 7, 1.0) == Cut(units=4, secs=1.9)
