"""Accounts and passwords (I/O): argon2 hashes only, the same time for an unknown log-in as for a wrong password."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.repository import find_user
from outreach.db.tables import UserAccount
from outreach.errors import InputError
from outreach.web.roles import Role

LEAST_PASSWORD = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as pages see it: no hash."""

    id: int
    login: str
    role: Role
    display: str


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash no password opens, checked when the log-in is unknown so that the answer takes as long."""
    return _hasher().hash(secrets.token_urlsafe(32))


def new_password() -> str:
    """A password that can be read aloud: four groups of four, about 80 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def create_user(
    session: Session, login: str, role: Role | str, password: str, *, now: datetime, display: str | None = None
) -> Account:
    """Store an account in the caller's transaction, or give an existing one this role and password (and life).

    Raises InputError input.password when the password is shorter than ten characters, input.role for an unknown role.
    """
    if len(password) < LEAST_PASSWORD:
        raise InputError("input.password", f"the password has fewer than {LEAST_PASSWORD} characters")
    try:
        wanted = Role(role)
    except ValueError as error:
        raise InputError("input.role", f"role: found {role!r}, expected one of {', '.join(Role)}") from error
    row = session.scalar(select(UserAccount).where(UserAccount.login == login))
    if row is None:
        row = UserAccount(login=login, display=display or login, created_at=now, password_hash="", role=str(wanted))
        session.add(row)
    row.role, row.password_hash, row.disabled_at = str(wanted), _hasher().hash(password), None
    session.flush()
    return _account(row)


def check_password(session: Session, login: str, password: str) -> Account | None:
    """The account if log-in and password are right and it is not disabled. Upgrades an outdated hash in passing."""
    row = find_user(session, login)
    try:
        _hasher().verify(row.password_hash if row is not None else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    if row is None:
        return None
    if _hasher().check_needs_rehash(row.password_hash):
        row.password_hash = _hasher().hash(password)
    return _account(row)


def load_account(session: Session, user_id: int) -> Account | None:
    """The account with this id, None when there is none or it has been disabled."""
    row = session.get(UserAccount, user_id)
    return None if row is None or row.disabled_at is not None else _account(row)


def _account(row: UserAccount) -> Account:
    return Account(id=row.id, login=row.login, role=Role(row.role), display=row.display)
