"""`fairline import FILE` (I/O): `import_app` is mounted by `outreach.__main__`; `app` also works alone."""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from outreach.cases.importer import ImportReport, import_file
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.cli import EXIT_BAD_INPUT, fail, show
from outreach.db.database import upgrade
from outreach.errors import FairlineError

BAR_AFTER_SECS = 1.0
SHOWN_PROBLEMS = 20

app = typer.Typer(no_args_is_help=True, help="Portfolio files.")


@app.callback()
def _group() -> None:
    """Portfolio files."""


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV file: UTF-8, UTF-16 or GBK; comma, semicolon or tab.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Import creditors, debtors, debts and numbers. Example: fairline import cases.csv.

    Good rows are stored; bad rows go to FILE.quarantine.csv with line, field, what was found, what is expected and what
    to do. Exit code 0: every row was stored; 2: some were set aside, or the file is not a table of ours.
    """
    try:
        settings = Settings.from_environment(os.environ)
        now = SystemClock(offset=settings.clock_offset).now()
        with upgrade(settings, now) as database, _Bar() as bar:
            report = import_file(database, file, now, bar.advance)
    except FairlineError as error:
        fail(error)
    if as_json:
        show(report.to_json(), as_json)
    else:
        _tell(report)
    if report.quarantined:
        raise typer.Exit(EXIT_BAD_INPUT)


import_app = typer.Typer(add_completion=False)
import_app.command()(import_command)


def _tell(report: ImportReport) -> None:
    typer.echo(
        f"{report.file}: {report.rows} rows; {report.created} new, {report.updated} updated, "
        f"{report.unchanged} unchanged, {report.quarantined} set aside"
    )
    for problem in report.problems[:SHOWN_PROBLEMS]:
        typer.echo(
            f"  line {problem['line']}, {problem['field']}: expected {problem['expected']}; {problem['what_to_do']}",
            err=True,
        )
    if len(report.problems) > SHOWN_PROBLEMS:
        typer.echo(f"  … and {len(report.problems) - SHOWN_PROBLEMS} more", err=True)
    if report.quarantine_file:
        typer.echo(f"  set aside in {report.quarantine_file}: correct them there and import that file", err=True)


class _Bar:
    """A progress bar on standard error that appears when the work takes longer than a second."""

    def __init__(self) -> None:
        columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._started_secs = time.monotonic()
        self._task = self._progress.add_task("rows", total=None)
        self._shown = False

    def advance(self, done: int, total: int) -> None:
        """`done` of `total` rows are stored."""
        if not self._shown and time.monotonic() - self._started_secs > BAR_AFTER_SECS:
            self._progress.start()
            self._shown = True
        self._progress.update(self._task, completed=done, total=total)

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._progress.stop()
