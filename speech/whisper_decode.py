"""One clip through a loaded Whisper model in one pass: encode once, detect the language, generate, place the words.

faster-whisper's own `transcribe` seeks through long audio and, with word times, hears the end of a short clip again; an
utterance has been cut already, so its text is generated exactly once. Temperature 0, no text of earlier utterances as a
prompt, only hotwords. All calls below are safe to run from several threads at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.errors import RecognizerError
from speech.hotwords import prompt_text
from speech.recognizer import NOTHING_HEARD, Recognition, RecognizeOptions
from speech.types import RECOGNITION_RATE, Samples, Word

_WHISPER_FRAMES = 3_000
_SHORTEST_FRAMES = 100
_TOKENS_PER_SEC = 25  # nobody speaks faster, in any script: a longer text is a loop that would only cost time
_SMALL_TOKENS_PER_SEC = 12  # our own models write one token for a character and few for a word
_SMALL_PAD_FRAMES = 40  # they were trained with 0 to 0.8 s of empty frames after the sound: it tells them where to end
_SMALL_NO_REPEAT = 4  # and fall into loops where they hear nothing they know: no four tokens twice
_SPARE_TOKENS = 10
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """When a text counts as clear. The defaults are Whisper's published thresholds (Radford et al. 2022, section 4.5).

    `min_avg_logprob`: mean natural log-probability per token. `max_compression_ratio` catches repetition loops.
    """

    min_avg_logprob: float = -1.0
    max_no_speech_prob: float = 0.6
    max_compression_ratio: float = 2.4

    @classmethod
    def from_calibration(cls, calibration: Mapping[str, Any]) -> Gate:
        """The gate measured for a model, from `avg_logprob_gate` in its `calibration.json`.

        Raises `RecognizerError` `recognizer.broken_model` when that field is absent or not a number.
        """
        value = calibration.get("avg_logprob_gate")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecognizerError(
                "recognizer.broken_model",
                f"calibration.json: avg_logprob_gate must be a number, found {value!r}",
                hint="measure the model again, or take the file away to use the general gate",
            )
        return cls(min_avg_logprob=float(value))

    def is_clear(self, text: str, avg_logprob: float, no_speech_prob: float) -> bool:
        """Whether a text may be relied on."""
        if not text or avg_logprob < self.min_avg_logprob or no_speech_prob > self.max_no_speech_prob:
            return False
        raw = text.encode()
        return len(raw) / len(zlib.compress(raw)) <= self.max_compression_ratio


UNMEASURED_SMALL = Gate(min_avg_logprob=-0.3)
"""For a model of this repository without a calibration: small models are sure of themselves when they are wrong."""


class Decoder:
    """A loaded `faster_whisper.WhisperModel` with the gate for it.

    `small_vocabulary` marks a model of this repository. It was trained without Whisper's padding to 30 s, so only a
    little is added, and with separate tokens for the space and punctuation, so Whisper's list of suppressed symbols
    does not fit.
    """

    def __init__(self, model: Any, *, gate: Gate, small_vocabulary: bool) -> None:
        self._model = model
        self._gate = gate
        self._small_vocabulary = small_vocabulary
        self._tokenizers: dict[str, Any] = {}

    def decode(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        """The text of a clip of at most 30 s. Raises `RecognizerError` `recognizer.failed` when the engine gives up."""
        try:
            return self._decode(samples, options)
        except RuntimeError as error:
            raise RecognizerError(
                "recognizer.failed",
                f"the engine could not decode a clip of {len(samples) / RECOGNITION_RATE:.1f} s: {error}",
                hint="check the memory of the device",
            ) from error

    def _decode(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        features = self._model.feature_extractor(samples)[:, :-1][:, :_WHISPER_FRAMES]
        encoded = self._model.encode(self._padded(features))
        language, probability = self._language(encoded, options.language)
        tokenizer = self._tokenizer(language)
        duration = len(samples) / RECOGNITION_RATE
        result = self._generate(encoded, tokenizer, options, duration)
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        text = tokenizer.decode(tokens).strip()
        if not text:
            return NOTHING_HEARD
        length = len(result.sequences_ids[0])
        avg_logprob = result.scores[0] * length / (length + 1)
        words: tuple[Word, ...] = ()
        if options.word_timestamps:
            words = self._words(encoded, tokenizer, tokens, features.shape[1], duration)
        return Recognition(
            text=text,
            words=words,
            language=language,
            language_probability=probability,
            avg_logprob=avg_logprob,
            no_speech_prob=result.no_speech_prob,
            clear=self._gate.is_clear(text, avg_logprob, result.no_speech_prob),
        )

    def _padded(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = max(_SHORTEST_FRAMES, features.shape[1] + features.shape[1] % 2 + _SMALL_PAD_FRAMES)
        wanted = min(frames, _WHISPER_FRAMES) if self._small_vocabulary else _WHISPER_FRAMES
        return np.pad(features, ((0, 0), (0, wanted - features.shape[1])))

    def _language(self, encoded: Any, wanted: str | None) -> tuple[str, float]:
        if wanted is not None:
            return wanted, 1.0
        if not self._model.model.is_multilingual:
            return "en", 1.0
        token, probability = self._model.model.detect_language(encoded)[0][0]
        return token[2:-2], float(probability)

    def _tokenizer(self, language: str) -> Any:
        if language not in self._tokenizers:
            from faster_whisper.tokenizer import Tokenizer

            multilingual = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _prompt(self, tokenizer: Any, hotwords: tuple[str, ...]) -> list[int]:
        """The tokens before the text: hotwords as Whisper's prompt (our own models never saw one), then the task."""
        told = ""
        if hotwords and not self._small_vocabulary:
            told = prompt_text(hotwords, lambda text: len(tokenizer.encode(text)))
        prompt: list[int] = self._model.get_prompt(
            tokenizer, previous_tokens=[], without_timestamps=True, hotwords=told or None
        )
        return prompt

    def _generate(self, encoded: Any, tokenizer: Any, options: RecognizeOptions, duration_secs: float) -> Any:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._prompt(tokenizer, options.hotwords)
        rate = _SMALL_TOKENS_PER_SEC if self._small_vocabulary else _TOKENS_PER_SEC
        longest = len(prompt) + _SPARE_TOKENS + int(rate * duration_secs)
        return self._model.model.generate(
            encoded,
            [prompt],
            beam_size=options.beam_size,
            max_length=min(self._model.max_length, longest),
            no_repeat_ngram_size=_SMALL_NO_REPEAT if self._small_vocabulary else 0,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [tokenizer.sot] if self._small_vocabulary else [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]

    def _words(
        self, encoded: Any, tokenizer: Any, tokens: list[int], frames: int, duration_secs: float
    ) -> tuple[Word, ...]:
        """The words with their times, put in order and kept inside the clip."""
        from faster_whisper.transcribe import merge_punctuations

        alignment = self._model.find_alignment(tokenizer, [tokens], encoded, [frames])[0]
        merge_punctuations(alignment, _PREPENDED, _APPENDED)
        words: list[Word] = []
        earliest = 0.0
        for item in alignment:
            text = item["word"] if words else item["word"].lstrip()
            if not text:
                continue
            start = min(max(float(item["start"]), earliest), duration_secs)
            end = min(max(float(item["end"]), start), duration_secs)
            words.append(Word(text=text, start=start, end=end, probability=float(item["probability"])))
            earliest = end
        while words and not words[-1].text.rstrip():
            words.pop()
        if words:
            words[-1] = replace(words[-1], text=words[-1].text.rstrip())
        return tuple(words)
