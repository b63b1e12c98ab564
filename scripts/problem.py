"""What the library lint reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scripts.script import Line, Script, Step


class Severity(StrEnum):
    """An error fails the lint. A note is work to be done: a line that waits for approval cannot be suggested, and harms
    nobody.
    """

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding of the lint. `code` is stable; `where` is `lang/script/step/line`; `line` counts from 1, 0 for the
    whole file.
    """

    code: str
    severity: Severity
    file: str
    line: int
    where: str
    found: str
    expected: str

    def to_json(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "file": self.file,
            "line": self.line,
            "where": self.where,
            "found": self.found,
            "expected": self.expected,
        }


def in_line(code: str, script: Script, line: Line, *, found: str, expected: str) -> Problem:
    """An error in one line."""
    where = f"{line.lang}/{line.script}/{line.step}/{line.id}"
    return Problem(
        code=f"lint.{code}",
        severity=Severity.ERROR,
        file=script.file,
        line=line.at,
        where=where,
        found=found,
        expected=expected,
    )


def in_step(code: str, script: Script, step: Step, *, found: str, expected: str) -> Problem:
    """An error in one step."""
    where = f"{script.lang}/{script.id}/{step.id}"
    return Problem(
        code=f"lint.{code}",
        severity=Severity.ERROR,
        file=script.file,
        line=step.at,
        where=where,
        found=found,
        expected=expected,
    )


def in_library(code: str, *, where: str, found: str, expected: str, severity: Severity = Severity.ERROR) -> Problem:
    """A problem of the library as a whole."""
    return Problem(
        code=f"lint.{code}", severity=severity, file="(library)", line=0, where=where, found=found, expected=expected
    )
