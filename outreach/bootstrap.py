"""The composition root (I/O): the one place that names concrete adapters. Nothing happens at import."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.db.database import Database, open_database
from outreach.dialer.gate import Gate, gate_public_keys
from outreach.dialer.progress import Progress
from outreach.dialer.rulebooks import loaded
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import CarrierError, ConfigError, NotAvailableError
from outreach.ledger import store
from outreach.ledger.entry import Entry
from outreach.rehearing.second_pass import SecondPass
from outreach.telephony.clearance import ClearanceGuard, InMemoryUseRegistry
from outreach.telephony.port import Carrier
from outreach.worker.app import Tasks, worker_app
from outreach.worker.archive import Archive
from outreach.worker.context import House
from outreach.worker.dialing import Dialing, DialingParts
from outreach.worker.floor import Floor, FloorParts
from outreach.worker.lines import Lines, LinesParts
from outreach.worker.pacing import Pacing
from outreach.worker.recovery import Recovery
from outreach.worker.sealing import Sealing
from outreach.worker.server import worker_server
from outreach.worker.texts import Texts
from policy.book import Rulebook

if TYPE_CHECKING:
    from outreach.telephony.twilio.adapter import TwilioCarrier

RECOGNITION_THREADS = 2
Loop = Recovery | Dialing | Sealing | SecondPass | Pacing
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Everything one worker runs."""

    app: FastAPI
    floor: Floor
    tasks: Tasks
    loops: tuple[Loop, ...]


def configure_logging() -> None:
    """One JSON line an event on standard error; numbers and names never get into an event (law of the house)."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def clock_of(settings: Settings) -> Clock:
    """The clock of every process of this installation."""
    return SystemClock(offset=settings.clock_offset)


def house_of(settings: Settings) -> House:
    """How this agency introduces itself."""
    return House(
        institution_zh=settings.institution_zh,
        institution_en=settings.institution_en or settings.institution_zh,
        agent_zh=settings.agent_zh,
        agent_en=settings.agent_en or settings.agent_zh,
        service_phone=settings.service_phone,
    )


def rulebook_of(settings: Settings) -> Rulebook:
    """The law, the packaged house rules and this agency's own overlays. Raises RulebookError naming file and line."""
    return loaded(settings.overlays)


def carrier_of(settings: Settings, guard: ClearanceGuard, clock: Clock) -> Carrier:
    """The Twilio adapter, against Twilio or whatever `carrier_url` names. Needs the extra `twilio`."""
    return _twilio(settings, guard, clock)


def carrier_account(settings: Settings) -> str:
    """The account's state as the carrier tells it: shows that address and credentials are right. Can place nothing."""
    nobody = ClearanceGuard({}, InMemoryUseRegistry())
    return (
        f"{settings.carrier_url or 'Twilio'}: account {_twilio(settings, nobody, clock_of(settings)).check_account()}"
    )


def _twilio(settings: Settings, guard: ClearanceGuard, clock: Clock) -> "TwilioCarrier":
    try:
        from outreach.telephony.twilio.adapter import TwilioCarrier
        from outreach.telephony.twilio.settings import MEDIA_PATH, TwilioSettings
    except ModuleNotFoundError as error:
        raise NotAvailableError(
            "missing.twilio", "the Twilio SDK is not installed", hint='run: pip install "fairline[twilio]"'
        ) from error
    account, token = settings.carrier_credentials()
    public = settings.worker_url
    twilio = TwilioSettings(
        account_sid=account,
        auth_token=token.reveal(),
        public_url=public,
        media_url=public.replace("http", "ws", 1) + MEDIA_PATH,
        api_base_url=settings.carrier_url,
    )
    return TwilioCarrier(twilio, guard=guard, clock=clock)


