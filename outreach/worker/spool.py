"""Both tracks of a call on disk while it is spoken (I/O).

Each track is an append-only file of raw 8 kHz mu-law (`outreach.worker.lane`), written every 200 ms, so that a process
killed in mid-call leaves everything up to the last fifth of a second. Lost audio is silence at its place: both files
keep the call's time. A spool that is closed in order leaves the digests of its files beside them, as `sha256sum -c`
reads them.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from outreach.telephony.events import Track
from outreach.worker.lane import RATE_HZ, Lane


class Spool:
    """Writes both tracks of one call. Reopening the spool of an earlier process goes on at the end of its files."""

    def __init__(self, folder: Path, call_sid: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._call_sid = folder, call_sid
        _manifest(folder, call_sid).unlink(missing_ok=True)
        self._lanes = {track: Lane(track_path(folder, call_sid, track)) for track in Track}
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resume_ms(self) -> int:
        """Milliseconds already on disk from an earlier process (the longer track)."""
        return max(lane.written for lane in self._lanes.values()) * 1000 // RATE_HZ

    @property
    def lanes(self) -> Mapping[Track, Lane]:
        """The tracks: what is written to them is in the call's samples."""
        return self._lanes

    def close(self) -> None:
        """Write what waits and the digests, and close both files; they stay on disk."""
        if not self._open:
            return
        self._open = False
        try:
            for lane in self._lanes.values():
                lane.settle(last=True)
            lines = [
                f"{lane.sha256}  {track_path(Path(), self._call_sid, track)}\n" for track, lane in self._lanes.items()
            ]
            _manifest(self._folder, self._call_sid).write_text("".join(lines), "ascii")
        finally:
            for lane in self._lanes.values():
                lane.close()


def discard(folder: Path, call_sid: str) -> None:
    """Delete the spool of a call whose recording is kept: no second copy of a voice."""
    for track in Track:
        track_path(folder, call_sid, track).unlink(missing_ok=True)
    _manifest(folder, call_sid).unlink(missing_ok=True)
    for partial in folder.glob(f"{call_sid}.wav.*.partial"):  # of a process that was killed
        partial.unlink(missing_ok=True)


def track_path(folder: Path, call_sid: str, track: Track) -> Path:
    """The file of one track."""
    return folder / f"{call_sid}.{track.value}.ulaw"


def _manifest(folder: Path, call_sid: str) -> Path:
    return folder / f"{call_sid}.spool.sha256"


def digests_left(folder: Path, call_sid: str) -> dict[Track, str]:
    """The digests a closed spool left; none after a crash."""
    path = _manifest(folder, call_sid)
    if not path.exists():
        return {}
    lines = [line.split("  ", 1) for line in path.read_text("ascii").splitlines()]
    by_name = {name: digest for digest, name in lines}
    return {track: by_name[name] for track in Track if (name := track_path(Path(), call_sid, track).name) in by_name}
