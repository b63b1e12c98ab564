"""The local carrier as a server (I/O): in this event loop, in a thread of its own, or as a process (`__main__`)."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn

from outreach.errors import NotAvailableError
from outreach.telephony.localcarrier.clips import check_voices
from outreach.telephony.localcarrier.config import LocalCarrierConfig
from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.rest import build_app
from outreach.telephony.localcarrier.switchboard import Switchboard

_START_SECS = 15.0


@dataclass(frozen=True, kw_only=True)
class RunningCarrier:
    """A carrier that answers at `base_url`."""

    base_url: str
    exchange: Exchange


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: whoever runs the carrier decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(config: LocalCarrierConfig) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        message = f"cannot listen on {config.host}:{config.port}: {error.strerror}"
        hint = "another program uses the port; choose another with --port, or 0 for any"
        raise NotAvailableError("missing.port", message, hint=hint) from error
    return listener


@asynccontextmanager
async def serve(config: LocalCarrierConfig) -> AsyncIterator[RunningCarrier]:
    """Run a carrier in this event loop for the length of the block.

    Raises NotAvailableError (missing.port) when the address is taken, (missing.synthesis) when people shall speak and
    cannot; InputError (input.voice) for a voice that is not there.
    """
    check_voices(config.scenario)
    listener = _listen(config)
    exchange = Exchange(config)
    exchange.base_url = f"http://{config.host}:{listener.getsockname()[1]}"
    board = Switchboard(exchange)
    app = build_app(exchange, board)
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = _Server(settings)
    running = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    exchange.open()
    try:
        while not server.started:
            if running.done():
                running.result()
            await asyncio.sleep(0.01)
        yield RunningCarrier(base_url=exchange.base_url, exchange=exchange)
    finally:
        await board.close()
        await exchange.close()
        server.should_exit = True
        await running
        listener.close()


@contextmanager
def serve_in_thread(config: LocalCarrierConfig) -> Iterator[RunningCarrier]:
    """Run a carrier in a thread with its own event loop for the length of the block: for synchronous callers."""
    ready: list[RunningCarrier] = []
    failed: list[BaseException] = []
    started, stop = threading.Event(), threading.Event()

    async def main() -> None:
        async with serve(config) as running:
            ready.append(running)
            started.set()
            while not stop.is_set():
                await asyncio.sleep(0.02)

    def body() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  # handed to the caller below
            failed.append(error)
            started.set()

    thread = threading.Thread(target=body, name="local-carrier", daemon=True)
    thread.start()
    try:
        if not started.wait(_START_SECS) or failed:
            raise failed[0] if failed else NotAvailableError("missing.carrier", "the local carrier did not start")
        yield ready[0]
    finally:
        stop.set()
        thread.join(_START_SECS)
