"""Whom a contact may reach, and which media and addresses were refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from policy.facts import CHANNELS, FLAGS, PARTIES, PURPOSES
from policy.families.age import UnderAge
from policy.families.kind import Breach, Case, Kind, Signature
from policy.families.replies import OneConfirmation, OneReply
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Parties that may be contacted for some purposes, for as long as a condition holds."""

    purposes: frozenset[str]
    parties: frozenset[str]
    under_age: UnderAge | None = None
    flags: frozenset[str] = frozenset()

    @classmethod
    def read(cls, node: Node, *more: str) -> "Admission":
        """Build from `{purposes, parties}` and, where named in `more`, `under_age`. Raises `RulebookError`."""
        line = node.mapping(("purposes", "parties", *more))
        return cls(
            purposes=line["purposes"].words(PURPOSES),
            parties=line["parties"].words(PARTIES),
            under_age=UnderAge.read(line["under_age"]) if "under_age" in more else None,
            flags=line["flags"].words(FLAGS) if "flags" in more else frozenset(),
        )

    def admits(self, party: str, purpose: str) -> bool:
        """Whether the line speaks of them; its condition is another question."""
        return party in self.parties and purpose in self.purposes

    def plain(self) -> dict[str, Any]:
        """The line as JSON types."""
        found: dict[str, Any] = {"purposes": sorted(self.purposes), "parties": sorted(self.parties)}
        if self.flags:
            found["flags"] = sorted(self.flags)
        return found if self.under_age is None else found | {"under_age": self.under_age.plain()}


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyLimit(Kind):
    """For each purpose, the parties that may be contacted; a purpose that is not listed may reach nobody.

    `while_under_age`: parties admitted only while the debtor is surely under age. `while_flagged`: parties admitted
    only while one of the line's flags stands (an executor after a death). `outsiders`: admitted only as long as
    none of `flags` says that an outsider objects.
    """

    name: ClassVar[str] = "party_limit"
    message_fields: ClassVar[frozenset[str]] = frozenset({"party", "purpose", "allowed"})
    needs_clock: ClassVar[bool] = False

    allowed: tuple[tuple[frozenset[str], frozenset[str]], ...]
    flags: frozenset[str]
    while_under_age: Admission | None = None
    outsiders: Admission | None = None
    while_flagged: tuple[Admission, ...] = ()

    @classmethod
    def read(cls, node: Node) -> "PartyLimit":
        """Build from `{allowed: [{purposes, parties}], objection_flags, while_under_age?: {purposes, parties,
        under_age}, while_flagged?: [{purposes, parties, flags}], outsiders?: {purposes, parties}}`. Raises
        `RulebookError`.

        `objection_flags`: flags by which an outsider objects; where outsiders are barred anyway they change nothing
        but are accounted for.
        """
        parts = node.mapping(("allowed", "objection_flags"), ("while_under_age", "while_flagged", "outsiders"))
        lines = [Admission.read(item) for item in parts["allowed"].items(at_least=1)]
        young, outsiders = parts.get("while_under_age"), parts.get("outsiders")
        flagged = parts["while_flagged"].items(at_least=1) if "while_flagged" in parts else []
        return cls(
            allowed=tuple((line.purposes, line.parties) for line in lines),
            flags=parts["objection_flags"].words(FLAGS),
            while_under_age=None if young is None else Admission.read(young, "under_age"),
            outsiders=None if outsiders is None else Admission.read(outsiders),
            while_flagged=tuple(Admission.read(item, "flags") for item in flagged),
        )

    def flags_used(self) -> frozenset[str]:
        """Flags by which an outsider objects, those that stand for minority, those that admit a party."""
        young = self.while_under_age
        used = self.flags.union(*(line.flags for line in self.while_flagged))
        return used if young is None or young.under_age is None else used | young.under_age.flags

    def may_speak(self, signature: Signature) -> bool:
        """Only where the party is not one this purpose may always reach, or an outsider may have objected."""
        always = any(signature.party in parties and signature.purpose in purposes for purposes, parties in self.allowed)
        return signature.party == "third_party" or not always

    def _parties(self, case: Case) -> frozenset[str]:
        purpose, found = case.attempt.purpose, set[str]()
        for purposes, parties in self.allowed:
            if purpose in purposes:
                found |= parties
        young, outsiders = self.while_under_age, self.outsiders
        if young is not None and purpose in young.purposes and (young.under_age is None or young.under_age.holds(case)):
            found |= young.parties
        for line in self.while_flagged:
            if purpose in line.purposes and line.flags & case.debtor.flags:
                found |= line.parties
        if outsiders is not None and purpose in outsiders.purposes and not self.flags & case.debtor.flags:
            found |= outsiders.parties
        return frozenset(found)

    def judge(self, case: Case) -> Breach | None:
        """The party is not one this purpose may reach, or is an outsider who objected."""
        attempt = case.attempt
        parties = self._parties(case)
        objected = attempt.party == "third_party" and bool(self.flags & case.debtor.flags)
        if attempt.party in parties and not objected:
            return None
        names = sorted(parties)
        facts = {"party": attempt.party, "purpose": attempt.purpose, "objected": objected}
        words = {"party": attempt.party, "purpose": attempt.purpose, "allowed": ", ".join(names)}
        return Breach({"allowed_parties": names}, facts, words)

    def next_change(self, case: Case) -> datetime | None:
        """The end of minority for a party admitted by it; otherwise waiting makes nobody a party."""
        young, attempt = self.while_under_age, case.attempt
        if young is None or young.under_age is None or not young.admits(attempt.party, attempt.purpose):
            return None
        return young.under_age.ends_at(case)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals(Kind):
    """A refused medium or address stays closed, at once and for every campaign. `flag_channels`: flags that refuse
    media.

    `one_reply`: the person used the medium again, and gets one answer by it. `one_confirmation`: the refusal itself is
    confirmed once.
    """

    name: ClassVar[str] = "refusals"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "what"})
    needs_clock: ClassVar[bool] = False

    flag_channels: tuple[tuple[str, frozenset[str]], ...]
    one_reply: OneReply | None = None
    one_confirmation: OneConfirmation | None = None

    @classmethod
    def read(cls, node: Node) -> "Refusals":
        """Build from `{flag_channels: {flag: [channels]}, one_reply?: {purposes}, one_confirmation?: {purposes}}`.

        Raises `RulebookError`.
        """
        parts = node.mapping(("flag_channels",), ("one_reply", "one_confirmation"))
        entries = parts["flag_channels"].entries()
        pairs = []
        for flag, channels in sorted(entries.items()):
            if flag not in FLAGS:
                channels.fail("rulebook.bad_value", f"one of {', '.join(sorted(FLAGS))}", f"the flag `{flag}`")
            pairs.append((flag, channels.words(CHANNELS)))
        return cls(
            flag_channels=tuple(pairs),
            one_reply=OneReply.read(parts["one_reply"]) if "one_reply" in parts else None,
            one_confirmation=OneConfirmation.read(parts["one_confirmation"]) if "one_confirmation" in parts else None,
        )

    def flags_used(self) -> frozenset[str]:
        """The flags that refuse a medium."""
        return frozenset(flag for flag, _ in self.flag_channels)

    def may_speak(self, signature: Signature) -> bool:
        """Only where something was refused."""
        return signature.refusals or not self.flags_used().isdisjoint(signature.flags)

    def _excused(self, case: Case) -> bool:
        reply, confirmation = self.one_reply, self.one_confirmation
        return (reply is not None and reply.excuses(case)) or (confirmation is not None and confirmation.excuses(case))

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
        if not refused or self._excused(case):
            return None
        facts = {"channel": attempt.channel, "refused": refused}
        words = {"channel": attempt.channel, "what": ", ".join(refused)}
        return Breach(self._plain(), facts, words)

    def _plain(self) -> dict[str, Any]:
        found: dict[str, Any] = {"flag_channels": {flag: sorted(channels) for flag, channels in self.flag_channels}}
        if self.one_reply is not None:
            found["one_reply"] = self.one_reply.plain()
        if self.one_confirmation is not None:
            found["one_confirmation"] = self.one_confirmation.plain()
        return found

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - only the debtor can withdraw a refusal
        """Never by waiting."""
        return None
