"""Syllables by spelling, digits as read out, and synthetic voices put in order of pitch and of rate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("espeakng_loader")

from speech.prosody import prosody_of
from speech.speaking_rate import count_syllables, speaking_rate
from speech.synthesis.telephone import VOICES, synthesize_telephone
from speech.types import Prosody
from tests.unit.speech.voices import received

TEXTS = {"zh": "您好我是客服想跟您确认这个月的还款安排", "en": "we can talk about another plan for your account"}


@pytest.mark.parametrize(
    ("text", "language", "syllables", "words"),
    [
        ("您好，我是恒信银行。", "zh", 8, 0),
        ("还2000元", "zh", 4, 0),
        ("尾号6789", "zh", 6, 0),
        ("please pay the bill", "en", 4, 4),
        ("I collected two hundred dollars", "en", 9, 5),
        ("the table is little", "en", 6, 4),
        ("I don't know", "en", 3, 3),
        ("financial services and purchases", "en", 10, 4),
        ("call 911", "en", 7, 4),
        ("我用 wechat 付", "zh", 5, 1),
        ("", None, 0, 0),
        ("…！？", "zh", 0, 0),
        ("9" * 60, "zh", 0, 0),
    ],
)
def test_syllables_and_words(text, language, syllables, words) -> None:
    assert count_syllables(text, language) == (syllables, words)


def test_a_rate_needs_words_and_time() -> None:
    assert speaking_rate("您好", "zh", 0.39) is None
    assert speaking_rate("", "zh", 3.0) is None
    zh, en = speaking_rate("您好您好", "zh", 2.0), speaking_rate("hello there", "en", 1.0)
    assert zh is not None
    assert (zh.syllables_per_sec, zh.words_per_sec) == (2.0, None)
    assert en is not None
    assert (en.syllables_per_sec, en.words_per_sec) == (3.0, 2.0)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["zh", "en", None]))
def test_any_text_can_be_counted(text, language) -> None:
    syllables, words = count_syllables(text, language)
    assert syllables >= words >= 0


def spoken(language: str, voice: str, **changes) -> Prosody:
    pcm = synthesize_telephone(TEXTS[language], language, replace(VOICES[voice], **changes))
    return prosody_of(received(pcm / 32_768, snr_db=20))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("voice", ["m3", "f2"])
def test_a_voice_set_higher_is_heard_higher(language, voice) -> None:
    heard = [spoken(language, voice, pitch=pitch).pitch_hz for pitch in (20, 40, 60, 80)]
    assert None not in heard
    assert heard == sorted(heard)
    assert heard[-1] / heard[0] > 1.25


@pytest.mark.parametrize("language", ["zh", "en"])
def test_women_are_heard_above_men(language) -> None:
    assert min(spoken(language, name).pitch_hz for name in ("f2", "f5")) > max(
        spoken(language, name).pitch_hz for name in ("m1", "m3")
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_voice_set_faster_is_heard_faster(language) -> None:
    rates = []
    for rate_wpm in (110, 150, 190, 240):
        rate = speaking_rate(TEXTS[language], language, spoken(language, "m3", rate_wpm=rate_wpm).speech_secs)
        assert rate is not None
        rates.append(rate.syllables_per_sec)
    assert rates == sorted(rates)
    assert rates[-1] > 1.5 * rates[0]
