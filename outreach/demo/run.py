"""The demo from first process to last (I/O): PostgreSQL, local carrier, worker and pages on this machine."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.db.database import Database, upgrade
from outreach.db.tables import FINAL_CALL_STATUSES, Attempt, Call, PlannedContact
from outreach.demo import report, stage
from outreach.demo.processes import Children, free_ports
from outreach.errors import InputError, NotAvailableError
from outreach.ledger.archive import write_export
from outreach.ledger.export import Signer

AGENT_ADDRESS = "+862155550199"
CALLER_ID = "+862155550100"
LIMIT_SECS = 210.0
POLL_SECS = 0.25

Progress = Callable[[dict[str, str]], None]
"""Told, a few times a second, the state of every call by the case's name."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the person who started the demo asked for. `calls` are conversations beside a voicemail and a busy line."""

    calls: int
    seed: int
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Running:
    """The system is up; nobody has been called yet."""

    wishes: Wishes
    settings: Settings
    database: Database
    clock: SystemClock
    children: Children
    scene: stage.Scene

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://{self.settings.host}:{self.settings.web_port}"


@contextmanager
def running(wishes: Wishes, tell: Callable[[str], None]) -> Iterator[Running]:
    """Everything started; everything ended again when the block is left, however it is left."""
    if not 1 <= wishes.calls <= len(stage.PERSONS):
        raise InputError("input.calls", f"--calls: found {wishes.calls}, expected 1 to {len(stage.PERSONS)}")
    shutil.rmtree(wishes.folder, ignore_errors=True)
    wishes.folder.mkdir(parents=True)
    settings, environment = _settings(wishes)
    clock = SystemClock(offset=settings.clock_offset)
    tell("starting PostgreSQL")
    with upgrade(settings, clock.now()) as database:
        tell("importing the portfolio")
        scene = stage.prepare(database, wishes.folder, clock.now())
        children = Children(environment=environment, folder=wishes.folder)
        try:
            _start(children, settings, wishes, scene, tell)
            yield Running(
                wishes=wishes, settings=settings, database=database, clock=clock, children=children, scene=scene
            )
        finally:
            tell("stopping")
            children.stop()


def make_calls(system: Running, progress: Progress) -> dict[str, Any]:
    """Ask for every contact, wait until all is over, and answer the summary object."""
    began = time.monotonic()
    people = stage.PERSONS[: system.wishes.calls]
    with system.database.session() as session:
        now = system.clock.now()
        stage.plan(session, stage.REFUSED, now)
        stage.plan(session, people + stage.MACHINES, now)
    _wait(system, progress, began)
    again = tuple(name for name in stage.AGAIN if name in people)
    with system.database.session() as session:
        now = system.clock.now()
        stage.plan(session, again, now)
        stage.plan(session, (stage.REMINDER,), now, channel="sms")
    _wait(system, progress, began)
    return _summary(system, time.monotonic() - began)


def _summary(system: Running, took_secs: float) -> dict[str, Any]:
    signer = Signer(origin=system.settings.ledger_origin, key=system.database.keys.ledger)
    evidence, files = report.evidence(system.database, signer, system.clock.now())
    write_export(system.wishes.folder / "evidence.zip", files)
    with system.database.session() as session:
        calls = report.calls(session)
        return {
            "calls": calls,
            "refused": report.refused(session),
            "messages": report.messages(session),
            "evidence": evidence,
            "timing": {
                "clock_started_at": stage.STARTS_AT.isoformat(),
                "calls_secs": round(took_secs, 1),
                "most_calls_at_once": _most_at_once(session),
                "restarts": {child.name: child.restarts for child in system.children.members},
            },
        }


def _wait(system: Running, progress: Progress, began: float) -> None:
    """Until nothing is planned, in flight or waiting for its recording; a process that dies is started again."""
    while True:
        system.children.revive()
        states, busy = _states(system.database)
        progress(states)
        if not busy:
            return
        if time.monotonic() - began > LIMIT_SECS:
            raise NotAvailableError(
                "missing.time",
                f"the calls were not over after {LIMIT_SECS:.0f} seconds",
                hint=f"see the logs in {system.wishes.folder}",
            )
        time.sleep(POLL_SECS)


