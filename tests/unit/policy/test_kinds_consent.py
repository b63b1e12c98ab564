"""Agreements that open hours, lift a cap or allow a machine voice, on the packaged rules."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from policy.book import Rulebook
from policy.evaluate import budget_slots, evaluate
from policy.facts import Scenario
from policy.ruling import Ruling
from policy.scenario import parse_scenario

Raw = Callable[..., dict[str, Any]]
LATE = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "21:00", "end": "22:00"}
CAP, PAUSE, HOURS, VOICE = "us-call-cap-7in7", "us-post-conversation-7d", "us-quiet-hours", "us-tcpa-artificial-voice"


def question(
    raw_scenario: Raw,
    at: str,
    *,
    consents: list[dict[str, Any]] | None = None,
    history: list[dict[str, Any]] | None = None,
    debtor: dict[str, Any] | None = None,
    **attempt: Any,
) -> Scenario:
    """A call about D1 to the debtor in New York at a local summer time."""
    raw = raw_scenario(
        id="us-t-1",
        pack="us-reg-f",
        debtor={"timezones": ["America/New_York"], "consents": consents or [], **(debtor or {})},
        attempt={"at": f"{at}-04:00", "purpose": "collection", **attempt},
        history=history or [],
    )
    return parse_scenario(raw)


@pytest.fixture
def ruled(rulebook: Rulebook, raw_scenario: Raw) -> Callable[..., Ruling]:
    """The ruling on `question`."""
    return lambda at, **parts: evaluate(question(raw_scenario, at, **parts), rulebook)


def call(at: str, outcome: str = "no_answer", **changes: Any) -> dict[str, Any]:
    """An outbound call about D1 at a local summer time."""
    plain = {"channel": "voice", "direction": "outbound", "debt": "D1", "party": "debtor"}
    return {"at": f"{at}-04:00", "outcome": outcome, **plain, **changes}


def calls(day: str, number: int, **changes: Any) -> list[dict[str, Any]]:
    """`number` unanswered calls on one day, from nine o'clock on, every ten minutes."""
    first = datetime.fromisoformat(f"{day}T09:00:00")
    return [call((first + timedelta(minutes=10 * place)).isoformat(), **changes) for place in range(number)]


def agreed(at: str, kind: str = "additional_calls", **changes: Any) -> dict[str, Any]:
    """An agreement given to the collector at a local summer time."""
    return {"kind": kind, "at": f"{at}-04:00", "given_to": "collector", **changes}


@pytest.mark.parametrize(
    ("given", "changes", "debtor", "attempt", "open_"),
    [
        ("2026-03-30T18:00:00", {}, {}, {}, True),
        ("2026-03-30T18:00:00", {"given_to": "creditor"}, {}, {}, False),
        ("2026-03-30T18:00:00", {"window": None}, {}, {}, False),  # no window opens no hour
        ("2026-03-30T07:59:59", {}, {}, {}, False),  # given at a closed hour
        ("2026-03-30T08:00:00", {}, {}, {}, True),
        ("2026-03-30T21:00:00", {}, {}, {}, False),
        ("2026-03-30T10:59:59", {}, {"timezones": ["America/New_York", "America/Los_Angeles"]}, {}, False),
        ("2026-03-30T18:00:00", {"debt": "D2"}, {}, {}, False),
        ("2026-03-30T18:00:00", {"valid_until": "2026-04-01T21:30:00-04:00"}, {}, {}, False),
        ("2026-03-30T18:00:00", {"valid_until": "2026-04-01T21:30:01-04:00"}, {}, {}, True),
        ("2026-03-30T18:00:00", {}, {}, {"party": "spouse"}, False),  # the debtor speaks for the debtor alone
        (
            "2026-03-30T18:00:00",
            {},
            {
                "preferences": {
                    "no_contact_windows": [{"days": ["mon"], "start": "17:00", "end": "18:30"}],
                    "no_channels": [],
                }
            },
            {},
            False,  # given inside the debtor's own quiet window
        ),
    ],
)
def test_agreement_to_a_late_hour(
    ruled: Callable[..., Ruling],
    given: str,
    changes: dict[str, Any],
    debtor: dict[str, Any],
    attempt: dict[str, Any],
    open_: bool,
) -> None:
    consent = agreed(given, "inconvenient_time", window=LATE) | changes
    consent = {key: value for key, value in consent.items() if value is not None}

    ruling = ruled("2026-04-01T21:30:00", consents=[consent], debtor=debtor, **attempt)
    assert ruling.rules == (() if open_ else (HOURS,))


def test_agreement_that_begins_later_is_found_by_the_search(ruled: Callable[..., Ruling]) -> None:
    consent = agreed("2026-03-30T18:00:00", "inconvenient_time", window=LATE | {"days": ["fri"]})

    ruling = ruled("2026-04-01T22:30:00", consents=[consent], channel="sms")
    assert ruling.next_permitted_at == datetime.fromisoformat("2026-04-02T08:00:00-04:00")
    late_friday = ruled("2026-04-03T20:59:59", consents=[consent])
    assert late_friday.permitted
    assert ruled("2026-04-03T21:59:59", consents=[consent]).permitted
    assert not ruled("2026-04-03T22:00:00", consents=[consent]).permitted


