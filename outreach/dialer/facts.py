"""From database rows to the question put to the rulebook, read afresh for every ruling (I/O).

The answer is the scenario in its published JSON form, so that what was decided on can be sealed beside the attempt and
decided again later under other rules. Fractions of a second are dropped: windows are half-open at whole seconds, so no
answer changes. Addresses appear as labels, never as numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from outreach.db.repository import lock_debtor
from outreach.db.tables import (
    Attempt,
    CollectionCase,
    Consent,
    ContactPoint,
    Creditor,
    Debt,
    Debtor,
    Message,
    Preference,
)
from outreach.db.vault import Vault
from outreach.dialer.attempt import IN_FLIGHT
from outreach.dialer.budget import local_day
from outreach.errors import InputError
from policy.facts import GRADES

PACKS = {"CN": "cn", "US": "us-reg-f", "GB": "uk-conc7", "IN": "in-rbi"}
"""Country (ISO 3166-1) -> rule pack. A country without a pack cannot be ruled on, and so is refused."""

COUNTED_STATES = (*IN_FLIGHT, "sent", "ended")


@dataclass(frozen=True, kw_only=True)
class ContactRequest:
    """A contact somebody wants to make. Who is reached and where follow from the contact point, not from the caller."""

    case_id: int
    contact_point_id: int
    channel: str
    purpose: str
    voice: str = "human"
    planned_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The rows a ruling is made on, all read after the person was locked."""

    case: CollectionCase
    debt: Debt
    debtor: Debtor
    creditor: Creditor
    point: ContactPoint


@dataclass(frozen=True, kw_only=True)
class Record:
    """What else the question is made of: the person's wishes, consents and contacts, in any order."""

    preferences: Sequence[Preference]
    consents: Sequence[Consent]
    attempts: Sequence[Attempt]
    messages: Sequence[Message]
    first_debt_id: int


def load_situation(session: Session, request: ContactRequest) -> Situation:
    """Lock the person, then read; InputError input.unknown_contact when case and contact point do not belong together.

    The lock is the debtor's row: rulings, budgets and facts heard about one person happen one after another.
    """
    owner = select(CollectionCase.debtor_id).where(CollectionCase.id == request.case_id).scalar_subquery()
    debtor = lock_debtor(session, owner)
    together = (
        select(CollectionCase, Debt, Creditor, ContactPoint)
        .join(Debt, Debt.id == CollectionCase.debt_id)
        .join(Creditor, Creditor.id == CollectionCase.creditor_id)
        .join(ContactPoint, ContactPoint.debtor_id == CollectionCase.debtor_id)
        .where(CollectionCase.id == request.case_id, ContactPoint.id == request.contact_point_id)
        .with_for_update(read=True, of=Creditor)  # the creditor has no person's lock: it may not change underneath
        .execution_options(populate_existing=True)
    )
    found = None if debtor is None else session.execute(together).one_or_none()
    if debtor is None or found is None:
        raise InputError(
            "input.unknown_contact",
            f"case {request.case_id} and contact point {request.contact_point_id} do not belong to one person",
        )
    case, debt, creditor, point = found
    return Situation(case=case, debt=debt, debtor=debtor, creditor=creditor, point=point)


def packs_for(situation: Situation) -> list[str]:
    """The packs that must all permit: of the place where the person lives and of the creditor's law."""
    region = situation.debtor.region
    countries = [region.split("-")[0] if region else situation.creditor.jurisdiction, situation.creditor.jurisdiction]
    return list(dict.fromkeys(PACKS.get(country, f"none-{country.lower()}") for country in countries))


def person_day(situation: Situation, now: datetime) -> date | None:
    """The person's own day; None when no zone is known or the first is none of this world's."""
    try:
        return local_day(now, situation.debtor.timezones[0])
    except (IndexError, KeyError, ValueError):
        return None


def read_record(session: Session, debtor_id: int) -> Record:
    """What is stored of the person's wishes, consents and contacts. The caller holds the person's lock."""
    counted = select(Attempt).where(Attempt.debtor_id == debtor_id, Attempt.state.in_(COUNTED_STATES))
    light = counted.options(defer(Attempt.ruling), defer(Attempt.facts_enc))  # large, and no part of any question
    messages = session.scalars(select(Message).where(Message.debtor_id == debtor_id)).all()
    first_debt = select(func.min(Debt.id)).where(Debt.debtor_id == debtor_id)
    return Record(
        preferences=session.scalars(select(Preference).where(Preference.debtor_id == debtor_id)).all(),
        consents=session.scalars(select(Consent).where(Consent.debtor_id == debtor_id)).all(),
        attempts=session.scalars(light).all(),
        messages=messages,
        first_debt_id=(session.scalar(first_debt) or 0) if messages else 0,
    )


def in_flight(record: Record) -> bool:
    """Whether a contact with the person is under way, as far as anybody knows."""
    return any(attempt.state in IN_FLIGHT for attempt in record.attempts)


def scenario(
    session: Session, vault: Vault, situation: Situation, request: ContactRequest, now: datetime
) -> dict[str, Any]:
    """The question in the published scenario form, without `id` and `pack`, which the gate adds per pack."""
    return question(vault, situation, read_record(session, situation.debtor.id), request, now)


