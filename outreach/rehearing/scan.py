"""The recordings of a folder (I/O: lists, reads and hashes files)."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.errors import InputError
from outreach.ledger.verify import CHECKPOINT, CONTENT_FILES, OPENINGS, PROOFS, PUBLIC_KEY
from speech.audio_files import probe_secs
from speech.sides import own_sides

_BUNDLE = {CHECKPOINT, PUBLIC_KEY, PROOFS, OPENINGS, *(name for name, _ in CONTENT_FILES.values())}
_GUESSED_BYTES_PER_SEC = 16_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file to audit: `name` is its path inside the folder, with slashes; `size` in bytes."""

    path: Path
    name: str
    size: int

    def digest(self) -> str:
        """Hex SHA-256 of its bytes. Raises OSError."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def guessed_secs(self) -> float:
        """How long it plays, for the progress bar: as it states itself, else by its size."""
        stated = probe_secs(self.path)
        return stated if stated is not None else self.size / _GUESSED_BYTES_PER_SEC

    def own_sides(self) -> tuple[str, str] | None:
        """The sides of a recording of ours: one of an exported bundle, or one named by its carrier's call."""
        return own_sides(self.path)


def find_files(folder: Path, leave_out: frozenset[Path]) -> list[Found]:
    """Every file below `folder` in the order of its name, but those of `leave_out` (files, and folders as a whole),
    hidden ones, and what lies beside the recording of an exported bundle. InputError input.folder.
    """
    if not folder.is_dir():
        raise InputError("input.folder", f"{folder}: expected a folder with recordings")
    found = []
    for path in _files(folder, leave_out):
        beside_bundle = path.name in _BUNDLE - {"recording.wav"} and (path.parent / PROOFS).is_file()
        if not beside_bundle and path.resolve() not in leave_out:
            name = path.relative_to(folder).as_posix()
            found.append(Found(path=path, name=name, size=path.stat().st_size))
    return sorted(found, key=lambda item: item.name)


def _files(folder: Path, leave_out: frozenset[Path]) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if not name.startswith(".") and (here / name).resolve() not in leave_out]
        yield from (here / name for name in names if not name.startswith(".") and (here / name).is_file())
