"""What a comparison of two rulebooks finds: changes of one item, and which way each moves contact (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Direction = Literal["tightens", "loosens", "mixed", "neutral", "not_applicable"]
How = Literal["asked", "by_state", "by_content"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference. `start`, `end`: the days it concerns (None: from the beginning, without end).

    `before` and `after` hold what was and what is, each as plain JSON (None: nothing). `direction` says which way
    contact moves; `how` it was found: both values were asked, one of them is not in force, or only content was
    compared. `asked` counts the questions put, `closed` those that only the new value refuses, `opened` those that only
    the old one refused.
    """

    what: str
    start: date | None = None
    end: date | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    direction: Direction = "not_applicable"
    how: How = "by_content"
    asked: int = 0
    closed: int = 0
    opened: int = 0

    def to_json(self) -> dict[str, Any]:
        """The change as JSON types."""
        return {
            "what": self.what,
            "from": None if self.start is None else self.start.isoformat(),
            "until": None if self.end is None else self.end.isoformat(),
            "before": None if self.before is None else dict(self.before),
            "after": None if self.after is None else dict(self.after),
            "direction": self.direction,
            "how": self.how,
            "scenarios": {"asked": self.asked, "closed": self.closed, "opened": self.opened},
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One item (or the pack as a whole) that differs. `status`: added, removed or changed."""

    pack: str
    section: str
    id: str
    title: str
    status: str
    changes: tuple[Change, ...] = ()

    @property
    def direction(self) -> Direction:
        """All changes together."""
        found = {change.direction for change in self.changes} - {"neutral", "not_applicable"}
        if not found:
            neutral = any(change.direction == "neutral" for change in self.changes)
            return "neutral" if neutral else "not_applicable"
        return found.pop() if len(found) == 1 else "mixed"

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON types."""
        return {
            "pack": self.pack,
            "section": self.section,
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "direction": self.direction,
            "changes": [change.to_json() for change in self.changes],
        }


def fields(old: Mapping[str, Any], new: Mapping[str, Any], within: str = "") -> Iterator[Change]:
    """Differences of plain values, each at its own path; a text in two languages is one value."""
    for name in sorted({*old, *new}):
        was, now, path = old.get(name), new.get(name), f"{within}{name}"
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict) and not _is_text(was):
            yield from fields(was, now, f"{path}.")
        else:
            yield Change(what=path, before=_held(was), after=_held(now))


def _is_text(value: Mapping[str, Any]) -> bool:
    return set(value) == {"en", "zh"}


def _held(value: Any) -> dict[str, Any] | None:
    return None if value is None else {"value": value}
