"""Recordings to text (I/O: reads files, measures its own time): every channel by voice activity, then by utterance."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from speech.audio_files import read_recording
from speech.endpointing import Closed, EndpointOptions, find_utterances
from speech.recognizer import Recognition, RecognizeOptions, Recognizer
from speech.scoring import real_time_factor
from speech.silero import SileroProbability
from speech.types import RECOGNITION_RATE, Samples
from speech.vad import WINDOW_SAMPLES, VadOptions

Progress = Callable[[float, float], None]
"""Called with the seconds done and the seconds in all; with two tracks the total counts both."""

MIXED = "mixed"
"""Speaker of a one-channel recording: both parties on one track."""


@dataclass(frozen=True, kw_only=True)
class TranscribeOptions:
    """`language` None lets the model choose per utterance. `left` and `right` name the speakers of a two-track file."""

    language: str | None = None
    left: str = "agent"
    right: str = "debtor"
    beam_size: int = 5
    vad: VadOptions = field(default_factory=VadOptions)
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)


def transcribe_file(
    path: Path, recognizer: Recognizer, options: TranscribeOptions | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """One recording as `fairline transcribe --json` prints it.

    Beyond the contract's fields each segment says whether its text is `clear`; an unclear one is a guess.
    Raises `MediaFileError` for a file that cannot be read whole, `RecognizerError` as the recogniser does.
    """
    options = options or TranscribeOptions()
    began = time.perf_counter()
    recording = read_recording(path)
    speakers = (options.left, options.right) if len(recording.channels) == 2 else (MIXED,)
    total_secs = recording.duration_secs * len(recording.channels)
    tracks: list[dict[str, Any]] = []
    clear_languages: Counter[str] = Counter()
    unclear_languages: Counter[str] = Counter()
    for number, (speaker, samples) in enumerate(zip(speakers, recording.channels, strict=True)):
        before_secs = number * recording.duration_secs
        segments = []
        for utterance in utterances_of(samples, options):
            heard = _recognize(recognizer, samples, utterance, options)
            if heard.text:
                segments.append(_segment(utterance, heard))
            if heard.text and heard.language is not None:
                counted = clear_languages if heard.clear else unclear_languages
                counted[heard.language] += utterance.end_sample - utterance.start_sample
            if progress is not None:
                progress(before_secs + utterance.end_secs, total_secs)
        tracks.append({"speaker": speaker, "segments": segments})
    if progress is not None:
        progress(total_secs, total_secs)
    factor = real_time_factor(time.perf_counter() - began, recording.duration_secs)
    return {
        "file": str(path),
        "duration_secs": round(recording.duration_secs, 3),
        "model": recognizer.identity.id,
        "language": _most_spoken(clear_languages or unclear_languages) or options.language,
        "real_time_factor": round(factor, 4),
        "tracks": tracks,
    }


def utterances_of(samples: Samples, options: TranscribeOptions) -> list[Closed]:
    """The utterances of one channel at 16 kHz."""
    count = len(samples) // WINDOW_SAMPLES
    windows = np.reshape(samples[: count * WINDOW_SAMPLES], (count, WINDOW_SAMPLES))
    probabilities = SileroProbability().probabilities(windows)
    return find_utterances(map(float, probabilities), len(samples), options.vad, options.endpoint)


def _most_spoken(languages: Counter[str]) -> str | None:
    return languages.most_common(1)[0][0] if languages else None


def _recognize(recognizer: Recognizer, samples: Samples, utterance: Closed, options: TranscribeOptions) -> Recognition:
    return recognizer.recognize(
        samples[utterance.start_sample : utterance.end_sample],
        RecognizeOptions(
            language=options.language,
            word_timestamps=recognizer.capabilities.word_timestamps,
            beam_size=options.beam_size,
        ),
    )


def _segment(utterance: Closed, heard: Recognition) -> dict[str, Any]:
    offset = utterance.start_sample / RECOGNITION_RATE
    return {
        "start": round(utterance.start_secs, 3),
        "end": round(utterance.end_secs, 3),
        "text": heard.text,
        "language": heard.language,
        "clear": heard.clear,
        "avg_logprob": round(heard.avg_logprob, 3),
        "words": [
            {
                "word": word.text,
                "start": round(word.start + offset, 3),
                "end": round(word.end + offset, 3),
                "probability": round(word.probability, 3),
            }
            for word in heard.words
        ],
    }
