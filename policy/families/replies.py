"""Answers to what the person wrote: the one reply per message, and the one bare confirmation of a refusal.

A label set by the caller excuses nothing: the message that is answered must be in the history, by the same medium, from
the person the answer goes to, about the same debt; where both addresses are known they must be the same. Whatever went
back to that person by that medium since then was the answer, however it was labelled. A call that was a conversation
has had its answer. A message dropped into a mailbox is of the telephone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.facts import PURPOSES, PastContact
from policy.families.kind import Case
from policy.located import Node

_TELEPHONE = {"voicemail": "voice"}


def _medium(channel: str) -> str:
    return _TELEPHONE.get(channel, channel)


def _same_medium(case: Case, contact: PastContact) -> bool:
    attempt = case.attempt
    if _medium(contact.channel) != _medium(attempt.channel):
        return False
    return contact.address is None or attempt.address is None or contact.address == attempt.address


def _messages(case: Case) -> Iterator[PastContact]:
    """What the person sent or dialled in vain by the attempt's medium, about its debt."""
    attempt = case.attempt
    for contact in case.scenario.history:
        heard = contact.direction == "inbound" and contact.outcome != "conversation"
        about = attempt.debt == contact.debt or attempt.debt in contact.also_debts
        if heard and about and contact.party == attempt.party and _same_medium(case, contact):
            yield contact


def _sent(case: Case) -> Iterator[PastContact]:
    """What went back to the person by the attempt's medium."""
    for contact in case.scenario.history:
        back = contact.direction == "outbound" and contact.party == case.attempt.party
        if back and _same_medium(case, contact):
            yield contact


@dataclass(frozen=True, kw_only=True, slots=True)
class OneReply:
    """An attempt of one of `purposes` is excused while nothing has gone back since the person's last message."""

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
        return all(contact.at < asked for contact in _sent(case))

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return {"purposes": sorted(self.purposes)}


@dataclass(frozen=True, kw_only=True, slots=True)
class OneConfirmation:
    """An attempt of one of `purposes` is excused once by each medium, whatever address it had and became of it."""

    purposes: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "OneConfirmation":
        """Build from `{purposes}`. Raises `RulebookError`."""
        return cls(purposes=node.mapping(("purposes",))["purposes"].words(PURPOSES))

    def excuses(self, case: Case) -> bool:
        """Whether nothing of the kind was sent before."""
        if case.attempt.purpose not in self.purposes:
            return False
        attempt = case.attempt
        return not any(
            contact.direction == "outbound"
            and contact.purpose in self.purposes
            and contact.party == attempt.party
            and _medium(contact.channel) == _medium(attempt.channel)
            for contact in case.scenario.history
        )

    def plain(self) -> dict[str, Any]:
        """The terms as JSON types."""
        return {"purposes": sorted(self.purposes)}
