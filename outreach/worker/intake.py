"""Audio of one call from its media connection to the disk and to the two streams that hear it.

Everything goes to disk first; what is on disk is given to a stream as long as that stream holds less than
`HELD_SECS` of audio it has not worked on. The rest stays on disk and is read back when the stream has room, so a slow
or deferred recognition costs disk and no memory.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from outreach.telephony.events import MediaFrame, Track
from outreach.worker.lane import RATE_HZ, Run
from outreach.worker.spool import Spool

HELD_SECS = 5.0
"""Audio a stream may hold in memory before it is worked on."""
MAX_WAITING_RUNS = 1_000
"""Stretches between lost packets that are remembered while they wait on disk; beyond that a gap is heard as silence."""
_READ = RATE_HZ  # one second
_SAMPLES_A_MS = RATE_HZ // 1000


class Hearing(Protocol):
    """What hears a track: `speech.stream.TrackStream`."""

    @property
    def backlog_secs(self) -> float:
        """Audio fed and not yet worked on."""
        ...

    def feed(self, timestamp_ms: float, payload: bytes) -> None:
        """Remember mu-law audio that begins at `timestamp_ms` of the stream's clock."""
        ...


class Intake:
    """Both tracks of one call. `base_ms` is where the streams' clock begins on the call's. Belongs to one event loop.

    Every method may raise MediaError: media.timestamp for audio that claims an impossible place, media.not_stored when
    the disk refuses.
    """

    def __init__(self, spool: Spool, hearings: Mapping[Track, Hearing], *, base_ms: int = 0) -> None:
        self._spool = spool
        self._lanes = spool.lanes
        self._hearings = hearings
        self._base = base_ms * RATE_HZ // 1000
        self._waiting: dict[Track, deque[tuple[int, int]]] = {track: deque() for track in hearings}
        self._closed = False

    @property
    def waiting(self) -> bool:
        """There is audio on disk that a stream has not been given yet."""
        return any(self._waiting.values())

    @property
    def backlog_secs(self) -> float:
        """Audio received and not yet worked on, in memory or on disk; the worse of both tracks."""
        return max(
            hearing.backlog_secs + sum(end - start for start, end in self._waiting[track]) / RATE_HZ
            for track, hearing in self._hearings.items()
        )

    def take(self, frame: MediaFrame, origin_ms: int) -> None:
        """Take one frame of mu-law at 8 kHz; `origin_ms` is where its connection began on the call's clock.

        Ignored after `close`.
        """
        if self._closed:
            return
        runs = self._lanes[frame.track].write((origin_ms + frame.timestamp_ms) * _SAMPLES_A_MS, frame.payload)
        if runs:
            self._hand_over(frame.track, runs)

    def settle(self, *, last: bool = False) -> None:
        """Write what waits for the disk and give the streams what they have room for. Call it every 200 ms or so."""
        for track, hearing in self._hearings.items():
            self._hand_over(track, self._lanes[track].settle(last=last))
            self._catch_up(track, hearing)

    def skip(self) -> float:
        """Leave unheard what waits on disk; the streams then see a gap. Returns the seconds left out, both tracks."""
        left_out = sum(end - start for waiting in self._waiting.values() for start, end in waiting)
        for waiting in self._waiting.values():
            waiting.clear()
        return left_out / RATE_HZ

    def close(self) -> None:
        """Write the rest and close the files; frames that still come are ignored."""
        self._closed = True
        self._spool.close()

    def _hand_over(self, track: Track, runs: Sequence[Run]) -> None:
        waiting, hearing = self._waiting[track], self._hearings[track]
        for start, audio in runs:
            if not waiting and hearing.backlog_secs < HELD_SECS:
                self._feed(hearing, start, audio)
            elif waiting and (waiting[-1][1] == start or len(waiting) >= MAX_WAITING_RUNS):
                waiting[-1] = (waiting[-1][0], start + len(audio))
            else:
                waiting.append((start, start + len(audio)))

    def _catch_up(self, track: Track, hearing: Hearing) -> None:
        waiting = self._waiting[track]
        while waiting and hearing.backlog_secs < HELD_SECS:
            start, end = waiting.popleft()
            audio = self._lanes[track].read(start, min(_READ, end - start))
            if audio and start + len(audio) < end:
                waiting.appendleft((start + len(audio), end))
            self._feed(hearing, start, audio)

    def _feed(self, hearing: Hearing, start: int, audio: bytes) -> None:
        hearing.feed((start - self._base) * 1000 / RATE_HZ, audio)
