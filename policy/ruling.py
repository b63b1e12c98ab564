"""The engine's reasoned answer.

Three answers: `permit`, `deny` and `cannot_tell`; only the first lets a contact happen. A ruling is frozen, names the
rulebook and
the facts by digest, and carries for every denying rule its message (zh, en), citation, the parameters used and the
facts used.
`parameters` and `facts` hold plain JSON values and no personal data: no name, number or birth date.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Decision = Literal["permit", "deny", "cannot_tell"]
Lang = Literal["en", "zh"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why one rule speaks. `messages` and `citations` are keyed by language (`en`, `zh`)."""

    rule: str
    messages: Mapping[str, str]
    citations: Mapping[str, str]
    parameters: Mapping[str, Any]
    facts: Mapping[str, Any]

    def message(self, lang: Lang = "en") -> str:
        """One sentence for a person."""
        return self.messages[lang]

    def citation(self, lang: Lang = "en") -> str:
        """The provisions the rule rests on."""
        return self.citations[lang]

    def to_json(self, lang: Lang = "en") -> dict[str, Any]:
        """The reason as the command line prints it."""
        return {
            "rule": self.rule,
            "message": self.messages[lang],
            "citation": self.citations[lang],
            "parameters": dict(self.parameters),
            "facts": dict(self.facts),
        }

    def to_record(self, lang: Lang = "en") -> dict[str, Any]:
        """The reason as it is kept: with its texts in every language, because who reads it later is not known now."""
        return self.to_json(lang) | {"messages": dict(self.messages), "citations": dict(self.citations)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """May this contact be attempted, as of `as_of`, and why.

    `next_permitted_at`: the earliest instant, not before the attempt, at which the same attempt would be permitted if
    nothing else
    happened; the attempt's own instant when it is permitted; None when no waiting helps or that cannot be told.
    `advice` never denies: pack recommendations (pacing, human review) for the planner and the agent.
    `clock_data` is the version of the time-zone database used.
    """

    pack: str
    decision: Decision
    reasons: tuple[Reason, ...]
    next_permitted_at: datetime | None
    rulebook_digest: str
    facts_digest: str
    as_of: datetime
    scenario_id: str | None = None
    advice: tuple[Reason, ...] = ()
    clock_data: str = ""
    lang: Lang = field(default="en")

    @property
    def permitted(self) -> bool:
        """True only for a permit: *cannot tell* refuses."""
        return self.decision == "permit"

    @property
    def rules(self) -> tuple[str, ...]:
        """Sorted ids of every rule that denies; empty exactly when permitted."""
        return tuple(sorted({reason.rule for reason in self.reasons}))

    def to_json(self, lang: Lang | None = None) -> dict[str, Any]:
        """The ruling as the command-line contract prints it: *cannot tell* appears as `deny` with its own rule id."""
        chosen = lang or self.lang
        return {
            "id": self.scenario_id,
            "decision": "permit" if self.permitted else "deny",
            "rules": list(self.rules),
            "reasons": [reason.to_json(chosen) for reason in self.reasons],
            "next_permitted_at": None if self.next_permitted_at is None else self.next_permitted_at.isoformat(),
            "rulebook": self.rulebook_digest,
            "as_of": self.as_of.isoformat(),
        }

    def to_record(self, lang: Lang | None = None) -> dict[str, Any]:
        """Everything, for the attempt's row and the ledger's payload: the contract's fields, the three-way answer and
        both digests.
        """
        chosen = lang or self.lang
        return self.to_json(chosen) | {
            "reasons": [reason.to_record(chosen) for reason in self.reasons],
            "pack": self.pack,
            "answer": self.decision,
            "facts_digest": self.facts_digest,
            "advice": [reason.to_record(chosen) for reason in self.advice],
            "clock_data": self.clock_data,
        }
