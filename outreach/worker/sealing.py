"""Signs a new head of the evidence log every second in which something was added (I/O)."""

import asyncio
from dataclasses import dataclass

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.ledger import store

EVERY_SECS = 1.0


@dataclass(frozen=True, kw_only=True)
class Sealing:
    """Turns pending entries into integrated ones."""

    database: Database
    clock: Clock
    origin: str

    async def run(self, stop: asyncio.Event) -> None:
        """Seal until `stop` is set, and once more after that."""
        while not stop.is_set():
            await asyncio.to_thread(self.step)
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECS)
            except TimeoutError:
                continue
        await asyncio.to_thread(self.step)

    def step(self) -> None:
        """Sign the head if anything was added.

        Raises EvidenceError evidence.rewritten for a log that was tampered with: the worker ends, for what could not
        be proved afterwards is not dialled.
        """
        with self.database.session() as session:
            if store.pending(session):
                store.make_checkpoint(session, self.origin, self.database.keys.ledger, self.clock.now())
