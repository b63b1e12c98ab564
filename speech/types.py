"""The values that pass between the parts of this package. All times are seconds on the sample clock of one track.

The sample clock counts samples from the first instant of the stream: it does not depend on when a packet arrived.
Every interval is half-open, [start, end).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono audio, one dimension, 16 kHz, full scale at -1 and 1."""

Pcm = NDArray[np.int16]
"""Mono linear PCM, one dimension, at the rate of the line."""

RECOGNITION_RATE = 16_000
"""Samples per second of everything behind the codec: voice activity, recognition, files."""

EndReason = Literal["silence", "max_length", "gap", "end_of_stream"]
"""Why an utterance ended: the speaker paused, spoke longer than allowed, audio was lost, or the stream ended."""


@dataclass(frozen=True, kw_only=True)
class AudioFrame:
    """A stretch of one track in clock order: received audio, or silence put in for audio that never came."""

    start_sample: int
    samples: Pcm
    lost: bool = False

    @property
    def end_sample(self) -> int:
        """One past the last sample."""
        return self.start_sample + len(self.samples)


@dataclass(frozen=True, kw_only=True)
class Word:
    """One written word (en) or character (zh) with its place in time and the model's probability for it.

    `heard` is what the model itself wrote where a hotword was put for it by sound; None where `text` is the model's.
    """

    text: str
    start: float
    end: float
    probability: float
    heard: str | None = None


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One stretch of speech between two endpoints, padded so that soft first and last sounds are inside."""

    start: float
    end: float
    reason: EndReason


@dataclass(frozen=True, kw_only=True)
class PartialHypothesis:
    """What an utterance that is still open reads so far: `committed` never changes again, `tail` may.

    `text` is both together. `utterance` counts the utterances of the track from 0 and is the same in the final.
    """

    track: str
    utterance: int
    start: float
    end: float
    committed: str
    tail: str
    language: str | None = None

    @property
    def text(self) -> str:
        """The committed prefix and the tail."""
        return self.committed + self.tail


@dataclass(frozen=True, kw_only=True)
class FinalHypothesis:
    """The text of a finished utterance. It begins with whatever was committed before and never changes.

    `clear` is False when the model's confidence is below its gate, or when hearing the whole utterance contradicted
    a part already committed: such text is shown as "unclear" with the audio and must not assert anything by itself.
    `error` is the code of the failure when the recogniser could not answer; the text then is what was committed before.
    `avg_logprob` is the mean natural log-probability per token; `no_speech_prob` the model's own chance of no speech.
    """

    track: str
    utterance: int
    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech_prob: float
    language: str | None
    clear: bool
    reason: EndReason
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Audio of a track that never arrived. Nobody knows what was said in [start, end)."""

    track: str
    start: float
    end: float


SpeechEvent = PartialHypothesis | FinalHypothesis | Gap
