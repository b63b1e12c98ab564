"""Holds: facts about the debtor that stop contact while they stand, and the age floor.

Waiting does not lift a flag: somebody has to learn that the fact has ended. Waiting does end minority.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from policy.facts import CHANNELS, FLAGS, PARTIES
from policy.families.age import LEAP_BIRTHDAYS, first_adult_day
from policy.families.kind import Breach, Case, Kind, Signature
from policy.located import Node
from policy.zones import start_of_day


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagHold(Kind):
    """No contact to `parties` over `channels` while any of `flags` stands."""

    name: ClassVar[str] = "flag_hold"
    message_fields: ClassVar[frozenset[str]] = frozenset({"flags"})
    needs_clock: ClassVar[bool] = False

    flags: frozenset[str]
    parties: frozenset[str]
    channels: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "FlagHold":
        """Build from `{flags, parties, channels}`. Raises `RulebookError`."""
        parts = node.mapping(("flags", "parties", "channels"))
        return cls(
            flags=parts["flags"].words(FLAGS),
            parties=parts["parties"].words(PARTIES),
            channels=parts["channels"].words(CHANNELS),
        )

    def flags_used(self) -> frozenset[str]:
        """The flags that hold."""
        return self.flags

    def may_speak(self, signature: Signature) -> bool:
        """Only where one of its flags stands, for its parties and channels."""
        return (
            not self.flags.isdisjoint(signature.flags)
            and signature.party in self.parties
            and signature.channel in self.channels
        )

    def judge(self, case: Case) -> Breach | None:
        """A flag stands."""
        standing = self.flags & case.debtor.flags
        if not standing or case.attempt.party not in self.parties or case.attempt.channel not in self.channels:
            return None
        names = sorted(standing)
        parameters = {"flags": sorted(self.flags), "parties": sorted(self.parties), "channels": sorted(self.channels)}
        facts = {"flags": names, "party": case.attempt.party, "channel": case.attempt.channel}
        return Breach(parameters, facts, {"flags": ", ".join(names)})

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - a flag does not end by waiting
        """Never by waiting."""
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeFloor(Kind):
    """No contact below `years`, judged on the local date in every zone; the birthday itself still counts as under age.

    `leap_birthday` says where the birthday of someone born on 29 February falls in a common year. A flag without a
    date suffices,
    and where flag and date disagree the flag stands.
    """

    name: ClassVar[str] = "age_floor"
    message_fields: ClassVar[frozenset[str]] = frozenset({"years"})
    needs_clock: ClassVar[bool] = True

    years: int
    birthday_included: bool
    leap_birthday: str
    flags: frozenset[str]
    parties: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "AgeFloor":
        """Build from `{years, birthday_included, leap_birthday, flags, parties}`. Raises `RulebookError`."""
        parts = node.mapping(("years", "birthday_included", "leap_birthday", "flags", "parties"))
        return cls(
            years=parts["years"].integer(least=1, most=120),
            birthday_included=parts["birthday_included"].boolean(),
            leap_birthday=parts["leap_birthday"].one_of(LEAP_BIRTHDAYS),
            flags=parts["flags"].words(FLAGS),
            parties=parts["parties"].words(PARTIES),
        )

    def flags_used(self) -> frozenset[str]:
        """The flags that stand for minority."""
        return self.flags

    def may_speak(self, signature: Signature) -> bool:
        """Only where there is a birth date or a flag."""
        return signature.party in self.parties and (signature.born or not self.flags.isdisjoint(signature.flags))

    def first_adult_day(self, born: date) -> date:
        """The first local day on which the person is no longer protected."""
        return first_adult_day(
            born, years=self.years, birthday_included=self.birthday_included, leap_birthday=self.leap_birthday
        )

    def judge(self, case: Case) -> Breach | None:
        """Flagged, or not yet of age on some clock."""
        if case.attempt.party not in self.parties:
            return None
        parameters = {
            "years": self.years,
            "birthday_included": self.birthday_included,
            "leap_birthday": self.leap_birthday,
        }
        words = {"years": self.years}
        standing = self.flags & case.debtor.flags
        if standing:
            return Breach(parameters, {"basis": "flag", "flags": sorted(standing)}, words)
        born = case.debtor.birth_date
        if born is None:
            return None
        adult_on = self.first_adult_day(born)
        if all(local.date() >= adult_on for local in case.local):
            return None
        return Breach(parameters, {"basis": "birth_date", "local_times": case.clocks()}, words)

    def next_change(self, case: Case) -> datetime | None:
        """The start of the first adult day on the next clock to reach it; never while a flag stands."""
        born = case.debtor.birth_date
        if born is None or self.flags & case.debtor.flags:
            return None
        adult_on = self.first_adult_day(born)
        starts = (start_of_day(zone, adult_on) for zone in case.zones)
        return min((start for start in starts if start > case.at), default=None)
