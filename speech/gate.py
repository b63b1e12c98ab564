"""May a text be relied on, and was anything said at all? Two rules on what a model tells about its own answer. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speech.errors import RecognizerError


@dataclass(frozen=True, kw_only=True)
class Gate:
    """When a text counts as clear. The defaults are Whisper's published thresholds (Radford et al. 2022, section 4.5).

    `min_avg_logprob`: mean natural log-probability per token. `max_no_speech_prob`: the model's own chance of no
    speech. `max_compression_ratio` catches repetition loops.
    """

    min_avg_logprob: float = -1.0
    max_no_speech_prob: float = 0.6
    max_compression_ratio: float = 2.4

    @classmethod
    def from_calibration(cls, calibration: Mapping[str, Any]) -> Gate:
        """The gate measured for a model: `avg_logprob_gate` and, where given, `no_speech_gate` of `calibration.json`.

        Raises `RecognizerError` `recognizer.broken_model` when the first is absent or either is not a number.
        """
        return cls(
            min_avg_logprob=_number(calibration, "avg_logprob_gate"),
            max_no_speech_prob=_number(calibration, "no_speech_gate", cls.max_no_speech_prob),
        )

    def nothing_said(self, avg_logprob: float, no_speech_prob: float) -> bool:
        """Whether there was no speech: the model holds that likely and is not sure of the words it wrote either.

        Whisper's own rule (same section): the two together, since either alone is often wrong.
        """
        return no_speech_prob > self.max_no_speech_prob and avg_logprob < self.min_avg_logprob

    def is_clear(self, text: str, avg_logprob: float, no_speech_prob: float) -> bool:
        """Whether a text may be relied on."""
        if not text or avg_logprob < self.min_avg_logprob or no_speech_prob > self.max_no_speech_prob:
            return False
        raw = text.encode()
        return len(raw) / len(zlib.compress(raw)) <= self.max_compression_ratio


UNMEASURED_SMALL = Gate(min_avg_logprob=-0.3)
"""For a model of this repository without a calibration: small models are sure of themselves when they are wrong."""


def _number(calibration: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = calibration.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecognizerError(
            "recognizer.broken_model",
            f"calibration.json: {name} must be a number, found {value!r}",
            hint="measure the model again, or take the file away to use the general gate",
        )
    return float(value)
