"""One track of a call, from packets to a file of raw 8 kHz mu-law (I/O).

Packets are put in order in a short buffer and written a batch at a time; the digest of the file runs along. Audio that
came late finds its place as long as the place is still in the buffer; audio that never came is silence in the file and
no part of the runs that are given out, so whoever hears them sees the gap.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from outreach.errors import MediaError

RATE_HZ = 8000
SILENCE = b"\xff"  # mu-law code of +0
BATCH_MS = 200
"""How much received audio may wait in memory for the disk: what a killed process loses at most, of each track."""
MAX_CALL_SECS = 4 * 3600
"""No audio lies further into a call: a carrier's longest call by default (Twilio, `TimeLimit`)."""
CHUNK_BYTES = 64 * 1024

_BATCH = BATCH_MS * RATE_HZ // 1000
_LAST = MAX_CALL_SECS * RATE_HZ

Run = tuple[int, bytes]
"""Position of its first sample in the call, and mu-law audio without a gap that is on disk."""


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a chunk at a time."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class Lane:
    """The file of one track. Opened again after a crash it goes on at the end, its digest rebuilt from the disk."""

    def __init__(self, path: Path) -> None:
        self._digest = hashlib.sha256()
        self._written = 0
        if path.exists():
            for chunk in chunks_of(path):
                self._digest.update(chunk)
                self._written += len(chunk)
        self._file = path.open("a+b", buffering=0)
        self._pending = bytearray()
        self._end = self._written
        self._holes: list[tuple[int, int]] = []

    @property
    def written(self) -> int:
        """Samples on disk."""
        return self._written

    @property
    def sha256(self) -> str:
        """Digest of what is on disk, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, start: int, payload: bytes) -> Sequence[Run]:
        """Put audio at sample `start` of the call; returns what was written to disk by that, mostly nothing.

        Raises MediaError: media.timestamp for a place beyond the longest call, media.not_stored when the disk refuses.
        """
        if start == self._end:
            self._pending += payload
            self._end += len(payload)
        elif start > self._end:
            return self._after_hole(start, payload)
        else:
            self._late(start, payload)
        return self.settle() if len(self._pending) >= _BATCH else ()

    def settle(self, *, last: bool = False) -> list[Run]:
        """Write what waits, up to a hole that late audio may still fill; all of it when nothing more will come."""
        begin = self._written
        if not self._holes:
            if not self._pending:
                return []
            block = bytes(self._pending)
            self._store(block)
            self._pending.clear()
            return [(begin, block)]
        cut = self._end
        if not last:
            cut = next((start for start, _ in self._holes if self._end - start < _BATCH), cut)
        if cut <= begin:
            return []
        block = bytes(self._pending[: cut - begin])
        self._store(block)
        del self._pending[: len(block)]
        holes = [hole for hole in self._holes if hole[0] < cut]
        self._holes = self._holes[len(holes) :]
        return list(_runs(begin, block, holes))

    def read(self, start: int, size: int) -> bytes:
        """Audio from disk."""
        return os.pread(self._file.fileno(), size, start)

    def close(self) -> None:
        """Close the file; it stays on disk. What waits is written before by `settle(last=True)`."""
        self._file.close()

    def _after_hole(self, start: int, payload: bytes) -> list[Run]:
        if start > _LAST:
            secs = start // RATE_HZ
            raise MediaError(
                "media.timestamp", f"audio claims to lie {secs} s into a call of at most {MAX_CALL_SECS} s"
            )
        missing = start - self._end
        if missing < _BATCH:
            self._holes.append((self._end, start))
            self._pending += SILENCE * missing
            runs = []
        else:
            runs = self.settle(last=True)
            while start > self._written:
                self._store(SILENCE * min(CHUNK_BYTES, start - self._written))
        self._pending += payload
        self._end = start + len(payload)
        return runs + self.settle() if len(self._pending) >= _BATCH else runs

    def _late(self, start: int, payload: bytes) -> None:
        """Fill the holes that this audio covers and take what lies beyond the end; the first to come stays."""
        end, left = start + len(payload), []
        for begin, stop in self._holes:
            low, high = max(start, begin), min(end, stop)
            if low >= high:
                left.append((begin, stop))
                continue
            self._pending[low - self._written : high - self._written] = payload[low - start : high - start]
            left += [rest for rest in ((begin, low), (high, stop)) if rest[0] < rest[1]]
        self._holes = left
        if end > self._end:
            self._pending += payload[self._end - start :]
            self._end = end

    def _store(self, block: bytes) -> None:
        stored = 0
        try:
            while stored < len(block):
                stored += self._file.write(block[stored:] if stored else block) or 0
        except OSError as error:
            self._stored(block[:stored])
            del self._pending[:stored]
            self._holes = [(max(start, self._written), stop) for start, stop in self._holes if stop > self._written]
            self._end = max(self._end, self._written)
            raise MediaError(
                "media.not_stored",
                f"audio could not be written to disk: {error.strerror}",
                hint="see that the folder of recordings has room and may be written",
            ) from error
        self._stored(block)

    def _stored(self, block: bytes) -> None:
        self._digest.update(block)
        self._written += len(block)


def _runs(begin: int, block: bytes, holes: list[tuple[int, int]]) -> Iterator[Run]:
    at = begin
    for low, high in [*holes, (begin + len(block), 0)]:
        if low > at:
            yield at, block[at - begin : low - begin]
        at = high
