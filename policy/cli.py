"""Command line of the policy room (I/O): `check`, `packs`, `explain`.

Answers go to standard output, diagnostics to standard error.
Exit codes: 0 done, 1 an expectation was not met, 2 bad input.
"""

import json
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from policy.answer import Answer, Asking, answer_lines
from policy.book import Rulebook
from policy.coverage import all_rule_ids, explain_rule, find_rule, pack_summary
from policy.errors import PolicyError
from policy.ruling import Lang
from policy.schema import load_rulebook

app = typer.Typer(
    name="policy",
    help="The law: may this contact be attempted, as of this instant, and why.",
    no_args_is_help=True,
    add_completion=False,
)

_RULEBOOK = typer.Option("--rulebook", help="Folder of rulebook files to use instead of the packaged ones.")
_LANG = typer.Option("--lang", help="Language of messages: en or zh.")


def _fail(message: str, code: int = 2) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)


def _lang(value: str) -> Lang:
    if value not in ("en", "zh"):
        raise _fail(f"--lang: found `{value}`; expected en or zh")
    return cast(Lang, value)


def _load(root: Path | None) -> Rulebook:
    try:
        return load_rulebook(root)
    except PolicyError as error:
        raise _fail(f"rulebook refused: {error.message}") from error


def _read_lines(source: str) -> Iterator[bytes]:
    if source == "-":
        yield from sys.stdin.buffer
        return
    with Path(source).open("rb") as stream:
        yield from stream


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


@app.command()
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE|-...", help="JSON Lines of scenarios; - reads standard input.")
    ],
    expect: Annotated[
        bool, typer.Option("--expect", help="Compare with `expect` and `rules`, print differences, exit 1 if any.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --expect: differences as JSON Lines.")] = False,
    lang: Annotated[str, _LANG] = "en",
    rulebook: Annotated[Path | None, _RULEBOOK] = None,
) -> None:
    """Answer every scenario: permit or deny, every denying rule, and when it would be permitted.

    Example: fairline policy check scenarios.jsonl
    Example: fairline policy check --expect tests/law/*.jsonl
    """
    book = _load(rulebook)
    chosen = _lang(lang)
    count, broken, differing = 0, 0, 0
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed} scenarios"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("check", total=None)
        for source in files:
            try:
                shown = "standard input" if source == "-" else source
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
        _print_json(answer.body)
        return
    if not answer.differs or answer.expected is None:
        return
    if as_json:
        _print_json({"id": answer.body["id"], "expected": answer.expected, "found": answer.found})
        return
    wanted, found = answer.expected, answer.found
    typer.echo(
        f"{answer.body['id']}: expected {wanted['decision']} {wanted['rules']}, "
        f"found {found['decision']} {found['rules']}"
    )


@app.command()
def packs(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    lang: Annotated[str, _LANG] = "en",
    rulebook: Annotated[Path | None, _RULEBOOK] = None,
) -> None:
    """Which law is loaded, for which days, how sure, and when it was last confirmed.

    Example: fairline policy packs
    """
    book = _load(rulebook)
    chosen = _lang(lang)
    rows = [pack_summary(pack, chosen) for _, pack in sorted(book.packs.items())]
    if as_json:
        _print_json({"rulebook": book.digest, "packs": rows})
        return
    table = Table(title=f"Rulebook {book.digest[:19]}…")
    for heading in ("pack", "name", "covers", "rules", "duties", "certainty", "confirmed"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        marks = ", ".join(row["certainty"])
        covers = f"{row['covers_from']} – {row['covers_until'] or '…'}"
        cells = (row["pack"], row["name"], covers, row["rules"], row["duties"], marks)
        table.add_row(*(str(cell) for cell in cells), row["last_confirmed"])
    Console().print(table)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, as a ruling names it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    lang: Annotated[str, _LANG] = "en",
    rulebook: Annotated[Path | None, _RULEBOOK] = None,
) -> None:
    """What a rule says, on which provisions it rests, and its values over time.

    Example: fairline policy explain RULE (ids: fairline policy packs --json, or any ruling)
    """
    book = _load(rulebook)
    chosen = _lang(lang)
    hit = find_rule(book, rule)
    if hit is None:
        known = all_rule_ids(book)
        near = get_close_matches(rule, known, n=3) or list(known)
        raise _fail(f"RULE: found `{rule}`, which no loaded pack has; expected one of: {', '.join(near)}")
    body = explain_rule(*hit, chosen)
    if as_json:
        _print_json(body)
        return
    _print_rule(body)


def _print_rule(body: dict[str, Any]) -> None:
    console = Console()
    console.print(f"[bold]{body['rule']}[/bold]  {body['title']}", highlight=False)
    standing = body["effect"] if body["denies"] else f"{body['effect']}, advises only"
    console.print(f"{body['kind']} · {standing} · clock: {body['scope']['clock']} · per {body['scope']['per']}")
    console.print("evidence: " + "; ".join(body["evidence"]), highlight=False)
    for value in body["values"]:
        until = value["until"] or "…"
        console.print(f"\n{value['from']} – {until}  (confirmed {value['last_confirmed']})", highlight=False)
        for source in value["sources"]:
            line = f"  [{source['certainty']}] {source['text']} ({source['instrument']}) {source['link']}"
            console.print(line, markup=False, highlight=False)
        console.print(f"  {json.dumps(value['parameters'], ensure_ascii=False)}", markup=False, highlight=False)
