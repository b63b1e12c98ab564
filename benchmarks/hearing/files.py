"""Accuracy and speed on files: the recogniser of the product, and on the same weights and files faster-whisper's own.

Every file is one sentence. All get the language, the same beam, temperature 0 and no text of other files; the peers'
settings are otherwise those they come with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hearing.inputs import Clip
from hearing.machine import memory_mib, timed
from speech.recognizer import Recognition, RecognizeOptions
from speech.training.scoring import Heard, error_rate
from speech.types import RECOGNITION_RATE
from speech.whisper import EMBEDDED, WhisperRecognizer, embedded_directory

BATCH = 16
_SLACK = 0.05
"""How much worse than a peer ours may hear before its speed counts for nothing."""


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """Which weights, on how many threads, how often. `beam` is that of a finished utterance in a call."""

    model: str = EMBEDDED
    threads: int = 1
    rounds: int = 5
    beam: int = 5


Texts = list[str]


def errors(clips: Sequence[Clip], texts: Sequence[str]) -> dict[str, float]:
    """Error rate by language: characters in zh, words in en."""
    heard: dict[str, list[Heard]] = defaultdict(list)
    for clip, text in zip(clips, texts, strict=True):
        heard[clip.lang].append(_heard(clip, text))
    return {lang: round(error_rate(own), 3) for lang, own in heard.items()}


def accuracy(recognizer: WhisperRecognizer, clips: Sequence[Clip], beam: int) -> dict[str, Any]:
    """Error rate and number of clips by language and set, speed by part, memory before and after."""
    before = memory_mib()
    texts: Texts = []

    def listen(beam_size: int, *, words: bool) -> Callable[[], object]:
        def work() -> None:
            texts[:] = [heard.text for heard in _one_by_one(recognizer, clips, beam_size, words=words)]

        return work

    secs = sum(clip.secs for clip in clips)
    parts = {
        f"beam {beam}": listen(beam, words=False),
        f"beam {beam} with word times": listen(beam, words=True),
        "greedy": listen(1, words=False),
    }
    speed = {name: round(secs / timed(work, 1)["cpu_secs"]["median"], 1) for name, work in parts.items()}
    parts[f"beam {beam}"]()
    groups: dict[str, list[Heard]] = defaultdict(list)
    for clip, text in zip(clips, texts, strict=True):
        groups[f"{clip.lang} {clip.group}"].append(_heard(clip, text))
        groups[f"{clip.lang} all"].append(_heard(clip, text))
    return {
        "audio_secs": round(secs, 1),
        "error": {name: {"rate": round(error_rate(own), 3), "clips": len(own)} for name, own in sorted(groups.items())},
        "audio_secs_per_cpu_sec": speed,
        "memory_mib": {"before": before, "after": memory_mib()},
    }


def against_peers(recognizer: WhisperRecognizer, clips: Sequence[Clip], options: FileOptions) -> dict[str, Any]:
    """Ours in batches and one by one, faster-whisper one by one and in its batched pipeline. Raises AssertionError
    when batching changes a text, or when ours hears worse than the peer."""
    works = {
        "ours, batched": _ours(recognizer, clips, options),
        "ours, one by one": _sequential(recognizer, clips, options),
    }
    works |= _peers(clips, options)
    texts = {name: work() for name, work in works.items()}
    found = {name: errors(clips, own) for name, own in texts.items()}
    assert texts["ours, batched"] == texts["ours, one by one"], "batching changed what was heard"
    _check_as_good(clips, texts["ours, batched"], texts["faster-whisper, one by one"])
    secs = sum(clip.secs for clip in clips)
    rows = {name: {**timed(work, options.rounds), "error": found[name]} for name, work in works.items()}
    ours = rows["ours, batched"]
    for row in rows.values():
        row["audio_secs_per_cpu_sec"] = round(secs / row["cpu_secs"]["median"], 1)
        for clock in ("cpu", "wall"):
            key = f"{clock}_secs"
            row[f"ours_is_times_{clock}"] = round(row[key]["median"] / ours[key]["median"], 2)
    return {
        "files": len(clips),
        "audio_secs": round(secs, 1),
        "rounds": options.rounds,
        "beam": options.beam,
        "threads": options.threads,
        "rows": rows,
    }


def _check_as_good(clips: Sequence[Clip], ours: Sequence[str], peer: Sequence[str]) -> None:
    """A speed counts for nothing where ours hears worse: by more than a slack, and three units for small samples."""
    for lang in {clip.lang for clip in clips}:
        pairs = [(_heard(clip, mine), _heard(clip, other)) for clip, mine, other in zip(clips, ours, peer, strict=True)]
        own = [(mine, other) for mine, other in pairs if mine.lang == lang]
        units = sum(mine.length for mine, _ in own)
        more = sum(mine.errors - other.errors for mine, other in own)
        assert more <= _SLACK * units + 3, f"ours makes {more} errors more than the peer in {units} units of {lang}"


def _heard(clip: Clip, text: str) -> Heard:
    return Heard(
        group=clip.group,
        lang=clip.lang,
        seen=False,
        reference=clip.reference,
        text=text,
        avg_logprob=0.0,
        detected=clip.lang,
    )


def _one_by_one(recognizer: WhisperRecognizer, clips: Sequence[Clip], beam: int, *, words: bool) -> list[Recognition]:
    return [
        recognizer.recognize(clip.samples, RecognizeOptions(language=clip.lang, beam_size=beam, word_timestamps=words))
        for clip in clips
    ]


def _sequential(recognizer: WhisperRecognizer, clips: Sequence[Clip], options: FileOptions) -> Callable[[], Texts]:
    return lambda: [heard.text for heard in _one_by_one(recognizer, clips, options.beam, words=False)]


def _ours(recognizer: WhisperRecognizer, clips: Sequence[Clip], options: FileOptions) -> Callable[[], Texts]:
    """All files of one language in one request: options hold for every clip of a request."""

    def work() -> Texts:
        texts = dict.fromkeys(range(len(clips)), "")
        for lang in sorted({clip.lang for clip in clips}):
            own = [index for index, clip in enumerate(clips) if clip.lang == lang]
            asked = RecognizeOptions(language=lang, beam_size=options.beam)
            heard = recognizer.recognize_many([clips[index].samples for index in own], asked)
            texts |= {index: one.text for index, one in zip(own, heard, strict=True)}
        return list(texts.values())

    return work


def peer_model(model: str, threads: int) -> Any:
    """faster-whisper's own model on the weights that ours uses."""
    from faster_whisper import WhisperModel

    where = str(embedded_directory()) if model == EMBEDDED else model
    return WhisperModel(where, device="cpu", compute_type="default", cpu_threads=threads, num_workers=1)


