"""`fairline scripts` (I/O): suggest the next line, lint the library, approve a line.

Exit codes: 0 done, 1 the lint failed or the line to approve does not pass it, 2 bad input or usage. Answers go to
standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.adapter import parse_request, suggest
from scripts.approve import REVIEWER_ROLES, approvals_yaml, approve, find_line
from scripts.check import Flag, lint
from scripts.errors import ApprovalError, RequestError, ScriptsError
from scripts.problem import Problem, Severity
from scripts.schema import load_library, packaged_library
from scripts.script import Library

FAILED, BAD_INPUT = 1, 2
_SUGGEST_EPILOG = (
    'Example: echo \'{"lang": "zh", "purpose": "collection", "stage": "opening", "mood": "anxious", '
    '"facts": {"institution": "安和服务公司", "agent_name": "小林"}}\' | fairline scripts suggest'
)
_LINT_EPILOG = "Example: fairline scripts lint    or, for a draft:  fairline scripts lint ./my-library --strict"
_APPROVE_EPILOG = "Example: fairline scripts approve 1f0c83a9 --by reviewer-2 --library ./my-library"

LibraryOption = Annotated[Path | None, typer.Option("--library", help="A library folder instead of the packaged one.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


def build_app(flag: Flag) -> typer.Typer:
    """The sub-app, with a detector of prohibited statements: filled text and language to violation labels."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

    @app.callback()
    def scripts() -> None:
        """Approved lines: suggest the next one, lint the library, approve what is new."""

    @app.command("suggest", epilog=_SUGGEST_EPILOG)
    def suggest_command(
        library: LibraryOption = None,
        as_of: Annotated[str | None, typer.Option(help="Day on which approvals must be in force, YYYY-MM-DD.")] = None,
        json_output: Annotated[
            bool, typer.Option("--json", help="The answer is JSON anyway; errors become so too.")
        ] = False,
    ) -> None:
        """Read one request (a JSON object) from standard input and print the next approved lines."""
        with _Complaints(json_output):
            book = load_library(_folder(library))
            result = suggest(parse_request(_read_object(sys.stdin.read()), book), book, as_of=_day(as_of, "--as-of"))
            _print_json(result.to_json())

    @app.command("lint", epilog=_LINT_EPILOG)
    def lint_command(
        folder: Annotated[Path | None, typer.Argument(help="A library folder; the packaged one if absent.")] = None,
        strict: Annotated[bool, typer.Option(help="Notes fail too: every line must be approved.")] = False,
        json_output: JsonOption = False,
    ) -> None:
        """Check every line and every path of a library."""
        with _Complaints(json_output):
            book = load_library(_folder(folder))
            problems = _lint_with_progress(book, flag)
            failed = any(strict or problem.severity is Severity.ERROR for problem in problems)
            _print_lint(book, problems, failed=failed, json_output=json_output)
        if failed:
            raise typer.Exit(FAILED)

    @app.command("approve", epilog=_APPROVE_EPILOG)
    def approve_command(
        digests: Annotated[list[str], typer.Argument(help="Digests of lines; eight hex digits of each are enough.")],
        by: Annotated[str, typer.Option(help="Who approves. Not the maker of the script.")],
        role: Annotated[str, typer.Option(help="One of: " + ", ".join(REVIEWER_ROLES))] = REVIEWER_ROLES[0],
        effective: Annotated[str | None, typer.Option(help="First day of use, YYYY-MM-DD; today if absent.")] = None,
        library: LibraryOption = None,
        json_output: JsonOption = False,
    ) -> None:
        """Approve exactly these words; the approval is written to the library's approvals.yaml."""
        with _Complaints(json_output):
            folder = _folder(library) or packaged_library()
            book = load_library(folder)
            problems = _lint_with_progress(book, flag)
            approvals = dict(book.approvals)
            for digest in digests:
                _refuse_unclean(find_line(book, digest)[1], problems)
                given = approve(book, digest, by=by, role=role, on=_today(), effective=_day(effective, "--effective"))
                approvals[given.digest] = given
                shown = {
                    "digest": given.digest,
                    "line": given.line,
                    "by": given.by,
                    "effective": given.effective.isoformat(),
                }
                _print_json(shown) if json_output else typer.echo(f"approved {given.line}  {given.digest}")
            _write_approvals(folder, approvals_yaml(approvals))

    return app


class _Complaints:
    """Turns the errors of this package into words on standard error and an exit code; no traceback reaches a person."""

    def __init__(self, json_output: bool) -> None:
        self._json = json_output

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, ScriptsError):
            return
        if self._json:
            _print_json({"error": error.to_json()})
        hint = f"  ({error.hint})" if error.hint else ""
        Console(stderr=True, soft_wrap=True).print(
            f"[bold red]error[/] {error.code}: {escape(error.message)}{escape(hint)}"
        )
        raise typer.Exit(FAILED if error.code == "approval.lint" else BAD_INPUT) from error


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise RequestError(
            "request.no_folder", f"{path}: no such folder; expected a library with flow.yaml", field="DIR"
        )
    return path


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise RequestError("request.bad_date", f"{name}: found '{text}'; expected YYYY-MM-DD", field=name) from error


def _today() -> date:
    return datetime.now().astimezone().date()


def _read_object(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"standard input:{error.lineno}: column {error.colno}"
        raise RequestError("request.not_json", f"{place}: {error.msg}; expected one JSON object") from error


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _lint_with_progress(book: Library, flag: Flag) -> list[Problem]:
    console = Console(stderr=True)
    with console.status(f"reading {len(book.lines)} lines"):
        return lint(book, flag)


def _print_lint(book: Library, problems: list[Problem], *, failed: bool, json_output: bool) -> None:
    approved = sum(book.is_approved(line) for line in book.lines.values())
    if json_output:
        found = [problem.to_json() for problem in problems]
        _print_json(
            {
                "ok": not failed,
                "library": book.digest,
                "lines": len(book.lines),
                "approved": approved,
                "problems": found,
            }
        )
        return
    console = Console()
    if problems:
        table = Table("place", "problem", "found", "expected", box=None)
        for problem in problems:
            place = f"{problem.file}:{problem.line}\n{problem.where}"
            table.add_row(*(escape(cell) for cell in (place, problem.code, problem.found, problem.expected)))
        console.print(table)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    summary = f"{len(book.lines)} lines, {approved} approved, {errors} errors, {len(problems) - errors} notes"
    console.print(f"{summary}\n{book.digest}", soft_wrap=True)


def _refuse_unclean(where: str, problems: list[Problem]) -> None:
    bad = [problem for problem in problems if problem.where == where and problem.severity is Severity.ERROR]
    if bad:
        told = "; ".join(f"{problem.code}: {problem.found}" for problem in bad)
        raise ApprovalError("approval.lint", f"{where} does not pass the lint: {told}", field="digest")


def _write_approvals(folder: Traversable, content: str) -> None:
    """Replace the file in one step. A packaged library inside an archive cannot be written to."""
    if not isinstance(folder, Path):
        hint = "copy the library to a folder of your own and name it with --library"
        raise ApprovalError("approval.read_only", "this library is packed and cannot be written to", hint=hint)
    draft = folder / ".approvals.yaml.new"
    try:
        draft.write_text(content, encoding="utf-8")
        draft.replace(folder / "approvals.yaml")
    except OSError as error:
        hint = "copy the library to a folder of your own and name it with --library"
        raise ApprovalError("approval.read_only", f"{folder}: {error.strerror}", hint=hint) from error
