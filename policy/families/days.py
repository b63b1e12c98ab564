"""Days of the week on which nothing is sent or dialled; contracts and house rules ask for them more often than laws."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from policy.facts import CHANNELS, DAY_NAMES
from policy.families.hours import earliest_reading
from policy.families.kind import Breach, Case, Kind, Signature
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedDays(Kind):
    """No contact over `channels` on these days of the week (0 = Monday), read on every clock of the debtor."""

    name: ClassVar[str] = "closed_days"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "days"})
    needs_clock: ClassVar[bool] = True

    days: frozenset[int]
    channels: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "ClosedDays":
        """Build from `{days, channels}`; days are `mon` to `sun`. Raises `RulebookError`."""
        parts = node.mapping(("days", "channels"))
        names = parts["days"].words(DAY_NAMES)
        return cls(days=frozenset(DAY_NAMES.index(name) for name in names), channels=parts["channels"].words(CHANNELS))

    def may_speak(self, signature: Signature) -> bool:
        """Only for such a channel."""
        return signature.channel in self.channels

    def judge(self, case: Case) -> Breach | None:
        """A closed day on some clock."""
        if case.attempt.channel not in self.channels:
            return None
        if not any(local.weekday() in self.days for local in case.local):
            return None
        names = [DAY_NAMES[day] for day in sorted(self.days)]
        facts = {"channel": case.attempt.channel, "local_times": case.clocks()}
        words = {"channel": case.attempt.channel, "days": ", ".join(names)}
        return Breach({"days": names, "channels": sorted(self.channels)}, facts, words)

    def next_change(self, case: Case) -> datetime | None:
        """The next midnight on any clock; never where every day is closed."""
        return None if len(self.days) == len(DAY_NAMES) else earliest_reading(case, {0}, [])
