"""Agreements of the debtor: which of them holds now, for this debt and given to the right person.

Absence of evidence of consent is absence of consent: a label set by the caller opens nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.facts import CONSENT_HOLDERS, CONSENT_KINDS, PARTIES, Consent, Scenario
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentTerms:
    """Which consents count: of `kind`, given to one of `given_to`, for contact with one of `parties`.

    `given_in_open_hours`: only a consent that was itself given at an hour at which contact was open (hour rules only).
    """

    kind: str
    given_to: frozenset[str]
    parties: frozenset[str] = PARTIES
    given_in_open_hours: bool = False

    @classmethod
    def read(cls, node: Node, *, hours: bool = False) -> "ConsentTerms":
        """Build from `{kind, given_to, parties?}` and, for `hours`, `given_in_open_hours?`. Raises `RulebookError`."""
        extra = ("given_in_open_hours",) if hours else ()
        return cls.of(node.mapping(("kind", "given_to"), ("parties", *extra)))

    @classmethod
    def of(cls, parts: Mapping[str, Node]) -> "ConsentTerms":
        """Build from nodes already taken apart, other terms among them. Raises `RulebookError`."""
        return cls(
            kind=parts["kind"].one_of(CONSENT_KINDS),
            given_to=parts["given_to"].words(CONSENT_HOLDERS),
            parties=parts["parties"].words(PARTIES) if "parties" in parts else PARTIES,
            given_in_open_hours="given_in_open_hours" in parts and parts["given_in_open_hours"].boolean(),
        )

    def matching(self, scenario: Scenario) -> Iterator[Consent]:
        """Consents of the debtor that fit these terms and the attempt's debt and party, whatever their time."""
        if scenario.attempt.party not in self.parties:
            return
        for consent in scenario.debtor.consents:
            fits = consent.kind == self.kind and consent.given_to in self.given_to
            if fits and consent.debt in (None, scenario.attempt.debt):
                yield consent

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types; what the rulebook leaves out is left out here."""
        found: dict[str, Any] = {"kind": self.kind, "given_to": sorted(self.given_to)}
        if self.parties != PARTIES:
            found["parties"] = sorted(self.parties)
        if self.given_in_open_hours:
            found["given_in_open_hours"] = True
        return found


def in_force(consent: Consent, at: datetime) -> bool:
    """Whether the consent has been given and has not ended at `at`."""
    return consent.given_at <= at and (consent.valid_until is None or at < consent.valid_until)


def within_window(consent: Consent, local: Sequence[datetime]) -> bool:
    """Whether every clock reads a time to which the consent is limited; one without window is not limited."""
    if consent.window is None:
        return True
    return bool(local) and all(consent.window.opens(clock) for clock in local)


def turning_points(consents: Iterable[Consent], after: datetime) -> tuple[set[int], list[datetime]]:
    """Clock marks (seconds of the day) and instants at which one of the consents may begin or cease to hold.

    Consents that ended by `after` have none.
    """
    marks: set[int] = set()
    instants: list[datetime] = []
    for consent in consents:
        if consent.valid_until is not None and consent.valid_until <= after:
            continue
        instants.append(consent.given_at)
        if consent.valid_until is not None:
            instants.append(consent.valid_until)
        if consent.window is not None:
            marks |= {consent.window.start_secs, consent.window.end_secs, 0}
    return marks, instants
