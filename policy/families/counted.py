"""Which past contacts count, and whose counter they belong to."""

from dataclasses import dataclass

from policy.facts import CHANNELS, DIRECTIONS, OUTCOMES, Attempt, PastContact
from policy.families.kind import Case
from policy.located import Node

PER = frozenset({"party", "debt", "address"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Which past contacts count: by channel, direction and outcome."""

    channels: frozenset[str]
    directions: frozenset[str]
    outcomes: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "Counted":
        """Build from `{channels, directions, outcomes}`. Raises `RulebookError`."""
        parts = node.mapping(("channels", "directions", "outcomes"))
        return cls(
            channels=parts["channels"].words(CHANNELS),
            directions=parts["directions"].words(DIRECTIONS),
            outcomes=parts["outcomes"].words(OUTCOMES),
        )

    def covers(self, contact: PastContact) -> bool:
        """Whether this contact counts."""
        return (
            contact.channel in self.channels
            and contact.direction in self.directions
            and contact.outcome in self.outcomes
        )

    def plain(self) -> dict[str, list[str]]:
        """The terms as JSON types."""
        return {
            "channels": sorted(self.channels),
            "directions": sorted(self.directions),
            "outcomes": sorted(self.outcomes),
        }


def matching(case: Case, counted: Counted, per: frozenset[str]) -> list[int]:
    """Places in the history of the contacts that count for the attempt's counter, whatever their age."""
    channels, directions, outcomes = counted.channels, counted.directions, counted.outcomes
    return [
        place
        for place, contact in enumerate(case.scenario.history)
        if contact.outcome in outcomes
        and contact.channel in channels
        and contact.direction in directions
        and same_subject(case, contact, per)
    ]


def same_subject(case: Case, contact: PastContact, per: frozenset[str]) -> bool:
    """Whether a past contact belongs to the attempt's counter. `per`: party, debt, address; empty means the whole
    person.

    Where an address is missing on either side it is the only one of its party, so contacts of that party are taken as
    the same
    address: the protective reading.
    """
    attempt = case.attempt
    if "party" in per and not _same_party(attempt, contact):
        return False
    if "debt" in per and attempt.debt != contact.debt and attempt.debt not in contact.also_debts:
        return False
    if "address" in per:
        if contact.address is None or attempt.address is None:
            return contact.party == attempt.party
        return contact.address == attempt.address
    return True


def _same_party(attempt: Attempt, contact: PastContact) -> bool:
    """`third_party` names no single person: labels tell outsiders apart where both are known."""
    if contact.party != attempt.party:
        return False
    unknown = contact.address is None or attempt.address is None
    return attempt.party != "third_party" or unknown or contact.address == attempt.address


def subject_text(case: Case, per: frozenset[str]) -> str:
    """The counter's owner as text: party, debt and address label, as far as the rule distinguishes them."""
    attempt = case.attempt
    outsider = attempt.party == "third_party" and attempt.address is not None
    parts = {
        "party": f"{attempt.party}:{attempt.address}" if outsider else attempt.party,
        "debt": attempt.debt,
        "address": attempt.address or f"only-address-of-{attempt.party}",
    }
    return "/".join(f"{key}={parts[key]}" for key in ("party", "debt", "address") if key in per) or "person"
