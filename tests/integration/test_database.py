"""The embedded server shared by processes, the keys of a database, its command line."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, select, text

from outreach.config import Settings
from outreach.db.database import open_database, upgrade
from outreach.db.embedded import EmbeddedPostgres
from outreach.db.keyring import KeyRing
from outreach.db.tables import KeyFingerprint
from outreach.errors import ConfigError, NotAvailableError
from outreach.ledger import store
from outreach.ledger.entry import Entry
from tests.world import MORNING

HOLD = """
import sys
from pathlib import Path
from outreach.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: the path of a socket has little room."""
    with tempfile.TemporaryDirectory(prefix="fairline-test-") as name:
        yield Path(name)


def holder(pg_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(pg_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def server_pid(pg_dir: Path) -> int | None:
    file = pg_dir / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


def answers(dsn: str) -> bool:
    engine = create_engine(dsn)
    with engine.connect() as connection:
        answer = connection.scalar(text("SELECT 1"))
    engine.dispose()
    return answer == 1


def test_one_server_is_shared_and_stopped_by_the_last(folder: Path) -> None:
    pg_dir = folder / "pg"
    first = holder(pg_dir)
    pid = server_pid(pg_dir)
    with EmbeddedPostgres(pg_dir) as second:
        dsn = second.start()
        assert server_pid(pg_dir) == pid
        first.communicate("\n", timeout=30)
        assert answers(dsn)
    assert server_pid(pg_dir) is None
    assert pid is not None
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_process_does_not_keep_the_server_alive(folder: Path) -> None:
    pg_dir = folder / "pg"
    killed = holder(pg_dir)
    with EmbeddedPostgres(pg_dir) as survivor:
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        assert answers(survivor.start())
    assert server_pid(pg_dir) is None


def test_a_server_that_cannot_start_is_named(folder: Path) -> None:
    (folder / "pg").write_text("in the way")
    with pytest.raises(NotAvailableError) as caught:
        EmbeddedPostgres(folder / "pg").start()
    assert caught.value.code == "missing.postgresql"


def test_a_folder_of_something_else_is_named(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "PG_VERSION").write_text("18\n")
    with pytest.raises(NotAvailableError) as caught:
        EmbeddedPostgres(folder / "pg").start()
    assert caught.value.hint is not None


def settings(dsn: str, folder: Path) -> Settings:
    return Settings.from_environment({"FAIRLINE_DATABASE_URL": dsn, "FAIRLINE_VAR": str(folder)})


def test_a_database_must_be_upgraded_before_it_is_used(empty_dsn: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        open_database(settings(empty_dsn, tmp_path))
    assert (caught.value.code, caught.value.hint) == ("db.schema", "run: fairline db upgrade")
    with upgrade(settings(empty_dsn, tmp_path), MORNING) as made, open_database(settings(empty_dsn, tmp_path)) as again:
        assert made.keys.fingerprints() == again.keys.fingerprints()
        with again.session() as session:
            assert len(session.scalars(select(KeyFingerprint)).all()) == 4


def test_keys_are_never_replaced(empty_dsn: str, tmp_path: Path) -> None:
    own = settings(empty_dsn, tmp_path)
    with upgrade(own, MORNING) as database:
        before = database.keys.fingerprints()
        with database.session() as session:
            store.append(session, Entry(kind="degraded", at=MORNING, data={}))
    key = own.keys_dir / "gate.key"
    content = key.read_bytes()
    key.unlink()
    for opening in (lambda: open_database(own), lambda: upgrade(own, MORNING)):
        with pytest.raises(ConfigError) as caught:
            opening()
        assert caught.value.code == "config.key_missing"
        assert not key.exists()
    KeyRing.create(own.keys_dir)
    with pytest.raises(ConfigError) as caught:
        upgrade(own, MORNING)
    assert caught.value.code == "config.key_mismatch"
    key.write_bytes(content)
    with upgrade(own, MORNING) as database:
        assert database.keys.fingerprints() == before


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    own = settings("postgresql://someone:very-secret@127.0.0.1:1/fairline", tmp_path)
    with pytest.raises(NotAvailableError) as caught:
        open_database(own)
    assert caught.value.code == "missing.database"
    assert "very-secret" not in caught.value.message


def test_a_failed_block_leaves_nothing(empty_dsn: str, tmp_path: Path) -> None:
    with upgrade(settings(empty_dsn, tmp_path), datetime(2026, 1, 1, tzinfo=UTC)) as database:

        def work() -> None:
            with database.session() as session:
                store.append(session, Entry(kind="degraded", at=MORNING, data={}))
                raise InterruptedError

        with pytest.raises(InterruptedError):
            work()
        with database.session() as session:
            assert store.bodies(session) == []


def test_the_command_line_on_the_embedded_server(folder: Path) -> None:
    """Upgrade, look, and nothing is left running."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "from outreach.db.cli import app; app()"
        environment = {**os.environ, "FAIRLINE_VAR": str(folder), "FAIRLINE_DATABASE_URL": ""}
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=False
        )

    before = run("status")
    assert (before.returncode, before.stdout) == (1, "")
    assert "fairline db upgrade" in before.stderr
    made = run("upgrade", "--json")
    assert (made.returncode, made.stderr) == (0, "")
    assert set(json.loads(made.stdout)["keys"]) == {"master", "gate", "ledger", "session"}
    assert run("status").returncode == 0
    assert server_pid(folder / "pg") is None
    (folder / "keys" / "master.key").chmod(0o644)
    opened = run("status")
    assert opened.returncode == 1
    assert "expected 0600" in opened.stderr
