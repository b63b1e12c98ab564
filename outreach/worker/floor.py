"""Every call this worker hears (I/O). Opens an ear when a media stream begins, closes it when the call is over."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from nlp.lexicon.loader import load_lexicon
from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import create_call, lock_debtor, update_call
from outreach.errors import WebhookError
from outreach.monitor.context import CallEnding
from outreach.monitor.effects import HeardFact, MonitorEffect
from outreach.monitor.session import MonitorSession, TextAnalyzer
from outreach.telephony.events import MediaStarted, Track
from outreach.worker import effects as rows
from outreach.worker.context import Answered, House, call_context
from outreach.worker.ear import Ear, EarParts
from outreach.worker.facts import degraded, take_effect
from outreach.worker.hotwords import call_hotwords
from outreach.worker.pace import Pace
from outreach.worker.spool import Spool
from policy.book import Rulebook
from scripts.script import Library
from speech.batching import Batcher
from speech.hotwords import Hotwords
from speech.ladder import LadderOptions
from speech.load import Load
from speech.open_utterance import UtteranceOptions
from speech.pool import StreamPool
from speech.recognizer import Recognizer
from speech.stream import StreamOptions, TrackStream

SPEAKERS = {Track.INBOUND: "debtor", Track.OUTBOUND: "agent"}
"""On a call we placed, what comes in to the carrier is the debtor's voice. The one place that says so."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class FloorParts:
    """What calls are heard with. `engines` clips or batches are decoded at the same time: the recogniser's workers.

    `steady` is a clock that never jumps, in seconds.
    """

    database: Database
    clock: Clock
    recognizer: Recognizer
    analyzer: TextAnalyzer
    library: Library
    rulebook: Rulebook
    house: House
    recordings: Path
    pool: StreamPool
    cancel_call: Callable[[str], None]
    end_call: Callable[[str], None]
    engines: int = 1
    ladder: LadderOptions = field(default_factory=LadderOptions)
    steady: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class _Heard:
    ear: Ear
    audio_started_at: datetime


