"""What the agent said that must not be said: rule hits minus what their context excuses, one finding per label."""

from collections.abc import Iterable, Sequence
from typing import Final

from nlp.detectors.matcher import Hit
from nlp.finding import Finding
from nlp.labels import ViolationKind
from nlp.normalize import View
from nlp.scope import Scope
from nlp.template import brief

THRESHOLD: Final = 0.5
# Firm evidence is not talked away by polite words; weak evidence is.
_FIRM: Final = 0.85
_TOGETHER_BONUS: Final = 0.05
_Scored = dict[ViolationKind, list[tuple[float, Hit]]]


def violations(view: View, hits: Iterable[Hit], version: str) -> tuple[Finding, ...]:
    """At most one finding per label, in the order of the vocabulary; `version` goes into the detector name."""
    hits = list(hits)
    scope = Scope.of(view, (hit for hit in hits if hit.rule.label in _SCOPE_LABELS))
    voided = {hit.rule.label.removeprefix("unless:") for hit in hits if hit.rule.label.startswith("unless:")}
    by_label: _Scored = {}
    for hit in hits:
        if hit.rule.label not in _KINDS or hit.rule.label in voided or scope.excused(hit):
            continue
        score = hit.score if hit.rule.weight >= _FIRM else hit.score * scope.factor()
        if score >= THRESHOLD:
            by_label.setdefault(ViolationKind(hit.rule.label), []).append((score, hit))
    by_label = _unexplained(by_label)
    return tuple(
        _finding(kind, by_label[kind], view, version) for kind in ViolationKind if kind in by_label
    )  # fmt: skip


def _unexplained(by_label: _Scored) -> _Scored:
    """Without the labels that rest on one soft rule while another label stands firm and explains the words."""
    firm = {kind for kind, scored in by_label.items() if any(hit.rule.weight >= _FIRM for _, hit in scored)}
    return {
        kind: scored
        for kind, scored in by_label.items()
        if not firm or kind in firm or len({hit.rule.id for _, hit in scored}) > 1
    }


_KINDS: Final = frozenset(ViolationKind)
_SCOPE_LABELS: Final = frozenset(
    {"negation", "negation-cancel", "contrast", "frame", "frame-cancel", "polite", "menace", "question", "reported"}
)


def _finding(kind: ViolationKind, scored: Sequence[tuple[float, Hit]], view: View, version: str) -> Finding:
    best_score, best = max(scored, key=lambda item: (item[0], item[1].end - item[1].start, -item[1].start))
    start, end = best.start, best.end
    for _, hit in scored:
        if hit.start < end and start < hit.end:  # overlapping rules tell one story
            start, end = min(start, hit.start), max(end, hit.end)
    start, end = view.clause(start, end)
    rules = sorted({hit.rule.id for _, hit in scored if hit.rule.id != best.rule.id})
    also = f"; also {', '.join(rules)}" if rules else ""
    return Finding(
        label=kind,
        span=view.span(start, end),
        score=min(1.0, best_score + _TOGETHER_BONUS * len(rules)),
        detector=f"{best.detector}@{version}",
        why=f"rule {best.rule.id} [{brief(best.rule.source)}] on {view.text[best.start : best.end]!r}{also}",
    )
