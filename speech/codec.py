"""G.711 and linear PCM to samples and back, and the step from 8 to 16 kHz.

Source: ITU-T Recommendation G.711 (11/1988), tables 1a/2a (A-law) and 1b/2b (mu-law). Both laws are two table
look-ups here: 256 entries to decode, 65 536 to encode. The decoded range is the usual 16-bit scaling of
the standard's 13 and 14 bits.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.errors import CodecError
from speech.types import RECOGNITION_RATE, Pcm, Samples

Encoding = Literal["mulaw", "alaw", "l16", "l16be"]
"""How a payload is written. `l16` is little-endian (FreeSWITCH, jambonz), `l16be` is network order (RFC 3551)."""

TELEPHONE_RATE = 8_000
_MULAW_BIAS = 0x84
_MULAW_CLIP = 32_635


def _mulaw_decode_table() -> Pcm:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = ((code >> 4) & 0x07).astype(np.int32)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + _MULAW_BIAS) << exponent) - _MULAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_decode_table() -> Pcm:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment = ((code >> 4) & 0x07).astype(np.int32)
    step = (code & 0x0F).astype(np.int32) << 4
    magnitude = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _mulaw_encode_table() -> NDArray[np.uint8]:
    """Indexed by the 16-bit pattern of the sample."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample), _MULAW_CLIP) + _MULAW_BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(sample < 0, 0x80, 0)
    code: NDArray[np.int32] = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return code.astype(np.uint8)


def _alaw_encode_table() -> NDArray[np.uint8]:
    """Indexed by the 16-bit pattern of the sample."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(sample < 0, -sample - 1, sample) >> 3
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 0x0F
    sign = np.where(sample < 0, 0x00, 0x80)
    code: NDArray[np.int32] = (sign | (segment << 4) | mantissa) ^ 0x55
    return code.astype(np.uint8)


_DECODE: dict[str, Pcm] = {"mulaw": _mulaw_decode_table(), "alaw": _alaw_decode_table()}
_ENCODE: dict[str, NDArray[np.uint8]] = {"mulaw": _mulaw_encode_table(), "alaw": _alaw_encode_table()}
_LINEAR = {"l16": "<i2", "l16be": ">i2"}


def decode(payload: bytes | bytearray | memoryview, encoding: Encoding) -> Pcm:
    """The samples of a payload.

    Raises `CodecError` `codec.unknown_encoding`, or `codec.half_sample` for 16-bit audio with an odd number of bytes.
    """
    table = _DECODE.get(encoding)
    if table is not None:
        return table.take(np.frombuffer(payload, np.uint8))
    layout = _LINEAR.get(encoding)
    if layout is None:
        raise CodecError(
            "codec.unknown_encoding", f"encoding {encoding!r} is not known; expected mulaw, alaw, l16 or l16be"
        )
    if len(payload) % 2:
        raise CodecError(
            "codec.half_sample",
            f"a 16-bit payload of {len(payload)} bytes ends inside a sample",
            hint="check that the sender's format is 16-bit linear and that packets are not cut",
        )
    return np.frombuffer(payload, layout).astype(np.int16)


def encode(samples: Pcm, encoding: Encoding) -> bytes:
    """The payload of samples. Raises `CodecError` `codec.unknown_encoding`."""
    table = _ENCODE.get(encoding)
    if table is not None:
        return table.take(np.ascontiguousarray(samples, np.int16).view(np.uint16)).tobytes()
    layout = _LINEAR.get(encoding)
    if layout is None:
        raise CodecError(
            "codec.unknown_encoding", f"encoding {encoding!r} is not known; expected mulaw, alaw, l16 or l16be"
        )
    return samples.astype(layout).tobytes()


def deinterleave(samples: Pcm, channels: int) -> tuple[Pcm, ...]:
    """The channels of interleaved audio, first channel first.

    Raises `CodecError` `codec.half_frame` when the channels have not the same number of samples.
    """
    if channels < 1 or len(samples) % channels:
        raise CodecError("codec.half_frame", f"{len(samples)} samples do not divide into {channels} channels")
    return tuple(np.ascontiguousarray(samples[channel::channels]) for channel in range(channels))


def to_float(samples: Pcm) -> Samples:
    """Samples with full scale at -1 and 1."""
    return samples.astype(np.float32) * np.float32(1 / 32_768)


def to_pcm(samples: Samples) -> Pcm:
    """Samples as 16-bit integers, clipped at full scale."""
    scaled: NDArray[np.float32] = np.rint(samples * np.float32(32_768))
    return scaled.clip(-32_768, 32_767).astype(np.int16)


class Upsampler:
    """8 kHz to 16 kHz for one track, by soxr.

    The output is the same bits however the input is cut (held by a test). soxr works in blocks: about a tenth of a
    second of audio is kept back until more comes; `flush` gives it out as if silence followed and starts afresh.
    """

    def __init__(self) -> None:
        self._resampler = _new_resampler()

    def push(self, samples: Samples) -> Samples:
        """The output that these samples complete, twice the rate."""
        return np.asarray(self._resampler.resample_chunk(samples), np.float32)

    def flush(self) -> Samples:
        """The output kept back."""
        tail = np.asarray(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)
        self._resampler = _new_resampler()
        return tail


def _new_resampler() -> soxr.ResampleStream:
    return soxr.ResampleStream(TELEPHONE_RATE, RECOGNITION_RATE, 1, dtype="float32", quality="HQ")
