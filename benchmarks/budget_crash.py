"""The contact budget under kills: N workers on one PostgreSQL, SIGKILL at random instants, an audit by plain SQL.

    python benchmarks/budget_crash.py --attempts 100000 --processes 4 --kills 200 --seed 1 [--json]

Workers ask the real gate, under the packaged law of four countries and the house's budget over all media, for contacts
with a small set of people while the clock runs over local midnights and the autumn's changes of clocks. Of the kills,
seven in ten end a worker, two in ten a worker's connection, and one in ten the server process behind one, so that
PostgreSQL recovers from its log. Exit code 1 when a single attempt stands beyond a cap, a dial has no charged attempt,
or book and record differ.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

import budget_crash_audit as audit
from budget_crash_worker import PHASES, START, Board, Job, Person, Worker, instant, work
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from outreach.db.database import Database, upgrade_schema
from outreach.db.embedded import EmbeddedPostgres
from outreach.db.keyring import KeyRing
from outreach.db.tables import CollectionCase, ContactPoint, Creditor, Debt, Debtor
from policy.schema import house_rules, load_rulebook

REQUESTS_PER_PERSON_DAY = 12
HOMES = (
    ("CN", "Asia/Shanghai", ("CN", "CN")),
    ("US-NY", "America/New_York", ("US", "US")),
    ("GB-LND", "Europe/London", ("GB", "GB")),
    ("IN-MH", "Asia/Kolkata", ("IN", "IN")),
    ("US-MA", "America/New_York", ("US", "US")),
    ("US-CA", "America/Los_Angeles", ("US", "CN")),
)
"""Region, zone and the creditors' countries: in the last home two laws bind some of the contacts."""


def new_person(database: Database, number: int) -> Person:
    """One person with two cases of two creditors and two numbers."""
    vault, key_ref = database.vault, uuid4()
    region, zone, countries = HOMES[number % len(HOMES)]
    phones = (f"+861380000{number:04d}", f"+861390000{number:04d}")
    with database.session() as session:
        debtor = Debtor(reference=f"P{number}", key_ref=key_ref, data_key=vault.new_data_key(key_ref), created_at=START)
        debtor.timezones, debtor.flags, debtor.region = [zone], [], region
        debtor.birth_date_enc = vault.seal(debtor, "birth_date", "1990-05-17")
        creditors = [
            Creditor(name=f"bench {number}.{side}", jurisdiction=country) for side, country in enumerate(countries)
        ]
        session.add_all([debtor, *creditors])
        session.flush()
        debts = [
            Debt(
                creditor_id=creditor.id,
                debtor_id=debtor.id,
                reference=f"D{number}",
                principal=Decimal(1000),
                amount=Decimal(1000),
                currency="CNY",
                due_date=date(2026, 8, 1),
                flags=[],
            )
            for creditor in creditors
        ]
        session.add_all(debts)
        session.flush()
        cases = [
            CollectionCase(debt_id=debt.id, debtor_id=debtor.id, creditor_id=debt.creditor_id, opened_at=START)
            for debt in debts
        ]
        points = [
            ContactPoint(
                debtor_id=debtor.id,
                address_enc=vault.seal(debtor, "address", phone),
                address_index=vault.address_index(phone),
                source="benchmark",
                added_at=START,
            )
            for phone in phones
        ]
        session.add_all([*cases, *points])
        session.flush()
        numbers = tuple((point.id, phone) for point, phone in zip(points, phones, strict=True))
        return Person(cases=(cases[0].id, cases[1].id), points=numbers)


