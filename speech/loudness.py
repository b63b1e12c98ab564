"""How loud is a stretch of speech, and where inside it is somebody speaking? Functions of its samples alone. Pure.

Levels are decibels of the root mean square against full scale 1.0, which telephony calls dBov (ITU-T G.100.1): a
sine at full scale reads -3.0, a square wave 0. The level of an utterance is that of its speech, pauses left out,
after the idea of the active speech level in ITU-T P.56. Speech and pause are told apart relative to the loudest part,
25 dB below the 95th percentile (de Jong and Wempe, Behavior Research Methods 41, 2009, 385-390), or higher where the
line is noisy; silences under 0.2 s, the length of a stop consonant and less than a pause, are bridged (Heldner and
Edlund, Journal of Phonetics 38, 2010, 555-568, take 0.18 s).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speech.types import RECOGNITION_RATE, Samples

FRAME_SECS = 0.01
FRAME_SAMPLES = round(FRAME_SECS * RECOGNITION_RATE)
QUIETEST_DB = -96.0
"""What a stretch of zeros reads: the smallest step of 16 bits is louder."""
PAUSE_SECS = 0.2
SHORTEST_SOUND_SECS = 0.05

_BELOW_PEAK_DB = 25.0
_ABOVE_FLOOR = 0.3
_NO_CONTRAST_DB = 6.0


def frame_levels(samples: Samples) -> NDArray[np.float64]:
    """The level of each whole 10 ms, measured over itself and both neighbours, in dB."""
    count = len(samples) // FRAME_SAMPLES
    if count == 0:
        return np.zeros(0, np.float64)
    blocks = np.asarray(samples[: count * FRAME_SAMPLES], np.float32).reshape(count, FRAME_SAMPLES)
    padded = np.pad(np.einsum("ij,ij->i", blocks, blocks, dtype=np.float64) / FRAME_SAMPLES, 1, mode="edge")
    return decibels((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean squares as dB, not below `QUIETEST_DB`."""
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 10 ** (QUIETEST_DB / 10)))
    return levels


def spoken_runs(levels: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Half-open intervals of frames with speech: pauses are bridged, clicks dropped."""
    if not len(levels) or float(levels.max()) <= QUIETEST_DB:
        return []
    loud = levels >= _threshold(levels)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and (start - runs[-1][1]) * FRAME_SECS < PAUSE_SECS:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return [(start, end) for start, end in runs if (end - start) * FRAME_SECS >= SHORTEST_SOUND_SECS]


def level_within(levels: NDArray[np.float64], runs: list[tuple[int, int]]) -> float:
    """The level over these frames, as one mean of their powers."""
    if not runs:
        return QUIETEST_DB
    powers = 10 ** (np.concatenate([levels[start:end] for start, end in runs]) / 10)
    return float(decibels(np.array([powers.mean()]))[0])


def _threshold(levels: NDArray[np.float64]) -> float:
    floor, peak = (float(value) for value in np.percentile(levels, [5, 95]))
    if peak - floor < _NO_CONTRAST_DB:
        return QUIETEST_DB + 1e-6
    return max(peak - _BELOW_PEAK_DB, floor + _ABOVE_FLOOR * (peak - floor))
