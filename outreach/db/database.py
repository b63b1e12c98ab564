"""Opening the database (I/O): server, schema, keys, sessions. Commits happen at the edge, in `Database.session`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType

from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from outreach.config import Settings, masked_dsn
from outreach.db.embedded import DATABASE, EmbeddedPostgres
from outreach.db.keyring import NAMES, KeyRing
from outreach.db.migrations.config import alembic_config
from outreach.db.tables import Debtor, KeyFingerprint, LedgerEntry
from outreach.db.vault import Vault
from outreach.errors import ConfigError, NotAvailableError


class Database:
    """An open database: engine, session factory, keys and vault. Close it, or use it as a context."""

    def __init__(self, engine: Engine, keys: KeyRing, server: EmbeddedPostgres | None = None) -> None:
        self.engine = engine
        self.keys = keys
        self.vault = Vault(keys.master)
        self._server = server
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @property
    def dsn(self) -> str:
        """The DSN with its password, for a listener's own connection. Never print it."""
        return self.engine.url.render_as_string(hide_password=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        with self._sessions.begin() as session:
            yield session

    def close(self) -> None:
        """Return the connections and let go of the embedded server."""
        self.engine.dispose()
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(settings: Settings) -> Database:
    """Open a database whose schema is current.

    Raises ConfigError db.schema when `fairline db upgrade` is due, config.key_* when a key file is missing or is not
    the one this database was made with, and NotAvailableError missing.database when no server answers.
    """
    with _located(settings) as (server, engine):
        _require_current(engine)
        keys = KeyRing.load(settings.keys_dir)
        with Session(engine) as session:
            _match_fingerprints(session, keys)
        return Database(engine, keys, server)


def upgrade(settings: Settings, now: datetime) -> Database:
    """Bring schema and keys up to date and open the database. Keys are made only while the database holds no data."""
    with _located(settings) as (server, engine):
        upgrade_schema(engine)
        with Session(engine) as session, session.begin():
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext('fairline keys'))"))
            keys = _settle_keys(session, settings, now)
        return Database(engine, keys, server)


def upgrade_schema(engine: Engine) -> None:
    """Run every migration that is due, in one transaction, one process at a time."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('fairline schema'))"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision the database is at, and the one this program needs."""
    wanted = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), wanted


@contextmanager
def _located(settings: Settings) -> Iterator[tuple[EmbeddedPostgres | None, Engine]]:
    """The server and an engine on it; both are let go of when the block raises, and kept when it ends well."""
    dsn = settings.database_url or ""
    server = None if dsn else EmbeddedPostgres(settings.pg_dir)
    engine: Engine | None = None
    try:
        engine = _connect(dsn if server is None else _embedded_dsn(server))
        yield server, engine
    except BaseException:
        if engine is not None:
            engine.dispose()
        if server is not None:
            server.stop()
        raise


def _embedded_dsn(server: EmbeddedPostgres) -> str:
    """Start the embedded server and make our database on it when it is not there yet."""
    maintenance = server.start()
    engine = create_engine(maintenance, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext('fairline database'))"))
        known = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE})
        if known is None:
            connection.execute(text("CREATE DATABASE fairline TEMPLATE template0 ENCODING 'UTF8'"))
    engine.dispose()
    return make_url(maintenance).set(database=DATABASE).render_as_string(hide_password=False)


def _connect(dsn: str) -> Engine:
    # an error of the database must not carry what was written, such as a sentence of a call, into a log
    engine = create_engine(dsn, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    try:
        engine.connect().close()
    except OperationalError as error:
        engine.dispose()
        raise NotAvailableError(
            "missing.database",
            f"no PostgreSQL answers at {masked_dsn(dsn)}",
            hint="start it, or unset FAIRLINE_DATABASE_URL to use the embedded one",
        ) from error
    return engine


def _require_current(engine: Engine) -> None:
    found, wanted = revisions(engine)
    if found != wanted:
        raise ConfigError(
            "db.schema",
            f"the database is at revision {found or 'none'}, this program needs {wanted}",
            hint="run: fairline db upgrade",
        )


def _settle_keys(session: Session, settings: Settings, now: datetime) -> KeyRing:
    registered = session.scalar(select(func.count()).select_from(KeyFingerprint)) or 0
    used = session.scalar(select(Debtor.id).limit(1)) or session.scalar(select(LedgerEntry.index).limit(1))
    if registered or used is not None:
        keys = KeyRing.load(settings.keys_dir)
        _match_fingerprints(session, keys)
        return keys
    keys = KeyRing.create(settings.keys_dir)
    for purpose, fingerprint in keys.fingerprints().items():
        session.add(KeyFingerprint(purpose=purpose, key_id=fingerprint, registered_at=now))
    return keys


def _match_fingerprints(session: Session, keys: KeyRing) -> None:
    registered = {row.purpose: row.key_id for row in session.scalars(select(KeyFingerprint))}
    found = keys.fingerprints()
    for purpose in NAMES:
        if registered.get(purpose) != found[purpose]:
            raise ConfigError(
                "config.key_mismatch",
                f"{purpose}.key: found {found[purpose]}, this database was made with {registered.get(purpose, 'none')}",
                hint="put the key files of this database back; Fairline never replaces a key that has been used",
            )
