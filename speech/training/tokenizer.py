"""Vocabulary: a token per hanzi, byte pairs for English, and special tokens in the order faster-whisper expects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

TIMESTAMPS = 1_501
SPECIALS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|zh|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)


def gb2312_level_one() -> list[str]:
    """The 3,755 everyday hanzi, in the order of the national standard."""
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return [char for cell in cells if (char := cell.decode("gb2312", "ignore"))]


def _byte_symbols() -> dict[int, str]:
    """The printable character that byte-level BPE writes for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + index) for index, byte in enumerate(others)}


def _english_merges(texts: Iterable[str], count: int) -> list[tuple[str, str]]:
    learner = Tokenizer(BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(_byte_symbols().values())
    trainer = BpeTrainer(vocab_size=256 + count, initial_alphabet=alphabet, show_progress=False, min_frequency=3)
    learner.train_from_iterator((f" {text}" for text in texts), trainer)
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [(left, right) for left, right in merges]


def build(path: Path, english: Iterable[str], hanzi: Iterable[str], merges: int = 1_000) -> None:
    """Write `tokenizer.json` for the given characters, with byte pairs learned from English text."""
    symbols = _byte_symbols()
    vocabulary = {symbols[byte]: byte for byte in range(256)}
    rules: list[tuple[str, str]] = []

    def merge(left: str, right: str) -> str:
        if left + right not in vocabulary:
            vocabulary[left + right] = len(vocabulary)
            rules.append((left, right))
        return left + right

    for char in sorted(set(hanzi)):
        first, second, third = (symbols[byte] for byte in char.encode())
        merge(merge(first, second), third)
    for left, right in _english_merges(english, merges):
        merge(left, right)
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=rules))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("[\u4e00-\u9fff]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.save(str(path))


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The tokenizer with the ids that training and decoding need."""

    tokenizer: Any

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        return cls(tokenizer=Tokenizer.from_file(str(path)))

    def special(self, name: str) -> int:
        return int(self.tokenizer.token_to_id(f"<|{name}|>"))

    @cached_property
    def eot(self) -> int:
        return self.special("endoftext")

    @cached_property
    def timestamp_begin(self) -> int:
        return self.special("notimestamps") + 1

    @cached_property
    def size(self) -> int:
        return self.timestamp_begin + TIMESTAMPS

    def timestamp(self, secs: float) -> int:
        return self.timestamp_begin + max(0, min(TIMESTAMPS - 1, round(secs / 0.02)))

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Iterable[int]) -> str:
        return str(self.tokenizer.decode([index for index in ids if index < self.eot]))

    def units(self, text: str, lang: str) -> list[list[int]]:
        """The tokens of each hanzi, or of each English word with the space before it."""
        pieces = list(text) if lang == "zh" else [f" {word}" for word in text.split()]
        return [self.encode(piece) for piece in pieces]

    def rows(self) -> list[str]:
        """Every row of the embedding by name; an unused byte is renamed "" which marks the model as multilingual."""
        names = {index: token for token, index in self.tokenizer.get_vocab().items()}
        names[0xFF] = ""
        stamps = [f"<|{index * 0.02:.2f}|>" for index in range(TIMESTAMPS)]
        return [names[index] for index in range(self.timestamp_begin)] + stamps
