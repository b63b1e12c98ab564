"""Fixtures shared by all tests: one real embedded PostgreSQL per test session, one fresh database per test."""

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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of the maintenance database of a server that lives as long as the test session; holds a migrated template."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    from outreach.db.database import upgrade_schema
    from outreach.db.embedded import EmbeddedPostgres

    with EmbeddedPostgres(tmp_path_factory.mktemp("server") / "pg") as server:
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
    """DSN of a database with the current schema and no rows."""
    yield from _database(postgres, "fairline_template")


@pytest.fixture
def database(dsn: str, keys: "KeyRing") -> Iterator["Database"]:
    """An open database with the current schema and no rows."""
    from sqlalchemy import create_engine

    from outreach.db.database import Database

    with Database(create_engine(dsn, pool_size=8), keys) as opened:
        yield opened


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
