"""Errors of the `speech` package, drawn as a tree.

SpeechError
├── CodecError         codec.*        a payload that is not what its encoding says
├── MediaFileError     media_file.*   an audio file that cannot be read or is incomplete
└── RecognizerError    recognizer.*   a model that is missing, broken or asked for what it cannot do

Codes are stable: programs may depend on them. Messages never contain anything that was said.
"""

from __future__ import annotations


class SpeechError(Exception):
    """Something a person can act on: `code` is stable, `message` says what was found, `hint` what to do."""

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, str | None]:
        """The error as the command line prints it."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class CodecError(SpeechError):
    """A payload that is not what its encoding says."""


class MediaFileError(SpeechError):
    """An audio file that cannot be read or is incomplete."""


class RecognizerError(SpeechError):
    """A model that is missing, broken or asked for what it cannot do."""
