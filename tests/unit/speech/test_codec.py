"""G.711 against an independent reading of the recommendation; linear PCM; the upsampler."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import codec
from speech.errors import CodecError

EVERY_SAMPLE = np.arange(-32_768, 32_768, dtype=np.int32).astype(np.int16)
EVERY_BYTE = bytes(range(256))


def mulaw_level(byte: int) -> int:
    """The output value by G.711 table 2b: eight segments of sixteen equal steps, each segment's step twice the last."""
    inverted = 255 - byte
    sign, segment, step = inverted // 128, inverted // 16 % 8, inverted % 16
    level = 33 * 2**segment - 33 + step * 2 ** (segment + 1)
    return (-level if sign else level) * 4


def alaw_level(byte: int) -> int:
    """The output value by G.711 table 1a: 13-bit levels, even bits inverted, first two segments alike."""
    plain = byte ^ 0x55
    positive, segment, step = plain // 128, plain // 16 % 8, plain % 16
    width = 2 if segment < 2 else 2**segment
    start = 0 if segment == 0 else 32 * 2 ** (segment - 1)
    level = start + step * width + width // 2
    return (level if positive else -level) * 8


@pytest.mark.parametrize(("encoding", "level"), [("mulaw", mulaw_level), ("alaw", alaw_level)])
def test_every_byte_decodes_to_the_level_of_the_recommendation(encoding, level):
    assert codec.decode(EVERY_BYTE, encoding).tolist() == [level(byte) for byte in range(256)]


@pytest.mark.parametrize(
    ("encoding", "byte", "sample"),
    [
        ("mulaw", 0xFF, 0),
        ("mulaw", 0x80, 32_124),
        ("mulaw", 0x00, -32_124),
        ("alaw", 0xD5, 8),
        ("alaw", 0x55, -8),
        ("alaw", 0xAA, 32_256),
        ("alaw", 0x2A, -32_256),
    ],
)
def test_published_corner_values(encoding, byte, sample):
    assert codec.decode(bytes([byte]), encoding).tolist() == [sample]


@pytest.mark.parametrize("encoding", ["mulaw", "alaw"])
def test_bytes_survive_decoding_and_encoding(encoding):
    again = codec.encode(codec.decode(EVERY_BYTE, encoding), encoding)
    negative_zero = {0x7F: 0xFF} if encoding == "mulaw" else {}
    assert list(again) == [negative_zero.get(byte, byte) for byte in EVERY_BYTE]


def decision_values(encoding: str) -> np.ndarray:
    """The lower edges of the intervals above zero, by the step widths of tables 1 and 2, in 16-bit units."""
    if encoding == "mulaw":
        widths = [1, *[2] * 15, *(2 ** (segment + 1) for segment in range(1, 8) for _ in range(16))]
        return np.cumsum(widths)[:127] * 4
    widths = [*[2] * 32, *(2**segment for segment in range(2, 8) for _ in range(16))]
    return np.cumsum(widths)[:127] * 8


@pytest.mark.parametrize(("encoding", "below_zero"), [("mulaw", 0), ("alaw", 1)])
def test_every_sample_falls_into_its_interval_of_the_recommendation(encoding, below_zero):
    exact = EVERY_SAMPLE.astype(np.int32)
    magnitude = np.where(exact < 0, -exact - below_zero, exact)
    interval = np.searchsorted(decision_values(encoding), magnitude, side="right")
    plain = np.frombuffer(codec.encode(EVERY_SAMPLE, encoding), np.uint8) ^ (0xFF if encoding == "mulaw" else 0x55)
    assert (plain & 0x7F == interval).all()
    positive = (plain & 0x80 == 0) if encoding == "mulaw" else (plain & 0x80 != 0)
    assert (positive == (exact >= 0)).all()


@given(st.binary(max_size=400).filter(lambda data: len(data) % 2 == 0))
def test_linear_pcm_round_trip_in_both_byte_orders(data):
    for encoding in ("l16", "l16be"):
        assert codec.encode(codec.decode(data, encoding), encoding) == data


def test_byte_order_matters():
    assert codec.decode(b"\x01\x02", "l16").tolist() == [0x0201]
    assert codec.decode(b"\x01\x02", "l16be").tolist() == [0x0102]


def test_half_a_sample_is_refused():
    with pytest.raises(CodecError, match="3 bytes") as caught:
        codec.decode(b"abc", "l16")
    assert caught.value.code == "codec.half_sample"


@pytest.mark.parametrize("call", [lambda: codec.decode(b"", "opus"), lambda: codec.encode(EVERY_SAMPLE, "opus")])
def test_unknown_encoding_is_refused(call):
    with pytest.raises(CodecError, match="expected mulaw, alaw, l16 or l16be") as caught:
        call()
    assert caught.value.code == "codec.unknown_encoding"


def test_channels_come_apart():
    left, right = codec.deinterleave(np.array([1, -1, 2, -2, 3, -3], np.int16), 2)
    assert (left.tolist(), right.tolist()) == ([1, 2, 3], [-1, -2, -3])
    with pytest.raises(CodecError) as caught:
        codec.deinterleave(np.zeros(3, np.int16), 2)
    assert caught.value.code == "codec.half_frame"


def test_float_conversion_round_trip_and_clipping():
    assert (codec.to_pcm(codec.to_float(EVERY_SAMPLE)) == EVERY_SAMPLE).all()
    assert codec.to_pcm(np.array([2.0, -2.0], np.float32)).tolist() == [32_767, -32_768]


def upsampled(samples, cuts=()):
    upsampler = codec.Upsampler()
    parts = [upsampler.push(part) for part in np.split(samples, sorted(cuts))]
    return np.concatenate([*parts, upsampler.flush()])


@given(st.lists(st.integers(0, 2_000), max_size=30), st.integers(0, 5))
def test_upsampling_gives_the_same_bits_however_the_input_is_cut(cuts, seed):
    samples = np.random.default_rng(seed).standard_normal(2_000).astype(np.float32)
    assert upsampled(samples, cuts).tobytes() == upsampled(samples).tobytes()


@pytest.mark.parametrize("frequency", [200, 1_000, 3_000, 3_400])
def test_upsampling_keeps_tones_of_the_telephone_band(frequency):
    wanted = np.sin(2 * np.pi * frequency * np.arange(16_000) / 16_000)
    got = upsampled(wanted[::2].astype(np.float32))
    assert len(got) == 16_000
    assert abs(got - wanted)[200:-200].max() < 2e-4


def test_upsampler_starts_afresh_after_flush():
    samples = np.ones(100, np.float32)
    upsampler = codec.Upsampler()
    first = np.concatenate([upsampler.push(samples), upsampler.flush()])
    second = np.concatenate([upsampler.push(samples), upsampler.flush()])
    assert first.tobytes() == second.tobytes()
