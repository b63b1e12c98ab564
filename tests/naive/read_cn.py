"""Naive reading of the mainland China page, rule by rule in the order of its table (pure)."""

from datetime import date

from tests.naive import common
from tests.naive.common import Item, Scenario

AMBIGUITIES = [
    (
        "cn-quiet-hours: consent opens no call; 'the guideline alone would allow consent'. Settled: from "
        "the guideline's day (2026-01-30) the debtor's consent, to collector or creditor, opens messages in its window."
    ),
    "cn-quiet-hours: whether a bare reply or an opt-out confirmation is a 'collection contact'. Taken: it is.",
    "cn-daily-call-cap: history does not tell two guarantors apart. Taken: one person; outsiders by their labels.",
    (
        "cn-daily-call-cap: a message dropped into a mailbox without ringing. Taken: it reached a mailbox, so it "
        "counts, unless it bounced."
    ),
    (
        "cn-number-daily-cap: which outcomes are 'unanswered'. Taken: all but a conversation, a call answered and "
        "cut off, and a stranger's answer; so a busy line, a refused call and a number out of service count."
    ),
    "cn-number-daily-cap: a contact without a label. Settled: it used the only number of its party.",
    "cn-no-minors: the local date where several zones are possible. Taken: minor while it is so in any zone.",
    "cn-no-minors: 18th birthday of who was born on 29 February. Taken: 1 March.",
    "cn-no-minors: flag beside a birth date of an adult. Taken: the flag holds.",
    (
        "cn-no-minors, cn-no-patients, cn-dispute-hold, cn-bankruptcy-stay, cn-wrong-number: whether they also "
        "stop contact with the guarantor. Taken: they stop every party (cn-deceased says 'to the debtor', so it "
        "stops that only)."
    ),
    "holds: whether a reply or a bare opt-out confirmation is 'collection'. Taken: every purpose is stopped.",
    (
        "cn-third-party: spouse, parent, guardian, executor and attorney are not named. Taken: only debtor and "
        "surety are allowed, for every purpose."
    ),
    (
        "cn-wrong-number: whether a stranger's answer in the history makes the number known as wrong. Taken: no, "
        "only the flag does (the counting rules speak of a stranger's answer without closing the number)."
    ),
    (
        "cn-no-contact-preference, cn-channel-optout: whether the debtor's wishes bind contact with others. Taken: "
        "they do."
    ),
    (
        "cn-channel-optout: an attempt without a label goes to 'the only address'; if any address was refused, "
        "that one is. Taken: refused."
    ),
    "cn-channel-optout: a written demand to stop communication (`ceased`). Taken: it refuses every channel.",
    "represented: no rule of this page (a lawyer routes to a human, not tested). Taken: no rule.",
    "weekly window whose start equals its end: not defined. Taken: a quiet window lasts a day, a consent none.",
]


def _dials_today(s: Scenario) -> list[Item]:
    today = common.day(s, common.attempt_instant(s))
    return [
        item
        for item in s["history"]
        if item["direction"] == "outbound"
        and item["channel"] in ("voice", "voicemail")
        and common.day(s, common.instant(item["at"])) == today
    ]


def cn_quiet_hours(s: Scenario) -> bool:
    """No call from 21:00:00 to 07:59:59, nothing else from 22:00:00 to 07:59:59, in every zone.

    Consent opens no call; by the guideline it opens messages, within its window on the clock concerned.
    """
    at, attempt = common.attempt_instant(s), s["attempt"]
    if attempt["channel"] == "voice":
        return not common.open_in_all(at, common.zones(s), 8, 21)
    agreed = []
    if common.local(at, "Asia/Shanghai").date() >= date(2026, 1, 30) and attempt["party"] == "debtor":
        agreed = [
            consent["window"]
            for consent in s["debtor"].get("consents", [])
            if consent["kind"] == "inconvenient_time"
            and "window" in consent
            and common.instant(consent["at"]) <= at
            and consent.get("debt", attempt["debt"]) == attempt["debt"]
            and ("valid_until" not in consent or at < common.instant(consent["valid_until"]))
        ]
    for zone in common.zones(s):
        opened = any(common.covers(window, common.local(at, zone)) for window in agreed)
        if not common.is_open(at, zone, 8, 22) and not opened:
            return True
    return False


