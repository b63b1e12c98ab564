"""What the peers are given: a scenario with its clocks read, because neither language knows time zones.

This runs outside the clock of the benchmark, in the peers' favour. Rego gets facts and counts for itself; Cedar has
no loops, so it gets the counts and the answers to "is there one that …" as well.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Raw = dict[str, Any]
FOREVER = 2**40
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GUIDELINE = date(2026, 1, 30)
RANG = {"no_answer", "conversation", "voicemail", "busy", "declined", "dropped", "delivered"}
UNANSWERED = {"no_answer", "voicemail", "busy", "not_in_service", "declined", "delivered", "bounced"}
CONNECTED = {"no_answer", "voicemail", "conversation", "declined", "dropped", "wrong_number", "delivered"}
CALL = {"voice", "voicemail"}
OUTSIDERS = {"third_party", "parent", "guarantor"}


def with_clocks(raw: Raw) -> Raw:
    """The facts for Rego: instants as epoch seconds, every clock as seconds, weekday and ordinal day."""
    debtor, attempt = raw["debtor"], raw["attempt"]
    zones = [ZoneInfo(name) for name in debtor["timezones"]]
    at = datetime.fromisoformat(attempt["at"])
    return {
        "channel": attempt["channel"],
        "purpose": attempt["purpose"],
        "party": attempt["party"],
        "place": attempt.get("place", "personal"),
        "voice": attempt.get("voice", "human"),
        "address": attempt.get("address", ""),
        "debt": attempt["debt"],
        "region": debtor.get("region", ""),
        "flags": debtor["flags"],
        "at": at.timestamp(),
        "day": at.astimezone(zones[0]).toordinal(),
        "guideline": at.astimezone(ZoneInfo("Asia/Shanghai")).date() >= GUIDELINE,
        "clocks": _clocks(at, zones),
        "birthday_18": _birthday(debtor.get("birth_date"), pack=raw["pack"]),
        "windows": [_window(window) for window in debtor["preferences"]["no_contact_windows"]],
        "no_channels": debtor["preferences"]["no_channels"],
        "no_addresses": debtor["preferences"].get("no_addresses", []),
        "consents": [_consent(item, zones) for item in debtor.get("consents", [])],
        "history": [_contact(item, zones) for item in raw["history"]],
    }


def _clocks(at: datetime, zones: list[ZoneInfo]) -> list[dict[str, int]]:
    found = []
    for zone in zones:
        local = at.astimezone(zone)
        secs = local.hour * 3600 + local.minute * 60 + local.second
        weekday = local.weekday()
        found.append({"secs": secs, "weekday": weekday, "yesterday": (weekday - 1) % 7, "day": local.toordinal()})
    return found


def _birthday(text: str | None, *, pack: str) -> int:
    """Ordinal of the 18th birthday; born on 29 February: the day the pack takes."""
    if text is None:
        return 0
    born = date.fromisoformat(text)
    try:
        return born.replace(year=born.year + 18).toordinal()
    except ValueError:
        return (date(born.year + 18, 3, 1) if pack == "cn" else date(born.year + 18, 2, 28)).toordinal()


def _window(window: Raw) -> Raw:
    start, end = (int(window[key][:2]) * 3600 + int(window[key][3:]) * 60 for key in ("start", "end"))
    return {"days": [DAYS.index(day) for day in window["days"]], "start": start, "end": end}


def _consent(item: Raw, zones: list[ZoneInfo]) -> Raw:
    at = datetime.fromisoformat(item["at"])
    until = datetime.fromisoformat(item["valid_until"]).timestamp() if "valid_until" in item else FOREVER
    first = at.astimezone(zones[0]).date() + timedelta(days=7)
    seven = datetime(first.year, first.month, first.day, tzinfo=zones[0]).timestamp()
    window = _window(item["window"]) if "window" in item else {"days": [], "start": 0, "end": 1}
    return {
        "kind": item["kind"],
        "given_to": item["given_to"],
        "debt": item.get("debt", ""),
        "at": at.timestamp(),
        "until": until,
        "seven_days": seven,
        "window": window,
        "clocks": _clocks(at, zones),
    }


def _contact(item: Raw, zones: list[ZoneInfo]) -> Raw:
    at = datetime.fromisoformat(item["at"])
    return {
        "at": at.timestamp(),
        "day": at.astimezone(zones[0]).toordinal(),
        "channel": item["channel"],
        "direction": item["direction"],
        "outcome": item["outcome"],
        "party": item["party"],
        "address": item.get("address", ""),
        "purpose": item.get("purpose", "collection"),
        "debts": [item["debt"], *item.get("also_debts", [])],
        "clocks": _clocks(at, zones),
    }


def counted(facts: Raw) -> Raw:
    """The context for Cedar: words, clock extremes, ready counts and ready answers."""
    clocks, history = facts["clocks"], facts["history"]
    secs = [clock["secs"] for clock in clocks]
    days = [clock["day"] for clock in clocks]
    return {
        **{key: facts[key] for key in ("channel", "purpose", "party", "place", "voice", "region", "flags")},
        "minSecs": min(secs),
        "maxSecs": max(secs),
        "underAge": min(days) <= facts["birthday_18"],
        "parentOfMinor": "minor" in facts["flags"] or max(days) < facts["birthday_18"],
        "inWindow": _quiet(facts, clocks),
        "nightAgreed": facts["guideline"] and _night_agreed(facts, {"collector", "creditor"}, lawful_hour=False),
        "nightAgreedInPerson": _night_agreed(facts, {"collector"}, lawful_hour=True),
        "refused": _refused(facts),
        "answersQuietMessage": _answers(facts, lambda item: _same_window(facts, item)),
        "excused": _excused(facts),
        "callsToday": _count(facts, RANG, lambda item: item["party"] == facts["party"] and item["day"] == facts["day"]),
        "unansweredToday": _count(
            facts, UNANSWERED, lambda item: _same(facts, item, cn=True) and item["day"] == facts["day"]
        ),
        "callsInSeven": _count(
            facts, CONNECTED | {"bounced"}, lambda item: _week(facts, item) and not _extra_calls(facts, item["at"])
        ),
        "conversedInSeven": any(
            item["channel"] == "voice"
            and item["outcome"] == "conversation"
            and not (item["purpose"] == "location_information" and item["party"] in OUTSIDERS)
            and _week(facts, item)
            for item in history
        ),
        "extraCalls": _extra_calls(facts, facts["at"]),
        "wroteFromThere": _wrote(facts),
        "askedBefore": _asked(facts),
        "voiceAgreed": _voice_agreed(facts),
        "telephoneInSeven": _telephone(facts, 7, everywhere=True),
        "telephoneInThirty": _telephone(facts, 30, everywhere=False),
    }


def _inside(clock: dict[str, int], window: Raw) -> bool:
    today, yesterday = clock["weekday"] in window["days"], clock["yesterday"] in window["days"]
    if window["start"] < window["end"]:
        return today and window["start"] <= clock["secs"] < window["end"]
    return (today and clock["secs"] >= window["start"]) or (yesterday and clock["secs"] < window["end"])


def _quiet(facts: Raw, clocks: list[dict[str, int]]) -> bool:
    return any(_inside(clock, window) for clock in clocks for window in facts["windows"])


def _night(clock: dict[str, int], start: int) -> bool:
    return clock["secs"] >= start or clock["secs"] < 28_800


def _agreed(facts: Raw, clock: dict[str, int], holders: set[str], *, lawful_hour: bool) -> bool:
    return any(
        item["kind"] == "inconvenient_time"
        and item["given_to"] in holders
        and item["debt"] in ("", facts["debt"])
        and item["at"] <= facts["at"] < item["until"]
        and _inside(clock, item["window"])
        and not (lawful_hour and (_quiet(facts, item["clocks"]) or any(_night(c, 75_600) for c in item["clocks"])))
        for item in facts["consents"]
    )


def _night_agreed(facts: Raw, holders: set[str], *, lawful_hour: bool) -> bool:
    """Every clock that stands in the night is covered by an agreement."""
    if facts["party"] != "debtor":
        return False
    start = 75_600 if lawful_hour else 79_200
    closed = [clock for clock in facts["clocks"] if _night(clock, start)]
    return all(_agreed(facts, clock, holders, lawful_hour=lawful_hour) for clock in closed)


def _refused(facts: Raw) -> bool:
    media = {facts["channel"], "voice"} if facts["channel"] == "voicemail" else {facts["channel"]}
    listed, address = facts["no_addresses"], facts["address"]
    return (
        not media.isdisjoint(facts["no_channels"])
        or address in listed
        or (not address and bool(listed) and facts["party"] == "debtor")
    )


def _same(facts: Raw, item: Raw, *, cn: bool) -> bool:
    if item["address"] and facts["address"]:
        return bool(item["address"] == facts["address"])
    return not cn or bool(item["party"] == facts["party"])


def _medium(channel: str) -> str:
    return "voice" if channel == "voicemail" else channel


def _with_us(facts: Raw, item: Raw) -> bool:
    same = item["party"] == facts["party"] and _medium(item["channel"]) == _medium(facts["channel"])
    return same and _same(facts, item, cn=False)


def _answers(facts: Raw, asked: Callable[[Raw], bool]) -> bool:
    """A reply by the medium of a message to which nothing has gone back yet."""
    ours = [item for item in facts["history"] if _with_us(facts, item)]
    last = max((item["at"] for item in ours if item["direction"] == "outbound"), default=-1)
    return facts["purpose"] == "reply" and any(
        item["direction"] == "inbound"
        and item["outcome"] != "conversation"
        and facts["debt"] in item["debts"]
        and item["at"] > last
        and asked(item)
        for item in ours
    )


def _begun(clock: dict[str, int], window: Raw) -> int | None:
    """The day on which the occurrence of the window began in which the clock stands."""
    if not _inside(clock, window):
        return None
    own = clock["weekday"] in window["days"] and clock["secs"] >= window["start"]
    return clock["day"] if own else clock["day"] - 1


def _same_window(facts: Raw, item: Raw) -> bool:
    """The message came in the very occurrence of every window in which a clock stands now."""
    for now, then in zip(facts["clocks"], item["clocks"], strict=True):
        standing = [window for window in facts["windows"] if _inside(now, window)]
        if any(_begun(now, window) != _begun(then, window) for window in standing):
            return False
    return True


def _excused(facts: Raw) -> bool:
    done = any(
        item["direction"] == "outbound"
        and item["purpose"] == "opt_out_confirmation"
        and item["party"] == facts["party"]
        and _medium(item["channel"]) == _medium(facts["channel"])
        for item in facts["history"]
    )
    confirms = facts["purpose"] == "opt_out_confirmation" and not done
    return confirms or _answers(facts, lambda _: True)


def _count(facts: Raw, outcomes: set[str], extra: Callable[[Raw], bool]) -> int:
    return sum(
        item["direction"] == "outbound" and item["channel"] in CALL and item["outcome"] in outcomes and extra(item)
        for item in facts["history"]
    )


def _week(facts: Raw, item: Raw) -> bool:
    same = facts["party"] != "third_party" or _same(facts, item, cn=False)
    return bool(
        same and item["party"] == facts["party"] and facts["debt"] in item["debts"] and item["day"] > facts["day"] - 7
    )


def _extra_calls(facts: Raw, at: float) -> bool:
    def ended(consent: Raw) -> bool:
        return any(
            item["channel"] == "voice"
            and item["outcome"] == "conversation"
            and facts["debt"] in item["debts"]
            and consent["at"] < item["at"] < at
            for item in facts["history"]
        )

    return facts["party"] == "debtor" and any(
        item["kind"] == "additional_calls"
        and item["given_to"] == "collector"
        and item["debt"] in ("", facts["debt"])
        and item["at"] <= at < min(item["until"], item["seven_days"])
        and not ended(item)
        for item in facts["consents"]
    )


def _wrote(facts: Raw) -> bool:
    return any(
        item["direction"] == "inbound" and item["channel"] == "email" and item["address"] == facts["address"]
        for item in facts["history"]
    )


def _asked(facts: Raw) -> bool:
    return any(
        item["direction"] == "outbound"
        and item["purpose"] == "location_information"
        and item["party"] in OUTSIDERS
        and item["outcome"] in {"conversation", "voicemail", "dropped", "delivered"}
        and _same(facts, item, cn=False)
        for item in facts["history"]
    )


def _voice_agreed(facts: Raw) -> bool:
    return facts["party"] == "debtor" and any(
        item["kind"] == "artificial_voice"
        and item["debt"] in ("", facts["debt"])
        and item["at"] <= facts["at"] < item["until"]
        for item in facts["consents"]
    )


def _telephone(facts: Raw, days: int, *, everywhere: bool) -> int:
    return sum(
        item["direction"] == "outbound"
        and item["channel"] in CALL | {"sms"}
        and item["outcome"] in CONNECTED
        and item["party"] != "attorney"
        and facts["debt"] in item["debts"]
        and item["day"] > facts["day"] - days
        and (everywhere or _same(facts, item, cn=False))
        for item in facts["history"]
    )
