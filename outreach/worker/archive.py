"""Recordings into the archive, and the call into the evidence log (I/O).

The carrier's two-channel recording is fetched and kept; where it has none, the audio that was spooled while the call
was heard takes its place. Either way the digest of the file kept goes into the log with transcript and findings.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import get_call, update_call
from outreach.dialer.keeping import records_kept
from outreach.errors import CarrierError, MediaError
from outreach.ledger.export import record_call
from outreach.telephony.port import Carrier
from outreach.worker.spool import discard, spooled_wav
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
        for attempt in range(1, TRIES + 1):
            try:
                content = self.carrier.fetch_recording(recording_sid)
            except CarrierError as error:
                log.warning("recording.not_fetched", call=call_sid, code=error.code, attempt=attempt)
                time.sleep(PAUSE_SECS * attempt)
                continue
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial, target = self.folder / f"{call_sid}.wav.partial", self.folder / f"{call_sid}.wav"
            partial.write_bytes(content)
            partial.replace(target)
            return self._keep(call_sid, target)
        return self.fall_back(call_sid)

    def fall_back(self, call_sid: str) -> Path | None:
        """Keep what was spooled; None when nothing was heard (a busy line)."""
        try:
            target = spooled_wav(self.folder, call_sid)
        except MediaError:
            return None
        return self._keep(call_sid, target)

    def _keep(self, call_sid: str, path: Path) -> Path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with self.database.session() as session:
            call = get_call(session, call_sid)
            if call.recording_sha256 is not None:
                return path
            update_call(session, call_sid, recording_path=str(path), recording_sha256=digest)
            kept = records_kept(session, self.rulebook, call)
            record_call(session, self.database.vault, call_sid, self.clock.now(), kept=kept)
        discard(self.folder, call_sid)
        return path
