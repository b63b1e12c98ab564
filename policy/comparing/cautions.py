"""What of a difference between two rulebooks asks the reviewer to look twice (pure)."""

from datetime import date
from typing import Literal

from policy.comparing.change import Change, Difference

Caution = Literal["past_days", "title_and_sources_kept"]
_TITLES = frozenset({"title", "covers"})


def cautions(difference: Difference, today: date) -> tuple[Caution, ...]:
    """`past_days`: a value that held before `today` was changed or taken away for days on which it held, so that past
    rulings could not be explained by this book. `title_and_sources_kept`: a value's parameters changed, while the title
    and the citations beside it stayed as they were.
    """
    values = [change for change in difference.changes if change.what == "value"]
    found: list[Caution] = []
    if any(_rewrites(change, today) for change in values):
        found.append("past_days")
    titled = any(change.what in _TITLES for change in difference.changes)
    moved = [change for change in values if _moved(change) and change.after is not None and "state" not in change.after]
    if not titled and any(_cited(change, "before") == _cited(change, "after") for change in moved):
        found.append("title_and_sources_kept")
    return tuple(found)


def _rewrites(change: Change, today: date) -> bool:
    begun = change.start is None or change.start < today
    return begun and change.before is not None and "state" not in change.before and _moved(change)


def _moved(change: Change) -> bool:
    """Whether there was a value before whose parameters are others now, or none."""
    if change.before is None or "state" in change.before:
        return False
    return change.after is None or change.before["parameters"] != change.after.get("parameters")


def _cited(change: Change, side: Literal["before", "after"]) -> object:
    held = change.before if side == "before" else change.after
    return None if held is None else held.get("citations")
