"""The port for trained models that work beside the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from nlp.analysis import MoodReading, Turn
from nlp.finding import Finding
from nlp.labels import Speaker


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """What a classifier is asked about. `lang` is "zh" or "en"; `context` holds earlier turns, oldest first."""

    text: str
    speaker: Speaker
    lang: str
    context: tuple[Turn, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A classifier's answer: findings of any vocabulary (spans in the given text) and, for a debtor, a mood or None."""

    findings: tuple[Finding, ...] = ()
    mood: MoodReading | None = None


class Classifier(Protocol):
    """A trained model. Raises `NlpError` when it cannot answer, which becomes a `Skipped`, never a clean text."""

    @property
    def name(self) -> str:
        """Stable name, shown in findings and under `models`."""

    @property
    def version(self) -> str:
        """Revision or digest of the weights."""

    def predict(self, utterances: Sequence[Utterance]) -> list[Prediction]:
        """One prediction per utterance, in order."""
