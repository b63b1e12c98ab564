"""Answers to what the person wrote, refused media, the workplace and one question per person, on the packaged rules."""

from collections.abc import Callable
from typing import Any

import pytest

from policy.book import Rulebook
from policy.errors import RulebookError
from policy.evaluate import evaluate
from policy.scenario import parse_scenario

Load = Callable[..., Rulebook]
Raw = Callable[..., dict[str, Any]]
AFTERNOON = [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "15:00", "end": "17:00"}]
NO_SMS = {"preferences": {"no_contact_windows": [], "no_channels": ["sms"]}}


@pytest.fixture
def denied(rulebook: Rulebook, raw_scenario: Raw) -> Callable[..., tuple[str, ...]]:
    """The denying rules of an attempt on Wednesday 1 April 2026, 15:20 in New York unless said otherwise."""

    def ask(
        attempt: dict[str, Any] | None = None,
        debtor: dict[str, Any] | None = None,
        history: list[dict[str, Any]] | None = None,
    ) -> tuple[str, ...]:
        plain = {"at": "2026-04-01T15:20:00-04:00", "purpose": "reply", "channel": "sms"}
        raw = raw_scenario(
            id="us-t-1",
            pack="us-reg-f",
            debtor={"timezones": ["America/New_York"], **(debtor or {})},
            attempt=plain | (attempt or {}),
            history=history or [],
        )
        return evaluate(parse_scenario(raw), rulebook).rules

    return ask


def past(clock: str, direction: str, **changes: Any) -> dict[str, Any]:
    """A text of 1 April 2026, New York time."""
    plain = {"channel": "sms", "outcome": "delivered", "debt": "D1", "party": "debtor"}
    return {"at": f"2026-04-01T{clock}:00-04:00", "direction": direction, **plain, **changes}


QUIET = {"preferences": {"no_contact_windows": AFTERNOON, "no_channels": []}}


@pytest.mark.parametrize(
    ("history", "attempt", "open_"),
    [
        ([past("15:10", "inbound")], {}, True),
        ([past("15:10", "inbound")], {"purpose": "collection"}, False),  # only an answer is excused
        ([], {}, False),  # a label is no evidence
        ([past("14:59", "inbound")], {}, False),  # written before the window began
        ([past("15:00", "inbound")], {}, True),
        ([past("15:10", "inbound", channel="email")], {}, False),  # by another medium
        ([past("15:10", "inbound", party="spouse")], {}, False),  # by somebody else
        ([past("15:10", "inbound", party="spouse")], {"party": "spouse"}, True),
        ([past("15:10", "inbound", address="M1")], {"address": "M2"}, False),
        ([past("15:10", "inbound", address="M1")], {"address": "M1"}, True),
        ([past("15:10", "inbound", address="M1")], {}, True),  # not known to differ
        ([past("15:10", "inbound"), past("15:12", "outbound", purpose="reply")], {}, False),
        ([past("15:10", "inbound"), past("15:10", "outbound", purpose="reply")], {}, False),
        ([past("15:10", "inbound"), past("15:12", "outbound", purpose="reply", channel="email")], {}, True),
        ([past("15:10", "outbound", purpose="reply"), past("15:12", "inbound")], {}, True),
        (
            [past("15:01", "inbound"), past("15:02", "inbound"), past("15:05", "outbound", purpose="reply")],
            {},
            False,  # one answer serves both messages
        ),
    ],
)
def test_one_answer_inside_a_quiet_window(
    denied: Callable[..., tuple[str, ...]], history: list[dict[str, Any]], attempt: dict[str, Any], open_: bool
) -> None:
    assert denied(attempt, QUIET, history) == (() if open_ else ("us-time-preference",))


def test_any_clock_puts_the_message_inside_the_window(denied: Callable[..., tuple[str, ...]]) -> None:
    zones = {"timezones": ["America/New_York", "America/Denver"], **QUIET}

    assert denied({"at": "2026-04-01T18:00:00-04:00"}, zones, [past("17:30", "inbound")]) == ()
    assert denied({"at": "2026-04-01T18:00:00-04:00"}, zones, []) == ("us-time-preference",)


