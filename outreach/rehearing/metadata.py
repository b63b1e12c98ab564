"""What is known of the recordings of a folder, from a CSV or JSON Lines file beside them (I/O: reads the file).

One row a recording; only `file` is required. A bad row is named by file, line and field, and its recording is not
judged: with the sides swapped, words would be held against the wrong person.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from outreach.errors import InputError
from outreach.rehearing.law import Told
from policy.facts import CREDITOR_TIERS, DEBTOR_TIERS, VOICES

NAMES = ("metadata.csv", "metadata.jsonl")
"""Looked for in the audited folder itself."""
SIDES = ("agent", "debtor")
LANGUAGES = ("zh", "en")
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """Words that only the caller knows: jurisdiction by every name it goes by, and the purposes of the library."""

    jurisdictions: Mapping[str, str]
    purposes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """`told` by path relative to the audited folder, with slashes. `bad`: what is wrong with a row, by the same path;
    `loose`: what is wrong with rows that name no recording.
    """

    told: Mapping[str, Told] = field(default_factory=dict)
    bad: Mapping[str, InputError] = field(default_factory=dict)
    loose: tuple[InputError, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Row:
    where: str
    values: Mapping[str, str]


def beside(folder: Path) -> Path | None:
    """The metadata file of a folder, if it has one; InputError input.metadata_twice when it has both kinds."""
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(found) > 1:
        raise InputError(
            "input.metadata_twice",
            f"{folder}: found {' and '.join(NAMES)}, expected one of them",
            hint="name the one to use with --metadata",
        )
    return found[0] if found else None


def read_metadata(path: Path, recordings: Set[str], allowed: Allowed) -> Metadata:
    """Read and check every row; `recordings` are the files of the folder that a row may be about.

    Raises InputError input.metadata_* for a file that cannot be read as a table at all.
    """
    told: dict[str, Told] = {}
    bad: dict[str, InputError] = {}
    loose: list[InputError] = []
    for row in _rows(path):
        name = PurePosixPath(row.values.get("file", "").replace("\\", "/")).as_posix().removeprefix("./")
        if name not in recordings:
            loose.append(_wrong(row, "file", row.values.get("file", ""), "a recording in the audited folder"))
            continue
        if name in told or name in bad:
            told.pop(name, None)
            bad[name] = _wrong(row, "file", name, "one row for each recording")
            continue
        try:
            told[name] = _told(row, allowed)
        except InputError as error:
            bad[name] = error
    return Metadata(told=told, bad=bad, loose=tuple(loose))


def _told(row: _Row, allowed: Allowed) -> Told:
    def choice(name: str, known: tuple[str, ...]) -> str | None:
        value = row.values.get(name)
        if value is None or value.lower() in known:
            return None if value is None else value.lower()
        raise _wrong(row, name, value, f"one of {', '.join(known)}")

    left, right = choice("left", SIDES), choice("right", SIDES)
    if left is not None and left == right:
        raise _wrong(row, "right", left, f"the other side than `left`, which is {left}")
    jurisdiction = row.values.get("jurisdiction")
    if jurisdiction is not None and jurisdiction.lower() not in allowed.jurisdictions:
        raise _wrong(row, "jurisdiction", jurisdiction, f"one of {', '.join(allowed.jurisdictions)}")
    return Told(
        left=left,
        right=right,
        language=choice("language", LANGUAGES),
        at=_instant(row),
        creditor=row.values.get("creditor"),
        creditor_tier=choice("creditor_tier", CREDITOR_TIERS),
        debtor_tier=choice("debtor_tier", DEBTOR_TIERS),
        jurisdiction=allowed.jurisdictions[jurisdiction.lower()] if jurisdiction is not None else None,
        purpose=choice("purpose", allowed.purposes),
        voice=choice("voice", tuple(sorted(VOICES))),
    )


FIELDS = ("file", *(name for name in Told.__dataclass_fields__))
"""Columns of the table; all but `file` may be absent or empty."""


def _instant(row: _Row) -> datetime | None:
    text = row.values.get("at")
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(row, "at", text, "an instant such as 2026-11-23T10:30:00+08:00") from error
    if found.tzinfo is None:
        raise _wrong(row, "at", text, "an instant with its offset, such as 2026-11-23T10:30:00+08:00")
    return found


def _wrong(row: _Row, name: str, found: str, expected: str) -> InputError:
    return InputError(
        "input.metadata_row",
        f"{row.where}, field {name}: found {found!r}, expected {expected}",
        hint="set the row right and run the same command again; only what is missing is heard",
    )


def _rows(path: Path) -> Iterator[_Row]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("input.metadata_size", f"{path}: larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError("input.metadata_unreadable", f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError("input.metadata_unreadable", f"{path}: expected UTF-8 text") from error
    reader: Callable[[Path, str], Iterator[_Row]] = _json_lines if path.suffix.lower() == ".jsonl" else _csv
    yield from reader(path, text)


def _csv(path: Path, text: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        _check_names(f"{path} line 1", tuple(reader.fieldnames or ()))
        for record in reader:
            where = f"{path} line {reader.line_num}"
            if None in record or None in record.values():
                raise InputError("input.metadata_row", f"{where}: expected {len(reader.fieldnames or ())} columns")
            yield _Row(where=where, values=_filled(record))
    except csv.Error as error:
        raise InputError("input.metadata_unreadable", f"{path} line {reader.line_num}: {error}") from error


def _json_lines(path: Path, text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError("input.metadata_unreadable", f"{where}: expected a JSON object") from error
        if not isinstance(record, dict):
            raise InputError("input.metadata_unreadable", f"{where}: expected a JSON object")
        _check_names(where, tuple(record))
        values = {name: value for name, value in record.items() if value is not None}
        if not all(isinstance(value, str) for value in values.values()):
            raise InputError("input.metadata_unreadable", f"{where}: expected texts or null as values")
        yield _Row(where=where, values=_filled(values))


def _check_names(where: str, names: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in FIELDS]
    if unknown or "file" not in names:
        what = f"found the field {unknown[0]!r}" if unknown else "found no field `file`"
        raise InputError("input.metadata_fields", f"{where}: {what}, expected {', '.join(FIELDS)}")


def _filled(record: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in record.items() if value.strip()}