def _states(database: Database) -> tuple[dict[str, str], bool]:
    with database.session() as session:
        names = stage.references(session)
        states = {
            names[case_id]: f"{state} {outcome or ''}".strip()
            for case_id, state, outcome in session.execute(
                select(Attempt.case_id, Attempt.state, Attempt.outcome)
                .where(Attempt.budget_slot.is_not(None) | (Attempt.state == "refused"))
                .order_by(Attempt.intended_at)
            )
        }
        open_plans = session.scalar(
            select(func.count()).select_from(PlannedContact).where(PlannedContact.state.in_(("queued", "taken")))
        )
        open_attempts = session.scalar(
            select(func.count()).select_from(Attempt).where(Attempt.state.not_in(("refused", "ended", "voided")))
        )
        unrecorded = session.scalar(
            select(func.count())
            .select_from(Call)
            .where(
                Call.status.not_in(FINAL_CALL_STATUSES)
                | (Call.answered_at.is_not(None) & Call.recording_sha256.is_(None))
            )
        )
        return states, bool(open_plans or open_attempts or unrecorded)


def _most_at_once(session: Any) -> int:
    rows = session.execute(select(Call.answered_at, Call.ended_at).where(Call.answered_at.is_not(None))).all()
    edges = sorted([(row.answered_at, 1) for row in rows] + [(row.ended_at, -1) for row in rows if row.ended_at])
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def _settings(wishes: Wishes) -> tuple[Settings, dict[str, str]]:
    """Settings of every process. The carrier account is made up for this run; its secret is new each time."""
    web, worker, carrier = free_ports(3)
    offset = stage.STARTS_AT.astimezone(UTC) - datetime.now(UTC)
    environment = {
        "FAIRLINE_VAR": str(wishes.folder),
        "FAIRLINE_CLOCK_OFFSET_SECS": str(offset / timedelta(seconds=1)),
        "FAIRLINE_WEB_PORT": str(web),
        "FAIRLINE_WORKER_PORT": str(worker),
        "FAIRLINE_CARRIER_PORT": str(carrier),
        "FAIRLINE_CARRIER_URL": f"http://127.0.0.1:{carrier}",
        "FAIRLINE_CALLER_ID": CALLER_ID,
        "FAIRLINE_AGENT_ADDRESS": AGENT_ADDRESS,
        "FAIRLINE_LINES": str(wishes.calls + len(stage.MACHINES)),
        "FAIRLINE_INSTITUTION_ZH": "安和服务公司",
        "FAIRLINE_INSTITUTION_EN": "Harbor Services",
        "FAIRLINE_AGENT_ZH": "小林",
        "FAIRLINE_AGENT_EN": "Sam",
        "FAIRLINE_SERVICE_PHONE": "95001234",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    }
    return Settings.from_environment(environment), environment


def _start(
    children: Children, settings: Settings, wishes: Wishes, scene: stage.Scene, tell: Callable[[str], None]
) -> None:
    parties = wishes.folder / "parties.yaml"
    parties.write_bytes(stage.scenario(wishes.seed))
    web = f"http://127.0.0.1:{settings.web_port}"
    children.environment = {
        **children.environment,
        "FAIRLINE_CARRIER_ACCOUNT_SID": settings.twilio_account_sid or "",
        "FAIRLINE_CARRIER_AUTH_TOKEN": settings.carrier_credentials()[1].reveal(),
        "FAIRLINE_CONSOLE_TOKEN": scene.console_token,
    }
    tell("starting the local carrier")
    children.start(
        "carrier", "outreach", "carrier", "--scenario", str(parties), "--port", str(settings.carrier_port),
        "--console-url", web, "--sms-url", f"{settings.worker_url}/carrier/twilio/message-in",
        ready_url=f"http://127.0.0.1:{settings.carrier_port}/",
    )  # fmt: skip
    tell("starting the pages")
    children.start("serve", "outreach", "serve", ready_url=f"{web}/healthz")
    tell("loading the recogniser")
    children.start("worker", "outreach", "worker", ready_url=f"http://127.0.0.1:{settings.worker_port}/healthz")
