"""Training on the processor: seeded, time-budgeted, resumable from its checkpoint, also with a larger corpus."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from speech.training import corpus
from speech.training.augment import LineEffects, log_mel, mask, pad_columns, telephone
from speech.training.batches import IGNORE, Batch, BatchOptions, Collator, epochs
from speech.training.model import ModelOptions, Recogniser
from speech.training.tokenizer import Vocabulary


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """One training run; learning rate and losses follow the share of the time budget that is spent."""

    run: Path
    corpora: tuple[Path, ...]
    budget_secs: float
    stop_at: float = float("inf")
    seed: int = 11
    peak_rate: float = 1.3e-3
    warmup_steps: int = 150
    smoothing: float = 0.1
    phone_weight: float = 0.5
    anchor_weight: float = 0.5
    guide_weight: float = 0.3
    checkpoint_secs: float = 180.0
    threads: int = 2
    autocast: bool = True


@dataclass(kw_only=True)
class State:
    """What a checkpoint carries besides weights."""

    step: int = 0
    spent_secs: float = 0.0
    audio_secs: float = 0.0


def _alignment_loss(guided: list[Tensor], centres: Tensor, sigma: float = 4.0) -> Tensor:
    """Minus log of the guided attention that falls near each token's centre."""
    frames = torch.arange(guided[0].shape[3])[None, None, :]
    window = torch.exp(-((frames - centres[:, :, None]) ** 2) / (2 * sigma**2))
    known = centres >= 0
    losses = [-((weights * window[:, None]).sum(3) + 1e-4).log().mean(1)[known].mean() for weights in guided]
    return torch.stack(losses).mean() if bool(known.any()) else torch.zeros(())


def losses(model: Recogniser, batch: Batch, features: Tensor, smoothing: float) -> dict[str, Tensor]:
    """The four training losses of a batch."""
    states, middle = model.encoder(features)
    logits, guided = model.decoder(batch.tokens, states)
    text = functional.cross_entropy(
        logits.flatten(0, 1).float(), batch.labels.flatten(), ignore_index=IGNORE, label_smoothing=smoothing
    )
    phones = model.phone_logits(middle)[:, : batch.phones.shape[1]]
    known = batch.phones[:, : phones.shape[1]]
    phone = functional.cross_entropy(phones.flatten(0, 1).float(), known.flatten(), ignore_index=IGNORE)
    row, place = torch.nonzero(batch.centres >= 0, as_tuple=True)
    frame = batch.centres[row, place].long().clamp(max=states.shape[1] - 1)
    anchor = torch.zeros(())
    if len(row):
        picked = model.anchor_logits(states[row, frame])
        anchor = functional.cross_entropy(picked.float(), batch.labels[row, place], label_smoothing=smoothing)
    return {"text": text, "phone": phone, "anchor": anchor, "guide": _alignment_loss(guided, batch.centres)}


class Trainer:
    """Holds the run's objects and takes the steps."""

    def __init__(self, options: TrainOptions) -> None:
        torch.set_num_threads(options.threads)
        self.options, self.state = options, State()
        options.run.mkdir(parents=True, exist_ok=True)
        self.vocabulary = Vocabulary.load(options.run / "tokenizer.json")
        classes = corpus.phone_classes(options.corpora[0])
        self.clips = corpus.load(list(options.corpora), classes)
        torch.manual_seed(options.seed)
        self.model = Recogniser(ModelOptions(vocabulary=self.vocabulary.size, phones=len(classes)))
        self.optimiser = torch.optim.AdamW(_groups(self.model), lr=0.0, betas=(0.9, 0.98), eps=1e-8)
        self.resume()
        self.generator = torch.Generator().manual_seed(options.seed + self.state.step)
        self.rng = np.random.default_rng(options.seed + self.state.step)

    @property
    def checkpoint(self) -> Path:
        return self.options.run / "checkpoint.pt"

    def resume(self) -> None:
        if self.checkpoint.exists():
            saved: dict[str, Any] = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.state = State(**saved["state"])

    def save(self) -> None:
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
        return min(1.0, self.state.spent_secs / self.options.budget_secs)

    def _rate(self) -> float:
        warm = min(1.0, (self.state.step + 1) / self.options.warmup_steps)
        progress = self.progress()
        decay = 1.0 if progress < 0.35 else max(0.02, 1 - (progress - 0.35) / 0.65)
        return self.options.peak_rate * warm * decay

    def step(self, batch: Batch) -> dict[str, float]:
        options = self.options
        with torch.no_grad():
            heard = telephone(batch.waves, LineEffects(), self.generator)
            features = mask(log_mel(heard, batch.lengths), batch.lengths, self.generator)
            features = pad_columns(features, 2 * int(self.rng.integers(0, 40)))
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.autocast):
            parts = losses(self.model, batch, features, options.smoothing)
        fade = 1.0 if self.progress() < 0.5 else 0.4
        total = (
            parts["text"]
            + options.phone_weight * fade * parts["phone"]
            + options.anchor_weight * parts["anchor"]
            + options.guide_weight * fade * parts["guide"]
        )
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return {name: float(part.detach()) for name, part in parts.items()}

    def batches(self) -> Iterator[Batch]:
        options = BatchOptions()
        collator = Collator(self.vocabulary, options, self.rng)
        return epochs(self.clips, collator, options, self.rng, first=self.state.step == 0)

    def run(self) -> None:
        """Train until the budget is spent or the clock says stop."""
        since = last_report = last_save = time.monotonic()
        sums: dict[str, float] = {}
        seen, count = 0.0, 0
        for batch in self.batches():
            parts = self.step(batch)
            now = time.monotonic()
            self.state.step += 1
            self.state.spent_secs += now - since
            since = now
            self.state.audio_secs += batch.audio_secs
            seen, count = seen + batch.audio_secs, count + 1
            sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
            if now - last_report > 20:
                means = {name: round(value / count, 3) for name, value in sums.items()}
                self._report(means, seen / (now - last_report))
                sums, seen, count, last_report = {}, 0.0, 0, now
            if now - last_save > self.options.checkpoint_secs:
                self.save()
                last_save = now
            if self.progress() >= 1.0 or time.time() >= self.options.stop_at:
                break
        self.save()

    def _report(self, means: dict[str, float], speed: float) -> None:
        row = {
            "time": time.strftime("%H:%M:%S"),
            "step": self.state.step,
            "spent": round(self.state.spent_secs),
            "hours": round(self.state.audio_secs / 3600, 2),
            "speed": round(speed),
            "rate": round(self._rate(), 6),
            **means,
        }
        print(json.dumps(row), flush=True)


def _groups(model: Recogniser) -> list[dict[str, Any]]:
    """Weight decay for matrices only."""
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return [{"params": matrices, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
