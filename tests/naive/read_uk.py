"""Naive reading of the United Kingdom page, rule by rule in the order of its table (pure)."""

from tests.naive import common
from tests.naive.common import Scenario

AMBIGUITIES = [
    "uk-unreasonable-hours: 'Europe/London time, all zones'. Taken: London always counts, listed or not.",
    "uk-unreasonable-hours: no consent is named. Taken: none opens the night.",
    "uk-reasonable-requests: no exception for replies or opt-out confirmations is named. Taken: none.",
    "uk-reasonable-requests: a written demand to stop communication (`ceased`). Taken: it refuses every channel.",
    "uk-reasonable-requests: 'where', when an employer forbids calls at work. Taken: not a request of the customer.",
    "uk-breathing-space: 'no contact to ask for payment'. Taken: every purpose and party is stopped.",
    "holds: whether they stop contact with a guarantor or a bare reply. Taken: every party and purpose.",
    "uk-mental-capacity: 'an attorney under a registered power may be dealt with'. Taken: party `attorney`.",
    (
        "uk-third-party: who besides the customer is no third person. Taken: the executor of a dead customer, the "
        "attorney where the customer is represented or may lack capacity. The guarantor is not named; settled: he "
        "has signed for the debt and knows of it, so he is none."
    ),
    "uk-deceased: 'personal representative only'. Taken: party `executor`.",
    "uk-vulnerable-hold: 'hospital stay or crisis'. Taken: flags `hospitalised` and `bereavement`.",
    (
        "uk-excessive-frequency: what is an attempt. Taken: every outbound contact of the day, any medium, "
        "outcome, party and debt, and the limit binds every medium; a conversation of the day, whoever called, "
        "closes it for further calls."
    ),
    "minors: stopped without a rule id on the page. Taken: no rule of the page.",
    "addresses: an attempt on the debtor without a label uses 'the only address'. Taken: the refused one.",
    "weekly window whose start equals its end: not defined. Taken: a quiet window lasts a day, a consent none.",
]


def uk_unreasonable_hours(s: Scenario) -> bool:
    """Open from 08:00:00 to 20:59:59 in London and in every zone listed."""
    return not common.open_in_all(common.attempt_instant(s), ["Europe/London", *common.zones(s)], 8, 21)


def uk_reasonable_requests(s: Scenario) -> bool:
    """Quiet windows, refused channels and refused addresses are heeded; a written stop refuses every channel."""
    quiet = common.quiet_occurrences(s, common.attempt_instant(s))
    refused = common.channel_refused(s) or common.address_refused(s) or common.flagged(s, "ceased")
    return bool(quiet) or refused


def uk_breathing_space(s: Scenario) -> bool:
    """A moratorium closes all channels."""
    return common.flagged(s, "breathing_space")


def uk_disputed(s: Scenario) -> bool:
    """Recovery is suspended while the debt is disputed."""
    return common.flagged(s, "disputed")


def uk_mental_capacity(s: Scenario) -> bool:
    """Suspended when capacity may be lacking; an attorney may be dealt with."""
    return common.flagged(s, "lacks_capacity") and s["attempt"]["party"] != "attorney"


def uk_third_party(s: Scenario) -> bool:
    """Others do not learn of the debt; exceptions only where the page names a representative."""
    party = s["attempt"]["party"]
    if party == "executor":
        return not common.flagged(s, "deceased")
    if party == "attorney":
        return not common.flagged(s, "represented", "lacks_capacity")
    return party not in ("debtor", "guarantor")


def uk_wrong_number(s: Scenario) -> bool:
    """The wrong person is not pursued."""
    return common.flagged(s, "wrong_number")


def uk_deceased(s: Scenario) -> bool:
    """After death the personal representative only."""
    return common.flagged(s, "deceased") and s["attempt"]["party"] != "executor"


def uk_vulnerable_hold(s: Scenario) -> bool:
    """A hospital stay or a crisis holds contact."""
    return common.flagged(s, "hospitalised", "bereavement")


def uk_bankruptcy_stay(s: Scenario) -> bool:
    """No pursuit after a bankruptcy order or in a debt relief order's moratorium."""
    return common.flagged(s, "bankrupt")


def uk_excessive_frequency(s: Scenario) -> bool:
    """At most three attempts a day, and one conversation: after it no call that could become a second."""
    today = common.day(s, common.attempt_instant(s))
    of_today = [item for item in s["history"] if common.day(s, common.instant(item["at"])) == today]
    attempts = [item for item in of_today if item["direction"] == "outbound"]
    conversations = [item for item in of_today if item["outcome"] == "conversation"]
    return len(attempts) >= 3 or (s["attempt"]["channel"] == "voice" and len(conversations) >= 1)


RULES: common.Rules = [
    ("uk-unreasonable-hours", uk_unreasonable_hours),
    ("uk-reasonable-requests", uk_reasonable_requests),
    ("uk-breathing-space", uk_breathing_space),
    ("uk-disputed", uk_disputed),
    ("uk-mental-capacity", uk_mental_capacity),
    ("uk-third-party", uk_third_party),
    ("uk-wrong-number", uk_wrong_number),
    ("uk-deceased", uk_deceased),
    ("uk-vulnerable-hold", uk_vulnerable_hold),
    ("uk-bankruptcy-stay", uk_bankruptcy_stay),
    ("uk-excessive-frequency", uk_excessive_frequency),
]


def denying_rules(scenario: Scenario) -> list[str]:
    """Ids of the rules of this page that forbid the attempt, sorted."""
    return common.denying(RULES, scenario)
