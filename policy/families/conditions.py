"""What needs a yes before it is done: a machine voice, and contact at the debtor's place of work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from policy.facts import CHANNELS, FLAGS, PARTIES, PLACES, VOICES
from policy.families.consent import ConsentTerms, in_force, turning_points, within_window
from policy.families.hours import earliest_reading
from policy.families.kind import Breach, Case, Kind, Signature
from policy.located import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredConsent(Kind):
    """Attempts with one of `voices` over `channels` need a consent that fits the terms; without one they are denied.

    A consent with a window holds only inside it, on every clock of the debtor.
    """

    name: ClassVar[str] = "required_consent"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "voice", "party"})
    needs_clock: ClassVar[bool] = False

    voices: frozenset[str]
    channels: frozenset[str]
    consent: ConsentTerms

    @classmethod
    def read(cls, node: Node) -> "RequiredConsent":
        """Build from `{voices, channels, consent: {kind, given_to, parties?}}`. Raises `RulebookError`."""
        parts = node.mapping(("voices", "channels", "consent"))
        return cls(
            voices=parts["voices"].words(VOICES),
            channels=parts["channels"].words(CHANNELS),
            consent=ConsentTerms.read(parts["consent"]),
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only for such a voice on such a channel."""
        return signature.voice in self.voices and signature.channel in self.channels

    def judge(self, case: Case) -> Breach | None:
        """No consent holds now."""
        attempt = case.attempt
        if attempt.voice not in self.voices or attempt.channel not in self.channels:
            return None
        for consent in self.consent.matching(case.scenario):
            if in_force(consent, case.at) and within_window(consent, case.local):
                return None
        parameters = {
            "voices": sorted(self.voices),
            "channels": sorted(self.channels),
            "consent": self.consent.plain(),
        }
        found = {"channel": attempt.channel, "voice": attempt.voice, "party": attempt.party}
        return Breach(parameters, found, found)

    def next_change(self, case: Case) -> datetime | None:
        """The begin, the end or an edge of the window of a consent that fits."""
        marks, instants = turning_points(self.consent.matching(case.scenario), case.at)
        return earliest_reading(case, marks, instants)


@dataclass(frozen=True, kw_only=True, slots=True)
class Workplace(Kind):
    """No contact at `places` over `channels` while a flag of the employer's ban stands; nor, without any flag, over
    `mailboxes` (addresses the employer provides), unless the person wrote from that very address.
    """

    name: ClassVar[str] = "workplace"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "why"})
    needs_clock: ClassVar[bool] = False

    places: frozenset[str]
    parties: frozenset[str]
    flags: frozenset[str]
    channels: frozenset[str]
    mailboxes: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "Workplace":
        """Build from `{places, parties, flags, channels, mailboxes}`. Raises `RulebookError`."""
        parts = node.mapping(("places", "parties", "flags", "channels", "mailboxes"))
        return cls(
            places=parts["places"].words(PLACES),
            parties=parts["parties"].words(PARTIES),
            flags=parts["flags"].words(FLAGS),
            channels=parts["channels"].words(CHANNELS),
            mailboxes=parts["mailboxes"].words(CHANNELS),
        )

    def flags_used(self) -> frozenset[str]:
        """The flags of the employer's ban."""
        return self.flags

    def may_speak(self, signature: Signature) -> bool:
        """Only at such a place, under the ban or over such a mailbox."""
        banned = signature.channel in self.channels and not self.flags.isdisjoint(signature.flags)
        reached = signature.place in self.places and signature.party in self.parties
        return reached and (banned or signature.channel in self.mailboxes)

    def judge(self, case: Case) -> Breach | None:
        """The ban stands, or the mailbox is the employer's and the person never wrote from it."""
        attempt = case.attempt
        if attempt.place not in self.places or attempt.party not in self.parties:
            return None
        why = sorted(self.flags & case.debtor.flags) if attempt.channel in self.channels else []
        if attempt.channel in self.mailboxes and not self._wrote_from(case):
            why.append("employer_mailbox")
        if not why:
            return None
        facts = {"channel": attempt.channel, "place": attempt.place, "party": attempt.party, "why": why}
        return Breach(self._plain(), facts, {"channel": attempt.channel, "why": ", ".join(why)})

    def _wrote_from(self, case: Case) -> bool:
        """From the very address; where neither is labelled it is the only one."""
        attempt = case.attempt
        return any(
            contact.direction == "inbound"
            and contact.party == attempt.party
            and contact.channel == attempt.channel
            and contact.address == attempt.address
            for contact in case.scenario.history
        )

    def next_change(self, case: Case) -> datetime | None:  # noqa: ARG002 - waiting changes neither
        """Never by waiting."""
        return None

    def _plain(self) -> dict[str, Any]:
        return {
            "places": sorted(self.places),
            "parties": sorted(self.parties),
            "flags": sorted(self.flags),
            "channels": sorted(self.channels),
            "mailboxes": sorted(self.mailboxes),
        }