def question(
    vault: Vault, situation: Situation, record: Record, request: ContactRequest, now: datetime
) -> dict[str, Any]:
    """The question these rows make. Reads nothing else: rows of today and rows as they once were ask the same way."""
    return {
        "debtor": _debtor(vault, situation, record, now),
        "history": _history(record, now),
        "attempt": {
            "at": rfc3339(now),
            "channel": request.channel,
            "purpose": request.purpose,
            "debt": debt_label(situation.debt.id),
            "party": situation.point.party,
            "address": address_label(situation.point.id),
            "place": situation.point.place,
            "voice": request.voice,
        },
        "terms": _terms(situation),
    }


def _terms(situation: Situation) -> dict[str, str]:
    """For whom and under which membership the contact is made: what overlays may depend on.

    A grade outside the vocabulary is left out: no rule reads a grade, so none may stop a contact either.
    """
    terms = {
        "creditor": creditor_label(situation.creditor.id),
        "creditor_tier": situation.creditor.tier,
        "debtor_tier": situation.debtor.tier,
    }
    grade = situation.case.grade
    return {**terms, "grade": grade} if grade in GRADES else terms


def creditor_label(creditor_id: int) -> str:
    """How a scenario and a contract overlay name a creditor."""
    return f"C{creditor_id}"


def creditor_names(session: Session) -> dict[str, str]:
    """Every creditor's label and name, oldest first: what somebody who writes a contract overlay has to look up."""
    rows = session.execute(select(Creditor.id, Creditor.name).order_by(Creditor.id))
    return {creditor_label(row.id): row.name for row in rows}


def debt_label(debt_id: int) -> str:
    """How a scenario names a debt."""
    return f"D{debt_id}"


def address_label(contact_point_id: int) -> str:
    """How a scenario names an address."""
    return f"CP{contact_point_id}"


def rfc3339(value: datetime) -> str:
    """An instant in UTC, whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _debtor(vault: Vault, situation: Situation, record: Record, now: datetime) -> dict[str, Any]:
    debtor, debt, point = situation.debtor, situation.debt, situation.point
    flags = {*debtor.flags, *debt.flags} - {"wrong_number"}
    if point.state == "wrong":
        flags.add("wrong_number")
    if situation.case.state == "disputed":
        flags.add("disputed")
    facts: dict[str, Any] = {
        "timezones": list(debtor.timezones),
        "flags": sorted(flags),
        "preferences": _preferences(record.preferences, point, now),
        "consents": [_consent(consent) for consent in sorted(record.consents, key=lambda consent: consent.id)],
    }
    if debtor.birth_date_enc is not None:
        facts["birth_date"] = vault.open(debtor, "birth_date", debtor.birth_date_enc)
    if debtor.region is not None:
        facts["region"] = debtor.region
    return facts


def _preferences(stated: Sequence[Preference], point: ContactPoint, now: datetime) -> dict[str, Any]:
    valid = [wish for wish in stated if wish.ended_at is None or wish.ended_at > now]
    wishes = sorted(valid, key=lambda wish: wish.id)
    refused = {address_label(wish.contact_point_id) for wish in wishes if wish.contact_point_id is not None}
    if point.state == "refused":
        refused.add(address_label(point.id))
    return {
        "no_contact_windows": [wish.window for wish in wishes if wish.kind == "quiet_window" and wish.window],
        "no_channels": sorted({wish.channel for wish in wishes if wish.kind == "channel" and wish.channel}),
        "no_addresses": sorted(refused),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": consent.kind,
        "at": rfc3339(consent.given_at),
        "given_to": consent.given_to,
    }
    if consent.debt_id is not None:
        fields["debt"] = debt_label(consent.debt_id)
    if consent.valid_until is not None:
        fields["valid_until"] = rfc3339(consent.valid_until)
    if consent.window is not None:
        fields["window"] = consent.window
    return fields


def _history(record: Record, now: datetime) -> list[dict[str, Any]]:
    """Every contact with the person, oldest first. In flight counts as unanswered until the carrier says more."""
    counted = [attempt for attempt in record.attempts if attempt.state in COUNTED_STATES]
    made = sorted((attempt for attempt in counted if not attempt.budget_released), key=_made)
    received = sorted(
        (message for message in record.messages if message.direction == "inbound"),
        key=lambda message: (message.at, message.sid),
    )
    items = [_outbound(attempt) for attempt in made] + [_inbound(message, record) for message in received]
    latest = rfc3339(now)  # a clock that ran ahead must not hide a contact: it then counts as made just now
    return sorted(({**item, "at": min(item["at"], latest)} for item in items), key=lambda item: str(item["at"]))


def _made(attempt: Attempt) -> tuple[datetime, str]:
    return attempt.intended_at, str(attempt.id)


def _outbound(attempt: Attempt) -> dict[str, Any]:
    unanswered = "no_answer" if attempt.channel == "voice" else "delivered"
    return {
        "at": rfc3339(attempt.placed_at or attempt.intended_at),
        "channel": attempt.channel,
        "direction": "outbound",
        "outcome": attempt.outcome or unanswered,
        "debt": debt_label(attempt.debt_id),
        "party": attempt.party,
        "address": address_label(attempt.contact_point_id),
        "purpose": attempt.purpose,
    }


def _inbound(message: Message, record: Record) -> dict[str, Any]:
    """A message received: it names no debt, so it stands with the person's first one."""
    return {
        "at": rfc3339(message.at),
        "channel": "sms",
        "direction": "inbound",
        "outcome": "delivered",
        "debt": debt_label(record.first_debt_id),
        "party": "debtor",
    }