@pytest.mark.parametrize(
    ("consent", "attempt", "open_"),
    [
        (agreed("2026-04-07T08:30:00"), {}, True),
        (agreed("2026-04-07T08:30:00", given_to="creditor"), {}, False),
        (agreed("2026-04-07T08:30:00", debt="D2"), {}, False),
        (agreed("2026-04-07T08:30:00", valid_until="2026-04-07T15:00:00-04:00"), {}, False),
        (agreed("2026-04-07T08:30:00", valid_until="2026-04-07T15:00:01-04:00"), {}, True),
        (agreed("2026-04-07T15:00:00"), {}, True),  # given while on the telephone, now
        (agreed("2026-04-07T15:00:01"), {}, False),
        (agreed("2026-04-07T08:30:00", window={"days": ["tue"], "start": "14:00", "end": "16:00"}), {}, True),
        (agreed("2026-04-07T08:30:00", window={"days": ["mon"], "start": "14:00", "end": "16:00"}), {}, False),
    ],
)
def test_agreement_to_more_calls(
    ruled: Callable[..., Ruling], consent: dict[str, Any], attempt: dict[str, Any], open_: bool
) -> None:
    full = calls("2026-04-06", 7)

    ruling = ruled("2026-04-07T15:00:00", consents=[consent], history=full, **attempt)
    assert ruling.rules == (() if open_ else (CAP,))


def test_agreement_lasts_seven_calendar_days(ruled: Callable[..., Ruling]) -> None:
    consent = agreed("2026-04-01T20:30:00")
    before = calls("2026-04-01", 7)  # counted: they were made before the agreement

    assert ruled("2026-04-07T20:59:59", consents=[consent], history=before).permitted
    fresh = calls("2026-04-08", 7)
    ruling = ruled("2026-04-08T12:00:00", consents=[consent], history=fresh)
    assert ruling.rules == (CAP,)
    assert ruling.next_permitted_at == datetime.fromisoformat("2026-04-15T08:00:00-04:00")


def test_calls_under_the_agreement_are_not_counted(ruled: Callable[..., Ruling]) -> None:
    consent = agreed("2026-04-05T12:00:00", valid_until="2026-04-06T23:00:00-04:00")
    history = [*calls("2026-04-05", 6), *calls("2026-04-06", 9)]

    assert ruled("2026-04-07T12:00:00", consents=[consent], history=history).permitted
    assert ruled("2026-04-07T12:00:00", consents=[], history=history).rules == (CAP,)
    one_more = [*history, call("2026-04-07T09:00:00")]
    assert ruled("2026-04-07T12:00:00", consents=[consent], history=one_more).rules == (CAP,)


def test_conversation_ends_the_agreement_and_starts_a_new_pause(ruled: Callable[..., Ruling]) -> None:
    consent = agreed("2026-04-01T12:00:00")
    talk = call("2026-04-03T10:00:00", "conversation")
    history = [*calls("2026-04-02", 5), talk]

    ruling = ruled("2026-04-03T11:00:00", consents=[consent], history=history)
    assert ruling.rules == (PAUSE,)  # not the cap: the five and the conversation itself were made under it
    assert ruling.next_permitted_at == datetime.fromisoformat("2026-04-10T08:00:00-04:00")
    after = [*history, *calls("2026-04-10", 6)]
    assert ruled("2026-04-10T12:00:00", consents=[consent], history=after).permitted


@pytest.mark.parametrize(
    ("change", "ended"),
    [
        ({}, True),
        ({"direction": "inbound"}, True),
        ({"debt": "D2"}, False),
        ({"debt": "D2", "also_debts": ["D1"]}, True),
        ({"party": "spouse"}, True),  # the text says a conversation about that debt, not with whom
        ({"outcome": "voicemail"}, False),
    ],
)
def test_which_conversation_ends_it(ruled: Callable[..., Ruling], change: dict[str, Any], ended: bool) -> None:
    history = [*calls("2026-04-01", 7), call("2026-04-03T10:00:00", "conversation") | change]

    ruling = ruled("2026-04-04T11:00:00", consents=[agreed("2026-04-01T12:00:00")], history=history)
    assert ruling.permitted != ended


def test_conversation_in_which_it_was_given_does_not_end_it(ruled: Callable[..., Ruling]) -> None:
    talk = call("2026-04-01T12:00:00", "conversation")

    assert ruled("2026-04-02T12:00:00", consents=[agreed("2026-04-01T12:00:00")], history=[talk]).permitted
    assert ruled("2026-04-02T12:00:00", history=[talk]).rules == (PAUSE,)


def test_debtor_does_not_agree_for_others(ruled: Callable[..., Ruling]) -> None:
    spouse = calls("2026-04-06", 7, party="spouse")

    ruling = ruled("2026-04-07T12:00:00", consents=[agreed("2026-04-06T08:30:00")], history=spouse, party="spouse")
    assert ruling.rules == (CAP,)


