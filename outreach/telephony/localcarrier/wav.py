"""WAV files, in memory. Pure."""

import io
import wave

import numpy as np
import soxr

from outreach.errors import InputError
from outreach.telephony.localcarrier.sound import RATE_HZ, Samples, from_mulaw

MAX_SECS = 300


def wav_samples(content: bytes) -> Samples:
    """Mono samples at 8 kHz of a 16-bit WAV file of any rate. Raises InputError (input.wav)."""
    try:
        with wave.open(io.BytesIO(content), "rb") as file:
            frames, rate_hz, channels, width = (
                file.getnframes(),
                file.getframerate(),
                file.getnchannels(),
                file.getsampwidth(),
            )
            if width != 2 or rate_hz < 1 or frames > MAX_SECS * rate_hz:
                raise InputError("input.wav", f"expected 16-bit samples and at most {MAX_SECS} s")
            data = file.readframes(frames)
    except (wave.Error, EOFError, RuntimeError) as error:
        raise InputError("input.wav", f"not a WAV file that can be read: {error}") from error
    whole = len(data) - len(data) % (2 * channels)
    mono = np.frombuffer(data[:whole], "<i2").reshape(-1, channels).astype(np.float32).mean(axis=1)
    if rate_hz != RATE_HZ:
        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    samples: Samples = np.clip(np.rint(mono), -32_768, 32_767).astype(np.int16)
    return samples


def wav_of_mulaw(tracks: tuple[bytes | bytearray, ...]) -> bytes:
    """A 16-bit WAV file at 8 kHz with one channel per track; tracks of equal length in mu-law."""
    return _wav(np.stack([from_mulaw(track) for track in tracks], axis=1))


def wav_of_mix(tracks: tuple[bytes | bytearray, ...]) -> bytes:
    """A one-channel WAV file of all tracks added up."""
    total = np.sum([from_mulaw(track).astype(np.int32) for track in tracks], axis=0)
    return _wav(np.clip(total, -32_768, 32_767).astype(np.int16).reshape(-1, 1))


def _wav(samples: Samples) -> bytes:
    """`samples`: frames x channels."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()
