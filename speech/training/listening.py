"""A model listens to test clips: synthetic voices, telephone line conditions, faster-whisper."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from speech.synthesis.telephone import VOICES
from speech.training import nonspeech
from speech.training.augment import RATE, LineEffects, telephone
from speech.training.scoring import Heard
from speech.training.sources import Line
from speech.training.testset import Sentence
from speech.training.utterance import draw_manner, utter

Wave = NDArray[np.float32]
MU_LAW, NOISE = "mu-law", "mu-law, noise 12 dB"
CONDITIONS = {
    MU_LAW: LineEffects(
        noise_chance=0.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, gain_db=(-8.0, -4.0), tilt_db=2.0
    ),
    NOISE: LineEffects(noise_chance=1.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, snr_db=(12.0, 12.0)),
}


class TrimmedWhisper(WhisperModel):  # type: ignore[misc]
    """faster-whisper without the zero padding to 30 s, which this model was trained to do without."""

    def encode(self, features: Any) -> Any:
        sounding = np.flatnonzero(np.any(features != 0, axis=tuple(range(features.ndim - 1))))
        kept = int(sounding[-1]) + 1 if len(sounding) else 2
        return super().encode(features[..., : kept + kept % 2])


def open_model(directory: Path, trimmed: bool = True) -> Any:
    """The exported model on one processor thread."""
    kind = TrimmedWhisper if trimmed else WhisperModel
    return kind(str(directory), device="cpu", compute_type="int8", cpu_threads=1)


def hear(model: Any, wave_8k: Wave, lang: str | None, beam: int = 1) -> tuple[str, float, str]:
    """Text, average log-probability and detected language of one 8 kHz clip."""
    wave = soxr.resample(wave_8k, RATE, 16_000, quality="HQ").astype(np.float32)
    segments, info = model.transcribe(
        wave, language=lang, beam_size=beam, temperature=0.0, condition_on_previous_text=False, without_timestamps=True
    )
    found = list(segments)
    logprob = float(np.mean([segment.avg_logprob for segment in found])) if found else 0.0
    return "".join(segment.text for segment in found).strip(), logprob, str(info.language)


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


def listen(model: Any, sentences: Sequence[Sentence], condition: str, seed: int, beam: int = 1) -> list[Heard]:
    """Transcribe every sentence under one condition, the language given; on a clean line it is detected as well."""
    heard: list[Heard] = []
    for index, (sentence, text, wave) in enumerate(spoken(sentences, seed)):
        clip = on_the_line(wave, condition, seed + index)
        detected = hear(model, clip, None)[2] if condition == MU_LAW else sentence.lang
        got, logprob, _ = hear(model, clip, sentence.lang, beam)
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


def listen_to_nothing(model: Any, clips: int, seed: int, threshold: float) -> dict[str, dict[str, int]]:
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
