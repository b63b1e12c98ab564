"""Small Whisper models with random weights: they load like real ones and answer nonsense, always the same.

`write_tiny_whisper` makes one of a few kilobytes in the layout of our own models. `write_real_shape` makes one in the
layout of a published Whisper: as many tokens with the same numbers, as many mel bands, 30 s of padding.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What tells one family of Whisper models from another. `listed`: tokenizer.json has the timestamps too."""

    text_tokens: int = 256
    specials: tuple[str, ...] = SPECIALS
    mels: int = MELS
    multilingual: bool = True
    listed: bool = False
    decoder_layers: int = 1


def _whisper_specials(languages: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(f"<|{code}|>" for code in languages)
    return (*SPECIALS[:2], *codes, *SPECIALS[4:])


def real_shapes() -> dict[str, Shape]:
    """The layouts of the published models by a name of each family."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES as ALL

    older = tuple(code for code in ALL if code != "yue")
    return {
        "small": Shape(text_tokens=50_257, specials=_whisper_specials(older), mels=80),
        "small.en": Shape(text_tokens=50_256, specials=_whisper_specials(older), mels=80, multilingual=False),
        "large-v3": Shape(text_tokens=50_257, specials=_whisper_specials(ALL), mels=128, listed=True),
        "distil-large-v3": Shape(
            text_tokens=50_257, specials=_whisper_specials(ALL), mels=128, listed=True, decoder_layers=2
        ),
    }


def write_tokenizer(directory: Path, shape: Shape = Shape()) -> list[str]:
    """Byte tokens, tokens that never occur, and Whisper's special tokens; gives the rows of the embedding by name."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    text = [*alphabet, *(f"unused{index}" for index in range(len(alphabet), shape.text_tokens))]
    tokenizer = Tokenizer(BPE(vocab={token: index for index, token in enumerate(text)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*shape.specials, *(TIMESTAMPS if shape.listed else ())])
    tokenizer.save(str(directory / "tokenizer.json"))
    rows = [*text, *shape.specials, *TIMESTAMPS]
    if shape.multilingual:
        rows[len(text) - 1] = ""  # marks the model as multilingual for CTranslate2
    return rows


def _output_bias(rows: list[str]) -> np.ndarray:
    """Only letters, the space and the end can win, so that the nonsense is readable and short."""
    letters = {*"abcdefghijklmnopqrstuvwxyz", "Ġ"}
    bias = np.array([0.0 if row in letters else -60.0 for row in rows], np.float32)
    bias[rows.index("<|endoftext|>")] = END_BIAS
    return bias


def write_real_shape(directory: Path, family: str) -> Path:
    """Write a model in the layout of `real_shapes()[family]`."""
    return write_tiny_whisper(directory, shape=real_shapes()[family])


def write_tiny_whisper(directory: Path, seed: int = 7, shape: Shape = Shape()) -> Path:
    """Write the model into a directory and return it."""
    from ctranslate2.specs import WhisperSpec

    directory.mkdir(parents=True, exist_ok=True)
    rows = write_tokenizer(directory, shape)
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

    spec = WhisperSpec(1, HEADS, shape.decoder_layers, HEADS)
    for convolution, inputs in ((spec.encoder.conv1, shape.mels), (spec.encoder.conv2, WIDTH)):
        convolution.weight, convolution.bias = weights(WIDTH, inputs, 3), np.zeros(WIDTH, np.float32)
    spec.encoder.position_encodings.encodings = weights(1500, WIDTH)
    norm(spec.encoder.layer_norm)
    layer(spec.encoder.layer[0], cross=False)
    spec.decoder.embeddings.weight = weights(len(rows), WIDTH)
    spec.decoder.projection.weight = weights(len(rows), WIDTH, scale=1.0)
    spec.decoder.projection.bias = _output_bias(rows)
    spec.decoder.position_encodings.encodings = weights(448, WIDTH, scale=2.0)
    norm(spec.decoder.layer_norm)
    for decoder_layer in spec.decoder.layer:
        layer(decoder_layer, cross=True)
    spec.config.lang_ids = [at for at, row in enumerate(rows) if row in shape.specials and len(row.strip("<|>")) <= 3]
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [rows.index("<|endoftext|>")]
    spec.config.alignment_heads = [[shape.decoder_layers - 1, 0], [shape.decoder_layers - 1, 1]]
    spec.register_vocabulary(rows)
    spec.validate()
    spec.save(str(directory))
    (directory / "preprocessor_config.json").write_text(json.dumps({"feature_size": shape.mels}), encoding="utf-8")
    return directory
