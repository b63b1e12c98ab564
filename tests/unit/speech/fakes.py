"""Deterministic stand-ins for the two models, so that the chain between them can be tested exactly."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from speech.recognizer import (
    NOTHING_HEARD,
    Capabilities,
    ModelIdentity,
    Recognition,
    RecognizeOptions,
    check_request,
    is_silent,
)
from speech.types import Samples, Word

BLOCK = 4_000
BLOCK_SECS = BLOCK / 16_000


class EnergyProbability:
    """Speech is whatever is loud. Has memory (the last window counts a little), so that lost state would show."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._last = 0.0

    def probabilities(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        answers = []
        for window in windows:
            loud = 1.0 if float(np.abs(window).mean()) > 0.01 else 0.0
            answers.append(0.8 * loud + 0.2 * self._last)
            self._last = loud
        return np.array(answers, np.float32)


def characters(samples: Samples) -> str:
    """A character for every quarter second, from the very bits of the sound: the smallest change of audio shows."""
    blocks = (samples[start : start + BLOCK] for start in range(0, len(samples) - BLOCK + 1, BLOCK))
    return "".join(chr(0x4E00 + zlib.crc32(block.tobytes()) % 4_000) for block in blocks)


class FakeRecognizer:
    """Reads the sound with `text_of`; counts how often it was asked."""

    def __init__(
        self,
        text_of: Callable[[Samples], str] = characters,
        *,
        clear: Callable[[Samples], bool] = lambda samples: True,
        language: Callable[[Samples], tuple[str, float]] = lambda samples: ("zh", 1.0),
    ) -> None:
        self._text_of = text_of
        self._clear = clear
        self._language = language
        self.asked: list[RecognizeOptions] = []

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(name="fake", digest="sha256:" + "0" * 64, engine="fake", device="cpu", compute_type="none")

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            languages=("zh", "en"),
            detects_language=True,
            word_timestamps=True,
            max_clip_secs=30,
            calibrated=False,
            demonstration=True,
        )

    def recognize(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        check_request(samples, options, self.identity, self.capabilities)
        self.asked.append(options)
        if is_silent(samples):
            return NOTHING_HEARD
        text = self._text_of(samples)
        if not text:
            return NOTHING_HEARD
        language, probability = (options.language, 1.0) if options.language else self._language(samples)
        words = tuple(
            Word(text=unit, start=index * BLOCK_SECS, end=(index + 1) * BLOCK_SECS, probability=0.9)
            for index, unit in enumerate(text)
        )
        return Recognition(
            text=text,
            words=words if options.word_timestamps else (),
            language=language,
            language_probability=probability,
            avg_logprob=-0.1,
            no_speech_prob=0.0,
            clear=self._clear(samples),
        )


def line(*parts: tuple[float, bool], seed: int = 1) -> NDArray[np.int16]:
    """8 kHz sound: (seconds, speaking) after one another; speech is loud noise, silence is zeros."""
    random = np.random.default_rng(seed)
    sounds = [
        (random.standard_normal(round(secs * 8_000)) * 3_000 * speaking).astype(np.int16) for secs, speaking in parts
    ]
    return np.concatenate(sounds)
