"""A whole recording to finished utterances: every channel by voice activity, then every utterance, many at a time.

What comes out are the same final hypotheses that a live track gives, without partials: whoever listens to calls listens
to recordings with the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np

from speech.audio_files import Recording
from speech.endpointing import Closed, EndpointOptions, find_utterances
from speech.hotwords import Hotwords
from speech.prosody import prosody_of
from speech.recognizer import Recognition, RecognizeOptions, Recognizer
from speech.silero import SileroProbability
from speech.snapping import snapped
from speech.types import RECOGNITION_RATE, FinalHypothesis, Samples
from speech.vad import WINDOW_SAMPLES, VadOptions

MIXED = "mixed"
"""Speaker of a one-channel recording: both parties on one track."""

Between = Callable[[float, float], None]
"""Called between groups of utterances with the seconds of sound done and in all, over all channels; may wait, and may
raise to give the recording up."""


@dataclass(frozen=True, kw_only=True)
class HearOptions:
    """`language` None lets the model choose per utterance. `left` and `right` name the speakers of a two-track file;
    None: as the file itself says, else agent left and debtor right. `one` names the speaker of a one-channel file.

    When the model is less sure of its choice than `language_floor`, the language most spoken on the channel is taken.
    `hotwords` are words likely to be said. Up to `group` utterances go to the recogniser at a time.
    """

    language: str | None = None
    left: str | None = None
    right: str | None = None
    one: str = MIXED
    beam_size: int = 5
    language_floor: float = 0.6
    hotwords: Hotwords = field(default_factory=Hotwords)
    group: int = 64
    vad: VadOptions = field(default_factory=VadOptions)
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)


@runtime_checkable
class ManyRecognizer(Protocol):
    """A recogniser that takes many clips at once and answers each as it would alone."""

    def recognize_many(self, clips: Sequence[Samples], options: RecognizeOptions) -> list[Recognition]:
        """The texts of the clips, in their order. Raises as `recognize`, for the first that fails."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Clip:
    """One utterance of one channel; `number` counts the utterances of the channel from 0."""

    channel: int
    number: int
    place: Closed
    samples: Samples


def speakers_of(recording: Recording, options: HearOptions) -> tuple[str, ...]:
    """Who is on each channel, left first."""
    if len(recording.channels) == 1:
        return (options.one,)
    left, right = recording.sides or ("agent", "debtor")
    return (options.left or left, options.right or right)


def hear(
    recording: Recording, recognizer: Recognizer, options: HearOptions, between: Between | None = None
) -> tuple[tuple[FinalHypothesis, ...], ...]:
    """The finished utterances of each channel, in order. What has no text is left out.

    `track` of a hypothesis is the speaker's name. Raises `RecognizerError` as the recogniser does, and whatever
    `between` raises.
    """
    clips = [
        _Clip(channel=channel, number=number, place=place, samples=samples[place.start_sample : place.end_sample])
        for channel, samples in enumerate(recording.channels)
        for number, place in enumerate(utterances_of(samples, options))
    ]
    total = recording.duration_secs * len(recording.channels)
    spoken = sum(len(clip.samples) for clip in clips) or 1
    heard: dict[tuple[int, int], Recognition] = {}
    done = 0
    for group in _groups(clips, options.group):
        answers = _recognize(recognizer, [clip.samples for clip in group], options, options.language)
        for clip, answer in zip(group, answers, strict=True):
            heard[clip.channel, clip.number] = answer
            done += len(clip.samples)
        if between is not None:
            between(total * done / spoken, total)
    for channel in range(len(recording.channels)):
        mine = [clip for clip in clips if clip.channel == channel]
        heard |= _again(recognizer, mine, heard, options)
    if between is not None:
        between(total, total)
    speakers = speakers_of(recording, options)
    return tuple(
        tuple(
            _final(clip, heard[channel, clip.number], speaker)
            for clip in clips
            if clip.channel == channel and heard[channel, clip.number].text
        )
        for channel, speaker in enumerate(speakers)
    )


def utterances_of(samples: Samples, options: HearOptions) -> list[Closed]:
    """The utterances of one channel at 16 kHz."""
    count = len(samples) // WINDOW_SAMPLES
    windows = np.reshape(samples[: count * WINDOW_SAMPLES], (count, WINDOW_SAMPLES))
    probabilities = SileroProbability().probabilities(windows)
    return find_utterances(map(float, probabilities), len(samples), options.vad, options.endpoint)


def most_spoken(finals: Iterable[FinalHypothesis]) -> str | None:
    """The language with the most seconds; clear utterances count before unclear ones. None without any."""
    clear: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    for final in finals:
        if final.language is not None:
            (clear if final.clear else unclear)[final.language] += round((final.end - final.start) * 1_000)
    counted = clear or unclear
    return counted.most_common(1)[0][0] if counted else None


def _groups(clips: Sequence[_Clip], size: int) -> list[Sequence[_Clip]]:
    """Clips of like length together, the longest first: an engine pads a group to its longest member."""
    ordered = sorted(clips, key=lambda clip: -len(clip.samples))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _recognize(
    recognizer: Recognizer, clips: Sequence[Samples], options: HearOptions, language: str | None
) -> list[Recognition]:
    wanted = RecognizeOptions(
        language=language,
        word_timestamps=recognizer.capabilities.word_timestamps,
        beam_size=options.beam_size,
        hotwords=options.hotwords.words,
    )
    if isinstance(recognizer, ManyRecognizer):
        answers = recognizer.recognize_many(clips, wanted)
    else:
        answers = [recognizer.recognize(clip, wanted) for clip in clips]
    if not options.hotwords.names or recognizer.capabilities.takes_hotwords:
        return answers
    return [snapped(answer, options.hotwords) for answer in answers]


def _again(
    recognizer: Recognizer,
    clips: Sequence[_Clip],
    heard: dict[tuple[int, int], Recognition],
    options: HearOptions,
) -> dict[tuple[int, int], Recognition]:
    """Utterances whose language the model guessed against that of the rest of the channel, in the latter."""
    if options.language is not None:
        return {}
    sure: Counter[str] = Counter()
    for clip in clips:
        answer = heard[clip.channel, clip.number]
        if answer.clear and answer.language is not None and answer.language_probability >= options.language_floor:
            sure[answer.language] += len(clip.samples)
    if not sure:
        return {}
    main = sure.most_common(1)[0][0]
    doubtful = [
        clip
        for clip in clips
        if (answer := heard[clip.channel, clip.number]).text
        and answer.language != main
        and answer.language_probability < options.language_floor
    ]
    answers = _recognize(recognizer, [clip.samples for clip in doubtful], options, main)
    return {(clip.channel, clip.number): answer for clip, answer in zip(doubtful, answers, strict=True)}


def _final(clip: _Clip, heard: Recognition, speaker: str) -> FinalHypothesis:
    offset = clip.place.start_sample / RECOGNITION_RATE
    return FinalHypothesis(
        track=speaker,
        utterance=clip.number,
        start=clip.place.start_secs,
        end=clip.place.end_secs,
        text=heard.text,
        words=tuple(replace(word, start=word.start + offset, end=word.end + offset) for word in heard.words),
        avg_logprob=heard.avg_logprob,
        no_speech_prob=heard.no_speech_prob,
        language=heard.language,
        clear=heard.clear,
        reason=clip.place.reason,
        prosody=prosody_of(clip.samples),
    )
