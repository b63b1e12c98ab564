"""Reading a portfolio file: encoding, separator, header, records. Pure: bytes in, records out.

UTF-8 with or without BOM, UTF-16 with BOM, and GB18030 (which contains GBK and GB2312) are recognised. A file that is
not a table at all is one InputError naming the line; nothing of it is imported.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from outreach.errors import InputError

REQUIRED = (
    "creditor",
    "creditor_tier",
    "jurisdiction",
    "debtor_reference",
    "name",
    "timezones",
    "debt_reference",
    "principal",
    "amount",
    "currency",
    "due_date",
    "phone",
    "phone_source",
)
OPTIONAL = (
    "birth_date",
    "language",
    "debtor_tier",
    "region",
    "flags",
    "refused_channels",
    "quiet_windows",
    "party",
    "place",
)
QUARANTINE_COLUMNS = ("line", "field", "found", "expected", "what_to_do")
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One line of the table as text. `line` counts from 1 in the file; `surplus` holds cells beyond the header."""

    line: int
    cells: dict[str, str]
    surplus: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """A decoded file whose header is complete."""

    header: tuple[str, ...]
    records: tuple[Record, ...]


def read_table(content: bytes, name: str) -> Table:
    """The records of a file; InputError input.csv_* naming `name`, the line, what was found and what is expected."""
    text = decode(content, name)
    header_line = next((line for line in text.splitlines() if line.strip()), None)
    if header_line is None:
        raise InputError("input.csv_empty", f"{name}: the file is empty; expected a header line and records")
    separator = max(SEPARATORS, key=header_line.count)
    rows = _rows(text, separator, name)
    line, header_cells = next(rows)
    header = tuple(cell.strip().lower() for cell in header_cells)
    _require_header(header, name, line)
    records = tuple(_record(header, cells, number) for number, cells in rows)
    return Table(header=tuple(column for column in header if column not in QUARANTINE_COLUMNS), records=records)


def decode(content: bytes, name: str) -> str:
    """The text of a file; InputError input.csv_binary or input.csv_encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise InputError("input.csv_binary", f"{name}: found binary data, expected a CSV file as text")
        return text
    raise InputError("input.csv_encoding", f"{name}: found neither UTF-8 nor GB18030 text; save the file as UTF-8")


def _rows(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                "input.csv_malformed",
                f"{name}: line {start}: the record cannot be read ({error}); nothing was imported",
                hint="look for a quotation mark that is opened and never closed",
            ) from error
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _require_header(header: tuple[str, ...], name: str, line: int) -> None:
    missing = [column for column in REQUIRED if column not in header]
    if len(missing) == len(REQUIRED):
        raise InputError(
            "input.csv_header",
            f"{name}: line {line}: no header found; expected a first line with the columns {', '.join(REQUIRED)}",
        )
    if missing:
        raise InputError("input.csv_header", f"{name}: line {line}: the header lacks {', '.join(missing)}")
    known = {*REQUIRED, *OPTIONAL, *QUARANTINE_COLUMNS}
    unknown = [column for column in header if column not in known]
    if unknown:
        raise InputError(
            "input.csv_header",
            f"{name}: line {line}: unknown columns {', '.join(repr(column) for column in unknown)}; "
            f"a misspelt column must not drop a protection. Known and optional: {', '.join(OPTIONAL)}",
        )
    if len(set(header)) != len(header):
        raise InputError("input.csv_header", f"{name}: line {line}: a column occurs twice")


def _record(header: tuple[str, ...], cells: list[str], line: int) -> Record:
    values = {
        column: cell.strip() for column, cell in zip(header, cells, strict=False) if column not in QUARANTINE_COLUMNS
    }
    return Record(
        line=line,
        cells=values,
        surplus=max(0, len(cells) - len(header)),
        missing=max(0, len(header) - len(cells)),
    )