def plain(beam: int) -> dict[str, Any]:
    """What its `transcribe` is told, so that both do the same work; the rest is as it comes."""
    return {
        "beam_size": beam,
        "temperature": 0.0,
        "condition_on_previous_text": False,
        "without_timestamps": True,
    }


def _peers(clips: Sequence[Clip], options: FileOptions) -> dict[str, Callable[[], Texts]]:
    """faster-whisper as it comes: `transcribe` per file, and its batched pipeline over all files of a language."""
    from faster_whisper import BatchedInferencePipeline

    model = peer_model(options.model, options.threads)
    pipeline, same = BatchedInferencePipeline(model), plain(options.beam)

    def one_by_one() -> Texts:
        texts = []
        for clip in clips:
            segments, _ = model.transcribe(clip.samples, language=clip.lang, **same)
            texts.append(" ".join(segment.text.strip() for segment in segments))
        return texts

    def batched() -> Texts:
        """Its pipeline batches pieces of one recording: the files of a language are joined and cut where they meet."""
        texts = dict.fromkeys(range(len(clips)), "")
        for lang in sorted({clip.lang for clip in clips}):
            own = [index for index, clip in enumerate(clips) if clip.lang == lang]
            edges = np.cumsum([0, *(len(clips[index].samples) for index in own)]) / RECOGNITION_RATE
            cuts = [{"start": float(edges[at]), "end": float(edges[at + 1])} for at in range(len(own))]
            joined = np.concatenate([clips[index].samples for index in own])
            segments, _ = pipeline.transcribe(
                joined, language=lang, batch_size=BATCH, vad_filter=False, clip_timestamps=cuts, **same
            )
            for segment in segments:
                at = int(np.searchsorted(edges, (segment.start + segment.end) / 2, side="right")) - 1
                texts[own[at]] = f"{texts[own[at]]} {segment.text.strip()}".strip()
        return list(texts.values())

    return {"faster-whisper, one by one": one_by_one, f"faster-whisper, its batches of {BATCH}": batched}
