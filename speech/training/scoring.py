"""Error rates: edit distance over characters (zh) or words (en), and the confidence gate read off one set of clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from speech.training.sources import target

INVENTED = 1 / 3


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
    voice: str = ""

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


def invented(clip: Heard) -> bool:
    """Whether a text says something else than was spoken: more than a third of its units wrong, and at least two."""
    return bool(clip.text) and clip.errors >= 2 and clip.rate > INVENTED


def gate(clips: Sequence[Heard], invented_share: float = 0.005, error: float = 0.08) -> float:
    """The lowest avg_logprob above which at most these shares of the sentences are invented and of the units wrong."""
    heard = sorted((clip for clip in clips if clip.text), key=lambda clip: clip.avg_logprob, reverse=True)
    threshold, false, errors, units = 0.0, 0, 0, 0
    for count, clip in enumerate(heard, 1):
        false, errors, units = false + invented(clip), errors + clip.errors, units + clip.length
        if false <= invented_share * count and errors <= error * units:
            threshold = clip.avg_logprob
    return threshold


def gate_report(clips: Sequence[Heard], threshold: float) -> dict[str, float]:
    """How the gate does on clips that it was not read off. A clip without text never passes."""
    above = [clip for clip in clips if clip.text and clip.avg_logprob >= threshold]
    exact = [clip for clip in clips if not clip.errors]
    return {
        "clips": len(clips),
        "above": len(above),
        "share_above": round(len(above) / max(1, len(clips)), 3),
        "error_rate_above": round(error_rate(above), 3),
        "invented_above": round(sum(map(invented, above)) / max(1, len(above)), 4),
        "invented_in_all": round(sum(map(invented, clips)) / max(1, len(clips)), 3),
        "exact_passed": round(sum(not clip.errors for clip in above) / max(1, len(exact)), 3),
    }
