"""Fuzzing of bad rulebooks: seeded mutations of the packaged files, each labelled by how it was made.

`python -m tests.fuzz_rulebook --count 10000 --seed 1` runs them all and says what went wrong; the tests run a share.

A mutation either breaks the meaning (`refuse`: the loader must raise `RulebookError` naming file, line and reason) or
keeps it (`equal`: the same digest); a few are mere noise (`any`). Nothing else may come out of the loader. For speed
each packaged file is first cut into files of one entry (moving an entry changes no digest), and only the mutated one is
parsed anew.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

import yaml

from policy import schema
from policy.book import Rulebook
from policy.errors import RulebookError
from policy.schema import load_rulebook, load_rulebook_files
from tests.fuzz_mutators import MUTATORS, Document, Mutation

SPLIT = ("rules", "duties", "disclosures", "statements")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the loader did with one mutation; `fault` says what is wrong about that, or None."""

    mutation: Mutation
    file: str
    fault: str | None


@dataclass(eq=False)
class Corpus:
    """One pack in files of one entry. `contexts`: what has to be loaded beside a file for the pack to be whole."""

    pack: str
    files: dict[str, str]
    digests: dict[frozenset[str], str] = field(default_factory=dict)

    def beside(self, name: str) -> dict[str, str]:
        """The other files that a mutated file is loaded with."""
        kind = section_of(name)
        wanted = {"core", "rules"} | {
            "core": set(),
            "duties": {"disclosures"},
            "doubts": {*SPLIT},
        }.get(kind, set())
        return {other: text for other, text in self.files.items() if other != name and section_of(other) in wanted}

    def digest(self, name: str) -> str:
        """The digest of the context with the file as it is."""
        whole = {**self.beside(name), name: self.files[name]}
        key = frozenset(whole)
        if key not in self.digests:
            self.digests[key] = quick_load(whole).digest
        return self.digests[key]


def quick_load(files: Mapping[str, str]) -> Rulebook:
    """The rulebook of these files; a text that was read before is not parsed again."""
    with mock.patch.object(schema, "read_yaml", _parsed):
        return load_rulebook_files(files)


def section_of(name: str) -> str:
    """`core`, `rules`, `duties`, `disclosures`, `statements` or `doubts`, from the name of a cut file."""
    return name.split("/", 1)[1].split(".", 1)[0]


@cache
def corpora() -> tuple[Corpus, ...]:
    """Every packaged pack, cut."""
    packs: dict[str, dict[str, str]] = {}
    for name, text in load_rulebook().files.items():
        folder = name.split("/")[0]
        packs.setdefault(folder, {}).update(_cut(folder, name, text))
    return tuple(Corpus(pack=folder, files=files) for folder, files in sorted(packs.items()))


def _cut(folder: str, name: str, text: str) -> Iterator[tuple[str, str]]:
    stem = name.rsplit("/", 1)[-1].removesuffix(".yaml").replace("_", "-")
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    rest: list[str] = []
    for key, value in root.value:
        if key.value == "topic":
            continue
        if key.value not in SPLIT:
            rest.append(_lines(text, key.start_mark.line, _end(value)))
            continue
        starts = [item.start_mark.line for item in value.value]
        ends = [*starts[1:], _end(value)]
        for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
            body = _lines(text, start, end)
            yield f"{folder}/{key.value}.{stem}-{place}.yaml", f"topic: {stem}-{place}\n{key.value}:\n{body}"
    if rest:
        kind = "doubts" if rest == [part for part in rest if part.startswith("doubts")] else "core"
        yield f"{folder}/{kind}.{stem}.yaml", f"topic: {stem}-rest\n" + "".join(rest)


def _end(node: Any) -> int:
    mark = node.end_mark
    return int(mark.line if mark.column == 0 else mark.line + 1)


def _lines(text: str, start: int, end: int) -> str:
    found = text.splitlines()[start:end]
    return "\n".join(found).rstrip() + "\n"


@cache
def _parsed(text: str, name: str) -> Any:
    return _read_yaml(text, name)


_read_yaml = schema.read_yaml


def attempt(corpus: Corpus, name: str, mutation: Mutation) -> str | None:
    """Load the mutated file in its context; what is wrong with the outcome, or None."""
    others = corpus.beside(name)
    expected = corpus.digest(name)

    def read(text: str, file: str) -> Any:
        return _parsed(text, file) if file in others else _read_yaml(text, file)

    try:
        with mock.patch.object(schema, "read_yaml", read):
            digest = load_rulebook_files({**others, mutation.file or name: mutation.text}).digest
    except RulebookError as error:
        if mutation.label == "equal":
            return f"refused although it means the same: {error.message}"
        return _told_badly(error, corpus, mutation.text)
    except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
        return f"{type(error).__name__} escaped: {error}"
    if mutation.label == "refuse":
        return "accepted although it is broken"
    return None if digest == expected or mutation.label == "any" else "loaded with another digest"


def _told_badly(error: RulebookError, corpus: Corpus, text: str) -> str | None:
    """What a refusal must say: which file, which line, found, expected, a code; nothing that a terminal would obey."""
    wrong = []
    if not error.file.startswith(corpus.pack):
        wrong.append("file")
    if not 1 <= error.line <= text.count("\n") + text.count("\r") + 2:
        wrong.append("line")
    if not error.code.startswith("rulebook."):
        wrong.append("code")
    if not (error.found and error.expected):
        wrong.append("found/expected")
    if not error.message.isprintable():
        wrong.append("unprintable message")
    return f"refused, but badly told ({', '.join(wrong)}): {error.message!r}" if wrong else None


def mutations(count: int, seed: int) -> Iterator[tuple[Corpus, str, Mutation]]:
    """`count` mutations, the same for the same seed: every mutator in turn, on a file that has a place for it."""
    dice = random.Random(seed)
    places = [(corpus, name) for corpus in corpora() for name in sorted(corpus.files)]
    for number in range(count):
        mutator = MUTATORS[number % len(MUTATORS)]
        mutation = None
        while mutation is None:
            corpus, name = dice.choice(places)
            mutation = mutator(_document(corpus, name), dice)
        yield corpus, name, mutation


@cache
def _document(corpus: Corpus, name: str) -> Document:
    return Document(name=name, text=corpus.files[name], pack=corpus.files)


def run(count: int, seed: int) -> Iterator[Outcome]:
    """Outcomes of `count` mutations."""
    for corpus, name, mutation in mutations(count, seed):
        yield Outcome(mutation=mutation, file=name, fault=attempt(corpus, name, mutation))


def main() -> int:
    """Run and report; exit 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="how many faults to print")
    options = parser.parse_args()
    kinds: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    faults: list[Outcome] = []
    for outcome in run(options.count, options.seed):
        kinds[outcome.mutation.kind] += 1
        labels[outcome.mutation.label] += 1
        if outcome.fault is not None:
            faults.append(outcome)
    for fault in faults[: options.show]:
        sys.stdout.write(f"{fault.file} [{fault.mutation.kind}: {fault.mutation.what}] {fault.fault}\n")
    spread = ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items()))
    sys.stdout.write(
        f"{options.count} mutations (seed {options.seed}; {dict(labels)}): {len(faults)} faults\n{spread}\n"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
