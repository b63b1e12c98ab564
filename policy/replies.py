"""Answers to what the person wrote: the one reply per message, and the one bare confirmation of a refusal.

A label set by the caller excuses nothing: the message that is answered must be in the history, by the same medium, from
the person the answer goes to; where both addresses are known they must be the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.facts import PURPOSES, PastContact
from policy.kind import Case
from policy.located import Node

ANSWERS = frozenset({"reply", "opt_out_confirmation"})
"""What has answered a message: its confirmation did too, so that no reply may follow before the person writes again."""


def _same_medium(case: Case, contact: PastContact) -> bool:
    attempt = case.attempt
    if contact.channel != attempt.channel:
        return False
    return contact.address is None or attempt.address is None or contact.address == attempt.address


def _messages(case: Case) -> Iterator[PastContact]:
    """What the person sent or dialled by the attempt's medium."""
    for contact in case.scenario.history:
        if contact.direction == "inbound" and contact.party == case.attempt.party and _same_medium(case, contact):
            yield contact


def _sent(case: Case, purposes: frozenset[str]) -> Iterator[PastContact]:
    for contact in case.scenario.history:
        if contact.direction == "outbound" and contact.purpose in purposes and _same_medium(case, contact):
            yield contact


@dataclass(frozen=True, kw_only=True, slots=True)
class OneReply:
    """An attempt of one of `purposes` is excused while the last message of the person is later than the last answer."""

    purposes: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "OneReply":
        """Build from `{purposes}`. Raises `RulebookError`."""
        return cls(purposes=node.mapping(("purposes",))["purposes"].words(PURPOSES))

    def excuses(self, case: Case, deserves: Callable[[datetime], bool] | None = None) -> bool:
        """Whether a message waits for its answer; `deserves`: by its time, which message gets one (None: every)."""
        if case.attempt.purpose not in self.purposes:
            return False
        times = (contact.at for contact in _messages(case))
        asked = max((at for at in times if deserves is None or deserves(at)), default=None)
        if asked is None:
            return False
        return all(contact.at < asked for contact in _sent(case, self.purposes | ANSWERS))

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return {"purposes": sorted(self.purposes)}


@dataclass(frozen=True, kw_only=True, slots=True)
class OneConfirmation:
    """An attempt of one of `purposes` is excused once, by a medium by which the person has written."""

    purposes: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "OneConfirmation":
        """Build from `{purposes}`. Raises `RulebookError`."""
        return cls(purposes=node.mapping(("purposes",))["purposes"].words(PURPOSES))

    def excuses(self, case: Case) -> bool:
        """Whether there is a message to confirm and none was confirmed yet."""
        if case.attempt.purpose not in self.purposes or next(_messages(case), None) is None:
            return False
        return next(_sent(case, self.purposes), None) is None

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return {"purposes": sorted(self.purposes)}
