"""A small run of the budget under kills, and a check that its audit sees what it looks for."""

import importlib.util
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine, text

from outreach.db.database import Database
from outreach.db.keyring import KeyRing
from tests.world import MORNING, World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def audit() -> ModuleType:
    """The audit of `benchmarks/`, which is no package."""
    spec = importlib.util.spec_from_file_location("budget_crash_audit", ROOT / "benchmarks/budget_crash_audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_workers_killed_at_random_never_pass_a_cap() -> None:
    command = ["benchmarks/budget_crash.py", "--attempts", "400", "--processes", "3", "--kills", "6", "--json"]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    answer = json.loads(done.stdout)
    assert answer["holds"] is True
    assert sum(answer["over_cap"].values()) == sum(answer["over_cap_dialled"].values()) == 0
    assert answer["requested"] >= 400
    assert sum(answer["kills"].values()) == 6
    assert answer["recorded_permits"] >= answer["answered_permit"] > 50
    assert answer["dialled"] > 30


def test_the_audit_sees_what_it_looks_for(dsn: str, keys: KeyRing, tmp_path: Path, audit: ModuleType) -> None:
    with Database(create_engine(dsn), keys) as database:
        world = World(database=database, folder=tmp_path)
        person = world.person()
        for number in range(3):
            world.call(person, f"CA{number}", MORNING + timedelta(hours=number))
        with database.engine.begin() as connection:
            connection.execute(text(CARRIER))
            assert sum(audit.over_cap(connection)[0].values()) == 0
            assert audit.over_cap_units(connection) == (0, 0)
            assert (audit.unbudgeted_dials(connection), audit.log_gaps(connection)) == (0, 0)
            connection.execute(text(FOURTH))
            over, told = audit.over_cap(connection)
            assert over == audit.over_cap(connection, dialled=True)[0]
            assert {rule: number for rule, number in over.items() if number} == {"cn-daily-call-cap": 4}
            assert told[0].count("'conversation'") == 4  # the whole window is told
            units, differ = audit.over_cap_units(connection)
            assert (units, differ > 0) == (4, True)  # all four of the window
            connection.execute(text("UPDATE attempt SET budget_released = true"))
            assert audit.unbudgeted_dials(connection) == 4
            connection.execute(text("UPDATE attempt SET ledger_index = 999"))
            assert audit.log_gaps(connection) == 4


CARRIER = """
CREATE TABLE paper_carrier (attempt_id uuid PRIMARY KEY, dialled boolean NOT NULL, outcome text);
INSERT INTO paper_carrier SELECT id, true, outcome FROM attempt
"""
FOURTH = """
INSERT INTO attempt (id, case_id, debtor_id, debt_id, contact_point_id, channel, purpose, state, outcome, intended_at,
                     budget_units, budget_day, budget_slot, ledger_index)
    SELECT gen_random_uuid(), case_id, debtor_id, debt_id, contact_point_id, channel, purpose, state, outcome,
           intended_at + interval '3 hours', budget_units, budget_day, budget_slot, ledger_index
    FROM attempt ORDER BY intended_at LIMIT 1;
INSERT INTO paper_carrier SELECT id, true, outcome FROM attempt ON CONFLICT DO NOTHING
"""
