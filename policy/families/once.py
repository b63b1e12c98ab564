"""Questions that may be asked of a person only once."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from policy.facts import PARTIES, PURPOSES
from policy.families.counted import Counted, same_subject
from policy.families.kind import Breach, Case, Kind, Signature
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class OncePerPerson(Kind):
    """For some purposes one counted contact with a person is enough, for ever."""

    name: ClassVar[str] = "once_per_person"
    message_fields: ClassVar[frozenset[str]] = frozenset({"party", "purpose"})
    needs_clock: ClassVar[bool] = False

    purposes: frozenset[str]
    parties: frozenset[str]
    counted: Counted

    @classmethod
    def read(cls, node: Node) -> "OncePerPerson":
        """Build from `{purposes, parties, counted: {channels, directions, outcomes}}`. Raises `RulebookError`."""
        parts = node.mapping(("purposes", "parties", "counted"))
        return cls(
            purposes=parts["purposes"].words(PURPOSES),
            parties=parts["parties"].words(PARTIES),
            counted=Counted.read(parts["counted"]),
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only for such a purpose, to such a party, after some contact."""
        return signature.history and signature.party in self.parties and signature.purpose in self.purposes

    def judge(self, case: Case) -> Breach | None:
        """Somebody at this address was contacted for such a purpose before."""
        attempt = case.attempt
        if attempt.party not in self.parties or attempt.purpose not in self.purposes:
            return None
        earlier = any(
            contact.purpose in self.purposes
            and contact.party in self.parties
            and self.counted.covers(contact)
            and same_subject(case, contact, frozenset({"address"}))
            for contact in case.scenario.history
        )
        if not earlier:
            return None
        parameters = {
            "purposes": sorted(self.purposes),
            "parties": sorted(self.parties),
            "counted": self.counted.plain(),
        }
        found = {"party": attempt.party, "purpose": attempt.purpose}
        return Breach(parameters, found, found)

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - a question stays asked
        """Never by waiting."""
        return None
