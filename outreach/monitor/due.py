"""Which mandated statements were due in a call, by how far it got. Pure.

A call that breaks off early, or ends without a promise, is not reproached with what had not fallen due yet.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

LEAST_AGENT_TURNS = 3
"""Agent sentences that make a conversation: before the third, what opens it may still be said."""
TURNS_ABOUT_DEBT = 5
"""Agent sentences after the debt was first spoken of, by which what belongs to such a talk should have been said. The
library says it in three lines of one or two sentences each.
"""
TELLING = frozenset({"debt-details", "payment-methods", "collector-notice"})
"""Statements by which the listener learns that there is a debt."""


class Due(StrEnum):
    """When a statement is due, in the words of the rulebook's `due`. What is due on request never falls due by itself:
    hearing cannot tell whether this very thing was asked for.
    """

    OPENING = "opening"
    BEFORE_DETAILS = "before_details"
    DURING = "during"
    WITH_PROMISE = "with_promise"
    ON_REQUEST = "on_request"


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far a call got. `told`: the agent spoke of the debt. `turns_about_debt`: agent sentences since somebody did,
    0 when nobody has. `ended_early`: something was heard that ends collection, so nothing more was to be said.
    """

    right_party: bool | None
    agent_turns: int
    told: bool
    turns_about_debt: int
    ended_early: bool
    promised: bool

    def due(self) -> frozenset[Due]:
        """The occasions that came.

        Once the debt was told, what precedes it was due, whoever was told and however the call ended. The rest is due
        in a conversation with the right person that nothing cut short.
        """
        spoke = self.right_party is True and not self.ended_early
        came = {
            Due.OPENING: self.told or (spoke and self.agent_turns >= LEAST_AGENT_TURNS),
            Due.BEFORE_DETAILS: self.told,
            Due.DURING: spoke and self.turns_about_debt >= TURNS_ABOUT_DEBT,
            Due.WITH_PROMISE: spoke and self.promised,
        }
        return frozenset(due for due, is_due in came.items() if is_due)


@dataclass(kw_only=True)
class DebtTalk:
    """Counts the agent's sentences, and those since the debt was first spoken of."""

    agent_turns: int = 0
    told: bool = False
    begun_at: int | None = None

    @property
    def turns_about_debt(self) -> int:
        """Agent sentences since the one with which the talk about the debt began."""
        return 0 if self.begun_at is None else self.agent_turns - self.begun_at

    def hear_agent(self, given: AbstractSet[str]) -> None:
        """One more finished agent sentence and the statements newly heard with it."""
        self.agent_turns += 1
        if given & TELLING:
            self.told = True
            self._begin()

    def hear_debtor(self, *, of_own_debt: bool) -> None:
        """A finished debtor sentence; the person who owes may be the first to speak of the debt."""
        if of_own_debt:
            self._begin()

    def _begin(self) -> None:
        if self.begun_at is None:
            self.begun_at = self.agent_turns
