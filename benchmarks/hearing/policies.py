"""One track heard while it is spoken: the product's way, and decoding everything again and again.

* ours: voice activity cuts utterances, an open one is heard again after each hop of new speech and at a pause, words
  that two hearings agree on are committed and stay, and a long utterance is heard from its last committed words on;
* again, utterance: the same cuts, but the open utterance is decoded whole at every hop with the beam of a finished one,
  and the text on the screen is whatever came last;
* again, all: at every hop everything since the start of the track (30 s at most), with no voice activity;
* faster-whisper, all: the same with its own `transcribe`, as streaming is often built on it.

Ours and "again" decode with the same recogniser of ours, so those peers already save Whisper's padding to 30 s. What
hears everything does so once a second only, which is less often than ours. The clock is the audio's: a text is there
when its last sample had come and its own computation was done.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import numpy as np

from hearing.files import errors, peer_model, plain
from hearing.inputs import TrackAudio, track_clip
from hearing.machine import rank, spread
from hearing.shown import Seen, Shown, first_sights, rewritten
from speech.endpointing import Closed, Endpointer, Opened
from speech.ladder import Effort
from speech.open_utterance import UtteranceOptions
from speech.recognizer import RecognizeOptions, Recognizer
from speech.silero import SileroProbability
from speech.stream import StreamOptions, TrackStream
from speech.types import RECOGNITION_RATE, FinalHypothesis, Gap, PartialHypothesis, Samples, SpeechEvent
from speech.vad import WINDOW_SAMPLES

FINAL_BEAM = 5
OUR_HOP_SECS = UtteranceOptions().hop_secs
SLOW_HOP_SECS = 1.0
LONGEST_SECS = 30.0
STEP_MS = 100
"""How often the product works on what came in (`outreach.worker.ear`)."""
_MS = 8


@dataclass(frozen=True, kw_only=True)
class Listened:
    """One track by one policy. `texts` are the final texts of its lines in order."""

    states: tuple[Shown, ...]
    texts: tuple[str, ...]
    cpu_secs: float


Policy = Callable[[Recognizer, TrackAudio, str], Listened]


def ours(recognizer: Recognizer, track: TrackAudio, _lang: str, *, partials: bool = True) -> Listened:
    """`TrackStream` in packets of 20 ms, worked on every 200 ms; the language is its own choice, as in a call."""
    stream = TrackStream(recognizer, StreamOptions(track=track.name))
    stream.effort = Effort.FULL if partials else Effort.FINALS_ONLY
    states: list[Shown] = []
    began_cpu = process_time()
    for at_ms, packet in _packets(track.payload, 20):
        stream.feed(at_ms, packet)
        if (at_ms + 20) % STEP_MS:
            continue
        began = perf_counter()
        events = stream.advance()
        states += _states(events, (at_ms + 20) / 1_000 + perf_counter() - began)
    began = perf_counter()
    states += _states(stream.flush(), track.secs + perf_counter() - began)
    return _listened(states, began_cpu)


def finals_only(recognizer: Recognizer, track: TrackAudio, lang: str) -> Listened:
    """Ours without partial texts: the step taken when recognition falls behind."""
    return ours(recognizer, track, lang, partials=False)


def again_utterance(hop_secs: float) -> Policy:
    """At every hop the open utterance from its start."""

    def policy(recognizer: Recognizer, track: TrackAudio, _lang: str) -> Listened:
        samples, endpointer, voice = track.samples, Endpointer(), SileroProbability()
        states: list[Shown] = []
        hop, opened, due = round(hop_secs * RECOGNITION_RATE), 0, 0
        began_cpu = process_time()
        for end in range(WINDOW_SAMPLES, len(samples) + 1, WINDOW_SAMPLES):
            (probability,) = voice.probabilities(samples[end - WINDOW_SAMPLES : end].reshape(1, -1))
            closed = False
            for boundary in endpointer.step(float(probability)):
                if isinstance(boundary, Opened):
                    opened, due = boundary.start_sample, end + hop - WINDOW_SAMPLES
                else:
                    states.append(_decoded(recognizer, samples, (opened, boundary.end_sample), end, final=True))
                    closed = True
            if endpointer.open_since is not None and not closed and end >= due:
                due = end + hop
                states.append(_decoded(recognizer, samples, (opened, end), end, final=False))
        for boundary in endpointer.end("end_of_stream", len(samples)):
            assert isinstance(boundary, Closed)
            states.append(_decoded(recognizer, samples, (opened, boundary.end_sample), len(samples), final=True))
        return _listened(states, began_cpu)

    return policy


def again_all(hop_secs: float) -> Policy:
    """At every hop everything since the start; tracks of at most 30 s, so that its last text is its whole text."""

    def policy(recognizer: Recognizer, track: TrackAudio, _lang: str) -> Listened:
        samples, began_cpu = track.samples, process_time()
        ends = _hops(samples, hop_secs)
        states = [_decoded(recognizer, samples, (0, end), end, final=end == ends[-1]) for end in ends]
        return _listened(states, began_cpu)

    return policy


def faster_whisper_all(model: str, hop_secs: float) -> Policy:
    """The same by faster-whisper's own `transcribe`, the language given."""
    peer = peer_model(model, threads=1)

    def policy(_recognizer: Recognizer, track: TrackAudio, lang: str) -> Listened:
        samples, began_cpu = track.samples, process_time()
        ends, states = _hops(samples, hop_secs), []
        for end in ends:
            began = perf_counter()
            segments, _ = peer.transcribe(samples[:end], language=lang, **plain(FINAL_BEAM))
            text = " ".join(segment.text.strip() for segment in segments)
            at_secs = end / RECOGNITION_RATE + perf_counter() - began
            states.append(_line(at_secs, 0.0, text, final=end == ends[-1]))
        return _listened(states, began_cpu)

    return policy


