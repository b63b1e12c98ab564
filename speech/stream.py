"""One track's chain: packets -> sample clock -> voice activity -> endpoints -> recogniser -> stable text.

Feeding and recognising are two halves, so that an event loop never waits for a model:

* `feed` only decodes and remembers a packet. It is cheap, never blocks and may run in another thread than `advance`.
* `advance` does everything else for what was fed so far and returns the events. Call it in a worker thread.
* `push` is both at once, for tests and files. `flush` ends the stream.

With full effort what comes out depends on the audio alone: the same samples in packets of any size, with `advance`
called as often or as seldom as one likes, give the same events in the same order.

    pool = StreamPool()                                            # speech.pool, shared by all calls
    batcher = Batcher(recognizer)                                  # speech.batching, shared by all calls
    stream = TrackStream(batcher, StreamOptions(track="inbound"))
    stream.feed(frame.timestamp_ms, frame.payload)                 # in the WebSocket handler, per packet
    for event in await pool.advance(stream): ...                   # in a task per track, about every 100 ms
    for event in await pool.flush(stream): ...                     # when the carrier says stop
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from speech.codec import Encoding, Upsampler, decode, to_float
from speech.endpointing import Boundary, Closed, Endpointer, EndpointOptions, Opened
from speech.errors import CodecError
from speech.ladder import Effort
from speech.losses import Losses
from speech.open_utterance import OpenUtterance, UtteranceOptions
from speech.recognizer import Recognizer
from speech.track import TrackClock, TrackOptions
from speech.types import RECOGNITION_RATE, AudioFrame, EndReason, Gap, Pcm, Samples, SpeechEvent
from speech.vad import WINDOW_SAMPLES, SpeechProbability, VadOptions


@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    """`track` names the stream in every event. `rate` is the line's, 8 000 or 16 000.

    Lost audio is filled with silence up to `max_fill_secs`; after that the utterance is closed and the clock jumps.
    `origin_secs` is added to every time, for a stream that was restarted in the middle of a call.
    """

    track: str = "inbound"
    rate: int = 8_000
    origin_secs: float = 0.0
    max_fill_secs: float = 2.0
    clock_reorder_ms: int = 200
    vad: VadOptions = field(default_factory=VadOptions)
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)
    utterance: UtteranceOptions = field(default_factory=UtteranceOptions)

    def __post_init__(self) -> None:
        if self.rate not in (8_000, RECOGNITION_RATE):
            raise CodecError(
                "codec.unknown_rate", f"a stream runs at 8000 or 16000 samples per second, found {self.rate}"
            )


class TrackStream:
    """Recognises one track of one call. `probability` is the voice-activity model; Silero when not given."""

    def __init__(
        self,
        recognizer: Recognizer,
        options: StreamOptions | None = None,
        probability: SpeechProbability | None = None,
    ) -> None:
        self.options = options or StreamOptions()
        self.effort = Effort.FULL
        """How much is done for this track; less when recognition falls behind (`speech.ladder`)."""
        self._recognizer = recognizer
        self._probability = probability or _silero()
        self._fed: deque[tuple[int, Pcm]] = deque()
        self._fed_samples = self._taken_samples = self._heard_samples = 0
        self._busy = threading.Lock()
        self._clock = TrackClock(TrackOptions(rate=self.options.rate, reorder_ms=self.options.clock_reorder_ms))
        self._upsampler = Upsampler() if self.options.rate != RECOGNITION_RATE else None
        self._endpointer = Endpointer(self.options.vad, self.options.endpoint)
        self._audio: Samples = np.zeros(0, np.float32)
        self._audio_start = self._next_window = 0
        self._utterances = 0
        self._open: OpenUtterance | None = None
        self._language: str | None = None
        self._losses = Losses()

    @property
    def backlog_secs(self) -> float:
        """Audio fed and not yet worked on: when this grows, recognition is falling behind."""
        return max(0, self._fed_samples - self._heard_samples) / self.options.rate

    def feed(self, timestamp_ms: float, payload: bytes, encoding: Encoding = "mulaw") -> None:
        """Remember one packet; `timestamp_ms` is the time of its first sample since the stream began.

        Raises `CodecError` for a payload that is not what its encoding says; the stream goes on without it.
        """
        samples = decode(payload, encoding)
        self._fed_samples += len(samples)
        self._fed.append((round(timestamp_ms * self.options.rate / 1_000), samples))

    def advance(self) -> list[SpeechEvent]:
        """Work on everything fed so far; one call at a time per stream.

        A recogniser that fails does not end the stream: the final text then is unclear and carries the error's code.
        """
        with self._busy:
            return self._advance()

    def leave_out(self) -> None:
        """Forget what was fed and not worked on: nobody will hear it here. What comes later tells the gap."""
        with self._busy:
            while self._fed:
                _, samples = self._fed.popleft()
                self._taken_samples += len(samples)
                self._heard_samples += len(samples)

    def push(self, timestamp_ms: float, payload: bytes, encoding: Encoding = "mulaw") -> list[SpeechEvent]:
        """`feed` and `advance`."""
        self.feed(timestamp_ms, payload, encoding)
        return self.advance()

    def flush(self) -> list[SpeechEvent]:
        """The end of the stream: what was held back, and the final text of an open utterance."""
        with self._busy:
            events = self._advance()
            events += self._hear_frames(self._clock.flush())
            return events + self._break_off("end_of_stream")

    def _advance(self) -> list[SpeechEvent]:
        frames: list[AudioFrame] = []
        worked_on = 0
        while self._fed:
            start_sample, samples = self._fed.popleft()
            worked_on += len(samples)
            self._taken_samples += len(samples)
            frames += self._clock.push(start_sample, samples)
        events = self._hear_frames(frames)
        self._heard_samples += worked_on
        return events

    def _hear_frames(self, frames: list[AudioFrame]) -> list[SpeechEvent]:
        """Received audio is joined before it is worked on: a packet at a time would cost several times as much."""
        events: list[SpeechEvent] = []
        for lost, run in itertools.groupby(frames, key=lambda frame: frame.lost):
            if lost:
                for frame in run:
                    events += self._pass_over(frame)
            else:
                events += self._hear(self._upsampled(to_float(np.concatenate([frame.samples for frame in run]))))
        return events

    def _pass_over(self, frame: AudioFrame) -> list[SpeechEvent]:
        """Audio that never came: silence for a short time, beyond that a break."""
        end_sample = self._sample(frame.end_sample)
        self._losses.add(self._sample(frame.start_sample), end_sample)
        fill = round(self.options.max_fill_secs * self.options.rate)
        events = self._hear(self._upsampled(np.zeros(min(len(frame.samples), fill), np.float32)))
        if len(frame.samples) > fill:
            events += self._break_off("gap")
            self._jump(end_sample)
        return events

    def _upsampled(self, samples: Samples) -> Samples:
        return samples if self._upsampler is None else self._upsampler.push(samples)

    def _hear(self, samples: Samples) -> list[SpeechEvent]:
        """Take in audio at 16 kHz: every whole window once, in order."""
        self._audio = np.concatenate([self._audio, samples])
        first = self._next_window - self._audio_start
        count = (len(self._audio) - first) // WINDOW_SAMPLES
        windows = self._audio[first : first + count * WINDOW_SAMPLES].reshape(count, WINDOW_SAMPLES)
        events: list[SpeechEvent] = []
        for probability in self._probability.probabilities(windows):
            self._next_window += WINDOW_SAMPLES
            events += self._tell_losses(self._next_window)
            boundaries = self._endpointer.step(float(probability))
            events += self._mark(boundaries)
            if self._open is not None and not boundaries:
                state = self._endpointer.state
                events += self._open.window(self._clip, self._next_window, state, self.effort, self._behind)
        self._forget(self._endpointer.needed_from)
        return events

    def _behind(self) -> bool:
        """Whether sound has come since that makes a partial text useless. Never with full effort: then every partial
        text is given, so that events depend on the audio alone."""
        if self.effort is Effort.FULL:
            return False
        waiting = self._audio_start + len(self._audio) - self._next_window
        waiting += self._sample(self._fed_samples - self._taken_samples)
        return waiting >= self.options.utterance.hop_secs * RECOGNITION_RATE

    def _mark(self, boundaries: list[Boundary]) -> list[SpeechEvent]:
        events: list[SpeechEvent] = []
        for boundary in boundaries:
            if isinstance(boundary, Opened):
                self._open = self._begin(boundary)
            elif self._open is not None:
                events += self._finish(self._open, boundary)
                self._open = None
        return events

    def _begin(self, boundary: Opened) -> OpenUtterance:
        utterance = OpenUtterance(
            self._recognizer,
            self.options.utterance,
            track=self.options.track,
            number=self._utterances,
            start_sample=boundary.start_sample,
            origin_secs=self.options.origin_secs,
            language=self._language,
        )
        self._utterances += 1
        return utterance

    def _finish(self, utterance: OpenUtterance, boundary: Closed) -> list[SpeechEvent]:
        samples = self._clip(boundary.start_sample, boundary.end_sample)
        lost = self._losses.within(boundary.start_sample, boundary.end_sample)
        final = utterance.final(samples, boundary, lost_secs=lost / RECOGNITION_RATE)
        if final.clear and final.language is not None:
            self._language = final.language
        return [final]

    def _break_off(self, reason: EndReason) -> list[SpeechEvent]:
        """Hear what was held back, close the open utterance at the last sample and forget the sound before."""
        events = self._hear(self._upsampler.flush()) if self._upsampler is not None else []
        events += self._tell_losses(None)
        events += self._mark(self._endpointer.end(reason, self._audio_start + len(self._audio)))
        self._probability.reset()
        return events

    def _tell_losses(self, before_sample: int | None) -> list[SpeechEvent]:
        return [
            Gap(track=self.options.track, start=self._secs(start), end=self._secs(end))
            for start, end in self._losses.tell(before_sample)
        ]

    def _jump(self, sample: int) -> None:
        self._endpointer.jump(sample)
        self._audio = np.zeros(0, np.float32)
        self._audio_start = self._next_window = sample

    def _clip(self, start_sample: int, end_sample: int) -> Samples:
        return self._audio[start_sample - self._audio_start : end_sample - self._audio_start]

    def _forget(self, sample: int) -> None:
        self._losses.forget(sample)
        drop = min(sample, self._next_window) - self._audio_start
        if drop > 0:
            self._audio = self._audio[drop:].copy()
            self._audio_start += drop

    def _sample(self, line_sample: int) -> int:
        """A position at the rate of the line as one at 16 kHz."""
        return line_sample * RECOGNITION_RATE // self.options.rate

    def _secs(self, sample: int) -> float:
        return self.options.origin_secs + sample / RECOGNITION_RATE


def _silero() -> SpeechProbability:
    from speech.silero import SileroProbability

    return SileroProbability()
