"""What a detector answers: something found, or that it could not look. Silence is not innocence."""

from dataclasses import dataclass
from typing import Any

from nlp.labels import Label


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One label with its evidence.

    `span` is half open, in Unicode code points of the text as it was given. `score` lies in (0, 1]; it orders
    findings and is not a calibrated probability. `detector` names the method with its version, `why` the rule and
    the words that made it fire, so that the finding can be answered for years later.
    """

    label: Label
    span: tuple[int, int]
    score: float
    detector: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """The finding in the form of the command-line contract."""
        return {
            "label": str(self.label),
            "span": list(self.span),
            "score": round(self.score, 4),
            "detector": self.detector,
            "why": self.why,
        }


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A detector that could not give an answer for this text; the text is then *not* known to be clean."""

    detector: str
    reason: str

    def to_json(self) -> dict[str, str]:
        """The omission in the form of the command-line contract."""
        return {"detector": self.detector, "reason": self.reason}
