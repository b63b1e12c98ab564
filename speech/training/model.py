"""The Whisper architecture, small, with training heads: a phone for each frame, a token at each token's centre."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Sizes of the network."""

    vocabulary: int
    phones: int
    bands: int = 80
    width: int = 256
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 4
    phone_layer: int = 3
    guided_layers: tuple[int, ...] = (1, 3)
    guided_heads: int = 2
    source_positions: int = 1_500
    target_positions: int = 448


def sinusoids(length: int, channels: int) -> Tensor:
    """Whisper's fixed encoder positions."""
    step = math.log(10_000) / (channels // 2 - 1)
    scales = torch.exp(-step * torch.arange(channels // 2))
    angles = torch.arange(length)[:, None] * scales[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    """Multi-head attention with Whisper's projections: no bias on the keys."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def _split(self, states: Tensor) -> Tensor:
        count, length, width = states.shape
        return states.view(count, length, self.heads, width // self.heads).transpose(1, 2)

    def forward(self, states: Tensor, source: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """The new states and the attention weights [batch, heads, target, source]."""
        query = self._split(self.query(states) * (states.shape[-1] // self.heads) ** -0.5)
        scores = query @ self._split(self.key(source)).transpose(2, 3)
        weights = torch.softmax(scores if bias is None else scores + bias, dim=-1)
        mixed = (weights.to(query.dtype) @ self._split(self.value(source))).transpose(1, 2).flatten(2)
        return self.out(mixed), weights


class Block(nn.Module):
    """A pre-norm transformer layer; with `cross` it also attends to the encoder."""

    def __init__(self, width: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.attention_norm = nn.LayerNorm(width)
        self.cross = Attention(width, heads) if cross else None
        self.cross_norm = nn.LayerNorm(width) if cross else None
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.feed_norm = nn.LayerNorm(width)

    def forward(self, states: Tensor, source: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor | None]:
        normed = self.attention_norm(states)
        states = states + self.attention(normed, normed, bias)[0]
        weights = None
        if self.cross is not None and self.cross_norm is not None and source is not None:
            added, weights = self.cross(self.cross_norm(states), source, None)
            states = states + added
        return states + self.narrow(functional.gelu(self.widen(self.feed_norm(states)))), weights


class Encoder(nn.Module):
    """Two convolutions and transformer layers; gives 50 states a second."""

    positions: Tensor

    def __init__(self, options: ModelOptions) -> None:
        super().__init__()
        self.phone_layer = options.phone_layer
        self.conv1 = nn.Conv1d(options.bands, options.width, 3, padding=1)
        self.conv2 = nn.Conv1d(options.width, options.width, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids(options.source_positions, options.width), persistent=False)
        self.layers = nn.ModuleList(
            Block(options.width, options.heads, cross=False) for _ in range(options.encoder_layers)
        )
        self.norm = nn.LayerNorm(options.width)

    def lower(self, features: Tensor) -> Tensor:
        """The states after the phone layer."""
        states = functional.gelu(self.conv2(functional.gelu(self.conv1(features)))).transpose(1, 2)
        states = states + self.positions[: states.shape[1]]
        for layer in self.layers[: self.phone_layer]:
            states, _ = layer(states, None, None)
        return states

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The normed last states, and the states after the phone layer; a frozen lower part costs no backward pass."""
        if self.conv1.weight.requires_grad:
            middle = self.lower(features)
        else:
            with torch.no_grad():
                middle = self.lower(features)
        states = middle
        for layer in self.layers[self.phone_layer :]:
            states, _ = layer(states, None, None)
        return self.norm(states), middle

    def freeze_lower(self) -> None:
        """Stop learning up to the phone layer."""
        for part in (self.conv1, self.conv2, *self.layers[: self.phone_layer]):
            part.requires_grad_(False)


class Decoder(nn.Module):
    """Token by token, with learned positions and the output tied to the embedding."""

    def __init__(self, options: ModelOptions) -> None:
        super().__init__()
        self.options = options
        self.embedding = nn.Embedding(options.vocabulary, options.width)
        self.positions = nn.Parameter(torch.randn(options.target_positions, options.width) * 0.01)
        self.layers = nn.ModuleList(
            Block(options.width, options.heads, cross=True) for _ in range(options.decoder_layers)
        )
        self.norm = nn.LayerNorm(options.width)

    def forward(self, tokens: Tensor, source: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits for the next token, and the attention weights of the guided heads."""
        length = tokens.shape[1]
        states = self.embedding(tokens) + self.positions[:length]
        causal = torch.full((length, length), float("-inf")).triu(1)
        guided = []
        for index, layer in enumerate(self.layers):
            states, weights = layer(states, source, causal)
            if index in self.options.guided_layers and weights is not None:
                guided.append(weights[:, : self.options.guided_heads])
        return functional.linear(self.norm(states), self.embedding.weight), guided


class Recogniser(nn.Module):
    """Encoder, decoder and the heads that only training uses."""

    def __init__(self, options: ModelOptions) -> None:
        super().__init__()
        self.options = options
        self.encoder = Encoder(options)
        self.decoder = Decoder(options)
        self.phone_norm = nn.LayerNorm(options.width)
        self.phone_head = nn.Linear(options.width, options.phones)
        self.anchor_head = nn.Linear(options.width, options.width)
        self.apply(_initialise)
        with torch.no_grad():
            self.encoder.conv2.weight.mul_(2.0)
            for layer in self.encoder.layers:
                attention = cast(Block, layer).attention
                attention.query.weight.mul_(1.5)
                attention.key.weight.copy_(attention.query.weight)
            nn.init.normal_(self.decoder.embedding.weight, std=0.03)

    def freeze_lower(self) -> None:
        """Keep what tells phones apart as it is; the rest goes on learning text."""
        self.encoder.freeze_lower()
        self.phone_norm.requires_grad_(False)
        self.phone_head.requires_grad_(False)

    def phone_logits(self, middle: Tensor) -> Tensor:
        logits: Tensor = self.phone_head(self.phone_norm(middle))
        return logits

    def anchor_logits(self, states: Tensor) -> Tensor:
        """Token logits of single encoder states, through the decoder's embedding."""
        return functional.linear(self.anchor_head(states), self.decoder.embedding.weight)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
