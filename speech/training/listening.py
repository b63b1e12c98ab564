"""A model listens to test clips: synthetic voices, telephone line conditions, the recogniser of the product."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from speech.recognizer import RecognizeOptions
from speech.synthesis.telephone import VOICES
from speech.training import nonspeech
from speech.training.augment import RATE, LineEffects, telephone
from speech.training.scoring import Heard
from speech.training.sources import Line
from speech.training.testset import Sentence
from speech.training.utterance import draw_manner, utter
from speech.whisper import WhisperRecognizer

Wave = NDArray[np.float32]
BEAM = 5
"""As in a call."""
_COUNTED = ("secs", "clips", "characters", "above_gate")
MU_LAW, NOISE = "mu-law", "noise 12 dB"
BABBLE = "babble 12 dB"
_PLAIN = LineEffects(noise_chance=0, babble_chance=0, loss_chance=0, clipping_chance=0, mu_law_chance=1)
CONDITIONS = {
    MU_LAW: replace(_PLAIN, gain_db=(-8.0, -4.0), tilt_db=2.0),
    NOISE: replace(_PLAIN, noise_chance=1, snr_db=(12.0, 12.0)),
    BABBLE: replace(_PLAIN, gain_db=(-8.0, -4.0)),
    "packet loss 2 %": replace(_PLAIN, loss_chance=1, loss_share=(0.02, 0.02)),
    "clipping 10 dB": replace(_PLAIN, clipping_chance=1, clipping_db=(10.0, 10.0)),
}
"""How the line treats a test clip, by name."""


def open_model(directory: Path) -> WhisperRecognizer:
    """The exported model as the product hears with it, on one processor thread."""
    return WhisperRecognizer.load(str(directory), device="cpu", compute_type="int8")


def hear(model: WhisperRecognizer, wave_8k: Wave, lang: str | None) -> tuple[str, float, str]:
    """Text, average log-probability and language of one 8 kHz clip."""
    wave = soxr.resample(wave_8k, RATE, 16_000, quality="HQ").astype(np.float32)
    heard = model.recognize(wave, RecognizeOptions(language=lang, beam_size=BEAM))
    return heard.text, heard.avg_logprob if heard.text else 0.0, heard.language or ""


def on_the_line(wave: Wave, condition: str, seed: int) -> Wave:
    """A clip with 0.2 s of silence around it under a line condition."""
    generator = torch.Generator().manual_seed(seed)
    padded = np.concatenate([np.zeros(1_600, np.float32), wave, np.zeros(1_600, np.float32)])
    heard: Wave = telephone(torch.from_numpy(padded)[None], CONDITIONS[condition], generator)[0].numpy()
    return heard


def spoken(sentences: Sequence[Sentence], seed: int) -> Iterator[tuple[Sentence, str, str, Wave]]:
    """Each sentence by a voice that was kept out of training: sentence, target text, voice, 8 kHz samples."""
    rng = random.Random(seed)
    names = [name for name, voice in VOICES.items() if voice.split == "heldout"]
    for sentence in sentences:
        line = Line(text=sentence.text, lang=sentence.lang, source=sentence.group, heldout=True)
        made = utter(line, VOICES[rng.choice(names)], draw_manner(rng, sentence.lang))
        if made is not None:
            yield sentence, made.text, made.voice, made.samples.astype(np.float32) / np.float32(32768)


def among_others(wave: Wave, others: Sequence[Wave], below_db: float = 12.0) -> Wave:
    """A clip with other voices talking behind it, so many decibels below it."""
    babble = sum((np.resize(other, len(wave)) for other in others), np.zeros(len(wave), np.float32))
    scale = np.sqrt(np.mean(wave**2) / max(1e-9, float(np.mean(babble**2)))) * 10 ** (-below_db / 20)
    return np.asarray(wave + scale * babble, np.float32)


def listen(model: WhisperRecognizer, sentences: Sequence[Sentence], condition: str, seed: int) -> list[Heard]:
    """Transcribe every sentence under one condition, the language given; on a clean line it is detected as well."""
    heard: list[Heard] = []
    made = list(spoken(sentences, seed))
    for index, (sentence, text, voice, wave) in enumerate(made):
        if condition == BABBLE:
            wave = among_others(wave, [made[(index + step) % len(made)][3] for step in (1, 2, 3)])
        clip = on_the_line(wave, condition, seed + index)
        detected = hear(model, clip, None)[2] if condition == MU_LAW else sentence.lang
        got, logprob, _ = hear(model, clip, sentence.lang)
        heard.append(
            Heard(
                group=sentence.group,
                lang=sentence.lang,
                seen=sentence.seen,
                reference=text,
                text=got,
                avg_logprob=logprob,
                detected=detected,
                voice=voice,
            )
        )
    return heard


def listen_to_nothing(model: WhisperRecognizer, minutes: float, seed: int, threshold: float) -> dict[str, Any]:
    """Sounds without speech in clips of 1 to 8 s: by kind seconds, clips, characters of text, clips above the gate."""
    rng = np.random.default_rng(seed)
    counts: dict[str, dict[str, float]] = {kind: dict.fromkeys(_COUNTED, 0) for kind in nonspeech.KINDS}
    index, secs = 0, 0.0
    while secs < minutes * 60:
        kind, length = nonspeech.KINDS[index % len(nonspeech.KINDS)], float(rng.uniform(1, 8))
        wave = nonspeech.make(kind, length, rng) * np.float32(10 ** rng.uniform(-2, -0.2))
        text, logprob, _ = hear(model, wave.astype(np.float32), ("zh", "en")[index % 2])
        found = (length, 1, len(text), bool(text) and logprob >= threshold)
        for name, value in zip(_COUNTED, found, strict=True):
            counts[kind][name] = round(counts[kind][name] + value, 1)
        index, secs = index + 1, secs + length
    return {"secs": round(secs), "characters": sum(count["characters"] for count in counts.values()), "kinds": counts}
