"""`fairline user`: accounts of the people and programs that log in (I/O)."""

import json
import os
import sys
from typing import Annotated

import typer
from sqlalchemy import select

from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.database import open_database
from outreach.db.repository import find_user
from outreach.db.tables import UserAccount
from outreach.errors import InputError
from outreach.web.accounts import create_user, new_password
from outreach.web.roles import Role
from outreach.web.tokens import TokenSigner

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.callback()
def user() -> None:
    """Accounts: add, list, disable, and tokens for programs."""


@app.command("add")
def add_command(
    login: Annotated[str, typer.Argument(help="Name to log in with.")],
    role: Annotated[str, typer.Option(help="One of: " + ", ".join(Role))],
    as_json: AsJson = False,
) -> None:
    """Make an account, or give an existing one a new password and role. The password is made here and shown once.

    Example:  fairline user add lin --role supervisor
    """
    settings = Settings.from_environment(os.environ)
    password = new_password()
    with open_database(settings) as database, database.session() as session:
        create_user(session, login, role, password, now=SystemClock(offset=settings.clock_offset).now())
    _tell({"login": login, "role": role, "password": password}, as_json)


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Every account; no password, no hash.

    Example:  fairline user list
    """
    with open_database(Settings.from_environment(os.environ)) as database, database.session() as session:
        for row in session.scalars(select(UserAccount).order_by(UserAccount.login)):
            state = "disabled" if row.disabled_at is not None else "active"
            _tell({"login": row.login, "role": row.role, "state": state}, as_json)


@app.command("disable")
def disable_command(login: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """End an account: nobody logs in with it again, and its tokens open nothing.

    Example:  fairline user disable lin
    """
    settings = Settings.from_environment(os.environ)
    with open_database(settings) as database, database.session() as session:
        _account(find_user(session, login), login).disabled_at = SystemClock(offset=settings.clock_offset).now()
    _tell({"login": login, "state": "disabled"}, as_json)


@app.command("token")
def token_command(login: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """A bearer token with which a program acts as this account for twelve hours.

    Example:  fairline user token console-1
    """
    settings = Settings.from_environment(os.environ)
    with open_database(settings) as database, database.session() as session:
        row = _account(find_user(session, login), login)
        now = SystemClock(offset=settings.clock_offset).now()
        _tell({"login": login, "token": TokenSigner(database.keys.session).new_bearer(row.id, now)}, as_json)


def _account(row: UserAccount | None, login: str) -> UserAccount:
    if row is None:
        raise InputError("input.unknown_user", f"no active account {login!r}", hint="fairline user list")
    return row


def _tell(values: dict[str, str], as_json: bool) -> None:
    line = json.dumps(values, ensure_ascii=False) if as_json else "  ".join(f"{k}: {v}" for k, v in values.items())
    sys.stdout.write(line + "\n")
