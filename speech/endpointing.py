"""Where does an utterance begin and end? Voice-activity probabilities become boundaries on the 16 kHz sample clock.

An utterance opens when speech is confirmed, reaching back over the pad, and closes when the pause is confirmed. One
that lasts longer than allowed is cut at its quietest recent window, and the next begins at the cut: no audio is
left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from speech.types import RECOGNITION_RATE, EndReason
from speech.vad import WINDOW_SAMPLES, VadOptions, VadState, VoiceActivity, windows_of


@dataclass(frozen=True, kw_only=True)
class EndpointOptions:
    """`pad_before_secs` and `pad_after_secs` of audio around the speech belong to the utterance.

    `max_secs` bounds its length (Whisper hears 30 s at most); the cut is sought in the last `cut_search_secs`.
    """

    pad_before_secs: float = 0.256
    pad_after_secs: float = 0.192
    max_secs: float = 20.0
    cut_search_secs: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.cut_search_secs < self.max_secs <= 29:
            raise ValueError(
                f"0 < cut_search_secs < max_secs <= 29 must hold, found {self.cut_search_secs} and {self.max_secs}"
            )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Speech is confirmed; the utterance begins at this sample."""

    start_sample: int


@dataclass(frozen=True, kw_only=True)
class Closed:
    """The utterance is over."""

    start_sample: int
    end_sample: int
    reason: EndReason

    @property
    def start_secs(self) -> float:
        """Start on the sample clock."""
        return self.start_sample / RECOGNITION_RATE

    @property
    def end_secs(self) -> float:
        """End on the sample clock."""
        return self.end_sample / RECOGNITION_RATE


Boundary = Opened | Closed


class Endpointer:
    """The boundaries of one track. Feed it every window in order."""

    def __init__(self, vad: VadOptions | None = None, options: EndpointOptions | None = None) -> None:
        self.options = options or EndpointOptions()
        self._activity = VoiceActivity(vad)
        self._pad_before = windows_of(self.options.pad_before_secs)
        self._pad_after = windows_of(self.options.pad_after_secs)
        self._max = windows_of(self.options.max_secs)
        self._recent: deque[float] = deque(maxlen=windows_of(self.options.cut_search_secs))
        self._origin = 0
        self._window = 0
        self._speech_began = 0
        self._speech_ended = 0
        self._floor = 0
        self._open: int | None = None

    @property
    def state(self) -> VadState:
        """The voice-activity state after the last window."""
        return self._activity.state

    @property
    def open_since(self) -> int | None:
        """First sample of the open utterance, None between utterances."""
        return None if self._open is None else self._sample(self._open)

    @property
    def needed_from(self) -> int:
        """The earliest sample that a later boundary can still reach back to."""
        if self._open is not None:
            return self._sample(self._open)
        began = self._speech_began if self.state is VadState.STARTING else self._window
        return self._sample(max(self._floor, began - self._pad_before))

    def step(self, probability: float) -> list[Boundary]:
        """The boundaries that one more window brings."""
        before = self._activity.state
        state = self._activity.step(probability)
        self._recent.append(probability)
        if before is VadState.QUIET and state is not VadState.QUIET:
            self._speech_began = self._window
        self._window += 1
        if state is VadState.SPEAKING:
            self._speech_ended = self._window
            if self._open is None:
                self._open = max(self._floor, self._speech_began - self._pad_before)
                return [Opened(start_sample=self._sample(self._open))]
        if self._open is not None and state is VadState.QUIET:
            return [self._close(min(self._window, self._speech_ended + self._pad_after), "silence")]
        if self._open is not None and self._window - self._open >= self._max:
            return self._cut()
        return []

    def end(self, reason: EndReason, end_sample: int | None = None) -> list[Boundary]:
        """Close what is open: the stream ended or broke off. `end_sample` counts audio past the last whole window."""
        closed: list[Boundary] = []
        if self._open is not None:
            last = self._close(self._window, reason)
            end = last.end_sample if end_sample is None else max(end_sample, last.start_sample)
            closed.append(Closed(start_sample=last.start_sample, end_sample=end, reason=reason))
        self._activity.reset()
        self._recent.clear()
        return closed

    def jump(self, sample: int) -> None:
        """Go on at a later sample, as after lost audio. Call `end` before."""
        self._origin = sample
        self._window = self._speech_began = self._speech_ended = self._floor = 0

    def _sample(self, window: int) -> int:
        return self._origin + window * WINDOW_SAMPLES

    def _close(self, end_window: int, reason: EndReason) -> Closed:
        start = self._open if self._open is not None else end_window
        self._open = None
        self._floor = end_window
        return Closed(start_sample=self._sample(start), end_sample=self._sample(end_window), reason=reason)

    def _cut(self) -> list[Boundary]:
        quietest = min(range(len(self._recent)), key=lambda index: (self._recent[index], -index))
        cut = self._window - len(self._recent) + quietest + 1
        closed = self._close(cut, "max_length")
        self._open = cut
        return [closed, Opened(start_sample=self._sample(cut))]


def find_utterances(
    probabilities: Iterable[float],
    total_samples: int,
    vad: VadOptions | None = None,
    options: EndpointOptions | None = None,
) -> list[Closed]:
    """The utterances of a whole recording, from the probability of each window and its length in samples at 16 kHz."""
    endpointer = Endpointer(vad, options)
    boundaries: list[Boundary] = []
    for probability in probabilities:
        boundaries.extend(endpointer.step(probability))
    boundaries.extend(endpointer.end("end_of_stream", total_samples))
    return [boundary for boundary in boundaries if isinstance(boundary, Closed)]
