"""What the debtor conveys besides mood: vulnerability, intents and signals, each with its evidence."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from nlp.detectors.matcher import Hit
from nlp.finding import Finding
from nlp.labels import Intent, Signal, Vulnerability
from nlp.normalize import View
from nlp.template import brief

THRESHOLD: Final = 0.5
L = TypeVar("L", Intent, Signal, Vulnerability)


def present(kind: type[L], hits: Iterable[Hit]) -> dict[L, Hit]:
    """Labels of one vocabulary with their best hit, those voided by an `unless` rule left out."""
    hits = list(hits)
    voided = {hit.rule.label.removeprefix("unless:") for hit in hits if hit.rule.label.startswith("unless:")}
    best: dict[L, Hit] = {}
    names = {str(member) for member in kind}
    for hit in hits:
        if hit.rule.label in names and hit.rule.label not in voided and hit.score >= THRESHOLD:
            label = kind(hit.rule.label)
            if label not in best or hit.score > best[label].score:
                best[label] = hit
    return best


def evidence(found: Mapping[L, Hit], view: View, version: str) -> list[Finding]:
    """The findings behind the labels, in the order of the vocabulary."""
    return [
        Finding(
            label=label,
            span=view.span(hit.start, hit.end),
            score=min(1.0, hit.score),
            detector=f"{hit.detector}@{version}",
            why=f"rule {hit.rule.id} [{brief(hit.rule.source)}] on {view.text[hit.start : hit.end]!r}",
        )
        for label, hit in sorted(found.items())
    ]
