"""Naive reading of the United States page, rule by rule in the order of its table (pure)."""

from tests.naive import common
from tests.naive import us_facts as facts
from tests.naive.common import Scenario

AMBIGUITIES = [
    (
        "us-quiet-hours, us-time-preference: whether they bind contact with others than the debtor (an attorney is "
        "not the consumer). Taken: they bind every party, in the debtor's zones."
    ),
    (
        "us-quiet-hours: 'a contact that itself respected 6(b)(1)-(3)'. Taken: the consent was given between 08:00 "
        "and 21:00 in every zone and outside every quiet window; the flags carry no date and are not looked at; an "
        "earlier consent does not cure a later one given at night."
    ),
    "us-quiet-hours: a consent without a window has no stated terms. Taken: it opens nothing.",
    (
        "us-quiet-hours: consent with several zones. Taken: in each zone the hours are open or a valid consent's "
        "window is."
    ),
    "consents are given by the debtor. Taken: they cover contact with the debtor only, and only instants after them.",
    (
        "us-quiet-hours: the one answer to a message written at a closed hour is named beside the quiet windows "
        "only. Taken: it does not open the night."
    ),
    "us-time-preference: 6(b)(4) consent is named beside the hours only. Taken: consent does not open a quiet window.",
    (
        "us-time-preference: 'at such a time' and 'just sent'. Taken: the message came in the same occurrence of "
        "the window."
    ),
    (
        "us-time-preference, us-channel-optout: 'once per message' when two messages came before one answer. "
        "Taken: that answer answered both. Any outbound contact by the medium after the message uses the answer "
        "up, whatever its purpose."
    ),
    "us-time-preference: an inbound call that was a conversation. Taken: answered there and then.",
    "replies: a message about another debt. Taken: it is not answered by an attempt about this debt.",
    (
        "us-channel-optout: the date of a refusal is unknown, so 'later uses that medium' cannot be checked. "
        "Taken: an unanswered message by that medium (for a refused address: from that address)."
    ),
    "us-channel-optout: 'one bare confirmation'. Taken: one to a person by each medium ever, even one that bounced.",
    (
        "us-channel-optout, us-workplace, us-ceased, us-disputed, us-bankruptcy-stay, us-wrong-number: whether "
        "they stop contact with others than the debtor. Taken: every party, the attorney included."
    ),
    "holds: whether a reply or a bare opt-out confirmation is covered. Taken: every purpose is stopped.",
    (
        "us-call-cap-7in7: declined calls, a stranger's answer and a bounced mailbox message are in neither list. "
        "Taken: they count, only 'busy' and 'not in service' do not."
    ),
    (
        "us-call-cap-7in7, us-post-conversation-7d: history does not tell two persons of one party apart. Taken: "
        "one person."
    ),
    "extra-call consent: its window, if any, limits it. Taken: in every zone.",
    (
        "extra-call consent: ended by a conversation about that debt. Taken: with anybody, either direction, after "
        "the consent."
    ),
    "us-post-conversation-7d: a conversation in a call under consent. Taken: it starts a new period.",
    (
        "us-third-party: a guarantor is not in the list of consumers. Taken: third person. An executor is listed "
        "without condition: taken as allowed. A parent only of a minor: under 18 in every zone (29 February: until "
        "28 February), or flagged and no birth date known."
    ),
    "us-third-party, us-location-info-once: a bare opt-out confirmation or a reply to a third person. Taken: denied.",
    (
        "us-location-info-once: 'at most once', when nobody was reached. Settled: that enquiry asked nothing. 'If "
        "asked': no field tells it. Taken: never. Third persons are told apart by label."
    ),
    (
        "us-third-party: `third_party_refused` is not named on the page. Taken: without his leave a third person "
        "is `us-third-party` for every purpose."
    ),
    "us-deceased: the attorney of a dead consumer. Taken: only executor and spouse.",
    (
        "us-tcpa-artificial-voice: residential lines are exempt within limits (M), no field tells the line. Taken: "
        "consent."
    ),
    (
        "us-ma-2in7: history has no place. Settled: for an attempt at work the contacts of 30 days with that number "
        "count, else those of 7 days. Per debt, whatever the party but the attorney. A busy line and a bounced text: "
        "truly unable to reach."
    ),
    "us-ma-2in7: no exception for extra-call consent, replies or opt-out confirmations is named. Taken: none.",
    "addresses: an attempt on the debtor without a label uses 'the only address'. Taken: the refused one.",
    "weekly window whose start equals its end: not defined. Taken: a quiet window lasts a day, a consent none.",
]


