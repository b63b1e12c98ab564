"""Models and recordings shared by the tests of this room."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.unit.speech.tiny_whisper import write_tiny_whisper


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory) -> Path:
    """A Whisper model of a few kilobytes with random weights. Copy it before changing it."""
    return write_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny-random")


@pytest.fixture
def write_wav(tmp_path):
    """Writes 16-bit samples, one column per channel, as a WAV file and gives its path."""

    def write(name: str, samples, rate: int = 8_000) -> Path:
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
        return path

    return write
