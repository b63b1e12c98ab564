"""Setting the scene (I/O): an empty database, the portfolio, what is already on record, accounts, contacts to make."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.cases.importer import import_file
from outreach.db.database import Database
from outreach.db.history import tell
from outreach.db.tables import Attempt, CollectionCase, ContactPoint, Debt, PlannedContact, Preference
from outreach.web.accounts import create_user, new_password
from outreach.web.tokens import TokenSigner

STARTS_AT = datetime.fromisoformat("2026-11-25T10:30:00+08:00")
"""A Wednesday morning in the debtors' zone: the rules are real, only the hour is staged."""
ACCOUNTS = ("supervisor", "compliance", "agent", "admin")
PERSONS = ("D-001", "D-002", "D-003", "D-004", "D-005", "D-006", "D-007", "D-008", "D-011")
"""Cases whose debtor answers and talks, in the order in which `--calls N` takes them."""
MACHINES = ("D-009", "D-010")
"""A voicemail and a busy line: always called."""
REFUSED = ("D-012", "D-013", "D-014", "D-015", "D-016")
"""A minor, a patient, a zone in which it is night, a spent budget, a stop request: asked for, never dialled."""
REMINDER = "D-010"
"""Whose line was busy gets a text message."""
AGAIN = ("D-006", "D-007", "D-008")
"""Asked for once more after their call, to show that what was heard binds the next ruling."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A person who may look at the demo."""

    login: str
    password: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What was prepared."""

    logins: tuple[Login, ...]
    console_token: str
    accepted: int
    quarantined: int


def prepare(database: Database, folder: Path, now: datetime) -> Scene:
    """Import the demo's portfolio and history and make the accounts, each with a password of its own."""
    portfolio = folder / "cases.csv"
    portfolio.write_bytes(_resource("cases.csv"))
    report = import_file(database, portfolio, now)
    with database.session() as session:
        _history(session)
        logins = []
        for role in ACCOUNTS:
            password = new_password()
            account = create_user(session, role, role, password, now=now)
            logins.append(Login(login=role, password=password, role=role))
            if role == "agent":
                token = TokenSigner(database.keys.session).new_bearer(account.id, now)
    return Scene(
        logins=tuple(logins),
        console_token=token,
        accepted=report.rows - report.quarantined,
        quarantined=report.quarantined,
    )


def scenario(seed: int) -> bytes:
    """The local carrier's scenario with this seed."""
    content = yaml.safe_load(_resource("parties.yaml"))
    content["seed"] = seed
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


def plan(session: Session, references: tuple[str, ...], due_at: datetime, *, channel: str = "voice") -> None:
    """Ask for contacts with these cases; the gate alone decides which are made."""
    for order, reference in enumerate(references):
        case, point = _case(session, reference)
        session.add(
            PlannedContact(
                case_id=case.id,
                debtor_id=case.debtor_id,
                contact_point_id=point.id,
                channel=channel,
                purpose="reminder" if channel == "sms" else "collection",
                due_at=due_at - timedelta(milliseconds=len(references) - order),
            )
        )


def references(session: Session) -> dict[int, str]:
    """Case id -> the demo's own name of it."""
    names = {row["debt_reference"]: row["debtor_reference"] for row in _rows()}
    rows = session.execute(select(CollectionCase.id, Debt.reference).join(Debt, CollectionCase.debt_id == Debt.id))
    return {case_id: names[reference] for case_id, reference in rows}


def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_resource("cases.csv").decode("utf-8-sig"))))


def _case(session: Session, reference: str) -> tuple[CollectionCase, ContactPoint]:
    debt = next(row["debt_reference"] for row in _rows() if row["debtor_reference"] == reference)
    case = session.scalars(select(CollectionCase).join(Debt).where(Debt.reference == debt)).one()
    point = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == case.debtor_id)).one()
    return case, point


def _history(session: Session) -> None:
    """Contacts and wishes from before today, as a creditor hands them over with its portfolio."""
    history: dict[str, list[dict[str, Any]]] = yaml.safe_load(_resource("history.yaml"))
    for contact in history["contacts"]:
        case, point = _case(session, contact["case"])
        at = datetime.fromisoformat(contact["at"])
        tell(session, at, "portfolio history")
        session.add(
            Attempt(
                case_id=case.id,
                debtor_id=case.debtor_id,
                debt_id=case.debt_id,
                contact_point_id=point.id,
                channel=contact["channel"],
                purpose="collection",
                state="ended",
                outcome=contact["outcome"],
                intended_at=at,
                ended_at=at,
            )
        )
    for wish in history["preferences"]:
        case, _ = _case(session, wish["case"])
        tell(session, datetime.fromisoformat(wish["at"]), "portfolio history")
        for channel in wish["no_channels"]:
            session.add(
                Preference(
                    debtor_id=case.debtor_id,
                    kind="channel",
                    channel=channel,
                    source=wish["source"],
                    stated_at=datetime.fromisoformat(wish["at"]),
                )
            )


def _resource(name: str) -> bytes:
    return (files("outreach.demo") / name).read_bytes()
