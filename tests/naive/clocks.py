"""Random instants that sit on the edges of the law: closing seconds, clock changes, leap days, year ends (pure)."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from tests.naive.common import clocks_of

FIRST_YEAR, LAST_YEAR = 2023, 2028

HOME_ZONES = {
    "cn": ["Asia/Shanghai"],
    "us-reg-f": ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"],
    "uk-conc7": ["Europe/London"],
    "in-rbi": ["Asia/Kolkata"],
}
FAR_ZONES = {
    "cn": ["Asia/Urumqi", "Asia/Tokyo", "America/New_York", "America/Los_Angeles", "Europe/London", "Australia/Sydney"],
    "us-reg-f": ["Pacific/Honolulu", "America/Anchorage", "America/Puerto_Rico", "America/Indiana/Indianapolis"],
    "uk-conc7": ["Europe/Dublin", "Europe/Madrid", "Atlantic/Canary", "America/New_York", "Asia/Dubai"],
    "in-rbi": ["Asia/Dubai", "Asia/Singapore", "Asia/Kathmandu", "Europe/London", "America/New_York"],
}
ODD_ZONES = [
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Chatham",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "America/Argentina/Buenos_Aires",
    "Africa/Casablanca",  # clock changes around Ramadan
    "Asia/Kathmandu",
]
OFFSETS = ["Z", "+00:00", "+08:00", "-05:00", "-07:00", "+05:30", "+01:00", "-09:30", "+14:00", "-12:00", "+12:45"]


def zone_list(rng: Random, pack: str) -> list[str]:
    """One zone mostly, often one of the pack's own; sometimes two or three."""
    count = rng.choices([1, 2, 3], [80, 15, 5])[0]
    found: list[str] = []
    while len(found) < count:
        pool = rng.choices([HOME_ZONES[pack], FAR_ZONES[pack], ODD_ZONES], [80, 15, 5] if not found else [25, 65, 10])[
            0
        ]
        zone = rng.choice(pool)
        if zone not in found:
            found.append(zone)
    if count > 1 and rng.random() < 0.3:
        rng.shuffle(found)
    return found


@cache
def change_days(zone: str, year: int) -> tuple[date, ...]:
    """Local days of that year on which the clocks of the zone change; empty where they do not."""
    noon = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [at.astimezone(clocks_of(zone)).utcoffset() for at in noon]
    return tuple(noon[n].date() for n in range(1, len(noon)) if offsets[n] != offsets[n - 1])


def attempt_day(rng: Random, zone: str) -> date:
    """A day of the years covered; a third of them beside a clock change, a leap day, a year end, or a new law's day."""
    year = rng.randint(FIRST_YEAR, LAST_YEAR)
    plain = date(year, 1, 1) + timedelta(days=rng.randrange(365))
    kind = rng.choices(["plain", "change", "leap", "year", "law", "early"], [64, 14, 6, 6, 6, 4])[0]
    if kind == "change" and change_days(zone, year):
        return rng.choice(change_days(zone, year)) + timedelta(days=rng.choice([-1, 0, 0, 0, 1, 6, 7]))
    if kind == "leap":
        return date(rng.choice([2024, 2028]), 2, 29) + timedelta(days=rng.choice([-1, 0, 0, 1, 6]))
    if kind == "year":
        return date(year, 12, 31) + timedelta(days=rng.choice([-1, 0, 1, 6]))
    if kind == "law":
        # the new text of India; the 18th birthday of those born on 29 February 2008
        return rng.choice([date(2027, 1, 1), date(2026, 3, 1)]) + timedelta(days=rng.choice([-2, -1, 0, 1, 7]))
    if kind == "early":
        return date(2022, 9, 1) + timedelta(days=rng.randrange(100))
    return plain


def attempt_clock(rng: Random) -> int:
    """Seconds of the day: mostly inside the hours, a quarter within two seconds of a closing or opening time."""
    kind = rng.choices(["day", "edge", "any"], [68, 22, 10])[0]
    if kind == "edge":
        hour = rng.choice([0, 8, 8, 8, 12, 18, 19, 19, 20, 21, 21, 22, 22, 24])
        return (hour * 3600 + rng.choice([-2, -1, -1, 0, 0, 0, 1, 2, -60, 59])) % 86400
    if kind == "day":
        return rng.randrange(8 * 3600, 19 * 3600)
    return rng.randrange(86400)


def at_clock(day: date, seconds: int, zone: str, *, fold: int = 0) -> datetime:
    """The instant at which that zone's clock shows this; a reading that a clock change skips moves on by the gap."""
    clock = datetime(day.year, day.month, day.day, tzinfo=clocks_of(zone)).replace(
        hour=seconds // 3600, minute=seconds // 60 % 60, second=seconds % 60, fold=fold
    )
    return clock.astimezone(UTC)


def text(rng: Random, at: datetime, zone: str) -> str:
    """RFC 3339 with seconds: with the zone's own offset, or with one that has nothing to do with it."""
    if rng.random() < 0.5:
        return at.astimezone(clocks_of(zone)).isoformat(timespec="seconds")
    offset = rng.choice(OFFSETS)
    if offset == "Z":
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    shift = datetime.fromisoformat(f"2024-01-01T00:00:00{offset}").tzinfo
    return at.astimezone(shift).isoformat(timespec="seconds")


def attempt_instant(rng: Random, zones: list[str]) -> datetime:
    """The instant of the attempt, read from the clock of one of the zones."""
    zone = rng.choice(zones)
    return at_clock(attempt_day(rng, zone), attempt_clock(rng), zone, fold=rng.randint(0, 1))


def earlier_instant(rng: Random, attempt: datetime, zone: str, mode: str) -> datetime:
    """An instant before the attempt: `day` the same local day, `week` the last eight, `month` the last 31 days."""
    today = attempt.astimezone(clocks_of(zone)).date()
    back = {"day": [0, 0, 0, 1], "week": [0, 1, 2, 3, 4, 5, 6, 6, 7], "month": [0, 3, 6, 7, 13, 28, 29, 29, 30, 31]}[
        mode
    ]
    kind = rng.choices(["clock", "edge", "near"], [75, 15, 10])[0]
    if kind == "near":
        return attempt - timedelta(seconds=rng.choice([1, 1, 60, 600, 3600, 86400 * 6, 86400 * 7, 604799, 604801]))
    seconds = rng.choice([0, 1, 86399]) if kind == "edge" else rng.randrange(8 * 3600, 21 * 3600)
    at = at_clock(today - timedelta(days=rng.choice(back)), seconds, zone, fold=rng.randint(0, 1))
    return at if at < attempt else attempt - timedelta(seconds=rng.randint(1, 40000))
