"""The pitch of a voice: the normalised autocorrelation of short windows, made for telephone speech. Pure.

Method: Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
sampled sound", Proceedings of the Institute of Phonetic Sciences 17, Amsterdam 1993, 97-110: the autocorrelation of
a windowed stretch divided by that of the window, its maxima refined by a parabola, a small bonus for higher pitches
against errors of an octave. It finds the period and so does not need the fundamental itself, which a telephone line
cuts off below 300 Hz. There one harmonic near the first formant can outweigh all others, so the spectrum is compressed
before it is turned back (generalised autocorrelation: Tolonen and Karjalainen, IEEE Transactions on Speech and Audio
Processing 8, 2000, 708-716), here to its magnitude. In place of a path search the
whole utterance says first in what register it is spoken (what periods its windows agree on, smoothed over six
semitones), and the pitch of each window is sought there: an octave error is a minority in one voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.types import RECOGNITION_RATE, Samples

LOWEST_HZ = 65.0
HIGHEST_HZ = 500.0
VOICED_AT = 0.3
"""Correlation from which a window counts as voiced: below Boersma's 0.45, since compression lowers them all."""
PITCH_SECS = 0.02
"""From one value to the next."""

_RATE = 8_000  # half the rate of recognition: what comes from a telephone line has nothing above 4 kHz
_HOP = round(PITCH_SECS * _RATE)
_OCTAVE_BONUS = 0.02
_REGISTER_BONUS = 0.4
_BELOW_REGISTER, _ABOVE_REGISTER = 1.5, 1.7
_WINDOW = 384  # 48 ms: three periods of the lowest pitch
_FFT = 512  # at least the window and the longest lag
_CUTOFF_BIN = _FFT * 3_000 // _RATE  # enough harmonics of every voice, little noise of its consonants
_DIVISOR_POWER = 0.8  # the whole divisor would raise noise at long lags above the true period
_FINE = 2  # lags are looked at in steps of half a sample
_LAG_RATE = _RATE * _FINE
_LAGS = np.arange(int(_LAG_RATE / HIGHEST_HZ), int(_LAG_RATE / LOWEST_HZ) + 2)
_PER_OCTAVE = 24
_BATCH = 256

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class PitchTrack:
    """One value per window: pitch in Hz (0 where there is none) and how periodic the sound is, 0 to 1."""

    hz: Floats
    strength: Floats


def pitch_track(samples: Samples, frames: NDArray[np.int64]) -> PitchTrack:
    """The pitch around the middle of these frames of 20 ms, numbered from 0. `samples` are at 16 kHz.

    Two voices at once, music or a hum have a pitch too: whether it is a voice is not said here.
    """
    if not len(frames):
        return PitchTrack(hz=np.zeros(0, np.float32), strength=np.zeros(0, np.float32))
    half = _WINDOW // 2
    line = np.pad(np.asarray(soxr.resample(samples, RECOGNITION_RATE, _RATE, quality="LQ"), np.float32), half)
    views = np.lib.stride_tricks.sliding_window_view(line, _WINDOW)
    starts = np.minimum(frames * _HOP + _HOP // 2, len(views) - 1)
    parts = [_refined(_correlations(views[starts[at : at + _BATCH]])) for at in range(0, len(frames), _BATCH)]
    strengths, shifts = (np.concatenate(part) for part in zip(*parts, strict=True))
    middle = _register(np.where(strengths >= VOICED_AT, strengths, np.float32(0)))
    hz, strength = _best(strengths, shifts, middle / _BELOW_REGISTER, middle * _ABOVE_REGISTER)
    return PitchTrack(hz=np.where(strength >= VOICED_AT, hz, np.float32(0)), strength=strength)


@cache
def _window() -> tuple[Floats, Floats]:
    """The Hann window, and its compressed autocorrelation at every lag from 0, as a divisor."""
    shape = np.hanning(_WINDOW + 2)[1:-1]
    correlation = np.fft.irfft(np.abs(np.fft.rfft(shape, _FFT)), _FFT * _FINE)[: _LAGS[-1] + 2]
    return shape.astype(np.float32), ((correlation / correlation[0]) ** _DIVISOR_POWER).astype(np.float32)


def _correlations(windows: Floats) -> Floats:
    """One row per window, one column per lag from 0: the compressed autocorrelation without the window's own."""
    shape, divisor = _window()
    centred = (windows - windows.mean(axis=1, keepdims=True)) * shape
    bins = np.fft.rfft(centred, _FFT, axis=1)[:, :_CUTOFF_BIN]
    spectrum = np.sqrt(bins.real**2 + bins.imag**2)
    raw = np.fft.irfft(spectrum, _FFT * _FINE, axis=1)[:, : len(divisor)].astype(np.float32)
    return np.divide(raw, np.maximum(raw[:, :1], np.float32(1e-12)) * divisor, dtype=np.float32)


def _refined(correlations: Floats) -> tuple[Floats, Floats]:
    """Of every lag: height of the maximum there (0 if there is none), and where beside the lag it lies."""
    before, at, after = (correlations[:, _LAGS + step] for step in (-1, 0, 1))
    peak = (at >= before) & (at > after)
    slope, bend = before - after, np.where(peak, before - 2 * at + after, np.float32(-1))
    shift = np.float32(0.5) * slope / bend
    height = np.where(peak, np.maximum(at - np.float32(0.25) * slope * shift, np.float32(0)), np.float32(0))
    return height.astype(np.float32), shift.astype(np.float32)


def _register(strengths: Floats) -> float:
    """The pitch in Hz around which the utterance is spoken: where its windows have the most maxima together."""
    rising = _LAGS[::-1]
    steps = np.round(_PER_OCTAVE * np.log2(_LAG_RATE / rising / LOWEST_HZ)).astype(int)
    firsts = np.flatnonzero(np.diff(steps, prepend=-_PER_OCTAVE))
    votes = np.zeros(steps[-1] + 1)
    votes[np.maximum(steps[firsts], 0)] = np.maximum.reduceat(strengths[:, ::-1], firsts, axis=1).sum(axis=0)
    smooth = np.convolve(votes, np.hanning(_PER_OCTAVE // 2 + 1), "same")
    octaves = np.arange(len(smooth)) / _PER_OCTAVE
    return float(LOWEST_HZ * 2 ** octaves[(smooth * (1 + _REGISTER_BONUS * octaves)).argmax()])


def _best(strengths: Floats, shifts: Floats, lowest_hz: float, highest_hz: float) -> tuple[Floats, Floats]:
    """Pitch and strength of the best maximum between two pitches; strength 0 where there is none."""
    inside = np.flatnonzero((_LAG_RATE / highest_hz <= _LAGS) & (_LAG_RATE / lowest_hz >= _LAGS))
    bonus = (_OCTAVE_BONUS * np.log2(_LAG_RATE / _LAGS[inside] / LOWEST_HZ)).astype(np.float32)
    heights = strengths[:, inside]
    rows, best = np.arange(len(heights)), np.where(heights > 0, heights + bonus, np.float32(0)).argmax(axis=1)
    hz = _LAG_RATE / (_LAGS[inside[best]] + shifts[rows, inside[best]])
    return hz.astype(np.float32), np.minimum(heights[rows, best], np.float32(1))