class Floor:
    """The calls in progress by carrier id. All of them share one batched recogniser."""

    def __init__(self, parts: FloorParts) -> None:
        self._parts = parts
        self._batcher = Batcher(parts.recognizer, engines=parts.engines)
        self._pace = Pace(options=parts.ladder)
        self._behind_secs = 0.0
        self._tokens: dict[str, str] = {}
        self._calls: dict[str, _Heard] = {}
        self._opening = asyncio.Lock()

    @property
    def backlog_secs(self) -> float:
        """The longest queue of unrecognised audio of any call that is not put off."""
        return max((secs for call, secs in self._backlogs().items() if call not in self._pace.deferred), default=0.0)

    @property
    def behind_secs(self) -> float:
        """`backlog_secs` when the pace was last looked at. Other threads may read this, and nothing else here."""
        return self._behind_secs

    @property
    def pace(self) -> Pace:
        """How much of each call is heard live."""
        return self._pace

    @property
    def hold(self) -> str | None:
        """Why no new call may be placed now; None when there is nothing against it."""
        return f"recognition is behind: rung {self._pace.ladder.rung}" if self._pace.behind else None

    def load(self) -> Load:
        """How busy recognition is."""
        return self._batcher.load()

    async def keep_pace(self) -> None:
        """Give something up where recognition falls behind, or take it back; every step is recorded on its calls."""
        load, before = self.load(), self._pace
        self._pace = before.after(load.oldest_secs, self._backlogs(), self._parts.steady())
        if self._pace.ladder.rung != before.ladder.rung:
            log.warning("recognition.rung", rung=self._pace.ladder.rung, before=before.ladder.rung)
        self._behind_secs = self.backlog_secs
        reason = f"backlog {self._behind_secs:.1f} s, {load.waiting} waiting for up to {load.oldest_secs:.1f} s"
        for call_sid, heard in tuple(self._calls.items()):
            await heard.ear.take_effort(self._pace.effort(call_sid), reason)

    def _backlogs(self) -> dict[str, float]:
        return {call_sid: heard.ear.backlog_secs for call_sid, heard in self._calls.items()}

    @property
    def calls(self) -> tuple[str, ...]:
        """Ids of the calls being heard."""
        return tuple(self._calls)

    def expect(self, attempt_id: str) -> str:
        """A one-time token for the media stream of an attempt that is about to be placed."""
        token = secrets.token_urlsafe(24)
        self._tokens[attempt_id] = token
        return token

    def forget(self, attempt_id: str) -> None:
        """The attempt was not placed: its token opens nothing."""
        self._tokens.pop(attempt_id, None)

    def ear(self, call_sid: str) -> Ear | None:
        """The ear of a call, if it is heard here."""
        heard = self._calls.get(call_sid)
        return heard.ear if heard else None

    async def open(self, started: MediaStarted) -> tuple[Ear, int]:
        """The ear for a media stream that begins, and the stream's start on the call's clock in milliseconds.

        Raises WebhookError webhook.stream_token when the stream does not bring the token of its attempt.
        """
        attempt_id = started.params.get("attempt", "")
        token = self._tokens.get(attempt_id)
        if token is None or not secrets.compare_digest(token, started.params.get("token", "")):
            raise WebhookError("webhook.stream_token", "a media stream came without the one-time token of its attempt")
        del self._tokens[attempt_id]
        async with self._opening:
            now = self._parts.clock.now()
            heard = self._calls.get(started.call_sid)
            if heard is None:
                parts, began = await asyncio.to_thread(self._prepare, started.call_sid, UUID(attempt_id), now)
                heard = self._calls[started.call_sid] = _Heard(Ear(parts), began)
                await heard.ear.take_effort(self._pace.effort(started.call_sid), "recognition was behind already")
        return heard.ear, round((now - heard.audio_started_at).total_seconds() * 1000)

    async def close(self, call_sid: str, ending: CallEnding) -> bool:
        """Finish hearing a call that is over; False when it was not heard here (or is being closed already)."""
        heard = self._calls.pop(call_sid, None)
        if heard is None:
            return False
        await heard.ear.wait_silent(5.0)
        await heard.ear.finish(ending)
        return True

    async def stop(self) -> None:
        """The worker ends: calls that nobody would hear any more are ended too, all of them whatever fails."""
        calls, self._calls = self._calls, {}
        for call_sid in calls:
            await asyncio.to_thread(self._parts.end_call, call_sid)
        for call_sid, heard in calls.items():
            try:
                await heard.ear.abandon()
            except Exception:  # a full disk, for one: the other calls must be put away all the same
                log.exception("ear.not_closed", call=call_sid)
        await asyncio.to_thread(self._parts.pool.close)
        await asyncio.to_thread(self._batcher.close)

    def _prepare(self, call_sid: str, attempt_id: UUID, now: datetime) -> tuple[EarParts, datetime]:
        """Rows, disk and models for a call; goes on where an earlier process stopped, the hole marked."""
        spool = Spool(self._parts.recordings, call_sid)
        heard_ms = spool.resume_ms()
        with self._parts.database.session() as session:
            call = create_call(session, sid=call_sid, attempt_id=attempt_id, agent=None, started_at=now)
            began = now if heard_ms == 0 else call.answered_at or now - timedelta(milliseconds=heard_ms)
            base_ms = round((now - began).total_seconds() * 1000)
            if heard_ms:
                hole = {"step": "unheard", "start": heard_ms / 1000, "end": base_ms / 1000}
                update_call(session, call_sid, degraded=[*call.degraded, hole])
            elif call.answered_at is None:
                update_call(session, call_sid, answered_at=now)
            context, case = call_context(
                session,
                self._parts.database.vault,
                self._parts.house,
                self._parts.rulebook,
                Answered(call_sid=call_sid, attempt_id=attempt_id, audio_started_at=began),
            )
        hotwords = call_hotwords(context, load_lexicon())
        record = rows.CallRecord(call_sid=call_sid, case_id=case.id, debtor_id=case.debtor_id)
        parts = EarParts(
            call_sid=call_sid,
            session=MonitorSession(context, self._parts.analyzer, self._parts.library),
            streams={track: self._stream(track, base_ms, hotwords) for track in Track},
            spool=spool,
            pool=self._parts.pool,
            clock=self._parts.clock,
            apply=lambda effects: self._apply(record, effects),
            degrade=lambda step, reason: self._degrade(call_sid, step, reason),
            end_call=lambda: self._parts.end_call(call_sid),
            base_ms=base_ms,
        )
        return parts, began

    def _stream(self, track: Track, base_ms: int, hotwords: Hotwords) -> TrackStream:
        options = StreamOptions(
            track=SPEAKERS[track],
            origin_secs=base_ms / 1000,
            clock_reorder_ms=0,  # the spool has put the packets in order already
            utterance=UtteranceOptions(hotwords=hotwords),
        )
        return TrackStream(self._batcher, options)

    def _apply(self, record: rows.CallRecord, effects: Sequence[MonitorEffect]) -> None:
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            facts = [effect for effect in effects if isinstance(effect, HeardFact)]
            if facts:
                lock_debtor(session, record.debtor_id)
            rows.write(session, record, effects, now)
            ringing = [sid for fact in facts for sid in take_effect(session, self._parts.database, record, fact, now)]
        for call_sid in ringing:
            self._parts.cancel_call(call_sid)

    def _degrade(self, call_sid: str, step: str, reason: str) -> None:
        with self._parts.database.session() as session:
            degraded(session, call_sid, step, reason, self._parts.clock.now())
