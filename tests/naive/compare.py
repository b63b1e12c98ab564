"""Compare the product with the naive reading on random scenarios: `python -m tests.naive.compare --pack cn` (I/O).

The only file here that may use the product, and of it only the public entry: parse a scenario, load the rulebook,
evaluate. A difference is a slip on one side; it is settled against the text of the law, never by majority.
Exit status: 0 when both sides agree on everything, 1 when they do not.
"""

import argparse
import copy
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import Progress

from policy.errors import ScenarioError
from policy.evaluate import evaluate
from policy.scenario import parse_scenario
from policy.schema import load_rulebook
from tests.naive.common import Scenario
from tests.naive.open_questions import OPEN_QUESTIONS
from tests.naive.packs import READERS
from tests.naive.scenarios import random_question

BEYOND_THE_PAGE: dict[str, frozenset[str]] = {
    # The page stops minors without giving the stop a rule id ("no regulated credit to under-18s, stop").
    "uk-conc7": frozenset({"uk-no-minors"}),
    # The same ("no valid contract, stop"). Of a stay by an insolvency court, and of a hold where mental capacity may be
    # lacking, the page does not speak.
    "in-rbi": frozenset({"in-no-minors", "in-insolvency-stay", "in-capacity-hold"}),
}
"""Rules of the product that no page names: stricter additions, left out of the comparison on both sides."""

CHUNK = 500
Pair = tuple[tuple[str, ...], tuple[str, ...]]
"""Rule ids that only the naive reading has, and those that only the product has."""


@dataclass
class Tally:
    """What a run of the comparison found."""

    scenarios: int = 0
    permits: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    differences: Counter[Pair] = field(default_factory=Counter)
    examples: dict[Pair, list[int]] = field(default_factory=dict)

    def add(self, other: "Tally", keep: int) -> None:
        """Take in another tally, keeping at most `keep` examples of each kind of difference."""
        self.scenarios += other.scenarios
        self.permits += other.permits
        self.rules += other.rules
        self.differences += other.differences
        for pair, indexes in other.examples.items():
            self.examples[pair] = sorted({*self.examples.get(pair, []), *indexes})[:keep]

    @property
    def differing(self) -> int:
        """Number of scenarios on which the two sides differ."""
        return self.differences.total()


def product_rules(scenario: Scenario) -> set[str]:
    """Denying rules by the product; a scenario that it refuses to read answers with the code of the refusal."""
    try:
        return set(evaluate(parse_scenario(scenario), load_rulebook()).rules)
    except ScenarioError as error:
        return {f"refused:{error.code}"}


def difference(scenario: Scenario) -> Pair:
    """Rules only here, rules only there; two empty tuples where both sides agree."""
    beyond = BEYOND_THE_PAGE.get(scenario["pack"], frozenset())
    naive = set(READERS[scenario["pack"]](scenario)) - beyond
    product = product_rules(scenario) - beyond
    return tuple(sorted(naive - product)), tuple(sorted(product - naive))


def compare_range(pack: str, seed: int, start: int, stop: int, keep: int = 3) -> Tally:
    """Compare the scenarios `start` to `stop` (not included) of that seed."""
    tally = Tally()
    for index in range(start, stop):
        scenario = random_question(pack, seed, index)
        rules = READERS[pack](scenario)
        tally.scenarios += 1
        tally.permits += not rules
        tally.rules.update(rules)
        pair = difference(scenario)
        if any(pair):
            tally.differences[pair] += 1
            if len(tally.examples.setdefault(pair, [])) < keep:
                tally.examples[pair].append(index)
    return tally


def _simpler(scenario: Scenario) -> Iterator[Scenario]:
    """Every scenario that is this one less a single thing."""
    paths: list[tuple[list[str | int], str | int]] = [(["history"], n) for n in range(len(scenario["history"]))]
    debtor = scenario["debtor"]
    paths += [(["debtor", "flags"], n) for n in range(len(debtor["flags"]))]
    paths += [(["debtor", "timezones"], n) for n in range(len(debtor["timezones"])) if len(debtor["timezones"]) > 1]
    for name, values in debtor["preferences"].items():
        paths += [(["debtor", "preferences", name], n) for n in range(len(values))]
    paths += [(["debtor"], name) for name in ("birth_date", "region", "consents") if name in debtor]
    for n, consent in enumerate(debtor.get("consents", [])):
        paths.append((["debtor", "consents"], n))
        paths += [(["debtor", "consents", n], name) for name in ("debt", "valid_until", "window") if name in consent]
    for n, item in enumerate(scenario["history"]):
        paths += [(["history", n], name) for name in ("also_debts", "address", "purpose") if name in item]
    paths += [(["attempt"], name) for name in ("address", "place", "voice") if name in scenario["attempt"]]
    for path, last in paths:
        found = copy.deepcopy(scenario)
        at: Any = found
        for step in path:
            at = at[step]
        del at[last]
        yield found


