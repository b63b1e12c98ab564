"""Error rates of an exported model through faster-whisper: unseen text by unseen voices, and sounds without speech."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
from speech.training.scoring import Heard, error_rate, gate, gate_report
from speech.training.sources import Line
from speech.training.texts import TextPlan, heldout_sets
from speech.training.utterance import draw_manner, utter

Wave = NDArray[np.float32]
CONDITIONS = {
    "mu-law": LineEffects(
        noise_chance=0.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, gain_db=(-8.0, -4.0), tilt_db=2.0
    ),
    "noise 12 dB": LineEffects(
        noise_chance=1.0, babble_chance=0.0, dropout_chance=0.0, mu_law_chance=1.0, snr_db=(12.0, 12.0)
    ),
}


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """What is tested; `corpora` tell which sentences were verbatim in training."""

    model: Path
    corpora: tuple[Path, ...]
    plan: TextPlan
    size: int = 120
    beam: int = 1
    nonspeech_clips: int = 140
    seed: int = 5


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


def _on_the_line(wave: Wave, effects: LineEffects, seed: int) -> Wave:
    generator = torch.Generator().manual_seed(seed)
    padded = np.concatenate([np.zeros(1_600, np.float32), wave, np.zeros(1_600, np.float32)])
    heard: Wave = telephone(torch.from_numpy(padded)[None], effects, generator)[0].numpy()
    return heard


def training_texts(corpora: Iterable[Path]) -> set[str]:
    """Every target text that was spoken in training."""
    found: set[str] = set()
    for shard in [path for directory in corpora for path in sorted(directory.glob("shard-*.npz"))]:
        with np.load(shard) as arrays:
            found.update(row["text"] for row in json.loads(arrays["rows"].tobytes().decode()))
    return found


def _heldout_voices() -> list[str]:
    return [name for name, voice in VOICES.items() if voice.split == "heldout"]


def _clips(lines: Sequence[Line], seed: int) -> Iterator[tuple[str, Wave, int]]:
    rng = random.Random(seed)
    for index, line in enumerate(lines):
        voice = VOICES[rng.choice(_heldout_voices())]
        spoken = utter(line, voice, draw_manner(rng, line.lang))
        if spoken is not None:
            yield spoken.text, spoken.samples.astype(np.float32) / np.float32(32768), index


def run_sets(
    model: Any, sets: dict[str, list[Line]], seen: set[str], options: EvaluateOptions, condition: str
) -> list[Heard]:
    """Transcribe every test sentence under one line condition; the language is detected, then given."""
    heard: list[Heard] = []
    for name, lines in sets.items():
        lang = name[:2]
        for text, wave, index in _clips(lines, options.seed):
            line_wave = _on_the_line(wave, CONDITIONS[condition], options.seed + index)
            _, _, detected = hear(model, line_wave, None, 1) if condition == "mu-law" else ("", 0.0, lang)
            got, logprob, _ = hear(model, line_wave, lang, options.beam)
            heard.append(
                Heard(
                    group=name,
                    lang=lang,
                    seen=text in seen,
                    reference=text,
                    text=got,
                    avg_logprob=logprob,
                    detected=detected,
                )
            )
    return heard


def summary(clips: Sequence[Heard]) -> dict[str, Any]:
    """Error rate and number of clips by set and by verbatim or unseen text, and over all unseen text of a language."""
    groups: dict[str, list[Heard]] = defaultdict(list)
    for clip in clips:
        groups[f"{clip.group} {'verbatim' if clip.seen else 'unseen'}"].append(clip)
        if not clip.seen:
            groups[f"{clip.lang} all unseen"].append(clip)
    return {name: {"error": round(error_rate(own), 3), "clips": len(own)} for name, own in sorted(groups.items())}


def hallucinations(model: Any, options: EvaluateOptions, threshold: float) -> dict[str, dict[str, int]]:
    """By kind of sound without speech: clips, clips with any text, clips with text at or above the gate."""
    rng = np.random.default_rng(options.seed)
    counts: dict[str, dict[str, int]] = {}
    for index in range(options.nonspeech_clips):
        kind = nonspeech.KINDS[index % len(nonspeech.KINDS)]
        wave = nonspeech.make(kind, float(rng.uniform(1, 8)), rng) * np.float32(10 ** rng.uniform(-2, -0.2))
        text, logprob, _ = hear(model, wave.astype(np.float32), ("zh", "en")[index % 2])
        count = counts.setdefault(kind, {"clips": 0, "with_text": 0, "above_gate": 0})
        count["clips"] += 1
        count["with_text"] += bool(text)
        count["above_gate"] += bool(text) and logprob >= threshold
    return counts


def evaluate(options: EvaluateOptions) -> dict[str, Any]:
    """The whole report; the gate is read off one draw of sentences and judged on another."""
    model = open_model(options.model)
    seen = training_texts(options.corpora)
    sets = heldout_sets(options.plan, options.size)
    halves = [{name: lines[part::2] for name, lines in sets.items()} for part in (0, 1)]
    by_condition = {name: [run_sets(model, half, seen, options, name) for half in halves] for name in CONDITIONS}
    calibration = [clip for parts in by_condition.values() for clip in parts[0]]
    held = [clip for parts in by_condition.values() for clip in parts[1]]
    threshold = round(gate(calibration), 3)
    spoken = [clip for parts in by_condition["mu-law"] for clip in parts]
    return {
        "error": {name: summary([clip for half in parts for clip in half]) for name, parts in by_condition.items()},
        "language_detected": {
            lang: round(float(np.mean([clip.detected == lang for clip in spoken if clip.lang == lang])), 3)
            for lang in ("zh", "en")
        },
        "gate": threshold,
        "gate_validation": {lang: gate_report([c for c in held if c.lang == lang], threshold) for lang in ("zh", "en")},
        "nonspeech": hallucinations(model, options, threshold),
        "examples": [
            {"set": clip.group, "said": clip.reference, "heard": clip.text, "logprob": round(clip.avg_logprob, 2)}
            for clip in spoken[:: max(1, len(spoken) // 40)]
        ],
    }
