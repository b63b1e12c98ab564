"""What is known at the moment of an attempt: frozen inputs of the engine.

The vocabulary is jurisdiction-neutral; which value matters, and how, is the rulebook's business. All datetimes are
aware
(the offset carries no location: only `DebtorFacts.timezones` locates the debtor). Addresses are labels or digests,
never the
number itself. Wrong vocabulary and naive datetimes raise `FactsError`; unknown zones and unknown flags do not,
because they are
facts about the world that the engine answers with *cannot tell*.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from policy.errors import FactsError

Channel = Literal["voice", "voicemail", "sms", "email"]
Direction = Literal["outbound", "inbound"]
Outcome = Literal[
    "no_answer",
    "conversation",
    "voicemail",
    "busy",
    "not_in_service",
    "wrong_number",
    "declined",
    "dropped",
    "delivered",
    "bounced",
]
Party = Literal["debtor", "third_party", "guarantor", "spouse", "parent", "guardian", "executor", "attorney"]
Purpose = Literal[
    "collection", "reminder", "requested_callback", "location_information", "reply", "opt_out_confirmation"
]
Place = Literal["personal", "work"]
Voice = Literal["human", "artificial"]
ConsentKind = Literal["additional_calls", "inconvenient_time", "artificial_voice"]
ConsentHolder = Literal["collector", "creditor"]
CreditorTier = Literal["basic", "advanced", "premier"]
DebtorTier = Literal["standard", "plus", "vip"]
Grade = Literal["A", "B", "C", "D"]

CHANNELS: frozenset[str] = frozenset(get_args(Channel))
DIRECTIONS: frozenset[str] = frozenset(get_args(Direction))
OUTCOMES: frozenset[str] = frozenset(get_args(Outcome))
PARTIES: frozenset[str] = frozenset(get_args(Party))
PURPOSES: frozenset[str] = frozenset(get_args(Purpose))
PLACES: frozenset[str] = frozenset(get_args(Place))
VOICES: frozenset[str] = frozenset(get_args(Voice))
CONSENT_KINDS: frozenset[str] = frozenset(get_args(ConsentKind))
CONSENT_HOLDERS: frozenset[str] = frozenset(get_args(ConsentHolder))
CREDITOR_TIERS: tuple[str, ...] = get_args(CreditorTier)
"""Tiers of a creditor's membership, lowest first."""
DEBTOR_TIERS: tuple[str, ...] = get_args(DebtorTier)
"""Tiers of a debtor's membership, lowest first."""
GRADES: frozenset[str] = frozenset(get_args(Grade))
CREDITOR_REF = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"
FLAGS: frozenset[str] = frozenset(
    {
        "hospitalised",
        "represented",
        "ceased",
        "deceased",
        "disputed",
        "minor",
        "breathing_space",
        "wrong_number",
        "bankrupt",
        "revoked_sms_consent",
        "on_do_not_call",
        "employer_prohibits",
        "lacks_capacity",
        "bereavement",
        "grievance_open",
        "third_party_refused",
    }
)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SECS = 86_400


