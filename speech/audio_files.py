"""Audio files to samples (I/O): WAV, FLAC, MP3, Opus and whatever else FFmpeg reads, by PyAV; one or two channels.

A recording that is cut off must not pass for a short call: a WAV, FLAC or MP4 that holds less than its header promises
is refused. MP3 and Ogg state no reliable length, so a cut there cannot be seen.

A file may say itself who is on which channel, in its comment tag: `fairline-tracks: debtor agent`, left first. WAV
carries such a tag as an INFO chunk (`sides_chunk`); FLAC, MP3, Ogg and M4A as their usual comment.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.errors import MediaFileError
from speech.types import RECOGNITION_RATE, Samples

_EXPECTED = "expected a WAV, FLAC, MP3, Opus, Ogg or M4A recording with one or two channels"
_STATES_LENGTH = ("wav", "flac", "mp4")
_TOLERANCE_SECS = 0.1
_UNKNOWN_SIZE = (0, 0xFFFFFFFF)
_SIDES = re.compile(r"\bfairline-tracks: ([a-z]{1,20}) ([a-z]{1,20})\b")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A decoded file: its channels at 16 kHz, first (left) channel first, all of one length.

    `sides`: who is on the left and on the right channel, where the file itself says so.
    """

    path: Path
    source_rate: int
    channels: tuple[Samples, ...]
    sides: tuple[str, str] | None = None

    @property
    def duration_secs(self) -> float:
        """Length of the recording."""
        return len(self.channels[0]) / RECOGNITION_RATE


def read_recording(path: Path) -> Recording:
    """Decode a whole file.

    Raises `MediaFileError`: `media_file.not_found`, `.unreadable`, `.empty`, `.truncated`, `.damaged`,
    `.not_audio`, `.channels`.
    """
    if not path.is_file():
        raise MediaFileError("media_file.not_found", f"{path}: no such file", hint="check the path")
    try:
        _check_wav_length(path)
    except OSError as error:
        raise MediaFileError(
            "media_file.unreadable", f"{path}: cannot be read ({error.strerror})", hint="check its permissions"
        ) from error
    samples, rate, sides = _decode(path)
    if samples.shape[1] == 0:
        raise MediaFileError(
            "media_file.empty", f"{path}: found no audio in it, {_EXPECTED}", hint="export the recording again"
        )
    return Recording(
        path=path,
        source_rate=rate,
        channels=tuple(_resampled(channel, rate) for channel in samples),
        sides=sides if len(samples) == 2 else None,
    )


def probe_secs(path: Path) -> float | None:
    """The length a file states, without decoding it: for progress bars. None when it states none or cannot be read."""
    import av

    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            return None if container.duration is None else float(container.duration) / 1_000_000
    except (av.FFmpegError, OSError):
        return None


def sides_chunk(left: str, right: str) -> bytes:
    """A LIST chunk of the RIFF form INFO that says who is on which channel of a two-channel WAV; goes before `data`."""
    text = f"fairline-tracks: {left} {right}".encode("ascii") + b"\0"
    text += b"\0" * (len(text) % 2)
    body = b"INFO" + b"ICMT" + struct.pack("<I", len(text)) + text
    return b"LIST" + struct.pack("<I", len(body)) + body


def _resampled(channel: NDArray[np.float32], rate: int) -> Samples:
    if rate == RECOGNITION_RATE:
        return np.ascontiguousarray(channel)
    return np.asarray(soxr.resample(channel, rate, RECOGNITION_RATE, quality="HQ"), np.float32)


def _check_wav_length(path: Path) -> None:
    """Compare a WAV's data size with what is there. FFmpeg itself plays a cut file without complaint."""
    size = path.stat().st_size
    if size == 0:
        raise MediaFileError("media_file.empty", f"{path}: the file is empty, {_EXPECTED}", hint="export it again")
    with path.open("rb") as file:
        if file.read(12)[:4] != b"RIFF":
            return
        while len(header := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", header)
            if name == b"data":
                present = size - file.tell()
                if length not in _UNKNOWN_SIZE and present < length:
                    raise _truncated(path, f"{present} bytes of audio", f"{length} bytes by its header")
                return
            file.seek(length + length % 2, 1)
    raise _truncated(path, f"{size} bytes without audio", "a data chunk after the header")


def _truncated(path: Path, found: str, expected: str) -> MediaFileError:
    return MediaFileError(
        "media_file.truncated",
        f"{path}: cut off, found {found}, expected {expected}",
        hint="copy or export the recording again; part of the call is missing",
    )


def _decode(path: Path) -> tuple[NDArray[np.float32], int, tuple[str, str] | None]:
    """The samples, one row per channel, their rate, and who is on which channel where the file says so."""
    import av

    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise MediaFileError("media_file.not_audio", f"{path}: found no sound track, {_EXPECTED}")
            channels, rate = stream.channels, stream.rate
            if channels not in (1, 2):
                raise MediaFileError(
                    "media_file.channels",
                    f"{path}: found {channels} channels, expected one or two",
                    hint="export each speaker of the call as one channel",
                )
            blocks, damaged = _blocks(av, container, stream)
            promised = _promised_secs(container)
            sides = _sides_of(container, stream)
    except av.FFmpegError as error:
        raise MediaFileError(
            "media_file.not_audio",
            f"{path}: cannot be decoded ({error.strerror}), {_EXPECTED}",
            hint="open it in an audio player; if that fails too, export the recording again",
        ) from error
    samples = np.concatenate([np.zeros((channels, 0), np.float32), *blocks], axis=1)
    heard_secs = samples.shape[1] / rate
    if promised is not None and heard_secs < promised - _TOLERANCE_SECS:
        raise _truncated(path, f"{heard_secs:.2f} s of audio", f"{promised:.2f} s by its header")
    if damaged and (promised is not None or not blocks):
        raise MediaFileError(
            "media_file.damaged",
            f"{path}: {damaged} blocks of audio cannot be decoded",
            hint="copy or export the recording again; part of the call is missing",
        )
    return samples, rate, sides


def _sides_of(container: Any, stream: Any) -> tuple[str, str] | None:
    """As the comment of the file or of its sound track says (Ogg keeps tags with the track)."""
    for tags in (container.metadata, stream.metadata):
        for name, value in tags.items():
            found = _SIDES.search(value) if name.lower() == "comment" else None
            if found is not None:
                return found[1], found[2]
    return None


def _blocks(av: Any, container: Any, stream: Any) -> tuple[list[NDArray[np.float32]], int]:
    """The decoded audio in order, and how many packets could not be decoded (MP3 and Ogg find their way back)."""
    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
    blocks: list[NDArray[np.float32]] = []
    damaged = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            damaged += 1
            continue
        for frame in frames:
            frame.pts = None
            blocks += [block.to_ndarray() for block in resampler.resample(frame)]
    return blocks + [block.to_ndarray() for block in resampler.resample(None)], damaged


def _promised_secs(container: Any) -> float | None:
    """The length the header states, for formats that state it."""
    if container.duration is None or not any(name in container.format.name for name in _STATES_LENGTH):
        return None
    return float(container.duration) / 1_000_000
