"""`fairline evidence verify | export | checkpoint` (I/O). Mounted by `outreach.__main__`; `app` also works alone."""

import hashlib
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.db.cli import EXIT_CHECK_FAILED, fail, show
from outreach.db.database import open_database
from outreach.errors import FairlineError, InputError
from outreach.ledger import store
from outreach.ledger.archive import read_export, write_export
from outreach.ledger.entry import Entry
from outreach.ledger.export import Signer, export_call, export_log
from outreach.ledger.verify import Report, verify_export

app = typer.Typer(no_args_is_help=True, help="Evidence: check it offline, export it, sign the log.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command("verify")
def verify_command(
    path: Annotated[Path, typer.Argument(help="A ZIP file or folder written by `evidence export`.")],
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="Your own copy of the log's public key.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check an export offline. Example: fairline evidence verify call.zip --public-key auditor-copy.txt.

    Exit code 0: everything holds; 1: something does not, and the first such thing is named.
    """
    try:
        key = None if public_key is None else _read_key(public_key)
        report = verify_export(read_export(path), key)
    except FairlineError as error:
        fail(error)
    if as_json:
        show(report.to_json(), as_json)
    else:
        _tell(report)
    if not report.verified:
        raise typer.Exit(EXIT_CHECK_FAILED)


@app.command("export")
def export_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="The ZIP file to write.")],
    call: Annotated[str | None, typer.Option("--call", help="Identifier of a call.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="The whole log; it holds no personal data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write evidence to a file. Example: fairline evidence export --call CA123 -o call.zip."""
    try:
        if (call is None) != whole:
            raise InputError("input.usage", "give either --call ID or --all")
        settings, clock = _settings()
        with open_database(settings) as database:
            signer = Signer(origin=settings.ledger_origin, key=database.keys.ledger)
            now = clock.now()
            files = export_log(database, signer, now) if call is None else export_call(database, signer, call, now)
            write_export(output, files)
            digest = {"call": call, "digest": hashlib.sha256(output.read_bytes()).hexdigest(), "size": len(files)}
            with database.session() as session:
                store.append(session, Entry(kind="evidence.exported", at=now, data=digest))
    except FairlineError as error:
        fail(error)
    show({"written": str(output), "files": len(files), "bytes": output.stat().st_size}, as_json)


@app.command("checkpoint")
def checkpoint_command(as_json: AsJson = False) -> None:
    """Sign the log as it stands and print the checkpoint. Example: fairline evidence checkpoint."""
    try:
        settings, clock = _settings()
        with open_database(settings) as database, database.session() as session:
            head = store.make_checkpoint(session, settings.ledger_origin, database.keys.ledger, clock.now())
            answer: dict[str, Any] = {"size": head.size, "root": head.root.hex(), "note": head.note}
    except FairlineError as error:
        fail(error)
    if as_json:
        show(answer, as_json)
    else:
        typer.echo(answer["note"], nl=False)


def _settings() -> tuple[Settings, Clock]:
    settings = Settings.from_environment(os.environ)
    return settings, SystemClock(offset=settings.clock_offset)


def _read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("input.public_key", f"{path}: expected a public key as text: name+keyhash+base64") from error


def _tell(report: Report) -> None:
    for step in report.steps:
        typer.echo(f"  ok  {step['step']}. {step['what']}")
    if report.failure is not None:
        typer.echo(f"BROKEN {report.failure.code}: {report.failure.message}")
        return
    typer.echo(f"VERIFIED {report.kind}: {report.origin}, {report.size} entries, root {report.root}")
    if not report.key_trusted:
        typer.echo("note: checked with the key inside the export; use --public-key with a copy of your own", err=True)
    if report.open_attempts:
        typer.echo(f"note: {len(report.open_attempts)} attempts have no outcome yet", err=True)
