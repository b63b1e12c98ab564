"""Training on the processor (I/O): seeded, time-budgeted, resumable from its checkpoint, also with a larger corpus.

One process per core, each with one thread and its own half of the corpus; gradients are averaged through shared memory
after every step. Beside other work on the machine this wastes less than one process whose threads wait on each other.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speech.training import corpus
from speech.training.augment import LineEffects, log_mel, mask, pad_columns, telephone
from speech.training.batches import Batch, Collator, epochs
from speech.training.exchange import Exchange
from speech.training.losses import losses
from speech.training.model import ModelOptions, Recogniser
from speech.training.options import State, TrainingError, TrainOptions
from speech.training.progress import tell
from speech.training.tokenizer import Vocabulary


class Trainer:
    """One worker: it holds its copy of the network and takes the steps together with the others."""

    def __init__(
        self, options: TrainOptions, clips: list[corpus.Clip], phones: int, rank: int, exchange: Exchange
    ) -> None:
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        self.options, self.state, self.rank, self.exchange = options, State(), rank, exchange
        self.vocabulary = Vocabulary.load(options.run / "tokenizer.json")
        self.clips = clips[rank :: options.workers]
        torch.manual_seed(options.seed)
        self.model = Recogniser(ModelOptions(vocabulary=self.vocabulary.size, phones=phones))
        self.optimiser = torch.optim.AdamW(_groups(self.model), lr=0.0, betas=(0.9, 0.98), eps=1e-8)
        self._stopping = False
        self.resume()
        seed = options.seed + self.state.step * options.workers + rank
        self.generator = torch.Generator().manual_seed(seed)
        self.rng = np.random.default_rng(seed)

    def ask_to_stop(self, *_: object) -> None:
        """End after the current step, with a checkpoint."""
        self._stopping = True

    @property
    def checkpoint(self) -> Path:
        return self.options.run / "checkpoint.pt"

    def resume(self) -> None:
        if self.checkpoint.exists():
            saved: dict[str, Any] = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.state = State(**saved["state"])
        if self.options.again:
            self.state.round_began_secs, self.state.round_began_step = self.state.spent_secs, self.state.step

    def save(self) -> None:
        if self.rank:
            return
        saved = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "state": asdict(self.state),
            "options": asdict(self.model.options),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(saved, partial)
        partial.rename(self.checkpoint)

    def progress(self) -> float:
        """The share of this round's time budget that is spent."""
        return min(1.0, (self.state.spent_secs - self.state.round_began_secs) / self.options.budget_secs)

    def _spent(self) -> bool:
        return self._stopping or self.progress() >= 1.0 or time.time() >= self.options.stop_at

    def _rate(self) -> float:
        warm = min(1.0, (self.state.step - self.state.round_began_step + 1) / self.options.warmup_steps)
        progress = self.progress()
        decay = 1.0 if progress < 0.35 else max(0.02, 1 - (progress - 0.35) / 0.65)
        return self.options.peak_rate * warm * decay

    def _gradients(self, batch: Batch) -> dict[str, float]:
        options = self.options
        with torch.no_grad():
            heard = telephone(batch.waves, LineEffects(), self.generator)
            features = mask(log_mel(heard, batch.lengths), batch.lengths, self.generator)
            features = pad_columns(features, 2 * int(self.rng.integers(0, 40)))
        with torch.autocast("cpu", torch.bfloat16, enabled=options.autocast):
            parts = losses(self.model, batch, features, options.smoothing)
        fade = 1.0 if self.progress() < 0.5 else 0.4
        total = (
            parts["text"]
            + options.phone_weight * fade * parts["phone"]
            + options.anchor_weight * parts["anchor"]
            + options.guide_weight * parts["guide"]
        )
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        return {name: float(part.detach()) for name, part in parts.items()}

    def step(self, batch: Batch, stop: bool = False) -> tuple[dict[str, float], bool]:
        """One update shared by all workers; the losses of this worker's batch, and whether to end here."""
        parts = self._gradients(batch)
        if self.progress() >= self.options.freeze_from:
            self.model.freeze_lower()
        parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        ending = self.exchange.average(self.rank, parameters, stop)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.step()
        return parts, ending

    def batches(self) -> Iterator[Batch]:
        collator = Collator(self.vocabulary, self.options.batch, self.rng)
        return epochs(self.clips, collator, self.options.batch, self.rng, first=self.state.step == 0)

    def run(self) -> None:
        """Train until the budget is spent or the clock says stop."""
        last_report = last_save = time.monotonic()
        started, spent = last_report, self.state.spent_secs
        sums: dict[str, float] = {}
        seen, count = 0.0, 0
        for batch in self.batches():
            parts, ending = self.step(batch, self._spent())
            now = time.monotonic()
            self.state.step += 1
            self.state.spent_secs = spent + now - started
            self.state.audio_secs += batch.audio_secs * self.options.workers
            seen, count = seen + batch.audio_secs * self.options.workers, count + 1
            sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
            if now - last_report > 20:
                means = {name: round(value / count, 3) for name, value in sums.items()}
                self._report(means, seen / (now - last_report))
                sums, seen, count, last_report = {}, 0.0, 0, now
            if now - last_save > self.options.checkpoint_secs:
                self.save()
                last_save = now
            if ending:
                break
        self.save()

    def _report(self, means: dict[str, float], speed: float) -> None:
        if self.rank:
            return
        row = {
            "time": time.strftime("%H:%M:%S"),
            "step": self.state.step,
            "spent": round(self.state.spent_secs),
            "hours": round(self.state.audio_secs / 3600, 2),
            "speed": round(speed),
            "rate": round(self._rate(), 6),
            **means,
        }
        tell(row)


def _work(options: TrainOptions, clips: list[corpus.Clip], phones: int, rank: int, exchange: Exchange) -> None:
    """A worker in a session of its own, so that schedulers that share time by session count it as one task."""
    os.setsid()
    trainer = Trainer(options, clips, phones, rank, exchange)
    signal.signal(signal.SIGTERM, trainer.ask_to_stop)
    trainer.run()


def train(options: TrainOptions) -> None:
    """Start the workers, which share the loaded corpus, and wait for them."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    options.run.mkdir(parents=True, exist_ok=True)
    classes = corpus.phone_classes(options.phones or options.corpora[0])
    clips = corpus.load(list(options.corpora), classes)
    vocabulary = Vocabulary.load(options.run / "tokenizer.json")
    numbers = sum(
        p.numel() for p in Recogniser(ModelOptions(vocabulary=vocabulary.size, phones=len(classes))).parameters()
    )
    context = multiprocessing.get_context("fork")
    exchange = Exchange(options.workers, numbers, context)
    workers = [
        context.Process(target=_work, args=(options, clips, len(classes), rank, exchange), daemon=True)
        for rank in range(options.workers)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise TrainingError("a training worker ended early; resume from the checkpoint")


def _groups(model: Recogniser) -> list[dict[str, Any]]:
    """Weight decay for matrices only."""
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return [{"params": matrices, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
