"""Speech synthesis: numbers as spoken, polyphones, exact alignment, named voices."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("espeakng_loader")

from speech.synthesis import chinese_numbers, english_numbers, pinyin
from speech.synthesis.espeak import SynthesisError, synthesize
from speech.synthesis.telephone import TELEPHONE_RATE, VOICES, speak, synthesize_telephone


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("还2000元", "还两千元"),
        ("还款1234.50元", "还款一千二百三十四元五角"),
        ("欠款￥20,500", "欠款两万零五百元"),
        ("2025年11月27日", "二零二五年十一月二十七日"),
        ("2026-06-05到期", "二零二六年六月五日到期"),
        ("15:30打给我", "十五点三十分打给我"),
        ("14:05", "十四点零五分"),
        ("利率12.5%", "利率百分之十二点五"),
        ("电话13800138000", "电话幺三八零零幺三八零零零"),
        ("尾号6789", "尾号六七八九"),
        ("分12期", "分十二期"),
        ("2个月", "两个月"),
        ("共10050元", "共一万零五十元"),
        ("110", "一百一十"),
        ("没有数字", "没有数字"),
    ],
)
def test_chinese_digits_are_written_as_they_are_said(text: str, spoken: str) -> None:
    assert chinese_numbers.write_out(text) == spoken


def test_chinese_writing_out_leaves_no_digit_and_is_stable() -> None:
    for value in (0, 7, 10, 19, 20, 101, 110, 1_000, 1_010, 10_000, 10_203, 200_000, 3_040_506, 100_000_000):
        once = chinese_numbers.write_out(f"一共{value}元")
        assert not any(char.isdigit() and char.isascii() for char in once)
        assert chinese_numbers.write_out(once) == once


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("I owe $200", "I owe two hundred dollars"),
        ("$2,150.50", "two thousand one hundred fifty dollars and fifty cents"),
        ("$1", "one dollar"),
        ("call 555-123-4567", "call five five five one two three four five six seven"),
        ("the 21st at 5:05", "the twenty first at five oh five"),
        ("in 2025, 42 items", "in twenty twenty five, forty two items"),
        ("15% off", "fifteen percent off"),
        ("the 12th", "the twelfth"),
        ("case 0042", "case zero zero four two"),
    ],
)
def test_english_digits_are_written_as_they_are_said(text: str, spoken: str) -> None:
    assert english_numbers.write_out(text) == spoken


@pytest.mark.parametrize(
    ("text", "syllable", "reading"),
    [
        ("还款", 0, "huan2"),
        ("我还没还完", 1, "hai2"),
        ("我还没还完", 3, "huan2"),
        ("银行", 1, "hang2"),
        ("重新", 0, "chong2"),
        ("下周五还两千块", 3, "huan2"),
        ("女士", 0, "nv3"),
        ("利率", 1, "lv4"),
    ],
)
def test_polyphones_of_collection_talk(text: str, syllable: int, reading: str) -> None:
    assert pinyin.to_pinyin(text).split()[syllable] == reading


def test_reading_points_at_each_syllable() -> None:
    reading = pinyin.read("您好，我还2块，用APP")
    starts = [reading.pinyin[position - 1 :].split(" ")[0] for position in reading.positions]
    hanzi = [char for char in reading.written if "\u4e00" <= char <= "\u9fff"]
    assert len(starts) == len(hanzi) == len(reading.tones)
    assert starts[0] == "nin2"
    assert all(start[-1] == str(tone) for start, tone in zip(starts, reading.tones, strict=True))


@pytest.mark.parametrize(("lang", "text"), [("zh", "您好，我下周五还两千块。"), ("en", "I can pay $200 on Friday.")])
def test_telephone_speech(lang: str, text: str) -> None:
    samples = synthesize_telephone(text, "zh" if lang == "zh" else "en", VOICES["f4"])
    assert samples.dtype == np.int16
    assert samples.ndim == 1
    assert 1.0 < len(samples) / TELEPHONE_RATE < 6.0
    assert np.abs(samples).max() > 2_000


def test_phonemes_and_words_come_in_order_and_inside_the_audio() -> None:
    made = synthesize("nin2 hao3 , wo3 huan2 kuan3", "cmn-latn-pinyin+f3")
    times = [start for _, start in made.phonemes]
    assert times == sorted(times)
    assert times[-1] <= made.duration_secs
    assert [position for position, _ in made.words] == [1, 6, 13, 17, 23]


@pytest.mark.parametrize("voice", ["en-us+nobody", "xx-nowhere", "en-us+nobody-of-this-name-at-all" * 3])
def test_unknown_voice_is_refused(voice: str) -> None:
    with pytest.raises(SynthesisError, match="unknown voice"):
        synthesize("hello", voice)


def test_voices_are_named_and_split() -> None:
    splits = {voice.split for voice in VOICES.values()}
    assert splits == {"train", "heldout"}
    assert all(name == voice.name == name.lower() for name, voice in VOICES.items())
    assert len({voice.variant for voice in VOICES.values()}) == len(VOICES)


def test_threads_do_not_mix_their_speech() -> None:
    made: dict[int, int] = {}

    def work(index: int) -> None:
        text = "hello" if index % 2 else "I would like to talk about a payment plan for my account"
        made[index] = len(synthesize(text, "en-us").samples)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    short, long = [made[index] for index in (1, 3, 5, 7)], [made[index] for index in (0, 2, 4, 6)]
    assert max(short) < 16_000 < 40_000 < min(long)


def test_empty_text_gives_no_samples() -> None:
    assert len(speak("", "en", VOICES["f4"]).samples) < 22_050
