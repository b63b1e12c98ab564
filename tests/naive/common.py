"""Small plain helpers for the naive readings: instants, local clocks, weekly windows, refusals (pure).

Scenarios stay what `json.loads` made of them: dicts, lists and text. Nothing here comes from the product, so that a
slip there cannot be repeated here by using the same code.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

Scenario = dict[str, Any]
Item = dict[str, Any]
Rules = list[tuple[str, Callable[[Scenario], bool]]]

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def denying(rules: Rules, scenario: Scenario) -> list[str]:
    """Ids of the rules that forbid the attempt, sorted: every one is asked, none hides another."""
    return sorted(rule_id for rule_id, forbids in rules if forbids(scenario))


def instant(text: str) -> datetime:
    """An RFC 3339 instant as an aware datetime; its offset tells nothing about where the debtor is."""
    return datetime.fromisoformat(text)


def attempt_instant(scenario: Scenario) -> datetime:
    """The instant of the contact about to be made."""
    return instant(scenario["attempt"]["at"])


def zones(scenario: Scenario) -> list[str]:
    """Every zone in which the debtor may be, as listed."""
    return list(scenario["debtor"]["timezones"])


@cache
def clocks_of(zone: str) -> ZoneInfo:
    """The zone from the `tzdata` package, never from the host: hosts disagree about coming changes."""
    with resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


def local(at: datetime, zone: str) -> datetime:
    """The clock on the wall of that zone at that instant."""
    return at.astimezone(clocks_of(zone))


def seconds_of_day(clock: datetime) -> int:
    """Seconds shown by the clock since its 00:00:00."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def open_in_all(at: datetime, places: list[str], opens_hour: int, closes_hour: int) -> bool:
    """Whether every zone's clock shows `opens_hour`:00:00 or later, and earlier than `closes_hour`:00:00."""
    return all(is_open(at, zone, opens_hour, closes_hour) for zone in places)


def is_open(at: datetime, zone: str, opens_hour: int, closes_hour: int) -> bool:
    """Half open: the opening second is inside, the closing second is outside."""
    return opens_hour * 3600 <= seconds_of_day(local(at, zone)) < closes_hour * 3600


def day(scenario: Scenario, at: datetime) -> date:
    """The calendar day used for counting: that of the first zone listed."""
    return local(at, zones(scenario)[0]).date()


def clock_seconds(text: str) -> int:
    """'HH:MM' as seconds; '24:00' is the end of the day."""
    return int(text[:2]) * 3600 + int(text[3:]) * 60


def window_start_day(window: dict[str, Any], clock: datetime) -> date | None:
    """Day on which the occurrence of the weekly window that covers this clock reading began; None when none covers it.

    `days` are the days on which it starts, `start` is inside, `end` outside, `start` after `end` runs past midnight.
    The format does not say what `start` equal to `end` is: here a day from `start`, which protects (see `covers`).
    """
    now, start, end = seconds_of_day(clock), clock_seconds(window["start"]), clock_seconds(window["end"])
    today = clock.date()
    yesterday = today - timedelta(days=1)
    starts_today = DAYS[today.weekday()] in window["days"]
    started_yesterday = DAYS[yesterday.weekday()] in window["days"]
    if start < end:
        return today if starts_today and start <= now < end else None
    if starts_today and now >= start:
        return today
    if started_yesterday and now < end:
        return yesterday
    return None


def covers(window: dict[str, Any], clock: datetime) -> bool:
    """Whether the window of a consent covers this clock reading; one that ends where it starts covers nothing."""
    return window["start"] != window["end"] and window_start_day(window, clock) is not None


def quiet_occurrences(scenario: Scenario, at: datetime) -> set[tuple[str, int, date]]:
    """Every occurrence of a quiet time the debtor asked for that covers the instant in some zone."""
    found = set()
    for zone in zones(scenario):
        for number, window in enumerate(scenario["debtor"]["preferences"]["no_contact_windows"]):
            began = window_start_day(window, local(at, zone))
            if began is not None:
                found.add((zone, number, began))
    return found


def flagged(scenario: Scenario, *names: str) -> bool:
    """Whether any of these facts is known."""
    return any(name in scenario["debtor"]["flags"] for name in names)


def debts(item: Item) -> set[str]:
    """All debts an earlier contact touched."""
    return {item["debt"], *item.get("also_debts", [])}


def medium(item: Item) -> str:
    """The medium; a message dropped straight into a mailbox went over the telephone."""
    return "voice" if item["channel"] == "voicemail" else str(item["channel"])


def same_number(one: Item, other: Item) -> bool:
    """Settled: an unlabelled contact used the only address of its party; labelled ones are the same by their label."""
    if one.get("address") is None or other.get("address") is None:
        return bool(one["party"] == other["party"])
    return bool(one["address"] == other["address"])


def same_person(one: Item, other: Item) -> bool:
    """Settled: `third_party` names no single person, so outsiders with different labels are different persons."""
    if one["party"] != other["party"]:
        return False
    return one["party"] != "third_party" or maybe_same_address(one, other)


def maybe_same_address(one: Item, other: Item) -> bool:
    """False only when both are labelled and the labels differ: an unlabelled one may be either."""
    left, right = one.get("address"), other.get("address")
    return left is None or right is None or left == right


def channel_refused(scenario: Scenario) -> bool:
    """The medium of the attempt was refused, as such or by refusing text messages."""
    channel = scenario["attempt"]["channel"]
    by_flag = channel == "sms" and flagged(scenario, "revoked_sms_consent")
    return by_flag or channel in scenario["debtor"]["preferences"]["no_channels"]


def address_refused(scenario: Scenario) -> bool:
    """The number or mailbox of the attempt was refused.

    Without a label it is "the debtor's only address", so the refused one, if it is the debtor who is contacted.
    """
    refused = scenario["debtor"]["preferences"].get("no_addresses", [])
    if "address" not in scenario["attempt"]:
        return bool(refused) and scenario["attempt"]["party"] == "debtor"
    return scenario["attempt"]["address"] in refused


def birthday(born: date, age: int, of_leapling: str) -> date:
    """The birthday of that age; of a person born on 29 February `of_leapling` ('02-28', '03-01') in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date.fromisoformat(f"{born.year + age:04d}-{of_leapling}")