@pytest.mark.parametrize(
    ("history", "attempt", "open_"),
    [
        ([past("12:00", "inbound")], {"purpose": "reply"}, True),
        ([past("12:00", "inbound")], {"purpose": "collection"}, False),
        ([past("12:00", "inbound"), past("12:05", "outbound", purpose="reply")], {"purpose": "reply"}, False),
        ([past("12:00", "inbound")], {"purpose": "opt_out_confirmation"}, True),
        ([], {"purpose": "opt_out_confirmation"}, True),  # refused by word of mouth
        ([past("12:00", "inbound", channel="voice")], {"purpose": "opt_out_confirmation"}, True),
        (
            [past("12:00", "inbound"), past("12:01", "outbound", purpose="opt_out_confirmation", outcome="bounced")],
            {"purpose": "opt_out_confirmation"},
            False,  # one, ever, whatever became of it
        ),
        (
            [past("12:00", "inbound"), past("12:01", "outbound", purpose="opt_out_confirmation")],
            {"purpose": "reply"},
            False,  # the confirmation has answered that message; a reply waits for the next one
        ),
        (
            [
                past("12:00", "inbound"),
                past("12:01", "outbound", purpose="opt_out_confirmation"),
                past("12:02", "inbound"),
            ],
            {"purpose": "reply"},
            True,
        ),
        (
            [
                past("12:00", "inbound", address="M1"),
                past("12:01", "outbound", purpose="opt_out_confirmation", address="M1"),
                past("12:09", "inbound", address="M2"),
            ],
            {"purpose": "opt_out_confirmation", "address": "M2"},
            False,  # one by the medium, whatever the address
        ),
    ],
)
def test_answer_and_confirmation_by_a_refused_medium(
    denied: Callable[..., tuple[str, ...]], history: list[dict[str, Any]], attempt: dict[str, Any], open_: bool
) -> None:
    assert denied(attempt, NO_SMS, history) == (() if open_ else ("us-channel-optout",))


def test_nothing_refused_needs_no_excuse(denied: Callable[..., tuple[str, ...]]) -> None:
    assert denied({"purpose": "opt_out_confirmation"}) == ()


@pytest.mark.parametrize(
    ("attempt", "flags", "history", "open_"),
    [
        ({"place": "work", "channel": "voice"}, [], [], True),
        ({"place": "work", "channel": "voice"}, ["employer_prohibits"], [], False),
        ({"place": "work", "channel": "sms", "party": "spouse"}, ["employer_prohibits"], [], False),
        ({"place": "personal", "channel": "voice"}, ["employer_prohibits"], [], True),
        ({"place": "personal", "channel": "email", "address": "W1"}, [], [], True),
        ({"place": "work", "channel": "email", "address": "W1"}, [], [], False),
        ({"place": "work", "channel": "email"}, [], [past("12:00", "inbound", channel="email")], True),  # the only one
        (
            {"place": "work", "channel": "email", "address": "W1"},
            [],
            [past("12:00", "inbound", channel="email", address="W1")],
            True,
        ),
        (
            {"place": "work", "channel": "email", "address": "W1"},
            [],
            [past("12:00", "inbound", channel="email", address="W2"), past("12:00", "inbound", channel="email")],
            False,
        ),
        (
            {"place": "work", "channel": "email", "address": "W1"},
            ["employer_prohibits"],
            [past("12:00", "inbound", channel="email", address="W1")],
            False,
        ),
    ],
)
def test_workplace(
    denied: Callable[..., tuple[str, ...]],
    attempt: dict[str, Any],
    flags: list[str],
    history: list[dict[str, Any]],
    open_: bool,
) -> None:
    rules = denied({"purpose": "collection", **attempt}, {"flags": flags}, history)

    assert rules == (() if open_ else ("us-workplace",))


ASKED = {"purpose": "location_information", "outcome": "voicemail", "channel": "voice", "party": "third_party"}
ENQUIRY = {"purpose": "location_information", "channel": "voice", "party": "third_party"}


@pytest.mark.parametrize(
    ("earlier", "attempt", "open_"),
    [
        ({}, {}, False),
        ({"outcome": "no_answer"}, {}, True),
        ({"purpose": "collection"}, {}, True),
        ({"address": "T1"}, {"address": "T2"}, True),
        ({"address": "T1"}, {"address": "T1"}, False),
        ({"address": "T1"}, {}, False),  # not known to be another person
        ({"party": "debtor"}, {}, True),
    ],
)
def test_third_person_is_asked_once(
    denied: Callable[..., tuple[str, ...]], earlier: dict[str, Any], attempt: dict[str, Any], open_: bool
) -> None:
    rules = denied(ENQUIRY | attempt, None, [past("12:00", "outbound", **(ASKED | earlier))])

    assert rules == (() if open_ else ("us-location-info-once",))


