"""The text of one utterance while it is spoken and when it is done: when to listen again, what may be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from speech.batching import Stale, never, recognize_unless
from speech.endpointing import Closed
from speech.errors import RecognizerError
from speech.hotwords import Hotwords
from speech.ladder import Effort
from speech.prosody import prosody_of
from speech.recognizer import NOTHING_HEARD, Recognition, RecognizeOptions, Recognizer
from speech.snapping import snapped
from speech.stabilizer import LocalAgreement, StabilizerOptions, Stable, split_units
from speech.types import RECOGNITION_RATE, FinalHypothesis, PartialHypothesis, Samples, SpeechEvent, Word
from speech.vad import VadState, windows_of
from speech.windowing import cut_of


@dataclass(frozen=True, kw_only=True)
class UtteranceOptions:
    """`hop_secs` of new speech between two hearings of an open utterance.

    Hearings of more than `window_secs` leave out what was committed, but for the last `context_secs` of it; while that
    is not possible, they come as much more seldom as they are longer. `language` None lets the model choose.

    When the model is less sure of its choice than `language_floor`, the language last heard clearly on the track
    is taken. More than `loss_unclear_secs` of lost audio inside an utterance makes its final text unclear.
    `hotwords` are those of the call.
    """

    hop_secs: float = 0.5
    window_secs: float = 8.0
    context_secs: float = 2.0
    language: str | None = None
    language_floor: float = 0.6
    partial_beam_size: int = 2
    final_beam_size: int = 5
    loss_unclear_secs: float = 0.2
    hotwords: Hotwords = field(default_factory=Hotwords)
    stabilizer: StabilizerOptions = field(default_factory=StabilizerOptions)


class OpenUtterance:
    """One utterance from its first window to its final text. Samples are on the 16 kHz clock of the track."""

    def __init__(
        self,
        recognizer: Recognizer,
        options: UtteranceOptions,
        *,
        track: str,
        number: int,
        start_sample: int,
        origin_secs: float,
        language: str | None,
    ) -> None:
        self._recognizer = recognizer
        self._options = options
        self._track = track
        self._number = number
        self._start_sample = start_sample
        self._origin_secs = origin_secs
        self._fallback_language = language
        self._agreement = LocalAgreement(options.stabilizer)
        self._hop = windows_of(options.hop_secs)
        self._heard_from = start_sample
        self._heard_language = options.language
        self._new_windows = 0
        self._shown: tuple[str, str] | None = None

    def window(
        self,
        clip: Callable[[int, int], Samples],
        end_sample: int,
        state: VadState,
        effort: Effort = Effort.FULL,
        stale: Stale = never,
    ) -> list[SpeechEvent]:
        """One more window ended at `end_sample`; hears the utterance again when it is time to.

        With less than full effort a hearing may be dropped: when `stale()` says that newer sound has come.
        """
        if state is VadState.SPEAKING:
            self._new_windows += 1
        hop = self._hop * -(-(end_sample - self._heard_from) // round(self._options.window_secs * RECOGNITION_RATE))
        if self._new_windows < (hop if effort is Effort.FULL else 2 * hop):
            return []
        self._new_windows = 0
        return [] if effort >= Effort.FINALS_ONLY else self._partial(clip, end_sample, stale)

    def _partial(self, clip: Callable[[int, int], Samples], end_sample: int, stale: Stale) -> list[SpeechEvent]:
        try:
            heard = self._recognize(clip(self._heard_from, end_sample), stale=stale)
        except RecognizerError:
            return []  # the final text will say that the recogniser failed
        if heard is None:
            return []
        stable = self._agreement.update(heard.text, sure=heard.clear)
        if heard.clear and not stable.contradicted:
            self._leave_out_committed(heard)
        if not stable.text or (stable.committed, stable.tail) == self._shown:
            return []
        self._shown = (stable.committed, stable.tail)
        return [
            PartialHypothesis(
                track=self._track,
                utterance=self._number,
                start=self._secs(self._start_sample),
                end=self._secs(end_sample),
                committed=stable.committed,
                tail=stable.tail,
                language=heard.language,
            )
        ]

    def _leave_out_committed(self, heard: Recognition) -> None:
        """Begin later hearings shortly before the last committed words; `heard` reads as they do."""
        cut = cut_of(heard, len(split_units(self._agreement.recent)), self._options.context_secs)
        if cut is not None:
            self._agreement.settle(cut.units)
            self._heard_from += round(cut.secs * RECOGNITION_RATE)
            self._heard_language = heard.language

    def final(self, samples: Samples, closed: Closed, *, lost_secs: float) -> FinalHypothesis:
        """The text of the whole utterance: the committed prefix, then what the last hearing says after it.

        `lost_secs` of the utterance never came.
        """
        error = None
        try:
            heard = self._recognize(samples, stale=None) or NOTHING_HEARD
        except RecognizerError as failure:
            heard, error = NOTHING_HEARD, failure.code
        stable = self._agreement.finish(heard.text)
        words = _words(heard, stable, closed.end_secs - closed.start_secs)
        offset = self._secs(closed.start_sample)
        return FinalHypothesis(
            track=self._track,
            utterance=self._number,
            start=offset,
            end=self._secs(closed.end_sample),
            text=stable.text,
            words=tuple(replace(word, start=word.start + offset, end=word.end + offset) for word in words),
            avg_logprob=heard.avg_logprob,
            no_speech_prob=heard.no_speech_prob,
            language=heard.language,
            clear=heard.clear and not stable.contradicted and lost_secs <= self._options.loss_unclear_secs,
            reason=closed.reason,
            error=error,
            prosody=prosody_of(samples),
        )

    def _recognize(self, samples: Samples, *, stale: Stale | None) -> Recognition | None:
        """A partial hearing, which may go stale and then is None, or the final one (`stale` None)."""
        if not len(samples):
            return NOTHING_HEARD
        final = stale is None
        long = len(samples) > self._options.window_secs * RECOGNITION_RATE
        options = RecognizeOptions(
            language=self._options.language if final else self._heard_language,
            word_timestamps=self._recognizer.capabilities.word_timestamps and (final or long or self._snaps),
            beam_size=self._options.final_beam_size if final else self._options.partial_beam_size,
            hotwords=self._options.hotwords.words,
        )
        heard = self._ask(samples, options, stale)
        if heard is None:
            return None
        fallback = self._fallback_language
        doubtful = options.language is None and heard.language_probability < self._options.language_floor
        if doubtful and fallback is not None and heard.language != fallback:
            heard = self._ask(samples, replace(options, language=fallback), stale)
        if heard is None or not self._snaps:
            return heard
        fixed = self._agreement.committed if final else self._agreement.recent
        return snapped(heard, self._options.hotwords, fixed)

    def _ask(self, samples: Samples, options: RecognizeOptions, stale: Stale | None) -> Recognition | None:
        if stale is None:
            return self._recognizer.recognize(samples, options)
        return recognize_unless(self._recognizer, stale, samples, options)

    @property
    def _snaps(self) -> bool:
        """Names are put by sound where the model does not read hotwords itself; that needs the words' probabilities."""
        return bool(self._options.hotwords.names) and not self._recognizer.capabilities.takes_hotwords

    def _secs(self, sample: int) -> float:
        return self._origin_secs + sample / RECOGNITION_RATE


def _words(heard: Recognition, stable: Stable, duration_secs: float) -> list[Word]:
    """The words of the final text. Those of a committed part that the last hearing contradicts get probability 0."""
    if not heard.words or not stable.contradicted:
        return list(heard.words)
    position, kept = 0, []
    for word in heard.words:
        if position >= len(stable.replaced):
            kept.append(word)
        position += len(word.text)
    boundary = kept[0].start if kept else duration_secs
    units = split_units(stable.committed)
    step = boundary / max(1, len(units))
    earlier = [
        Word(text=unit, start=index * step, end=(index + 1) * step, probability=0.0) for index, unit in enumerate(units)
    ]
    return earlier + kept
