"""Cost of telephone audio before recognition: G.711 decoding, and the step from 8 to 16 kHz.

Input: sixty seconds of seeded noise shaped like a voice level, in mu-law. Peers on the same bytes in the same run: a
plain Python loop over the decoding formula, and `audioop` where the Python still has it.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from speech import codec

SECS = 60
ROUNDS = 15


def spread(work: Callable[[], object]) -> dict[str, float]:
    """Microseconds per second of audio over the rounds."""
    costs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        costs.append((time.perf_counter() - began) * 1e6 / SECS)
    costs.sort()
    return {
        "median_us_per_audio_sec": round(statistics.median(costs), 1),
        "p95_us_per_audio_sec": round(costs[int(0.95 * (ROUNDS - 1))], 1),
        "spread_us": round(costs[-1] - costs[0], 1),
    }


def python_loop(payload: bytes) -> list[int]:
    """The formula of G.711, sample by sample."""
    samples = []
    for byte in payload:
        code = ~byte & 0xFF
        magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
        samples.append(-magnitude if code & 0x80 else magnitude)
    return samples


def packets(payload: bytes, milliseconds: int) -> list[bytes]:
    """The payload in packets."""
    size = milliseconds * 8
    return [payload[start : start + size] for start in range(0, len(payload), size)]


def upsample(blocks: list[np.ndarray]) -> None:
    """As the stream does."""
    upsampler = codec.Upsampler()
    for block in blocks:
        upsampler.push(block)
    upsampler.flush()


def measure() -> dict[str, object]:
    """Every row, ours and the peers', and the ratios."""
    noise = np.random.default_rng(0).standard_normal(SECS * 8_000) * 3_000
    payload = codec.encode(noise.astype(np.int16), "mulaw")
    assert codec.decode(payload, "mulaw").tolist() == python_loop(payload)
    rows: dict[str, dict[str, float]] = {}
    for milliseconds in (20, 200):
        blocks = packets(payload, milliseconds)
        rows[f"ours, table, {milliseconds} ms packets"] = spread(lambda: [codec.decode(b, "mulaw") for b in blocks])  # noqa: B023 - called at once
    rows["Python loop, 200 ms packets"] = spread(lambda: [python_loop(block) for block in packets(payload, 200)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import audioop
        except ImportError:
            audioop = None
    if audioop is not None:
        for milliseconds in (20, 200):
            blocks = packets(payload, milliseconds)
            rows[f"audioop, {milliseconds} ms packets"] = spread(lambda: [audioop.ulaw2lin(b, 2) for b in blocks])  # noqa: B023 - called at once
    for milliseconds in (20, 200):
        floats = [codec.to_float(codec.decode(block, "mulaw")) for block in packets(payload, milliseconds)]
        rows[f"8 to 16 kHz by soxr, {milliseconds} ms blocks"] = spread(lambda: upsample(floats))  # noqa: B023 - called at once
    ours = rows["ours, table, 200 ms packets"]["median_us_per_audio_sec"]
    ratios = {name: round(row["median_us_per_audio_sec"] / ours, 2) for name, row in rows.items() if "kHz" not in name}
    return {"audio_secs": SECS, "rounds": ROUNDS, "rows": rows, "ratio_to_ours_200_ms": ratios}
