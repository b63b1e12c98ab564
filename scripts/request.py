"""A request for the next line and the answer to it, in the form of the command-line contract (`fairline scripts suggest`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class SuggestRequest:
    """What is known at this moment of a call. Build it with `parse_request`, which checks every word against the library.

    `facts`: slot name to raw value. `alerts`: violation labels just found in the agent's own words. `voice`: `artificial` when a
    machine speaks. `mood` None counts as calm. `disclosures_given` are ids already heard in the transcript.
    """

    lang: str
    purpose: str
    stage: str
    mood: str | None = None
    debtor_tier: str = "standard"
    creditor_tier: str = "basic"
    intents: tuple[str, ...] = ()
    vulnerability: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    disclosures_given: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    voice: str = "human"


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One approved line, filled. `digest` is the digest of the approved template, `why` is a sentence in the call's language."""

    text: str
    script: str
    version: str
    digest: str
    step: str
    why: str
    disclosures: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As in the contract."""
        return {
            "text": self.text, "script": self.script, "version": self.version, "digest": self.digest, "step": self.step,
            "why": self.why, "disclosures": list(self.disclosures),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Who else must take part, and why."""

    to: str
    why: str


@dataclass(frozen=True, kw_only=True)
class SuggestResult:
    """The first suggestion is the one to say; the others are alternatives or what may follow. `ends_call`: say it and hang up."""

    suggestions: tuple[Suggestion, ...]
    must_say_next: tuple[str, ...]
    do_not_say: tuple[str, ...]
    escalate: Escalation | None
    ends_call: bool = False

    def to_json(self) -> dict[str, object]:
        """Exactly the members of the contract."""
        escalate = None if self.escalate is None else {"to": self.escalate.to, "why": self.escalate.why}
        return {
            "suggestions": [suggestion.to_json() for suggestion in self.suggestions],
            "must_say_next": list(self.must_say_next),
            "do_not_say": list(self.do_not_say),
            "escalate": escalate,
        }
