"""From a training checkpoint to the model directory that faster-whisper loads: weights in eight bits, no converter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from ctranslate2.specs import whisper_spec
from numpy.typing import NDArray
from torch import Tensor

from speech.training.augment import TELEPHONE_BANDS
from speech.training.model import Attention, Block, ModelOptions, Recogniser
from speech.training.tokenizer import Vocabulary

Array = NDArray[np.float32]


def load_checkpoint(path: Path) -> tuple[Recogniser, dict[str, Any]]:
    """The network and the run's counters."""
    saved: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    options = saved["options"]
    options["guided_layers"] = tuple(options["guided_layers"])
    model = Recogniser(ModelOptions(**options))
    model.load_state_dict(saved["model"])
    return model.eval(), saved["state"]


def _array(tensor: Tensor) -> Array:
    return tensor.detach().float().contiguous().numpy()


def _bias(layer: torch.nn.Conv1d) -> Array:
    return _array(cast(Tensor, layer.bias))


def _linear(spec: Any, layer: torch.nn.Linear) -> None:
    spec.weight = _array(layer.weight)
    spec.bias = _array(layer.bias) if layer.bias is not None else np.zeros(layer.weight.shape[0], np.float32)


def _norm(spec: Any, layer: torch.nn.LayerNorm) -> None:
    spec.gamma = _array(layer.weight)
    spec.beta = _array(layer.bias)


def _stacked(spec: Any, layers: list[torch.nn.Linear]) -> None:
    """Several projections as one, with a zero bias for the keys, which have none."""
    biases: list[Tensor] = [
        torch.zeros(layer.weight.shape[0]) if layer.bias is None else layer.bias for layer in layers
    ]
    weights: list[Tensor] = [layer.weight for layer in layers]
    spec.weight = _array(torch.cat(weights))
    spec.bias = _array(torch.cat(biases))


def _self_attention(spec: Any, attention: Attention, norm: torch.nn.LayerNorm) -> None:
    _norm(spec.layer_norm, norm)
    _stacked(spec.linear[0], [attention.query, attention.key, attention.value])
    _linear(spec.linear[1], attention.out)


def _block(spec: Any, block: Block) -> None:
    _self_attention(spec.self_attention, block.attention, block.attention_norm)
    if block.cross is not None and block.cross_norm is not None:
        _norm(spec.attention.layer_norm, block.cross_norm)
        _linear(spec.attention.linear[0], block.cross.query)
        _stacked(spec.attention.linear[1], [block.cross.key, block.cross.value])
        _linear(spec.attention.linear[2], block.cross.out)
    _norm(spec.ffn.layer_norm, block.feed_norm)
    _linear(spec.ffn.linear_0, block.widen)
    _linear(spec.ffn.linear_1, block.narrow)


def _spec(model: Recogniser) -> Any:
    options = model.options
    spec = whisper_spec.WhisperSpec(options.encoder_layers, options.heads, options.decoder_layers, options.heads)
    first = model.encoder.conv1.weight.detach().clone()
    first[:, TELEPHONE_BANDS:] = 0
    spec.encoder.conv1.weight, spec.encoder.conv1.bias = _array(first), _bias(model.encoder.conv1)
    spec.encoder.conv2.weight = _array(model.encoder.conv2.weight)
    spec.encoder.conv2.bias = _bias(model.encoder.conv2)
    spec.encoder.position_encodings.encodings = _array(model.encoder.positions)
    _norm(spec.encoder.layer_norm, model.encoder.norm)
    for part, layers in ((spec.encoder, model.encoder.layers), (spec.decoder, model.decoder.layers)):
        for layer_spec, layer in zip(part.layer, layers, strict=True):
            _block(layer_spec, cast(Block, layer))
    spec.decoder.embeddings.weight = _array(model.decoder.embedding.weight)
    spec.decoder.position_encodings.encodings = _array(model.decoder.positions)
    _norm(spec.decoder.layer_norm, model.decoder.norm)
    spec.decoder.projection.weight = _array(model.decoder.embedding.weight)
    return spec


def export(checkpoint: Path, tokenizer: Path, directory: Path) -> Path:
    """Write model.bin, config.json, vocabulary.json, tokenizer.json and preprocessor_config.json."""
    model, _ = load_checkpoint(checkpoint)
    vocabulary = Vocabulary.load(tokenizer)
    options = model.options
    last = options.decoder_layers - 1
    spec = _spec(model)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.encode(" ")[0]]
    spec.config.lang_ids = [vocabulary.special("en"), vocabulary.special("zh")]
    spec.config.alignment_heads = [[last, head] for head in range(options.guided_heads)]
    spec.register_vocabulary(vocabulary.rows())
    spec.validate()
    spec.optimize(quantization="int8")
    directory.mkdir(parents=True, exist_ok=True)
    spec.save(str(directory))
    (directory / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    features = {
        "feature_size": options.bands,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    (directory / "preprocessor_config.json").write_text(json.dumps(features, indent=1) + "\n")
    return directory
