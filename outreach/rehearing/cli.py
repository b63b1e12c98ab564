"""`fairline audit-recordings` (I/O): the monitor over a folder of recordings made elsewhere."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from nlp.pipeline import Analyzer
from outreach.clock import SystemClock
from outreach.dialer.rulebooks import loaded
from outreach.errors import InputError
from outreach.rehearing.audit import Auditor, AuditParts
from outreach.rehearing.law import Told, packs_by_name
from outreach.rehearing.metadata import LANGUAGES, SIDES, Allowed, Metadata, beside, read_metadata
from outreach.rehearing.report import ReportView, measured_error, render_report
from outreach.rehearing.run import Progress, Todo, hear_all, plan
from outreach.rehearing.scan import Found, find_files
from outreach.rehearing.store import REPORT, ResultStore, write_whole
from outreach.rehearing.telling import Teller, complain
from scripts.schema import load_library
from speech.engine import COMPUTE_TYPES, UNKNOWN_WORDS
from speech.errors import RecognizerError
from speech.recognizer import Recognizer
from speech.whisper import WhisperRecognizer

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130
OUT = "fairline-audit"
_MOST_JOBS = 4
_EPILOG = "Example: fairline audit-recordings recordings/2026-11 --jurisdiction cn --json"

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The command line, checked as far as it goes without models."""

    folder: Path
    out: Path
    metadata: Path | None
    model: str
    device: str
    compute_type: str
    told: Told
    overlays: Path | None
    report_lang: str
    jobs: int
    as_json: bool
    console: Console = field(default_factory=lambda: Console(stderr=True, soft_wrap=True))


@app.command("audit-recordings", epilog=_EPILOG)
def audit_recordings(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of recordings, searched with its folders.")],
    out: Annotated[
        Path | None, typer.Option(help="Where results go; DIR/fairline-audit without it.", show_default=False)
    ] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(help="CSV or JSON Lines about the recordings; DIR/metadata.csv or .jsonl without it."),
    ] = None,
    model: Annotated[str, typer.Option(help="embedded, a Whisper model name, or a directory.")] = "embedded",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    compute_type: Annotated[str, typer.Option(help=f"{', '.join(COMPUTE_TYPES)}.")] = "default",
    lang: Annotated[str | None, typer.Option(help="zh or en; found out for each recording without it.")] = None,
    left: Annotated[
        str | None, typer.Option(help="agent or debtor on the left (or only) channel; as the file says, else unknown.")
    ] = None,
    right: Annotated[str | None, typer.Option(help="agent or debtor on the right channel.")] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(help="Law of the calls, such as cn or us-reg-f (`fairline policy packs`).")
    ] = None,
    overlays: Annotated[Path | None, typer.Option(help="Folder of overlays to lay over the law.")] = None,
    report_lang: Annotated[str, typer.Option(help="Language the report opens in: zh or en.")] = "en",
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Recordings heard at a time; without it by processors.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a recording, then a summary.")] = False,
) -> None:
    """Transcribe, check and score recordings made elsewhere: one JSON file a call and one HTML report.

    Run the same command again to go on: what is finished is taken over. Exit codes: 0 every file done, 2 some file
    could not be judged (each is named; the others are done), no recording in the folder, or a word that is not known
    (option, model name, device, compute type), 3 weights that are not here or cannot be fetched, or a device or compute
    type that this machine lacks.
    """
    asked = _Asked(
        folder=folder,
        out=out or folder / OUT,
        metadata=metadata,
        model=model,
        device=device,
        compute_type=compute_type,
        told=Told(left=_one_of("--left", left, SIDES), right=_one_of("--right", right, SIDES),
                  language=_one_of("--lang", lang, LANGUAGES), jurisdiction=jurisdiction),
        overlays=overlays,
        report_lang=_one_of("--report-lang", report_lang, LANGUAGES) or "en",
        jobs=jobs or min(_MOST_JOBS, os.cpu_count() or 1),
        as_json=as_json,
    )  # fmt: skip
    if left is not None and left == right:
        raise InputError("input.option", f"--right: found {right}, expected the other side than --left")
    if not asked.folder.is_dir():
        raise InputError("input.folder", f"{asked.folder}: expected a folder with recordings")
    raise typer.Exit(_run(asked))