class Run:
    """One run: workers in their seats, and the hand that kills them."""

    def __init__(self, job: Job, options: argparse.Namespace, engine: Engine) -> None:
        self._job, self._engine = job, engine
        self._board = Board(options.processes)
        self._rng = random.Random(f"{options.seed}/driver")
        self._context = multiprocessing.get_context("fork")
        self._generation = 0
        self._left = options.kills
        self._every = job.attempts / (options.kills + 1)
        self.kills: Counter[str] = Counter()
        self.phases: Counter[str] = Counter()
        first = Worker(job, self._board, 0, self._rng)
        for _ in range(min(40, job.attempts // 10)):
            first.step()
        job.database.engine.dispose()
        self._seats = [self._start(seat) for seat in range(options.processes)]

    def go(self) -> dict[str, Any]:
        """Run until every request was made; answers what happened."""
        began, due, told = time.monotonic(), self._every, 0
        while (done := self._board.total()) < self._job.attempts:
            if done - told >= 5000:
                told = done
                print(f"{done} asked, {done / (time.monotonic() - began):.0f}/s", file=sys.stderr, flush=True)
            if self._left and done >= due:
                time.sleep(self._rng.random() * 0.03)
                self._kill()
                self._left, due = self._left - 1, due + self._every
            for seat, process in enumerate(self._seats):
                if not process.is_alive() and self._board.total() < self._job.attempts:
                    raise RuntimeError(f"worker {seat} died by itself, exit code {process.exitcode}")
            time.sleep(0.002)
        self._board.stop.value = 1
        for process in self._seats:
            process.join()
        secs = time.monotonic() - began
        board = self._board
        return {
            "requested": board.total(),
            "answered_permit": sum(board.permits),
            "answered_refuse": sum(board.refusals),
            "connections_lost": sum(board.lost),
            "kills": dict(sorted(self.kills.items())),
            "workers_killed_while": dict(self.phases.most_common()),
            "secs": round(secs, 1),
            "requests_per_sec": round(board.total() / secs, 1),
        }

    def _start(self, seat: int) -> ForkProcess:
        self._generation += 1
        process = self._context.Process(target=work, args=(self._job, self._board, seat, self._generation))
        process.start()
        return process

    def _kill(self) -> None:
        how = self._rng.random()
        if how < 0.7:
            seat = self._rng.randrange(len(self._seats))
            self._seats[seat].kill()
            self._seats[seat].join()
            self.phases[PHASES[self._board.phase[seat]]] += 1
            self.kills["worker"] += 1
            self._seats[seat] = self._start(seat)
            return
        pids = self._backends()
        if not pids:
            return
        if how < 0.9:
            self._ask("SELECT pg_terminate_backend(:pid)", pid=self._rng.choice(pids))
            self.kills["connection"] += 1
        else:
            os.kill(self._rng.choice(pids), signal.SIGKILL)
            self.kills["server process"] += 1

    def _backends(self) -> list[int]:
        found = self._ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'budget-crash' ORDER BY pid")
        return [int(row[0]) for row in found]

    def _ask(self, query: str, **values: object) -> list[Any]:
        """Ask the server, patiently: it may be recovering from the last kill."""
        for _ in range(600):
            try:
                with self._engine.connect() as connection:
                    return list(connection.execute(text(query), values))
            except DBAPIError:
                time.sleep(0.1)
        raise RuntimeError("the server did not come back within a minute")


def examine(engine: Engine) -> dict[str, Any]:
    """The audit. Everything but the first three numbers must be zero."""
    with engine.begin() as connection:
        states = connection.execute(text("SELECT state = 'refused', count(*) FROM attempt GROUP BY 1"))
        rows = {bool(refused): int(number) for refused, number in states}
        dialled = connection.execute(text("SELECT count(*) FROM paper_carrier WHERE dialled")).scalar_one()
        units, disagreements = audit.over_cap_units(connection)
        over, told = audit.over_cap(connection)
        over_dialled, told_dialled = audit.over_cap(connection, dialled=True)
        for line in (*told, *told_dialled):
            print(line, file=sys.stderr)
        return {
            "recorded_permits": rows.get(False, 0),
            "recorded_refusals": rows.get(True, 0),
            "dialled": int(dialled),
            "over_cap": over,
            "over_cap_dialled": over_dialled,
            "over_cap_units": units,
            "budget_rows_that_differ": disagreements,
            "dials_without_charge": audit.unbudgeted_dials(connection),
            "log_gaps": audit.log_gaps(connection),
        }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The whole run on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="fairline-crash-") as name, EmbeddedPostgres(Path(name) / "pg") as server:
        folder = Path(name)
        engine = create_engine(server.start(), poolclass=NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))  # processes die in this run, the machine does not
            connection.execute(text("SELECT pg_reload_conf()"))
        upgrade_schema(engine)
        with engine.begin() as connection:
            connection.execute(
                text("CREATE TABLE paper_carrier (attempt_id uuid PRIMARY KEY, dialled boolean NOT NULL, outcome text)")
            )
        pool = create_engine(engine.url, pool_size=2, connect_args={"application_name": "budget-crash"})
        database = Database(pool, KeyRing.create(folder / "keys"))
        people = [new_person(database, number) for number in range(options.people or max(12, options.attempts // 250))]
        job = Job(
            parent=os.getpid(),
            database=database,
            rulebook=load_rulebook(overlays=[house_rules()]),
            people=people,
            attempts=options.attempts,
            pace_secs=86_400 / REQUESTS_PER_PERSON_DAY / len(people),
            seed=options.seed,
        )
        answer = {"people": len(people), "processes": options.processes, "seed": options.seed}
        crash = Run(job, options, engine)
        answer |= crash.go()
        last = instant(job, options.attempts) + timedelta(days=1)
        cleaner = Worker(job, Board(1), 0, random.Random(options.seed))
        cleaner.recover(last)
        cleaner.recover(last)
        answer |= {"local_days": (last - START).days} | examine(engine)
        pool.dispose()
        engine.dispose()
    bad = sum(answer["over_cap"].values()) + sum(answer["over_cap_dialled"].values())
    bad += answer["over_cap_units"] + answer["budget_rows_that_differ"]
    bad += answer["dials_without_charge"] + answer["log_gaps"]
    bad += max(0, answer["answered_permit"] - answer["recorded_permits"])  # a permit nobody wrote down
    return answer | {"holds": bad == 0, "measured_at": datetime.now(UTC).isoformat(timespec="seconds")}


def main() -> None:
    """Run, print, and leave with 1 when the budget did not hold."""
    parser = argparse.ArgumentParser(
        description="Kill workers while they share contact budgets; count what went wrong."
    )
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--people", type=int, default=0, help="0: one for every 250 requests, at least twelve")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    answer = run(options)
    if options.json:
        print(json.dumps(answer))
    else:
        for name, value in answer.items():
            print(f"{name:24} {value}")
    sys.exit(0 if answer["holds"] else 1)


if __name__ == "__main__":
    main()
