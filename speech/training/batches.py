"""From clips to training batches: joined and cut turns, alignment targets, length buckets, short turns first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from speech.training import nonspeech
from speech.training.augment import RATE
from speech.training.corpus import Clip
from speech.training.tokenizer import Vocabulary

IGNORE = -100
FRAMES_PER_SEC = 50


@dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """How turns are varied and how large a batch is."""

    audio_secs: float = 170.0
    cut_chance: float = 0.12
    join_chance: float = 0.2
    nonspeech_share: float = 0.025
    timestamps_chance: float = 0.2
    token_noise: float = 0.06


@dataclass(frozen=True, kw_only=True)
class Item:
    """What one row of a batch will hold: clips one after the other, the last one perhaps cut after some units."""

    clips: tuple[Clip, ...]
    keep_units: int | None
    secs: float


@dataclass(kw_only=True)
class Batch:
    """Tensors of one step."""

    waves: Tensor
    lengths: Tensor
    tokens: Tensor
    labels: Tensor
    phones: Tensor
    centres: Tensor
    """Frame of each label's centre, -1 where there is none."""
    audio_secs: float


def plan_items(clips: Sequence[Clip], options: BatchOptions, rng: np.random.Generator) -> list[Item]:
    """One epoch: every clip once, some joined with a neighbour of their language, some cut, some without speech."""
    order = {lang: [clip for clip in clips if clip.lang == lang] for lang in ("zh", "en")}
    items: list[Item] = []
    for own in order.values():
        shuffled = [own[index] for index in rng.permutation(len(own))]
        while shuffled:
            taken = [shuffled.pop()]
            while shuffled and len(taken) < 3 and rng.random() < options.join_chance:
                taken.append(shuffled.pop())
            secs = sum(len(clip.samples) for clip in taken) / RATE + 0.25
            keep = None
            last = len(taken[-1].units)
            if len(taken) == 1 and last > 2 and rng.random() < options.cut_chance:
                keep = int(rng.integers(1, last))
            items.append(Item(clips=tuple(taken), keep_units=keep, secs=secs))
    silent = int(len(items) * options.nonspeech_share)
    items += [Item(clips=(), keep_units=None, secs=float(rng.uniform(0.6, 6))) for _ in range(silent)]
    return items


def bucket(items: list[Item], options: BatchOptions, rng: np.random.Generator, short_first: bool) -> list[list[Item]]:
    """Items of similar length together; the order of batches is random unless short ones go first."""
    ordered = sorted(items, key=lambda item: item.secs + rng.uniform(0, 0.3))
    batches: list[list[Item]] = []
    current: list[Item] = []
    for item in ordered:
        if current and item.secs * (len(current) + 1) > options.audio_secs:
            batches.append(current)
            current = []
        current.append(item)
    if current:
        batches.append(current)
    kept = len(batches) // 6 if short_first else 0
    return batches[:kept] + [batches[kept + index] for index in rng.permutation(len(batches) - kept)]


