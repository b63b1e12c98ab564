"""Whom a contact may reach, and which media and addresses were refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from policy.facts import CHANNELS, FLAGS, PARTIES, PURPOSES
from policy.kind import Breach, Case, Kind, Signature
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyLimit(Kind):
    """For each purpose, the parties that may be contacted; a purpose that is not listed may reach nobody."""

    name: ClassVar[str] = "party_limit"
    message_fields: ClassVar[frozenset[str]] = frozenset({"party", "purpose", "allowed"})
    needs_clock: ClassVar[bool] = False

    allowed: tuple[tuple[frozenset[str], frozenset[str]], ...]
    flags: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "PartyLimit":
        """Build from `{allowed: [{purposes, parties}], objection_flags}`. Raises `RulebookError`.

        `objection_flags`: flags by which an outsider objects; where outsiders are barred anyway they change nothing
        but are accounted for.
        """
        parts = node.mapping(("allowed", "objection_flags"))
        allowed = []
        for item in parts["allowed"].items(at_least=1):
            line = item.mapping(("purposes", "parties"))
            allowed.append((line["purposes"].words(PURPOSES), line["parties"].words(PARTIES)))
        return cls(allowed=tuple(allowed), flags=parts["objection_flags"].words(FLAGS))

    def flags_used(self) -> frozenset[str]:
        """Flags by which an outsider objects."""
        return self.flags

    def may_speak(self, signature: Signature) -> bool:
        """Only where the party is not one this purpose may reach, or an outsider may have objected."""
        return signature.party == "third_party" or signature.party not in self._parties(signature.purpose)

    def _parties(self, purpose: str) -> frozenset[str]:
        found: set[str] = set()
        for purposes, parties in self.allowed:
            if purpose in purposes:
                found |= parties
        return frozenset(found)

    def judge(self, case: Case) -> Breach | None:
        """The party is not one this purpose may reach, or is an outsider who objected."""
        attempt = case.attempt
        parties = self._parties(attempt.purpose)
        objected = attempt.party == "third_party" and bool(self.flags & case.debtor.flags)
        if attempt.party in parties and not objected:
            return None
        names = sorted(parties)
        facts = {"party": attempt.party, "purpose": attempt.purpose, "objected": objected}
        words = {"party": attempt.party, "purpose": attempt.purpose, "allowed": ", ".join(names)}
        return Breach({"allowed_parties": names}, facts, words)

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - waiting makes nobody a party
        """Never by waiting."""
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals(Kind):
    """A refused medium or address stays closed, at once and for every campaign. `flag_channels`: flags that refuse
    media.
    """

    name: ClassVar[str] = "refusals"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "what"})
    needs_clock: ClassVar[bool] = False

    flag_channels: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def read(cls, node: Node) -> "Refusals":
        """Build from `{flag_channels: {flag: [channels]}}`. Raises `RulebookError`."""
        entries = node.mapping(("flag_channels",))["flag_channels"].entries()
        pairs = []
        for flag, channels in sorted(entries.items()):
            if flag not in FLAGS:
                channels.fail("rulebook.bad_value", f"one of {', '.join(sorted(FLAGS))}", f"the flag `{flag}`")
            pairs.append((flag, channels.words(CHANNELS)))
        return cls(flag_channels=tuple(pairs))

    def flags_used(self) -> frozenset[str]:
        """The flags that refuse a medium."""
        return frozenset(flag for flag, _ in self.flag_channels)

    def may_speak(self, signature: Signature) -> bool:
        """Only where something was refused."""
        return signature.refusals or not self.flags_used().isdisjoint(signature.flags)

    def judge(self, case: Case) -> Breach | None:
        """The medium, or the very address, was refused. A ringless message refused as `voice` is refused too.

        An attempt without address goes to the only address there is, so any refused address is taken to be that one.
        """
        attempt, preferences = case.attempt, case.debtor.preferences
        refused: list[str] = []
        media = {attempt.channel, "voice"} if attempt.channel == "voicemail" else {attempt.channel}
        if media & preferences.no_channels:
            refused.append("channel")
        by_flag = [flag for flag, channels in self.flag_channels if attempt.channel in channels]
        refused.extend(flag for flag in by_flag if flag in case.debtor.flags)
        listed = preferences.no_addresses
        if attempt.address in listed or (attempt.address is None and listed and attempt.party == "debtor"):
            refused.append("address")
        if not refused:
            return None
        facts = {"channel": attempt.channel, "refused": refused}
        words = {"channel": attempt.channel, "what": ", ".join(refused)}
        return Breach({"flag_channels": {flag: sorted(found) for flag, found in self.flag_channels}}, facts, words)

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - only the debtor can withdraw a refusal
        """Never by waiting."""
        return None
