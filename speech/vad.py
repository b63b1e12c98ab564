"""Is there speech? Probabilities per window become four states with hysteresis.

QUIET --start--> STARTING --held start_secs--> SPEAKING --stop--> STOPPING --held stop_secs--> QUIET
         STARTING --stop--> QUIET                  STOPPING --start--> SPEAKING

Two thresholds, so that a probability wavering around one value does not flicker. One window is fed at a time, and each
window leads to exactly one state, so the outcome cannot depend on how many windows arrive together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from speech.types import RECOGNITION_RATE

WINDOW_SAMPLES = 512
"""One window of voice activity: 32 ms at 16 kHz."""
WINDOW_SECS = WINDOW_SAMPLES / RECOGNITION_RATE


class SpeechProbability(Protocol):
    """The speech probabilities of one track; keeps state from window to window."""

    def probabilities(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """One probability for each row of `windows`, shape (n, 512); the same numbers however the rows are grouped."""
        ...

    def reset(self) -> None:
        """Forget what came before, as after lost audio."""
        ...


class VadState(Enum):
    """What the track is doing."""

    QUIET = "quiet"
    STARTING = "starting"
    SPEAKING = "speaking"
    STOPPING = "stopping"


@dataclass(frozen=True, kw_only=True)
class VadOptions:
    """`start_threshold` and above is speech, below `stop_threshold` is not; between them the state stays as it is.

    `start_secs` of speech confirm a start, `stop_secs` without speech confirm a stop.
    """

    start_threshold: float = 0.5
    stop_threshold: float = 0.35
    start_secs: float = 0.064
    stop_secs: float = 0.48

    def __post_init__(self) -> None:
        if not 0 < self.stop_threshold <= self.start_threshold < 1:
            raise ValueError(
                f"0 < stop_threshold <= start_threshold < 1 must hold, "
                f"found {self.stop_threshold} and {self.start_threshold}"
            )


def windows_of(secs: float) -> int:
    """The whole windows that make up a duration; at least one."""
    return max(1, round(secs / WINDOW_SECS))


class VoiceActivity:
    """The state machine of one track."""

    def __init__(self, options: VadOptions | None = None) -> None:
        self.options = options or VadOptions()
        self.state = VadState.QUIET
        self._held = 0
        self._start_windows = windows_of(self.options.start_secs)
        self._stop_windows = windows_of(self.options.stop_secs)

    def step(self, probability: float) -> VadState:
        """The state after one more window."""
        self._held += 1
        if probability >= self.options.start_threshold:
            self._on_speech()
        elif probability < self.options.stop_threshold:
            self._on_silence()
        elif self.state is VadState.STARTING and self._held >= self._start_windows:
            self._enter(VadState.SPEAKING)
        elif self.state is VadState.STOPPING and self._held >= self._stop_windows:
            self._enter(VadState.QUIET)
        return self.state

    def reset(self) -> None:
        """Back to QUIET, as after lost audio or a forced endpoint."""
        self._enter(VadState.QUIET)

    def _enter(self, state: VadState) -> None:
        self.state = state
        self._held = 0

    def _on_speech(self) -> None:
        if self.state is VadState.QUIET:
            self._enter(VadState.STARTING)
            self._held = 1
        if self.state is VadState.STOPPING or (self.state is VadState.STARTING and self._held >= self._start_windows):
            self._enter(VadState.SPEAKING)

    def _on_silence(self) -> None:
        if self.state is VadState.STARTING:
            self._enter(VadState.QUIET)
        if self.state is VadState.SPEAKING:
            self._enter(VadState.STOPPING)
            self._held = 1
        if self.state is VadState.STOPPING and self._held >= self._stop_windows:
            self._enter(VadState.QUIET)
