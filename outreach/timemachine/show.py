"""Outcomes and forecasts as a person reads them in a terminal (I/O: prints)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from outreach.dialer.facts import address_label, rfc3339
from outreach.timemachine.preflight import Forecast, Totals
from outreach.timemachine.replay import Answer, Outcome, Summary, told
from outreach.timemachine.texts import STATUS

SHOWN = 200
"""Rows of a table at most; `--json` has them all."""


def outcomes(console: Console, found: Iterable[Outcome], lang: str) -> None:
    """Every attempt that does not simply have the same answer, with its reasons."""
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


def summary(console: Console, counts: Summary, lang: str, known: str = "then") -> None:
    """How many attempts came to what, and what each rule would do."""
    total = sum(counts.counts.values())
    noun = "attempt" if total == 1 else "attempts"
    if known == "now":
        console.print("with what is known today of that time (hindsight):", highlight=False)
    parts = [f"{number} {STATUS[status][lang]}" for status, number in sorted(counts.counts.items())]
    console.print(f"{total} {noun}: " + ("; ".join(parts) or "none"), markup=False, highlight=False, soft_wrap=True)
    for rule in sorted({*counts.added, *counts.removed}):
        line = f"  {rule}: would deny {counts.added[rule]} more, {counts.removed[rule]} fewer"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def forecasts(console: Console, found: Iterable[Forecast], lang: str) -> None:
    """Every case and number that would be skipped, with its reasons."""
    table = Table(show_lines=True)
    for heading in ("case", "address", "decision", "opens", "why"):
        table.add_column(heading, overflow="fold")
    rows = list(found)
    for forecast in rows[:SHOWN]:
        point = "" if forecast.point is None else address_label(forecast.point)
        cells = (forecast.case_id, point, forecast.decision, _at(forecast.next_permitted_at))
        table.add_row(*(str(cell) for cell in cells), "\n".join(_reason(item, lang) for item in forecast.reasons))
    if rows:
        console.print(table, markup=False)
    _rest(console, len(rows))


def totals(console: Console, counts: Totals, lang: str) -> None:
    """Cases and numbers by answer, then by rule with its citation."""
    body = counts.to_json(lang)
    noun = "case" if body["cases"] == 1 else "cases"
    line = f"{body['cases']} {noun}: {body['reachable']} reachable, {body['skipped']} skipped"
    console.print(line, markup=False, highlight=False, soft_wrap=True)
    for rule in body["rules"]:
        line = f"  {rule['rule']}: {rule['addresses']} addresses  [{rule['citation']}]"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _rest(console: Console, rows: int) -> None:
    if rows > SHOWN:
        console.print(f"… and {rows - SHOWN} more; --json has them all", markup=False)


def _answer(answer: Answer) -> str:
    return " ".join((answer.decision, *answer.rules))


def _at(instant: datetime | None) -> str:
    return "" if instant is None else rfc3339(instant)


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
