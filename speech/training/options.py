"""Options and counters of a training run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech.training.batches import BatchOptions


class TrainingError(Exception):
    """A run could not be finished."""

    code = "speech.training"


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """One training run; learning rate and losses follow the share of the time budget that is spent."""

    run: Path
    corpora: tuple[Path, ...]
    budget_secs: float
    phones: Path | None = None
    """The corpus whose phone classes count; the first one when not given. A run keeps to one."""
    stop_at: float = float("inf")
    seed: int = 11
    peak_rate: float = 1.2e-3
    warmup_steps: int = 150
    smoothing: float = 0.1
    phone_weight: float = 0.5
    anchor_weight: float = 0.5
    guide_weight: float = 0.8
    checkpoint_secs: float = 180.0
    batch: BatchOptions = field(default_factory=lambda: BatchOptions(audio_secs=38.0))
    workers: int = 2
    freeze_from: float = 1.0
    """Share of the budget after which the lower encoder no longer learns, which leaves more steps for text."""
    again: bool = False
    """Begin another round from the checkpoint: learning rate and losses follow the budget from their start."""
    autocast: bool = True


@dataclass(kw_only=True)
class State:
    """What a checkpoint carries besides weights."""

    step: int = 0
    spent_secs: float = 0.0
    audio_secs: float = 0.0
    round_began_secs: float = 0.0
    round_began_step: int = 0
