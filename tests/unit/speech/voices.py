"""Sounds whose pitch, loudness and pauses are known because they were made so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speech.codec import Upsampler, decode, encode, to_float
from speech.types import Samples

LINE_RATE = 8_000
_FORMANTS = ((550, 60), (1500, 90), (2500, 120))


def tone(hz: float, secs: float) -> NDArray[np.float64]:
    """A sine of amplitude 1 at 8 kHz."""
    return np.sin(2 * np.pi * hz * np.arange(round(secs * LINE_RATE)) / LINE_RATE)


def pulses(hz: float | NDArray[np.float64], secs: float, *, vowel: bool = True) -> NDArray[np.float64]:
    """Pulses of the vocal cords at 8 kHz, at one pitch or one for every sample: flat, or with formants as in a vowel.

    Nothing under 300 Hz and over 3400 Hz is left of them, as on a telephone line: mostly without the fundamental.
    """
    count = round(secs * LINE_RATE)
    track = np.full(count, hz) if isinstance(hz, (int, float)) else hz
    phase = 2 * np.pi * np.cumsum(track) / LINE_RATE
    sound = np.zeros(count)
    for harmonic in range(1, int(3_900 // track.min()) + 1):
        at = harmonic * track
        strength = sum(1 / (1 + ((at - centre) / width) ** 2) for centre, width in _FORMANTS) + 0.01 if vowel else 1.0
        sound += strength * (at < 3_900) * np.sin(harmonic * phase + 0.7 * harmonic**2)
    return band(sound)


def band(sound: NDArray[np.float64], low_hz: float = 300.0, high_hz: float = 3_400.0) -> NDArray[np.float64]:
    """What a telephone line lets through."""
    spectrum, bins = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / LINE_RATE)
    spectrum[(bins < low_hz) | (bins > high_hz)] = 0
    return np.fft.irfft(spectrum, len(sound))


def quiet(secs: float) -> NDArray[np.float64]:
    """Nothing."""
    return np.zeros(round(secs * LINE_RATE))


def received(sound: NDArray[np.float64], *, snr_db: float | None = None, peak: float = 0.5, seed: int = 1) -> Samples:
    """What the recogniser gets at 16 kHz: white noise added, scaled to `peak`, through mu-law."""
    if snr_db is not None:
        random = np.random.default_rng(seed)
        power = float(np.mean(sound**2)) * 10 ** (-snr_db / 10)
        sound = sound + random.standard_normal(len(sound)) * np.sqrt(power)
    pcm = (sound / max(1e-9, float(np.abs(sound).max())) * peak * 32_767).astype(np.int16)
    upsampler = Upsampler()
    first = upsampler.push(to_float(decode(encode(pcm, "mulaw"), "mulaw")))
    return np.concatenate([first, upsampler.flush()]).astype(np.float32)
