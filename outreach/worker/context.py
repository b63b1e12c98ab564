"""What the monitor must know of a call before it starts, read from the database (I/O)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from outreach.db.tables import Attempt, CollectionCase
from outreach.db.vault import Vault
from outreach.dialer.law import CallLaw, Forbidden, call_law
from outreach.errors import InputError
from outreach.monitor.context import CallContext, Prohibition, Statement
from outreach.monitor.due import Due
from outreach.monitor.effects import Severity
from policy.book import Rulebook

PLAN_INSTALMENTS = 3
"""The plan offered in conversation until a repayment engine supplies options."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A call whose audio has begun: carrier id, attempt, and the instant of the audio's second 0."""

    call_sid: str
    attempt_id: UUID
    audio_started_at: datetime


@dataclass(frozen=True, kw_only=True)
class House:
    """How this agency introduces itself: spoken names and the number that calls back."""

    institution_zh: str
    institution_en: str
    agent_zh: str
    agent_en: str
    service_phone: str

    def facts(self, language: str) -> dict[str, str]:
        """The slots of every call in this language."""
        zh = language == "zh"
        return {
            "institution": self.institution_zh if zh else self.institution_en,
            "agent_name": self.agent_zh if zh else self.agent_en,
            "service_phone": self.service_phone,
        }


def call_context(
    session: Session, vault: Vault, house: House, rulebook: Rulebook, answered: Answered
) -> tuple[CallContext, CollectionCase]:
    """The monitor's context of one call, and its case. InputError input.unknown_attempt; PolicyError for law that
    cannot be read: a call is not heard without the law it is held to.
    """
    attempt, began = session.get(Attempt, answered.attempt_id), answered.audio_started_at
    if attempt is None:
        raise InputError("input.unknown_attempt", "the media stream names an attempt that is not stored here")
    case = session.get_one(CollectionCase, attempt.case_id)
    debtor, law = case.debtor, call_law(rulebook, case, attempt.ruling, began)
    context = CallContext(
        call_sid=answered.call_sid,
        language=debtor.language,
        purpose=attempt.purpose,
        debtor_tier=debtor.tier,
        creditor_tier=case.creditor.tier,
        audio_started_at=began,
        reference_date=local_date(case, began),
        facts=case_facts(vault, house, case, began),
        required_disclosures=statements(law, attempt.voice),
        prohibitions=prohibitions(law),
        voice=attempt.voice,
        flags=frozenset({*debtor.flags, *case.debt.flags}),
    )
    return context, case


def statements(law: CallLaw, voice: str) -> tuple[Statement, ...]:
    """What the law wants said in a call with this voice, for the monitor. Raises PolicyError."""
    required = law.required(artificial_voice=voice == "artificial")
    return tuple(Statement(id=item.id, due=Due(item.due)) for item in required)


def prohibitions(law: CallLaw) -> dict[str, Prohibition]:
    """What the law forbids to say, by finding label, for the monitor. Raises PolicyError."""
    return {label: _prohibition(item) for label, item in law.forbidden().items()}


def _prohibition(item: Forbidden) -> Prohibition:
    return Prohibition(
        categories=item.categories,
        severity=Severity(item.severity),
        citation=dict(item.citation),
        once_known={word: _prohibition(graver) for word, graver in item.once_known.items()},
    )


def case_facts(vault: Vault, house: House, case: CollectionCase, now: datetime) -> dict[str, str]:
    """The slots of the script library that this case can fill, as raw values; `today` is the debtor's own day."""
    debtor, debt = case.debtor, case.debt
    instalment = (debt.amount / PLAN_INSTALMENTS).quantize(Decimal(1), rounding=ROUND_UP)
    facts = {
        **house.facts(debtor.language),
        "debtor_name": vault.open(debtor, "name", debtor.name_enc) if debtor.name_enc else "",
        "creditor": case.creditor.name,
        "amount": str(debt.amount),
        "due_date": debt.due_date.isoformat(),
        "instalments": str(PLAN_INSTALMENTS),
        "instalment_amount": str(instalment),
        "today": local_date(case, now).isoformat(),
    }
    return {name: value for name, value in facts.items() if value}


def local_date(case: CollectionCase, now: datetime) -> date:
    """The calendar day where the debtor most likely is."""
    zones = case.debtor.timezones
    return now.astimezone(ZoneInfo(zones[0] if zones else "UTC")).date()