def test_attorney_is_neither_limited_nor_counted(ruled: Callable[..., Ruling]) -> None:
    many = calls("2026-04-06", 9, party="attorney")

    assert ruled("2026-04-07T12:00:00", history=many, party="attorney").permitted
    massachusetts = {"region": "US-MA"}
    assert ruled("2026-04-07T12:00:00", history=many, debtor=massachusetts).permitted
    assert not ruled("2026-04-07T12:00:00", history=calls("2026-04-06", 2), debtor=massachusetts).permitted


def test_two_places_have_two_counters(ruled: Callable[..., Ruling]) -> None:
    home = {"region": "US-MA"}
    old = calls("2026-03-10", 2, address="W1")

    assert ruled("2026-04-07T12:00:00", history=old, debtor=home, address="P1").permitted
    assert ruled("2026-04-07T12:00:00", history=old, debtor=home, place="work", address="W2").permitted
    at_work = ruled("2026-04-07T12:00:00", history=old, debtor=home, place="work", address="W1")
    assert at_work.rules == ("us-ma-2in7",)
    assert at_work.reasons[0].facts["any_of"][0]["used"] == 2
    assert at_work.next_permitted_at == datetime.fromisoformat("2026-04-09T08:00:00-04:00")
    message = at_work.reasons[0].message("en")
    assert message == ("Massachusetts resident: 2 contact(s) at this place of work in 30 days, at most 2 are allowed.")


def test_slots_of_caps(rulebook: Rulebook, raw_scenario: Raw) -> None:
    def slots(**parts: Any) -> dict[str, tuple[str, int, int]]:
        found = budget_slots(question(raw_scenario, "2026-04-07T12:00:00", **parts), rulebook)
        return {slot.rule: (slot.subject, slot.limit, slot.used) for slot in found}

    seven = calls("2026-04-06", 7)
    assert slots(history=seven) == {
        CAP: ("party=debtor/debt=D1", 7, 7),
        PAUSE: ("party=debtor/debt=D1", 1, 0),
    }
    assert slots(history=seven, consents=[agreed("2026-04-07T08:30:00")]) == {}  # nothing is taken under an agreement
    assert slots(party="attorney") == {}
    assert slots(channel="email") == {}
    assert slots(channel="sms", debtor={"region": "US-MA"}) == {"us-ma-2in7": ("debt=D1/part=1", 2, 0)}
    at_work = slots(channel="sms", debtor={"region": "US-MA"}, place="work", address="W1")
    assert at_work == {"us-ma-2in7": ("debt=D1/address=W1/part=2", 2, 0)}


@pytest.mark.parametrize(
    ("consents", "attempt", "open_"),
    [
        ([], {}, False),
        ([], {"voice": "human"}, True),
        ([], {"channel": "sms"}, True),
        ([agreed("2026-01-10T12:00:00", "artificial_voice", given_to="creditor")], {}, True),
        ([agreed("2026-01-10T12:00:00", "artificial_voice")], {"party": "spouse"}, False),
        ([agreed("2026-01-10T12:00:00", "artificial_voice", debt="D2")], {}, False),
        ([agreed("2026-01-10T12:00:00", "additional_calls")], {}, False),
        ([agreed("2026-04-07T12:00:00", "artificial_voice")], {}, True),
        ([agreed("2026-04-07T12:00:01", "artificial_voice")], {}, False),
        (
            [agreed("2026-01-10T12:00:00", "artificial_voice", valid_until="2026-04-07T12:00:00-04:00")],
            {},
            False,  # the end is the first instant without it
        ),
        (
            [agreed("2026-01-10T12:00:00", "artificial_voice", window=LATE)],
            {},
            False,  # agreed to for other hours only
        ),
    ],
)
def test_machine_voice_needs_a_yes(
    ruled: Callable[..., Ruling], consents: list[dict[str, Any]], attempt: dict[str, Any], open_: bool
) -> None:
    ruling = ruled("2026-04-07T12:00:00", consents=consents, **{"voice": "artificial", **attempt})

    assert ruling.rules == (() if open_ else (VOICE,))


def test_search_waits_for_the_hours_agreed_to(ruled: Callable[..., Ruling]) -> None:
    evening = {"days": ["thu"], "start": "18:00", "end": "20:00"}
    consent = agreed("2026-01-10T12:00:00", "artificial_voice", window=evening)

    ruling = ruled("2026-04-07T12:00:00", consents=[consent], voice="artificial")
    assert ruling.next_permitted_at == datetime.fromisoformat("2026-04-09T18:00:00-04:00")
    ended = consent | {"valid_until": "2026-04-09T18:00:00-04:00"}
    assert ruled("2026-04-07T12:00:00", consents=[ended], voice="artificial").next_permitted_at is None


def test_ruling_of_machine_voices_is_cited_from_its_day(rulebook: Rulebook) -> None:
    rule = rulebook.packs["us-reg-f"].rule(VOICE)

    assert rule is not None
    cited = [[citation.source.id for citation in period.value.citations] for period in rule.values.periods]
    assert [("fcc-24-17" in sources) for sources in cited] == [False, True]
