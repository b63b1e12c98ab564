"""Serving the pages (I/O): uvicorn until SIGTERM or SIGINT; then streams end and the database is let go."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

import uvicorn

from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.database import open_database
from outreach.dialer.rulebooks import loaded
from outreach.web.app import create_app
from outreach.web.deps import RecogniserNote, WebDeps, WebOptions, WebState
from scripts.schema import load_library

EMBEDDED = "embedded"
STOP_SECS = 5


class WebServer(uvicorn.Server):
    """Ends the endless streams when the signal comes; otherwise stopping would wait for every viewer to leave."""

    def __init__(self, config: uvicorn.Config, state: WebState) -> None:
        super().__init__(config)
        self._state = state
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Remember the loop, for the signal handler."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)  # type: ignore[arg-type]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: stop accepting, let the streams end."""
        super().handle_exit(sig, frame)
        self.end_streams()

    def end_streams(self) -> None:
        """Let every live feed end, from any thread; browsers whose page is still open come back."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._state.hub.feed.close)


def serve(settings: Settings) -> None:
    """Run the web process until it is told to stop; returns after a clean stop.

    Raises what `open_database` and the loaders raise: ConfigError, NotAvailableError, LibraryError, RulebookError.
    """
    with open_database(settings) as database:
        deps = WebDeps(
            database=database,
            clock=SystemClock(offset=settings.clock_offset),
            library=load_library(),
            rulebook=loaded(settings.overlays),
            options=WebOptions(
                recordings_dir=settings.recordings_dir,
                ledger_origin=settings.ledger_origin,
                secure_cookies=settings.secure_cookies,
                recogniser=RecogniserNote(name=settings.asr_model, demonstration=settings.asr_model == EMBEDDED),
            ),
        )
        app = create_app(deps)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.web_port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECS,
        )
        with _signals_end_quietly(), contextlib.suppress(KeyboardInterrupt):
            WebServer(config, app.state.fairline).run()


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn raises the signal again after it has stopped; by then there is nothing left to interrupt."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
