"""Recordings to text (I/O: reads files, measures its own time): the answer of `fairline transcribe`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from speech.audio_files import Recording, read_recording
from speech.hearing import MIXED, HearOptions, hear, most_spoken, speakers_of
from speech.recognizer import Recognizer
from speech.scoring import real_time_factor
from speech.sides import other, own_sides
from speech.types import FinalHypothesis

Progress = Callable[[float, float], None]
"""Called with the seconds done and the seconds in all; with two tracks the total counts both."""
ASSUMED = "default"
"""Nobody said who is on which of two channels: the agent is taken to be on the left."""


def transcribe_file(
    path: Path, recognizer: Recognizer, options: HearOptions | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """One recording as `fairline transcribe --json` prints it.

    `left` or `right` alone also names the speaker of a one-channel file; both mean that both are on it. Beyond the
    contract's fields `sides_by` says who named the speakers (option, file, own recording, default, one track), and each
    segment says its `language`, its `avg_logprob` and whether its text is `clear`; an
    unclear one is a guess. Raises `MediaFileError` for a file that cannot be read whole, `RecognizerError` as the
    recogniser does.
    """
    options = options or HearOptions()
    began = time.perf_counter()
    recording = read_recording(path)
    options, sides_by = _with_sides(path, recording, options)
    tracks = hear(recording, recognizer, options, progress)
    language = most_spoken(final for track in tracks for final in track) or options.language
    factor = real_time_factor(time.perf_counter() - began, recording.duration_secs)
    return {
        "file": str(path),
        "duration_secs": round(recording.duration_secs, 3),
        "model": recognizer.identity.id,
        "language": language,
        "real_time_factor": round(factor, 4),
        "sides_by": sides_by,
        "tracks": [
            {"speaker": speaker, "segments": [_segment(final) for final in track]}
            for speaker, track in zip(speakers_of(recording, options), tracks, strict=True)
        ],
    }


def _with_sides(path: Path, recording: Recording, options: HearOptions) -> tuple[HearOptions, str]:
    """The options with the speakers in them, and who named these: the first that knows, as in an audit."""
    named = [name for name in (options.left, options.right) if name is not None]
    if len(recording.channels) == 1:
        alone = len(named) == 1 and options.one == MIXED
        return (replace(options, one=named[0]), "option") if alone else (options, "one track")
    if named:
        left, right = options.left or other(named[0]), options.right or other(named[0])
        return replace(options, left=left, right=right), "option"
    if recording.sides is not None:
        return options, "file"
    own = own_sides(path)
    return (replace(options, left=own[0], right=own[1]), "own recording") if own else (options, ASSUMED)


def _segment(final: FinalHypothesis) -> dict[str, Any]:
    return {
        "start": round(final.start, 3),
        "end": round(final.end, 3),
        "text": final.text,
        "language": final.language,
        "clear": final.clear,
        "avg_logprob": round(final.avg_logprob, 3),
        "words": [
            {
                "word": word.text,
                "start": round(word.start, 3),
                "end": round(word.end, 3),
                "probability": round(word.probability, 3),
            }
            for word in final.words
        ],
    }
