"""What the carrier reports about calls and messages, applied once and in order (I/O).

Callbacks are separate requests: they come twice, late, or never. Events of one call are applied one at a time; a change
that a later one has overtaken is dropped; what never comes is asked for by `outreach.worker.recovery`.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import create_call, update_call
from outreach.db.tables import FINAL_CALL_STATUSES, Attempt, Call, Message
from outreach.dialer.progress import Ending, Progress
from outreach.errors import CarrierError
from outreach.monitor.context import CallEnding
from outreach.monitor.session import TextAnalyzer
from outreach.telephony.events import (
    AgentLegProgress,
    AnsweredBy,
    CallProgress,
    CallStatus,
    CarrierEvent,
    InboundMessage,
    MachineVerdict,
    MessageStatus,
    RecordingReady,
    StreamState,
    StreamStatus,
)
from outreach.telephony.ordering import supersedes
from outreach.telephony.port import Carrier
from outreach.worker.archive import Archive
from outreach.worker.facts import reply_received
from outreach.worker.floor import Floor
from outreach.worker.outcome import call_outcome, message_outcome

MAX_STREAM_RESTARTS = 3
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class LinesParts:
    """What following calls needs."""

    database: Database
    clock: Clock
    progress: Progress
    carrier: Carrier
    floor: Floor
    archive: Archive
    analyzer: TextAnalyzer


@dataclass
class _Line:
    """One call as this process has followed it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    last: CallProgress | None = None
    recording_sid: str | None = None
    restarts: int = 0


