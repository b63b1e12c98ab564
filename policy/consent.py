"""Agreements of the debtor: which of them holds now, for this debt and given to the right person.

Absence of evidence of consent is absence of consent: a label set by the caller opens nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.facts import CONSENT_HOLDERS, CONSENT_KINDS, Consent, Scenario
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentTerms:
    """Which consents count: of `kind`, given to one of `given_to`."""

    kind: str
    given_to: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "ConsentTerms":
        """Build from `{kind, given_to}`. Raises `RulebookError`."""
        parts = node.mapping(("kind", "given_to"))
        return cls(kind=parts["kind"].one_of(CONSENT_KINDS), given_to=parts["given_to"].words(CONSENT_HOLDERS))

    def matching(self, scenario: Scenario) -> Iterator[Consent]:
        """Consents of the debtor that fit these terms and the attempt's debt, whatever their time."""
        for consent in scenario.debtor.consents:
            fits = consent.kind == self.kind and consent.given_to in self.given_to
            if fits and consent.debt in (None, scenario.attempt.debt):
                yield consent

    def opens(self, scenario: Scenario, at: datetime, local: datetime) -> bool:
        """Whether some consent holds at `at` and its window covers the wall clock `local`. Without a window it opens
        no hour.
        """
        for consent in self.matching(scenario):
            ended = consent.valid_until is not None and at >= consent.valid_until
            if not ended and consent.given_at <= at and consent.window is not None and consent.window.covers(local):
                return True
        return False

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return {"kind": self.kind, "given_to": sorted(self.given_to)}
