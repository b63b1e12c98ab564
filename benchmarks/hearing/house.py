"""A house with calls in progress (I/O): PostgreSQL, the product's worker and its pages, each a process of its own.

The worker is the one that `fairline worker` runs, put together by `outreach.bootstrap` and without the loops that dial
and recover: nobody is telephoned, the calls are placed in the books and their media comes from the measuring process.

    python -m hearing.house FOLDER        # the worker's process; `House` starts it
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psutil
import uvicorn
from sqlalchemy import select

from outreach.bootstrap import Worker, build_worker, configure_logging
from outreach.cases.importer import import_file
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.database import Database, open_database, upgrade
from outreach.db.tables import Call, CollectionCase, ContactPoint, Debt
from outreach.demo.processes import Children, free_ports
from outreach.demo.stage import STARTS_AT
from outreach.dialer.facts import ContactRequest
from outreach.dialer.gate import Gate, Refusal
from outreach.dialer.progress import Progress
from outreach.telephony.twilio.settings import MEDIA_PATH
from outreach.web.accounts import create_user, new_password
from outreach.web.roles import Role
from outreach.web.tokens import TokenSigner
from outreach.worker.dialing import Dialing
from outreach.worker.recovery import Recovery
from outreach.worker.server import worker_server
from policy.schema import load_rulebook

CALLS_FILE = "calls.json"


@dataclass(frozen=True, kw_only=True)
class LiveCall:
    """One call that is up: its carrier id, its attempt, and the token that its media stream must bring."""

    sid: str
    attempt_id: str
    token: str


@dataclass(frozen=True, kw_only=True)
class House:
    """Running processes and what the measuring process needs of them."""

    database: Database
    calls: tuple[LiveCall, ...]
    media_url: str
    worker_url: str
    web_url: str
    cookie: str
    processes: Mapping[str, tuple[psutil.Process, ...]] = field(default_factory=dict)

    def cpu_secs(self) -> dict[str, float]:
        """Processor seconds used so far, by kind of process; a database connection that ended meanwhile is left out."""
        found = {}
        for name, group in self.processes.items():
            members = {process for one in group for process in (one, *one.children(recursive=True))}
            times = [process.cpu_times() for process in members if process.is_running()]
            found[name] = sum(one.user + one.system for one in times)
        return found

    def memory_mib(self) -> dict[str, float]:
        """Resident memory of the worker and of the pages."""
        return {name: round(self.processes[name][0].memory_info().rss / 2**20, 1) for name in ("worker", "pages")}

    def degraded(self) -> dict[str, int]:
        """How often each step of the ladder was recorded, over all calls."""
        counts: dict[str, int] = {}
        with self.database.session() as session:
            for steps in session.scalars(select(Call.degraded)):
                for step in steps:
                    counts[step["step"]] = counts.get(step["step"], 0) + 1
        return counts


@contextmanager
def house(folder: Path, languages: Sequence[str], model: str) -> Iterator[House]:
    """Everything up, one call a language given; everything ended when the block is left."""
    settings, environment = _settings(folder, model, len(languages))
    clock = SystemClock(offset=settings.clock_offset)
    with upgrade(settings, clock.now()) as database:
        attempts = _calls(database, folder, languages, clock.now())
        (folder / CALLS_FILE).write_text(json.dumps({str(attempt): "" for attempt in attempts.values()}), "utf-8")
        with database.session() as session:
            user = create_user(session, "watcher", Role.SUPERVISOR, new_password(), now=clock.now())
            cookie = TokenSigner(database.keys.session).new_session(user.id, clock.now())
        children = Children(environment=environment, folder=folder)
        try:
            worker = children.start("worker", "hearing.house", str(folder), ready_url=f"{settings.worker_url}/healthz")
            web_url = f"http://{settings.host}:{settings.web_port}"
            pages = children.start("pages", "outreach", "serve", ready_url=f"{web_url}/healthz")
            assert worker.process is not None
            assert pages.process is not None
            server = int((settings.pg_dir / "postmaster.pid").read_text("utf-8").splitlines()[0])
            tokens = json.loads((folder / CALLS_FILE).read_text("utf-8"))
            yield House(
                database=database,
                calls=tuple(
                    LiveCall(sid=sid, attempt_id=str(attempt), token=tokens[str(attempt)])
                    for sid, attempt in attempts.items()
                ),
                media_url=settings.worker_url.replace("http", "ws", 1) + MEDIA_PATH,
                worker_url=settings.worker_url,
                web_url=web_url,
                cookie=cookie,
                processes={
                    "worker": (psutil.Process(worker.process.pid),),
                    "pages": (psutil.Process(pages.process.pid),),
                    "database": (psutil.Process(server),),
                },
            )
        finally:
            children.stop()


def _settings(folder: Path, model: str, lines: int) -> tuple[Settings, dict[str, str]]:
    """A Wednesday morning in the debtors' zone; an account of a carrier that is never reached."""
    web, worker, nobody = free_ports(3)
    environment = {
        "FAIRLINE_VAR": str(folder),
        "FAIRLINE_ASR_MODEL": model,
        "FAIRLINE_CLOCK_OFFSET_SECS": str((STARTS_AT.astimezone(UTC) - datetime.now(UTC)) / timedelta(seconds=1)),
        "FAIRLINE_WEB_PORT": str(web),
        "FAIRLINE_WORKER_PORT": str(worker),
        "FAIRLINE_CARRIER_URL": f"http://127.0.0.1:{nobody}",
        "FAIRLINE_CALLER_ID": "+862155550100",
        "FAIRLINE_AGENT_ADDRESS": "+862155550199",
        "FAIRLINE_LINES": str(lines),
        "FAIRLINE_INSTITUTION_ZH": "安和服务公司",
        "FAIRLINE_INSTITUTION_EN": "Harbor Services",
        "FAIRLINE_AGENT_ZH": "小林",
        "FAIRLINE_AGENT_EN": "Sam",
        "FAIRLINE_SERVICE_PHONE": "95001234",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[1]), *sys.path]),
    }
    return Settings.from_environment(environment), environment


