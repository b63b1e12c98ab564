"""Error rates: edit distance over characters (zh) or words (en), and the confidence gate read off one set of clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from speech.training.sources import target


def pieces(text: str, lang: str) -> list[str]:
    """What errors are counted in."""
    written = target(text, lang)
    return list(written) if lang == "zh" else written.split()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One test clip and what the recogniser made of it."""

    group: str
    lang: str
    seen: bool
    reference: str
    text: str
    avg_logprob: float
    detected: str

    @property
    def length(self) -> int:
        return len(pieces(self.reference, self.lang))

    @property
    def errors(self) -> int:
        return Levenshtein.distance(pieces(self.reference, self.lang), pieces(self.text, self.lang))

    @property
    def rate(self) -> float:
        return self.errors / max(1, self.length)


def error_rate(clips: Sequence[Heard]) -> float:
    """Errors over reference length of all clips together."""
    return sum(clip.errors for clip in clips) / max(1, sum(clip.length for clip in clips))


def gate(clips: Sequence[Heard], tolerated: float = 0.1, precision: float = 0.9) -> float:
    """The lowest avg_logprob at which at least `precision` of the clips above it are right up to `tolerated`."""
    ordered = sorted(clips, key=lambda clip: clip.avg_logprob, reverse=True)
    right, best = 0, 0.0
    for count, clip in enumerate(ordered, 1):
        right += clip.rate <= tolerated
        if right / count >= precision and count >= 10:
            best = clip.avg_logprob
    return best


def gate_report(clips: Sequence[Heard], threshold: float, tolerated: float = 0.1) -> dict[str, float]:
    """How the gate does on clips that it was not read off."""
    above = [clip for clip in clips if clip.avg_logprob >= threshold]
    right = [clip for clip in above if clip.rate <= tolerated]
    wrong = [clip for clip in clips if clip.rate > tolerated]
    wrong_above = len(above) - len(right)
    return {
        "clips": len(clips),
        "share_above": round(len(above) / max(1, len(clips)), 3),
        "right_above": round(len(right) / max(1, len(above)), 3),
        "error_rate_above": round(error_rate(above), 3),
        "wrong_let_through": round(wrong_above / max(1, len(wrong)), 3),
    }