def _run(asked: _Asked) -> int:
    rulebook = loaded(asked.overlays)
    names = packs_by_name(rulebook)
    law = asked.told.jurisdiction
    if law is not None and law.lower() not in names:
        raise InputError("input.option", f"--jurisdiction: found {law!r}, expected one of {', '.join(names)}")
    told = asked.told if law is None else replace(asked.told, jurisdiction=names[law.lower()])
    library = load_library()
    table = asked.metadata or beside(asked.folder)
    leave_out = frozenset(path.resolve() for path in (asked.out, table) if path is not None)
    files = find_files(asked.folder, leave_out)
    if not files:
        raise InputError(
            "input.no_recordings",
            f"{asked.folder}: no file to hear in this folder or its folders",
            hint="name the folder that holds the recordings; hidden files and earlier results do not count",
        )
    metadata = Metadata()
    if table is not None:
        purposes = tuple(name for name in library.purposes("zh") if name in library.purposes("en"))
        allowed = Allowed(jurisdictions=names, purposes=purposes)
        metadata = read_metadata(table, {found.name for found in files}, allowed)
    parts = AuditParts(
        recognizer=_recognizer(asked),
        analyzer=Analyzer.load(),
        library=library,
        rulebook=rulebook,
        base=told,
        audited_at=SystemClock().now(),
    )
    with closing(ResultStore(asked.out)) as store:
        return _hear(asked, files, metadata, parts, store)


def _hear(asked: _Asked, files: list[Found], metadata: Metadata, parts: AuditParts, store: ResultStore) -> int:
    auditor = Auditor(parts)
    todo = plan(files, metadata, auditor, store)
    teller = Teller(as_json=asked.as_json, console=asked.console)
    teller.began(parts.recognizer, files=len(files), taken_over=sum(1 for item in todo.settled if item.taken_over))
    outcomes = list(todo.settled)
    for outcome in todo.settled:
        teller.told(outcome)
    stopped = False
    with _bar(asked, todo) as progress, closing(hear_all(todo, metadata, auditor, store, progress)) as hearing:
        try:
            for outcome in hearing:
                outcomes.append(outcome)
                teller.told(outcome)
        except KeyboardInterrupt:
            stopped = True
    outcomes.sort(key=lambda outcome: outcome.found.name)
    view = ReportView(
        folder=str(asked.folder),
        made_at=parts.audited_at,
        lang=asked.report_lang,
        results=[dict(outcome.result) for outcome in outcomes if outcome.done],
        errors=[dict(outcome.result) for outcome in outcomes if not outcome.done],
        loose=[problem.to_json() for problem in metadata.loose],
        rulebook=parts.rulebook,
        measured=measured_error(parts.recognizer),
    )
    write_whole(asked.out / REPORT, render_report(view))
    teller.ended(view, store.folder / REPORT, unheard=len(files) - len(outcomes))
    if stopped:
        return INTERRUPTED
    return BAD_INPUT if view.errors or view.loose else DONE


@contextmanager
def _bar(asked: _Asked, todo: Todo) -> Iterator[Progress]:
    """One bar over the sound of all files with the time still to go, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    done: dict[str, float] = {}
    with Bars(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=asked.console, transient=True,
        disable=not asked.console.is_terminal,
    ) as bars:  # fmt: skip
        task = bars.add_task(f"{len(todo.waiting)} recordings", total=todo.secs or 1.0)

        def moved(found: Found, secs: float) -> None:
            done[found.name] = secs
            bars.update(task, completed=sum(list(done.values())))

        yield Progress(jobs=asked.jobs, moved=moved)


def _recognizer(asked: _Asked) -> Recognizer:
    try:
        recognizer = WhisperRecognizer.load(
            asked.model, device=asked.device, compute_type=asked.compute_type, workers=asked.jobs
        )
    except RecognizerError as error:
        if error.code not in UNKNOWN_WORDS:
            raise
        complain(asked.console, error.to_json())  # bad input, under the code that `transcribe` has for it
        raise typer.Exit(BAD_INPUT) from error
    lang, known = asked.told.language, recognizer.capabilities.languages
    if lang is not None and lang not in known:
        raise InputError(
            "input.option", f"--lang: {recognizer.identity.name} does not know {lang}; it knows {', '.join(known)}"
        )
    return recognizer


def _one_of(option: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise InputError("input.option", f"{option}: found {value!r}, expected one of {', '.join(known)}")
    return value
