"""Telephone line effects on a batch of 8 kHz clips, and the log-mel features that a 16 kHz Whisper extractor gives."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from faster_whisper.feature_extractor import FeatureExtractor
from torch import Tensor
from torch.nn import functional

RATE = 8_000
MEL_BANDS = 80
TELEPHONE_BANDS = 60
"""Mel bands below 4 kHz; the model must not listen above them."""
PACKET = 160
"""Samples of a 20 ms packet."""
_WINDOW, _HOP = 200, 80


@dataclass(frozen=True, kw_only=True)
class LineEffects:
    """Chances and ranges of the effects of a telephone line."""

    noise_chance: float = 0.7
    babble_chance: float = 0.12
    mu_law_chance: float = 0.85
    loss_chance: float = 0.1
    loss_share: tuple[float, float] = (0.005, 0.05)
    """Of the 20 ms packets of a clip that suffers losses, how many never come."""
    clipping_chance: float = 0.06
    clipping_db: tuple[float, float] = (4.0, 14.0)
    """How far the signal is driven beyond full scale."""
    snr_db: tuple[float, float] = (6.0, 42.0)
    gain_db: tuple[float, float] = (-26.0, -2.0)
    tilt_db: float = 8.0
    masks: bool = True


def _uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator) * (high - low) + low


def _chance(generator: torch.Generator, chance: float, count: int) -> Tensor:
    return (torch.rand(count, 1, generator=generator) < chance).float()


def _power(waves: Tensor) -> Tensor:
    """Mean square of the sounding part of each clip."""
    loud = (waves.abs() > 1e-4).sum(1, keepdim=True).clamp(min=1)
    return waves.square().sum(1, keepdim=True) / loud + 1e-9


def _equalise(waves: Tensor, effects: LineEffects, generator: torch.Generator) -> Tensor:
    """Band-pass with soft edges and a tilt, both different for each clip."""
    count, length = waves.shape
    size = length + length % 2
    spectrum = torch.fft.rfft(waves, n=size)
    hertz = torch.linspace(0, RATE / 2, spectrum.shape[1])[None, :]
    low = _uniform(generator, 60, 320, count, 1)
    high = _uniform(generator, 3_150, 4_000, count, 1)
    octaves = torch.log2((hertz + 50) / 1_000)
    tilt = _uniform(generator, -effects.tilt_db / 2, effects.tilt_db / 2, count, 1)
    bump = _uniform(generator, -4, 4, count, 1)
    centre = _uniform(generator, -1.5, 1.5, count, 1)
    shape_db = tilt * octaves + bump * torch.exp(-((octaves - centre) ** 2))
    edges = torch.sigmoid((hertz - low) / 35) * torch.sigmoid((high - hertz) / 60)
    shaped: Tensor = torch.fft.irfft(spectrum * edges * 10 ** (shape_db / 20), n=size)
    return shaped[:, :length]


def _coloured_noise(count: int, length: int, generator: torch.Generator) -> Tensor:
    size = length + length % 2
    spectrum = torch.fft.rfft(torch.randn(count, size, generator=generator))
    hertz = torch.linspace(1, RATE / 2, spectrum.shape[1])[None, :]
    slope = _uniform(generator, -1.0, 0.3, count, 1)
    noise: Tensor = torch.fft.irfft(spectrum * (hertz / 500) ** slope, n=size)
    return noise[:, :length] / noise.std(1, keepdim=True)


def _add_noise(waves: Tensor, effects: LineEffects, generator: torch.Generator) -> Tensor:
    count, length = waves.shape
    snr = 10 ** (-_uniform(generator, *effects.snr_db, count, 1) / 20)
    level = _power(waves).sqrt()
    noisy = waves + _chance(generator, effects.noise_chance, count) * level * snr * _coloured_noise(
        count, length, generator
    )
    if count > 3:
        order = torch.randperm(count, generator=generator)
        babble = waves[order] + waves[order.roll(1)].flip(1) + waves[order.roll(2)]
        quiet = 10 ** (-_uniform(generator, 8, 24, count, 1) / 20)
        babble = babble / _power(babble).sqrt() * level * quiet
        noisy = noisy + _chance(generator, effects.babble_chance, count) * babble
    return noisy


def mu_law(waves: Tensor) -> Tensor:
    """What eight-bit mu-law leaves of the samples."""
    folded = waves.clamp(-1, 1)
    compressed = folded.sign() * torch.log1p(255 * folded.abs()) / torch.log(torch.tensor(256.0))
    stepped = torch.round(compressed * 127) / 127
    return stepped.sign() * (torch.pow(256.0, stepped.abs()) - 1) / 255


def telephone(waves: Tensor, effects: LineEffects, generator: torch.Generator) -> Tensor:
    """A batch of clips in [-1, 1] as telephone lines would deliver them."""
    count = len(waves)
    shaped = _equalise(waves, effects, generator)
    peak = shaped.abs().amax(1, keepdim=True).clamp(min=1e-4)
    shaped = shaped / peak
    noisy = _add_noise(shaped, effects, generator)
    gain = 10 ** (_uniform(generator, *effects.gain_db, count, 1) / 20)
    over = 10 ** (_uniform(generator, *effects.clipping_db, count, 1) / 20)
    driven = _chance(generator, effects.clipping_chance, count) * over
    heard = (noisy * torch.maximum(gain, driven)).clamp(-1, 1)
    coded = _chance(generator, effects.mu_law_chance, count)
    return _lose_packets(coded * mu_law(heard) + (1 - coded) * heard, effects, generator)


def _lose_packets(waves: Tensor, effects: LineEffects, generator: torch.Generator) -> Tensor:
    """Packets that never came, as the silence that the stream puts in their place."""
    count, length = waves.shape
    packets = -(-length // PACKET)
    share = _chance(generator, effects.loss_chance, count) * _uniform(generator, *effects.loss_share, count, 1)
    kept = (torch.rand(count, packets, generator=generator) >= share).float()
    return waves * kept.repeat_interleave(PACKET, dim=1)[:, :length]


_FILTERS = torch.from_numpy(FeatureExtractor.get_mel_filters(16_000, 400, MEL_BANDS)[:, : _WINDOW // 2 + 1]).float()


def log_mel(waves: Tensor, lengths: Tensor) -> Tensor:
    """Features [batch, 80, frames] of 8 kHz clips as the 16 kHz extractor sees them; zero after each clip's end."""
    window = torch.hann_window(_WINDOW)
    spectrum = torch.stft(waves, _WINDOW, _HOP, window=window, center=True, return_complex=True)
    power = spectrum[..., :-1].abs().square() * 4
    logs = torch.clamp(_FILTERS @ power, min=1e-10).log10()
    logs[:, TELEPHONE_BANDS:] = -10
    inside = torch.arange(logs.shape[2])[None, :] < (lengths // _HOP)[:, None]
    loudest = torch.where(inside[:, None], logs, -10.0).amax((1, 2), keepdim=True)
    features = (torch.maximum(logs, loudest - 8.0) + 4.0) / 4.0
    features[:, TELEPHONE_BANDS:] = 0
    return features * inside[:, None]


def mask(features: Tensor, lengths: Tensor, generator: torch.Generator) -> Tensor:
    """SpecAugment with narrow masks: up to two of eight bands, up to two of 0.12 s."""
    count, _, frames = features.shape
    bands = torch.arange(MEL_BANDS)[None, :]
    times = torch.arange(frames)[None, :]
    keep = torch.ones_like(features)
    for _ in range(2):
        first = torch.randint(0, TELEPHONE_BANDS, (count, 1), generator=generator)
        width = torch.randint(0, 9, (count, 1), generator=generator)
        keep *= ~((bands >= first) & (bands < first + width))[:, :, None]
        first = (torch.rand(count, 1, generator=generator) * (lengths[:, None] / _HOP)).long()
        width = torch.randint(0, 13, (count, 1), generator=generator)
        keep *= ~((times >= first) & (times < first + width))[:, None, :]
    return features * keep + features.mean((1, 2), keepdim=True) * (1 - keep) * (features != 0)


def pad_columns(features: Tensor, extra: int) -> Tensor:
    """Zero columns at the end, as a short window in a longer one has them."""
    return functional.pad(features, (0, extra))
