"""Migrations: from nothing they make exactly the tables the program declares, and can be taken back."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from outreach.db.database import revisions, upgrade_schema
from outreach.db.migrations.config import alembic_config
from outreach.db.tables import Base


def test_migrations_make_what_the_tables_declare(empty_dsn: str) -> None:
    engine = create_engine(empty_dsn)
    upgrade_schema(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    found, wanted = revisions(engine)
    assert found == wanted
    engine.dispose()


def test_check_constraints_are_the_declared_ones(dsn: str, empty_dsn: str) -> None:
    def checks(of: str) -> set[tuple[str, str, str]]:
        query = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        engine = create_engine(of)
        with engine.connect() as connection:
            rows = connection.execute(text(query + " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"))
            found = {(row[0], row[1], row[2]) for row in rows}
        engine.dispose()
        return found

    engine = create_engine(empty_dsn)
    Base.metadata.create_all(engine)
    engine.dispose()
    assert checks(dsn) == checks(empty_dsn) != set()


def test_running_them_again_changes_nothing(dsn: str) -> None:
    engine = create_engine(dsn)
    before = set(inspect(engine).get_table_names())
    upgrade_schema(engine)
    assert set(inspect(engine).get_table_names()) == before
    engine.dispose()


def test_they_can_be_taken_back(dsn: str) -> None:
    engine = create_engine(dsn)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade_schema(engine)
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set(Base.metadata.tables)
    engine.dispose()


def test_there_is_one_line_of_revisions() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1
