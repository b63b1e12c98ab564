"""The debtor's mood: evidence per mood is added up by the strength of its rules; the heaviest wins.

Each further piece of evidence counts half of the one before it, so that many weak words do not shout down one clear
sentence. On a tie the order of the vocabulary decides; without evidence the mood is calm.
"""

from collections.abc import Iterable
from typing import Final

from nlp.analysis import MoodReading
from nlp.detectors.matcher import Hit
from nlp.labels import Mood
from nlp.normalize import View

POINTS: Final[dict[str, float]] = {"phrases": 3.0, "strong": 3.0, "plain": 2.0, "weak": 1.0}
_EXCLAIMED: Final = 0.5
_PRIOR_CALM: Final = 0.9
# Keeps a mood without evidence, or with a single weak word, far from certainty.
_DOUBT: Final = 1.0


def mood(view: View, hits: Iterable[Hit]) -> MoodReading:
    """The mood of one utterance from the hits of the family `mood`; `score` is the winner's share of the evidence."""
    hits = list(hits)
    voided = {hit.rule.label.removeprefix("unless:") for hit in hits if hit.rule.label.startswith("unless:")}
    points: dict[Mood, list[tuple[float, Hit]]] = {label: [] for label in Mood}
    for hit in hits:
        if hit.rule.label in points and hit.rule.label not in voided:
            value = POINTS[hit.rule.group] * (hit.score / hit.rule.weight)
            points[Mood(hit.rule.label)].append((value, hit))
    totals = {label: _total(found) for label, found in points.items()}
    if "!" in "".join(view.breaks.values()) and totals[Mood.ANGRY]:
        totals[Mood.ANGRY] += _EXCLAIMED
    totals[Mood.CALM] = max(totals[Mood.CALM], _PRIOR_CALM)
    winner = max(Mood, key=lambda label: (round(totals[label], 3), -list(Mood).index(label)))
    everything = sum(totals.values()) + _DOUBT
    why = ", ".join(sorted({hit.rule.id for _, hit in points[winner]}))
    return MoodReading(label=winner, score=totals[winner] / everything, why=why or "no evidence of any other mood")


def _total(found: list[tuple[float, Hit]]) -> float:
    """Pieces of evidence that do not overlap, heaviest first, each counting half of the one before."""
    counted: list[tuple[float, Hit]] = []
    for value, hit in sorted(found, key=lambda item: (-item[0], item[1].start)):
        if all(hit.end <= other.start or other.end <= hit.start for _, other in counted):
            counted.append((value, hit))
    return sum(value / float(2**place) for place, (value, _) in enumerate(counted))
