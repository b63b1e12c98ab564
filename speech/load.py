"""How busy recognition is: what was asked, what it cost and what waits, over the last half minute. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_SECS = 30.0


@dataclass(frozen=True, kw_only=True)
class Load:
    """A reading. `oldest_secs` is how long the oldest request has been waiting, 0 when none waits.

    `real_time_factor` is seconds of engine work for a second of sound, `busy_share` the part of the engines' time that
    was work (1 means no time left), `batch_clips` the clips of an average batch: all over the last half minute.
    The rest counts from the start; `dropped` are partial requests that newer sound made useless.
    """

    waiting: int = 0
    oldest_secs: float = 0.0
    real_time_factor: float = 0.0
    busy_share: float = 0.0
    batch_clips: float = 0.0
    clips: int = 0
    batches: int = 0
    dropped: int = 0
    failed: int = 0
    engine_secs: float = 0.0
    audio_secs: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One batch that went through an engine, done at `at` (seconds of any steady clock)."""

    at: float
    clips: int
    engine_secs: float
    audio_secs: float
    failed: int = 0


class LoadMeter:
    """Adds up batches. `began` is the reading of the clock when counting began. Not thread-safe: lock around it."""

    def __init__(self, engines: int, began: float) -> None:
        self._engines = engines
        self._began = began
        self._recent: deque[Batch] = deque()
        self._clips = self._batches = self._dropped = self._failed = 0
        self._engine_secs = self._audio_secs = 0.0

    def done(self, batch: Batch) -> None:
        """A batch is through; batches come in the order of their `at`."""
        self._recent.append(batch)
        self._clips += batch.clips
        self._batches += 1
        self._failed += batch.failed
        self._engine_secs += batch.engine_secs
        self._audio_secs += batch.audio_secs
        self._forget(batch.at)

    def dropped(self, clips: int) -> None:
        """Requests went without an answer because newer sound made them useless."""
        self._dropped += clips

    def reading(self, now: float, *, waiting: int, oldest_secs: float) -> Load:
        """What is known at `now`."""
        self._forget(now)
        engine = sum(batch.engine_secs for batch in self._recent)
        audio = sum(batch.audio_secs for batch in self._recent)
        span = min(WINDOW_SECS, now - self._began) * self._engines
        return Load(
            waiting=waiting,
            oldest_secs=oldest_secs,
            real_time_factor=engine / audio if audio else 0.0,
            busy_share=min(1.0, engine / span) if span > 0 else 0.0,
            batch_clips=sum(batch.clips for batch in self._recent) / len(self._recent) if self._recent else 0.0,
            clips=self._clips,
            batches=self._batches,
            dropped=self._dropped,
            failed=self._failed,
            engine_secs=self._engine_secs,
            audio_secs=self._audio_secs,
        )

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0].at <= now - WINDOW_SECS:
            self._recent.popleft()
