"""A model listens to test clips: synthetic voices, telephone line conditions, the recogniser of the product."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

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
MU_LAW, NOISE = "mu-law", "mu-law, noise 12 dB"
CONDITIONS = {
    MU_LAW: LineEffects(
        noise_chance=0.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, gain_db=(-8.0, -4.0), tilt_db=2.0
    ),
    NOISE: LineEffects(noise_chance=1.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, snr_db=(12.0, 12.0)),
}


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


def spoken(sentences: Sequence[Sentence], seed: int) -> Iterator[tuple[Sentence, str, Wave]]:
    """Each sentence by a voice that was kept out of training: sentence, target text, 8 kHz samples."""
    rng = random.Random(seed)
    names = [name for name, voice in VOICES.items() if voice.split == "heldout"]
    for sentence in sentences:
        line = Line(text=sentence.text, lang=sentence.lang, source=sentence.group, heldout=True)
        made = utter(line, VOICES[rng.choice(names)], draw_manner(rng, sentence.lang))
        if made is not None:
            yield sentence, made.text, made.samples.astype(np.float32) / np.float32(32768)


def listen(model: WhisperRecognizer, sentences: Sequence[Sentence], condition: str, seed: int) -> list[Heard]:
    """Transcribe every sentence under one condition, the language given; on a clean line it is detected as well."""
    heard: list[Heard] = []
    for index, (sentence, text, wave) in enumerate(spoken(sentences, seed)):
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
            )
        )
    return heard


def listen_to_nothing(model: WhisperRecognizer, clips: int, seed: int, threshold: float) -> dict[str, dict[str, int]]:
    """By kind of sound without speech: clips, clips with any text, clips with text at or above the gate."""
    rng = np.random.default_rng(seed)
    counts: dict[str, dict[str, int]] = {}
    for index in range(clips):
        kind = nonspeech.KINDS[index % len(nonspeech.KINDS)]
        wave = nonspeech.make(kind, float(rng.uniform(1, 8)), rng) * np.float32(10 ** rng.uniform(-2, -0.2))
        text, logprob, _ = hear(model, wave.astype(np.float32), ("zh", "en")[index % 2])
        count = counts.setdefault(kind, {"clips": 0, "with_text": 0, "above_gate": 0})
        count["clips"] += 1
        count["with_text"] += bool(text)
        count["above_gate"] += bool(text) and logprob >= threshold
    return counts
