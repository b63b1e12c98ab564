"""A call is heard again after it has ended (I/O).

When hearing was put off or broke off while the call was up, or where the house wants every call heard twice, the kept
recording goes through the recogniser and the monitor once more, one call at a time and only while the live calls are
heard in time. What it finds is stored beside what was heard live, never over it; what protects the debtor is in force
at once, as if it had been heard live; the call goes to review where the live pass missed something.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from nlp.lexicon.loader import load_lexicon
from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import get_call
from outreach.db.tables import Call
from outreach.errors import FairlineError, MediaError
from outreach.monitor.session import MonitorSession, TextAnalyzer
from outreach.rehearing import queue
from outreach.rehearing.beside import Second, keep
from outreach.rehearing.queue import Taken
from outreach.rehearing.record import Record
from outreach.rehearing.rehear import in_time_order, rehear, rehear_mixed
from outreach.worker.context import Answered, House, call_context
from outreach.worker.hotwords import call_hotwords
from policy.book import Rulebook
from policy.errors import PolicyError
from scripts.script import Library
from speech.audio_files import read_recording
from speech.errors import SpeechError
from speech.hearing import HearOptions, hear
from speech.recognizer import Recognizer
from speech.sides import OWN_SIDES

EVERY_SECS = 5.0
ROOM_SECS = 0.5
"""Live recognition further behind than this has the machine to itself."""
LOOK_SECS = 0.5
GROUP = 4
"""Utterances recognised between two looks at the live calls."""
log = structlog.get_logger(__name__)


class StoppedError(Exception):
    """The worker ends."""


@dataclass(frozen=True, kw_only=True)
class SecondPass:
    """The loop that hears calls again. `backlog_secs` tells, in any thread, how far live recognition is behind;
    `every_call`: the house wants every call heard twice, and not only those that were not heard in time.
    """

    database: Database
    clock: Clock
    recognizer: Recognizer
    analyzer: TextAnalyzer
    library: Library
    rulebook: Rulebook
    house: House
    every_call: bool
    backlog_secs: Callable[[], float]
    cancel_call: Callable[[str], None]

    async def run(self, stop: asyncio.Event) -> None:
        """Hear again what is to be heard again until `stop` is set."""
        halt = threading.Event()
        while not stop.is_set():
            working = asyncio.create_task(asyncio.to_thread(self.step, halt))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                halt.set()
            worked = await working
            stopping.cancel()
            if worked:
                continue
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECS)
            except TimeoutError:
                continue

    def step(self, halt: threading.Event) -> bool:
        """Hear one call again, if one is due and there is room; False when there was nothing to do."""
        now = self.clock.now()
        with self.database.session() as session:
            queue.ask(session, now, every_call=self.every_call)
        if self.backlog_secs() > ROOM_SECS:
            return False
        with self.database.session() as session:
            taken = queue.take(session, now)
        if taken is None:
            return False
        try:
            self._hear(taken, halt)
        except StoppedError:
            with self.database.session() as session:
                queue.put_back(session, taken)
        except (SpeechError, FairlineError, PolicyError) as error:
            self._failed(taken, error.code)
        except Exception:
            log.exception("second_pass.failed", call=taken.call_sid)
            self._failed(taken, "second_pass.failed")
        return True

    def _failed(self, taken: Taken, code: str) -> None:
        with self.database.session() as session:
            last = queue.fail(session, taken, code, self.clock.now())
        log.warning("second_pass.try_failed", call=taken.call_sid, code=code, tries=taken.tries, last=last)

    def _hear(self, taken: Taken, halt: threading.Event) -> None:
        with self.database.session() as session:
            path, began, monitor = self._prepare(session, get_call(session, taken.call_sid))
        recording = read_recording(path)
        hotwords = call_hotwords(monitor.call, load_lexicon())
        options = HearOptions(left=OWN_SIDES[0], right=OWN_SIDES[1], group=GROUP, hotwords=hotwords)

        def between(_done: float, _total: float) -> None:
            self._wait_for_room(halt)

        self._wait_for_room(halt)
        events = in_time_order(hear(recording, self.recognizer, options, between))
        call = monitor.call
        record: Record
        if len(recording.channels) == 2:
            record = rehear(events, monitor)
        else:
            record = rehear_mixed(events, call, lambda context: MonitorSession(context, self.analyzer, self.library))
        second = Second(
            call_sid=taken.call_sid, why=taken.why, began=began, model=self.recognizer.identity, record=record
        )
        with self.database.session() as session:
            ringing = keep(session, self.database, second, self.clock.now())
        for call_sid in ringing:
            self.cancel_call(call_sid)
        log.info("second_pass.done", call=taken.call_sid, why=taken.why, tries=taken.tries)

    def _prepare(self, session: Session, call: Call) -> tuple[Path, datetime, MonitorSession]:
        began = call.answered_at or call.started_at
        answered = Answered(call_sid=call.sid, attempt_id=call.attempt_id, audio_started_at=began)
        context, _ = call_context(session, self.database.vault, self.house, self.rulebook, answered)
        if call.recording_path is None:
            raise MediaError("media.no_audio", f"call {call.sid} has no recording")
        return Path(call.recording_path), began, MonitorSession(context, self.analyzer, self.library)

    def _wait_for_room(self, halt: threading.Event) -> None:
        while not halt.is_set() and self.backlog_secs() > ROOM_SECS:
            halt.wait(LOOK_SECS)
        if halt.is_set():
            raise StoppedError
