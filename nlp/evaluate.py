"""How well the analyzer does on labelled utterances: precision, recall, F1, and false alarms on lawful speech."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from nlp.analysis import Analysis
from nlp.labels import Speaker
from nlp.pipeline import Analyzer
from nlp.requests import Request

# Kinds of lawful utterances that share words with violations.
HARD_KINDS: Final = frozenset(
    {"negation", "lawful-statement", "disclosure", "lawful-offer", "empathy", "lawful-third-party", "quotation",
     "debtor-speech", "other-lawful"}
)  # fmt: skip


@dataclass
class Counts:
    """True positives, false positives and false negatives of one label."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0

    @property
    def precision(self) -> float | None:
        """Share of answers that were right, or None when there was no answer."""
        answered = self.true_positive + self.false_positive
        return self.true_positive / answered if answered else None

    @property
    def recall(self) -> float | None:
        """Share of the expected that was found, or None when nothing was expected."""
        expected = self.true_positive + self.false_negative
        return self.true_positive / expected if expected else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, or None when nothing was expected and nothing answered."""
        total = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / total if total else None

    def to_json(self) -> dict[str, Any]:
        """Counts and ratios; ratios that are undefined are null."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {
            "expected": self.true_positive + self.false_negative,
            "found": self.true_positive + self.false_positive,
            **{name: None if value is None else round(value, 4) for name, value in ratios.items()},
        }


@dataclass
class Report:
    """Counts per task and label, over every line that was labelled for that task."""

    lines: int = 0
    tasks: dict[str, dict[str, Counts]] = field(default_factory=dict)
    lawful: int = 0
    lawful_flagged: int = 0
    lawful_by_kind: dict[str, list[int]] = field(default_factory=dict)
    promises: int = 0
    promise_slots_right: dict[str, int] = field(default_factory=lambda: {"amount": 0, "date": 0, "both": 0})
    span_overlap: list[float] = field(default_factory=list)

    def count(self, task: str, expected: Iterable[str], found: Iterable[str]) -> None:
        """Adds one multi-label answer."""
        wanted, answered = set(expected), set(found)
        labels = self.tasks.setdefault(task, {})
        for label in wanted | answered:
            counts = labels.setdefault(label, Counts())
            counts.true_positive += label in wanted and label in answered
            counts.false_positive += label in answered - wanted
            counts.false_negative += label in wanted - answered

    def total(self, task: str) -> Counts:
        """Counts over all labels of a task."""
        labels = self.tasks.get(task, {}).values()
        return Counts(
            sum(counts.true_positive for counts in labels),
            sum(counts.false_positive for counts in labels),
            sum(counts.false_negative for counts in labels),
        )

    def macro_f1(self, task: str) -> float | None:
        """Mean F1 over the labels that were expected at least once."""
        scores = [counts.f1 or 0.0 for counts in self.tasks.get(task, {}).values() if counts.recall is not None]
        return sum(scores) / len(scores) if scores else None

    def to_json(self) -> dict[str, Any]:
        """The report as one object."""
        return {
            "lines": self.lines,
            "tasks": {
                task: {
                    "all": self.total(task).to_json(),
                    "macro_f1": _rounded(self.macro_f1(task)),
                    "labels": {label: counts.to_json() for label, counts in sorted(labels.items())},
                }
                for task, labels in self.tasks.items()
            },
            "hard_negatives": {
                "lines": self.lawful,
                "flagged": self.lawful_flagged,
                "false_positive_rate": _rounded(self.lawful_flagged / self.lawful if self.lawful else None),
                "by_kind": {
                    kind: {"lines": n, "flagged": bad} for kind, (n, bad) in sorted(self.lawful_by_kind.items())
                },
            },
            "promises": {"lines": self.promises, **self.promise_slots_right},
            "span_overlap_mean": _rounded(
                sum(self.span_overlap) / len(self.span_overlap) if self.span_overlap else None
            ),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def evaluate(analyzer: Analyzer, requests: Iterable[Request]) -> Report:
    """The report over labelled requests; a request without labels only counts as a line."""
    report = Report()
    for request in requests:
        analysis = analyzer.analyze(
            request.text,
            speaker=request.speaker,
            lang=request.lang,
            context=request.context,
            reference_date=request.reference_date,
        )
        report.lines += 1
        _add(report, request, analysis)
    return report


def _add(report: Report, request: Request, analysis: Analysis) -> None:
    expected = request.expected
    if "labels" in expected:
        found = [str(finding.label) for finding in analysis.violations]
        report.count("violations", expected["labels"], found)
        _add_lawful(report, request, bool(found))
        _add_span(report, expected, analysis)
    if "mood" in expected:
        report.count("mood", [expected["mood"]], [str(analysis.mood.label)] if analysis.mood else [])
    if "vulnerability" in expected:
        report.count("vulnerability", expected["vulnerability"], analysis.vulnerability)
    if "intents" in expected:
        report.count("intents", expected["intents"], analysis.intents)
        if expected.get("promise"):
            _add_promise(report, expected["promise"], analysis)


def _add_lawful(report: Report, request: Request, flagged: bool) -> None:
    if request.expected["labels"] or request.speaker is Speaker.DEBTOR:
        return
    kind = str(request.expected.get("kind", "other-lawful"))
    report.lawful += 1
    report.lawful_flagged += flagged
    counts = report.lawful_by_kind.setdefault(kind, [0, 0])
    counts[0] += 1
    counts[1] += flagged


def _add_span(report: Report, expected: Any, analysis: Analysis) -> None:
    """Intersection over union of the labelled span with the nearest span found, for lines where a label was right."""
    right = [finding for finding in analysis.violations if str(finding.label) in expected["labels"]]
    if expected.get("span") and right:
        report.span_overlap.append(max(_overlap(expected["span"], finding.span) for finding in right))


def _overlap(first: Any, second: tuple[int, int]) -> float:
    shared = max(0, min(first[1], second[1]) - max(first[0], second[0]))
    return float(shared / (max(first[1], second[1]) - min(first[0], second[0])))


def _add_promise(report: Report, wanted: Any, analysis: Analysis) -> None:
    found = analysis.promise.to_json() if analysis.promise else {"amount": None, "date": None}
    amount = analysis.promise is not None and found["amount"] == wanted["amount"]
    day = analysis.promise is not None and found["date"] == wanted["date"]
    report.promises += 1
    report.promise_slots_right["amount"] += amount
    report.promise_slots_right["date"] += day
    report.promise_slots_right["both"] += amount and day
