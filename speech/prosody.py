"""How something was said: level, pitch, pauses of one utterance. A function of its samples alone. Pure.

So the same audio has the same prosody however its packets arrived. What these numbers mean is another's business:
they describe sound and measure no feeling.
"""

from __future__ import annotations

import statistics
from collections import deque

import numpy as np
from numpy.typing import NDArray

from speech.loudness import FRAME_SECS, frame_levels, level_within, spoken_runs
from speech.pitch import PITCH_SECS, pitch_track
from speech.types import Contour, Prosody, Samples

CONTOUR_SECS = 0.1
LEVELS_REMEMBERED = 20
FEWEST_VOICED = 10
"""Windows of 20 ms with a pitch, without which an utterance has none: 0.2 s of voice."""

_PER_PITCH = round(PITCH_SECS / FRAME_SECS)
_PER_STEP = round(CONTOUR_SECS / FRAME_SECS)


def prosody_of(samples: Samples) -> Prosody:
    """The prosody of one utterance at 16 kHz; audio that never came counts as the silence it was replaced by."""
    levels = frame_levels(samples)
    runs = spoken_runs(levels)
    spoken = np.zeros(len(levels), bool)
    for start, end in runs:
        spoken[start:end] = True
    frames = np.flatnonzero(spoken[::_PER_PITCH])
    hz = pitch_track(samples, frames).hz
    voiced = hz[hz > 0]
    known = len(voiced) >= FEWEST_VOICED
    low, middle, high = (float(value) for value in np.percentile(voiced, [10, 50, 90])) if known else (1.0, 1.0, 1.0)
    return Prosody(
        level_dbfs=round(level_within(levels, runs), 1),
        pitch_hz=round(middle, 1) if known else None,
        pitch_range_semitones=round(12 * float(np.log2(high / low)), 1) if known else None,
        voiced_share=round(len(voiced) / len(frames), 3) if len(frames) else 0.0,
        runs=tuple((round(start * FRAME_SECS, 2), round(end * FRAME_SECS, 2)) for start, end in runs),
        contour=_contour(levels, spoken, frames, hz),
    )


class RunningLevel:
    """The usual level of one speaker: the median over the last finished utterances, 20 at most."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=LEVELS_REMEMBERED)

    def hear(self, prosody: Prosody) -> float | None:
        """How many dB a finished utterance is above those before it; None for the first, and where nothing sounds."""
        if not prosody.runs:
            return None
        relative = round(prosody.level_dbfs - statistics.median(self._levels), 1) if self._levels else None
        self._levels.append(prosody.level_dbfs)
        return relative


def _contour(
    levels: NDArray[np.float64], spoken: NDArray[np.bool_], frames: NDArray[np.int64], hz: NDArray[np.float32]
) -> Contour:
    """Level and median pitch of every 0.1 s, None where nobody speaks or nothing is voiced."""
    steps = -(-len(levels) // _PER_STEP)
    pitches: list[list[float]] = [[] for _ in range(steps)]
    for step, value in zip((frames * _PER_PITCH // _PER_STEP).tolist(), hz.tolist(), strict=True):
        if value > 0:
            pitches[step].append(value)
    loud: list[int | None] = []
    for step in range(steps):
        inside = slice(step * _PER_STEP, (step + 1) * _PER_STEP)
        loud.append(round(level_within(levels, [(inside.start, inside.stop)])) if spoken[inside].any() else None)
    return Contour(
        step_secs=CONTOUR_SECS,
        level_dbfs=tuple(loud),
        pitch_hz=tuple(round(statistics.median(here)) if here else None for here in pitches),
    )
