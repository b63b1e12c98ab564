"""What several rules of the United States page ask: who is a consumer, which consent holds, what waits (pure)."""

from collections.abc import Callable
from datetime import date, datetime

from tests.naive import common
from tests.naive.common import Item, Scenario


def calls(s: Scenario) -> list[Item]:
    """Earlier telephone calls, ringless voicemail included."""
    return [item for item in s["history"] if item["channel"] in ("voice", "voicemail")]


def days_ago(s: Scenario, item: Item) -> int:
    return (common.day(s, common.attempt_instant(s)) - common.day(s, common.instant(item["at"]))).days


def is_minor(s: Scenario) -> bool:
    if "birth_date" not in s["debtor"]:
        return common.flagged(s, "minor")
    eighteenth = common.birthday(date.fromisoformat(s["debtor"]["birth_date"]), 18, "02-28")
    return all(common.local(common.attempt_instant(s), zone).date() < eighteenth for zone in common.zones(s))


def is_consumer(s: Scenario) -> bool:
    """Debtor, spouse, parent of a minor, guardian, executor."""
    party = s["attempt"]["party"]
    return party in ("debtor", "spouse", "guardian", "executor") or (party == "parent" and is_minor(s))


def in_terms(consent: Item, debt: str, at: datetime) -> bool:
    """Given (settled: the very second counts), for this debt or for any, not ended."""
    if common.instant(consent["at"]) > at or consent.get("debt", debt) != debt:
        return False
    return "valid_until" not in consent or at < common.instant(consent["valid_until"])


def lawfully_given(s: Scenario, consent: Item) -> bool:
    """Directly to the collector, in a contact at an open hour and outside the quiet times."""
    given = common.instant(consent["at"])
    hours = common.open_in_all(given, common.zones(s), 8, 21)
    return consent["given_to"] == "collector" and hours and not common.quiet_occurrences(s, given)


def extra_call(s: Scenario, at: datetime) -> bool:
    """Whether a call to the debtor about the attempt's debt at that instant is an agreed extra call."""
    debt = s["attempt"]["debt"]
    for consent in s["debtor"].get("consents", []):
        if consent["kind"] != "additional_calls" or consent["given_to"] != "collector":
            continue
        given = common.instant(consent["at"])
        # seven consecutive days, the day of consent is the first
        in_days = 0 <= (common.day(s, at) - common.day(s, given)).days <= 6
        window = consent.get("window")
        in_window = window is None or all(common.covers(window, common.local(at, zone)) for zone in common.zones(s))
        # it ends once a conversation about that debt takes place
        used_up = any(
            item["outcome"] == "conversation" and debt in common.debts(item) and given < common.instant(item["at"]) < at
            for item in calls(s)
        )
        if in_terms(consent, debt, at) and in_days and in_window and not used_up:
            return True
    return False


def capped(s: Scenario) -> bool:
    """Whether the attempt is a call that the frequency rules count: not to an attorney, not agreed as extra."""
    if s["attempt"]["channel"] != "voice" or s["attempt"]["party"] == "attorney":
        return False
    return not (s["attempt"]["party"] == "debtor" and extra_call(s, common.attempt_instant(s)))


def same_person_and_debt(s: Scenario, item: Item) -> bool:
    return common.same_person(item, s["attempt"]) and s["attempt"]["debt"] in common.debts(item)


def unanswered(s: Scenario, fits: Callable[[Item], bool]) -> bool:
    """Whether the person has sent a fitting message by this medium about this debt to which nothing has gone back.

    Settled: where both addresses are known they must be the same.
    """
    attempt = s["attempt"]
    same = [item for item in s["history"] if common.medium(item) == attempt["channel"]]
    same = [item for item in same if item["party"] == attempt["party"] and common.maybe_same_address(item, attempt)]
    for message in same:
        if message["direction"] != "inbound" or attempt["debt"] not in common.debts(message) or not fits(message):
            continue
        answered = any(
            item["direction"] == "outbound" and common.instant(item["at"]) >= common.instant(message["at"])
            for item in same
        )
        if not answered and message["outcome"] != "conversation":
            return True
    return False
