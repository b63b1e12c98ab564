"""How a call did, in one number and one word. Pure.

The number starts at 100 and falls with what is asserted: clear words of a known speaker, and statements that had fallen
due and were not heard. The weights are ours and not the law's; they only put calls in the order in which a person
should hear them. What is unclear, or of an unknown speaker, takes nothing off: it is counted apart as places to listen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.monitor.effects import FindingState, Severity
from outreach.rehearing.record import UNKNOWN, VIOLATION, Record, Row, is_asserted

WEIGHTS: Mapping[str, int] = {
    Severity.CRITICAL: 60,
    Severity.HIGH: 30,
    Severity.MEDIUM: 15,
    Severity.LOW: 5,
    Severity.INFO: 0,
}
NOT_HEARD = 10
"""Taken off for each mandated statement that had fallen due and was not heard."""
ATTENTION = ("critical", "high", "medium", "low", "listen", "none")
"""What a person should look at, gravest first. `listen`: nothing is asserted, but some places must be heard."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """`points` from 0 to 100, None where nothing could be judged; `attention` is one of `ATTENTION`; `listen` counts
    the sentences a person must hear because the recogniser or the recording could not tell.
    """

    points: int | None
    attention: str
    violations: int
    not_heard: int
    listen: int

    def to_json(self) -> Row:
        """Plain values."""
        return {
            "points": self.points,
            "attention": self.attention,
            "violations": self.violations,
            "not_heard": self.not_heard,
            "listen": self.listen,
        }


def score_of(record: Record, not_heard: tuple[str, ...]) -> Score:
    """The score of one recording; `not_heard` are the due statements of the law that were not heard."""
    asserted = [row for row in record.findings if row["category"] == VIOLATION and is_asserted(row)]
    facts = [row for row in record.findings if row["category"] != VIOLATION and is_asserted(row)]
    listen = {row["seq"] for row in record.utterances if not row["clear"]}
    listen |= {row["utterance"] for row in record.unclear}
    listen |= {
        row["utterance"]
        for row in record.findings
        if row["speaker"] == UNKNOWN and row["state"] == FindingState.CONFIRMED and row["severity"] != Severity.INFO
    }
    judged = any(row["clear"] and row["speaker"] != UNKNOWN for row in record.utterances)
    lost = sum(WEIGHTS[row["severity"]] for row in asserted) + NOT_HEARD * len(not_heard)
    grave = {row["severity"] for row in asserted}
    grave |= {row["severity"] for row in facts if row["severity"] in {Severity.CRITICAL, Severity.HIGH}}
    if not_heard:
        grave.add(Severity.MEDIUM)
    worst = next((word for word in ATTENTION if word in grave), None)
    return Score(
        points=max(0, 100 - lost) if judged else None,
        attention=worst or ("listen" if listen else "none"),
        violations=len(asserted),
        not_heard=len(not_heard),
        listen=len(listen),
    )
