"""`next_permitted_at` by brute force: `python -m tests.naive.next_permitted --count 50` (I/O).

Every refused random scenario is asked again at every minute of the forty days that follow. No minute before the
answer may be permitted, the answer itself must be, and the second before it must not; where there is no answer, or
one later than forty days, every minute must be refused. Exit status: 0 when all answers hold, 1 when one does not.
"""

import argparse
import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import Progress

from policy.evaluate import decide, is_denied
from policy.facts import Scenario
from policy.scenario import parse_scenario
from policy.schema import load_rulebook
from tests.naive.packs import READERS
from tests.naive.scenarios import random_scenario

DAYS = 40
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one scenario showed: `minutes` asked, the `answer`, and the `fault` if the answer does not hold."""

    index: int
    minutes: int
    answer: datetime | None
    fault: str | None


def check(pack: str, seed: int, index: int) -> Outcome | None:
    """Ask every minute after one refused scenario; None where it is permitted at once or cannot be told."""
    scenario = parse_scenario(random_scenario(pack, seed, index))
    judgement = decide(scenario, load_rulebook())
    if judgement.permitted or judgement.doubts or judgement.pack is None:
        return None
    answer, start = judgement.next_permitted_at, scenario.attempt.at
    end = start + timedelta(days=DAYS)
    last = end if answer is None or answer > end else answer
    fault, minutes = None, 0
    moment = start
    while moment < last and fault is None:
        minutes += 1
        if not is_denied(scenario, judgement.pack, moment):
            fault = f"permitted at {moment.isoformat()}, answered {answer and answer.isoformat()}"
        moment += MINUTE
    if fault is None and answer is not None and answer <= end:
        fault = _at_the_answer(scenario, pack, answer)
    return Outcome(index=index, minutes=minutes, answer=answer, fault=fault)


def _at_the_answer(scenario: Scenario, pack: str, answer: datetime) -> str | None:
    """The answer is permitted by the full engine, and it is the first second that is."""
    law = load_rulebook().packs[pack]
    if is_denied(scenario, law, answer):
        return f"answered {answer.isoformat()}, which is refused"
    before = answer - SECOND
    if before >= scenario.attempt.at and not is_denied(scenario, law, before):
        return f"answered {answer.isoformat()}, a second earlier is permitted too"
    moved = replace(scenario, attempt=replace(scenario.attempt, at=answer.astimezone(UTC)))
    return None if decide(moved, load_rulebook()).permitted else f"asked at {answer.isoformat()} it is not permitted"


def main(argv: list[str] | None = None) -> int:
    """Check `--count` refused scenarios of each pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50, help="refused scenarios of each pack")
    parser.add_argument("--pack", choices=sorted(READERS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    console, faults, report = Console(stderr=True), [], {}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for pack in options.pack or READERS:
            task = progress.add_task(pack, total=options.count)
            found: list[Outcome] = []
            index = 0
            while len(found) < options.count:
                outcome = check(pack, options.seed, index)
                index += 1
                if outcome is not None:
                    found.append(outcome)
                    progress.advance(task)
            faults += [(pack, outcome.index, outcome.fault) for outcome in found if outcome.fault]
            report[pack] = {
                "refused": len(found),
                "opening_later": sum(outcome.answer is not None for outcome in found),
                "minutes_asked": sum(outcome.minutes for outcome in found),
                "faults": [[outcome.index, outcome.fault] for outcome in found if outcome.fault],
            }
    if options.json:
        console_out = json.dumps({"seed": options.seed, "days": DAYS, "packs": report})
        sys.stdout.write(console_out + "\n")
    else:
        for pack, row in report.items():
            counts = f"{row['refused']} refused, {row['opening_later']} opening later, {row['minutes_asked']} minutes"
            sys.stdout.write(f"{pack}: {counts} asked, {len(row['faults'])} faults\n")
            for at, fault in row["faults"]:
                sys.stdout.write(f"  scenario {at}: {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
