"""The question of an attempt rebuilt from versions of facts (I/O): as it stood then, or as it is known today.

Rows of the past are put together by `outreach.timemachine.fold` and asked by the very function that asks rows of today,
so a question rebuilt for the moment of a decision has the bytes that were sealed with it.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, LargeBinary, Uuid, and_, select
from sqlalchemy.orm import Session

from outreach.db.base import Base
from outreach.db.history import MIGRATION
from outreach.db.tables import (
    Attempt,
    CollectionCase,
    Consent,
    ContactPoint,
    Creditor,
    Debt,
    Debtor,
    FactVersion,
    Message,
    Preference,
)
from outreach.db.vault import Vault, VaultError
from outreach.dialer import facts
from outreach.dialer.facts import ContactRequest, Record, Situation
from outreach.dialer.judgement import HouseFacts, Question
from outreach.errors import InputError
from outreach.timemachine.fold import Cut, Rows, fold

Model = TypeVar("Model", bound=Base)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is looked at: versions before number `before`, or recorded not after `until`; neither: all known now."""

    before: int | None = None
    until: datetime | None = None


NOW = Known()


def decided_at(session: Session, attempt: Attempt) -> int:
    """The number of the version the attempt itself left: every smaller one of the person was known when it was decided.

    Raises InputError input.no_history for an attempt decided before versions were kept.
    """
    own = select(FactVersion).where(
        FactVersion.of == "attempt", FactVersion.ref == str(attempt.id), FactVersion.op == "insert"
    )
    found = session.scalars(own).one_or_none()
    if found is None or found.source == MIGRATION:
        raise InputError(
            "input.no_history",
            f"attempt {attempt.id} was decided before versions of facts were kept; what was known then is not",
            hint="its sealed facts still tell what was decided on; --known now asks with what is known today",
        )
    return found.id


def known_then(session: Session, attempt: Attempt) -> Known:
    """What was known when the attempt was decided."""
    return Known(before=decided_at(session, attempt))


def question_as_of(session: Session, vault: Vault, attempt: Attempt, *, valid_at: datetime, known: Known) -> Question:
    """May this contact be made at `valid_at`, on the facts that `known` holds of that instant?

    Of the house's facts, the open plan and the state of the budget book have no versions: they come back as unnamed and
    agreeing (`with_sealed` puts in what was sealed). Raises VaultError vault.erased, InputError input.no_history.
    """
    debtor = session.get_one(Debtor, attempt.debtor_id)
    if debtor.data_key is None:
        raise VaultError("vault.erased", "the personal data of this person has been erased")
    mark = _born(session, attempt) if valid_at >= attempt.intended_at else 0
    rows = fold(_versions(session, attempt, known), Cut(valid_at=valid_at, certain_before=mark))
    situation = _situation(rows, attempt, debtor)
    record = _record(rows, _counted(rows, attempt, valid_at, mark))
    request = ContactRequest(
        case_id=attempt.case_id,
        contact_point_id=attempt.contact_point_id,
        channel=attempt.channel,
        purpose=attempt.purpose,
        voice=attempt.voice,
    )
    return Question(
        packs=tuple(facts.packs_for(situation)),
        scenario=facts.question(vault, situation, record, request, valid_at),
        house=HouseFacts.of(
            situation,
            attempt.channel,
            in_flight=facts.in_flight(record),
            budget="agrees",
        ),
    )


def with_sealed(rebuilt: Question, sealed: Question) -> Question:
    """The rebuilt question with those facts of the house that have no versions, as they were sealed."""
    if rebuilt.house is None or sealed.house is None:
        return replace(rebuilt, house=sealed.house)
    kept = {name: getattr(sealed.house, name) for name in ("plan_open", "budget", "full")}
    return replace(rebuilt, house=replace(rebuilt.house, **kept))


def _born(session: Session, attempt: Attempt) -> int:
    """As `decided_at`; 0 where that is not known: then only what a version says of itself counts."""
    try:
        return decided_at(session, attempt)
    except InputError:
        return 0


def _versions(session: Session, attempt: Attempt, known: Known) -> list[FactVersion]:
    """The person's versions and those of every creditor their cases ever had."""
    persons = _looked_at(session, FactVersion.debtor_id == attempt.debtor_id, known)
    creditors = {str(version.value["creditor_id"]) for version in persons if "creditor_id" in version.value}
    theirs = and_(FactVersion.of == "creditor", FactVersion.ref.in_(creditors))
    return sorted([*persons, *_looked_at(session, theirs, known)], key=lambda version: version.id)


def _looked_at(session: Session, whose: ColumnElement[bool], known: Known) -> Sequence[FactVersion]:
    query = select(FactVersion).where(whose).order_by(FactVersion.id)
    if known.before is not None:
        query = query.where(FactVersion.id < known.before)
    if known.until is not None:
        query = query.where(FactVersion.recorded_at <= known.until)
    return session.scalars(query).all()


def _situation(rows: Rows, attempt: Attempt, debtor: Debtor) -> Situation:
    try:
        case = _revived(CollectionCase, str(attempt.case_id), rows)
        return Situation(
            case=case,
            debt=_revived(Debt, str(attempt.debt_id), rows),
            debtor=_revived(Debtor, str(debtor.id), rows, key_ref=debtor.key_ref, data_key=debtor.data_key),
            creditor=_revived(Creditor, str(case.creditor_id), rows),
            point=_revived(ContactPoint, str(attempt.contact_point_id), rows),
        )
    except KeyError as error:
        raise InputError(
            "input.no_history", f"of attempt {attempt.id} not every fact was known, or true, at the time asked for"
        ) from error


def _record(rows: Rows, attempts: list[Attempt]) -> Record:
    return Record(
        preferences=_all(Preference, rows),
        consents=_all(Consent, rows),
        attempts=attempts,
        messages=_all(Message, rows),
        first_debt_id=min((int(ref) for ref in rows.get("debt", {})), default=0),
    )


def _counted(rows: Rows, attempt: Attempt, valid_at: datetime, mark: int) -> list[Attempt]:
    """Contacts decided before this one; of two decided at one instant, the one known first."""
    found = []
    for ref, row in rows.get("attempt", {}).items():
        made = _revived(Attempt, ref, rows)
        earlier = made.intended_at < valid_at and (mark == 0 or valid_at > attempt.intended_at)
        if row.born < mark or (earlier and ref != str(attempt.id)):
            found.append(made)
    return found


def _all(model: type[Model], rows: Rows) -> list[Model]:
    return [_revived(model, ref, rows) for ref in rows.get(model.__tablename__, {})]


def _revived(model: type[Model], ref: str, rows: Rows, **own: Any) -> Model:
    """A row object that belongs to no session. KeyError when no such row stood."""
    row, table = rows[model.__tablename__][ref], model.__table__
    (key,) = table.primary_key
    fields = {name: _typed(table.columns[name].type, value) for name, value in row.fields.items()}
    return model(**{key.name: _key(key.type, ref)}, **fields, **own)


def _key(kind: Any, ref: str) -> Any:
    if isinstance(kind, Uuid):
        return UUID(ref)
    return int(ref) if kind.python_type is int else ref


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value
