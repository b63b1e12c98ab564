"""Command line of the text room (I/O): `analyze`, `redact`, `evaluate`.

Answers go to standard output, diagnostics to standard error. Exit codes: 0 done, 2 some input could not be read.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nlp.analysis import Analysis
from nlp.errors import InputLineError, NlpError
from nlp.evaluate import Counts, Report
from nlp.evaluate import evaluate as evaluate_requests
from nlp.labels import Speaker, display_name
from nlp.pipeline import Analyzer
from nlp.redact import redact as redact_text
from nlp.requests import Request, parse_line

app = typer.Typer(
    name="nlp", help="Findings in text: analyze, redact, evaluate.", no_args_is_help=True, add_completion=False
)
BAD_INPUT = 2
_SOURCE = typer.Argument(metavar="FILE|-", help="JSON Lines; - reads standard input.")
_JSON = typer.Option("--json", help="JSON Lines on standard output.")
_FORM = typer.Option("--json/--table", help="JSON Lines or words for people; JSON Lines when output is not a terminal.")


class _Input:
    """Reads a file line by line; a bad line is told on standard error and the good ones go on."""

    def __init__(self, source: str, default_speaker: Speaker | None = None) -> None:
        self.source, self._default, self.bad_lines = source, default_speaker, 0

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbered lines that are not empty. A file that cannot be opened or is not UTF-8 ends the command."""
        name = "standard input" if self.source == "-" else self.source
        try:
            data = sys.stdin.buffer.read() if self.source == "-" else Path(self.source).read_bytes()
        except OSError as error:
            raise self._stop(f"{name}: cannot be read: {error.strerror}; give a file of JSON Lines or -") from error
        for number, raw in enumerate(data.splitlines(), start=1):
            if raw.strip():
                try:
                    yield number, raw.decode("utf-8-sig")
                except UnicodeDecodeError:
                    self.complain(number, InputLineError("input.encoding", "not UTF-8; save the file as UTF-8"))

    def requests(self) -> Iterator[Request | tuple[int, NlpError]]:
        """Each line as a request, or its number with what is wrong with it."""
        for number, line in self.lines():
            try:
                yield parse_line(line, default_speaker=self._default)
            except InputLineError as error:
                self.complain(number, error)
                yield number, error

    def complain(self, number: int, error: NlpError) -> None:
        """Tells about a bad line, without repeating what it says."""
        self.bad_lines += 1
        typer.echo(f"{self.source}: line {number}: {error.message} [{error.code}]", err=True)

    def finish(self) -> None:
        """Ends with the exit code for bad input when there was any."""
        if self.bad_lines:
            raise self._stop(f"{self.source}: {self.bad_lines} line(s) could not be read; the others are answered")

    @staticmethod
    def _stop(message: str) -> typer.Exit:
        typer.echo(message, err=True)
        return typer.Exit(BAD_INPUT)


def _for_machines(form: bool | None) -> bool:
    """JSON Lines where asked for, or where nobody reads along."""
    return form if form is not None else not sys.stdout.isatty()


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


@app.command()
def analyze(source: Annotated[str, _SOURCE], form: Annotated[bool | None, _FORM] = None) -> None:
    """Violations, mood, vulnerability, intents, promise and entities of each utterance.

    Example:  echo '{"id": 1, "speaker": "agent", "text": "再不还款就上门"}' | fairline nlp analyze - --json
    """
    reader, as_json = _Input(source), _for_machines(form)
    analyzer = Analyzer.load()
    console = Console()
    for item in reader.requests():
        if isinstance(item, tuple):
            if as_json:
                _print_json({"line": item[0], "error": item[1].to_json()})
            continue
        answer = analyzer.analyze(
            item.text, speaker=item.speaker, lang=item.lang, context=item.context, reference_date=item.reference_date
        )
        if as_json:
            _print_json({"id": item.id, **answer.to_json()})
        else:
            _show(console, item, answer)
    reader.finish()


