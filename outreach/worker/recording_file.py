"""Recordings on disk: hashed while they are written, under their name only when they are whole (I/O)."""

import contextlib
import hashlib
import os
import struct
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from outreach.errors import MediaError
from outreach.telephony.events import Track
from outreach.worker.lane import CHUNK_BYTES, RATE_HZ, SILENCE
from outreach.worker.spool import digests_left, track_path
from speech.codec import decode

CHANNELS = (Track.INBOUND, Track.OUTBOUND)
"""The debtor left, the agent right."""
_FRAME_BYTES = 4


class HashedFile:
    """A new file that is hashed while it is written. `keep` gives it its name; without that it is deleted in the end.

    Until then it lies beside its place under a name of its own, so two that write the same recording do not meet.
    """

    def __init__(self, target: Path) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.target = target
        number, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".partial", dir=target.parent)
        self._file, self._partial = os.fdopen(number, "wb"), Path(name)
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """Digest of what was written, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Append."""
        self._digest.update(block)
        self._file.write(block)

    def keep(self) -> None:
        """Put what was written under its name, on disk for good."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._partial.replace(self.target)


def write_spooled(folder: Path, call_sid: str, file: HashedFile) -> tuple[Track, ...]:
    """Write the WAV (16 bit, channel 0 the debtor, channel 1 the agent) of a call's spool, a chunk at a time.

    Every byte of the spool is read once; its digests are made on the way and held against those left when the spool was
    closed. Returns the tracks that are not what was written while the call was heard: none, unless a file was changed.
    Raises MediaError media.no_audio when nothing was spooled.
    """
    paths = {track: track_path(folder, call_sid, track) for track in CHANNELS}
    there = {track: path for track, path in paths.items() if path.exists()}
    length = max((path.stat().st_size for path in there.values()), default=0)
    if length == 0:
        raise MediaError("media.no_audio", f"call {call_sid}: no audio was received, so there is no recording to keep")
    digests = {track: hashlib.sha256() for track in CHANNELS}
    with contextlib.ExitStack() as stack:
        tracks = {track: stack.enter_context(path.open("rb")) for track, path in there.items()}
        file.write(_wav_header(length))
        for start in range(0, length, CHUNK_BYTES):
            size, samples = min(CHUNK_BYTES, length - start), []
            for track in CHANNELS:
                chunk = tracks[track].read(size) if track in tracks else b""
                digests[track].update(chunk)
                samples.append(decode(chunk.ljust(size, SILENCE), "mulaw"))
            file.write(np.stack(samples, axis=1).astype("<i2").tobytes())
    left = digests_left(folder, call_sid)
    return tuple(track for track, digest in digests.items() if left.get(track) not in (None, digest.hexdigest()))


def _wav_header(frames: int) -> bytes:
    """RIFF WAVE, 16-bit PCM, two channels at 8 kHz."""
    size = frames * _FRAME_BYTES
    form = struct.pack("<HHIIHH", 1, len(CHANNELS), RATE_HZ, RATE_HZ * _FRAME_BYTES, _FRAME_BYTES, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
    )
