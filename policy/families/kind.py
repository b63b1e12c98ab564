"""The shape of a rule family: parameters in, breach or silence out.

A *kind* is code; which rule uses it, with which numbers and under which citation, is data. A kind is a frozen
dataclass whose
fields are the parameters. It must be pure, and its verdict may change over time (history and facts fixed) only at the
instants
that `next_change` names; the search for the next permitted instant rests on that.
"""

import abc
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, NamedTuple, Self
from zoneinfo import ZoneInfo

from policy.facts import Attempt, DebtorFacts, Scenario
from policy.located import Node
from policy.zones import find_zones


class Signature(NamedTuple):
    """What of a scenario decides which rules can speak at all: the attempt's words, and which facts there are.

    The presence flags say only *whether* there is such a fact; a rule that needs none of it is never asked.
    """

    channel: str
    purpose: str
    party: str
    place: str
    voice: str
    region: str | None
    flags: frozenset[str]
    born: bool
    windows: bool
    refusals: bool
    history: bool
    consents: bool


def signature_of(scenario: Scenario) -> Signature:
    """The signature of a scenario; the same at every instant."""
    attempt, debtor = scenario.attempt, scenario.debtor
    wishes = debtor.preferences
    return Signature(
        attempt.channel,
        attempt.purpose,
        attempt.party,
        attempt.place,
        attempt.voice,
        debtor.region,
        debtor.flags,
        debtor.birth_date is not None,
        bool(wishes.no_contact_windows),
        bool(wishes.no_channels or wishes.no_addresses),
        bool(scenario.history),
        bool(debtor.consents),
    )


@dataclass(slots=True, eq=False)
class Case:
    """A scenario at one instant with its clocks read: `zones[i]` shows `local[i]`. Unknown zones are left out.

    Not frozen, because one is made for every judgement and freezing doubles its price; nobody may write to it.
    """

    scenario: Scenario
    at: datetime
    zones: tuple[ZoneInfo, ...]
    local: tuple[datetime, ...]
    _history_days: list[date] | None = None

    @classmethod
    def at_instant(cls, scenario: Scenario, at: datetime) -> "Case":
        """The scenario asked at `at` (UTC inside), whatever the attempt's own instant."""
        zones = find_zones(scenario.debtor.timezones)
        moment = at.astimezone(UTC)
        return cls(scenario, moment, zones, tuple([moment.astimezone(zone) for zone in zones]))

    def moved_to(self, at: datetime) -> "Case":
        """The same scenario asked at another instant; what does not depend on the instant is kept."""
        moment = at.astimezone(UTC)
        local = tuple([moment.astimezone(zone) for zone in self.zones])
        return Case(self.scenario, moment, self.zones, local, self._history_days)

    @property
    def attempt(self) -> Attempt:
        """The contact asked about; its own `at` may differ from the case's instant while a search is on."""
        return self.scenario.attempt

    @property
    def debtor(self) -> DebtorFacts:
        """What is known of the debtor."""
        return self.scenario.debtor

    def history_days(self) -> list[date]:
        """The calendar day of every past contact on the first zone, which owns the day; read once, for every rule."""
        if self._history_days is None:
            zone = self.zones[0]
            self._history_days = [contact.at.astimezone(zone).date() for contact in self.scenario.history]
        return self._history_days

    def clocks(self) -> dict[str, str]:
        """Zone name to wall reading, for the facts of a reason."""
        pairs = zip(self.zones, self.local, strict=True)
        return {str(zone.key): local.isoformat(timespec="seconds")[:19] for zone, local in pairs}


@dataclass(frozen=True, slots=True)
class Breach:
    """The rule speaks: `parameters` used and `facts` used (plain JSON, nothing personal), `words` for its message."""

    parameters: Mapping[str, Any]
    facts: Mapping[str, Any]
    words: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetSlot:
    """A counter that the attempt takes from. Charge `key`; over the limit when the counted uses of `window_days` days
    reach `limit`.

    `used` counts the history given; `subject` says whose counter (party, debt, address label); `bucket` is the
    debtor's local day.
    `counted_outcomes`: an attempt that ends with any other outcome gives its unit back.
    """

    key: str
    rule: str
    subject: str
    bucket: str
    window_days: int
    limit: int
    used: int
    counted_outcomes: frozenset[str]


class Kind(abc.ABC):
    """One rule family with its parameters filled in."""

    __slots__ = ()

    name: ClassVar[str]
    message_fields: ClassVar[frozenset[str]]
    needs_clock: ClassVar[bool]

    @classmethod
    @abc.abstractmethod
    def read(cls, node: Node) -> Self:
        """Build from the `parameters` of a rulebook value. Raises `RulebookError`."""

    def clocks_used(self) -> frozenset[ZoneInfo]:
        """Zones whose clocks matter beside the debtor's own; none unless it says otherwise."""
        return frozenset()

    def may_speak(self, signature: Signature) -> bool:  # noqa: ARG002 - a kind that cannot tell is always asked
        """Whether this rule could deny an attempt of that signature. False must be certain; True only costs time."""
        return True

    @abc.abstractmethod
    def judge(self, case: Case) -> Breach | None:
        """The breach at the case's instant, or None."""

    def denies(self, case: Case) -> bool:
        """The bare verdict; kinds whose breach is dear to write down answer more cheaply."""
        return self.judge(case) is not None

    @abc.abstractmethod
    def next_change(self, case: Case) -> datetime | None:
        """The earliest instant after the case's at which the verdict may differ; None when waiting changes nothing."""

    def flags_used(self) -> frozenset[str]:
        """Debtor flags this kind reacts to; none unless it says otherwise."""
        return frozenset()

    def slots(self, rule: str, case: Case) -> tuple[BudgetSlot, ...]:  # noqa: ARG002 - most kinds count nothing
        """Counters this attempt takes from; none unless the kind counts."""
        return ()


def check_placeholders(node: Node, text: str, allowed: frozenset[str]) -> None:
    """Refuse a message with a placeholder that its kind does not fill. Raises `RulebookError`."""
    try:
        found = [piece for piece in string.Formatter().parse(text) if piece[1] is not None]
        names = {f"{name}{spec}{conversion or ''}" for _, name, spec, conversion in found}
    except ValueError:
        names = {text}
    if not names <= allowed:
        node.fail("rulebook.unknown_placeholder", f"only the placeholders {', '.join(sorted(allowed)) or 'none'}")
