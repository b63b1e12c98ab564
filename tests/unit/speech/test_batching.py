"""Many threads, one recogniser: who goes together, who goes first, who goes without an answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from speech.batching import Batcher, never, recognize_unless
from speech.errors import RecognizerError
from speech.recognizer import NOTHING_HEARD, RecognizeOptions
from tests.unit.speech.fakes import FakeRecognizer

OPTIONS = RecognizeOptions()


def sound(secs: float, seed: int = 1):
    return (np.random.default_rng(seed).standard_normal(round(secs * 16_000)) * 0.1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Clip:
    samples: np.ndarray
    options: RecognizeOptions

    @property
    def group(self):
        return len(self.samples), self.options.beam_size


class GatedRecognizer(FakeRecognizer):
    """Takes groups; the first waits until the test lets it go, so that what comes meanwhile queues up."""

    def __init__(self, **options):
        super().__init__(**options)
        self.batches: list[list[int]] = []
        self.started, self.go = threading.Event(), threading.Event()

    def prepare(self, samples, options):
        return Clip(samples, options) if len(samples) else None

    def decode_group(self, clips):
        self.batches.append([len(clip.samples) for clip in clips])
        self.started.set()
        assert self.go.wait(10)
        return [self._one(clip) for clip in clips]

    def _one(self, clip):
        try:
            return self.recognize(clip.samples, clip.options)
        except RecognizerError as error:
            return error


def queued(batcher, asks):
    """Ask from as many threads, in this order; gives the futures once all of them wait."""
    threads = ThreadPoolExecutor(len(asks))
    futures = []
    for index, ask in enumerate(asks):
        futures.append(threads.submit(ask))
        while batcher.load().waiting <= index:
            threading.Event().wait(0.001)
    threads.shutdown(wait=False)
    return futures


@pytest.fixture
def gated():
    recognizer = GatedRecognizer()
    batcher = Batcher(recognizer, engines=1, max_clips=3)
    yield recognizer, batcher
    recognizer.go.set()
    batcher.close()


def busy(recognizer, batcher):
    """One request that keeps the engine busy."""
    future = ThreadPoolExecutor(1).submit(batcher.recognize, sound(0.1), OPTIONS)
    assert recognizer.started.wait(10)
    return future


def test_what_waits_goes_together_by_group_finals_first_then_the_older(gated):
    recognizer, batcher = gated
    first = busy(recognizer, batcher)
    asks = [
        lambda: batcher.recognize_unless(never, sound(0.5, 1), OPTIONS),
        lambda: batcher.recognize_unless(never, sound(1.0, 2), OPTIONS),
        lambda: batcher.recognize_unless(never, sound(0.5, 3), OPTIONS),
        lambda: batcher.recognize(sound(2.0, 4), OPTIONS),
        lambda: batcher.recognize(sound(1.0, 5), OPTIONS),
    ]
    futures = queued(batcher, asks)
    assert batcher.load().waiting == 5
    assert batcher.load().oldest_secs > 0
    recognizer.go.set()
    answers = [future.result(10) for future in futures]
    expected = [
        FakeRecognizer().recognize(sound(secs, seed), OPTIONS) for seed, secs in enumerate((0.5, 1.0, 0.5, 2.0, 1.0), 1)
    ]
    assert answers == expected
    assert first.result(10).text == ""
    assert recognizer.batches == [[1600], [32000], [16000, 16000], [8000, 8000]]
    load = batcher.load()
    assert (load.clips, load.batches, load.dropped, load.waiting, load.oldest_secs) == (6, 4, 0, 0, 0.0)


def test_a_batch_has_its_limit(gated):
    recognizer, batcher = gated
    busy(recognizer, batcher)
    futures = queued(batcher, [lambda seed=seed: batcher.recognize(sound(0.5, seed), OPTIONS) for seed in range(5)])
    recognizer.go.set()
    assert [future.result(10).text for future in futures] == [
        FakeRecognizer().recognize(sound(0.5, seed), OPTIONS).text for seed in range(5)
    ]
    assert list(map(len, recognizer.batches)) == [1, 3, 2]


def test_a_stale_request_is_dropped_and_nothing_is_invented(gated):
    recognizer, batcher = gated
    busy(recognizer, batcher)
    newer = threading.Event()
    futures = queued(
        batcher,
        [
            lambda: batcher.recognize_unless(newer.is_set, sound(0.5), OPTIONS),
            lambda: batcher.recognize_unless(never, sound(0.5, 2), OPTIONS),
        ],
    )
    newer.set()
    recognizer.go.set()
    dropped, kept = (future.result(10) for future in futures)
    assert dropped is None
    assert kept.text
    assert recognizer.batches == [[1600], [8000]]
    assert batcher.load().dropped == 1


def test_a_failure_reaches_only_who_asked(gated):
    recognizer, batcher = gated
    recognizer.go.set()
    with pytest.raises(RecognizerError, match="language 'xx'"):
        batcher.recognize(sound(0.5), RecognizeOptions(language="xx"))
    assert batcher.recognize(sound(0.5), OPTIONS).text
    assert batcher.load().failed == 1


def test_whatever_the_engine_does_nobody_waits_for_ever():
    def broken(samples):
        raise MemoryError("the engine is gone")

    batcher = Batcher(FakeRecognizer(broken))
    with pytest.raises(MemoryError, match="engine is gone"):
        batcher.recognize(sound(0.5), OPTIONS)
    with pytest.raises(MemoryError, match="engine is gone"):
        batcher.recognize_unless(never, sound(0.5), OPTIONS)
    batcher.close()
    with pytest.raises(RecognizerError) as caught:
        batcher.recognize(sound(0.5), OPTIONS)
    assert caught.value.code == "recognizer.closed"


def test_nothing_is_asked_about_an_empty_clip(gated):
    recognizer, batcher = gated
    assert batcher.recognize(np.zeros(0, np.float32), OPTIONS) is NOTHING_HEARD
    assert recognizer.batches == []


def test_a_recogniser_that_cannot_drop_is_asked_only_while_there_is_a_use():
    recognizer = FakeRecognizer()
    assert recognize_unless(recognizer, lambda: True, sound(0.5), OPTIONS) is None
    assert recognizer.asked == []
    assert recognize_unless(recognizer, never, sound(0.5), OPTIONS).text


def test_it_is_the_recogniser_behind_it():
    recognizer = FakeRecognizer()
    batcher = Batcher(recognizer)
    assert batcher.identity == recognizer.identity
    assert batcher.capabilities == recognizer.capabilities
    batcher.close()
