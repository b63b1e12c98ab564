"""`fairline user`: accounts made, listed and ended from the command line, on a real database."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from outreach.db.cli import app as db_app
from outreach.web.cli import app


@pytest.fixture
def fairline(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs `fairline user …` on an installation of its own; answers the JSON lines printed."""
    monkeypatch.setenv("FAIRLINE_DATABASE_URL", dsn)
    monkeypatch.setenv("FAIRLINE_VAR", str(tmp_path))
    upgraded = CliRunner().invoke(db_app, ["upgrade"])
    assert upgraded.exit_code == 0, upgraded.output

    def run(*arguments: str) -> list[dict[str, Any]]:
        done = CliRunner().invoke(app, [*arguments, "--json"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_an_account_is_made_listed_ended_and_made_again(fairline) -> None:
    (made,) = fairline("add", "lin", "--role", "supervisor")
    assert len(made["password"]) >= 16
    assert fairline("list") == [{"login": "lin", "role": "supervisor", "state": "active"}]
    fairline("disable", "lin")
    assert fairline("list")[0]["state"] == "disabled"
    (again,) = fairline("add", "lin", "--role", "compliance")
    assert again["password"] != made["password"]
    assert fairline("list") == [{"login": "lin", "role": "compliance", "state": "active"}]


def test_a_token_is_for_an_account_that_exists(fairline) -> None:
    from outreach.errors import InputError

    fairline("add", "console", "--role", "agent")
    (token,) = fairline("token", "console")
    assert len(token["token"]) > 20
    with pytest.raises(InputError) as caught:
        fairline("token", "nobody")
    assert caught.value.code == "input.unknown_user"


def test_an_unknown_role_is_named_with_those_that_exist(fairline) -> None:
    from outreach.errors import InputError

    with pytest.raises(InputError, match="supervisor"):
        fairline("add", "lin", "--role", "king")
