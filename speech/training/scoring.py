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


def gate(clips: Sequence[Heard], tolerated: float = 0.1, let_through: float = 0.05) -> float:
    """The lowest avg_logprob that at most this share of the wrong clips reach; wrong: more errors than tolerated."""
    wrong = sorted((clip.avg_logprob for clip in clips if clip.text and clip.rate > tolerated), reverse=True)
    allowed = int(len([clip for clip in clips if clip.rate > tolerated]) * let_through)
    if len(wrong) <= allowed:
        return min((clip.avg_logprob for clip in clips), default=0.0)
    return wrong[allowed] + 1e-3


def gate_report(clips: Sequence[Heard], threshold: float, tolerated: float = 0.1) -> dict[str, float]:
    """How the gate does on clips that it was not read off. A clip without text never passes."""
    above = [clip for clip in clips if clip.text and clip.avg_logprob >= threshold]
    right = [clip for clip in above if clip.rate <= tolerated]
    all_right = [clip for clip in clips if clip.rate <= tolerated]
    return {
        "clips": len(clips),
        "share_above": round(len(above) / max(1, len(clips)), 3),
        "right_above": round(len(right) / max(1, len(above)), 3),
        "error_rate_above": round(error_rate(above), 3),
        "right_passed": round(len(right) / max(1, len(all_right)), 3),
        "wrong_passed": round((len(above) - len(right)) / max(1, len(clips) - len(all_right)), 3),
    }
