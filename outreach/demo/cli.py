"""`fairline demo` (I/O): what a newcomer runs first."""

import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from outreach.demo import run, stage

app = typer.Typer(add_completion=False)
console = Console(stderr=True)
recorded = Console(stderr=True, record=True, width=118)
"""What is said on it can be kept as a picture; log-ins never are."""


@app.command()
def demo(
    calls: Annotated[
        int, typer.Option(min=1, max=len(stage.PERSONS), help="Conversations, beside a voicemail and a busy line.")
    ] = 8,
    seed: Annotated[int, typer.Option(help="Same seed, same voices and noise.")] = 1,
    headless: Annotated[bool, typer.Option("--headless", help="Make the calls, report, exit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object on standard output.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Keep the report as an SVG picture.")] = None,
    folder: Annotated[Path, typer.Option("--var", help="Where the demo keeps its data; emptied first.")] = Path(
        "var/demo"
    ),
) -> None:
    """The whole system on this machine: real telephone audio over the carrier's protocol, recognised for real.

    Refuses the calls it must not make, makes the others at the same time, and proves afterwards what happened.

    Example:  fairline demo --headless --json --calls 8 --seed 1
    """
    signal.signal(signal.SIGTERM, _interrupt)
    wishes = run.Wishes(calls=calls, seed=seed, folder=folder.absolute())
    try:
        with run.running(wishes, _tell) as system:
            _welcome(system)
            if not headless and sys.stdin.isatty():
                console.input("\nOpen the page, log in as supervisor, then press Enter here: the calls begin. ")
            with Live(console=console, refresh_per_second=4, transient=as_json) as live:
                summary = run.make_calls(system, lambda states: live.update(_board(states)))
            if as_json:
                sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            _report(summary, system)
            if picture is not None:
                recorded.save_svg(str(picture), title="fairline demo")
            if not headless:
                _stay(system)
    except KeyboardInterrupt:
        console.print("ended; nothing is left running")
        raise typer.Exit(130 if headless else 0) from None
    if not summary["evidence"]["verified"]:
        raise typer.Exit(1)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _tell(what: str) -> None:
    console.print(f"[dim]· {what}[/]")


def _welcome(system: run.Running) -> None:
    at = stage.STARTS_AT.strftime("%Y-%m-%d %H:%M %z")
    console.print(f"\n[bold]Fairline 演示 · demo[/]   the demo's clock starts at {at}, a Wednesday morning in Shanghai")
    console.print(f"[bold]{system.url}/live[/]   calls while they run: transcript, mood, alerts, suggested line")
    table = Table(title="log-ins (made for this run)", title_justify="left")
    table.add_column("name")
    table.add_column("password")
    for login in system.scene.logins:
        table.add_row(login.login, login.password)
    console.print(table)


def _board(states: Mapping[str, str]) -> Table:
    table = Table(title="contacts", title_justify="left")
    table.add_column("case")
    table.add_column("state")
    for case, state in sorted(states.items()):
        style = "red" if state.startswith("refused") else "green" if state.startswith("ended") else "yellow"
        table.add_row(case, f"[{style}]{state}[/]")
    return table


def _report(summary: Mapping[str, Any], system: run.Running) -> None:
    table = Table(title="calls", title_justify="left")
    for column in ("case", "outcome", "secs", "heard", "moods", "alert after", "flagged"):
        table.add_column(column)
    for call in summary["calls"]:
        heard = [*call["facts_heard"], *(f"promise {item['amount']} {item['date']}" for item in call["promises"])]
        violations = {found["label"] for found in call["findings"] if found["category"] == "violation"}
        latency = call["alert_latency_ms"]
        table.add_row(
            call["case"],
            call["outcome"] or "",
            f"{call['duration_secs'] or 0:.0f}",
            ", ".join([*heard, *sorted(violations)]),
            " → ".join(call["moods"]),
            f"{latency} ms" if latency is not None else "",
            "[red]yes[/]" if call["flagged"] else "",
        )
    recorded.print(table)
    table = Table(title="refused", title_justify="left")
    for column in ("case", "rule", "citation", "permitted again"):
        table.add_column(column)
    for refusal in summary["refused"]:
        for reason in refusal["reasons"]:
            again = refusal["next_permitted_at"] or "not by waiting"
            table.add_row(refusal["case"], reason["rule"], str(reason["citation"]), again)
    recorded.print(table)
    evidence = summary["evidence"]
    verdict = "[green]verified[/]" if evidence["verified"] else "[red]does not hold[/]"
    export = system.wishes.folder / "evidence.zip"
    recorded.print(f"evidence: {evidence['size']} entries, root {evidence['root'][:16]}…, {verdict}")
    recorded.print(f"check it yourself:  fairline evidence verify {export}")


def _stay(system: run.Running) -> None:
    console.print(f"\nThe calls are over; the pages stay at {system.url}. Ctrl-C ends the demo.")
    while True:
        system.children.revive()
        time.sleep(1)
