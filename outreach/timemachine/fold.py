"""From versions of facts to rows as they stood. Pure.

Time has two axes. *Valid* time: when something was true in the world. *Known* time: when it was recorded here. Versions
come in the order in which they became known; each says something that holds from its `valid_from` on, and what became
known later overrules what was known before. Which versions are looked at decides what is known; which of those have
begun by `valid_at` decides what was true.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

TIMELESS = frozenset({"birth_date_enc"})
"""Facts that were true all along, whenever they became known."""
SETS = frozenset({"flags"})


class Version(Protocol):
    """A row of `fact_version`."""

    id: int
    of: str
    ref: str
    op: str
    value: dict[str, Any]
    valid_from: datetime


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Where to cut. What was known before version number `certain_before` counts as true at `valid_at`, whatever a
    clock that ran ahead wrote: the ruling made at that point took it for true.
    """

    valid_at: datetime
    certain_before: int = 0

    def holds(self, version: Version) -> bool:
        """Whether what the version says had begun."""
        return version.id < self.certain_before or version.valid_from <= self.valid_at


@dataclass(kw_only=True)
class Row:
    """One row as it stood. `born`: the number of the version that made it."""

    born: int
    fields: dict[str, Any] = field(default_factory=dict)


Rows = Mapping[str, Mapping[str, Row]]
"""Table -> key -> row."""


def fold(versions: Iterable[Version], cut: Cut) -> Rows:
    """The rows that these versions, in order of their numbers, leave standing."""
    found: dict[str, dict[str, Row]] = {}
    for version in versions:
        table = found.setdefault(version.of, {})
        held = cut.holds(version)
        if version.op == "insert":
            if held:
                table[version.ref] = Row(born=version.id, fields=dict(version.value))
        elif version.ref in table:
            if version.op == "delete":
                if held:
                    del table[version.ref]
            else:
                _apply(table[version.ref].fields, version.value, held=held)
    return found


def _apply(fields: dict[str, Any], change: Mapping[str, Any], *, held: bool) -> None:
    for name, value in change.items():
        column, _, how = name.rpartition("_")
        if not held and name not in TIMELESS:
            continue
        if column in SETS and how == "added":
            fields[column] = [*fields[column], *(item for item in value if item not in fields[column])]
        elif column in SETS and how == "removed":
            fields[column] = [item for item in fields[column] if item not in value]
        else:
            fields[name] = value
