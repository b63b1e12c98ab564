"""The report of an audit: one HTML file in both languages that needs nothing else (I/O: reads its own files)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from nlp.labels import ViolationKind
from outreach.monitor.effects import FindingState
from outreach.rehearing.audit import NOBODY
from outreach.rehearing.metadata import LANGUAGES
from outreach.rehearing.record import VIOLATION, Row, is_asserted
from outreach.rehearing.report_page import asset, both, environment
from outreach.rehearing.scoring import ATTENTION
from policy.book import Rulebook
from speech.recognizer import Recognizer
from speech.weights import EMBEDDED_MODEL, measured_errors

MOST_TRANSCRIPTS = 500
"""Calls whose transcripts the page holds; a browser must still open it. The others have theirs in their JSON file."""
STRIP_WIDTH = 1000
LISTED = ("vulnerability", "signal")
VIOLATIONS = frozenset(str(kind) for kind in ViolationKind)
BINDING = frozenset({"stop-contact", "wrong-number", "represented", "dispute"})
"""Intents that are worth a bar of their own; the others only steer the conversation."""


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """What the report is made of: finished results and errors as the audit answers them. `lang` is shown first."""

    folder: str
    made_at: datetime
    lang: str
    results: Sequence[Row]
    errors: Sequence[Row]
    loose: Sequence[Row]
    rulebook: Rulebook
    measured: Mapping[str, str] | None

    @property
    def sides_unknown(self) -> int:
        """Two-channel calls of which nobody said who is on which side."""
        return sum(1 for result in self.results if result["sides_by"] == NOBODY)


def render_report(view: ReportView) -> str:
    """One complete HTML file that works without a network."""
    ordered = sorted(view.results, key=_order)
    inline = {"style": Markup(asset("report.css")), "script": Markup(asset("report.js"))}  # noqa: S704 - our own files
    return (
        environment()
        .get_template("report.html")
        .render(
            view=view,
            lang=view.lang,
            calls=[_call(result, number) for number, result in enumerate(ordered, 1)],
            shown=MOST_TRANSCRIPTS,
            tiles=_tiles(view),
            bars=_bars(view.results),
            models=_distinct(result["model"] for result in view.results),
            laws=_distinct(pack for result in view.results for pack in result["law"]["packs"]),
            detectors=_distinct(result["detectors"] for result in view.results),
            scripts=_distinct(result["scripts"] for result in view.results),
            lawless=any(not result["law"]["packs"] for result in view.results),
            disclosure=lambda name: _disclosure(view.rulebook, name),
            pack_name=lambda name: both(dict(view.rulebook.packs[name].name)) if name in view.rulebook.packs else name,
            **inline,
        )
    )


def measured_error(recognizer: Recognizer) -> Mapping[str, str] | None:
    """Error of our own model by language on unseen sentences, as measured when it was made; None for other models."""
    found = measured_errors() if recognizer.identity.name == EMBEDDED_MODEL else {}
    return {lang: f"{found[lang]:.1%}" for lang in LANGUAGES} if found.keys() >= set(LANGUAGES) else None


def _order(result: Row) -> tuple[int, int, int, str]:
    score = result["score"]
    points = score["points"]
    return ATTENTION.index(score["attention"]), 101 if points is None else points, -score["listen"], result["file"]


def _tiles(view: ReportView) -> list[tuple[str, str, str]]:
    """(text key, figure, look)."""
    scores = [result["score"] for result in view.results]
    violations = sum(score["violations"] for score in scores)
    listen = sum(score["listen"] for score in scores)
    return [
        ("tile_files", str(len(view.results) + len(view.errors)), ""),
        ("tile_calls", str(len(view.results)), ""),
        ("tile_hours", f"{sum(result['duration_secs'] for result in view.results) / 3600:.2f}", ""),
        ("tile_findings", str(violations), "critical" if violations else ""),
        ("tile_with", str(sum(1 for score in scores if score["violations"])), ""),
        ("tile_listen", str(listen), "info" if listen else ""),
        ("tile_skipped", str(len(view.errors)), "high" if view.errors else ""),
    ]


def _bars(results: Sequence[Row]) -> list[tuple[str, list[tuple[str, int, int]], int]]:
    """By group: (label, asserted, to listen to), the most frequent first, and the longest bar of all."""
    asserted: Counter[tuple[str, str]] = Counter()
    listen: Counter[tuple[str, str]] = Counter()
    for row in (row for result in results for row in result["findings"] if _worth_a_bar(row)):
        group = "group_violation" if row["category"] == VIOLATION else "group_debtor"
        (asserted if is_asserted(row) else listen)[group, row["label"]] += 1
    for result in results:
        known = {(row["utterance"], row["label"]) for row in result["findings"]}
        for place in result["unclear"]:
            for label in place["labels"]:
                if (place["utterance"], label) not in known:
                    listen["group_violation" if label in VIOLATIONS else "group_debtor", label] += 1
    longest = max(((asserted + listen)[key] for key in asserted | listen), default=0)
    groups = []
    for group in ("group_violation", "group_debtor"):
        labels = sorted({label for owner, label in asserted | listen if owner == group})
        rows = [(label, asserted[group, label], listen[group, label]) for label in labels]
        groups.append((group, sorted(rows, key=lambda row: (-row[1] - row[2], row[0])), longest))
    return groups


def _worth_a_bar(row: Row) -> bool:
    kind = row["category"] == VIOLATION or row["category"] in LISTED or row["label"] in BINDING
    return kind and row["state"] != FindingState.WITHDRAWN


def _call(result: Row, number: int) -> Row:
    """A result with what only the page needs: places of the strip and sentences cut where findings begin and end."""
    listed = [row for row in result["findings"] if _worth_a_bar(row)]
    by_utterance: dict[int, list[Row]] = {}
    for row in listed:
        by_utterance.setdefault(row["utterance"], []).append(row)
    texts = {row["seq"]: row["text"] for row in result["utterances"]}
    lines = []
    if number <= MOST_TRANSCRIPTS:
        for said in sorted(result["utterances"], key=lambda row: (row["start"], row["seq"])):
            found = by_utterance.get(said["seq"], [])
            lines.append({**said, "pieces": pieces(said["text"], found), "found": found})
    quoted = [{**row, "quote": _quote(texts.get(row["utterance"], ""), row["span"])} for row in listed]
    return {**result, "number": number, "listed": quoted, "lines": lines, "strip": _strip(result, listed)}


def _quote(text: str, span: Sequence[int] | None) -> str:
    return text[span[0] : span[1]] or text if span else text


def _strip(result: Row, listed: Sequence[Row]) -> Row:
    """Stretches of speech by lane and marks of findings, on `STRIP_WIDTH` units."""
    scale = STRIP_WIDTH / max(result["duration_secs"], 0.1)
    return {
        "speech": [
            {
                "x": round(row["start"] * scale, 1),
                "width": max(2.0, round((row["end"] - row["start"]) * scale, 1)),
                "speaker": row["speaker"],
                "clear": row["clear"],
            }
            for row in result["utterances"]
        ],
        "marks": [
            {
                "x": round(row["start"] * scale, 1),
                "look": row["severity"] if is_asserted(row) else "info",
                "violation": row["category"] == VIOLATION,
            }
            for row in listed
        ],
    }


def pieces(text: str, findings: Sequence[Row]) -> list[tuple[str, str]]:
    """The text cut where findings begin and end: (part, look); look is "" outside, else a severity or `info`."""
    spans = [(row["span"][0], row["span"][1], row) for row in findings if row["span"]]
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end) if 0 < edge < len(text))})
    found = []
    for start, end in pairwise(cuts):
        inside = [row for first, last, row in spans if first <= start and end <= last]
        looks = [row["severity"] if is_asserted(row) else "info" for row in inside]
        look = next((word for word in (*ATTENTION, "info") if word in looks), "")
        found.append((text[start:end], look))
    return found


def _distinct(items: Any) -> list[Any]:
    seen: list[Any] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def _disclosure(rulebook: Rulebook, name: str) -> Markup | str:
    for pack in rulebook.packs.values():
        for item in pack.disclosures:
            if item.id == name:
                return both(dict(item.title))
    return name
