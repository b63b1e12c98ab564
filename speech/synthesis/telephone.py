"""Named synthetic voices, and speech at telephone rate for training and for the simulated parties of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.synthesis import english_numbers, pinyin
from speech.synthesis.espeak import Synthesis, SynthesisError, synthesize

TELEPHONE_RATE = 8_000
Lang = Literal["zh", "en"]
Split = Literal["train", "heldout"]

_ENGINE_VOICE = {"zh": "cmn-latn-pinyin", "en": "en-us"}
_TRAIN = (
    "Alex Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Mario Michael Mike Nguyen Reed adam anika "
    "announcer antonio aunty belinda benjamin boris caleb david ed edward f1 f2 f3 f5 grandma grandpa gustave ian "
    "iven iven2 john klatt klatt2 klatt3 linda m1 m2 m3 m5 m6 m7 marcelo max michel miguel norbert pablo paul "
    "quincy rob robert sandro shelby steph steph2 travis"
)
_HELDOUT = "f4 m4 m8 victor pedro edward2 iven3 steph3 klatt4 Gene2"


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One speaker: an espeak variant with a speaking rate and a pitch."""

    name: str
    variant: str
    rate_wpm: int = 170
    pitch: int = 50
    pitch_range: int = 50
    split: Split = "train"


def _table() -> dict[str, Voice]:
    """Every usable variant under its lower-case name; rate and pitch differ so that parties tell apart by ear."""
    voices = {}
    for split, variants in (("train", _TRAIN), ("heldout", _HELDOUT)):
        for index, variant in enumerate(variants.split()):
            voices[variant.lower()] = Voice(
                name=variant.lower(),
                variant=variant,
                rate_wpm=160 + index * 7 % 40,
                pitch=40 + index * 11 % 25,
                split="train" if split == "train" else "heldout",
            )
    return voices


VOICES: dict[str, Voice] = _table()


def speak(text: str, lang: Lang, voice: Voice) -> Synthesis:
    """Speak a written text of one language; digits, money and dates are read out."""
    if lang not in _ENGINE_VOICE:
        raise SynthesisError(f"no synthetic voice for language: {lang}")
    spelled = pinyin.to_pinyin(text) if lang == "zh" else english_numbers.write_out(text)
    return synthesize(
        spelled,
        f"{_ENGINE_VOICE[lang]}+{voice.variant}",
        rate_wpm=voice.rate_wpm,
        pitch=voice.pitch,
        pitch_range=voice.pitch_range,
    )


def to_telephone_rate(synthesis: Synthesis) -> NDArray[np.int16]:
    """The samples at 8 kHz."""
    if not len(synthesis.samples):
        return np.zeros(0, np.int16)
    wave = synthesis.samples.astype(np.float32)
    resampled = soxr.resample(wave, synthesis.sample_rate, TELEPHONE_RATE, quality="HQ")
    limited: NDArray[np.int16] = np.clip(np.rint(resampled), -32768, 32767).astype(np.int16)
    return limited


def synthesize_telephone(text: str, lang: Lang, voice: Voice) -> NDArray[np.int16]:
    """Mono 8 kHz speech of a written text, ready for a telephone line."""
    return to_telephone_rate(speak(text, lang, voice))
