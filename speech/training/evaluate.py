"""The report on an exported model: error rates on unseen text by unseen voices, the confidence gate, false hearing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from speech.training.foreign import listen_to_foreign
from speech.training.listening import CONDITIONS, MU_LAW, listen, listen_to_nothing, open_model
from speech.training.scoring import Heard, error_rate, gate, gate_report
from speech.training.testset import Sentence


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """What listens to which sentences."""

    model: Path
    sentences: tuple[Sentence, ...]
    nonspeech_minutes: float = 10.0
    seed: int = 5


def summary(clips: Sequence[Heard]) -> dict[str, Any]:
    """Error rate and number of clips by set and by verbatim or unseen text, and over all unseen text of a language."""
    groups: dict[str, list[Heard]] = defaultdict(list)
    for clip in clips:
        groups[f"{clip.group} {'verbatim' if clip.seen else 'unseen'}"].append(clip)
        if not clip.seen:
            groups[f"{clip.lang} all unseen"].append(clip)
    return {name: {"error": round(error_rate(own), 3), "clips": len(own)} for name, own in sorted(groups.items())}


def by_voice(clips: Sequence[Heard]) -> dict[str, dict[str, float]]:
    """Error rate on unseen text by language and voice."""
    groups: dict[str, list[Heard]] = defaultdict(list)
    for clip in clips:
        if not clip.seen:
            groups[f"{clip.lang} {clip.voice}"].append(clip)
    return {name: {"error": round(error_rate(own), 3), "clips": len(own)} for name, own in sorted(groups.items())}


def strictest_gate(clips: Sequence[Heard]) -> float:
    """One gate for both languages: that of the language which needs the higher one."""
    return max(gate([clip for clip in clips if clip.lang == lang]) for lang in ("zh", "en"))


def crossed(halves: Sequence[Sequence[Heard]]) -> dict[str, dict[str, float]]:
    """By language, how a gate read off one half does on the other half, both ways together."""
    thresholds = [strictest_gate(half) for half in halves]
    shifted = [
        replace(clip, avg_logprob=clip.avg_logprob - thresholds[1 - part]) for part in (0, 1) for clip in halves[part]
    ]
    return {lang: gate_report([clip for clip in shifted if clip.lang == lang], 0.0) for lang in ("zh", "en")}


def evaluate(options: EvaluateOptions) -> dict[str, Any]:
    """The gate is read off all sentences that were not verbatim in training; how it does is told across halves."""
    model = open_model(options.model)
    heard = {
        name: [listen(model, options.sentences[part::2], name, options.seed + part) for part in (0, 1)]
        for name in CONDITIONS
    }
    halves = [[clip for parts in heard.values() for clip in parts[part] if not clip.seen] for part in (0, 1)]
    threshold = round(strictest_gate([*halves[0], *halves[1]]), 3)
    clean = [clip for part in heard[MU_LAW] for clip in part]
    return {
        "error": {name: summary([clip for part in parts for clip in part]) for name, parts in heard.items()},
        "voices": by_voice(clean),
        "foreign_voices": by_voice(listen_to_foreign(model, options.sentences, options.seed)),
        "language_detected": {
            lang: round(float(np.mean([clip.detected == lang for clip in clean if clip.lang == lang])), 3)
            for lang in ("zh", "en")
        },
        "gate": threshold,
        "gate_across_halves": crossed(halves),
        "nonspeech": listen_to_nothing(model, options.nonspeech_minutes, options.seed, threshold),
        "examples": [
            {"set": clip.group, "said": clip.reference, "heard": clip.text, "logprob": round(clip.avg_logprob, 2)}
            for clip in clean[:: max(1, len(clean) // 48)]
        ],
    }
