"""What the time machine's command lines accept: names, instants, periods (pure). All raise InputError input.usage."""

import re
from datetime import UTC, date, datetime

from outreach.errors import InputError
from outreach.timemachine.reading import Span

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def one_of(option: str, found: str, expected: tuple[str, ...]) -> str:
    """`found`, when it is one of the names expected."""
    if found not in expected:
        raise InputError("input.usage", f"{option}: found {found!r}, expected one of {', '.join(expected)}")
    return found


def period(since: str, until: str | None) -> Span:
    """The period between two days or instants; one that ends before it begins would silently hold nothing."""
    span = Span(since=_bound("--since", since), until=None if until is None else _bound("--until", until))
    if span.until is not None and span.until < span.since:
        raise InputError(
            "input.usage",
            f"--since: found {since!r}, which is later than --until {until!r}; expected the earlier of the two",
        )
    return span


def not_past(found: str | None, now: datetime) -> datetime:
    """The instant to look ahead at, `now` unless told. A day is refused: rules are judged at an hour and a place."""
    if found is None:
        return now
    instant = _parsed(found) if _INSTANT.fullmatch(found) else None
    if instant is None:
        expected = "an RFC 3339 instant with seconds and offset, such as 2026-11-24T09:00:00+08:00"
        raise InputError("input.usage", f"--at: found {found!r}, expected {expected}")
    if instant < now:
        hint = "what was decided then: fairline policy replay"
        raise InputError("input.usage", f"--at: found {found!r}, which is over", hint=hint)
    return instant


def _bound(option: str, found: str) -> datetime:
    """A day (its first instant in UTC) or an instant with offset."""
    instant = _parsed(found)
    if instant is None:
        expected = "a day YYYY-MM-DD or an instant such as 2026-11-23T09:00:00+08:00"
        raise InputError("input.usage", f"{option}: found {found!r}, expected {expected}")
    return instant


def _parsed(found: str) -> datetime | None:
    try:
        if _DAY.fullmatch(found):
            return datetime.combine(date.fromisoformat(found), datetime.min.time(), UTC)
        instant = datetime.fromisoformat(found)
    except ValueError:
        return None
    return None if instant.utcoffset() is None else instant