class Lines:
    """Follows every call this worker hears of."""

    def __init__(self, parts: LinesParts) -> None:
        self._parts = parts
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)

    async def apply(self, event: CarrierEvent) -> None:
        """Apply one event. Safe to call again with the same event."""
        match event:
            case CallProgress():
                await self._call(event)
            case MachineVerdict():
                await self._machine(event)
            case RecordingReady():
                await self._recording(event)
            case StreamStatus():
                if event.state is StreamState.ERROR:
                    await self.lost(event.call_sid)
            case AgentLegProgress():
                log.info("agent_leg", call=event.parent_call_sid, status=event.status.value)
            case MessageStatus():
                await asyncio.to_thread(self._message, event)
            case InboundMessage():
                await asyncio.to_thread(self._reply, event)

    async def lost(self, call_sid: str) -> None:
        """A media stream broke off. Open it anew while the call is up; a call that cannot be heard is ended."""
        line = self._lines[call_sid]
        async with line.lock:
            ear = self._parts.floor.ear(call_sid)
            if ear is not None and ear.connected:
                return
            line.restarts += 1
            attempt_id = await asyncio.to_thread(self._attempt_of, call_sid)
            if attempt_id is not None:
                await asyncio.to_thread(self._hear_again, call_sid, str(attempt_id), line.restarts)

    async def _call(self, event: CallProgress) -> None:
        line = self._lines[event.call_sid]
        async with line.lock:
            if not supersedes(event, line.last):
                return
            line.last = event
            attempt_id = await asyncio.to_thread(self._note, event)
            if attempt_id is None or not event.status.is_final:
                return
            answered_by = event.answered_by.value if event.answered_by else None
            ending = CallEnding(status=event.status.value, answered_by=answered_by, duration_secs=event.duration_secs)
            await self._parts.floor.close(event.call_sid, ending)
            await asyncio.to_thread(self._conclude, event, attempt_id)
            if line.recording_sid is not None:
                await asyncio.to_thread(self._parts.archive.fetch, event.call_sid, line.recording_sid)

    async def _machine(self, event: MachineVerdict) -> None:
        """No debt content goes into a mailbox: hang up on a machine."""
        await asyncio.to_thread(self._store_verdict, event)
        if event.answered_by.is_machine:
            await asyncio.to_thread(self._hang_up, event.call_sid)

    async def _recording(self, event: RecordingReady) -> None:
        line = self._lines[event.call_sid]
        async with line.lock:
            line.recording_sid = event.recording_sid
            over = line.last is not None and line.last.status.is_final
            if over and event.duration_secs is not None:
                await asyncio.to_thread(self._parts.archive.fetch, event.call_sid, event.recording_sid)

    def _note(self, event: CallProgress) -> UUID | None:
        """Store the status of a call; answers its attempt, None for a call that is not ours."""
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            attempt_id = self._known_attempt(session, event.call_sid, event.attempt_id)
            if attempt_id is None:
                log.warning("call.unknown", call=event.call_sid)
                return None
            call = create_call(session, sid=event.call_sid, attempt_id=attempt_id, agent=None, started_at=now)
            if call.status in FINAL_CALL_STATUSES and not event.status.is_final:
                return None  # a late word about a call that is over
            changes: dict[str, object] = {"status": event.status.value, "sip_code": event.sip_code or call.sip_code}
            if event.answered_by is not None:
                changes["answered_by"] = event.answered_by.value
            if event.status is CallStatus.IN_PROGRESS and call.answered_at is None:
                changes["answered_at"] = now
            if event.status.is_final:
                changes |= {"ended_at": now, "duration_secs": event.duration_secs}
            update_call(session, event.call_sid, **changes)
            self._move(session, attempt_id, event, now)
            return attempt_id

    def _move(self, session: Session, attempt_id: UUID, event: CallProgress, now: datetime) -> None:
        progress = self._parts.progress
        if event.status is CallStatus.QUEUED:
            progress.placed(session, attempt_id, event.call_sid, now)
        elif event.status is CallStatus.RINGING:
            progress.rang(session, attempt_id, event.call_sid, now)
        elif event.status is CallStatus.IN_PROGRESS:
            progress.answered(session, attempt_id, event.call_sid, now)

    def _conclude(self, event: CallProgress, attempt_id: UUID) -> None:
        """The outcome, from the carrier's status and from what was heard."""
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            call = create_call(session, sid=event.call_sid, attempt_id=attempt_id, agent=None, started_at=now)
            answered_by = event.answered_by or (AnsweredBy(call.answered_by) if call.answered_by else None)
            outcome = call_outcome(event.status, sip_code=call.sip_code, answered_by=answered_by, summary=call.summary)
            duration_ms = None if event.duration_secs is None else event.duration_secs * 1000
            ending = Ending(outcome=outcome, duration_ms=duration_ms, call_sid=event.call_sid)
            update_call(session, event.call_sid, ended_at=call.ended_at or now)
            self._parts.progress.ended(session, attempt_id, ending, now)
        log.info("call.ended", call=event.call_sid, status=event.status.value, outcome=outcome)

    def _store_verdict(self, event: MachineVerdict) -> None:
        with self._parts.database.session() as session:
            attempt_id = self._known_attempt(session, event.call_sid, event.attempt_id)
            if attempt_id is not None:
                create_call(
                    session,
                    sid=event.call_sid,
                    attempt_id=attempt_id,
                    agent=None,
                    started_at=self._parts.clock.now(),
                )
                update_call(session, event.call_sid, answered_by=event.answered_by.value)

    def _message(self, event: MessageStatus) -> None:
        with self._parts.database.session() as session:
            message = session.get(Message, event.message_sid, with_for_update=True)
            if message is None or message.status in {"delivered", "undelivered", "failed"}:
                return
            message.status = event.state.value
            if event.state.is_final and message.attempt_id is not None:
                self._parts.progress.ended(
                    session, message.attempt_id, Ending(outcome=message_outcome(event.state)), self._parts.clock.now()
                )

    def _reply(self, event: InboundMessage) -> None:
        understood = self._parts.analyzer.analyze(event.body, speaker="debtor")
        with self._parts.database.session() as session:
            ringing = reply_received(session, self._parts.database, event, understood, self._parts.clock.now())
        for call_sid in ringing:
            self._parts.carrier.cancel(call_sid)

    def _hear_again(self, call_sid: str, attempt_id: str, times: int) -> None:
        carrier = self._parts.carrier
        try:
            if carrier.fetch_call(call_sid).status is not CallStatus.IN_PROGRESS:
                return
            if times <= MAX_STREAM_RESTARTS:
                token = self._parts.floor.expect(attempt_id)
                carrier.restart_stream(call_sid, attempt_id=attempt_id, stream_token=token)
                log.warning("stream.restarted", call=call_sid, times=times)
                return
        except CarrierError as error:
            log.warning("stream.not_restarted", call=call_sid, code=error.code)
        log.warning("call.unmonitored", call=call_sid)
        self._hang_up(call_sid)

    def _hang_up(self, call_sid: str) -> None:
        try:
            self._parts.carrier.hang_up(call_sid)
        except CarrierError as error:
            log.warning("call.not_ended", call=call_sid, code=error.code)

    def _attempt_of(self, call_sid: str) -> UUID | None:
        with self._parts.database.session() as session:
            return self._known_attempt(session, call_sid, None)

    def _known_attempt(self, session: Session, call_sid: str, attempt_id: str | None) -> UUID | None:
        call = session.get(Call, call_sid)
        if call is not None:
            return call.attempt_id
        if attempt_id is not None:
            return session.scalar(select(Attempt.id).where(Attempt.id == UUID(attempt_id)))
        return session.scalar(select(Attempt.id).where(Attempt.call_sid == call_sid))
