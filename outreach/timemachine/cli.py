"""`fairline policy replay` and `fairline campaign preflight` (I/O). Mounted by `outreach.__main__`.

Exit codes: 0 done (a change under a draft is an answer, not a failure), 1 an alarm, 2 bad input, 3 not available.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.db.cli import EXIT_CHECK_FAILED, fail
from outreach.db.database import open_database
from outreach.dialer.facts import rfc3339
from outreach.errors import EvidenceError, FairlineError, InputError
from outreach.timemachine import show
from outreach.timemachine.options import not_past, one_of, period
from outreach.timemachine.preflight import Forecast, Plan, Totals
from outreach.timemachine.preflight import preflight as look_ahead
from outreach.timemachine.replay import Advance, Outcome, Summary, Wish, record_alarms
from outreach.timemachine.replay import replay as decide_again
from policy.book import Rulebook
from policy.cli import app as policy_rooms_own
from policy.errors import PolicyError
from policy.schema import house_rules, load_rulebook

CHANNELS, LANGUAGES, VOICES = ("voice", "sms"), ("en", "zh"), ("human", "artificial")
PURPOSES = ("collection", "reminder", "requested_callback", "location_information")
OVERLAYS = "overlays"

policy_app = typer.Typer(name="policy", help=policy_rooms_own.info.help, no_args_is_help=True, add_completion=False)
policy_app.registered_commands = list(policy_rooms_own.registered_commands)
campaign_app = typer.Typer(name="campaign", no_args_is_help=True, add_completion=False, help="Before anybody dials.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines on standard output, the summary last.")]
Lang = Annotated[str, typer.Option("--lang", help="Language of messages: en or zh.")]
Draft = Annotated[
    Path | None,
    typer.Option("--draft", metavar="DIR", help="Folder of rulebook files to ask instead of those in force."),
]


@policy_app.command()
def replay(
    since: Annotated[str, typer.Option("--since", help="First day (UTC) or instant, RFC 3339.")],
    until: Annotated[str | None, typer.Option("--until", help="First day or instant no longer replayed.")] = None,
    draft: Draft = None,
    known: Annotated[
        str, typer.Option("--known", help="then, or now: with what is known today of that time.")
    ] = "then",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Decide recorded attempts again: as of then, under a draft, or with hindsight.

    Every attempt is checked first: same facts, same rulebook, same answer, or an alarm, also written to the evidence
    log. Exit code 0: no alarm, whatever a draft would change; 1: alarms.

    Example: fairline policy replay --since 2026-11-01 --draft drafts/two-calls-a-day
    """
    try:
        lang = one_of("--lang", lang, LANGUAGES)
        hindsight = one_of("--known", known, ("then", "now")) == "now"
        settings, clock = _settings()
        span = period(since, until)
        book = None if draft is None else _rulebook(settings, draft)
        with open_database(settings) as database:
            wish, counts, kept = Wish(span=span, draft=book, hindsight=hindsight), Summary(), list[Outcome]()
            with _bar("replaying") as advance:
                for outcome in decide_again(database, wish, advance):
                    counts.add(outcome)
                    quiet = outcome.status in {"same", "not_decided"}
                    if as_json and not quiet:
                        _print_line({**outcome.to_json(lang), "known": known})
                    if outcome.alarms or not (as_json or quiet):
                        kept.append(outcome)
            alarms = record_alarms(database, kept, clock.now())
    except (FairlineError, PolicyError) as error:
        _refuse(error)
    if as_json:
        head = {"known": known, "draft": None if book is None else book.digest, "draft_folder": _folder(draft)}
        ends = None if span.until is None else rfc3339(span.until)
        _print_line({"summary": {**counts.to_json(), **head, "since": rfc3339(span.since), "until": ends}})
    else:
        console = Console()
        asked = show.period_asked(span, known, draft, book)
        show.outcomes(console, kept, lang, asked)
        show.summary(console, counts, lang, asked)
    if alarms:
        raise typer.Exit(EXIT_CHECK_FAILED)


@campaign_app.callback()
def _campaign() -> None:
    """Before anybody dials."""


@campaign_app.command()
def preflight(
    at: Annotated[str | None, typer.Option("--at", help="Instant, RFC 3339; default: now.")] = None,
    channel: Annotated[str, typer.Option("--channel", help="voice or sms.")] = "voice",
    purpose: Annotated[str, typer.Option("--purpose", help="As a planned contact names it.")] = "collection",
    voice: Annotated[str, typer.Option("--voice", help="human or artificial.")] = "human",
    case: Annotated[list[int] | None, typer.Option("--case", help="Only this case; may be given again.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every case not settled or closed (the default).")] = False,
    draft: Draft = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Say who would be contacted, who would be skipped and why, and when they may be reached. Nothing is written.

    Example: fairline campaign preflight --at 2026-11-24T09:00:00+08:00 --channel voice
    """
    try:
        lang = one_of("--lang", lang, LANGUAGES)
        if case and every:
            raise InputError("input.usage", "give either --case or --all")
        settings, clock = _settings()
        plan = Plan(
            at=not_past(at, clock.now()),
            channel=one_of("--channel", channel, CHANNELS),
            purpose=one_of("--purpose", purpose, PURPOSES),
            voice=one_of("--voice", voice, VOICES),
            cases=tuple(case or ()),
        )
        book = _rulebook(settings, draft)
        counts, skipped = Totals(), list[Forecast]()
        with open_database(settings) as database, _bar("looking ahead") as advance:
            for forecast in look_ahead(database, book, plan, advance):
                counts.add(forecast)
                if as_json:
                    _print_line(forecast.to_json(lang))
                elif forecast.decision != "permit":
                    skipped.append(forecast)
    except (FairlineError, PolicyError) as error:
        _refuse(error)
    if as_json:
        asked = {"at": rfc3339(plan.at), "channel": plan.channel, "purpose": plan.purpose, "voice": plan.voice}
        under = {"rulebook": book.digest, "draft": _folder(draft)}
        _print_line({"summary": {**counts.to_json(lang), **under, **asked}})
        return
    console = Console()
    show.plan_asked(console, plan, draft, book)
    show.forecasts(console, skipped, lang, book)
    show.totals(console, counts, lang)


def _rulebook(settings: Settings, draft: Path | None) -> Rulebook:
    """The rulebook in force, or the draft's law under the same overlays; a draft with overlays of its own is whole.

    Raises RulebookError naming file and line.
    """
    if draft is not None and (draft / OVERLAYS).is_dir():
        return load_rulebook(draft)
    own = [] if settings.overlays is None else [settings.overlays]
    return load_rulebook(draft, overlays=[house_rules(), *own])


def _folder(draft: Path | None) -> str | None:
    return None if draft is None else str(draft)


def _settings() -> tuple[Settings, Clock]:
    settings = Settings.from_environment(os.environ)
    return settings, SystemClock(offset=settings.clock_offset)


@contextmanager
def _bar(what: str) -> Iterator[Advance]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print_line(line: dict[str, Any]) -> None:
    typer.echo(json.dumps(line, ensure_ascii=False))


def _refuse(error: FairlineError | PolicyError) -> NoReturn:
    known = error if isinstance(error, FairlineError) else FairlineError(error.code, error.message)
    fail(known, EXIT_CHECK_FAILED if isinstance(error, EvidenceError) else None)