def policies(model: str) -> dict[str, Policy]:
    """Every row of the comparison."""
    return {
        "ours": ours,
        "ours, finals only": finals_only,
        f"again, utterance, each {OUR_HOP_SECS} s": again_utterance(OUR_HOP_SECS),
        f"again, all, each {SLOW_HOP_SECS} s": again_all(SLOW_HOP_SECS),
        f"faster-whisper, all, each {SLOW_HOP_SECS} s": faster_whisper_all(model, SLOW_HOP_SECS),
    }


def _hops(samples: Samples, hop_secs: float) -> list[int]:
    """Where a text is made: at every hop and at the end."""
    assert len(samples) <= LONGEST_SECS * RECOGNITION_RATE, "a longer track would need a rolling window"
    hop = round(hop_secs * RECOGNITION_RATE)
    return [*range(hop, len(samples), hop), len(samples)]


def _listened(states: Sequence[Shown], began_cpu: float) -> Listened:
    texts = tuple(state.text for state in states if state.final)
    return Listened(states=tuple(states), texts=texts, cpu_secs=process_time() - began_cpu)


def compare(
    recognizer: Recognizer, tracks: Sequence[tuple[str, TrackAudio]], rounds: int, ways: Mapping[str, Policy]
) -> dict[str, Any]:
    """Every policy over all tracks (language, audio); "ours" must be among them.

    Raises AssertionError when ours breaks a promise of its own.
    """
    for lang, track in tracks[:2]:
        check_packets(recognizer, track)
        check_committed(ours(recognizer, track, lang).states)
    secs = sum(track.secs for _, track in tracks)
    rows: dict[str, Any] = {}
    for name, policy in ways.items():
        costs: list[float] = []
        heard: list[Listened] = []
        for _ in range(rounds):
            heard = [policy(recognizer, track, lang) for lang, track in tracks]
            costs.append(sum(one.cpu_secs for one in heard) * 1e3 / secs)
        rows[name] = {"cpu_ms_per_audio_sec": spread(costs, 2), **_quality(tracks, heard)}
    base = rows["ours"]["cpu_ms_per_audio_sec"]["median"]
    for row in rows.values():
        row["ours_is_times"] = round(row["cpu_ms_per_audio_sec"]["median"] / base, 2)
    return {"tracks": len(tracks), "audio_secs": round(secs, 1), "rounds": rounds, "rows": rows}


