"""Agreement to more calls than a cap allows: from when to when it holds, and which calls it takes out of the count.

It ends at the earliest of: its own end, the start of the local day `days` after the day on which it was given (that day
is the first), and the first telephone conversation about the debt, with whomever, after it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from policy.facts import Consent, PastContact
from policy.families.consent import ConsentTerms, turning_points, within_window
from policy.families.counted import same_subject
from policy.families.kind import Case
from policy.located import Node
from policy.zones import start_of_day

_KEYS = ("kind", "given_to", "days", "ends_with_conversation", "uncounted")
_CONVERSATION = frozenset({"debt"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent as it holds for the attempt's debt: from `consent.given_at` until `until`; `talk` ended it early."""

    consent: Consent
    until: datetime
    talk: datetime | None

    def permits(self, at: datetime, clocks: Sequence[datetime]) -> bool:
        """Whether an attempt at `at` is made under it."""
        return self._open(at, clocks) and (self.talk is None or at < self.talk)

    def covered(self, at: datetime, clocks: Sequence[datetime]) -> bool:
        """Whether a past call at `at` was made under it; the call whose conversation ended it was."""
        return self._open(at, clocks) and (self.talk is None or at <= self.talk)

    def _open(self, at: datetime, clocks: Sequence[datetime]) -> bool:
        return self.consent.given_at <= at < self.until and within_window(self.consent, clocks)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtraCalls:
    """Which agreement lifts a cap, for how many calendar days; `uncounted`: past calls under it are not counted."""

    terms: ConsentTerms
    days: int
    ends_with_conversation: bool
    uncounted: bool

    @classmethod
    def read(cls, node: Node) -> "ExtraCalls":
        """Build from `{kind, given_to, parties?, days, ends_with_conversation, uncounted}`. Raises `RulebookError`."""
        parts = node.mapping(_KEYS, ("parties",))
        return cls(
            terms=ConsentTerms.of(parts),
            days=parts["days"].integer(least=1, most=366),
            ends_with_conversation=parts["ends_with_conversation"].boolean(),
            uncounted=parts["uncounted"].boolean(),
        )

    def grants(self, case: Case) -> tuple[Grant, ...]:
        """Every consent that fits, with the end that its day and its first conversation set. Needs a known clock."""
        return tuple(self._grant(case, consent) for consent in self.terms.matching(case.scenario))

    def _grant(self, case: Case, consent: Consent) -> Grant:
        zone = case.zones[0]
        until = start_of_day(zone, consent.given_at.astimezone(zone).date() + timedelta(days=self.days))
        if consent.valid_until is not None:
            until = min(until, consent.valid_until)
        talk = None
        if self.ends_with_conversation:
            talks = (contact.at for contact in case.scenario.history if _is_conversation(case, contact))
            talk = min((at for at in talks if at > consent.given_at), default=None)
        return Grant(consent, until, talk)

    def permits(self, case: Case) -> bool:
        """Whether the attempt, at the case's instant, is made under such an agreement."""
        return any(grant.permits(case.at, case.local) for grant in self.grants(case))

    def turning_points(self, case: Case) -> tuple[set[int], list[datetime]]:
        """Clock marks and instants at which `permits` may change its answer."""
        open_grants = [grant for grant in self.grants(case) if grant.talk is None and case.at < grant.until]
        marks, instants = turning_points((grant.consent for grant in open_grants), case.at)
        return marks, [*instants, *(grant.until for grant in open_grants)]

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return self.terms.plain() | {
            "days": self.days,
            "ends_with_conversation": self.ends_with_conversation,
            "uncounted": self.uncounted,
        }


def _is_conversation(case: Case, contact: PastContact) -> bool:
    """A telephone conversation about the attempt's debt, with whomever; who called whom does not matter."""
    spoken = contact.channel == "voice" and contact.outcome == "conversation"
    return spoken and same_subject(case, contact, _CONVERSATION)
