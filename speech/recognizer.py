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

from dataclasses import dataclass
from typing import Protocol

from speech.types import Samples, Word


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
    synthetic speech only.
    """

    languages: tuple[str, ...]
    detects_language: bool
    word_timestamps: bool
    max_clip_secs: float
    calibrated: bool
    demonstration: bool


@dataclass(frozen=True, kw_only=True)
class RecognizeOptions:
    """How to decode one clip. `language` None lets the model choose; `beam_size` 1 is greedy."""

    language: str | None = None
    word_timestamps: bool = False
    beam_size: int = 1


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

        Raises `RecognizerError` with code `recognizer.clip_too_long`, `recognizer.bad_audio` or
        `recognizer.unknown_language`.
        """
        ...
