"""What the monitor must know of a call before it starts, read from the database (I/O)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from outreach.db.tables import Attempt, CollectionCase
from outreach.db.vault import Vault
from outreach.errors import InputError
from outreach.monitor.context import CallContext

PLAN_INSTALMENTS = 3
"""The plan offered in conversation until a repayment engine supplies options."""


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
    session: Session, vault: Vault, house: House, *, call_sid: str, attempt_id: UUID, audio_started_at: datetime
) -> tuple[CallContext, CollectionCase]:
    """The monitor's context of one call, and its case. InputError input.unknown_attempt."""
    attempt = session.get(Attempt, attempt_id)
    if attempt is None:
        raise InputError("input.unknown_attempt", "the media stream names an attempt that is not stored here")
    case = session.get_one(CollectionCase, attempt.case_id)
    debtor = case.debtor
    context = CallContext(
        call_sid=call_sid,
        language=debtor.language,
        purpose=attempt.purpose,
        debtor_tier=debtor.tier,
        creditor_tier=case.creditor.tier,
        audio_started_at=audio_started_at,
        reference_date=local_date(case, audio_started_at),
        facts=case_facts(vault, house, case, audio_started_at),
    )
    return context, case


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
