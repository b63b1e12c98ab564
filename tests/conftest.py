"""Fixtures shared by all tests: one real embedded PostgreSQL per test session, one fresh database per test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from outreach.db.database import Database
    from outreach.db.keyring import KeyRing
    from tests.world import World


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """DSN of the maintenance database of a server that lives as long as the test session; holds a migrated template."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    from outreach.db.database import upgrade_schema
    from outreach.db.embedded import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="fairline-test-"))  # short: the path of a socket has little room
    with EmbeddedPostgres(folder / "pg") as server:
        dsn = server.start()
        engine = create_engine(dsn, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE DATABASE fairline_template"))
        engine.dispose()
        template = create_engine(make_url(dsn).set(database="fairline_template"))
        upgrade_schema(template)
        template.dispose()
        yield dsn
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> "KeyRing":
    """One set of keys for the test session."""
    from outreach.db.keyring import KeyRing

    return KeyRing.create(tmp_path_factory.mktemp("installation") / "keys")


@pytest.fixture
def empty_dsn(postgres: str) -> Iterator[str]:
    """DSN of a database without any table."""
    yield from _database(postgres, "template0")


@pytest.fixture
def dsn(postgres: str) -> Iterator[str]:
    """DSN of a database of this test's own with the current schema and no rows; the schema may be changed."""
    yield from _database(postgres, "fairline_template")


@pytest.fixture(scope="session")
def shared_dsn(postgres: str) -> Iterator[str]:
    """DSN of the database that tests share, one after another."""
    yield from _database(postgres, "fairline_template")


@pytest.fixture(scope="module")
def module_world(postgres: str, keys: "KeyRing", tmp_path_factory: pytest.TempPathFactory) -> Iterator["World"]:
    """As `world`, on a database that one test module has to itself: for results that many tests only read."""
    from sqlalchemy import create_engine

    from outreach.db.database import Database
    from tests.world import World

    for dsn in _database(postgres, "fairline_template"):
        with Database(create_engine(dsn), keys) as opened:
            yield World(database=opened, folder=tmp_path_factory.mktemp("world"))


@pytest.fixture
def database(shared_dsn: str, keys: "KeyRing") -> Iterator["Database"]:
    """An open database with the current schema and no rows; emptied again afterwards."""
    from sqlalchemy import create_engine

    from outreach.db.database import Database

    with Database(create_engine(shared_dsn, pool_size=8), keys) as opened:
        yield opened
    _empty(shared_dsn)


def _empty(dsn: str) -> None:
    """Remove every row, past the triggers that keep evidence; ends connections a test left open."""
    from sqlalchemy import create_engine, text

    from outreach.db.tables import Base

    engine = create_engine(dsn)
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("TRUNCATE " + ", ".join(sorted(Base.metadata.tables)) + " RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture
def world(database: "Database", tmp_path: Path) -> "World":
    """A database with builders for people, cases, the gate and finished calls."""
    from tests.world import World

    return World(database=database, folder=tmp_path)


def _database(postgres: str, template: str) -> Iterator[str]:
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    name = f"t_{uuid4().hex}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
