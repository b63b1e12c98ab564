"""Whisper models behind the recogniser port, by faster-whisper and CTranslate2 (I/O: reads weights, may fetch them).

`load("embedded")` is the small demonstration model of this repository, `load("/a/directory")` a converted model on disk
(never touches the network), `load("large-v3-turbo")` a model by name from the cache or the Hugging Face Hub.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from speech.engine import Engine, check_engine
from speech.errors import RecognizerError
from speech.gate import UNMEASURED_SMALL, Gate
from speech.loading import load_model, read_json
from speech.recognizer import (
    NOTHING_HEARD,
    Capabilities,
    ModelIdentity,
    Recognition,
    RecognizeOptions,
    check_request,
    is_silent,
)
from speech.types import Samples
from speech.weights import EMBEDDED, EMBEDDED_MODEL, digest_of, embedded_directory, find, import_faster_whisper
from speech.whisper_decode import Answer, Decoder, Prepared

__all__ = ["EMBEDDED", "EMBEDDED_MODEL", "WhisperRecognizer", "digest_of", "embedded_directory"]
_MAX_CLIP_SECS = 30.0
BATCH_CLIPS = 16
"""Clips that go through the model together at most."""
_SMALLEST_WHISPER_VOCABULARY = 50_257
"""Byte pairs of every Whisper tokenizer. Some tokenizer files list timestamps on top (51 864 and more), some do not."""


class WhisperRecognizer:
    """A Whisper model as `speech.recognizer.Recognizer`. Make it with `load`. Threads may share it."""

    def __init__(self, decoder: Decoder, identity: ModelIdentity, capabilities: Capabilities) -> None:
        self._decoder = decoder
        self._identity = identity
        self._capabilities = capabilities

    @classmethod
    def load(
        cls,
        model: str = EMBEDDED,
        *,
        device: str = "auto",
        compute_type: str = "default",
        workers: int = 1,
        threads: int = 1,
    ) -> WhisperRecognizer:
        """Load a model: "embedded", a directory, a name faster-whisper knows or a repository of the hub.

        `workers` decodes run at the same time with `threads` processor threads each. Raises `RecognizerError`:
        `recognizer.not_installed`, `.unknown_model`, `.weights_missing`, `.weights_unreachable`, `.broken_model`,
        `.unknown_device`, `.unknown_compute_type`, `.device_unavailable`.
        """
        whisper = import_faster_whisper()
        engine = Engine(device=device, compute_type=compute_type, workers=workers, threads=threads)
        check_engine(engine)
        directory = find(model)
        calibration = read_json(directory / "calibration.json")
        loaded = load_model(whisper, directory, engine)
        ours = loaded.hf_tokenizer.get_vocab_size() < _SMALLEST_WHISPER_VOCABULARY
        languages = _languages(directory, loaded)
        identity = ModelIdentity(
            name=EMBEDDED_MODEL if model == EMBEDDED else Path(model).name or str(directory),
            digest=digest_of(directory),
            engine=f"faster-whisper {whisper.__version__}",
            device=loaded.model.device,
            compute_type=loaded.model.compute_type,
        )
        capabilities = Capabilities(
            languages=languages,
            detects_language=bool(loaded.model.is_multilingual) and len(languages) > 1,
            word_timestamps=True,
            max_clip_secs=_MAX_CLIP_SECS,
            calibrated=calibration is not None,
            demonstration=ours,
            takes_hotwords=not ours,
        )
        general = UNMEASURED_SMALL if ours else Gate()
        gate = general if calibration is None else Gate.from_calibration(calibration)
        decoder = Decoder(loaded, gate=gate, small_vocabulary=ours)
        return cls(decoder, identity, capabilities)

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._identity

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    def recognize(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        """The text of one clip; see `speech.recognizer.Recognizer`."""
        prepared = self.prepare(samples, options)
        return NOTHING_HEARD if prepared is None else self._decoder.decode_prepared(prepared)

    def recognize_many(self, clips: Sequence[Samples], options: RecognizeOptions) -> list[Recognition]:
        """The texts of many clips in their order: what `recognize` says of each, in less time.

        Clips of about one length go through the model together, on all its workers; features are made as they are
        needed, so memory does not grow with the number of clips. Raises as `recognize`, for the first clip that fails.
        """
        for samples in clips:
            check_request(samples, options, self._identity, self._capabilities)
        heard = [at for at, samples in enumerate(clips) if not is_silent(samples)]
        heard.sort(key=lambda at: len(clips[at]))
        answers: list[Answer] = [NOTHING_HEARD] * len(clips)

        def work(places: tuple[int, ...]) -> None:
            group = [self._decoder.prepare(clips[at], options) for at in places]
            for at, answer in zip(places, self._decoder.decode_group(group), strict=True):
                answers[at] = answer

        batches: list[tuple[int, ...]] = []
        for _, alike in itertools.groupby(heard, lambda at: self._decoder.size_of(len(clips[at]))):
            places = tuple(alike)
            batches += [places[first : first + BATCH_CLIPS] for first in range(0, len(places), BATCH_CLIPS)]
        with ThreadPoolExecutor(self._decoder.workers) as threads:
            list(threads.map(work, batches))
        for answer in answers:
            if isinstance(answer, RecognizerError):
                raise answer
        return [answer for answer in answers if isinstance(answer, Recognition)]

    def prepare(self, samples: Samples, options: RecognizeOptions) -> Prepared | None:
        """One clip made ready for `decode_group`; None for a silent one. Raises what `recognize` refuses."""
        check_request(samples, options, self._identity, self._capabilities)
        return None if is_silent(samples) else self._decoder.prepare(samples, options)

    def decode_group(self, clips: Sequence[Prepared]) -> list[Answer]:
        """The texts of prepared clips of one `group`, in their order; a failure is the answer of its clip alone."""
        return self._decoder.decode_group(clips)


def _languages(directory: Path, loaded: Any) -> tuple[str, ...]:
    """The codes of the languages the model has tokens for."""
    if not loaded.model.is_multilingual:
        return ("en",)
    ids = (read_json(directory / "config.json") or {}).get("lang_ids") or []
    tokens = (loaded.hf_tokenizer.id_to_token(token) for token in ids)
    known = tuple(token[2:-2] for token in tokens if token)
    return known or tuple(loaded.supported_languages)
