"""Rulings per CPU second of the policy engine on the law cases: median, p95 and spread of repeated rounds.

Run: python benchmarks/policy_bench.py [--rounds N] [--json]
Input: every scenario of tests/law/*.jsonl, parsed before the clock starts. A ruling is complete: all denying rules with
messages and citations, both digests, the next permitted instant. `verdicts`: the bare yes or no of the same scenarios.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from policy.evaluate import evaluate, is_denied
from policy.scenario import parse_json, parse_scenario
from policy.schema import load_rulebook

LAW = Path(__file__).resolve().parent.parent / "tests" / "law"


def load_cases(folder: Path = LAW) -> list[str]:
    """Lines of every law file."""
    return [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]


def measure(work: Callable[[], None], items: int, rounds: int) -> dict[str, float]:
    """Items per CPU second (one thread, no waiting) over `rounds` rounds after one warm-up."""
    work()
    rates = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        rates.append(items / (time.process_time() - start))
    rates.sort()
    return {
        "median_per_sec": round(statistics.median(rates), 1),
        "p95_per_sec": round(rates[max(0, round(0.05 * (len(rates) - 1)))], 1),
        "spread": round((rates[-1] - rates[0]) / statistics.median(rates), 3),
    }


def run(rounds: int = 15) -> dict[str, Any]:
    """All measurements. Raises AssertionError when an answer is not the written one: a wrong engine has no speed."""
    book = load_rulebook()
    lines = load_cases()
    raws = [parse_json(line) for line in lines]
    scenarios = [parse_scenario(raw) for raw in raws]
    for raw, scenario in zip(raws, scenarios, strict=True):
        assert list(evaluate(scenario, book).rules) == raw["rules"], raw["id"]
    permitted = [scenario for raw, scenario in zip(raws, scenarios, strict=True) if raw["expect"] == "permit"]
    denied = [scenario for raw, scenario in zip(raws, scenarios, strict=True) if raw["expect"] == "deny"]

    def rule(some: list[Any]) -> Callable[[], None]:
        return lambda: [evaluate(scenario, book) for scenario in some] and None

    def verdicts() -> None:
        for scenario in scenarios:
            is_denied(scenario, book.packs[scenario.pack], scenario.attempt.at)

    def parse() -> None:
        for line in lines:
            parse_scenario(parse_json(line))

    return {
        "bench": "policy",
        "rulebook": book.digest,
        "scenarios": len(scenarios),
        "rounds": rounds,
        "rulings": measure(rule(scenarios), len(scenarios), rounds),
        "rulings_permit": measure(rule(permitted), len(permitted), rounds),
        "rulings_deny": measure(rule(denied), len(denied), rounds),
        "verdicts": measure(verdicts, len(scenarios), rounds),
        "parsing": measure(parse, len(lines), rounds),
    }


def main(argv: list[str] | None = None) -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description="Rulings per second of the policy engine.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    result = run(options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['scenarios']} scenarios, {result['rounds']} rounds, rulebook {result['rulebook'][:19]}…")
    for name in ("rulings", "rulings_permit", "rulings_deny", "verdicts", "parsing"):
        row = result[name]
        median, p95 = row["median_per_sec"], row["p95_per_sec"]
        print(f"{name:16} median {median:>10} /s   p95 {p95:>10} /s   spread {row['spread']}")


if __name__ == "__main__":
    main()