def us_quiet_hours(s: Scenario) -> bool:
    """Nothing before 08:00:00 or from 21:00:00 in any zone, unless agreed directly, lawfully and within its terms."""
    at, attempt = common.attempt_instant(s), s["attempt"]
    agreed = [
        consent["window"]
        for consent in s["debtor"].get("consents", [])
        if consent["kind"] == "inconvenient_time"
        and attempt["party"] == "debtor"
        and "window" in consent
        and facts.in_terms(consent, attempt["debt"], at)
        and facts.lawfully_given(s, consent)
    ]
    for zone in common.zones(s):
        opened = any(common.covers(window, common.local(at, zone)) for window in agreed)
        if not common.is_open(at, zone, 8, 21) and not opened:
            return True
    return False


def us_time_preference(s: Scenario) -> bool:
    """Not in a time the consumer called inconvenient, save one answer by the same medium to a message sent in it."""
    now = common.quiet_occurrences(s, common.attempt_instant(s))
    if not now:
        return False
    # settled: whoever wrote may be answered as far as the hour goes; whether at all is for us-third-party
    if s["attempt"]["purpose"] == "reply":
        return not facts.unanswered(
            s, lambda message: now <= common.quiet_occurrences(s, common.instant(message["at"]))
        )
    return True


def us_inconvenient_place(s: Scenario) -> bool:
    """A hospital is an inconvenient place to be contacted at; others than the patient are contacted elsewhere."""
    return common.flagged(s, "hospitalised") and s["attempt"]["party"] == "debtor"


def us_represented(s: Scenario) -> bool:
    """With a known attorney, only the attorney."""
    return common.flagged(s, "represented") and s["attempt"]["party"] != "attorney"


def us_workplace(s: Scenario) -> bool:
    """Not at work if the employer forbids it; no e-mail to the employer's address unless the consumer wrote from it."""
    attempt = s["attempt"]
    if attempt.get("place", "personal") != "work":
        return False
    if common.flagged(s, "employer_prohibits"):
        return True
    wrote_from_it = any(
        item["channel"] == "email"
        and item["direction"] == "inbound"
        and item["party"] == attempt["party"]
        and item.get("address") == attempt.get("address")
        for item in s["history"]
    )
    return bool(attempt["channel"] == "email" and not wrote_from_it)


def us_ceased(s: Scenario) -> bool:
    """After a written stop nothing more (the two closing notices are for humans)."""
    return common.flagged(s, "ceased")


def us_call_cap_7in7(s: Scenario) -> bool:
    """Seven calls to the person about the debt on this date and the six before: the eighth is denied."""
    if not facts.capped(s):
        return False
    counted = [
        item
        for item in facts.calls(s)
        if item["direction"] == "outbound"
        and facts.same_person_and_debt(s, item)
        and 0 <= facts.days_ago(s, item) <= 6
        and item["outcome"] not in ("busy", "not_in_service")
        and not (item["party"] == "debtor" and facts.extra_call(s, common.instant(item["at"])))
    ]
    return len(counted) >= 7


def us_post_conversation_7d(s: Scenario) -> bool:
    """No call for seven days from a telephone conversation with the person about the debt, its day being the first."""
    if not facts.capped(s):
        return False
    # settled: an enquiry after the debtor's whereabouts never names the debt, so it is no conversation about it
    outsiders = ("third_party", "parent", "guarantor")
    if s["attempt"]["purpose"] == "location_information" and s["attempt"]["party"] in outsiders:
        return False
    return any(
        item["outcome"] == "conversation"
        and not (item.get("purpose") == "location_information" and item["party"] in outsiders)
        and facts.same_person_and_debt(s, item)
        and 0 <= facts.days_ago(s, item) <= 6
        for item in facts.calls(s)
    )


def us_channel_optout(s: Scenario) -> bool:
    """A refused medium or address: one bare confirmation by the medium, and one answer if the person uses it again."""
    attempt = s["attempt"]
    if not common.channel_refused(s) and not common.address_refused(s):
        return False
    if attempt["purpose"] == "opt_out_confirmation":
        return any(
            item["direction"] == "outbound"
            and item.get("purpose") == "opt_out_confirmation"
            and item["party"] == attempt["party"]
            and common.medium(item) == attempt["channel"]
            for item in s["history"]
        )
    if attempt["purpose"] == "reply":
        return not facts.unanswered(s, lambda message: True)
    return True


