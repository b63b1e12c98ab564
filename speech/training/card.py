"""The measured part of the model card: tables made from calibration.json, between two marks in the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

BEGIN, END = "<!-- measured: python -m speech.training card -->", "<!-- end of what was measured -->"
_SETS = {
    "all": "**all unseen text**",
    "templates": "collection calls, text not in training",
    "families": "collection calls, template families never trained on",
    "licensed": "conversations kept out of training",
    "mixes": "random word mixes",
}
_GATE = (
    "Gate: average log-probability {gate}. Read off one half of the unseen clips of all lines and applied to the other "
    "half, both ways together (invented: more than a third of the sentence is wrong):"
)
_NOTHING = ("secs", "clips", "characters", "above_gate")
_UNITS = {"zh": "Mandarin, character error rate", "en": "English, word error rate"}


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *[list(map(str, row)) for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _errors(report: Mapping[str, Any], lang: str) -> str:
    conditions = list(report["error"])
    rows = []
    for key, title in _SETS.items():
        name = f"{lang} all unseen" if key == "all" else f"{lang}-{key} unseen"
        rows.append(_row(report, title, name))
    rows.append(_row(report, "collection calls, text verbatim in training (memory)", f"{lang}-templates verbatim"))
    return _table([_UNITS[lang], "clips", *conditions], [row for row in rows if row])


def _row(report: Mapping[str, Any], title: str, name: str) -> list[object]:
    first = next(iter(report["error"].values()))
    if name not in first:
        return []
    return [title, first[name]["clips"], *[f"{sets[name]['error']:.3f}" for sets in report["error"].values()]]


def _gate(report: Mapping[str, Any]) -> str:
    head = [
        "",
        "clips",
        "share above",
        "error rate above",
        "invented above",
        "invented in all",
        "exact clips that pass",
    ]
    keys = ("clips", "share_above", "error_rate_above", "invented_above", "invented_in_all", "exact_passed")
    return _table(head, [[lang, *[row[key] for key in keys]] for lang, row in report["gate_across_halves"].items()])


def _voices(found: Mapping[str, Mapping[str, float]]) -> str:
    return _table(
        ["voice", "clips", "error rate"], [[name, row["clips"], f"{row['error']:.3f}"] for name, row in found.items()]
    )


def measured(calibration: Mapping[str, Any]) -> str:
    """The tables as Markdown."""
    report = calibration["measured"]
    languages = ", ".join(f"{lang} {share:.1%}" for lang, share in report["language_detected"].items())
    parts = [
        _errors(report, "zh"),
        _errors(report, "en"),
        _GATE.format(gate=calibration["avg_logprob_gate"]),
        _gate(report),
        "Voices kept out of training, clean line, unseen text:",
        _voices(report["voices"]),
        f"Language found on a clean line: {languages}.",
        *_nothing(report["nonspeech"]),
    ]
    if report["foreign_voices"]:
        parts += ["Voices of another synthesiser (flite), clean line, unseen text:", _voices(report["foreign_voices"])]
    return "\n\n".join(parts)


def _nothing(found: Mapping[str, Any]) -> list[str]:
    head = ["sound", "seconds", "clips", "characters", "clips above the gate"]
    rows = [[kind, *[row[key] for key in _NOTHING]] for kind, row in found["kinds"].items()]
    return [f"Sounds without speech, {found['secs']} s: {found['characters']} characters of text.", _table(head, rows)]


def renewed(card: str, calibration: Mapping[str, Any]) -> str:
    """The card with its measured part made anew. Raises ValueError when its marks are missing."""
    head, _, rest = card.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise ValueError(f"the model card lacks the marks {BEGIN!r} and {END!r}")
    return f"{head}{BEGIN}\n\n{measured(calibration)}\n\n{END}{tail}"