def _show(console: Console, request: Request, answer: Analysis) -> None:
    """One utterance for a person to read."""
    console.print(f"[bold]{request.id if request.id is not None else '-'}[/] {request.speaker}: ", end="")
    console.print(request.text, markup=False, highlight=False)
    for finding in answer.violations:
        words = request.text[slice(*finding.span)]
        console.print(f"   [red]{display_name(finding.label, answer.lang)}[/] {finding.score:.2f}  ", end="")
        console.print(f"“{words}”  {finding.detector}", markup=False, highlight=False)
    labels = [*([answer.mood.label] if answer.mood else []), *sorted(answer.vulnerability), *sorted(answer.intents)]
    if labels or answer.signals:
        console.print(
            "   " + " · ".join(display_name(label, answer.lang) for label in (*labels, *sorted(answer.signals)))
        )
    if answer.promise:
        console.print("   " + json.dumps(answer.promise.to_json()), highlight=False)
    for skipped in answer.skipped:
        console.print(f"   [yellow]not looked at:[/] {skipped.detector}: {skipped.reason}")


@app.command()
def redact(source: Annotated[str, _SOURCE], form: Annotated[bool | None, _FORM] = None) -> None:
    """Each text with personal data masked, and the spans that were masked.

    Lines are JSON objects with a "text", or plain text.   Example:  fairline nlp redact calls.jsonl --json
    """
    reader, as_json = _Input(source), _for_machines(form)
    for number, line in reader.lines():
        identity, text = None, line
        if line.lstrip().startswith("{"):
            try:
                request = parse_line(line, default_speaker=Speaker.DEBTOR)
            except InputLineError as error:
                reader.complain(number, error)
                continue
            identity, text = request.id, request.text
        result = redact_text(text)
        if as_json:
            masked = [{"kind": entity.kind, "span": list(entity.span)} for entity in result.masked]
            _print_json({"id": identity, "text": result.text, "masked": masked})
        else:
            spans = " ".join(f"{entity.kind}[{entity.span[0]},{entity.span[1]})" for entity in result.masked)
            typer.echo(f"{result.text}\t{spans}" if spans else result.text)
    reader.finish()


@app.command()
def evaluate(source: Annotated[str, _SOURCE], as_json: Annotated[bool, _JSON] = False) -> None:
    """Precision, recall and F1 per label, and the share of lawful agent speech that was flagged.

    Example:  fairline nlp evaluate violations.jsonl
    """
    reader = _Input(source, default_speaker=Speaker.DEBTOR)
    requests = [item for item in reader.requests() if not isinstance(item, tuple)]
    report = evaluate_requests(Analyzer.load(), requests)
    if as_json:
        _print_json({"file": source, **report.to_json()})
    else:
        _show_report(Console(), report)
    reader.finish()


def _show_report(console: Console, report: Report) -> None:
    for task, labels in report.tasks.items():
        table = Table(title=f"{task}: {report.lines} lines", title_justify="left")
        for heading in ("label", "expected", "found", "precision", "recall", "F1"):
            table.add_column(heading, justify="left" if heading == "label" else "right")
        for label, counts in [*sorted(labels.items()), ("all", report.total(task))]:
            table.add_row(label, *_cells(counts))
        console.print(table)
    if report.lawful:
        rate = report.lawful_flagged / report.lawful
        console.print(f"lawful agent speech flagged: {report.lawful_flagged} of {report.lawful} ({rate:.1%})")
    if report.promises:
        right = report.promise_slots_right
        console.print(
            f"promises: {report.promises}; amount {right['amount']}, date {right['date']}, both {right['both']}"
        )


def _cells(counts: Counts) -> list[str]:
    ratios = [counts.precision, counts.recall, counts.f1]
    numbers = [counts.true_positive + counts.false_negative, counts.true_positive + counts.false_positive]
    return [str(number) for number in numbers] + ["-" if ratio is None else f"{ratio:.3f}" for ratio in ratios]
