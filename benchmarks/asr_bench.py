"""Cost of recognition per second of telephone audio, part by part, and its delay.

Input: six sentences spoken by synthetic voices with pauses between them, mu-law at 8 kHz. Peer on the same audio in the
same run: faster-whisper's own `transcribe` with its voice-activity filter and the same weights.

    python benchmarks/asr_bench.py [--json] [--model embedded|NAME|DIR]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import soxr

from speech import codec
from speech.endpointing import find_utterances
from speech.errors import RecognizerError
from speech.recognizer import Recognizer
from speech.silero import SileroProbability
from speech.stream import StreamOptions, TrackStream
from speech.synthesis.telephone import VOICES, synthesize_telephone
from speech.types import FinalHypothesis, PartialHypothesis
from speech.vad import WINDOW_SAMPLES
from speech.whisper import EMBEDDED, WhisperRecognizer

SENTENCES = [
    ("您好，我想确认一下这个月的账单。", "zh", "f4"),
    ("我这个星期五可以先还两千元。", "zh", "m4"),
    ("请问可以分三期还款吗？", "zh", "m8"),
    ("I can pay two hundred dollars on Friday.", "en", "m4"),
    ("Please send me a letter about this debt.", "en", "f4"),
    ("I have already paid this bill last month.", "en", "m8"),
]
ROUNDS = 5
PACKET = 160
PACKETS_PER_ADVANCE = 10


def talk() -> np.ndarray:
    """All sentences with pauses, 8 kHz."""
    quiet = np.zeros(8_000, np.int16)
    parts = [quiet]
    for text, language, voice in SENTENCES:
        parts += [synthesize_telephone(text, language, VOICES[voice]), quiet]
    return np.concatenate(parts)


def spread(work: Callable[[], object], audio_secs: float) -> dict[str, float]:
    """Milliseconds per second of audio over the rounds."""
    costs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        costs.append((time.perf_counter() - began) * 1e3 / audio_secs)
    return {
        "median_ms_per_audio_sec": round(statistics.median(costs), 2),
        "worst_ms_per_audio_sec": round(max(costs), 2),
        "spread_ms": round(max(costs) - min(costs), 2),
    }


def heard(recognizer: Recognizer, payload: bytes, partials: bool) -> list[tuple[float, object]]:
    """Each event with the compute delay in seconds between its last packet and the event."""
    stream = TrackStream(recognizer, StreamOptions())
    stream.partials = partials
    events = []
    for number, start in enumerate(range(0, len(payload), PACKET), 1):
        stream.feed(start / 8, payload[start : start + PACKET])
        if number % PACKETS_PER_ADVANCE:
            continue
        began = time.perf_counter()
        found = stream.advance()
        events += [(time.perf_counter() - began, event) for event in found]
    return events + [(0.0, event) for event in stream.flush()]


def peer(recognizer: WhisperRecognizer, samples: np.ndarray) -> None:
    """faster-whisper as it comes: 30-second windows, its own voice-activity filter."""
    segments, _ = recognizer._decoder._model.transcribe(
        samples, beam_size=5, temperature=0.0, vad_filter=True, word_timestamps=True, condition_on_previous_text=False
    )
    list(segments)


def measure(model: str) -> dict[str, object]:
    """Every row and the delays."""
    recognizer = WhisperRecognizer.load(model, device="cpu")
    audio = talk()
    audio_secs = len(audio) / codec.TELEPHONE_RATE
    payload = codec.encode(audio, "mulaw")
    samples = np.asarray(soxr.resample(codec.to_float(codec.decode(payload, "mulaw")), 8_000, 16_000), np.float32)
    windows = samples[: len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    rows = {
        "voice activity and endpoints": spread(
            lambda: find_utterances(map(float, SileroProbability().probabilities(windows)), len(samples)), audio_secs
        ),
        "stream, finals only": spread(lambda: heard(recognizer, payload, False), audio_secs),
        "stream, partials and finals": spread(lambda: heard(recognizer, payload, True), audio_secs),
        "peer, faster-whisper transcribe": spread(lambda: peer(recognizer, samples), audio_secs),
    }
    events = heard(recognizer, payload, True)
    delays = {
        "partial_compute_ms": [delay * 1e3 for delay, event in events if isinstance(event, PartialHypothesis)],
        "final_compute_ms": [delay * 1e3 for delay, event in events if isinstance(event, FinalHypothesis)],
    }
    ours = rows["stream, partials and finals"]["median_ms_per_audio_sec"]
    return {
        "bench": "asr",
        "model": recognizer.identity.id,
        "audio_secs": round(audio_secs, 1),
        "rounds": ROUNDS,
        "rows": rows,
        "ratio_peer_to_ours": round(rows["peer, faster-whisper transcribe"]["median_ms_per_audio_sec"] / ours, 2),
        "tracks_per_core": round(1_000 / ours, 1),
        "delays": {
            name: {"count": len(values), "median": round(statistics.median(values), 1), "worst": round(max(values), 1)}
            for name, values in delays.items()
            if values
        },
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--model", default=EMBEDDED)
    options = parser.parse_args()
    try:
        result = measure(options.model)
    except RecognizerError as error:
        print(f"error {error.code}: {error.message}", file=sys.stderr)
        return 3
    if options.json:
        print(json.dumps(result))
        return 0
    print(f"{result['model']}, {result['audio_secs']} s of audio, {ROUNDS} rounds")
    for name, row in result["rows"].items():
        cost = f"{row['median_ms_per_audio_sec']:8.2f} ms per audio-second  worst {row['worst_ms_per_audio_sec']:.2f}"
        print(f"{name:34s} {cost}")
    print(
        f"peer / ours {result['ratio_peer_to_ours']}   tracks per core {result['tracks_per_core']}   {result['delays']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
