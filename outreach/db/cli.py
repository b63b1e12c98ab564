"""`fairline db upgrade` and `fairline db status` (I/O). Mounted by `outreach.__main__`; `app` also works alone."""

import json
import os
import sys
from typing import Annotated, Any, NoReturn

import typer

from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.database import open_database, upgrade
from outreach.errors import ConfigError, FairlineError, NotAvailableError

EXIT_CHECK_FAILED, EXIT_BAD_INPUT, EXIT_NOT_AVAILABLE = 1, 2, 3

app = typer.Typer(no_args_is_help=True, help="The database: bring it up to date, look at it.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command("upgrade")
def upgrade_command(as_json: AsJson = False) -> None:
    """Create or update the schema and, on an empty database, the keys. Example: fairline db upgrade."""
    try:
        settings = Settings.from_environment(os.environ)
        clock = SystemClock(offset=settings.clock_offset)
        with upgrade(settings, clock.now()) as database:
            keys = database.keys.fingerprints()
    except FairlineError as error:
        fail(error)
    show({"upgraded": True, "where": _where(settings), "keys": keys}, as_json)


@app.command("status")
def status_command(as_json: AsJson = False) -> None:
    """Say where the database is and whether schema and keys fit. Example: fairline db status --json."""
    try:
        settings = Settings.from_environment(os.environ)
        with open_database(settings) as database:
            keys = database.keys.fingerprints()
    except ConfigError as error:
        fail(error, EXIT_CHECK_FAILED)
    except FairlineError as error:
        fail(error)
    show({"current": True, "where": _where(settings), "keys": keys}, as_json)


def fail(error: FairlineError, code: int | None = None) -> NoReturn:
    """Say on standard error what is wrong and what to do, and leave with the exit code of its kind."""
    typer.echo(f"error {error.code}: {error.message}", err=True)
    if error.hint:
        typer.echo(f"  {error.hint}", err=True)
    raise typer.Exit(code or (EXIT_NOT_AVAILABLE if isinstance(error, NotAvailableError) else EXIT_BAD_INPUT))


def show(answer: dict[str, Any], as_json: bool) -> None:
    """Print an answer: one JSON object for machines, `name: value` lines for people."""
    if as_json:
        json.dump(answer, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        return
    for name, value in answer.items():
        if isinstance(value, dict):
            for key, item in value.items():
                typer.echo(f"{name}.{key}: {item}")
        else:
            typer.echo(f"{name}: {value}")


def _where(settings: Settings) -> str:
    return settings.shown()["database_url"] if settings.database_url else f"embedded, {settings.pg_dir}"
