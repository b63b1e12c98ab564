"""Decisions per second of the policy engine beside Cedar and Rego on the same rules and scenarios, and a batch of many.

Run: python benchmarks/policy_bench.py [--rounds N] [--cases N] [--json]
Input: every scenario of tests/law/*.jsonl of the packs in hand, parsed before the clock starts.

* decisions: the full judgement: every denying rule with the parameters and facts used and its citations.
* rulings: what the gate keeps: also texts in two languages, advice, both digests, the next permitted instant.
* peers (`pip install .[bench]`): cedarpy and regopy with the mainland-China and the United States rules written in
  their languages (benchmarks/policy_peers). All answers must be equal before anything is timed. The peers get clocks
  already read, Cedar also its counts; preparing that is not timed. They answer rule ids only.
* batch: plans `--cases` contacts one by one from a stream: the judgement, and for a denial when it opens.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from policy.evaluate import decide, decide_all, evaluate
from policy.facts import Scenario
from policy.scenario import parse_json, parse_scenario
from policy.schema import load_rulebook

HERE = Path(__file__).resolve().parent
LAW = HERE.parent / "tests" / "law"
PEER_PACKS = ("cn", "us-reg-f")


def load_cases(folder: Path = LAW) -> list[str]:
    """Lines of every law file."""
    return [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]


def measure(work: Callable[[], object], items: int, rounds: int) -> dict[str, float]:
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


def run(rounds: int = 15, cases: int = 100_000) -> dict[str, Any]:
    """All measurements. Raises AssertionError when an answer is not the written one: a wrong engine has no speed."""
    book = load_rulebook()
    lines = load_cases()
    raws = [parse_json(line) for line in lines]
    scenarios = [parse_scenario(raw) for raw in raws]
    for raw, scenario in zip(raws, scenarios, strict=True):
        assert list(decide(scenario, book).rules) == raw["rules"], raw["id"]
    permitted = [scenario for raw, scenario in zip(raws, scenarios, strict=True) if raw["expect"] == "permit"]
    denied = [scenario for raw, scenario in zip(raws, scenarios, strict=True) if raw["expect"] == "deny"]

    def decisions(some: list[Scenario]) -> Callable[[], object]:
        return lambda: [decide(scenario, book) for scenario in some]

    return {
        "bench": "policy",
        "rulebook": book.digest,
        "scenarios": len(scenarios),
        "rounds": rounds,
        "decisions": measure(decisions(scenarios), len(scenarios), rounds),
        "decisions_permit": measure(decisions(permitted), len(permitted), rounds),
        "decisions_deny": measure(decisions(denied), len(denied), rounds),
        "rulings": measure(lambda: [evaluate(scenario, book) for scenario in scenarios], len(scenarios), rounds),
        "parsing": measure(lambda: [parse_scenario(parse_json(line)) for line in lines], len(lines), rounds),
        "peers": peers(raws, scenarios, rounds),
        "batch": batch(scenarios, cases),
    }


def peers(raws: list[dict[str, Any]], scenarios: list[Scenario], rounds: int) -> dict[str, Any]:
    """Ours beside Cedar and Rego, pack by pack; empty where they are not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("cedarpy", "regopy")):
        return {}
    sys.path.insert(0, str(HERE))
    from policy_peers.engines import cedar, rego
    from policy_peers.facts import counted, with_clocks

    book = load_rulebook()
    found: dict[str, Any] = {}
    for pack in sorted({raw["pack"] for raw in raws} & set(PEER_PACKS)):
        chosen = [index for index, raw in enumerate(raws) if raw["pack"] == pack]
        own = [scenarios[index] for index in chosen]
        facts = [with_clocks(raws[index]) for index in chosen]
        works: dict[str, Callable[[], list[list[str]]]] = {
            "ours": lambda own=own: [list(decide(scenario, book).rules) for scenario in own],
            "cedarpy": cedar(pack, [counted(item) for item in facts]),
            "regopy": rego(pack, facts),
        }
        wanted = [raws[index]["rules"] for index in chosen]
        for name, work in works.items():
            assert work() == wanted, f"{name} answers {pack} differently"
        rows = {name: measure(work, len(own), max(3, rounds // 3)) for name, work in works.items()}
        ours = rows["ours"]["median_per_sec"]
        for name in ("cedarpy", "regopy"):
            rows[name]["ours_is_times"] = round(ours / rows[name]["median_per_sec"], 1)
        found[pack] = {"scenarios": len(own), **rows}
    return found


def portfolio(scenarios: list[Scenario], count: int) -> Iterator[Scenario]:
    """`count` different contacts: the law cases in turn, each at another second of its day's later hours."""
    for index in range(count):
        known = scenarios[index % len(scenarios)]
        at = known.attempt.at + timedelta(seconds=index % 3_600)
        yield Scenario(
            pack=known.pack, debtor=known.debtor, attempt=replace(known.attempt, at=at), history=known.history
        )


def batch(scenarios: list[Scenario], count: int) -> dict[str, Any]:
    """Plan a portfolio: seconds of wall time, cases a second, and the most memory this process ever held."""
    book = load_rulebook()
    permitted = waiting = 0
    start = time.perf_counter()
    for judgement in decide_all(portfolio(scenarios, count), book):
        permitted += judgement.permitted
        waiting += not judgement.permitted and judgement.next_permitted_at is not None
    secs = time.perf_counter() - start
    return {
        "cases": count,
        "secs": round(secs, 2),
        "per_sec": round(count / secs, 1),
        "permitted": permitted,
        "open_later": waiting,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main(argv: list[str] | None = None) -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description="Decisions per second of the policy engine.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cases", type=int, default=100_000, help="contacts to plan in the batch")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    result = run(options.rounds, options.cases)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['scenarios']} scenarios, {result['rounds']} rounds, rulebook {result['rulebook'][:19]}…")
    for name in ("decisions", "decisions_permit", "decisions_deny", "rulings", "parsing"):
        _print_row(name, result[name])
    for pack, rows in result["peers"].items():
        print(f"\n{pack}: {rows['scenarios']} scenarios, equal answers")
        for name in ("ours", "cedarpy", "regopy"):
            _print_row(name, rows[name])
    if not result["peers"]:
        print("\npeers not installed: pip install '.[bench]'")
    plan = result["batch"]
    print(
        f"\nbatch: {plan['cases']} contacts planned in {plan['secs']} s ({plan['per_sec']} /s), "
        f"{plan['permitted']} open now, {plan['open_later']} later; peak memory {plan['peak_mib']} MiB"
    )


def _print_row(name: str, row: dict[str, float]) -> None:
    times = f"   ours {row['ours_is_times']} times as fast" if "ours_is_times" in row else ""
    print(
        f"{name:16} median {row['median_per_sec']:>10} /s   p95 {row['p95_per_sec']:>10} /s   "
        f"spread {row['spread']}{times}"
    )


if __name__ == "__main__":
    main()
