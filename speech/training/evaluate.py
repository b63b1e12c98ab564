"""The report on an exported model: error rates on unseen text by unseen voices, the confidence gate, false hearing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speech.training.listening import CONDITIONS, MU_LAW, listen, listen_to_nothing, open_model
from speech.training.scoring import Heard, error_rate, gate, gate_report
from speech.training.testset import Sentence


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """What listens to which sentences."""

    model: Path
    sentences: tuple[Sentence, ...]
    nonspeech_clips: int = 140
    seed: int = 5


def summary(clips: Sequence[Heard]) -> dict[str, Any]:
    """Error rate and number of clips by set and by verbatim or unseen text, and over all unseen text of a language."""
    groups: dict[str, list[Heard]] = defaultdict(list)
    for clip in clips:
        groups[f"{clip.group} {'verbatim' if clip.seen else 'unseen'}"].append(clip)
        if not clip.seen:
            groups[f"{clip.lang} all unseen"].append(clip)
    return {name: {"error": round(error_rate(own), 3), "clips": len(own)} for name, own in sorted(groups.items())}


def evaluate(options: EvaluateOptions) -> dict[str, Any]:
    """The gate is read off every second sentence that was not verbatim in training and judged on the others."""
    model = open_model(options.model)
    halves = [options.sentences[part::2] for part in (0, 1)]
    heard = {
        name: [listen(model, half, name, options.seed + part) for part, half in enumerate(halves)]
        for name in CONDITIONS
    }
    calibration, held = (
        [clip for parts in heard.values() for clip in parts[part] if not clip.seen] for part in range(2)
    )
    threshold = round(gate(calibration), 3)
    clean = [clip for part in heard[MU_LAW] for clip in part]
    return {
        "error": {name: summary([clip for part in parts for clip in part]) for name, parts in heard.items()},
        "language_detected": {
            lang: round(float(np.mean([clip.detected == lang for clip in clean if clip.lang == lang])), 3)
            for lang in ("zh", "en")
        },
        "gate": threshold,
        "gate_on_other_unseen_clips": {
            lang: gate_report([clip for clip in held if clip.lang == lang], threshold) for lang in ("zh", "en")
        },
        "nonspeech": listen_to_nothing(model, options.nonspeech_clips, options.seed, threshold),
        "examples": [
            {"set": clip.group, "said": clip.reference, "heard": clip.text, "logprob": round(clip.avg_logprob, 2)}
            for clip in clean[:: max(1, len(clean) // 48)]
        ],
    }