def check_packets(recognizer: Recognizer, track: TrackAudio) -> None:
    """The same audio in packets of other sizes, worked on at other times, must give the same events."""
    heard = []
    for packet_ms, every in ((20, 10), (13, 1), (60, 7), (200, 1)):
        stream = TrackStream(recognizer, StreamOptions(track=track.name))
        events: list[SpeechEvent] = []
        for number, (at_ms, packet) in enumerate(_packets(track.payload, packet_ms), 1):
            stream.feed(at_ms, packet)
            if number % every == 0:
                events += stream.advance()
        heard.append(events + stream.flush())
    assert heard[0], "nothing was heard at all"
    assert all(events == heard[0] for events in heard), "the size of packets changed what was heard"


def check_committed(states: Iterable[Shown]) -> None:
    """What was committed stays, letter by letter, to the final text."""
    committed: dict[float, str] = {}
    for state in states:
        before = committed.get(state.line_start, "")
        assert state.committed.startswith(before), f"committed text changed in the line at {state.line_start:.2f} s"
        committed[state.line_start] = state.committed


def delays(seen: Sequence[Seen]) -> dict[str, Any]:
    """Seconds from the end of a word to its first sight, to its right text, to text that no longer changes."""
    found: dict[str, Any] = {"words": len(seen)}
    for name in ("shown", "right", "settled"):
        secs = [value for one in seen if (value := getattr(one, name)) is not None]
        found[f"never_{name}"] = len(seen) - len(secs)
        if secs:
            found[name] = {
                "median": round(statistics.median(secs), 2),
                "p95": round(rank(secs, 0.95), 2),
                "max": round(max(secs), 2),
            }
    return found


def _quality(tracks: Sequence[tuple[str, TrackAudio]], heard: Sequence[Listened]) -> dict[str, Any]:
    seen: dict[str, list[Seen]] = {}
    lost: dict[str, list[int]] = {}
    clips, texts = [], []
    for (lang, track), one in zip(tracks, heard, strict=True):
        seen.setdefault(lang, []).extend(first_sights(track.words, one.states))
        gone, total = rewritten(one.states)
        tally = lost.setdefault(lang, [0, 0])
        tally[0], tally[1] = tally[0] + gone, tally[1] + total
        clips.append(track_clip(lang, track))
        texts.append(("" if lang == "zh" else " ").join(one.texts))
    return {
        "error": errors(clips, texts),
        "delay_secs": {lang: delays(own) for lang, own in seen.items()},
        "rewritten_per_shown": {lang: round(gone / max(1, total), 3) for lang, (gone, total) in lost.items()},
    }


def _packets(payload: bytes, packet_ms: int) -> list[tuple[int, bytes]]:
    size = packet_ms * _MS
    return [(at // _MS, payload[at : at + size]) for at in range(0, len(payload), size)]


def _states(events: Sequence[SpeechEvent], at_secs: float) -> list[Shown]:
    states = []
    for event in events:
        if isinstance(event, PartialHypothesis):
            states.append(
                Shown(at_secs=at_secs, line_start=event.start, committed=event.committed, tail=event.tail, final=False)
            )
        elif isinstance(event, FinalHypothesis):
            states.append(Shown(at_secs=at_secs, line_start=event.start, committed=event.text, tail="", final=True))
        else:
            assert not isinstance(event, Gap), "audio was reported lost, and none was"
    return states


def _decoded(recognizer: Recognizer, samples: Samples, part: tuple[int, int], known_to: int, *, final: bool) -> Shown:
    """One decoding of a part of the track, `known_to` being the last sample that had come by then."""
    began = perf_counter()
    asked = RecognizeOptions(beam_size=FINAL_BEAM, word_timestamps=final and recognizer.capabilities.word_timestamps)
    text = recognizer.recognize(np.ascontiguousarray(samples[part[0] : part[1]]), asked).text
    return _line(known_to / RECOGNITION_RATE + perf_counter() - began, part[0] / RECOGNITION_RATE, text, final=final)


def _line(at_secs: float, start_secs: float, text: str, *, final: bool) -> Shown:
    committed, tail = (text, "") if final else ("", text)
    return Shown(at_secs=at_secs, line_start=start_secs, committed=committed, tail=tail, final=final)
