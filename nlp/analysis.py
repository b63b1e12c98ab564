"""The answer for one utterance, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from nlp.finding import Finding, Skipped
from nlp.labels import Intent, Mood, Signal, Vulnerability


@dataclass(frozen=True, kw_only=True)
class Turn:
    """An earlier turn of the same call, oldest first in a sequence."""

    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MoodReading:
    """The mood with the share of the evidence that speaks for it, in [0, 1]; `why` lists rule ids."""

    label: Mood
    score: float
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """First payment promised. `amount` in units of `currency` (CNY or USD); both slots are None when left vague."""

    amount: Decimal | None
    currency: str
    date: date | None

    def to_json(self) -> dict[str, Any]:
        """The promise with a plain number and an ISO day."""
        number: int | float | None = None
        if self.amount is not None:
            number = int(self.amount) if self.amount == self.amount.to_integral_value() else float(self.amount)
        return {"amount": number, "currency": self.currency, "date": self.date.isoformat() if self.date else None}


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A thing named in the text: money, date, phone, id-card, bank-card, name or email.

    `span` is half open in code points of the given text; `value` is the canonical form.
    """

    kind: str
    span: tuple[int, int]
    value: str

    def to_json(self) -> dict[str, Any]:
        """The entity in the form of the command-line contract."""
        return {"kind": self.kind, "span": list(self.span), "value": self.value}


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything understood in one utterance.

    `violations` is only ever filled for the agent; mood, vulnerability, intents, promise and signals only for the
    debtor. `evidence` holds a finding behind each vulnerability, intent and signal. A label missing while `skipped`
    is not empty is *unknown*, not absent.
    """

    lang: str
    violations: tuple[Finding, ...] = ()
    mood: MoodReading | None = None
    vulnerability: frozenset[Vulnerability] = frozenset()
    intents: frozenset[Intent] = frozenset()
    signals: frozenset[Signal] = frozenset()
    promise: Promise | None = None
    entities: tuple[Entity, ...] = ()
    evidence: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The object of the command-line contract without `id`, with `signals` and `evidence` as extra fields."""
        return {
            "violations": [finding.to_json() for finding in self.violations],
            "mood": {"label": str(self.mood.label), "score": round(self.mood.score, 4)} if self.mood else None,
            "vulnerability": sorted(self.vulnerability),
            "intents": sorted(self.intents),
            "promise": self.promise.to_json() if self.promise else None,
            "entities": [entity.to_json() for entity in self.entities],
            "skipped": [skipped.to_json() for skipped in self.skipped],
            "models": dict(self.models),
            "signals": sorted(self.signals),
            "evidence": [finding.to_json() for finding in self.evidence],
        }
