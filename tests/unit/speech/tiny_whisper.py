"""A Whisper model of a few kilobytes with random weights: loads like a real one, answers nonsense, always the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WIDTH, HEADS, MELS = 16, 2, 40
END_BIAS = 3.0
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
TIMESTAMPS = [f"<|{index * 0.02:.2f}|>" for index in range(1501)]


def write_tokenizer(directory: Path) -> list[str]:
    """Byte tokens and Whisper's special tokens; gives the rows of the embedding by name."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={token: index for index, token in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.save(str(directory / "tokenizer.json"))
    rows = [*alphabet, *SPECIALS, *TIMESTAMPS]
    rows[-len(TIMESTAMPS) - len(SPECIALS) - 1] = ""  # marks the model as multilingual for CTranslate2
    return rows


def _output_bias(rows: list[str]) -> np.ndarray:
    """Only letters, the space and the end can win, so that the nonsense is readable and short."""
    letters = {*"abcdefghijklmnopqrstuvwxyz", "Ġ"}
    bias = np.array([0.0 if row in letters else -60.0 for row in rows], np.float32)
    bias[rows.index("<|endoftext|>")] = END_BIAS
    return bias


def write_tiny_whisper(directory: Path, seed: int = 7) -> Path:
    """Write the model into a directory and return it."""
    from ctranslate2.specs import WhisperSpec

    directory.mkdir(parents=True, exist_ok=True)
    rows = write_tokenizer(directory)
    random = np.random.default_rng(seed)

    def weights(*shape: int, scale: float = 0.3) -> np.ndarray:
        return (random.standard_normal(shape) * scale).astype(np.float32)

    def norm(spec) -> None:
        spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def linear(spec, outputs: int, inputs: int) -> None:
        spec.weight, spec.bias = weights(outputs, inputs), np.zeros(outputs, np.float32)

    def layer(spec, cross: bool) -> None:
        norm(spec.self_attention.layer_norm)
        linear(spec.self_attention.linear[0], 3 * WIDTH, WIDTH)
        linear(spec.self_attention.linear[1], WIDTH, WIDTH)
        if cross:
            norm(spec.attention.layer_norm)
            for part, outputs in zip(spec.attention.linear, (WIDTH, 2 * WIDTH, WIDTH), strict=True):
                linear(part, outputs, WIDTH)
        norm(spec.ffn.layer_norm)
        linear(spec.ffn.linear_0, 4 * WIDTH, WIDTH)
        linear(spec.ffn.linear_1, WIDTH, 4 * WIDTH)

    spec = WhisperSpec(1, HEADS, 1, HEADS)
    for convolution, inputs in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        convolution.weight, convolution.bias = weights(WIDTH, inputs, 3), np.zeros(WIDTH, np.float32)
    spec.encoder.position_encodings.encodings = weights(1500, WIDTH)
    norm(spec.encoder.layer_norm)
    layer(spec.encoder.layer[0], cross=False)
    spec.decoder.embeddings.weight = weights(len(rows), WIDTH)
    spec.decoder.projection.weight = weights(len(rows), WIDTH, scale=1.0)
    spec.decoder.projection.bias = _output_bias(rows)
    spec.decoder.position_encodings.encodings = weights(448, WIDTH, scale=2.0)
    norm(spec.decoder.layer_norm)
    layer(spec.decoder.layer[0], cross=True)
    spec.config.lang_ids = [rows.index("<|en|>"), rows.index("<|zh|>")]
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [rows.index("<|endoftext|>")]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.register_vocabulary(rows)
    spec.validate()
    spec.save(str(directory))
    (directory / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}), encoding="utf-8")
    return directory
