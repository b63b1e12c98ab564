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
from datetime import datetime
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from policy.facts import Attempt, DebtorFacts, Scenario
from policy.located import Node


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario at one instant with its clocks read: `zones[i]` shows `local[i]`. Unknown zones are left out."""

    scenario: Scenario
    at: datetime
    zones: tuple[ZoneInfo, ...]
    local: tuple[datetime, ...]

    @property
    def attempt(self) -> Attempt:
        """The contact asked about; its own `at` may differ from the case's instant while a search is on."""
        return self.scenario.attempt

    @property
    def debtor(self) -> DebtorFacts:
        """What is known of the debtor."""
        return self.scenario.debtor

    def clocks(self) -> dict[str, str]:
        """Zone name to wall reading, for the facts of a reason."""
        pairs = zip(self.zones, self.local, strict=True)
        return {str(zone.key): local.replace(tzinfo=None).isoformat(timespec="seconds") for zone, local in pairs}


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

    @abc.abstractmethod
    def judge(self, case: Case) -> Breach | None:
        """The breach at the case's instant, or None."""

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
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        names = {text}
    if not names <= allowed:
        node.fail("rulebook.unknown_placeholder", f"only the placeholders {', '.join(sorted(allowed)) or 'none'}")
