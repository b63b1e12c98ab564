"""Reading and writing exports as ZIP files or folders (I/O). Sizes are bounded: an export is hostile until checked."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from outreach.errors import InputError

MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_FILES = 10_000
EPOCH = (1980, 1, 1, 0, 0, 0)


def read_export(path: Path) -> dict[str, bytes]:
    """The files of an export by name; InputError input.export_* when it cannot be read as one."""
    try:
        if path.is_dir():
            return _read_folder(path)
        with zipfile.ZipFile(path) as archive:
            return _read_zip(archive, path)
    except FileNotFoundError as error:
        raise InputError("input.export_missing", f"{path}: no such file or folder") from error
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
        raise InputError(
            "input.export_unreadable", f"{path}: expected a ZIP file written by `evidence export`"
        ) from error


def write_export(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a ZIP file whose bytes depend on the content only, never on the day; the target appears when complete."""
    partial = path.with_name(path.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                archive.writestr(zipfile.ZipInfo(name, EPOCH), files[name], zipfile.ZIP_DEFLATED)
        partial.replace(path)
    except OSError as error:
        raise InputError("input.export_unwritable", f"{path}: cannot be written ({error.strerror})") from error


def _read_zip(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_FILES or len({member.filename for member in members}) != len(members):
        raise InputError("input.export_unreadable", f"{path}: too many files, or a name that occurs twice")
    if any(member.file_size > MAX_FILE_BYTES for member in members):
        raise InputError("input.export_unreadable", f"{path}: a file in it is larger than {MAX_FILE_BYTES} bytes")
    return {member.filename: archive.read(member) for member in members}


def _read_folder(path: Path) -> dict[str, bytes]:
    names = sorted(item for item in path.rglob("*") if item.is_file())[: MAX_FILES + 1]
    if len(names) > MAX_FILES or any(item.stat().st_size > MAX_FILE_BYTES for item in names):
        raise InputError("input.export_unreadable", f"{path}: too many files, or one that is too large")
    return {item.relative_to(path).as_posix(): item.read_bytes() for item in names}
