"""Command line of the policy room (I/O): `check`; the other commands stand in `policy.commands`.

Answers go to standard output, diagnostics to standard error.
Exit codes: 0 done, 1 an expectation was not met, 2 bad input.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from policy.answer import Answer, Asking, answer_lines
from policy.commands import reading, reviewing
from policy.commands.terminal import HOUSE, LANG, OVERLAYS, RULEBOOK, laid, language, load, print_json

app = typer.Typer(
    name="policy",
    help="The law: may this contact be attempted, as of this instant, and why.",
    no_args_is_help=True,
    add_completion=False,
)

app.command("packs")(reading.packs)
app.command("explain")(reading.explain_item)
app.command("page")(reviewing.page)
app.command("diff")(reviewing.diff)


def _read_lines(source: str) -> Iterator[bytes]:
    if source == "-":
        yield from sys.stdin.buffer
        return
    with Path(source).open("rb") as stream:
        yield from stream


@app.command()
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE|-...", help="JSON Lines of scenarios; - reads standard input.")
    ],
    expect: Annotated[
        bool, typer.Option("--expect", help="Compare with `expect` and `rules`, print differences, exit 1 if any.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --expect: differences as JSON Lines.")] = False,
    lang: Annotated[str, LANG] = "en",
    rulebook: Annotated[Path | None, RULEBOOK] = None,
    overlays: Annotated[list[Path] | None, OVERLAYS] = None,
    house: Annotated[bool, HOUSE] = False,
) -> None:
    """Answer every scenario: permit or deny, every denying rule, and when it would be permitted.

    Example: fairline policy check scenarios.jsonl
    Example: fairline policy check --expect tests/law/*.jsonl
    Example: fairline policy check --house --overlays contracts/ scenarios.jsonl
    """
    book = load(rulebook, laid(overlays, house=house))
    chosen = language(lang)
    count, broken, differing = 0, 0, 0
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed} scenarios"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("check", total=None)
        for source in files:
            shown, before = "standard input" if source == "-" else source, count
            try:
                asking = Asking(rulebook=book, file=shown, lang=chosen, expectations=expect)
                for answer in answer_lines(_read_lines(source), asking):
                    count += 1
                    broken += answer.failed
                    differing += answer.differs
                    _show(answer, expect=expect, as_json=as_json)
                    progress.update(task, completed=count)
            except OSError as error:
                typer.echo(f"{source}: cannot be read ({error.strerror}); give a file of JSON Lines or -", err=True)
                broken += 1
                continue
            if count == before:
                typer.echo(f"no scenario found in {shown}; give one JSON object a line", err=True)
                broken += 1
    if expect:
        typer.echo(f"{count} scenarios, {differing} different, {broken} not readable", err=True)
    if broken:
        raise typer.Exit(2)
    if differing:
        raise typer.Exit(1)


def _show(answer: Answer, *, expect: bool, as_json: bool) -> None:
    if answer.failed:
        typer.echo(answer.body["error"]["message"], err=True)
    if not expect or answer.failed:
        print_json(answer.body)
        return
    if not answer.differs or answer.expected is None:
        return
    if as_json:
        print_json({"id": answer.body["id"], "expected": answer.expected, "found": answer.found})
        return
    wanted, found = answer.expected, answer.found
    typer.echo(
        f"{answer.body['id']}: expected {wanted['decision']} {wanted['rules']}, "
        f"found {found['decision']} {found['rules']}"
    )
