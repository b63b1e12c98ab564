"""Finding thousands of fixed phrases in a sentence: our one compiled automaton beside spaCy's PhraseMatcher.

Run: python benchmarks/phrases_bench.py [--rounds N] [--json]
Input: every literal of the violation rules, searched in the labelled sentences of tests/unit/nlp/data, both languages.
Both sides must find the same (text, phrase) pairs, or the run ends. spaCy gets blank pipelines (no model) and its own
tokenisation counts, because a sentence has to be tokenised before it can be searched. Without spaCy ours is measured
alone.
"""

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ahocorasick

from nlp.lexicon import load_lexicon
from nlp.normalize import normalize

DATA = Path(__file__).resolve().parent.parent / "tests" / "unit" / "nlp" / "data"
Search = Callable[[str], set[str]]


def texts(lang: str) -> list[str]:
    """Normalised sentences of one language."""
    lines = (DATA / f"violations_{lang}.txt").read_text("utf-8").splitlines()
    given = [line.split("\t")[1].replace("⟦", "").replace("⟧", "") for line in lines if not line.startswith("#")]
    return [normalize(text, lang).text for text in given]


def literals(lang: str) -> list[str]:
    """Fixed texts of the violation rules of one language, without those that end in any ending."""
    rules = [rule for rule in load_lexicon().rules["violations"] if rule.lang == lang]
    return sorted({text for rule in rules if "*" not in rule.source for text in rule.literals})


def ours(phrases: list[str], lang: str) -> Search:
    """The automaton; in English a hit counts where whole words match, as the rules behind it demand."""
    pad = " " if lang == "en" else ""
    automaton = ahocorasick.Automaton()
    for phrase in phrases:
        automaton.add_word(f"{pad}{phrase}{pad}", phrase)
    automaton.make_automaton()
    return lambda text: {phrase for _, phrase in automaton.iter(f"{pad}{text}{pad}")}


def spacys(phrases: list[str], lang: str) -> Search:
    """spaCy's PhraseMatcher over a blank pipeline (Chinese by characters)."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    pipeline = spacy.blank(lang)
    split: Callable[[str], list[str]] = list if lang == "zh" else str.split
    matcher = PhraseMatcher(pipeline.vocab)
    matcher.add("PHRASE", [Doc(pipeline.vocab, words=split(phrase)) for phrase in phrases])
    joint = "" if lang == "zh" else " "

    def search(text: str) -> set[str]:
        words = split(text)
        found = matcher(Doc(pipeline.vocab, words=words))
        return {joint.join(words[start:end]) for _, start, end in found}

    return search


def measure(search: Search, given: list[str], rounds: int) -> dict[str, float]:
    """CPU microseconds per text over `rounds` rounds after one that is not counted."""
    spent = []
    for _ in range(rounds + 1):
        start = time.process_time()
        for text in given:
            search(text)
        spent.append((time.process_time() - start) * 1e6 / len(given))
    spent = sorted(spent[1:])
    return {
        "median_us": round(statistics.median(spent), 2),
        "p95_us": round(spent[round(0.95 * (len(spent) - 1))], 2),
        "spread": round((spent[-1] - spent[0]) / statistics.median(spent), 3),
    }


def run(rounds: int = 15) -> dict[str, Any]:
    """All measurements. Raises AssertionError when the two sides do not find the same."""
    result: dict[str, Any] = {"bench": "phrases", "rounds": rounds}
    for lang in ("zh", "en"):
        phrases, given = literals(lang), texts(lang)
        mine = ours(phrases, lang)
        entry: dict[str, Any] = {"phrases": len(phrases), "texts": len(given), "ours": measure(mine, given, rounds)}
        if importlib.util.find_spec("spacy"):
            peer = spacys(phrases, lang)
            for text in given:
                assert mine(text) == peer(text), sorted(mine(text) ^ peer(text))
            entry["spacy"] = measure(peer, given, rounds)
            entry["spacy_over_ours"] = round(entry["spacy"]["median_us"] / entry["ours"]["median_us"], 1)
        result[lang] = entry
    return result


def main(argv: list[str] | None = None) -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    result = run(options.rounds)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for lang in ("zh", "en"):
        entry = result[lang]
        peer = f"  spaCy {entry['spacy']['median_us']} us ({entry['spacy_over_ours']} x)" if "spacy" in entry else ""
        print(
            f"{lang}: {entry['phrases']} phrases in {entry['texts']} texts: ours {entry['ours']['median_us']} us{peer}"
        )


if __name__ == "__main__":
    main()
