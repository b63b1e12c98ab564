"""What an audit says while it runs (I/O: prints): lines for people or JSON Lines on standard output, the rest on the
error stream.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from outreach.rehearing.report import ReportView
from outreach.rehearing.run import Outcome
from outreach.rehearing.scoring import ATTENTION
from speech.recognizer import Recognizer

_LOOK = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "listen": "magenta", "none": "dim"}
SIDES_UNKNOWN = (
    "note: of {n} two-channel calls nobody said who is on which side: every sentence was read as the agent's and as "
    "the debtor's, nothing is asserted, and there is no score.\n"
    "  what to do: run again with --left agent --right debtor (or the other way round), or fill the columns left and "
    "right of the metadata"
)


def complain(console: Console, error: Mapping[str, Any]) -> None:
    """Name an error and what to do about it."""
    console.print(Text.assemble(("error ", "bold red"), f"{error['code']}: {error['message']}"))
    if error.get("hint"):
        console.print(Text(f"  what to do: {error['hint']}"))


class Teller:
    """Tells of one run."""

    def __init__(self, *, as_json: bool, console: Console) -> None:
        self._as_json = as_json
        self._console = console
        self._taken_over = 0

    def began(self, recognizer: Recognizer, *, files: int, taken_over: int) -> None:
        """What is to be done, what an earlier run did, and what the model is worth."""
        self._taken_over = taken_over
        self._console.print(f"{files} files; {taken_over} taken over from an earlier run")
        if recognizer.capabilities.demonstration:
            self._console.print(
                f"note: {recognizer.identity.name} is a demonstration model trained on synthetic speech; "
                "it does not know real voices. Use --model large-v3-turbo or your own for real calls.",
                style="yellow",
            )

    def told(self, outcome: Outcome) -> None:
        """One file has ended: an error is named, a result is a line for programs."""
        result = outcome.result
        if not outcome.done:
            complain(self._console, result["error"])
            self._json({"file": outcome.found.name, "status": "error", "error": dict(result["error"])})
            return
        self._json(
            {
                "file": outcome.found.name,
                "status": "done",
                "taken_over": outcome.taken_over,
                "key": result["key"],
                "duration_secs": result["duration_secs"],
                "language": result["language"],
                "sides_by": result["sides_by"],
                "score": result["score"],
            }
        )

    def ended(self, view: ReportView, report: Path, *, unheard: int) -> None:
        """The whole run: counts, and where the report lies."""
        for problem in view.loose:
            complain(self._console, problem)
        attention = Counter(str(result["score"]["attention"]) for result in view.results)
        summary = {
            "files": len(view.results) + len(view.errors) + unheard,
            "done": len(view.results),
            "taken_over": self._taken_over,
            "errors": len(view.errors),
            "not_reached": unheard,
            "audio_secs": round(sum(result["duration_secs"] for result in view.results), 1),
            "sides_unknown": view.sides_unknown,
            "violations": sum(result["score"]["violations"] for result in view.results),
            "attention": {word: attention[word] for word in ATTENTION if attention[word]},
            "report": str(report),
        }
        self._json({"summary": summary})
        if not self._as_json:
            self._table(view, summary)
        if view.sides_unknown:
            self._console.print(SIDES_UNKNOWN.format(n=view.sides_unknown), style="yellow")
        if unheard:
            self._console.print(f"stopped: {unheard} files not reached; the same command goes on from here")

    def _table(self, view: ReportView, summary: dict[str, Any]) -> None:
        console = Console()
        table = Table("attention", "file", "score", "violations", "not heard", "listen", box=None, header_style="dim")
        rows = sorted(
            view.results, key=lambda row: (ATTENTION.index(row["score"]["attention"]), row["score"]["points"] or 0)
        )
        for row in rows:
            score = row["score"]
            points = "not judged" if score["points"] is None else str(score["points"])
            figures = (points, *(str(score[name] or "·") for name in ("violations", "not_heard", "listen")))
            table.add_row(Text(score["attention"], style=_LOOK[score["attention"]]), Text(row["file"]), *figures)
        if rows:
            console.print(table)
        scored = sum(1 for row in rows if row["score"]["points"] is not None)
        console.print(
            f"{summary['done']} calls heard, {scored} of them scored, {summary['violations']} apparent violations, "
            f"{summary['errors']} files skipped"
        )
        console.print(Text(f"report: {summary['report']}"), soft_wrap=True)

    def _json(self, content: dict[str, Any]) -> None:
        if self._as_json:
            sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
            sys.stdout.flush()
