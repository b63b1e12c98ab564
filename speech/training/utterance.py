"""One spoken sentence with exact alignment: 8 kHz samples, the phone at each moment, when each text unit begins."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.synthesis import english_numbers, pinyin
from speech.synthesis.espeak import Synthesis, synthesize
from speech.synthesis.telephone import TELEPHONE_RATE, Voice, to_telephone_rate
from speech.training.sources import Line, target

SILENCE = "_"
_ENGINE = {"zh": "cmn-latn-pinyin", "en": "en-us"}
_MARKS = re.compile(r"[',%=|]")


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """Audio and alignment; times in seconds from the first sample."""

    text: str
    lang: str
    source: str
    voice: str
    samples: NDArray[np.int16]
    phones: tuple[tuple[str, float], ...]
    units: tuple[float, ...]
    """Start of each hanzi (zh) or word (en) of `text`."""
    end_secs: float


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a voice speaks one sentence."""

    rate_wpm: int
    pitch: int
    pitch_range: int
    word_gap: int


def draw_manner(rng: random.Random, lang: str) -> Manner:
    """Rates and pitches that a telephone conversation may have."""
    slow, fast = (140, 225) if lang == "zh" else (135, 210)
    return Manner(
        rate_wpm=rng.randint(slow, fast),
        pitch=rng.randint(28, 72),
        pitch_range=rng.randint(30, 75),
        word_gap=rng.choice((0, 0, 0, 0, 1)),
    )


def _phones(made: Synthesis, lang: str, starts: list[tuple[float, int]]) -> list[tuple[str, float]]:
    """Phone classes: language and symbol, with the syllable's tone on the vowels of Mandarin."""
    found: list[tuple[str, float]] = []
    syllable = 0
    for symbol, start in made.phonemes:
        while syllable + 1 < len(starts) and starts[syllable + 1][0] <= start + 1e-6:
            syllable += 1
        bare = _MARKS.sub("", symbol)
        if symbol.startswith("(") or symbol == "_|" or not bare:
            continue
        if bare.startswith(SILENCE):
            found.append((SILENCE, start))
        elif lang == "zh":
            tone = str(starts[syllable][1]) if starts and bare[0] in "aeiouyAEIOUY@&" else ""
            found.append((f"zh:{bare.rstrip('.')}{tone}", start))
        else:
            found.append((f"en:{bare.rstrip('0123456789') or bare}", start))
    return found


def _fill_gaps(times: list[float | None], end: float) -> list[float]:
    """Unit starts that the synthesiser did not report, spread evenly between their neighbours."""
    known = [(-1, 0.0), *[(index, time) for index, time in enumerate(times) if time is not None], (len(times), end)]
    filled: list[float] = []
    for (left, left_time), (right, right_time) in itertools.pairwise(known):
        step = (right_time - left_time) / (right - left)
        filled += [left_time + step * (index - left) for index in range(max(0, left), right)]
    return filled


def _zh(line: Line, voice: Voice, manner: Manner) -> tuple[Synthesis, list[float], list[tuple[float, int]]]:
    reading = pinyin.read(line.text)
    made = _speak(reading.pinyin, line.lang, voice, manner)
    started = dict(reversed(made.words))
    units = _fill_gaps([started.get(position) for position in reading.positions], made.duration_secs)
    return made, units, list(zip(units, reading.tones, strict=True))


def _en(line: Line, voice: Voice, manner: Manner) -> tuple[Synthesis, list[float], list[tuple[float, int]]]:
    spelled = english_numbers.write_out(line.text).replace("’", "'").replace("-", " ")
    made = _speak(spelled, line.lang, voice, manner)
    started = dict(reversed(made.words))
    times: list[float | None] = []
    for match in re.finditer(r"\S+", spelled):
        inside = [started[position] for position in range(match.start() + 1, match.end() + 1) if position in started]
        count = len(target(match[0], "en").split())
        times += ([inside[0] if inside else None, *[None] * (count - 1)]) if count else []
    return made, _fill_gaps(times, made.duration_secs), []


def _speak(spelled: str, lang: str, voice: Voice, manner: Manner) -> Synthesis:
    return synthesize(
        spelled,
        f"{_ENGINE[lang]}+{voice.variant}",
        rate_wpm=manner.rate_wpm,
        pitch=manner.pitch,
        pitch_range=manner.pitch_range,
        word_gap=manner.word_gap,
    )


def utter(line: Line, voice: Voice, manner: Manner) -> Utterance | None:
    """Speak a line; None when the text and the sound cannot be aligned."""
    text = target(line.text, line.lang)
    made, units, syllables = (_zh if line.lang == "zh" else _en)(line, voice, manner)
    if len(units) != (len(text) if line.lang == "zh" else len(text.split())):
        return None
    samples = to_telephone_rate(made)
    loud = np.flatnonzero(np.abs(samples) > 60)
    if not len(loud):
        return None
    samples = samples[: loud[-1] + 1]
    return Utterance(
        text=text,
        lang=line.lang,
        source=line.source,
        voice=voice.name,
        samples=samples,
        phones=tuple(_phones(made, line.lang, syllables)),
        units=tuple(units),
        end_secs=len(samples) / TELEPHONE_RATE,
    )
