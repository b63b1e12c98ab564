"""Until when the records of a call are kept: the longest period of the packs that ruled on it. Pure.

Recording and transcript are kept together, as long as either must be. Nothing is erased here: what is recorded with a
call is the day before which nobody may erase it and the duty that says so. An open complaint or suit keeps it longer
still, for as long as it is open.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from policy.subjects import Retention

LAST_ACTIVITY = "last_collection_activity"
OPEN_BY_FLAG = {"grievance_open": "complaint_open"}
"""Flags of a person or debt that keep records longer, in the words of the duties. No flag tells of an open suit yet."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """`until`: the first day on which the records need not be kept any more by period; `duty`: whose period that is.

    `while_open`: circumstances that stand now and keep the records beyond that day.
    """

    until: date
    duty: str
    while_open: tuple[str, ...] = ()


def kept(
    periods: Sequence[Retention], *, call_day: date, last_activity: date, circumstances: Collection[str] = ()
) -> Kept | None:
    """The longest of the periods, the first of equals; None when there is none: then nothing may be erased at all.

    A period runs from the day of the call or, where the law counts so, from the last activity of the collection.
    """
    if not periods:
        return None
    last = max(call_day, last_activity)
    ends = [
        (period.kept_until(last if LAST_ACTIVITY in period.counted_from.values() else call_day), period)
        for period in periods
    ]
    until, longest = max(ends, key=lambda end: end[0])
    longer = frozenset().union(*(period.longer_while for period in periods))
    return Kept(until=until, duty=longest.duty_id, while_open=tuple(sorted(longer & set(circumstances))))


def circumstances(flags: Collection[str]) -> frozenset[str]:
    """What the flags of a person and a debt say of complaints and suits."""
    return frozenset(OPEN_BY_FLAG[flag] for flag in flags if flag in OPEN_BY_FLAG)
