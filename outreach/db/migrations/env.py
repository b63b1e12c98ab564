"""Run by Alembic: takes the connection it is handed and the metadata of `outreach.db.tables` (I/O)."""

from alembic import context
from sqlalchemy import Connection

from outreach.db.tables import Base


def run(connection: Connection) -> None:
    """Run the migrations on the caller's connection, inside the caller's transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
