"""One recogniser for many tracks: what waits at the same moment goes through it together (I/O).

Every track asks from a thread of its own and waits for its answer. A request goes to an idle engine at once; what comes
while all engines are busy waits, finals before partials, the older first, and clips of one `group` (`Prepared.group`)
go through the model together. Nothing waits for company. What a clip reads does not depend on what it travelled with.

    batcher = Batcher(WhisperRecognizer.load(workers=2), engines=2)    # one per process, closed at the end
    stream = TrackStream(batcher, StreamOptions(track="debtor"))       # any number of them, each on a pool thread

A partial request says when it has become useless (`stale`): then it is dropped without an answer, and none is invented.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from speech.errors import RecognizerError
from speech.load import Batch, Load, LoadMeter
from speech.recognizer import (
    NOTHING_HEARD,
    Capabilities,
    ModelIdentity,
    Recognition,
    RecognizeOptions,
    Recognizer,
)
from speech.types import RECOGNITION_RATE, Samples

MAX_CLIPS = 8
"""Clips of one batch at most: on a processor a batch takes as long as its clips one by one, and all of them wait."""

Stale = Callable[[], bool]
"""Whether an answer has become useless."""


def never() -> bool:
    """An answer that is wanted whatever comes."""
    return False


class Ready(Protocol):
    """A clip made ready for the model; clips of one group may go through it together."""

    @property
    def group(self) -> Hashable:
        """What has to be equal."""
        ...


@runtime_checkable
class GroupDecoder(Protocol):
    """A recogniser that takes several clips at once, such as `speech.whisper.WhisperRecognizer`."""

    def prepare(self, samples: Samples, options: RecognizeOptions) -> Any:
        """A `Ready` clip, None for one that holds nothing. Raises `RecognizerError` for what is refused."""
        ...

    def decode_group(self, clips: Sequence[Any]) -> Sequence[Recognition | RecognizerError]:
        """The answers to clips of one group in their order."""
        ...


@runtime_checkable
class LiveRecognizer(Protocol):
    """A recogniser that can leave a request unanswered."""

    def recognize_unless(self, stale: Stale, samples: Samples, options: RecognizeOptions) -> Recognition | None:
        """As `Recognizer.recognize`; None when `stale()` turned true before the clip's turn came."""
        ...


def recognize_unless(
    recognizer: Recognizer, stale: Stale, samples: Samples, options: RecognizeOptions
) -> Recognition | None:
    """A partial request to any recogniser; one that cannot drop requests is asked only when there is a use for it."""
    if isinstance(recognizer, LiveRecognizer):
        return recognizer.recognize_unless(stale, samples, options)
    return None if stale() else recognizer.recognize(samples, options)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Request:
    clip: Any
    group: Hashable
    audio_secs: float
    since: float
    stale: Stale | None
    answer: Future[Recognition | None] = field(default_factory=Future)


class Batcher:
    """A `Recognizer` for many threads. `engines` batches run at the same time: give the model as many workers."""

    def __init__(self, recognizer: Recognizer, *, engines: int = 1, max_clips: int = MAX_CLIPS) -> None:
        self._recognizer = recognizer
        self._decoder: GroupDecoder = recognizer if isinstance(recognizer, GroupDecoder) else _OneByOne(recognizer)
        self._max_clips = max_clips
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._meter = LoadMeter(engines, time.monotonic())
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"recognise-{number}", daemon=True) for number in range(engines)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._recognizer.identity

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._recognizer.capabilities

    def recognize(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        """The text of one clip, before all partial requests; waits. Raises as the recogniser behind it does."""
        return self._ask(samples, options, None) or NOTHING_HEARD  # one that cannot go stale is always answered

    def recognize_unless(self, stale: Stale, samples: Samples, options: RecognizeOptions) -> Recognition | None:
        """The text of one clip, after all that must be answered; None when `stale()` was true when its turn came."""
        return self._ask(samples, options, stale)

    def load(self) -> Load:
        """How busy the engines are and what waits."""
        now = time.monotonic()
        with self._changed:
            oldest = min((request.since for request in self._waiting), default=now)
            return self._meter.reading(now, waiting=len(self._waiting), oldest_secs=now - oldest)

    def close(self) -> None:
        """Answer what waits, then end the threads. Later requests raise `RecognizerError` `recognizer.closed`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _ask(self, samples: Samples, options: RecognizeOptions, stale: Stale | None) -> Recognition | None:
        clip = self._decoder.prepare(samples, options)
        if clip is None:
            return NOTHING_HEARD
        request = _Request(
            clip=clip,
            group=clip.group,
            audio_secs=len(samples) / RECOGNITION_RATE,
            since=time.monotonic(),
            stale=stale,
        )
        with self._changed:
            if self._closed:
                raise RecognizerError("recognizer.closed", "recognition has ended: nothing is heard any more")
            self._waiting.append(request)
            self._changed.notify()
        return request.answer.result()

    def _serve(self) -> None:
        while self._round():
            pass

    def _round(self) -> bool:
        """Wait for a batch and answer it; False at the end. A method of its own: while it waits it keeps no sound."""
        batch = self._take()
        if not batch:
            return False
        began = time.monotonic()
        failed = self._answer(batch)
        with self._changed:
            now = time.monotonic()
            audio_secs = sum(request.audio_secs for request in batch)
            self._meter.done(
                Batch(at=now, clips=len(batch), engine_secs=now - began, audio_secs=audio_secs, failed=failed)
            )
        return True

    def _take(self) -> list[_Request]:
        """The next batch; empty when closed and nothing waits."""
        with self._changed:
            while True:
                self._drop_stale()
                if self._waiting:
                    break
                if self._closed:
                    return []
                self._changed.wait()
            first = min(self._waiting, key=_turn)
            alike = sorted((request for request in self._waiting if request.group == first.group), key=_turn)
            batch = alike[: self._max_clips]
            taken = set(map(id, batch))
            self._waiting = [request for request in self._waiting if id(request) not in taken]
            return batch

    def _drop_stale(self) -> None:
        useless = [request for request in self._waiting if request.stale is not None and request.stale()]
        if useless:
            gone = set(map(id, useless))
            self._waiting = [request for request in self._waiting if id(request) not in gone]
            self._meter.dropped(len(useless))
            for request in useless:
                request.answer.set_result(None)

    def _answer(self, batch: list[_Request]) -> int:
        """Answer every request of a batch; how many failed. Nobody waits for ever, whatever the engine does."""
        try:
            answers = self._decoder.decode_group([request.clip for request in batch])
            outcomes = list(zip(batch, answers, strict=True))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the threads that asked
            for request in batch:
                request.answer.set_exception(error)
            return len(batch)
        for request, answer in outcomes:
            if isinstance(answer, RecognizerError):
                request.answer.set_exception(answer)
            else:
                request.answer.set_result(answer)
        return sum(isinstance(answer, RecognizerError) for _, answer in outcomes)


def _turn(request: _Request) -> tuple[bool, float]:
    """What must be answered comes first, then the older."""
    return request.stale is not None, request.since


@dataclass(frozen=True, eq=False)
class _Single:
    samples: Samples
    options: RecognizeOptions

    @property
    def group(self) -> Hashable:
        return id(self)


class _OneByOne:
    """A recogniser that takes one clip at a time."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def prepare(self, samples: Samples, options: RecognizeOptions) -> _Single:
        return _Single(samples, options)

    def decode_group(self, clips: Sequence[_Single]) -> list[Recognition | RecognizerError]:
        return [self._recognizer.recognize(clip.samples, clip.options) for clip in clips]
