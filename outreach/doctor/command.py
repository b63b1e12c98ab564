"""The command `fairline doctor` (I/O: environment, standard output)."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outreach.config import Settings
from outreach.doctor import law, machine, recognition
from outreach.doctor.check import Check, guarded
from outreach.errors import ConfigError

OVERLAYS_FOLDER_REMEDY = "make the folder or correct FAIRLINE_OVERLAYS; until then the rows below are without overlays"
app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Look at everything Fairline needs on this machine. Exits 3 when something asked for is missing.

    Example:  fairline doctor --json
    """
    environ, refused = dict(os.environ), list[Check]()
    try:
        settings = Settings.from_environment(environ)
    except ConfigError as error:
        if error.code != "config.folder":
            raise
        # the folder of overlays is the one folder among the settings; the rest can be looked at without it
        refused.append(Check(name="overlays", state="missing", found=error.message, todo=OVERLAYS_FOLDER_REMEDY))
        environ.pop("FAIRLINE_OVERLAYS", None)
        settings = Settings.from_environment(environ)
    checks = [*refused, *examine(settings)]
    if as_json:
        sys.stdout.write(json.dumps({"checks": [asdict(check) for check in checks]}, ensure_ascii=False) + "\n")
    else:
        _show(checks)
    if any(check.state == "missing" for check in checks):
        raise typer.Exit(3)


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which a newcomer meets the parts."""
    yield Check(name="python", state="ok", found=sys.version.split()[0])
    yield from machine.extras()
    looks: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
        ("device", recognition.device),
        ("embedded model", recognition.embedded_model),
        ("recogniser", recognition.recogniser),
        ("second pass", recognition.second_pass),
        ("rulebook", law.rulebook),
        ("scripts", law.scripts),
        ("must be said", law.must_be_said),
        ("detectors", machine.detectors),
        ("database", machine.database),
        ("contracts", law.contracts),
        ("clock", machine.clock),
        ("carrier", machine.carrier),
        ("public URL", machine.public_url),
        ("agency", machine.agency),
        ("disk", machine.disk),
    )
    for name, look in looks:
        yield guarded(name, look, settings)


def _show(checks: list[Check]) -> None:
    table = Table(show_header=True)
    for column in ("", "part", "found", "what to do"):
        table.add_column(column, overflow="fold")
    marks = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "missing": "[red]✗[/]"}
    for check in checks:
        table.add_row(marks[check.state], check.name, Text(check.found), Text(check.todo))
    Console().print(table)
