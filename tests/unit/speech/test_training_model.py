"""Vocabulary, features, batches, and a tiny network taken all the way into faster-whisper."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("faster_whisper")

import torch
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor

from speech.training import nonspeech
from speech.training.augment import PACKET, RATE, TELEPHONE_BANDS, LineEffects, log_mel, mask, mu_law, telephone
from speech.training.batches import IGNORE, BatchOptions, Collator, Item, bucket, plan_items
from speech.training.corpus import Clip
from speech.training.export import export
from speech.training.listening import hear, open_model
from speech.training.losses import losses
from speech.training.model import ModelOptions, Recogniser
from speech.training.tokenizer import TIMESTAMPS, Vocabulary, build, gb2312_level_one


@pytest.fixture(scope="module")
def tokenizer_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    english = ["i can pay two hundred dollars on friday", "please stop calling me", "i can pay on friday"] * 3
    build(path, english, "我下周五还两千块您好喂", merges=60)
    return path


@pytest.fixture(scope="module")
def vocabulary(tokenizer_path: Path) -> Vocabulary:
    return Vocabulary.load(tokenizer_path)


def _clip(lang: str = "zh", text: str = "我还两千块", secs: float = 1.5) -> Clip:
    units = len(text) if lang == "zh" else len(text.split())
    rng = np.random.default_rng(len(text))
    return Clip(
        text=text,
        lang=lang,
        source="test",
        samples=(rng.standard_normal(int(secs * RATE)) * 3_000).astype(np.int16),
        phone_ids=np.array([1, 2, 0], np.int16),
        phone_starts=np.array([0.0, secs / 2, secs - 0.1], np.float32),
        units=np.linspace(0, secs * 0.8, units).astype(np.float32),
    )


def test_everyday_hanzi() -> None:
    found = gb2312_level_one()
    assert len(found) == len(set(found)) == 3_755


def test_one_token_per_hanzi_and_text_comes_back(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.encode("我还两千块")) == 5
    for text in ("我还两千块", " i can't pay", "龘不在表里", " -"):
        assert vocabulary.decode(vocabulary.encode(text)) == text
    assert vocabulary.units("i can pay", "en") == [vocabulary.encode(word) for word in (" i", " can", " pay")]


def test_token_order_is_what_faster_whisper_needs(vocabulary: Vocabulary) -> None:
    rows = vocabulary.rows()
    assert len(rows) == vocabulary.size
    assert "" in rows
    assert rows[vocabulary.eot] == "<|endoftext|>"
    assert rows[-TIMESTAMPS] == "<|0.00|>"
    assert rows[-1] == "<|30.00|>"
    assert vocabulary.timestamp_begin == vocabulary.special("notimestamps") + 1
    assert vocabulary.timestamp(1.02) == vocabulary.timestamp_begin + 51


def test_features_match_the_extractor_at_sixteen_kilohertz() -> None:
    import soxr

    rng = np.random.default_rng(1)
    wave = np.convolve(rng.standard_normal(RATE * 2), np.ones(4) / 4, "same").astype(np.float32) * 0.2
    wide = soxr.resample(wave, RATE, 16_000, quality="VHQ").astype(np.float32)
    expected = FeatureExtractor()(wide)[:58, 10:190]
    got = log_mel(torch.from_numpy(wave)[None], torch.tensor([len(wave)]))[0, :58, 10:190].numpy()
    assert np.abs(expected - got).mean() < 0.02


def test_features_are_zero_after_the_end_and_above_the_telephone_band() -> None:
    waves = torch.randn(2, RATE) * 0.1
    features = log_mel(waves, torch.tensor([RATE, RATE // 2]))
    assert float(features[1, :, 50:].abs().max()) == 0
    assert float(features[:, TELEPHONE_BANDS:].abs().max()) == 0


def test_line_effects_are_seeded_and_bounded() -> None:
    waves = torch.randn(4, RATE) * 0.2
    first = telephone(waves, LineEffects(), torch.Generator().manual_seed(3))
    again = telephone(waves, LineEffects(), torch.Generator().manual_seed(3))
    assert torch.equal(first, again)
    assert float(first.abs().max()) <= 1.0
    masked = mask(log_mel(first, torch.full((4,), RATE)), torch.full((4,), RATE), torch.Generator().manual_seed(3))
    assert bool(torch.isfinite(masked).all())


def test_lost_packets_are_silence_in_about_the_asked_share() -> None:
    effects = LineEffects(noise_chance=0, babble_chance=0, clipping_chance=0, loss_chance=1, loss_share=(0.05, 0.05))
    waves = torch.randn(8, 20 * RATE, generator=torch.Generator().manual_seed(1)) * 0.2
    heard = telephone(waves, effects, torch.Generator().manual_seed(3)).view(8, -1, PACKET)
    lost = (heard == 0).all(2).float().mean()
    assert 0.03 < float(lost) < 0.07


def test_clipping_flattens_the_peaks() -> None:
    waves = torch.sin(torch.arange(RATE) * 0.3)[None].repeat(2, 1)
    quiet = LineEffects(noise_chance=0, babble_chance=0, loss_chance=0, clipping_chance=0)
    driven = LineEffects(noise_chance=0, babble_chance=0, loss_chance=0, clipping_chance=1)
    assert float((telephone(waves, quiet, torch.Generator()).abs() > 0.999).float().mean()) == 0.0
    assert float((telephone(waves, driven, torch.Generator()).abs() > 0.98).float().mean()) > 0.3


def test_mu_law_keeps_loud_and_quiet_samples_apart() -> None:
    wave = torch.tensor([[-1.0, -0.1, -0.001, 0.0, 0.001, 0.1, 1.0]])
    coded = mu_law(wave)
    assert torch.allclose(coded, wave, atol=0.02)
    assert float(coded[0, 3]) == 0


@pytest.mark.parametrize("kind", nonspeech.KINDS)
def test_sounds_without_speech(kind: str) -> None:
    wave = nonspeech.make(kind, 1.5, np.random.default_rng(4))
    assert len(wave) == int(1.5 * RATE)
    assert bool(np.isfinite(wave).all())


def test_collated_targets_line_up(vocabulary: Vocabulary) -> None:
    options = BatchOptions(token_noise=0.0)
    collator = Collator(vocabulary, options, np.random.default_rng(2))
    cut = Item(clips=(_clip(),), keep_units=2, secs=1.5)
    items = [Item(clips=(_clip(), _clip("zh", "您好")), keep_units=None, secs=3.2), cut]
    items.append(Item(clips=(), keep_units=None, secs=1.0))
    batch = collator.collate(items)
    assert batch.tokens.shape == batch.labels.shape == batch.centres.shape
    text = [int(label) for label, centre in zip(batch.labels[0], batch.centres[0], strict=True) if centre >= 0]
    assert vocabulary.decode(text) == "我还两千块您好"
    assert text[-1] == vocabulary.eot
    kept = [int(label) for label, centre in zip(batch.labels[1], batch.centres[1], strict=True) if centre >= 0]
    assert vocabulary.decode(kept) == "我还"
    centres = batch.centres[0][batch.centres[0] >= 0]
    assert bool((centres[1:] > centres[:-1]).all())
    assert int(batch.labels[2, 0]) == vocabulary.special("nospeech")
    assert vocabulary.eot in batch.labels[2].tolist()
    assert float(batch.lengths.max()) <= batch.waves.shape[1]
    assert set(batch.phones[0].tolist()) <= {IGNORE, 0, 1, 2}


def test_an_epoch_holds_every_clip_once() -> None:
    clips = [_clip("zh" if index % 3 else "en", "我还两千块" if index % 3 else "i can pay") for index in range(60)]
    items = plan_items(clips, BatchOptions(), np.random.default_rng(1))
    assert sum(len(item.clips) for item in items) == 60
    assert all(len({clip.lang for clip in item.clips}) <= 1 for item in items)
    batches = bucket(items, BatchOptions(audio_secs=12), np.random.default_rng(1), short_first=True)
    assert sum(len(batch) for batch in batches) == len(items)


@pytest.mark.slow
def test_a_tiny_network_learns_and_loads_in_faster_whisper(
    vocabulary: Vocabulary, tokenizer_path: Path, tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    options = ModelOptions(
        vocabulary=vocabulary.size, phones=3, width=64, heads=2, encoder_layers=2, decoder_layers=2, phone_layer=1,
        guided_layers=(1,),
    )  # fmt: skip
    model = Recogniser(options)
    collator = Collator(vocabulary, BatchOptions(timestamps_chance=0.0, token_noise=0.0), np.random.default_rng(1))
    clip = _clip()
    batch = collator.collate([Item(clips=(clip,), keep_units=None, secs=1.5)] * 2)
    features = log_mel(batch.waves, batch.lengths)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    seen = []
    for _ in range(60):
        parts = losses(model, batch, features, 0.0)
        optimiser.zero_grad()
        sum(parts.values()).backward()
        optimiser.step()
        seen.append(float(parts["text"].detach()))
    assert seen[-1] < 0.2 < seen[0]
    checkpoint = tmp_path / "checkpoint.pt"
    torch.save({"model": model.state_dict(), "options": asdict(options), "state": {}}, checkpoint)
    directory = export(checkpoint, tokenizer_path, tmp_path / "model")
    names = {"model.bin", "config.json", "vocabulary.json", "tokenizer.json", "preprocessor_config.json"}
    assert {path.name for path in directory.iterdir()} == names
    assert len(json.loads((directory / "vocabulary.json").read_text())) == vocabulary.size
    wave = clip.samples.astype(np.float32) / 32_768
    assert hear(open_model(directory), wave, None)[::2] == (clip.text, "zh")
    sixteen = np.zeros(16_000, np.float32)
    _, info = WhisperModel(str(directory), device="cpu").transcribe(sixteen)
    assert info.language in ("zh", "en")


def test_a_frozen_lower_encoder_gets_no_gradient(vocabulary: Vocabulary) -> None:
    options = ModelOptions(
        vocabulary=vocabulary.size, phones=3, width=32, heads=2, encoder_layers=2, decoder_layers=1, phone_layer=1,
        guided_layers=(0,),
    )  # fmt: skip
    model = Recogniser(options)
    model.freeze_lower()
    collator = Collator(vocabulary, BatchOptions(), np.random.default_rng(1))
    batch = collator.collate([Item(clips=(_clip(),), keep_units=None, secs=1.5)])
    sum(losses(model, batch, log_mel(batch.waves, batch.lengths), 0.1).values()).backward()
    assert model.encoder.conv1.weight.grad is None
    assert model.decoder.embedding.weight.grad is not None
