"""Telephone sound in 20 ms frames of 160 samples at 8 kHz: mu-law, line noise, tones and an ear. Pure.

Levels are dBFS: 0 is a full-scale square wave of 16-bit samples.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.codec import decode, encode

Samples = NDArray[np.int16]

RATE_HZ = 8_000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
FRAMES_PER_SEC = 1000 // FRAME_MS
SILENCE: Samples = np.zeros(FRAME_SAMPLES, np.int16)
_FULL_SCALE = 32_768.0


def to_mulaw(frame: Samples) -> bytes:
    """G.711 mu-law, one byte a sample."""
    return encode(frame, "mulaw")


def from_mulaw(payload: bytes | bytearray) -> Samples:
    """16-bit samples of G.711 mu-law."""
    return decode(payload, "mulaw")


def amplitude(dbfs: float) -> float:
    """The root-mean-square sample value of a level."""
    return float(_FULL_SCALE * 10 ** (dbfs / 20))


def _to_samples(wave: NDArray[np.floating[Any]]) -> Samples:
    rounded: Samples = np.clip(np.rint(wave), -32_768, 32_767).astype(np.int16)
    return rounded


def apply_gain(samples: Samples, gain_db: float) -> Samples:
    """Louder or softer, clipped to 16 bits."""
    if gain_db == 0:
        return samples
    louder = samples.astype(np.float32) * 10 ** (gain_db / 20)
    return _to_samples(louder)


def padded(short: Samples) -> Samples:
    """A last, incomplete frame filled up with silence."""
    frame = SILENCE.copy()
    frame[: len(short)] = short
    return frame


def tone(freq_hz: float, secs: float, *, dbfs: float = -15.0) -> Samples:
    """A sine tone, as an answering machine's beep."""
    time_secs = np.arange(round(secs * RATE_HZ)) / RATE_HZ
    wave = np.sin(2 * np.pi * freq_hz * time_secs) * amplitude(dbfs) * math.sqrt(2)
    return np.rint(wave).astype(np.int16)


class LineNoise:
    """Faint noise of a telephone line, so that silence is not digital zero. Deterministic for a seed."""

    _FRAMES = 251  # prime, so that the pattern does not fall in step with anything

    def __init__(self, seed: int, *, dbfs: float = -60.0) -> None:
        noise = np.random.default_rng(seed).normal(0.0, amplitude(dbfs), self._FRAMES * FRAME_SAMPLES)
        self._frames = _to_samples(noise).reshape(self._FRAMES, FRAME_SAMPLES)
        self._at = 0

    def frame(self) -> Samples:
        """The next 20 ms."""
        self._at = (self._at + 1) % self._FRAMES
        frame: Samples = self._frames[self._at]
        return frame

    def under(self, voice: Samples) -> Samples:
        """Speech with the line's noise below it."""
        return _to_samples(voice.astype(np.float32) + self.frame())


class Ear:
    """Hears whether the other side speaks, and when a turn is over: energy with a fixed threshold.

    A turn is over after `end_silence_ms` of silence that follow at least `min_speech_ms` of sound since `forget`.
    """

    def __init__(self, *, end_silence_ms: int = 800, min_speech_ms: int = 300, threshold_dbfs: float = -42.0) -> None:
        self._end_silence_ms = end_silence_ms
        self._min_speech_ms = min_speech_ms
        self._threshold = amplitude(threshold_dbfs) ** 2 * FRAME_SAMPLES
        self.speech_ms = 0
        self.silence_ms = 0

    def hear(self, frame: Samples) -> None:
        """Take in 20 ms of the other side."""
        wave = frame.astype(np.float32)
        if float(wave @ wave) > self._threshold:
            self.speech_ms += FRAME_MS
            self.silence_ms = 0
        else:
            self.silence_ms += FRAME_MS

    def forget(self) -> None:
        """Start listening anew."""
        self.speech_ms = 0
        self.silence_ms = 0

    @property
    def is_speaking(self) -> bool:
        """The other side is in the middle of something."""
        return self.speech_ms >= self._min_speech_ms and self.silence_ms < self._end_silence_ms

    @property
    def turn_over(self) -> bool:
        """The other side has spoken and is now quiet."""
        return self.speech_ms >= self._min_speech_ms and self.silence_ms >= self._end_silence_ms
