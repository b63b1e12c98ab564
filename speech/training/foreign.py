"""English voices of another synthesiser (I/O: runs the program `flite` where it is installed), for the test only.

The recogniser learned one family of synthetic voices. What it makes of voices from elsewhere says more about real
speech than its own family does; there is no second free Mandarin synthesiser to ask.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from speech.synthesis import english_numbers
from speech.training.augment import RATE
from speech.training.listening import MU_LAW, Wave, hear, on_the_line
from speech.training.scoring import Heard
from speech.training.sources import target
from speech.training.testset import Sentence
from speech.whisper import WhisperRecognizer

VOICES = ("rms", "slt", "awb", "kal16")
_LIMIT_SECS = 20


def speak(text: str, voice: str) -> Wave | None:
    """A sentence at 8 kHz, or None where flite is not installed."""
    program = shutil.which("flite")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(
            [program, "-voice", voice, "-t", english_numbers.write_out(text), "-o", str(path)],
            check=True,
            capture_output=True,
            timeout=_LIMIT_SECS,
        )
        with wave.open(str(path)) as file:
            rate, raw = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(32768)
    return np.asarray(soxr.resample(samples, rate, RATE, quality="HQ"), np.float32)


def listen_to_foreign(model: WhisperRecognizer, sentences: Sequence[Sentence], seed: int) -> list[Heard]:
    """English sentences by flite's voices in turn on a clean line; empty where flite is not installed."""
    heard: list[Heard] = []
    english = [sentence for sentence in sentences if sentence.lang == "en" and not sentence.seen]
    for index, sentence in enumerate(english):
        voice = VOICES[index % len(VOICES)]
        said = speak(sentence.text, voice)
        if said is None:
            return []
        text, logprob, _ = hear(model, on_the_line(said, MU_LAW, seed + index), "en")
        heard.append(
            Heard(
                group=sentence.group,
                lang="en",
                seen=False,
                reference=target(sentence.text, "en"),
                text=text,
                avg_logprob=logprob,
                detected="en",
                voice=f"flite {voice}",
            )
        )
    return heard
