"""Where in the audio the words of a span lie, and how long an alert took. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol


class TimedWord(Protocol):
    """A word with its seconds of audio, as the recogniser gives it."""

    @property
    def text(self) -> str:
        """The word as written."""
        ...

    @property
    def start(self) -> float:
        """First second of the word."""
        ...

    @property
    def end(self) -> float:
        """End of the word, seconds, outside."""
        ...


def _solid(text: str) -> int:
    """Characters that are not white space: word lists and texts differ only in spaces."""
    return sum(1 for char in text if not char.isspace())


def interpolated_span(text: str, span: tuple[int, int], start_secs: float, end_secs: float) -> tuple[float, float]:
    """Estimate the seconds of `span` when only the whole utterance's times are known: characters spread evenly."""
    total = _solid(text)
    if total == 0:
        return start_secs, end_secs
    length = end_secs - start_secs
    first = _solid(text[: span[0]]) / total
    last = _solid(text[: span[1]]) / total
    return start_secs + length * first, start_secs + length * last


def word_span(
    text: str, span: tuple[int, int], words: Sequence[TimedWord], fallback: tuple[float, float]
) -> tuple[float, float]:
    """The seconds of `span` by word times; spread over `fallback` (the utterance) where words do not cover the text."""
    if _solid(text) != sum(_solid(word.text) for word in words):
        return interpolated_span(text, span, *fallback)
    first, last = _solid(text[: span[0]]), _solid(text[: span[1]])
    position = 0
    covered: list[TimedWord] = []
    for word in words:
        size = _solid(word.text)
        if position < last and position + size > first:
            covered.append(word)
        position += size
    if not covered:
        return interpolated_span(text, span, *fallback)
    return covered[0].start, covered[-1].end


def latency_ms(audio_started_at: datetime, audio_secs: float, now: datetime) -> float:
    """Milliseconds from second `audio_secs` of the call's audio to `now`, not below zero."""
    spoken_at = audio_started_at + timedelta(seconds=audio_secs)
    return max(0.0, round((now - spoken_at).total_seconds() * 1000.0, 1))