@pytest.mark.parametrize(
    ("party", "purpose", "debtor", "open_"),
    [
        ("parent", "collection", {}, False),
        ("parent", "collection", {"flags": ["minor"]}, True),
        ("parent", "collection", {"birth_date": "2008-04-02"}, True),
        ("parent", "collection", {"birth_date": "2008-04-01"}, False),
        ("parent", "location_information", {"birth_date": "2008-04-01"}, True),
        ("parent", "location_information", {"flags": ["third_party_refused"]}, False),
        ("parent", "location_information", {"flags": ["third_party_refused", "minor"]}, True),
        ("third_party", "location_information", {}, True),
        ("third_party", "location_information", {"flags": ["third_party_refused"]}, False),
        ("third_party", "reminder", {"flags": ["minor"]}, False),
        ("guarantor", "collection", {}, False),  # not named by the text
        ("executor", "collection", {}, True),
    ],
)
def test_who_may_be_reached(
    denied: Callable[..., tuple[str, ...]], party: str, purpose: str, debtor: dict[str, Any], open_: bool
) -> None:
    assert denied({"party": party, "purpose": purpose}, debtor) == (() if open_ else ("us-third-party",))


def test_minority_ends_on_the_first_clock(rulebook: Rulebook, raw_scenario: Raw) -> None:
    zones = ["America/Los_Angeles", "America/New_York"]

    def open_at(clock: str) -> bool:
        raw = raw_scenario(
            id="us-t-1",
            pack="us-reg-f",
            debtor={"timezones": zones, "birth_date": "2008-02-29"},
            attempt={"at": clock, "party": "parent", "channel": "voice"},
        )
        return "us-third-party" not in evaluate(parse_scenario(raw), rulebook).rules

    assert open_at("2026-02-27T23:59:59-05:00")
    assert not open_at("2026-02-28T00:00:00-05:00")  # 28 February in New York, still the 27th in Los Angeles


BOOK_RULE = """\
topic: extra
rules:
  - id: zz-extra
    kind: {kind}
    title: {{en: Rule, zh: 规则}}
    message: {{en: Said., zh: 如此。}}
    effect: prohibition
    scope: {{clock: debtor, per: contact}}
    evidence:
      - {{en: note, zh: 备注}}
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {{source: act, provision: {{en: art. 2, zh: 第2条}}, certainty: V}}
        parameters: {parameters}
"""
BROKEN = [
    ("quiet_windows", "{channels: [sms], one_reply: {purposes: []}}", "one_reply.purposes"),
    ("quiet_windows", "{channels: [sms], one_reply: {purposes: [chat]}}", "one_reply.purposes[0]"),
    ("quiet_windows", "{channels: [sms], one_confirmation: {purposes: [reply]}}", "one_confirmation"),
    ("refusals", "{flag_channels: {ceased: [sms]}, one_confirmation: {purpose: [reply]}}", "one_confirmation.purpose"),
    (
        "party_limit",
        "{allowed: [{purposes: [reply], parties: [debtor], under_age: {}}], objection_flags: [minor]}",
        "allowed[0].under_age",
    ),
    (
        "party_limit",
        (
            "{allowed: [{purposes: [reply], parties: [debtor]}], objection_flags: [minor], "
            "while_under_age: {purposes: [reply], parties: [parent]}}"
        ),
        "while_under_age",
    ),
    (
        "workplace",
        "{places: [home], parties: [debtor], flags: [minor], channels: [sms], mailboxes: [email]}",
        "places[0]",
    ),
    ("workplace", "{places: [work], parties: [debtor], flags: [minor], channels: [sms]}", ""),
    ("once_per_person", "{purposes: [reply], parties: [debtor]}", ""),
    (
        "required_consent",
        "{voices: [robot], channels: [voice], consent: {kind: artificial_voice, given_to: [creditor]}}",
        "voices[0]",
    ),
    (
        "required_consent",
        (
            "{voices: [artificial], channels: [voice], "
            "consent: {kind: artificial_voice, given_to: [creditor], given_in_open_hours: true}}"
        ),
        "consent.given_in_open_hours",
    ),
    ("in_regions", "{regions: [ZZ-AB]}", None),
]


@pytest.mark.parametrize(("kind", "parameters", "field"), BROKEN)
def test_broken_parameters_are_refused_with_place(
    book_text: str, load_text: Load, kind: str, parameters: str, field: str | None
) -> None:
    with pytest.raises(RulebookError) as caught:
        load_text(book_text, extra=BOOK_RULE.format(kind=kind, parameters=parameters))

    place = "rules[0].values[0].parameters" + (f".{field}" if field else "")
    assert caught.value.field == ("rules[0].kind" if field is None else place)
    assert caught.value.file == "zz/extra.yaml"
