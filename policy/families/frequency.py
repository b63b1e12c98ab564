"""Frequency rules: how many contacts in so many calendar days, and how long after the last one.

A day is the debtor's calendar day on the first known zone, never the host's. The attempt under judgement is never in
the history; a cap of n denies when n counted contacts are already there. One kind serves "three a day", "seven in seven
days per debt" and "none within seven days of a conversation" (limit 1, outcome conversation).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from policy.facts import CHANNELS, PARTIES, PLACES, PURPOSES, Attempt, PastContact
from policy.families.counted import PER, Counted, matching, subject_text
from policy.families.extra_calls import ExtraCalls, Grant
from policy.families.hours import earliest_reading
from policy.families.kind import Breach, BudgetSlot, Case, Kind, Signature
from policy.located import Node
from policy.zones import start_of_day

__all__ = ["CalendarCap", "Counted", "MinimumSpacing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Enquiries:
    """Contacts that never name the debt: of these purposes, with these parties. A label alone excuses nothing."""

    purposes: frozenset[str]
    parties: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "Enquiries":
        """Build from `{purposes, parties}`. Raises `RulebookError`."""
        parts = node.mapping(("purposes", "parties"))
        return cls(purposes=parts["purposes"].words(PURPOSES), parties=parts["parties"].words(PARTIES))

    def covers(self, purpose: str, party: str) -> bool:
        """Whether it is such a contact."""
        return purpose in self.purposes and party in self.parties

    def plain(self) -> dict[str, list[str]]:
        """The terms as JSON types."""
        return {"purposes": sorted(self.purposes), "parties": sorted(self.parties)}


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarCap(Kind):
    """At most `limit` counted contacts within `days` consecutive calendar days, the attempt's own day the last.

    `except_consent`: an agreement to more calls lifts the cap. `places`: it limits attempts at these places only (where
    a past contact took place is not known, so every one counts). `exempt_parties`, and
    `exempt_enquiries` (some purposes, with some parties): neither limited nor counted.
    """

    name: ClassVar[str] = "calendar_cap"
    message_fields: ClassVar[frozenset[str]] = frozenset({"limit", "days", "used", "attempt_number"})
    needs_clock: ClassVar[bool] = True

    limit: int
    days: int
    channels: frozenset[str]
    per: frozenset[str]
    counted: Counted
    except_consent: ExtraCalls | None = None
    places: frozenset[str] = PLACES
    exempt_parties: frozenset[str] = frozenset()
    exempt_enquiries: Enquiries | None = None
    _parameters: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parameters", self._plain())

    @classmethod
    def read(cls, node: Node) -> "CalendarCap":
        """Build from `{limit, days, channels, per, counted, except_consent?, places?, exempt_parties?,
        exempt_enquiries?: {purposes, parties}}`.

        Raises `RulebookError`.
        """
        needed = ("limit", "days", "channels", "per", "counted")
        parts = node.mapping(needed, ("except_consent", "places", "exempt_parties", "exempt_enquiries"))
        return cls(
            limit=parts["limit"].integer(least=1, most=1000),
            days=parts["days"].integer(least=1, most=366),
            channels=parts["channels"].words(CHANNELS),
            per=frozenset() if parts["per"].items() == [] else parts["per"].words(PER),
            counted=Counted.read(parts["counted"]),
            except_consent=ExtraCalls.read(parts["except_consent"]) if "except_consent" in parts else None,
            places=parts["places"].words(PLACES) if "places" in parts else PLACES,
            exempt_parties=parts["exempt_parties"].words(PARTIES) if "exempt_parties" in parts else frozenset(),
            exempt_enquiries=Enquiries.read(parts["exempt_enquiries"]) if "exempt_enquiries" in parts else None,
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only where there is something to count."""
        return (
            signature.history
            and signature.channel in self.channels
            and signature.place in self.places
            and signature.party not in self.exempt_parties
            and not self._enquiry(signature)
        )

    def _enquiry(self, contact: Signature | Attempt | PastContact) -> bool:
        return self.exempt_enquiries is not None and self.exempt_enquiries.covers(contact.purpose, contact.party)

    def _limits(self, case: Case) -> bool:
        attempt = case.attempt
        return (
            attempt.channel in self.channels
            and attempt.place in self.places
            and attempt.party not in self.exempt_parties
            and not self._enquiry(attempt)
        )

    def _matching(self, case: Case) -> list[int]:
        """Places in the history of this counter's contacts, those made under an agreement among them."""
        found = matching(case, self.counted, self.per)
        if not self.exempt_parties and self.exempt_enquiries is None:
            return found
        history = case.scenario.history
        return [
            place
            for place in found
            if history[place].party not in self.exempt_parties and not self._enquiry(history[place])
        ]

    def _counting(self, case: Case, places: list[int]) -> list[int]:
        """Those of them that no agreement takes out of the count."""
        if not places or self.except_consent is None or not self.except_consent.uncounted:
            return places
        grants, history = self.except_consent.grants(case), case.scenario.history
        return [place for place in places if not _made_under(grants, history[place], case)]

    def _used(self, case: Case, places: list[int]) -> int:
        """How many of them count and fall on the attempt's own day or the `days - 1` before it."""
        days, today = case.history_days(), case.local[0].date()
        first = today - timedelta(days=self.days - 1)
        return len(self._counting(case, [place for place in places if first <= days[place] <= today]))

    def _breached(self, case: Case) -> int:
        """How many contacts count, where that is too many; 0 otherwise."""
        if len(case.scenario.history) < self.limit or not self._limits(case):
            return 0
        places = self._matching(case)
        if len(places) < self.limit:
            return 0
        used = self._used(case, places)
        if used < self.limit or (self.except_consent is not None and self.except_consent.permits(case)):
            return 0
        return used

    def denies(self, case: Case) -> bool:
        """The limit is already used up."""
        return self._breached(case) > 0

    def judge(self, case: Case) -> Breach | None:
        """By how many contacts the limit is used up."""
        used = self._breached(case)
        if not used:
            return None
        words = {"limit": self.limit, "days": self.days, "used": used, "attempt_number": used + 1}
        facts = {
            "used": used,
            "subject": subject_text(case, self.per),
            "local_day": case.local[0].date().isoformat(),
            "day_zone": str(case.zones[0].key),
        }
        return Breach(self._parameters, facts, words)

    def next_change(self, case: Case) -> datetime | None:
        """The local midnight at which enough counted days have left the period (the history itself does not grow), or
        an earlier turn of the agreement that lifts the cap.
        """
        all_days = case.history_days()
        days = sorted([all_days[place] for place in self._counting(case, self._matching(case))])
        if len(days) < self.limit:
            return None
        opens_at = start_of_day(case.zones[0], days[-self.limit] + timedelta(days=self.days))
        if opens_at <= case.at:
            return None
        if self.except_consent is None:
            return opens_at
        marks, instants = self.except_consent.turning_points(case)
        return earliest_reading(case, marks, [opens_at, *instants])

    def slots(self, rule: str, case: Case) -> tuple[BudgetSlot, ...]:
        """One unit of the attempt's local day; none where the cap does not limit it or an agreement lifts it."""
        if not self._limits(case) or (self.except_consent is not None and self.except_consent.permits(case)):
            return ()
        subject, bucket = subject_text(case, self.per), case.local[0].date().isoformat()
        slot = BudgetSlot(
            key=f"{rule}:{subject}:{bucket}",
            rule=rule,
            subject=subject,
            bucket=bucket,
            window_days=self.days,
            limit=self.limit,
            used=self._used(case, self._matching(case)),
            counted_outcomes=self.counted.outcomes,
        )
        return (slot,)

    def _plain(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "limit": self.limit,
            "days": self.days,
            "channels": sorted(self.channels),
            "per": sorted(self.per),
            "counted": self.counted.plain(),
        }
        if self.except_consent is not None:
            found["except_consent"] = self.except_consent.plain()
        if self.places != PLACES:
            found["places"] = sorted(self.places)
        if self.exempt_parties:
            found["exempt_parties"] = sorted(self.exempt_parties)
        if self.exempt_enquiries is not None:
            found["exempt_enquiries"] = self.exempt_enquiries.plain()
        return found


def _made_under(grants: tuple[Grant, ...], contact: PastContact, case: Case) -> bool:
    clocks = [contact.at.astimezone(zone) for zone in case.zones] if grants else []
    return any(grant.covered(contact.at, clocks) for grant in grants)


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
        times = [case.scenario.history[place].at for place in matching(case, self.counted, self.per)]
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
