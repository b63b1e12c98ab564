"""Errors of the `nlp` package, drawn as a tree.

NlpError
├── LexiconError       lexicon.*   a data file of the package is malformed
├── InputLineError     input.*     a line handed to the command line cannot be read
└── NotLoadedError     missing.*   a library or model a detector needs is not installed

Codes are stable. Messages name file, line and field, never the words somebody spoke.
"""


class NlpError(Exception):
    """Base of the package's errors: `code` is stable, `message` says what was found and what to do."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def to_json(self) -> dict[str, str | None]:
        """The error as the command line prints it."""
        return {"code": self.code, "message": self.message, "field": self.field}


class LexiconError(NlpError):
    """A lexicon file has an unknown key, a duplicate id, an undefined concept or a pattern that does not compile."""


class InputLineError(NlpError):
    """A line of input is not the JSON object expected, or a field of it has the wrong form."""


class NotLoadedError(NlpError):
    """A library or model that a detector needs is not there."""
