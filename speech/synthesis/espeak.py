"""Formant speech synthesis with libespeak-ng, bound by ctypes; library and data come with `espeakng-loader`.

The library keeps one global state per process, so every call holds one lock; work that needs more than one core
uses several processes. Phoneme and word events come with sample positions, which makes them exact alignment targets.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7

_LONGEST_NAME = 40
"""The library copies voice names into fixed buffers; longer ones are never passed on."""

_LOCK = threading.RLock()
_STATE: dict[str, Any] = {}


class SynthesisError(Exception):
    """The synthesiser refused a voice or a text."""

    code = "speech.synthesis"


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """One synthesised text: samples, and when each phoneme and each word of the input began."""

    samples: NDArray[np.int16]
    sample_rate: int
    phonemes: tuple[tuple[str, float], ...]
    words: tuple[tuple[int, float], ...]
    """(1-based character position of the word in the text given to the synthesiser, start in seconds)."""

    @property
    def duration_secs(self) -> float:
        return len(self.samples) / self.sample_rate


class _Collector:
    """Receives what the library's callback delivers during one call."""

    def __init__(self) -> None:
        self.chunks: list[NDArray[np.int16]] = []
        self.phonemes: list[tuple[str, int]] = []
        self.words: list[tuple[int, int]] = []

    def receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self.chunks.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            if event.type == _EVENT_PHONEME:
                self.phonemes.append((event.id.string.decode("utf-8", "replace"), event.sample))
            elif event.type == _EVENT_WORD:
                self.words.append((event.text_position, event.sample))
            index += 1
        return 0


def _deliver(wave: Any, count: int, events: Any) -> int:
    """Hand what the library delivers to the call that is under way."""
    return cast(_Collector, _STATE["collector"]).receive(wave, count, events)


def _library() -> Any:
    """The initialised library; the caller holds the lock."""
    if "library" not in _STATE:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS | _DONT_EXIT)
        if rate <= 0:
            raise SynthesisError("libespeak-ng could not be initialised")
        trampoline = _CALLBACK(_deliver)
        library.espeak_SetSynthCallback(trampoline)
        _STATE.update(library=library, sample_rate=rate, trampoline=trampoline, voice="")
    return _STATE["library"]


@cache
def _has_variant(voice: str) -> bool:
    """Whether the part after "+" names a variant file; the library would silently fall back to the plain voice."""
    variant = voice.partition("+")[2]
    return not variant or (Path(espeakng_loader.get_data_path()) / "voices" / "!v" / variant).is_file()


def synthesize(
    text: str, voice: str, rate_wpm: int = 175, pitch: int = 50, pitch_range: int = 50, word_gap: int = 0
) -> Synthesis:
    """Speak `text` with an espeak voice such as `en-us+f3` or `cmn-latn-pinyin+m2` (which reads toned pinyin)."""
    encoded = text.encode("utf-8") + b"\0"
    with _LOCK:
        library = _library()
        if len(voice) >= _LONGEST_NAME or not _has_variant(voice):
            raise SynthesisError(f"unknown voice: {voice[:_LONGEST_NAME]}")
        # Setting the voice resets the parameters, and only a fresh setting gives the same samples for the same call.
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisError(f"unknown voice: {voice}")
        for parameter, value in ((_RATE, rate_wpm), (_PITCH, pitch), (_RANGE, pitch_range), (_WORD_GAP, word_gap)):
            library.espeak_SetParameter(parameter, value, 0)
        collector = _STATE["collector"] = _Collector()
        if library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 1, 0, _CHARS_UTF8, None, None) != 0:
            raise SynthesisError("the text could not be synthesised")
        rate = int(_STATE["sample_rate"])
    samples = np.concatenate(collector.chunks) if collector.chunks else np.zeros(0, np.int16)
    return Synthesis(
        samples=samples,
        sample_rate=rate,
        phonemes=tuple((symbol, sample / rate) for symbol, sample in collector.phonemes),
        words=tuple((position, sample / rate) for position, sample in collector.words),
    )
