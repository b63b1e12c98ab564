"""Audio as it arrives, on disk within milliseconds (I/O).

One append-only file of raw 8 kHz mu-law for each track of a call, so that a process killed in mid-call leaves
everything heard until then. Lost audio is written as silence at its place, so both files keep the call's time.
"""

import wave
from pathlib import Path
from types import TracebackType

import numpy as np

from outreach.errors import MediaError
from outreach.telephony.events import Track
from speech.codec import decode

RATE_HZ = 8000
SILENCE = 0xFF  # mu-law code of +0


class Spool:
    """Writes both tracks of one call. Reopening the spool of an earlier process goes on at the end of its files."""

    def __init__(self, folder: Path, call_sid: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = {track: (folder / f"{call_sid}.{track.value}.ulaw").open("ab", buffering=0) for track in Track}
        self._written = {track: file.tell() for track, file in self._files.items()}

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resume_ms(self) -> int:
        """Milliseconds already on disk from an earlier process (the longer track)."""
        return max(self._written.values()) * 1000 // RATE_HZ

    def write(self, track: Track, timestamp_ms: int, payload: bytes) -> None:
        """Put mu-law `payload` at `timestamp_ms` of the call; fills what is missing before it, skips what is there."""
        start = timestamp_ms * RATE_HZ // 1000
        have = self._written[track]
        if start > have:
            payload = bytes([SILENCE]) * (start - have) + payload
        elif start < have:
            payload = payload[have - start :]
        if payload:
            self._files[track].write(payload)
            self._written[track] = have + len(payload)

    def close(self) -> None:
        """Close both files; they stay on disk."""
        for file in self._files.values():
            file.close()


def discard(folder: Path, call_sid: str) -> None:
    """Delete the spool of a call whose recording is kept: no second copy of a voice."""
    for track in Track:
        (folder / f"{call_sid}.{track.value}.ulaw").unlink(missing_ok=True)


def spooled_wav(folder: Path, call_sid: str) -> Path:
    """Write `<sid>.wav` (16 bit, channel 0 the debtor, channel 1 the agent) from the spool and return its path.

    Raises MediaError (media.no_audio) when nothing was spooled.
    """
    tracks = []
    for track in (Track.INBOUND, Track.OUTBOUND):
        path = folder / f"{call_sid}.{track.value}.ulaw"
        tracks.append(path.read_bytes() if path.exists() else b"")
    length = max(len(track) for track in tracks)
    if length == 0:
        raise MediaError("media.no_audio", f"call {call_sid}: no audio was received, so there is no recording to keep")
    channels = [decode(track.ljust(length, bytes([SILENCE])), "mulaw") for track in tracks]
    target = folder / f"{call_sid}.wav"
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return target
