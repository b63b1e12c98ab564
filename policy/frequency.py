"""Frequency rules: how many contacts in so many calendar days, and how long after the last one.

A day is the debtor's calendar day on the first known zone, never the host's. The attempt under judgement is never in
the history;
a cap of n denies when n counted contacts are already there. One kind serves "three a day", "seven in seven days per
debt" and
"none within seven days of a conversation" (limit 1, outcome conversation).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from policy.facts import CHANNELS, DIRECTIONS, OUTCOMES, PastContact
from policy.kind import Breach, BudgetSlot, Case, Kind, Signature
from policy.located import Node
from policy.zones import start_of_day

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


def same_subject(case: Case, contact: PastContact, per: frozenset[str]) -> bool:
    """Whether a past contact belongs to the attempt's counter. `per`: party, debt, address; empty means the whole
    person.

    Where an address is missing on either side it is the only one of its party, so contacts of that party are taken as
    the same
    address: the protective reading.
    """
    attempt = case.attempt
    if "party" in per and contact.party != attempt.party:
        return False
    if "debt" in per and attempt.debt != contact.debt and attempt.debt not in contact.also_debts:
        return False
    if "address" in per:
        if contact.address is None or attempt.address is None:
            return contact.party == attempt.party
        return contact.address == attempt.address
    return True


def subject_text(case: Case, per: frozenset[str]) -> str:
    """The counter's owner as text: party, debt and address label, as far as the rule distinguishes them."""
    attempt = case.attempt
    parts = {
        "party": attempt.party,
        "debt": attempt.debt,
        "address": attempt.address or f"only-address-of-{attempt.party}",
    }
    return "/".join(f"{key}={parts[key]}" for key in ("party", "debt", "address") if key in per) or "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarCap(Kind):
    """At most `limit` counted contacts within `days` consecutive calendar days, the attempt's own day the last."""

    name: ClassVar[str] = "calendar_cap"
    message_fields: ClassVar[frozenset[str]] = frozenset({"limit", "days", "used", "attempt_number"})
    needs_clock: ClassVar[bool] = True

    limit: int
    days: int
    channels: frozenset[str]
    per: frozenset[str]
    counted: Counted

    @classmethod
    def read(cls, node: Node) -> "CalendarCap":
        """Build from `{limit, days, channels, per, counted}`. Raises `RulebookError`."""
        parts = node.mapping(("limit", "days", "channels", "per", "counted"))
        return cls(
            limit=parts["limit"].integer(least=1, most=1000),
            days=parts["days"].integer(least=1, most=366),
            channels=parts["channels"].words(CHANNELS),
            per=frozenset() if parts["per"].items() == [] else parts["per"].words(PER),
            counted=Counted.read(parts["counted"]),
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only where there is something to count."""
        return signature.history and signature.channel in self.channels

    def _used(self, case: Case) -> int:
        zone, today = case.zones[0], case.local[0].date()
        first = today - timedelta(days=self.days - 1)
        return sum(
            1
            for contact in case.scenario.history
            if self.counted.covers(contact)
            and same_subject(case, contact, self.per)
            and first <= contact.at.astimezone(zone).date() <= today
        )

    def judge(self, case: Case) -> Breach | None:
        """The limit is already used up."""
        if case.attempt.channel not in self.channels:
            return None
        used = self._used(case)
        if used < self.limit:
            return None
        words = {"limit": self.limit, "days": self.days, "used": used, "attempt_number": used + 1}
        facts = {
            "used": used,
            "subject": subject_text(case, self.per),
            "local_day": case.local[0].date().isoformat(),
            "day_zone": str(case.zones[0].key),
        }
        return Breach(self._plain(), facts, words)

    def next_change(self, case: Case) -> datetime | None:
        """The local midnight at which enough counted days have left the period; the history itself does not grow."""
        zone = case.zones[0]
        days = sorted(
            contact.at.astimezone(zone).date()
            for contact in case.scenario.history
            if self.counted.covers(contact) and same_subject(case, contact, self.per)
        )
        if len(days) < self.limit:
            return None
        opens_at = start_of_day(zone, days[-self.limit] + timedelta(days=self.days))
        return opens_at if opens_at > case.at else None

    def slots(self, rule: str, case: Case) -> tuple[BudgetSlot, ...]:
        """One unit of the attempt's local day."""
        if case.attempt.channel not in self.channels:
            return ()
        subject, bucket = subject_text(case, self.per), case.local[0].date().isoformat()
        slot = BudgetSlot(
            key=f"{rule}:{subject}:{bucket}",
            rule=rule,
            subject=subject,
            bucket=bucket,
            window_days=self.days,
            limit=self.limit,
            used=self._used(case),
            counted_outcomes=self.counted.outcomes,
        )
        return (slot,)

    def _plain(self) -> dict[str, Any]:
        return {
            "limit": self.limit,
            "days": self.days,
            "channels": sorted(self.channels),
            "per": sorted(self.per),
            "counted": self.counted.plain(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class MinimumSpacing(Kind):
    """At least `gap_secs` after the last counted contact; elapsed time, not wall time."""

    name: ClassVar[str] = "minimum_spacing"
    message_fields: ClassVar[frozenset[str]] = frozenset({"gap_minutes"})
    needs_clock: ClassVar[bool] = False

    gap_secs: int
    channels: frozenset[str]
    per: frozenset[str]
    counted: Counted

    @classmethod
    def read(cls, node: Node) -> "MinimumSpacing":
        """Build from `{gap_minutes, channels, per, counted}`. Raises `RulebookError`."""
        parts = node.mapping(("gap_minutes", "channels", "per", "counted"))
        return cls(
            gap_secs=60 * parts["gap_minutes"].integer(least=1, most=60 * 24 * 366),
            channels=parts["channels"].words(CHANNELS),
            per=frozenset() if parts["per"].items() == [] else parts["per"].words(PER),
            counted=Counted.read(parts["counted"]),
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only where there is a contact to keep away from."""
        return signature.history and signature.channel in self.channels

    def _opens_at(self, case: Case) -> datetime | None:
        times = [
            contact.at
            for contact in case.scenario.history
            if self.counted.covers(contact) and same_subject(case, contact, self.per)
        ]
        return max(times) + timedelta(seconds=self.gap_secs) if times else None

    def judge(self, case: Case) -> Breach | None:
        """Too soon after the last counted contact."""
        if case.attempt.channel not in self.channels:
            return None
        opens_at = self._opens_at(case)
        if opens_at is None or case.at >= opens_at:
            return None
        parameters = {
            "gap_minutes": self.gap_secs // 60,
            "channels": sorted(self.channels),
            "per": sorted(self.per),
            "counted": self.counted.plain(),
        }
        return Breach(parameters, {"opens_at": opens_at.isoformat()}, {"gap_minutes": self.gap_secs // 60})

    def next_change(self, case: Case) -> datetime | None:
        """The end of the gap."""
        opens_at = self._opens_at(case)
        return opens_at if opens_at is not None and opens_at > case.at else None