def build_worker(settings: Settings, database: Database) -> Worker:
    """Load models and rules and put a worker together. Raises ConfigError, NotAvailableError, RecognizerError."""
    from nlp.pipeline import Analyzer
    from outreach.telephony.twilio.settings import CALLBACK_PATH, MEDIA_PATH
    from scripts.schema import load_library
    from speech.pool import StreamPool
    from speech.whisper import WhisperRecognizer

    clock = clock_of(settings)
    if settings.caller_id is None or settings.agent_address is None:
        raise ConfigError("config.missing", "FAIRLINE_CALLER_ID and FAIRLINE_AGENT_ADDRESS must be set to dial")
    guard = ClearanceGuard(gate_public_keys(database.keys), PostgresUseRegistry(database))
    carrier = carrier_of(settings, guard, clock)
    rulebook, library, house = rulebook_of(settings), load_library(), house_of(settings)
    recognizer = WhisperRecognizer.load(
        settings.asr_model,
        device=settings.asr_device,
        compute_type=settings.asr_compute_type,
        workers=RECOGNITION_THREADS,
        threads=settings.asr_threads,
    )
    analyzer = Analyzer.load()
    floor = Floor(
        FloorParts(
            database=database,
            clock=clock,
            recognizer=recognizer,
            analyzer=analyzer,
            library=library,
            rulebook=rulebook,
            house=house,
            recordings=settings.recordings_dir,
            pool=StreamPool(2 * settings.lines),  # a thread a track: what they ask at the same moment goes together
            engines=RECOGNITION_THREADS,
            cancel_call=_or_log(carrier.cancel),
            end_call=_or_log(carrier.hang_up),
        )
    )
    progress = Progress(database.vault)
    archive = Archive(
        database=database, clock=clock, carrier=carrier, folder=settings.recordings_dir, rulebook=rulebook
    )
    lines = Lines(
        LinesParts(
            database=database,
            clock=clock,
            progress=progress,
            carrier=carrier,
            floor=floor,
            archive=archive,
            analyzer=analyzer,
        )
    )
    dialing = Dialing(
        DialingParts(
            database=database,
            clock=clock,
            gate=Gate(database, rulebook),
            progress=progress,
            carrier=carrier,
            floor=floor,
            texts=Texts(database=database, library=library, house=house),
            caller_id=settings.caller_id,
            agent_address=settings.agent_address,
            lines=settings.lines,
            worker=f"worker-{os.getpid()}",
        )
    )
    recovery = Recovery(
        database=database,
        clock=clock,
        progress=progress,
        carrier=carrier,
        floor=floor,
        lines=lines,
        archive=archive,
    )
    sealing = Sealing(database=database, clock=clock, origin=settings.ledger_origin)
    again = recognizer
    if settings.second_pass_model is not None:
        again = WhisperRecognizer.load(
            settings.second_pass_model,
            device=settings.asr_device,
            compute_type=settings.asr_compute_type,
            threads=settings.asr_threads,
        )
    second_pass = SecondPass(
        database=database,
        clock=clock,
        recognizer=again,
        analyzer=analyzer,
        library=library,
        rulebook=rulebook,
        house=house,
        every_call=settings.second_pass_model is not None,
        backlog_secs=lambda: floor.behind_secs,
        cancel_call=_or_log(carrier.cancel),
    )
    with database.session() as session:
        started = {
            "rulebook": rulebook.digest,
            "scripts": library.digest,
            "models": list(dict.fromkeys((recognizer.identity.id, again.identity.id))),
            "clock_offset_secs": round(settings.clock_offset.total_seconds()),
        }
        store.append(session, Entry(kind="service.started", at=clock.now(), data=started))
    tasks = Tasks(lines)
    loops = (recovery, dialing, sealing, second_pass, Pacing(floor=floor))
    app = worker_app(
        carrier=carrier,
        floor=floor,
        lines=lines,
        tasks=tasks,
        callback_path=CALLBACK_PATH,
        media_path=MEDIA_PATH,
        lifespan=_lifespan(loops, floor, tasks),
    )
    return Worker(app=app, floor=floor, tasks=tasks, loops=loops)


def _or_log(command: Callable[[str], None]) -> Callable[[str], None]:
    """A command to the carrier that may fail: recovery asks again, but what called it must go on."""

    def attempt(call_sid: str) -> None:
        try:
            command(call_sid)
        except CarrierError as error:
            log.warning("carrier.refused", call=call_sid, code=error.code)

    return attempt


def run_worker(settings: Settings) -> None:
    """Dial, hear and act until SIGTERM or SIGINT; nothing is left running."""
    configure_logging()
    with open_database(settings) as database, _only_worker(database):
        worker = build_worker(settings, database)
        config = worker_server(worker.app, host=settings.host, port=settings.worker_port)
        before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(config).run()
        finally:
            signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _only_worker(database: Database) -> Iterator[None]:
    """One worker a database, held by a lock that ends with its connection: two would fight over each other's calls."""
    with database.engine.connect() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('fairline worker'))")):
            raise NotAvailableError(
                "missing.worker_place",
                "another worker is running on this database",
                hint="stop it first; one worker hears what it dials, a second would end its calls",
            )
        yield


def _lifespan(
    loops: tuple[Loop, ...], floor: Floor, tasks: Tasks
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        running = [asyncio.create_task(_ending_the_process(loop, stop)) for loop in loops]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*running)
            await tasks.settle()
            await floor.stop()

    return lifespan


async def _ending_the_process(loop: Loop, stop: asyncio.Event) -> None:
    """A loop that fails ends the worker: half a worker would dial without recovering, or recover without sealing."""
    try:
        await loop.run(stop)
    except Exception:
        log.exception("worker.failed", loop=type(loop).__name__)
        signal.raise_signal(signal.SIGTERM)
