"""What the monitor must know of a call before it starts, and how a call ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from outreach.monitor.due import Due
from outreach.monitor.effects import Severity

AGENT = "agent"
DEBTOR = "debtor"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something the law of this call wants said, and from when on (`outreach.monitor.due.Due`)."""

    id: str
    due: Due


@dataclass(frozen=True, kw_only=True)
class Prohibition:
    """What a finding label stands for in the law of this call. `categories`: gravest first; `citation` by language.

    `once_known`: what it stands for from the moment on which that word (a fact, a vulnerability, a flag) is known of
    the person.
    """

    categories: tuple[str, ...]
    severity: Severity
    citation: Mapping[str, str]
    once_known: Mapping[str, "Prohibition"] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CallContext:
    """One call as the monitor sees it.

    `audio_started_at` is the instant of second 0 of both tracks (the carrier's media start). `facts` are the slots of
    the script library for this call in their raw form (decimal amounts, ISO days).
    `required_disclosures` are those of the law, in its order; empty means all that the script gives on its way.
    `prohibitions` say by label how grave a finding is and why. `voice` is `human` or `artificial`. `flags` is what was
    on file of person and debt when the audio began. `speakers` maps a track name of the speech events to `agent` or
    `debtor`; the carrier's own track names were translated before they came here.
    """

    call_sid: str
    language: str
    purpose: str
    debtor_tier: str
    audio_started_at: datetime
    reference_date: date
    creditor_tier: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    required_disclosures: tuple[Statement, ...] = ()
    prohibitions: Mapping[str, Prohibition] = field(default_factory=dict)
    voice: str = "human"
    known_vulnerability: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    speakers: Mapping[str, str] = field(default_factory=lambda: {AGENT: AGENT, DEBTOR: DEBTOR})


@dataclass(frozen=True, kw_only=True)
class CallEnding:
    """How the carrier saw the end: `status` is the neutral call status, `answered_by` its machine verdict if any."""

    status: str
    answered_by: str | None = None
    duration_secs: float | None = None
