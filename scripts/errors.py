"""Errors of the `scripts` package, drawn as a tree.

ScriptsError
├── LibraryError     library.*    a file of the library is malformed (file, line, field, found, expected)
├── ApprovalError    approval.*   a line may not be approved, or is not
├── RequestError     request.*    a request for a suggestion is malformed
└── RenderError      render.*     a slot is missing or badly typed

Codes are stable. Messages name slots and fields, never the values in them: facts are personal data.
"""

from __future__ import annotations


class ScriptsError(Exception):
    """Something a person can act on: `code` is stable, `message` says what was found and what to do."""

    def __init__(self, code: str, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.hint = hint

    def to_json(self) -> dict[str, object]:
        """The error as the command line prints it."""
        return {"code": self.code, "message": self.message, "field": self.field, "hint": self.hint}


class LibraryError(ScriptsError):
    """A file of the library is malformed: says where, what was found and what was expected."""

    def __init__(self, code: str, *, file: str, line: int, field: str, found: str, expected: str) -> None:
        super().__init__(code, f"{file}:{line}: {field}: found {found}; expected {expected}", field=field)
        self.file = file
        self.line = line
        self.found = found
        self.expected = expected

    def to_json(self) -> dict[str, object]:
        """With the place apart, so that an editor can jump to it."""
        place = {"file": self.file, "line": self.line, "found": self.found, "expected": self.expected}
        return {**super().to_json(), **place}


class ApprovalError(ScriptsError):
    """A line may not be approved, or is not."""


class RequestError(ScriptsError):
    """A request for a suggestion is malformed."""


class RenderError(ScriptsError):
    """A slot is missing or badly typed."""
