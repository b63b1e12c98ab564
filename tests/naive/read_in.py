"""Naive reading of the India page, rule by rule in the order of its table (pure)."""

from datetime import date

from tests.naive import common
from tests.naive.common import Scenario

AMBIGUITIES = [
    "in-quiet-hours: 'Asia/Kolkata plus any other zone'. Taken: Kolkata always counts, listed or not.",
    "in-quiet-hours: messages before 1 January 2027 (open on the page). Taken: the hours bind them too.",
    "in-time-preference, in-sensitive-occasion, in-excessive-calls: before 1 January 2027. Taken: on every day.",
    (
        "in-grievance-hold: rests on the Directions alone, so `grievance_open` holds from 1 January 2027, the day "
        "in Kolkata."
    ),
    "in-third-party: 'borrower and guarantor only'. Taken: also no executor, attorney or guardian, for any purpose.",
    (
        "in-grievance-hold: a dispute is handled as a grievance (edge cases, our own choice). Taken: `disputed` "
        "holds on every day."
    ),
    "in-sensitive-occasion: a hospital stay is one (edge cases). Taken: `hospitalised` holds as `bereavement`.",
    (
        "in-excessive-calls: what is an attempt. Taken: every outbound call of the day, any outcome, party and "
        "debt, ringless voicemail included; messages neither count nor are denied."
    ),
    (
        "in-deceased, in-wrong-number and the holds: whether a guarantor may still be contacted. Taken: every "
        "party is stopped."
    ),
    "in-channel-optout, in-time-preference: no exception for replies or confirmations is named. Taken: none.",
    "in-channel-optout: a written demand to stop communication (`ceased`). Taken: it refuses every channel.",
    "minors: stopped without a rule id on the page. Taken: no rule of the page.",
    "addresses: an attempt on the debtor without a label uses 'the only address'. Taken: the refused one.",
    "weekly window whose start equals its end: not defined. Taken: a quiet window lasts a day, a consent none.",
]


def in_quiet_hours(s: Scenario) -> bool:
    """Open from 08:00:00 to 18:59:59 in Kolkata and in every zone listed."""
    return not common.open_in_all(common.attempt_instant(s), ["Asia/Kolkata", *common.zones(s)], 8, 19)


def in_time_preference(s: Scenario) -> bool:
    """Requests to avoid a time are heeded."""
    return bool(common.quiet_occurrences(s, common.attempt_instant(s)))


def in_third_party(s: Scenario) -> bool:
    """Borrower and guarantor only."""
    return s["attempt"]["party"] not in ("debtor", "guarantor")


def in_grievance_hold(s: Scenario) -> bool:
    """A lodged grievance stops recovery once the Directions are in force; a dispute is handled as one, always."""
    directions = common.local(common.attempt_instant(s), "Asia/Kolkata").date() >= date(2027, 1, 1)
    return common.flagged(s, "disputed") or (directions and common.flagged(s, "grievance_open"))


def in_sensitive_occasion(s: Scenario) -> bool:
    """No contact at bereavement and the like; a hospital stay is held in the same way."""
    return common.flagged(s, "bereavement", "hospitalised")


def in_excessive_calls(s: Scenario) -> bool:
    """Three call attempts a day: the fourth is denied."""
    if s["attempt"]["channel"] != "voice":
        return False
    today = common.day(s, common.attempt_instant(s))
    calls = [
        item
        for item in s["history"]
        if item["direction"] == "outbound"
        and item["channel"] in ("voice", "voicemail")
        and common.day(s, common.instant(item["at"])) == today
    ]
    return len(calls) >= 3


def in_wrong_number(s: Scenario) -> bool:
    """A number known to be another's is not used."""
    return common.flagged(s, "wrong_number")


def in_deceased(s: Scenario) -> bool:
    """No contact after the borrower's death."""
    return common.flagged(s, "deceased")


def in_channel_optout(s: Scenario) -> bool:
    """A refused channel or address stays closed; a written demand to stop communication refuses them all."""
    return common.channel_refused(s) or common.address_refused(s) or common.flagged(s, "ceased")


RULES: common.Rules = [
    ("in-quiet-hours", in_quiet_hours),
    ("in-time-preference", in_time_preference),
    ("in-third-party", in_third_party),
    ("in-grievance-hold", in_grievance_hold),
    ("in-sensitive-occasion", in_sensitive_occasion),
    ("in-excessive-calls", in_excessive_calls),
    ("in-wrong-number", in_wrong_number),
    ("in-deceased", in_deceased),
    ("in-channel-optout", in_channel_optout),
]


def denying_rules(scenario: Scenario) -> list[str]:
    """Ids of the rules of this page that forbid the attempt, sorted."""
    return common.denying(RULES, scenario)
