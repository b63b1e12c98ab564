"""Audio that never came: told at its place among the events, and held against the utterances it falls into.

Positions are samples at 16 kHz on the clock of the track. The step to 16 kHz holds some audio back, by an amount that
depends on packet sizes; so a loss is not told when it is noticed, but when the windows heard reach it.
"""

from __future__ import annotations

from collections import deque


class Losses:
    """The lost stretches of one track."""

    def __init__(self) -> None:
        self._untold: deque[tuple[int, int]] = deque()
        self._remembered: deque[tuple[int, int]] = deque()

    def add(self, start_sample: int, end_sample: int) -> None:
        """A stretch was lost; stretches come in order."""
        self._untold.append((start_sample, end_sample))
        self._remembered.append((start_sample, end_sample))

    def tell(self, before_sample: int | None = None) -> list[tuple[int, int]]:
        """The stretches that begin before this sample (all of them if None), each once."""
        told = []
        while self._untold and (before_sample is None or self._untold[0][0] < before_sample):
            told.append(self._untold.popleft())
        return told

    def within(self, start_sample: int, end_sample: int) -> int:
        """How many samples of an interval were lost."""
        return sum(max(0, min(end, end_sample) - max(start, start_sample)) for start, end in self._remembered)

    def forget(self, before_sample: int) -> None:
        """Stretches that end before this sample matter no more."""
        while self._remembered and self._remembered[0][1] <= before_sample:
            self._remembered.popleft()
