"""What every speech recogniser promises, whichever engine is behind it.

The contract, held by `tests/contract/test_recognizer.py` on every implementation:

* `recognize` takes one clip of mono float32 audio at 16 kHz, at most `capabilities.max_clip_secs` long;
* the same clip and options give the same result, in any thread and in any order;
* silence and an empty clip give empty text that is not clear;
* word times lie inside the clip, do not run backwards, and the words together read as the text;
* words come only when asked for; a language outside `capabilities.languages` is refused;
* every refusal is a `RecognizerError` with a stable code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from speech.errors import RecognizerError
from speech.types import RECOGNITION_RATE, Samples, Word

_SILENCE_PEAK = 1e-4


@dataclass(frozen=True, kw_only=True)
class ModelIdentity:
    """Which model spoke: enough to find the same one years later. `digest` covers the weights and settings files."""

    name: str
    digest: str
    engine: str
    device: str
    compute_type: str

    @property
    def id(self) -> str:
        """Short text for evidence and reports: `name@sha256:…` with twelve digits of the digest."""
        return f"{self.name}@{self.digest[:19]}"


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a recogniser can do, as data.

    `languages` are codes such as "zh" and "en". `calibrated` says that the confidence gate was read off a measured
    set for this very model; otherwise general defaults hold. `demonstration` marks a model that knows
    synthetic speech only. `takes_hotwords`: the model itself reads hotwords, as a prompt; otherwise it ignores them.
    """

    languages: tuple[str, ...]
    detects_language: bool
    word_timestamps: bool
    max_clip_secs: float
    calibrated: bool
    demonstration: bool
    takes_hotwords: bool = False


@dataclass(frozen=True, kw_only=True)
class RecognizeOptions:
    """How to decode one clip. `language` None lets the model choose; `beam_size` 1 is greedy.

    `hotwords` are words likely to be said in this clip, the most important first: names, the creditor, terms. They help
    a recogniser to write them; they never add anything that was not heard. Some are personal data: never log them.
    """

    language: str | None = None
    word_timestamps: bool = False
    beam_size: int = 1
    hotwords: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """The text of one clip; word times are seconds from the start of the clip.

    `clear` is the model's own gate: False means that the text is a guess and asserts nothing.
    """

    text: str
    words: tuple[Word, ...]
    language: str | None
    language_probability: float
    avg_logprob: float
    no_speech_prob: float
    clear: bool


NOTHING_HEARD = Recognition(
    text="", words=(), language=None, language_probability=0.0, avg_logprob=0.0, no_speech_prob=1.0, clear=False
)
"""The answer for a clip without speech."""


def is_silent(samples: Samples) -> bool:
    """Whether a clip holds nothing at all: models invent text for digital silence, so they are not asked."""
    return not len(samples) or float(np.abs(samples).max()) < _SILENCE_PEAK


def check_request(
    samples: Samples, options: RecognizeOptions, identity: ModelIdentity, capabilities: Capabilities
) -> None:
    """Refuse a clip or a language that a recogniser does not take, in the words common to all of them.

    Raises `RecognizerError` `recognizer.bad_audio`, `recognizer.clip_too_long` or `recognizer.unknown_language`.
    """
    if samples.ndim != 1 or samples.dtype != np.float32 or not np.isfinite(samples).all():
        raise RecognizerError(
            "recognizer.bad_audio",
            f"expected one dimension of finite float32 samples, found {samples.dtype} of shape {samples.shape}",
        )
    if len(samples) > capabilities.max_clip_secs * RECOGNITION_RATE:
        raise RecognizerError(
            "recognizer.clip_too_long",
            f"a clip of {len(samples) / RECOGNITION_RATE:.1f} s; expected at most {capabilities.max_clip_secs:.0f} s",
            hint="cut the audio into utterances first",
        )
    if options.language is not None and options.language not in capabilities.languages:
        raise RecognizerError(
            "recognizer.unknown_language",
            f"{identity.name} does not know the language {options.language!r}; "
            f"expected one of {', '.join(capabilities.languages)}",
        )


class Recognizer(Protocol):
    """A model that turns one clip of speech into text. Safe to share between threads."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def recognize(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        """The text of one clip.

        Raises `RecognizerError` with code `recognizer.clip_too_long`, `recognizer.bad_audio`,
        `recognizer.unknown_language`, or `recognizer.failed` when the engine gave up.
        """
        ...
