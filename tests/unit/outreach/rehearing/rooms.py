"""Recordings and a judge for them: real monitor, detectors and law; a scripted recogniser."""

import wave
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nlp.pipeline import Analyzer
from outreach.rehearing.audit import Auditor, AuditParts
from outreach.rehearing.law import Told
from outreach.rehearing.scan import find_files
from policy.schema import load_rulebook
from scripts.schema import load_library
from speech.types import Samples
from tests.unit.speech.fakes import FakeRecognizer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LOUD, SOFT = 9_000, 3_000
THREAT, HOSPITAL = "再不还款我们就上门找你", "我现在在医院住院"

analyzer = cache(Analyzer.load)
library = cache(load_library)
rulebook = cache(load_rulebook)


def tone(level: int, secs: float = 1.6) -> np.ndarray:
    """A stretch that the energy detector takes for speech."""
    return (level * np.sin(2 * np.pi * 300 * np.arange(int(secs * 8_000)) / 8_000)).astype(np.int16)


def quiet(secs: float) -> np.ndarray:
    """Nothing."""
    return np.zeros(int(secs * 8_000), np.int16)


def two_tracks() -> np.ndarray:
    """Left somebody soft, then right somebody loud."""
    left = np.concatenate([quiet(0.5), tone(SOFT), quiet(3.0)])
    right = np.concatenate([quiet(3.0), tone(LOUD), quiet(0.5)])
    return np.stack([left, right], axis=1)


def one_track() -> np.ndarray:
    """The same on one channel."""
    return two_tracks().sum(axis=1).astype(np.int16)


def write(path: Path, samples: np.ndarray, rate: int = 8_000) -> Path:
    """A 16-bit WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def spoken(samples: Samples) -> str:
    """Soft: the agent threatens. Loud: the debtor is in hospital."""
    return HOSPITAL if float(np.abs(samples).max()) > 0.2 else THREAT


def auditor(recognizer: FakeRecognizer | None = None, **base: Any) -> Auditor:
    """A judge; `base` is what was told of every recording."""
    return Auditor(
        AuditParts(
            recognizer=recognizer or FakeRecognizer(spoken),
            analyzer=analyzer(),
            library=library(),
            rulebook=rulebook(),
            base=Told(**base),
            audited_at=NOW,
        )
    )


def audited(path: Path, told: Told | None = None, judge: Auditor | None = None, **base: Any) -> dict[str, Any]:
    """The result of one recording."""
    (found,) = [item for item in find_files(path.parent, frozenset()) if item.path == path]
    return (judge or auditor(**base)).audit(found, found.digest(), told)


def texts_of(result: dict[str, Any], speaker: str) -> list[str]:
    """What a speaker said."""
    return [said["text"] for said in result["utterances"] if said["speaker"] == speaker]