def cn_daily_call_cap(s: Scenario) -> bool:
    """Three outbound calls to a person and local day, all debts and numbers together: the fourth is denied."""
    if s["attempt"]["channel"] != "voice":
        return False
    # every dial that rang or reached a mailbox, also declined, dropped, busy; not a stranger, not a dead number
    counted = ("no_answer", "conversation", "voicemail", "busy", "declined", "dropped", "delivered")
    same_person = [item for item in _dials_today(s) if common.same_person(item, s["attempt"])]
    return len([item for item in same_person if item["outcome"] in counted]) >= 3


def cn_number_daily_cap(s: Scenario) -> bool:
    """Six unanswered attempts on one number and day: the seventh is denied."""
    if s["attempt"]["channel"] != "voice":
        return False
    same_number = [item for item in _dials_today(s) if common.same_number(item, s["attempt"])]
    return (
        len([item for item in same_number if item["outcome"] not in ("conversation", "dropped", "wrong_number")]) >= 6
    )


def cn_no_minors(s: Scenario) -> bool:
    """No collection under 18 on the local date, the 18th birthday included; the flag alone is enough; all channels."""
    if common.flagged(s, "minor"):
        return True
    if "birth_date" not in s["debtor"]:
        return False
    eighteenth = common.birthday(date.fromisoformat(s["debtor"]["birth_date"]), 18, "03-01")
    dates = [common.local(common.attempt_instant(s), zone).date() for zone in common.zones(s)]
    return any(today <= eighteenth for today in dates)


def cn_no_patients(s: Scenario) -> bool:
    """All channels are closed while the debtor is in hospital."""
    return common.flagged(s, "hospitalised")


def cn_third_party(s: Scenario) -> bool:
    """Only debtor and surety may be contacted; others not even to ask where the debtor is."""
    return s["attempt"]["party"] not in ("debtor", "guarantor")


def cn_deceased(s: Scenario) -> bool:
    """All channels to a debtor who has died are closed."""
    return common.flagged(s, "deceased") and s["attempt"]["party"] == "debtor"


def cn_wrong_number(s: Scenario) -> bool:
    """An address known not to be the debtor's is not used, on any channel."""
    return common.flagged(s, "wrong_number")


def cn_dispute_hold(s: Scenario) -> bool:
    """Collection is held until an objection is answered."""
    return common.flagged(s, "disputed")


def cn_no_contact_preference(s: Scenario) -> bool:
    """Quiet times the debtor asked for, in every possible zone."""
    return bool(common.quiet_occurrences(s, common.attempt_instant(s)))


def cn_channel_optout(s: Scenario) -> bool:
    """A refused channel or number stays closed; a written demand to stop communication refuses them all."""
    return common.channel_refused(s) or common.address_refused(s) or common.flagged(s, "ceased")


def cn_bankruptcy_stay(s: Scenario) -> bool:
    """Contact stops when a personal bankruptcy is accepted."""
    return common.flagged(s, "bankrupt")


RULES: common.Rules = [
    ("cn-quiet-hours", cn_quiet_hours),
    ("cn-daily-call-cap", cn_daily_call_cap),
    ("cn-number-daily-cap", cn_number_daily_cap),
    ("cn-no-minors", cn_no_minors),
    ("cn-no-patients", cn_no_patients),
    ("cn-third-party", cn_third_party),
    ("cn-deceased", cn_deceased),
    ("cn-wrong-number", cn_wrong_number),
    ("cn-dispute-hold", cn_dispute_hold),
    ("cn-no-contact-preference", cn_no_contact_preference),
    ("cn-channel-optout", cn_channel_optout),
    ("cn-bankruptcy-stay", cn_bankruptcy_stay),
]


def denying_rules(scenario: Scenario) -> list[str]:
    """Ids of the rules of this page that forbid the attempt, sorted."""
    return common.denying(RULES, scenario)
