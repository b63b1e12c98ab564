"""The values that pass between the parts of this package. All times are seconds on the sample clock of one track.

The sample clock counts samples from the first instant of the stream: it does not depend on when a packet arrived.
Every interval is half-open, [start, end).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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
class Contour:
    """Level (dBFS) and pitch (Hz) every `step_secs` of an utterance; None where nobody speaks or nothing is voiced."""

    step_secs: float
    level_dbfs: tuple[int | None, ...]
    pitch_hz: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Prosody:
    """How an utterance was said (`speech.prosody`). `runs` are its stretches of speech, seconds from its beginning.

    `level_dbfs` is the level of those stretches. `pitch_hz` is the median; the range goes from the 10th to the 90th
    percentile; both are None where less than 0.2 s is voiced. `voiced_share` is of the stretches of speech.
    """

    level_dbfs: float
    pitch_hz: float | None
    pitch_range_semitones: float | None
    voiced_share: float
    runs: tuple[tuple[float, float], ...]
    contour: Contour

    @property
    def speech_secs(self) -> float:
        """Speech without its pauses."""
        return round(sum((end - start for start, end in self.runs), 0.0), 2)

    @property
    def pause_secs(self) -> float:
        """Pauses between first and last sound: those of 0.2 s and more."""
        return round(sum((after[0] - before[1] for before, after in pairwise(self.runs)), 0.0), 2)


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
    `prosody` says how it was said, when whoever heard it measured that.
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
    prosody: Prosody | None = None


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Audio of a track that never arrived. Nobody knows what was said in [start, end)."""

    track: str
    start: float
    end: float


SpeechEvent = PartialHypothesis | FinalHypothesis | Gap
