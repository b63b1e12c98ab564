"""Milliseconds per utterance of the text analyzer: median, p95 and worst, by language and speaker; cost of loading.

Run: python benchmarks/nlp_bench.py [--rounds N] [--json]
Input: the labelled sentences of tests/unit/nlp/data, of conversational length. `growing`: every prefix of a sentence
in steps of four characters, as the live monitor asks while somebody is speaking. Peer: none that gives the same
answer; `fairline bench phrases` compares the phrase search alone.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from nlp.pipeline import Analyzer

DATA = Path(__file__).resolve().parent.parent / "tests" / "unit" / "nlp" / "data"
DAY = date(2026, 11, 23)


def sentences(name: str) -> list[str]:
    """Texts of a data file, evidence marks removed."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    texts = [line.split("\t")[-1] for line in lines if line and not line.startswith("#")]
    return [text.replace("⟦", "").replace("⟧", "") for text in texts]


def measure(analyzer: Analyzer, texts: Iterable[str], speaker: str, lang: str, rounds: int) -> dict[str, float]:
    """CPU milliseconds of single analyses over `rounds` rounds, after one round that is not counted."""
    texts = list(texts)
    spent: list[float] = []
    for number in range(rounds + 1):
        for text in texts:
            start = time.process_time()
            analyzer.analyze(text, speaker=speaker, lang=lang, reference_date=DAY)
            if number:
                spent.append((time.process_time() - start) * 1000)
    spent.sort()
    return {
        "texts": len(texts),
        "median_ms": round(statistics.median(spent), 3),
        "p95_ms": round(spent[round(0.95 * (len(spent) - 1))], 3),
        "worst_ms": round(spent[-1], 3),
    }


def run(rounds: int = 5) -> dict[str, Any]:
    """All measurements. Raises AssertionError when the analyzer misses what the sentences are labelled with."""
    start = time.process_time()
    analyzer = Analyzer.load()
    loading = time.process_time() - start
    assert analyzer.analyze("再不还款就上门", speaker="agent").violations[0].label == "visit-threat"
    result: dict[str, Any] = {"bench": "nlp", "lexicon": analyzer.models["lexicon"], "rounds": rounds}
    result["loading_secs"] = round(loading, 2)
    for lang in ("zh", "en"):
        agent, debtor = sentences(f"violations_{lang}.txt"), sentences(f"intents_{lang}.txt")
        prefixes = [text[:end] for text in agent[:40] for end in range(4, len(text) + 4, 4)]
        result[f"agent_{lang}"] = measure(analyzer, agent, "agent", lang, rounds)
        result[f"debtor_{lang}"] = measure(analyzer, debtor, "debtor", lang, rounds)
        result[f"growing_{lang}"] = measure(analyzer, prefixes, "agent", lang, 1)
    return result


def main(argv: list[str] | None = None) -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    result = run(options.rounds)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(f"lexicon {result['lexicon'][:19]}  loaded in {result['loading_secs']} s")
    for name, value in result.items():
        if isinstance(value, dict):
            print(
                f"{name:<12} {value['texts']:>5} texts  median {value['median_ms']:>7} ms  p95 {value['p95_ms']:>7} ms"
            )


if __name__ == "__main__":
    main()
