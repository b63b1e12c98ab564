"""The sample clock of one track: packets in any order become one gapless run of samples.

Packets carry the position of their first sample. A packet that continues the run is passed on at once; one that arrives
early waits until the missing audio comes or the reorder window is full. Then the missing stretch is filled with silence
marked as lost. Audio that was already passed on (a duplicate, or a packet later than the window) is dropped.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

import numpy as np

from speech.types import AudioFrame, Pcm


@dataclass(frozen=True, kw_only=True)
class TrackOptions:
    """`reorder_ms`: how much later audio may arrive before a missing packet counts as lost.

    `tolerance_ms`: clock rounding. A packet that misses the end of the run by no more than this joins on without a gap;
    so packets shorter than this must come in order (carriers send 10 ms or more).
    """

    rate: int = 8_000
    reorder_ms: int = 200
    tolerance_ms: int = 4


@dataclass(order=True, frozen=True)
class _Packet:
    start: int
    arrival: int
    samples: Pcm = field(compare=False)

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class TrackClock:
    """Orders the packets of one track. Pure: the output depends on the packets alone, never on the time of day."""

    def __init__(self, options: TrackOptions | None = None) -> None:
        self.options = options or TrackOptions()
        self._window = self.options.reorder_ms * self.options.rate // 1_000
        self._tolerance = self.options.tolerance_ms * self.options.rate // 1_000
        self._waiting: list[_Packet] = []
        self._arrivals = 0
        self._next = 0

    @property
    def position(self) -> int:
        """The sample after the last one passed on."""
        return self._next

    def push(self, start_sample: int, samples: Pcm) -> list[AudioFrame]:
        """The frames, in clock order, that this packet completes."""
        if not len(samples):
            return []
        self._arrivals += 1
        insort(self._waiting, _Packet(start_sample, self._arrivals, samples))
        return self._release(self._window)

    def flush(self) -> list[AudioFrame]:
        """The frames still waiting for packets that will not come."""
        return self._release(-1)

    def _release(self, window: int) -> list[AudioFrame]:
        frames: list[AudioFrame] = []
        while self._waiting:
            head = self._waiting[0]
            missing = head.start - self._next
            if missing > self._tolerance:
                if max(packet.end for packet in self._waiting) - self._next <= window:
                    break
                frames.append(AudioFrame(start_sample=self._next, samples=np.zeros(missing, np.int16), lost=True))
                self._next = head.start
            del self._waiting[0]
            frame = self._join(head)
            if frame is not None:
                frames.append(frame)
                self._next = frame.end_sample
        return frames

    def _join(self, packet: _Packet) -> AudioFrame | None:
        """The part of a packet that is new; None when all of it was passed on already."""
        overlap = self._next - packet.start
        if abs(overlap) <= min(self._tolerance, (len(packet.samples) - 1) // 2) or overlap < 0:
            return AudioFrame(start_sample=self._next, samples=packet.samples)
        if overlap >= len(packet.samples):
            return None
        return AudioFrame(start_sample=self._next, samples=packet.samples[overlap:])
