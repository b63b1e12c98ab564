"""What is listened to: unseen sentences by unseen voices at 8 kHz mu-law, alone and as two-track conversations.

Sentences come from `asr_eval_sentences.jsonl` (never verbatim in training), voices are those kept out of training, and
the synthesiser tells when each word began. Everything is drawn from a seed; the sound is the same, sample by sample,
when a fresh process asks for the same things in the same order.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from hearing.shown import Spoken
from speech import codec
from speech.synthesis.telephone import VOICES
from speech.training.sources import Line
from speech.training.utterance import Utterance, draw_manner, utter
from speech.types import RECOGNITION_RATE, Samples

SENTENCES = Path(__file__).resolve().parents[1] / "asr_eval_sentences.jsonl"
CONVERSATIONAL = ("licensed", "templates", "families")
"""Sets that people could say in a call; the random word mixes are the remaining one."""
RATE = codec.TELEPHONE_RATE
AGENT, DEBTOR = "agent", "debtor"
_PEAK = 0.5
_PAUSE = "_"
_BREATHING = frozenset({"victor"})
"""A voice whose breath the synthesiser draws afresh in every process: the same seed would not give the same sound."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One sentence as a file of its own, 0.2 s of silence at either end. `samples` are at 16 kHz."""

    lang: str
    group: str
    reference: str
    samples: Samples

    @property
    def secs(self) -> float:
        """Its length."""
        return len(self.samples) / RECOGNITION_RATE


@dataclass(frozen=True, kw_only=True)
class TrackAudio:
    """One track of a conversation: mu-law at 8 kHz, and every word with its place in time."""

    name: str
    payload: bytes
    words: tuple[Spoken, ...]

    @property
    def secs(self) -> float:
        """Its length."""
        return len(self.payload) / RATE

    @property
    def samples(self) -> Samples:
        """At 16 kHz."""
        return to_recognition(self.payload)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """Two people who take turns in one language; both tracks are of the same length."""

    lang: str
    tracks: tuple[TrackAudio, ...]

    @property
    def secs(self) -> float:
        """Its length."""
        return max(track.secs for track in self.tracks)


def to_line(samples: NDArray[np.int16]) -> bytes:
    """Mu-law with the loudest sample at half of full scale."""
    loudest = max(1, int(np.abs(samples.astype(np.int32)).max()))
    return codec.encode((samples.astype(np.float32) * (_PEAK * 32_767 / loudest)).astype(np.int16), "mulaw")


def to_recognition(payload: bytes) -> Samples:
    """Mu-law at 8 kHz as samples at 16 kHz."""
    wave = codec.to_float(codec.decode(payload, "mulaw"))
    return np.asarray(soxr.resample(wave, RATE, RECOGNITION_RATE, quality="HQ"), np.float32)


def clips(lang: str, count: int, seed: int, groups: Sequence[str] | None = None) -> list[Clip]:
    """The first `count` unseen sentences of a language after shuffling, each by some unseen voice."""
    rng = random.Random(f"{seed}/clips/{lang}")
    voices = _voices()
    edge = np.zeros(RATE // 5, np.int16)
    found = []
    for line in _shuffled(lang, rng, groups):
        made = utter(line, VOICES[rng.choice(voices)], draw_manner(rng, lang))
        if made is not None:
            payload = to_line(np.concatenate([edge, made.samples, edge]))
            found.append(Clip(lang=lang, group=line.source, reference=made.text, samples=to_recognition(payload)))
        if len(found) == count:
            return found
    raise ValueError(f"{count} clips in {lang} were wanted; there are {len(found)}")


def conversation(lang: str, secs: float, seed: int, *, at_once: bool = False, tail_secs: float = 2.5) -> Conversation:
    """Turns of one sentence, 0.3 to 0.9 s apart, the agent first; `tail_secs` of silence at the end.

    `at_once`: both speak the whole time, each with such pauses between the sentences.
    """
    rng = random.Random(f"{seed}/conversation/{lang}")
    first, second = rng.sample(_voices(), 2)
    lines = itertools.cycle(_shuffled(lang, rng, CONVERSATIONAL))
    length = round((secs + tail_secs) * RATE)
    tracks = {name: np.zeros(length, np.int16) for name in (AGENT, DEBTOR)}
    words: dict[str, list[Spoken]] = {AGENT: [], DEBTOR: []}
    clock = {AGENT: 0.6, DEBTOR: 0.9} if at_once else {AGENT: 0.6}
    turn = 0
    while True:
        name = (AGENT, DEBTOR)[turn % 2]
        turn += 1
        at_secs = clock[name] if at_once else clock[AGENT]
        made = utter(next(lines), VOICES[first if name == AGENT else second], draw_manner(rng, lang))
        if made is None:
            continue
        if at_secs + made.end_secs > secs:
            break
        begin = round(at_secs * RATE)
        tracks[name][begin : begin + len(made.samples)] = made.samples
        words[name] += [word.moved(begin / RATE) for word in spoken_words(made)]
        clock[name if at_once else AGENT] = at_secs + made.end_secs + rng.uniform(0.3, 0.9)
    audio = tuple(
        TrackAudio(name=name, payload=to_line(tracks[name]), words=tuple(words[name])) for name in (AGENT, DEBTOR)
    )
    return Conversation(lang=lang, tracks=audio)


def track_clip(lang: str, track: TrackAudio) -> Clip:
    """A whole track as one clip, to count errors on."""
    reference = ("" if lang == "zh" else " ").join(word.text for word in track.words)
    return Clip(lang=lang, group="track", reference=reference, samples=track.samples)


def spoken_words(made: Utterance) -> Iterator[Spoken]:
    """Each character (zh) or word (en) with the time of its sound, without a pause that follows it."""
    units = list(made.text) if made.lang == "zh" else made.text.split()
    pauses = [start for symbol, start in made.phones if symbol == _PAUSE]
    ends = [*made.units[1:], made.end_secs]
    for text, start, end in zip(units, made.units, ends, strict=True):
        stops = [pause for pause in pauses if start < pause < end]
        yield Spoken(text=text, start=start, end=max(start, min([end, made.end_secs, *stops])))


def _shuffled(lang: str, rng: random.Random, groups: Sequence[str] | None) -> list[Line]:
    wanted = [line for line in _unseen() if line.lang == lang and (groups is None or line.source in groups)]
    return rng.sample(wanted, len(wanted))


@cache
def _unseen() -> tuple[Line, ...]:
    rows = [json.loads(row) for row in SENTENCES.read_text("utf-8").splitlines()]
    return tuple(
        Line(text=row["text"], lang=row["lang"], source=row["group"].partition("-")[2], heldout=True)
        for row in rows
        if not row["seen"]
    )


def _voices() -> list[str]:
    return [name for name, voice in VOICES.items() if voice.split == "heldout" and name not in _BREATHING]
