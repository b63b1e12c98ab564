"""The spoken corpus on disk: shards of utterances, each made by a fresh process so that a seed gives the same sound."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.synthesis.telephone import VOICES
from speech.training.progress import tell
from speech.training.sources import Line
from speech.training.texts import TextPlan, training_lines
from speech.training.utterance import SILENCE, Utterance, draw_manner, utter

SHARD_SIZE = 1_000


@dataclass(frozen=True, kw_only=True)
class CorpusOptions:
    """Where the corpus goes and what is spoken."""

    directory: Path
    plan: TextPlan
    processes: int = 2


@dataclass(frozen=True, kw_only=True)
class Clip:
    """An utterance as the trainer holds it; phones are class numbers."""

    text: str
    lang: str
    source: str
    samples: NDArray[np.int16]
    phone_ids: NDArray[np.int16]
    phone_starts: NDArray[np.float32]
    units: NDArray[np.float32]


def _train_voices() -> list[str]:
    return [name for name, voice in VOICES.items() if voice.split == "train"]


def _make_shard(task: tuple[Path, int, int, list[Line]]) -> int:
    path, seed, index, lines = task
    rng = random.Random(f"{seed}/{index}")
    names = _train_voices()
    made = [utter(line, VOICES[rng.choice(names)], draw_manner(rng, line.lang)) for line in lines]
    _write(path, [utterance for utterance in made if utterance is not None])
    return len(made)


def _write(path: Path, utterances: list[Utterance]) -> None:
    rows = [
        {"text": u.text, "lang": u.lang, "source": u.source, "voice": u.voice, "phones": [p for p, _ in u.phones]}
        for u in utterances
    ]
    arrays: dict[str, Any] = {
        "audio": np.concatenate([u.samples for u in utterances]),
        "lengths": np.array([len(u.samples) for u in utterances], np.int64),
        "phone_starts": np.concatenate([np.array([t for _, t in u.phones], np.float32) for u in utterances]),
        "units": np.concatenate([np.array(u.units, np.float32) for u in utterances]),
        "unit_counts": np.array([len(u.units) for u in utterances], np.int64),
        "rows": np.frombuffer(json.dumps(rows, ensure_ascii=False).encode(), np.uint8),
    }
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.rename(path)


def build(options: CorpusOptions) -> int:
    """Speak every planned sentence that is not on disk yet; the number of shards."""
    options.directory.mkdir(parents=True, exist_ok=True)
    lines = training_lines(options.plan)
    tasks = []
    for index, start in enumerate(range(0, len(lines), SHARD_SIZE)):
        path = options.directory / f"shard-{index:05d}.npz"
        if not path.exists():
            tasks.append((path, options.plan.seed, index, lines[start : start + SHARD_SIZE]))
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, maxtasksperchild=1) as pool:
        for done, _ in enumerate(pool.imap_unordered(_make_shard, tasks, chunksize=1), 1):
            tell({"time": time.strftime("%H:%M:%S"), "shard": done, "of": len(tasks)})
    return -(-len(lines) // SHARD_SIZE)


def phone_classes(directory: Path) -> dict[str, int]:
    """Class numbers of the phones, fixed once in `phones.json` beside the shards; silence is 0."""
    path = directory / "phones.json"
    if not path.exists():
        symbols: set[str] = set()
        for shard in sorted(directory.glob("shard-*.npz")):
            for row in _rows(np.load(shard)):
                symbols.update(row["phones"])
        ordered = [SILENCE, *sorted(symbols - {SILENCE})]
        path.write_text(json.dumps({symbol: index for index, symbol in enumerate(ordered)}, ensure_ascii=False))
    classes: dict[str, int] = json.loads(path.read_text())
    return classes


def _rows(arrays: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(arrays["rows"].tobytes().decode())
    return rows


def load(directories: list[Path], classes: dict[str, int]) -> list[Clip]:
    """Every utterance of some corpora; a phone without a class counts as -100, which the loss ignores."""
    clips: list[Clip] = []
    for shard in [path for directory in directories for path in sorted(directory.glob("shard-*.npz"))]:
        with np.load(shard) as arrays:
            audio, starts, units = arrays["audio"], arrays["phone_starts"], arrays["units"]
            lengths, unit_counts, rows = arrays["lengths"], arrays["unit_counts"], _rows(arrays)
        sample = phone = unit = 0
        for row, length, unit_count in zip(rows, lengths, unit_counts, strict=True):
            count = len(row["phones"])
            clips.append(
                Clip(
                    text=row["text"],
                    lang=row["lang"],
                    source=row["source"],
                    samples=audio[sample : sample + length],
                    phone_ids=np.array([classes.get(symbol, -100) for symbol in row["phones"]], np.int16),
                    phone_starts=starts[phone : phone + count],
                    units=units[unit : unit + unit_count],
                )
            )
            sample, phone, unit = sample + length, phone + count, unit + unit_count
    return clips
