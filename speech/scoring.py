"""How good and how fast is recognition: character and word error rates with their counts, real-time factor, latency.

CER counts characters (the measure for Chinese), WER counts words. Before counting, width and case are folded and
punctuation and white space are left out; nothing else is forgiven.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, kw_only=True)
class ErrorCount:
    """Edits that turn a hypothesis into its reference. Counts add up; rates of different texts do not."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    reference_units: int = 0

    @property
    def errors(self) -> int:
        """All edits."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per reference unit; None without a reference. More than 1 when much is inserted."""
        return self.errors / self.reference_units if self.reference_units else None

    def __add__(self, other: ErrorCount) -> ErrorCount:
        return ErrorCount(
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
            reference_units=self.reference_units + other.reference_units,
        )


def total(counts: Iterable[ErrorCount]) -> ErrorCount:
    """The sum: divide once, over the whole set."""
    return sum(counts, ErrorCount())


def normalized(text: str) -> str:
    """Width and case folded; punctuation and symbols become spaces, apostrophes inside words vanish."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = []
    for index, character in enumerate(folded):
        if unicodedata.category(character)[0] in "LNM":
            kept.append(character)
        elif not (character in "'’" and 0 < index < len(folded) - 1):
            kept.append(" ")
    return "".join(kept)


def character_errors(reference: str, hypothesis: str) -> ErrorCount:
    """Counts for the CER."""
    return _count(list(normalized(reference).replace(" ", "")), list(normalized(hypothesis).replace(" ", "")))


def word_errors(reference: str, hypothesis: str) -> ErrorCount:
    """Counts for the WER."""
    return _count(normalized(reference).split(), normalized(hypothesis).split())


def _count(reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorCount:
    tags = [operation.tag for operation in Levenshtein.editops(reference, hypothesis)]
    return ErrorCount(
        substitutions=tags.count("replace"),
        deletions=tags.count("delete"),
        insertions=tags.count("insert"),
        reference_units=len(reference),
    )


def real_time_factor(wall_secs: float, audio_secs: float) -> float:
    """Work per second of audio; below 1 keeps up. Raises ValueError without audio."""
    if audio_secs <= 0:
        raise ValueError(f"a real-time factor needs audio, found {audio_secs} s")
    return wall_secs / audio_secs


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Spread of delays in seconds, each from the end of the sound to the moment its text was there."""

    count: int
    median_secs: float
    p95_secs: float
    largest_secs: float


def latency(delays_secs: Sequence[float]) -> Latency:
    """The spread of some delays (nearest rank). Raises ValueError when there are none."""
    if not delays_secs:
        raise ValueError("no delays to summarise")
    ordered = sorted(delays_secs)

    def rank(share: float) -> float:
        return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]

    return Latency(count=len(ordered), median_secs=rank(0.5), p95_secs=rank(0.95), largest_secs=ordered[-1])
