"""Sounds without speech that a telephone line carries: the recogniser must learn to write nothing for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
Wave = NDArray[np.float32]
_DTMF_LOW, _DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KINDS = ("silence", "noise", "hum", "dtmf", "ringback", "music", "clicks")


def _time(secs: float) -> NDArray[np.float64]:
    return np.arange(int(secs * RATE)) / RATE


def _noise(rng: np.random.Generator, secs: float) -> Wave:
    spectrum = np.fft.rfft(rng.standard_normal(int(secs * RATE)))
    hertz = np.linspace(1, RATE / 2, len(spectrum))
    wave = np.fft.irfft(spectrum * (hertz / 500) ** rng.uniform(-1.2, 0.4))
    return np.asarray(wave / np.abs(wave).max(), np.float32)


def _hum(rng: np.random.Generator, secs: float) -> Wave:
    base = rng.choice((50.0, 60.0, 100.0, 120.0))
    wave = sum(np.sin(2 * np.pi * base * harmonic * _time(secs)) / harmonic for harmonic in range(1, 9))
    return np.asarray(wave, np.float32)


def _bursts(rng: np.random.Generator, secs: float, tones: Sequence[tuple[float, ...]], on: float, off: float) -> Wave:
    at = _time(secs)
    wave = np.zeros(len(at))
    start = rng.uniform(0, off)
    while start < secs:
        part = (at >= start) & (at < start + on)
        chosen = tones[int(rng.integers(len(tones)))]
        wave[part] = sum(np.sin(2 * np.pi * hertz * at[part]) for hertz in chosen)
        start += on + off
    return np.asarray(wave / 2, np.float32)


def _music(rng: np.random.Generator, secs: float) -> Wave:
    at = _time(secs)
    wave = np.zeros(len(at))
    start = 0.0
    while start < secs:
        length = rng.choice((0.12, 0.25, 0.5, 1.0))
        part = (at >= start) & (at < start + length * rng.choice((1, 2)))
        decay = np.exp(-(at[part] - start) * rng.uniform(0.5, 6))
        for note in rng.integers(-14, 18, size=int(rng.integers(1, 5))):
            hertz = 330.0 * 2 ** (note / 12)
            for harmonic in range(1, int(rng.integers(2, 7))):
                wave[part] += decay * np.sin(2 * np.pi * hertz * harmonic * at[part] + rng.uniform(0, 6)) / harmonic
        start += length
    return np.asarray(wave / max(1e-6, np.abs(wave).max()), np.float32)


def _clicks(rng: np.random.Generator, secs: float) -> Wave:
    wave = np.zeros(int(secs * RATE), np.float32)
    for position in rng.integers(0, max(1, len(wave) - 80), size=int(rng.integers(1, 12))):
        wave[position : position + 80] += rng.standard_normal(80).astype(np.float32) * np.exp(-np.arange(80) / 15)
    return wave


def make(kind: str, secs: float, rng: np.random.Generator) -> Wave:
    """A clip of one kind, peak near one (silence: zeros)."""
    if kind == "silence":
        return np.zeros(int(secs * RATE), np.float32)
    if kind == "dtmf":
        pairs = [(float(low), float(high)) for low in _DTMF_LOW for high in _DTMF_HIGH]
        return _bursts(rng, secs, pairs, on=rng.uniform(0.08, 0.3), off=rng.uniform(0.08, 0.5))
    if kind == "ringback":
        tones: tuple[float, ...] = ((450.0,), (440.0, 480.0), (425.0,), (480.0, 620.0))[int(rng.integers(4))]
        return _bursts(rng, secs, [tones], on=rng.choice((0.35, 0.5, 1.0, 2.0)), off=rng.choice((0.35, 0.5, 2.0, 4.0)))
    makers = {"noise": _noise, "hum": _hum, "music": _music, "clicks": _clicks}
    return makers[kind](rng, secs)
