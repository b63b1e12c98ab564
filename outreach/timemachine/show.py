"""Outcomes and forecasts as a person reads them in a terminal (I/O: prints)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from outreach.dialer.facts import address_label, rfc3339
from outreach.dialer.verdict import UNDECIDABLE
from outreach.timemachine.preflight import Forecast, Plan, Totals
from outreach.timemachine.reading import Span
from outreach.timemachine.replay import Answer, Outcome, Summary, told
from outreach.timemachine.texts import NO_LAW, NOT_OPENING, STATUS
from policy.book import Rulebook

SHOWN = 200
"""Rows of a table at most; `--json` has them all."""

INSTANT = len("2026-11-24T08:00:00+08:00")
CANNOT_TELL, NO_PACK = "-cannot-tell", "none-"
"""How rule ids of doubts end, and how `outreach.dialer.facts.packs_for` names the law of a country without a pack."""

HOURS = frozenset({"closed_in", "windows"})
"""Facts that a reason gives when only the hour is against the contact."""

SHORT = len("sha256:") + 16
"""Characters of a rulebook's digest as people compare it."""


def period_asked(span: Span, known: str, draft: Path | None, book: Rulebook | None) -> str:
    """What was asked of the replay. Without a draft each attempt is asked of the rulebook that decided it."""
    until = "until now" if span.until is None else f"until {_local(span.until)}"
    under = "under the rulebook that decided" if book is None else f"under {_under(draft, book)}"
    hindsight = "; with what is known today of that time (hindsight)" if known == "now" else ""
    return f"from {_local(span.since)} {until}; {under}{hindsight}"


def plan_asked(console: Console, plan: Plan, draft: Path | None, book: Rulebook) -> None:
    """One line: what was asked of the preflight."""
    what = f"channel {plan.channel}, purpose {plan.purpose}, voice {plan.voice}"
    _line(console, f"at {_local(plan.at)}; {what}; {_under(draft, book)}")


def outcomes(console: Console, found: Iterable[Outcome], lang: str, asked: str) -> None:
    """What was asked, then every attempt that does not simply have the same answer, with its reasons."""
    _line(console, f"attempts {asked}")
    table = Table(show_lines=True)
    for heading in ("attempt", "case", "at", "", "before -> after", "why"):
        table.add_column(heading, overflow="fold")
    rows = list(found)
    for outcome in rows[:SHOWN]:
        change = ""
        if outcome.before is not None and outcome.after is not None:
            change = f"{_answer(outcome.before)} -> {_answer(outcome.after)}"
        cells = (outcome.attempt, outcome.case_id or "", _at(outcome.at), STATUS[outcome.status][lang], change)
        table.add_row(*(str(cell) for cell in cells), _why(outcome, lang))
    if rows:
        console.print(table, markup=False)
    _rest(console, len(rows))


def summary(console: Console, counts: Summary, lang: str, asked: str) -> None:
    """How many attempts came to what, and what each rule would do."""
    total = sum(counts.counts.values())
    noun = "attempt" if total == 1 else "attempts"
    parts = [f"{number} {STATUS[status][lang]}" for status, number in sorted(counts.counts.items())]
    _line(console, f"{total} {noun}: " + ("; ".join(parts) or f"none {asked}"))
    for rule in sorted({*counts.added, *counts.removed}):
        line = f"  {rule}: would deny {counts.added[rule]} more, {counts.removed[rule]} fewer"
        _line(console, line)


def forecasts(console: Console, found: Iterable[Forecast], lang: str, book: Rulebook) -> None:
    """Every case and number that would be skipped, with its reasons; `opens` in the person's own time."""
    table = Table(show_lines=True)
    for heading in ("case", "address", "decision", "opens", "why"):
        table.add_column(heading, overflow="fold", min_width=INSTANT if heading == "opens" else None)
    rows = list(found)
    for forecast in rows[:SHOWN]:
        point = "" if forecast.point is None else address_label(forecast.point)
        cells = (forecast.case_id, point, forecast.decision, _opens(forecast, lang))
        why = (_no_pack(item, lang, book) or _reason(item, lang) for item in forecast.reasons)
        table.add_row(*(str(cell) for cell in cells), "\n".join(why))
    if rows:
        console.print(table, markup=False)
    _rest(console, len(rows))


def totals(console: Console, counts: Totals, lang: str) -> None:
    """Cases and numbers by answer, then by rule with its citation."""
    body = counts.to_json(lang)
    noun = "case" if body["cases"] == 1 else "cases"
    line = f"{body['cases']} {noun}: {body['reachable']} reachable, {body['skipped']} skipped"
    _line(console, line)
    for rule in body["rules"]:
        line = f"  {rule['rule']}: {rule['addresses']} addresses  [{rule['citation']}]"
        _line(console, line)


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _under(draft: Path | None, book: Rulebook) -> str:
    digest = f"{book.digest[:SHORT]}…"
    return f"rulebook {digest}" if draft is None else f"draft {draft} ({digest})"


def _local(instant: datetime) -> str:
    """With the offset it came with."""
    return instant.isoformat(timespec="seconds")


def _rest(console: Console, rows: int) -> None:
    if rows > SHOWN:
        console.print(f"… and {rows - SHOWN} more; --json has them all", markup=False)


def _answer(answer: Answer) -> str:
    return " ".join((answer.decision, *answer.rules))


def _at(instant: datetime | None) -> str:
    return "" if instant is None else rfc3339(instant)


def _opens(forecast: Forecast, lang: str) -> str:
    """The instant in the person's own time, or why there is none, as far as the reasons recorded tell."""
    if forecast.next_permitted_at is not None:
        return _local(forecast.next_permitted_at)
    if any(rule in UNDECIDABLE or rule.endswith(CANNOT_TELL) for rule in forecast.rules):
        return NOT_OPENING["cannot_tell"][lang]
    hours = forecast.reasons and all(HOURS & set(reason.get("facts", {})) for reason in forecast.reasons)
    return NOT_OPENING["no_hour" if hours else "fact"][lang]


def _no_pack(reason: Mapping[str, Any], lang: str, book: Rulebook) -> str | None:
    """The refusal for a country without a pack, with the country instead of the name it was looked up under."""
    facts = reason.get("facts", {})
    pack = str(facts.get("pack", ""))
    if facts.get("why") != "unknown_pack" or not pack.startswith(NO_PACK):
        return None
    country, loaded = pack.removeprefix(NO_PACK).upper(), ", ".join(sorted(book.packs))
    said = NO_LAW[lang].format(country=country, loaded=loaded)
    return f"{reason['rule']}: {said} [{told(reason, lang)['citation']}]"


def _why(outcome: Outcome, lang: str) -> str:
    lines = [f"{alarm.code}: {alarm.message(lang)}" for alarm in outcome.alarms]
    lines += [f"+ {_reason(reason, lang)}" for reason in outcome.added]
    lines += [f"- {_reason(reason, lang)}" for reason in outcome.removed]
    opens = [_at(answer.next_permitted_at) or "never" for answer in (outcome.before, outcome.after) if answer]
    if len(opens) == 2 and opens[0] != opens[1]:
        lines.append(f"opens {opens[0]} -> {opens[1]}")
    return "\n".join(lines)


def _reason(reason: Mapping[str, Any], lang: str) -> str:
    said = told(reason, lang)
    return f"{said['rule']}: {said['message']} [{said['citation']}]"