def require_aware(name: str, value: datetime) -> None:
    """Refuse a datetime without offset: it names no instant."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise FactsError("facts.naive_datetime", f"`{name}` has no UTC offset; pass an aware datetime")


def require_known(name: str, value: str, vocabulary: frozenset[str]) -> None:
    """Refuse a word outside a closed vocabulary."""
    if value not in vocabulary:
        raise FactsError("facts.unknown_value", f"`{name}` is not one of {', '.join(sorted(vocabulary))}")


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyWindow:
    """Half-open window on the debtor's local clock, in seconds since local midnight.

    `days` (0 = Monday) are the days on which it starts. `end_secs <= start_secs` runs past midnight into the next
    day; equal
    ends therefore mean a whole day, the protective reading.
    """

    days: frozenset[int]
    start_secs: int
    end_secs: int

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(7)):
            raise FactsError("facts.unknown_value", "`days` must be a non-empty set of 0 (Monday) to 6 (Sunday)")
        if not (0 <= self.start_secs <= DAY_SECS and 0 <= self.end_secs <= DAY_SECS):
            raise FactsError("facts.unknown_value", "`start_secs` and `end_secs` must lie in 0..86400")

    def opens(self, local: datetime) -> bool:
        """Whether an agreement with this window covers `local`; with equal ends (for a wish, a day) it never does."""
        return self.start_secs != self.end_secs and self.covers(local)

    def begun(self, local: datetime) -> date | None:
        """The day on which the occurrence began in which the wall clock `local` lies; None outside."""
        if not self.covers(local):
            return None
        secs = local.hour * 3600 + local.minute * 60 + local.second
        own = local.weekday() in self.days and secs >= self.start_secs
        return local.date() if own else local.date() - timedelta(days=1)

    def covers(self, local: datetime) -> bool:
        """Whether the wall clock `local` lies inside."""
        secs = local.hour * 3600 + local.minute * 60 + local.second
        day = local.weekday()
        if self.start_secs < self.end_secs:
            return day in self.days and self.start_secs <= secs < self.end_secs
        if day in self.days and secs >= self.start_secs:
            return True
        return (day - 1) % 7 in self.days and secs < self.end_secs


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """What the debtor asked for. `no_channels`: refused media; `no_addresses`: refused single numbers or mailboxes."""

    no_contact_windows: tuple[WeeklyWindow, ...] = ()
    no_channels: frozenset[str] = frozenset()
    no_addresses: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for channel in self.no_channels:
            require_known("no_channels", channel, CHANNELS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """An agreement of the debtor, given at `given_at`; `debt` None covers any debt; `valid_until` is the first
    instant it no longer holds.
    """

    kind: ConsentKind
    given_at: datetime
    given_to: ConsentHolder
    debt: str | None = None
    valid_until: datetime | None = None
    window: WeeklyWindow | None = None

    def __post_init__(self) -> None:
        require_known("kind", self.kind, CONSENT_KINDS)
        require_known("given_to", self.given_to, CONSENT_HOLDERS)
        require_aware("given_at", self.given_at)
        if self.valid_until is not None:
            require_aware("valid_until", self.valid_until)


@dataclass(frozen=True, kw_only=True, slots=True)
class DebtorFacts:
    """What is known of the debtor. `timezones`: every IANA zone in which the debtor may be, the most likely first."""

    timezones: tuple[str, ...]
    birth_date: date | None = None
    region: str | None = None
    flags: frozenset[str] = frozenset()
    preferences: Preferences = field(default_factory=Preferences)
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PastContact:
    """One earlier contact. An attempt still in flight is passed as `no_answer`: it counts until the carrier says
    otherwise.
    """

    at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    debt: str
    party: Party
    also_debts: frozenset[str] = frozenset()
    address: str | None = None
    purpose: Purpose = "collection"

    def __post_init__(self) -> None:
        require_aware("at", self.at)
        require_known("channel", self.channel, CHANNELS)
        require_known("direction", self.direction, DIRECTIONS)
        require_known("outcome", self.outcome, OUTCOMES)
        require_known("party", self.party, PARTIES)
        require_known("purpose", self.purpose, PURPOSES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """The contact about to be made. `address` None means the only address of that party."""

    at: datetime
    channel: Channel
    purpose: Purpose
    debt: str
    party: Party
    address: str | None = None
    place: Place = "personal"
    voice: Voice = "human"

    def __post_init__(self) -> None:
        require_aware("at", self.at)
        require_known("channel", self.channel, CHANNELS)
        require_known("purpose", self.purpose, PURPOSES)
        require_known("party", self.party, PARTIES)
        require_known("place", self.place, PLACES)
        require_known("voice", self.voice, VOICES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Who the contact is made for and under which membership; only overlays read it, and none reads the grade.

    `creditor` is a reference (never a name of a person); a tier that is None is no membership, below the lowest tier.
    """

    creditor: str | None = None
    creditor_tier: CreditorTier | None = None
    debtor_tier: DebtorTier | None = None
    grade: Grade | None = None

    def __post_init__(self) -> None:
        if self.creditor is not None and re.fullmatch(CREDITOR_REF, self.creditor) is None:
            raise FactsError("facts.unknown_value", "`creditor` is not a reference such as C1")
        for name, vocabulary in (
            ("creditor_tier", frozenset(CREDITOR_TIERS)),
            ("debtor_tier", frozenset(DEBTOR_TIERS)),
            ("grade", GRADES),
        ):
            value = getattr(self, name)
            if value is not None:
                require_known(name, value, vocabulary)

    def named(self) -> dict[str, str]:
        """The terms that are known, by name; empty when none is."""
        pairs = {name: getattr(self, name) for name in ("creditor", "creditor_tier", "debtor_tier", "grade")}
        return {name: value for name, value in pairs.items() if value is not None}


NO_TERMS = Terms()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One question: may `attempt` be made under `pack`? `history` is complete and not after the attempt; order does
    not matter.
    """

    pack: str
    debtor: DebtorFacts
    attempt: Attempt
    history: tuple[PastContact, ...] = ()
    id: str | None = None
    terms: Terms = NO_TERMS

    def __post_init__(self) -> None:
        if any(contact.at > self.attempt.at for contact in self.history):
            raise FactsError("facts.history_after_attempt", "`history` holds a contact later than the attempt")

    def moved_to(self, at: datetime) -> "Scenario":
        """The same question asked at another instant, not before the last contact in `history`."""
        return replace(self, attempt=replace(self.attempt, at=at))