def _calls(database: Database, folder: Path, languages: Sequence[str], now: datetime) -> dict[str, UUID]:
    """One permitted call a language given: carrier id -> attempt."""
    portfolio = folder / "portfolio.csv"
    with portfolio.open("w", encoding="utf-8", newline="") as file:
        people = [_person(number, language) for number, language in enumerate(languages, 1)]
        table = csv.DictWriter(file, list(people[0]))
        table.writeheader()
        table.writerows(people)
    report = import_file(database, portfolio, now)
    assert not report.quarantined, f"{report.quarantined} rows of the portfolio were refused"
    with database.session() as session:
        rows = session.execute(
            select(CollectionCase.id, ContactPoint.id)
            .join(Debt, CollectionCase.debt_id == Debt.id)
            .join(ContactPoint, ContactPoint.debtor_id == CollectionCase.debtor_id)
            .order_by(Debt.reference)
        ).all()
    gate, progress = Gate(database, load_rulebook()), Progress(database.vault)
    placed: dict[str, UUID] = {}
    for number, (case_id, point_id) in enumerate(rows):
        asked = ContactRequest(case_id=case_id, contact_point_id=point_id, channel="voice", purpose="collection")
        answer = gate.request(asked, now)
        assert not isinstance(answer, Refusal), f"the gate refused: {answer.rules}"
        sid = f"CA{number:032x}"
        placed[sid] = UUID(answer.attempt_id)
        with database.session() as session:
            progress.placed(session, placed[sid], sid, now)
            progress.answered(session, placed[sid], sid, now)
    return placed


def _person(number: int, language: str) -> dict[str, str]:
    """A debtor who exists in this benchmark only."""
    return {
        "debtor_reference": f"B-{number:03d}",
        "name": f"Bench {number}",
        "birth_date": "1990-05-17",
        "phone": f"+861380000{number:04d}",
        "phone_source": "contract",
        "language": language,
        "timezones": "Asia/Shanghai",
        "region": "CN-SH",
        "debtor_tier": "standard",
        "flags": "",
        "creditor": "Bench",
        "creditor_tier": "basic",
        "jurisdiction": "CN",
        "debt_reference": f"B-{number:03d}",
        "principal": "1850.00",
        "amount": "2000.00",
        "currency": "CNY",
        "due_date": "2026-11-05",
    }


def main() -> None:
    """The worker's process: expect every call of the folder's list, write their tokens there, hear until SIGTERM."""
    file = Path(sys.argv[1]) / CALLS_FILE
    settings = Settings.from_environment(os.environ)
    configure_logging()
    with open_database(settings) as database:
        worker = build_worker(settings, database)
        attempts = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps({attempt: worker.floor.expect(attempt) for attempt in attempts}), "utf-8")
        asyncio.run(_serve(worker, settings))


async def _serve(worker: Worker, settings: Settings) -> None:
    """As `fairline worker` serves, with every loop but the two that need a carrier to answer."""
    config = worker_server(worker.app, host=settings.host, port=settings.worker_port)
    config.lifespan = "off"
    stop = asyncio.Event()
    loops = [loop for loop in worker.loops if not isinstance(loop, Dialing | Recovery)]
    running = [asyncio.create_task(loop.run(stop)) for loop in loops]
    try:
        await uvicorn.Server(config).serve()
    finally:
        stop.set()
        await asyncio.gather(*running)


if __name__ == "__main__":
    main()
