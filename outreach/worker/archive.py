"""Recordings into the archive, and the call into the evidence log (I/O).

The carrier's two-channel recording is fetched and kept; where it has none, the audio that was spooled while the call
was heard takes its place. Either way the file is hashed while it is written, never held in memory and never read again;
its digest goes into the log with transcript and findings. The first recording kept of a call stays.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import get_call, update_call
from outreach.db.tables import Call
from outreach.dialer.keeping import records_kept
from outreach.errors import CarrierError, MediaError
from outreach.ledger.export import record_call
from outreach.telephony.events import Track
from outreach.telephony.port import Carrier
from outreach.worker.facts import degraded
from outreach.worker.recording_file import HashedFile, write_spooled
from outreach.worker.spool import discard
from policy.book import Rulebook

TRIES = 4
PAUSE_SECS = 0.5
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Keeps recordings in `folder`."""

    database: Database
    clock: Clock
    carrier: Carrier
    folder: Path
    rulebook: Rulebook

    def fetch(self, call_sid: str, recording_sid: str) -> Path | None:
        """Keep the carrier's recording of a call that is over; falls back to the spool when it cannot be had."""
        kept = self._kept(call_sid)
        if kept is not None:
            return kept
        for attempt in range(1, TRIES + 1):
            try:
                with HashedFile(self.folder / f"{call_sid}.wav") as file:
                    self.carrier.fetch_recording(recording_sid, file.write)
                    return self._keep(call_sid, file)
            except CarrierError as error:
                log.warning("recording.not_fetched", call=call_sid, code=error.code, attempt=attempt)
                time.sleep(PAUSE_SECS * attempt)
        return self.fall_back(call_sid)

    def fall_back(self, call_sid: str) -> Path | None:
        """Keep what was spooled; None when nothing was heard (a busy line)."""
        kept = self._kept(call_sid)
        if kept is not None:
            return kept
        with HashedFile(self.folder / f"{call_sid}.wav") as file:
            try:
                changed = write_spooled(self.folder, call_sid, file)
            except MediaError:
                return None
            if changed:
                self._note_change(call_sid, changed)
            return self._keep(call_sid, file)

    def _kept(self, call_sid: str) -> Path | None:
        with self.database.session() as session:
            path = get_call(session, call_sid).recording_path
        return Path(path) if path else None

    def _note_change(self, call_sid: str, changed: tuple[Track, ...]) -> None:
        """The spool is not what was written while the call was heard: it is kept, and the record says so."""
        tracks = ", ".join(changed)
        log.error("recording.spool_changed", call=call_sid, tracks=tracks)
        with self.database.session() as session:
            degraded(session, call_sid, "spool_changed", f"digest differs: {tracks}", self.clock.now())

    def _keep(self, call_sid: str, file: HashedFile) -> Path:
        with self.database.session() as session:
            call = session.get_one(Call, call_sid, with_for_update=True)
            if call.recording_path is not None:
                return Path(call.recording_path)
            file.keep()
            update_call(session, call_sid, recording_path=str(file.target), recording_sha256=file.sha256)
            kept = records_kept(session, self.rulebook, call)
            record_call(session, self.database.vault, call_sid, self.clock.now(), kept=kept)
        discard(self.folder, call_sid)
        return file.target
