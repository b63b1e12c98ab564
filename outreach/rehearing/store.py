"""Results of an audit on disk (I/O): one JSON file a call, written whole or not at all, found again by its key.

The key names everything an answer depends on: the bytes of the recording, the weights that heard it, the detectors, the
law, the scripts, and what was told of the call. Where it is the same, the answer is the same, so it is taken over.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from outreach.errors import InputError

FORMAT = "fairline.audit/2"
CALLS = "calls"
REPORT = "report.html"
_KEY_DIGITS = 16
_SLUG_LENGTH = 60


def key_of(parts: Mapping[str, Any]) -> str:
    """64 hex digits over everything an answer depends on."""
    text = json.dumps({"format": FORMAT, **parts}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ResultStore:
    """The results under one output folder, which one audit writes at a time. Only its owner may read what was said on
    the telephone. Raises InputError input.output_folder, input.output_busy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            (folder / CALLS).mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise InputError(
                "input.output_folder",
                f"{folder}: cannot be written ({error.strerror})",
                hint="name another folder with --out",
            ) from error
        self._lock = (folder / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise InputError(
                "input.output_busy", f"{folder}: another audit is writing here", hint="wait for it, or name --out"
            ) from error
        for left_over in (folder / CALLS).glob(".*.partial"):
            left_over.unlink()
        self._by_key: dict[str, Path] = {}
        for path in sorted((folder / CALLS).glob("*.json")):
            found = _read(path)
            if found is not None:
                self._by_key[str(found["key"])] = path

    def close(self) -> None:
        """Let another audit write here."""
        self._lock.close()

    def find(self, key: str) -> dict[str, Any] | None:
        """The finished result under this key; None when there is none that can be read."""
        path = self._by_key.get(key)
        return _read(path) if path is not None else None

    def path_of(self, file: str, key: str) -> Path:
        """Where the result of a recording lies, named so that a person finds it."""
        slug = re.sub(r"[^\w.-]+", "-", file).strip("-.")[-_SLUG_LENGTH:].strip("-.")
        return self.folder / CALLS / f"{slug}-{key[:_KEY_DIGITS]}.json"

    def keep(self, result: Mapping[str, Any]) -> Path:
        """Write one result; it is there whole or not at all, whenever the power goes."""
        path = self.path_of(str(result["file"]), str(result["key"]))
        write_whole(path, json.dumps(result, ensure_ascii=False, indent=1))
        self._by_key[str(result["key"])] = path
        return path


def write_whole(path: Path, text: str) -> None:
    """Replace a file by a finished one; InputError input.output_folder when the disk does not take it."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InputError(
            "input.output_folder", f"{path.parent}: cannot be written ({error.strerror})", hint="free some space"
        ) from error


def _read(path: Path) -> dict[str, Any] | None:
    """A result of this format; None for anything else: then the recording is simply heard again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(content, dict) and content.get("format") == FORMAT and content.get("status") == "done"
    return content if whole and isinstance(content.get("key"), str) else None