def minimised(scenario: Scenario, pair: Pair) -> Scenario:
    """The scenario with everything dropped that can be dropped while the difference stays the same."""
    while True:
        for simpler in _simpler(scenario):
            if difference(simpler) == pair:
                scenario = simpler
                break
        else:
            return scenario


def compare(pack: str, seed: int, count: int, jobs: int, keep: int, console: Console) -> Tally:
    """Compare `count` scenarios on `jobs` processes, with a progress bar where somebody watches."""
    total = Tally()
    starts = range(0, count, CHUNK)
    stops = [min(start + CHUNK, count) for start in starts]
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(pack, total=count)
        if jobs == 1:
            for start, stop in zip(starts, stops, strict=True):
                total.add(compare_range(pack, seed, start, stop, keep), keep)
                progress.update(task, completed=stop)
            return total
        with ProcessPoolExecutor(jobs) as pool:
            same = [pack] * len(stops), [seed] * len(stops)
            for tally in pool.map(compare_range, *same, starts, stops, [keep] * len(stops)):
                total.add(tally, keep)
                progress.update(task, advance=tally.scenarios)
    return total


def unexplained(pack: str, pair: Pair) -> bool:
    """Whether the difference touches a rule about which no question of the text is open."""
    sides = {("naive", rule) for rule in pair[0]} | {("product", rule) for rule in pair[1]}
    return bool(sides - set(OPEN_QUESTIONS[pack]))


def report(pack: str, seed: int, tally: Tally) -> dict[str, Any]:
    """The tally as plain data; every kind of difference with its first examples, the first of them minimised."""
    kinds = []
    for pair, count in tally.differences.most_common():
        smallest = minimised(random_question(pack, seed, tally.examples[pair][0]), pair)
        kinds.append(
            {
                "naive_only": list(pair[0]),
                "product_only": list(pair[1]),
                "count": count,
                "question_open": not unexplained(pack, pair),
                "indexes": tally.examples[pair],
                "minimised": smallest,
            }
        )
    return {
        "pack": pack,
        "seed": seed,
        "scenarios": tally.scenarios,
        "permits": tally.permits,
        "agreeing": tally.scenarios - tally.differing,
        "differing": tally.differing,
        "unexplained": sum(count for pair, count in tally.differences.items() if unexplained(pack, pair)),
        "rules": dict(tally.rules.most_common()),
        "differences": kinds,
    }


def show(found: dict[str, Any], console: Console) -> None:
    """The report for a reader."""

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    share = found["agreeing"] / max(found["scenarios"], 1)
    line(f"{found['pack']}, seed {found['seed']}: {found['scenarios']:,} scenarios, {found['permits']:,} permit")
    line(f"agreeing {found['agreeing']:,} ({share:.4%})")
    line(f"differing {found['differing']:,}, of these {found['unexplained']:,} without an open question of the text")
    for rule, count in found["rules"].items():
        line(f"  {count:>8,}  {rule}")
    for kind in found["differences"]:
        word = "question open" if kind["question_open"] else "UNEXPLAINED"
        line(f"\n{word}, {kind['count']:,} x naive only {kind['naive_only']}, product only {kind['product_only']}")
        line(f"  scenarios {kind['indexes']}; minimised:")
        line("  " + json.dumps(kind["minimised"], ensure_ascii=False))


def main(arguments: list[str] | None = None) -> int:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.naive.compare", description=__doc__)
    parser.add_argument("--pack", choices=list(READERS), required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--examples", type=int, default=3, help="differing scenarios named for each kind of difference")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    options = parser.parse_args(arguments)
    console = Console(stderr=options.json)
    tally = compare(options.pack, options.seed, options.count, options.jobs, max(options.examples, 1), console)
    found = report(options.pack, options.seed, tally)
    if options.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    else:
        show(found, console)
    return 1 if tally.differing else 0


if __name__ == "__main__":
    sys.exit(main())
