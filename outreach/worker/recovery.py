"""What never came is asked for: after a crash, and every few seconds (I/O).

1. An intent nobody carried out: its clearance is revoked or found used (`Progress.settle`).
2. An ambiguous create: the carrier is asked for calls to that number since the intent. Found: followed. None after a
   while: the budget is given back. Never dialled again.
3. A call without a final status: the carrier is asked; if it is up and not heard, its stream is opened anew. A call
   whose end is stored but not its outcome is concluded.
4. A call that is over without a recording: fetched, or taken from the spool.
5. A plan that a dead worker had taken: due again. The gate refuses it if it was carried out.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import create_call, get_call, list_live_calls, untake_planned
from outreach.db.tables import FINAL_CALL_STATUSES, Attempt, Call, ContactPoint, Debtor
from outreach.dialer.attempt import IN_FLIGHT
from outreach.dialer.progress import Progress, ambiguous_attempts, stale_people
from outreach.errors import CarrierError
from outreach.telephony.events import CallProgress, CallStatus, RecordingState
from outreach.telephony.port import CallSnapshot, Carrier
from outreach.worker.archive import Archive
from outreach.worker.floor import Floor
from outreach.worker.lines import Lines

EVERY_SECS = 5.0
ABSENT_AFTER = timedelta(seconds=60)
"""How long after an ambiguous create the carrier may still show the call; afterwards it was never made."""
ASKED_SEQUENCE = 1_000_000
"""Sequence number of a status we asked for: it comes after every callback of the call."""
RECORDING_GRACE = timedelta(seconds=10)
STREAM_GRACE = timedelta(seconds=4)
ABANDONED_AFTER = timedelta(seconds=60)
"""A plan taken longer ago, without an answer of the gate, was taken by a worker that died."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Reconciles the database with the carrier."""

    database: Database
    clock: Clock
    progress: Progress
    carrier: Carrier
    floor: Floor
    lines: Lines
    archive: Archive

    async def run(self, stop: asyncio.Event) -> None:
        """Reconcile at once and then every few seconds until `stop` is set; a carrier that is away is asked later."""
        while not stop.is_set():
            try:
                await self.step()
            except CarrierError as error:
                log.warning("recovery.carrier", code=error.code)
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECS)
            except TimeoutError:
                continue

    async def step(self) -> None:
        """One round."""
        await asyncio.to_thread(self._settle)
        for attempt_id in await asyncio.to_thread(self._ambiguous):
            await asyncio.to_thread(self._look_up, attempt_id)
        for call_sid in await asyncio.to_thread(self._live):
            await self._ask(call_sid)
        for event in await asyncio.to_thread(self._unconcluded):
            await self.lines.apply(event)
        await asyncio.to_thread(self._missing_recordings)

    def _settle(self) -> None:
        now = self.clock.now()
        with self.database.session() as session:
            untake_planned(session, now - ABANDONED_AFTER)
            people = list(stale_people(session, now))
        for debtor_id in people:
            with self.database.session() as session:
                self.progress.settle(session, debtor_id, now)

    def _ambiguous(self) -> list[UUID]:
        with self.database.session() as session:
            return [attempt.id for attempt in ambiguous_attempts(session)]

    def _look_up(self, attempt_id: UUID) -> None:
        with self.database.session() as session:
            attempt = session.get_one(Attempt, attempt_id)
            debtor = session.get_one(Debtor, attempt.debtor_id)
            point = session.get_one(ContactPoint, attempt.contact_point_id)
            address = self.database.vault.open(debtor, "address", point.address_enc)
            known = set(session.scalars(select(Call.sid)))
            since = attempt.intended_at
        found = [call for call in self._found(address, since) if call.call_sid not in known]
        now = self.clock.now()
        if not found and now - since < ABSENT_AFTER:
            return
        with self.database.session() as session:
            sid = found[0].call_sid if found else None
            if sid is not None:
                create_call(session, sid=sid, attempt_id=attempt_id, agent=None, started_at=now)
            self.progress.reconciled(session, attempt_id, sid, now)
        log.info("attempt.reconciled", attempt=str(attempt_id), found=bool(found))

    def _found(self, address: str, since: datetime) -> list[CallSnapshot]:
        return self.carrier.find_calls(address, self.clock.outside(since))

    def _live(self) -> list[str]:
        with self.database.session() as session:
            return [call.sid for call in list_live_calls(session)]

    async def _ask(self, call_sid: str) -> None:
        ear = self.floor.ear(call_sid)
        if ear is not None and ear.connected:
            return
        snapshot = await asyncio.to_thread(self.carrier.fetch_call, call_sid)
        if snapshot.status.is_final or snapshot.status is CallStatus.IN_PROGRESS:
            await self.lines.apply(
                CallProgress(
                    call_sid=call_sid,
                    attempt_id=None,
                    status=snapshot.status,
                    sequence=ASKED_SEQUENCE if snapshot.status.is_final else 0,
                    at=self.clock.now(),
                    duration_secs=snapshot.duration_secs,
                    answered_by=snapshot.answered_by,
                )
            )
        if snapshot.status is CallStatus.IN_PROGRESS and await asyncio.to_thread(self._unheard, call_sid):
            await self.lines.lost(call_sid)

    def _unheard(self, call_sid: str) -> bool:
        """Answered long enough ago that its media stream ought to be here."""
        with self.database.session() as session:
            answered_at = get_call(session, call_sid).answered_at
        return answered_at is not None and answered_at < self.clock.now() - STREAM_GRACE

    def _unconcluded(self) -> list[CallProgress]:
        """Calls whose end is stored and whose attempt is not: a worker died in between."""
        now = self.clock.now()
        query = (
            select(Call)
            .join(Attempt, Call.attempt_id == Attempt.id)
            .where(
                Call.status.in_(FINAL_CALL_STATUSES),
                Attempt.state.in_([state.value for state in IN_FLIGHT]),
                Call.ended_at < now - RECORDING_GRACE,
            )
        )
        with self.database.session() as session:
            calls = session.scalars(query).all()
        return [
            CallProgress(
                call_sid=call.sid,
                attempt_id=None,
                status=CallStatus(call.status),
                sequence=ASKED_SEQUENCE,
                at=now,
                duration_secs=None if call.duration_secs is None else round(call.duration_secs),
            )
            for call in calls
        ]

    def _missing_recordings(self) -> None:
        now = self.clock.now()
        with self.database.session() as session:
            rows = select(Call.sid).where(
                Call.status.in_(FINAL_CALL_STATUSES),
                Call.answered_at.is_not(None),
                Call.recording_sha256.is_(None),
                Call.ended_at < now - RECORDING_GRACE,
            )
            waiting = list(session.scalars(rows))
        for call_sid in waiting:
            ready = [item for item in self.carrier.list_recordings(call_sid) if item.state is RecordingState.COMPLETED]
            if ready:
                self.archive.fetch(call_sid, ready[0].recording_sid)
            else:
                self.archive.fall_back(call_sid)
