"""The test sentences: which set each belongs to, and whether it was verbatim in training. Kept as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from speech.training.sources import target
from speech.training.texts import TextPlan, heldout_sets


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One test sentence as it is given to the synthesiser."""

    text: str
    lang: str
    group: str
    seen: bool


def training_texts(corpora: Iterable[Path]) -> set[str]:
    """Every target text that was spoken in training."""
    found: set[str] = set()
    for shard in [path for directory in corpora for path in sorted(directory.glob("shard-*.npz"))]:
        with np.load(shard) as arrays:
            found.update(row["text"] for row in json.loads(arrays["rows"].tobytes().decode()))
    return found


def draw(plan: TextPlan, size: int, corpora: Iterable[Path]) -> list[Sentence]:
    """Sentences of every set, at most `size` of each."""
    trained = training_texts(corpora)
    return [
        Sentence(text=line.text, lang=line.lang, group=name, seen=target(line.text, line.lang) in trained)
        for name, lines in heldout_sets(plan, size).items()
        for line in lines
    ]


def write(path: Path, sentences: Iterable[Sentence]) -> None:
    """One sentence a line."""
    lines = [json.dumps(asdict(sentence), ensure_ascii=False) for sentence in sentences]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def read(path: Path) -> list[Sentence]:
    """The sentences of a file."""
    return [Sentence(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