class Collator:
    """Lays items out in time and writes their targets."""

    def __init__(self, vocabulary: Vocabulary, options: BatchOptions, rng: np.random.Generator) -> None:
        self.vocabulary, self.options, self.rng = vocabulary, options, rng
        self._cache: dict[tuple[str, str], list[int]] = {}

    def _unit_tokens(self, text: str, lang: str) -> list[list[int]]:
        pieces = list(text) if lang == "zh" else [f" {word}" for word in text.split()]
        for piece in pieces:
            if (piece, lang) not in self._cache:
                self._cache[piece, lang] = self.vocabulary.encode(piece)
        return [self._cache[piece, lang] for piece in pieces]

    def _nonspeech(self, secs: float) -> tuple[NDArray[np.float32], list[int], list[int], list[float], list[int]]:
        vocabulary = self.vocabulary
        wave = nonspeech.make(str(self.rng.choice(nonspeech.KINDS)), secs, self.rng)
        lang = vocabulary.special(str(self.rng.choice(("zh", "en"))))
        tokens = [vocabulary.special("startoftranscript"), lang, vocabulary.special("transcribe")]
        labels = [vocabulary.special("nospeech"), IGNORE]
        tokens.append(vocabulary.special("notimestamps"))
        labels += [IGNORE, vocabulary.eot]
        return wave * 10 ** self.rng.uniform(-2, 0), tokens, labels, [-1.0] * 4, [0] * int(secs * FRAMES_PER_SEC)

    def _speech(self, item: Item) -> tuple[NDArray[np.float32], list[int], list[int], list[float], list[int]]:
        rng, vocabulary = self.rng, self.vocabulary
        lead = min(0.9, float(rng.exponential(0.12)))
        waves = [np.zeros(int(lead * RATE), np.float32)]
        at, text_tokens, centres = lead, list[int](), list[float]()
        phones = [0] * round(lead * FRAMES_PER_SEC)
        for clip in item.clips:
            end = len(clip.samples) / RATE
            units = self._unit_tokens(clip.text, clip.lang)
            if item.keep_units is not None:
                end = float(clip.units[item.keep_units])
                units = units[: item.keep_units]
            waves.append(clip.samples[: int(end * RATE)].astype(np.float32) / np.float32(32768))
            widest = 0.45 if clip.lang == "zh" else 0.9
            for index, ids in enumerate(units):
                start = float(clip.units[index])
                stop = min(float(clip.units[index + 1]) if index + 1 < len(clip.units) else end, start + widest, end)
                for place, token in enumerate(ids):
                    text_tokens.append(token)
                    centres.append((at + start + (stop - start) * (place + 0.5) / len(ids)) * FRAMES_PER_SEC)
            frames = (np.arange(round((at + end) * FRAMES_PER_SEC) - len(phones)) + len(phones)) / FRAMES_PER_SEC - at
            found = np.searchsorted(clip.phone_starts, frames + 0.01, side="right") - 1
            phones += clip.phone_ids[np.maximum(found, 0)].tolist()
            at += end
            pause = min(0.8, 0.05 + float(rng.exponential(0.15)))
            waves.append(np.zeros(int(pause * RATE), np.float32))
            spoken_end = at
            at += pause
            phones += [0] * (round(at * FRAMES_PER_SEC) - len(phones))
        if item.keep_units is not None or rng.random() < 0.3:
            waves.pop()
        ending = (spoken_end + 0.04) * FRAMES_PER_SEC
        lang = vocabulary.special(item.clips[0].lang)
        tokens = [vocabulary.special("startoftranscript"), lang, vocabulary.special("transcribe")]
        labels = [lang, IGNORE]
        if rng.random() < self.options.timestamps_chance:
            first, last = vocabulary.timestamp(lead), vocabulary.timestamp(spoken_end)
            tokens += [first, *self._noisy(text_tokens), last]
            labels += [first, *text_tokens, last, vocabulary.eot]
            spots = [-1.0, -1.0, -1.0, *centres, -1.0, ending]
        else:
            tokens += [vocabulary.special("notimestamps"), *self._noisy(text_tokens)]
            labels += [IGNORE, *text_tokens, vocabulary.eot]
            spots = [-1.0, -1.0, -1.0, *centres, ending]
        return np.concatenate(waves), tokens, labels, spots, phones

    def _noisy(self, tokens: list[int]) -> list[int]:
        """Some input tokens replaced by random ones, so that the decoder keeps listening after a mistake."""
        noise = self.rng.random(len(tokens)) < self.options.token_noise
        others = self.rng.integers(256, self.vocabulary.eot, len(tokens))
        return [int(other) if swap else token for token, swap, other in zip(tokens, noise, others, strict=True)]

    def collate(self, items: Sequence[Item]) -> Batch:
        rows = [self._speech(item) if item.clips else self._nonspeech(item.secs) for item in items]
        longest = max(len(wave) for wave, *_ in rows)
        longest = -(-longest // 640) * 640
        length = max(len(tokens) for _, tokens, *_ in rows)
        count, frames = len(rows), longest // 160
        batch = Batch(
            waves=torch.zeros(count, longest),
            lengths=torch.zeros(count, dtype=torch.long),
            tokens=torch.full((count, length), self.vocabulary.eot),
            labels=torch.full((count, length), IGNORE),
            phones=torch.full((count, frames), IGNORE),
            centres=torch.full((count, length), -1.0),
            audio_secs=sum(len(wave) for wave, *_ in rows) / RATE,
        )
        for row, (wave, tokens, labels, spots, phones) in enumerate(rows):
            batch.waves[row, : len(wave)] = torch.from_numpy(wave)
            batch.lengths[row] = len(wave)
            batch.tokens[row, : len(tokens)] = torch.tensor(tokens)
            batch.labels[row, : len(labels)] = torch.tensor(labels)
            batch.centres[row, : len(spots)] = torch.tensor(spots)
            known = torch.tensor(phones[:frames])
            batch.phones[row, : len(known)] = known
        return batch


def epochs(
    clips: Sequence[Clip], collator: Collator, options: BatchOptions, rng: np.random.Generator, first: bool
) -> Iterator[Batch]:
    """Batches without end; the very first epoch goes from short to long."""
    while True:
        for items in bucket(plan_items(clips, options, rng), options, rng, short_first=first):
            yield collator.collate(items)
        first = False
