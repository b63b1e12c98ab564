"""Prosody of utterances: milliseconds per second of audio, and how far measured pitch is from the true one.

    python -m benchmarks.prosody_bench

Truth of the first table: pulse trains with the formants of a vowel, 80 to 400 Hz, nothing left below 300 Hz and above
3400 Hz, white noise added, through mu-law. Of the second: the same synthetic voices measured clean and in full band
by the same method, so it says what line and noise change, not what the method gets wrong on a human voice.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

import numpy as np
import soxr

from speech.prosody import prosody_of
from speech.synthesis.telephone import VOICES, speak
from speech.types import Samples
from tests.unit.speech.voices import LINE_RATE, band, pulses, received

PITCHES = tuple(80 * 5 ** (step / 20) for step in range(21))
LINES = (None, 20, 15, 10)
TEXTS = {
    "zh": "您好，我是恒信银行的客服，想跟您确认一下这个月的还款安排，您现在方便吗",
    "en": "hello, this is sam from harbor services, is now a good time to talk about your account",
}
NAMES = ("m1", "m3", "ed", "f2", "f5", "anika", "grandma", "f4")
REPEATS = 5


def main() -> None:
    """Measure and print."""
    out = sys.stdout.write
    clips = [
        speak(TEXTS[lang], lang, replace(VOICES[name], pitch=pitch))
        for lang in ("zh", "en")
        for name in NAMES
        for pitch in (35, 50, 65)
    ]
    waves = [(clip.samples.astype(np.float32) / 32_768, clip.sample_rate) for clip in clips]
    phone = [soxr.resample(wave, rate, LINE_RATE).astype(np.float64) for wave, rate in waves]
    clean = [prosody_of(soxr.resample(wave, rate, 16_000).astype(np.float32)).pitch_hz for wave, rate in waves]
    out("noise, dB below | pulses: semitones off, median, worst | voices: median, 90th percentile, worst\n")
    for snr_db in LINES:
        made = [_off(received(pulses(hz, 0.6), snr_db=snr_db), hz) for hz in PITCHES]
        heard = [
            _off(received(band(wave), snr_db=snr_db), true)
            for wave, true in zip(phone, clean, strict=True)
            if true is not None
        ]
        out(f"{snr_db or 'none':>15} | {statistics.median(made):.3f} {max(made):.3f} | ")
        out(f"{statistics.median(heard):.2f} {np.percentile(heard, 90):.2f} {max(heard):.2f}  ({len(heard)} clips)\n")
    lines = [received(wave, snr_db=20) for wave in phone]
    secs = sum(len(samples) for samples in lines) / 16_000
    costs = sorted(_cost_secs(lines) for _ in range(REPEATS))
    out(f"cost: {1_000 * costs[REPEATS // 2] / secs:.2f} ms of one core per second of audio ({secs:.0f} s, ")
    out(f"median of {REPEATS}; {1_000 * costs[0] / secs:.2f} to {1_000 * costs[-1] / secs:.2f})\n")


def _off(samples: Samples, true_hz: float) -> float:
    measured = prosody_of(samples).pitch_hz
    return float("inf") if measured is None else abs(float(12 * np.log2(measured / true_hz)))


def _cost_secs(clips: list[Samples]) -> float:
    began = time.process_time()
    for samples in clips:
        prosody_of(samples)
    return time.process_time() - began


if __name__ == "__main__":
    main()
