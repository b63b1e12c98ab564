"""Clips through a loaded Whisper model in one pass: encode once, detect the language, generate, place the words.

faster-whisper's own `transcribe` seeks through long audio and, with word times, hears the end of a short clip again; an
utterance has been cut already, so its text is generated exactly once. Temperature 0, no text of earlier utterances as a
prompt, only hotwords. All calls below are safe to run from several threads at once.

Clips may go through the model together, and what one clip reads never depends on the others: only clips of one `group`
go together, everything in a group is decided by the clip alone, and the engine computes each row by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.errors import RecognizerError
from speech.gate import Gate
from speech.hotwords import echoes, prompt_text
from speech.recognizer import NOTHING_HEARD, Recognition, RecognizeOptions
from speech.types import RECOGNITION_RATE, Samples, Word
from speech.word_times import words_of

_WHISPER_FRAMES = 3_000
_FRAMES_PER_SEC = 100
_SHORTEST_FRAMES = 100
_TOKENS_PER_SEC = 25  # nobody speaks faster, in any script: a longer text is a loop that would only cost time
_SMALL_TOKENS_PER_SEC = 12  # our own models write one token for a character and few for a word
_SMALL_PAD_FRAMES, _SMALL_STEP_FRAMES = 20, 60
"""Our own models were trained with 0 to 0.8 s of empty frames after the sound: it tells them where to end. At least
the first number is added, and more up to a multiple of the second: never more than in training, and always the same
for a clip, yet clips of about one length go together."""
_SMALL_NO_REPEAT = 4  # and fall into loops where they hear nothing they know: no four tokens twice
_SPARE_TOKENS = 10
_ROOM_STEP_FRAMES = 500  # a real Whisper's room for text grows in steps, so that clips of unlike lengths go together

Answer = Recognition | RecognizerError
"""What became of one clip of several."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A clip made ready for the model: `features` of shape (mels, padded frames), of which `frames` are sound.

    `told` are the tokens of its hotwords, `longest` the most tokens its text may have.
    """

    features: NDArray[np.float32] = field(repr=False)
    frames: int
    duration_secs: float
    told: tuple[int, ...] = field(repr=False)
    longest: int
    options: RecognizeOptions = field(repr=False)

    @property
    def group(self) -> tuple[int, int, int, int]:
        """Clips with the same may go through the model together."""
        return self.features.shape[1], self.longest, self.options.beam_size, len(self.told)


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

    @property
    def workers(self) -> int:
        """How many groups the model decodes at the same time."""
        return int(self._model.model.num_workers)

    def size_of(self, samples: int) -> tuple[int, int]:
        """Frames with padding and the most tokens of text for a clip of so many samples: by its length alone."""
        frames = min(samples * _FRAMES_PER_SEC // RECOGNITION_RATE, _WHISPER_FRAMES)
        if self._small_vocabulary:
            wanted = -(-(frames + _SMALL_PAD_FRAMES) // _SMALL_STEP_FRAMES) * _SMALL_STEP_FRAMES
            padded = min(max(_SHORTEST_FRAMES, wanted), _WHISPER_FRAMES)
            return padded, _SPARE_TOKENS + _SMALL_TOKENS_PER_SEC * padded // _FRAMES_PER_SEC
        room = -(-frames // _ROOM_STEP_FRAMES) * _ROOM_STEP_FRAMES
        return _WHISPER_FRAMES, _SPARE_TOKENS + _TOKENS_PER_SEC * room // _FRAMES_PER_SEC

    def prepare(self, samples: Samples, options: RecognizeOptions) -> Prepared:
        """Features and padding of a clip of at most 30 s."""
        padded, longest = self.size_of(len(samples))
        features = self._model.feature_extractor(samples)[:, :-1][:, :padded]
        frames = features.shape[1]
        return Prepared(
            features=np.pad(features, ((0, 0), (0, padded - frames))),
            frames=frames,
            duration_secs=len(samples) / RECOGNITION_RATE,
            told=self._told(options.hotwords),
            longest=longest,
            options=options,
        )

    def decode(self, samples: Samples, options: RecognizeOptions) -> Recognition:
        """The text of a clip of at most 30 s. Raises `RecognizerError` `recognizer.failed` when the engine gives up."""
        return self.decode_prepared(self.prepare(samples, options))

    def decode_prepared(self, clip: Prepared) -> Recognition:
        """The text of one clip; raises as `decode`."""
        try:
            return self._decode([clip])[0]
        except RuntimeError as error:
            raise RecognizerError(
                "recognizer.failed",
                f"the engine could not decode a clip of {clip.duration_secs:.1f} s: {error}",
                hint="check the memory of the device",
            ) from error

    def decode_group(self, clips: Sequence[Prepared]) -> list[Answer]:
        """The texts of clips of one `group`, in their order; a failure is the answer of its clip alone."""
        if len({clip.group for clip in clips}) > 1:
            raise ValueError("clips of different groups cannot be decoded together")
        try:
            return [*self._decode(clips)]
        except RuntimeError:
            return [self._alone(clip) for clip in clips]

    def _alone(self, clip: Prepared) -> Answer:
        try:
            return self.decode_prepared(clip)
        except RecognizerError as error:
            return error

    def _decode(self, clips: Sequence[Prepared]) -> list[Recognition]:
        encoded = self._model.encode(np.stack([clip.features for clip in clips]))
        languages = self._languages(encoded, clips)
        results = self._generate(encoded, clips, [language for language, _ in languages])
        texts = [self._text(result, language) for result, (language, _) in zip(results, languages, strict=True)]
        timed = [at for at, (tokens, text) in enumerate(texts) if text and clips[at].options.word_timestamps]
        words = self._words(encoded, clips, {at: (languages[at][0], texts[at][0]) for at in timed})
        answers = []
        for at, (result, (language, probability)) in enumerate(zip(results, languages, strict=True)):
            length = len(result.sequences_ids[0])
            avg_logprob = result.scores[0] * length / (length + 1)
            text, clip = texts[at][1], clips[at]
            if not text or self._gate.nothing_said(avg_logprob, result.no_speech_prob):
                answers.append(NOTHING_HEARD)
                continue
            heard = Recognition(
                text=text,
                words=words.get(at, ()),
                language=language,
                language_probability=probability,
                avg_logprob=avg_logprob,
                no_speech_prob=result.no_speech_prob,
                clear=self._gate.is_clear(text, avg_logprob, result.no_speech_prob)
                and not (clip.told and echoes(text, clip.options.hotwords)),
            )
            answers.append(heard)
        return answers

    def _languages(self, encoded: Any, clips: Sequence[Prepared]) -> list[tuple[str, float]]:
        """Language and its probability: the one asked for, or what the model takes it for."""
        found: list[tuple[str, float]] = [("en", 1.0)] * len(clips)
        if self._model.model.is_multilingual and any(clip.options.language is None for clip in clips):
            ranked = self._model.model.detect_language(encoded)
            found = [(best[0][0][2:-2], float(best[0][1])) for best in ranked]
        return [
            (clip.options.language, 1.0) if clip.options.language is not None else language
            for clip, language in zip(clips, found, strict=True)
        ]

    def _tokenizer(self, language: str) -> Any:
        if language not in self._tokenizers:
            from faster_whisper.tokenizer import Tokenizer

            multilingual = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _told(self, hotwords: tuple[str, ...]) -> tuple[int, ...]:
        """Hotwords as Whisper's prompt takes them; none for our own models, which never saw a prompt."""
        if not hotwords or self._small_vocabulary:
            return ()
        tokenizer = self._tokenizer("en")  # any will do: languages differ in special tokens only
        told = prompt_text(hotwords, lambda text: len(tokenizer.encode(text)))
        return (tokenizer.sot_prev, *tokenizer.encode(f" {told}")) if told else ()

    def _generate(self, encoded: Any, clips: Sequence[Prepared], languages: Sequence[str]) -> Any:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompts = [
            [*clip.told, *self._model.get_prompt(self._tokenizer(language), [], without_timestamps=True)]
            for clip, language in zip(clips, languages, strict=True)
        ]
        tokenizer = self._tokenizer(languages[0])
        return self._model.model.generate(
            encoded,
            prompts,
            beam_size=clips[0].options.beam_size,
            max_length=min(self._model.max_length, len(prompts[0]) + clips[0].longest),
            no_repeat_ngram_size=_SMALL_NO_REPEAT if self._small_vocabulary else 0,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [tokenizer.sot] if self._small_vocabulary else [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )

    def _text(self, result: Any, language: str) -> tuple[list[int], str]:
        tokenizer = self._tokenizer(language)
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        return tokens, tokenizer.decode(tokens).strip()

    def _words(
        self, encoded: Any, clips: Sequence[Prepared], texts: dict[int, tuple[str, list[int]]]
    ) -> dict[int, tuple[Word, ...]]:
        """Word times by place in the group; `texts` are language and tokens of those that want them.

        The engine scales its weights over all tokens of a row, padding included: only texts of as many tokens, in one
        language, are aligned together.
        """
        alike: dict[tuple[str, int], list[int]] = {}
        for at, (language, tokens) in texts.items():
            alike.setdefault((language, len(tokens)), []).append(at)
        words: dict[int, tuple[Word, ...]] = {}
        for (language, _), places in alike.items():
            aligned = self._model.find_alignment(
                self._tokenizer(language),
                [texts[at][1] for at in places],
                encoded if len(places) == len(clips) else _rows(encoded, places),
                [clips[at].frames for at in places],
            )
            words |= {at: words_of(items, clips[at].duration_secs) for at, items in zip(places, aligned, strict=True)}
        return words


def _rows(encoded: Any, places: list[int]) -> Any:
    """Some rows of an encoder's output."""
    import ctranslate2

    here = encoded if encoded.device == "cpu" else encoded.to_device(ctranslate2.Device.cpu)
    if here.dtype == ctranslate2.DataType.bfloat16:  # numpy has no such numbers
        here = here.to(ctranslate2.DataType.float32)
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.asarray(here)[places]))
