"""Importing a portfolio file (I/O): good rows are committed together, bad ones are set aside with what to do.

Importing the same file twice changes nothing. A row that contradicts what is stored about the same creditor, person or
debt is set aside rather than resolved by guessing.
"""

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from outreach.cases.csv_file import QUARANTINE_COLUMNS, Record, Table, read_table
from outreach.cases.rows import CaseRow, Problem, check
from outreach.cases.writer import RowWriter, Tally
from outreach.db.database import Database
from outreach.db.history import tell
from outreach.errors import InputError
from outreach.ledger import store
from outreach.ledger.entry import Entry

MAX_FILE_BYTES = 256 * 1024 * 1024

Advance = Callable[[int, int], None]
"""Called with rows done and rows in all."""


@dataclass(kw_only=True)
class ImportReport(Tally):
    """What became of a file."""

    file: str
    rows: int = 0
    quarantined: int = 0
    quarantine_file: str | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As `fairline import --json` prints it. Problems name line and field, never what was found."""
        return dict(vars(self))


def import_file(database: Database, path: Path, now: datetime, advance: Advance | None = None) -> ImportReport:
    """Import a CSV file; good rows are committed, bad ones written to `<file>.quarantine.csv` beside it.

    Raises InputError input.csv_* when the file is not a table with our columns; then nothing is imported.
    """
    content = _content(path)
    table = read_table(content, path.name)
    report = ImportReport(file=path.name, rows=len(table.records))
    bad: list[tuple[Record, Sequence[Problem]]] = []
    with database.session() as session:
        tell(session, now, "portfolio file")
        writer = RowWriter(session, database.vault, now, report)
        for done, record in enumerate(table.records, 1):
            checked = check(record, now.date())
            problems = writer.write(checked) if isinstance(checked, CaseRow) else checked
            if problems:
                bad.append((record, problems))
            if advance is not None:
                advance(done, len(table.records))
        _finish(session, report, bad, hashlib.sha256(content).hexdigest(), now)
        if bad:
            report.quarantine_file = str(_write_quarantine(path, table, bad))
    return report


def _finish(
    session: Session,
    report: ImportReport,
    bad: Sequence[tuple[Record, Sequence[Problem]]],
    digest: str,
    now: datetime,
) -> None:
    report.quarantined = len(bad)
    report.problems = [
        {"line": record.line, "field": problem.field, "expected": problem.expected, "what_to_do": problem.what_to_do}
        for record, problems in bad
        for problem in problems
    ]
    accepted = report.created + report.updated + report.unchanged
    data = {"file": digest, "accepted": accepted, "quarantined": report.quarantined}
    store.append(session, Entry(kind="cases.imported", at=now, data=data))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError("input.csv_size", f"{path.name}: larger than {MAX_FILE_BYTES} bytes; split the file")
        return path.read_bytes()
    except OSError as error:
        raise InputError("input.csv_missing", f"{path}: cannot be read ({error.strerror})") from error


def _write_quarantine(path: Path, table: Table, bad: Sequence[tuple[Record, Sequence[Problem]]]) -> Path:
    """One line per bad record, readable by `import` again once it is corrected. UTF-8 with BOM, for spreadsheets."""
    target = path.with_name(path.name + ".quarantine.csv")
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*QUARANTINE_COLUMNS, *table.header])
            for record, problems in bad:
                told = [" | ".join(getattr(problem, name) for problem in problems) for name in QUARANTINE_COLUMNS[1:]]
                writer.writerow([record.line, *told, *(record.cells.get(column, "") for column in table.header)])
    except OSError as error:
        raise InputError(
            "input.quarantine", f"{target}: cannot be written ({error.strerror}); nothing was imported"
        ) from error
    return target
