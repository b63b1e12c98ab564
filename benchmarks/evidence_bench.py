"""The evidence log: entries appended per second, proofs per CPU second, and a whole log checked.

Run: python benchmarks/evidence_bench.py [--entries N] [--rounds N] [--json]
Input: entries of kind attempt.intended with realistic fields. `append_durable` runs against a PostgreSQL of its own,
durable commits, one entry per transaction: wall time, depends on the disk. The others are CPU time of one thread.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from outreach.db.database import upgrade_schema
from outreach.db.embedded import EmbeddedPostgres
from outreach.ledger import checkpoint, merkle, store
from outreach.ledger.checkpoint import VerifierKey
from outreach.ledger.entry import Entry
from outreach.ledger.log import Log
from outreach.ledger.verify import verify_export

ORIGIN = "bench.example/evidence"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def entry(number: int) -> Entry:
    """One permit as the gate writes it."""
    data = {
        "attempt": str(UUID(int=number)),
        "channel": "voice",
        "purpose": "collection",
        "decision": "permit",
        "rules": [],
        "rulebook": "sha256:" + "ab" * 32,
        "facts": "cd" * 32,
        "ruling": "ef" * 32,
        "clearance": f"{number:032x}",
        "budget_slot": "cn-daily-call-cap:2026-11-23:1/3,cn-number-daily-cap:2026-11-23:1/6",
        "expires_at": "2026-11-23T02:00:30.000000Z",
        "key": "gate-0123456789abcdef",
    }
    return Entry(kind="attempt.intended", at=NOW, data=data, subject="ab" * 16)


def measure(work: Callable[[], object], items: int, rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """Items per second of `clock` over `rounds` rounds after one warm-up."""
    work()
    rates = []
    for _ in range(rounds):
        start = clock()
        work()
        rates.append(items / (clock() - start))
    rates.sort()
    return {
        "median_per_sec": round(statistics.median(rates), 1),
        "p95_per_sec": round(rates[max(0, round(0.05 * (len(rates) - 1)))], 1),
        "spread": round((rates[-1] - rates[0]) / statistics.median(rates), 3),
    }


def run(entries: int = 2000, rounds: int = 7) -> dict[str, Any]:
    """All measurements. Raises AssertionError when a proof or the log does not verify."""
    bodies = [entry(number).body(number) for number in range(entries)]
    log = Log(ORIGIN, [merkle.leaf_hash(body) for body in bodies])
    leaves, head = log.leaf_hashes(), log.head()
    key = Ed25519PrivateKey.generate()
    public = VerifierKey.of(ORIGIN, key).encode()
    files = {
        "entries.jsonl": b"".join(body + b"\n" for body in bodies),
        "leaves.txt": b"".join(leaf.hex().encode() + b"\n" for leaf in leaves),
        "checkpoint.txt": checkpoint.sign(head, key).encode(),
    }
    proof = log.inclusion(entries // 3)
    assert verify_export(files, public).verified

    def prove() -> None:
        for _ in range(1000):
            assert merkle.verify_inclusion(leaves[proof.index], proof.index, proof.size, proof.hashes, head.root)

    cpu = time.process_time
    return {
        "entries": entries,
        "encode": measure(lambda: [entry(number).body(number) for number in range(entries)], entries, rounds, cpu),
        "root": measure(lambda: merkle.root(leaves), entries, rounds, cpu),
        "inclusion_verify": measure(prove, 1000, rounds, cpu),
        "log_verify": measure(lambda: verify_export(files, public), entries, rounds, cpu),
        "append_durable": _append(rounds),
        "unit": "items per second",
    }


def _append(rounds: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="fairline-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as server,
    ):
        engine = create_engine(server.start())
        upgrade_schema(engine)

        def work() -> None:
            for number in range(50):
                with Session(engine) as session, session.begin():
                    store.append(session, entry(number))

        result = measure(work, 50, rounds, time.perf_counter)
        engine.dispose()
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the evidence log.")
    parser.add_argument("--entries", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    answer = run(options.entries, options.rounds)
    if options.json:
        print(json.dumps(answer))
        return
    for name, value in answer.items():
        print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