def us_third_party(s: Scenario) -> bool:
    """Only the consumer and the attorney; a location enquiry has its own rule, unless the person asked for peace."""
    if facts.is_consumer(s) or s["attempt"]["party"] == "attorney":
        return False
    if common.flagged(s, "third_party_refused"):
        return True
    return bool(s["attempt"]["purpose"] != "location_information")


def us_location_info_once(s: Scenario) -> bool:
    """A third person is asked for the debtor's whereabouts at most once.

    Settled: an enquiry that reached nobody asked nothing; labels tell persons apart; a parent is asked once too.
    """
    attempt, outsiders = s["attempt"], ("third_party", "parent", "guarantor")
    if attempt["purpose"] != "location_information" or attempt["party"] not in outsiders:
        return False
    return any(
        item["direction"] == "outbound"
        and item.get("purpose") == "location_information"
        and item["party"] in outsiders
        and item["outcome"] in ("conversation", "voicemail", "dropped", "delivered")
        and common.same_number(item, attempt)
        for item in s["history"]
    )


def us_disputed(s: Scenario) -> bool:
    """Collection stops until verification is sent."""
    return common.flagged(s, "disputed")


def us_bankruptcy_stay(s: Scenario) -> bool:
    """The automatic stay and the discharge."""
    return common.flagged(s, "bankrupt")


def us_deceased(s: Scenario) -> bool:
    """Only the personal representative or the surviving spouse."""
    return common.flagged(s, "deceased") and s["attempt"]["party"] not in ("executor", "spouse")


def us_wrong_number(s: Scenario) -> bool:
    """Stop at a number known to be another's."""
    return common.flagged(s, "wrong_number")


def us_tcpa_artificial_voice(s: Scenario) -> bool:
    """A synthetic voice needs prior express consent, to collector or creditor, not withdrawn."""
    attempt, at = s["attempt"], common.attempt_instant(s)
    if attempt["channel"] != "voice" or attempt.get("voice", "human") != "artificial":
        return False
    return not any(
        consent["kind"] == "artificial_voice"
        and attempt["party"] == "debtor"
        and facts.in_terms(consent, attempt["debt"], at)
        and (
            "window" not in consent
            or all(common.covers(consent["window"], common.local(at, z)) for z in common.zones(s))
        )
        for consent in s["debtor"].get("consents", [])
    )


def us_ma_2in7(s: Scenario) -> bool:
    """Massachusetts: two telephone contacts per debt in 7 days; in 30 days at other numbers than personal ones."""
    attempt = s["attempt"]
    if s["debtor"].get("region") != "US-MA" or attempt["channel"] not in ("voice", "sms"):
        return False
    # settled: an attorney is no debtor; past places are unknown, so 'elsewhere' is counted by the number called
    if attempt["party"] == "attorney":
        return False
    elsewhere = attempt.get("place", "personal") == "work"
    days = 30 if elsewhere else 7
    counted = [
        item
        for item in s["history"]
        if item["direction"] == "outbound"
        and item["channel"] in ("voice", "voicemail", "sms")
        and attempt["debt"] in common.debts(item)
        and 0 <= facts.days_ago(s, item) < days
        and item["party"] != "attorney"
        and (not elsewhere or common.same_number(item, attempt))
        and item["outcome"] not in ("busy", "not_in_service", "bounced")
    ]
    return len(counted) >= 2


RULES: common.Rules = [
    ("us-quiet-hours", us_quiet_hours),
    ("us-time-preference", us_time_preference),
    ("us-inconvenient-place", us_inconvenient_place),
    ("us-represented", us_represented),
    ("us-workplace", us_workplace),
    ("us-ceased", us_ceased),
    ("us-call-cap-7in7", us_call_cap_7in7),
    ("us-post-conversation-7d", us_post_conversation_7d),
    ("us-channel-optout", us_channel_optout),
    ("us-third-party", us_third_party),
    ("us-location-info-once", us_location_info_once),
    ("us-disputed", us_disputed),
    ("us-bankruptcy-stay", us_bankruptcy_stay),
    ("us-deceased", us_deceased),
    ("us-wrong-number", us_wrong_number),
    ("us-tcpa-artificial-voice", us_tcpa_artificial_voice),
    ("us-ma-2in7", us_ma_2in7),
]


def denying_rules(scenario: Scenario) -> list[str]:
    """Ids of the rules of this page that forbid the attempt, sorted."""
    return common.denying(RULES, scenario)
