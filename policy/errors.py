"""Errors of the `policy` package, drawn as a tree.

PolicyError
├── RulebookError    rulebook.*    a rulebook file cannot be trusted: file, line, field, found, expected
├── ScenarioError    scenario.*    a question from outside is malformed: field, found, expected
└── FactsError       facts.*       a caller built facts that cannot be (naive time, unknown channel)

Codes are stable: programs may depend on them. Messages never contain personal data.
"""


class PolicyError(Exception):
    """Something a person can act on: `code` is stable, `message` says what was found and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class RulebookError(PolicyError):
    """A rulebook file is refused at start; nothing is decided under a book that is only partly understood.

    `line` counts from 1; 0: the error is about a folder, or a file as a whole. `field` is empty where it is about none.
    """

    def __init__(self, code: str, *, file: str, line: int, field: str, found: str, expected: str) -> None:
        where = (f"{file}:{line}" if line else file) + (f": `{field}`" if field else "")
        super().__init__(code, f"{where}: found {found}; expected {expected} [{code}]")
        self.file = file
        self.line = line
        self.field = field
        self.found = found
        self.expected = expected


class ScenarioError(PolicyError):
    """A scenario that does not follow the format; `field` is a dotted path such as `debtor.timezones[0]`."""

    def __init__(self, code: str, *, field: str, found: str, expected: str) -> None:
        super().__init__(
            code, f"`{field}`: found {found}; expected {expected}" if field else f"found {found}; expected {expected}"
        )
        self.field = field
        self.found = found
        self.expected = expected


class FactsError(PolicyError):
    """Facts that contradict their own type; raised where they are built, so that no ruling is made on them."""
