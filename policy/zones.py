"""Local clocks, and the instants at which they read something (I/O: reads the time-zone database package once per
zone).

Zones come from the `tzdata` package, never from the host, so that a ruling made on one machine can be remade on
another; its
version is `CLOCK_DATA`. Clock changes are honoured: a wall time can occur once, twice or not at all on a given day.
"""

import importlib
import importlib.resources
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

CLOCK_DATA: str = str(importlib.import_module("tzdata").IANA_VERSION)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone name the database knows, links included."""
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listed.split())


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None when the database has none."""
    if name not in zone_names():
        return None
    *folders, last = name.split("/")
    node = importlib.resources.files("tzdata").joinpath("zoneinfo", *folders, last)
    with node.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


@lru_cache(maxsize=4096)
def find_zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    """The zones of those names in order; a name that the database does not know is left out."""
    return tuple(zone for zone in map(find_zone, names) if zone is not None)


@lru_cache(maxsize=65_536)
def transitions(zone: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """Instants (UTC) within the UTC day `day` at which the offset of `zone` changes; to the second."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return tuple(_changes(zone, begin, begin + _DAY, hours=24))


@lru_cache(maxsize=65_536)
def next_transition(zone: ZoneInfo, day: date, days: int) -> datetime | None:
    """The first offset change of `zone` on the UTC day `day` or within the `days` after it."""
    for offset in range(days + 1):
        found = transitions(zone, day + _DAY * offset)
        if found:
            return found[0]
    return None


def _changes(zone: ZoneInfo, begin: datetime, end: datetime, *, hours: int) -> Iterable[datetime]:
    step = (end - begin) / hours
    for index in range(hours):
        low, high = begin + step * index, begin + step * (index + 1)
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > _SECOND:
            middle = low + (high - low) // 2
            middle = middle.replace(microsecond=0)
            if low.astimezone(zone).utcoffset() == middle.astimezone(zone).utcoffset():
                low = middle
            else:
                high = middle
        yield high


@lru_cache(maxsize=65_536)
def _readings(zone: ZoneInfo, day: date, wall_secs: tuple[int, ...]) -> tuple[datetime, ...]:
    """Sorted instants at which the clock of `zone` reads one of `wall_secs` on the local day, or jumps around it."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall reading, made an instant below
    found: set[datetime] = set()
    for secs in wall_secs:
        wall = midnight + timedelta(seconds=secs)
        for fold in (0, 1):
            instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None) == wall:
                found.add(instant)
    for utc_day in (day - _DAY, day, day + _DAY):
        found.update(transitions(zone, utc_day))
    return tuple(sorted(found))


@lru_cache(maxsize=65_536)
def _steady(zone: ZoneInfo, day: date) -> bool:
    """Whether no clock of `zone` is changed near the local day `day`: its readings then follow by plain addition."""
    return not any(transitions(zone, day + _DAY * offset) for offset in (-1, 0, 1, 2))


def next_reading(zone: ZoneInfo, after: datetime, wall_secs: tuple[int, ...]) -> datetime:
    """The first instant (UTC) strictly after `after` at which the local clock reads one of `wall_secs` or is changed.

    Between two consecutive answers nothing that is a function of "which of these marks did the clock pass today"
    changes.
    `wall_secs` is sorted and not empty; the search needs at most a few days, because every mark is read at least
    every second day.
    """
    local = after.astimezone(zone)
    today = local.date()
    if wall_secs and _steady(zone, today):
        secs = local.hour * 3600 + local.minute * 60 + local.second
        second = after.astimezone(UTC).replace(microsecond=0)
        ahead = next((mark for mark in wall_secs if mark > secs), 86_400 + wall_secs[0])
        return second + timedelta(seconds=ahead - secs)
    for days in ((-1, 0, 1), (2, 3, 4)):  # the second round only where the zone skipped a day
        found = [
            instant
            for offset in days
            for instant in _readings(zone, today + _DAY * offset, wall_secs)
            if instant > after
        ]
        if wall_secs and found:
            return min(found)
    raise ValueError("`wall_secs` must hold seconds of a day, 0..86400")


def start_of_day(zone: ZoneInfo, day: date) -> datetime:
    """The first instant (UTC) of the local day `day`, or of the first later day where the zone skipped it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    jumps = (change for utc_day in (day - _DAY, day, day + _DAY) for change in transitions(zone, utc_day))
    turns = [
        instant
        for instant in (midnight, *jumps)
        if (instant - _SECOND).astimezone(zone).date() < day <= instant.astimezone(zone).date()
    ]
    return min(turns, default=midnight)
