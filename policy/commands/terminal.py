"""What the commands of the policy room share (I/O): options, loading, failing with a sentence, today's date."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

import typer

from policy.book import Rulebook
from policy.errors import PolicyError
from policy.ruling import Lang
from policy.schema import house_rules, load_rulebook

RULEBOOK = typer.Option("--rulebook", help="Folder of rulebook files to use instead of the packaged ones.")
OVERLAYS = typer.Option("--overlays", help="Folder (or file) of overlays to lay over the law; may be repeated.")
HOUSE = typer.Option("--house", help="Lay the packaged house rules over the law, as the gate does.")
LANG = typer.Option("--lang", help="Language of messages: en or zh.")
ON = typer.Option("--on", metavar="DATE", help="The day to look at, YYYY-MM-DD; today (UTC) without it.")
AS_JSON = typer.Option("--json", help="One JSON object.")


def fail(message: str, code: int = 2) -> typer.Exit:
    """Says the message on standard error and gives the exit to raise."""
    typer.echo(message, err=True)
    return typer.Exit(code)


def language(value: str) -> Lang:
    """`en` or `zh`."""
    if value not in ("en", "zh"):
        raise fail(f"--lang: found `{value}`; expected en or zh")
    return cast(Lang, value)


def load(root: Path | None, overlays: Sequence[Traversable] = ()) -> Rulebook:
    """The packaged rulebook, or the one under `root`, with these overlays laid over it."""
    try:
        return load_rulebook(root, overlays)
    except PolicyError as error:
        raise fail(f"rulebook refused: {error.message}") from error


def laid(overlays: Sequence[Traversable] | None, *, house: bool) -> tuple[Traversable, ...]:
    """The overlays of the options, after the packaged house rules when these are asked for."""
    return (*([house_rules()] if house else []), *(overlays or ()))


def day_of(value: str | None) -> date:
    """The day of `--on`, or today."""
    if value is None:
        return datetime.now(tz=UTC).date()
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise fail(f"--on: found `{value}`; expected a day that exists, YYYY-MM-DD") from error


def print_json(value: Any) -> None:
    """One JSON value on a line."""
    typer.echo(json.dumps(value, ensure_ascii=False))
