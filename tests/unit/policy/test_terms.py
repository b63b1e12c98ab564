"""Terms of an attempt: read strictly, part of the facts, and what composing with overlays does to a ruling."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy.book import Rulebook
from policy.digest import facts_bytes, facts_digest
from policy.errors import FactsError, ScenarioError
from policy.evaluate import budget_slots, evaluate
from policy.facts import Terms
from policy.overlays.schema import OverlayText, lay_over
from policy.scenario import parse_scenario
from policy.schema import house_rules, load_rulebook

Raw = Callable[..., dict[str, Any]]
EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "overlays"
CALL = {"channel": "voice", "direction": "outbound", "outcome": "no_answer", "debt": "D1", "party": "debtor"}
SUNDAY = {"at": "2026-06-14T10:00:00+08:00"}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """Law, house rules and the examples of the documents."""
    return load_rulebook(overlays=[house_rules(), EXAMPLES])


def calls(*hours: int) -> list[dict[str, Any]]:
    """Unanswered calls on the day of the plain scenario."""
    return [{**CALL, "at": f"2026-06-10T{hour:02d}:30:00+08:00"} for hour in hours]


def test_terms_are_read(raw_scenario: Raw) -> None:
    terms = {"creditor": "C1", "creditor_tier": "premier", "debtor_tier": "plus", "grade": "B"}
    assert parse_scenario(raw_scenario(terms=terms)).terms == Terms(
        creditor="C1", creditor_tier="premier", debtor_tier="plus", grade="B"
    )
    assert parse_scenario(raw_scenario()).terms == parse_scenario(raw_scenario(terms={})).terms == Terms()


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ([], "scenario.wrong_type", "terms"),
        ({"tier": "vip"}, "scenario.unknown_field", "terms.tier"),
        ({"creditor": "a bank"}, "scenario.bad_value", "terms.creditor"),
        ({"creditor": 7}, "scenario.wrong_type", "terms.creditor"),
        ({"creditor_tier": "vip"}, "scenario.unknown_value", "terms.creditor_tier"),
        ({"debtor_tier": "basic"}, "scenario.unknown_value", "terms.debtor_tier"),
        ({"grade": "E"}, "scenario.unknown_value", "terms.grade"),
        ({"grade": None}, "scenario.wrong_type", "terms.grade"),
    ],
)
def test_terms_are_read_strictly(raw_scenario: Raw, terms: Any, code: str, field: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(raw_scenario(terms=terms))
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("wrong", [{"creditor": ""}, {"creditor_tier": "vip"}, {"debtor_tier": ""}, {"grade": "a"}])
def test_terms_hold_known_words_only(wrong: dict[str, Any]) -> None:
    with pytest.raises(FactsError):
        Terms(**wrong)


def test_terms_are_facts_where_there_are_some(raw_scenario: Raw) -> None:
    """A question without terms keeps the digest it had before terms existed."""
    plain, empty = parse_scenario(raw_scenario()), parse_scenario(raw_scenario(terms={}))
    assert facts_digest(plain) == facts_digest(empty)
    assert b'"terms"' not in facts_bytes(plain)
    one, other = ({"grade": "A"}, {"grade": "B"})
    digests = {facts_digest(parse_scenario(raw_scenario(terms=terms))) for terms in ({}, one, other)}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("creditor", "made", "rules"),
    [
        ("C1", calls(9), []),
        ("C1", calls(9, 9), ["c1-two-calls-a-day"]),
        ("C1", calls(9, 9, 9), ["c1-two-calls-a-day", "cn-daily-call-cap"]),
        ("C2", calls(9, 9), []),
        (None, calls(9, 9, 9), ["cn-daily-call-cap"]),
    ],
)
def test_the_strictest_wins_and_every_rule_is_named(
    book: Rulebook, raw_scenario: Raw, creditor: str | None, made: list[dict[str, Any]], rules: list[str]
) -> None:
    terms = {} if creditor is None else {"creditor": creditor}
    ruling = evaluate(parse_scenario(raw_scenario(history=made, terms=terms)), book)
    assert list(ruling.rules) == rules
    assert ruling.rulebook_digest == book.digest
    for reason in ruling.reasons:
        contract = reason.rule.startswith("c1-")
        assert ("agreement with C1" in reason.citation()) is contract


def test_a_contract_holds_on_its_days_only(book: Rulebook, raw_scenario: Raw) -> None:
    early = (
        {"at": "2026-02-10T08:30:00+08:00"},
        {"at": "2026-03-10T08:30:00+08:00"},
        {"at": "2029-03-01T08:30:00+08:00"},
    )
    found = [evaluate(parse_scenario(raw_scenario(attempt=at, terms={"creditor": "C1"})), book).rules for at in early]
    assert found == [(), ("c1-hours",), ()]


@pytest.mark.parametrize(
    ("terms", "rules"),
    [
        ({}, []),
        ({"debtor_tier": "standard", "creditor_tier": "premier"}, []),
        ({"debtor_tier": "plus"}, []),
        ({"debtor_tier": "vip"}, ["vip-no-sundays"]),
        ({"debtor_tier": "vip", "creditor_tier": "premier", "grade": "A"}, ["vip-no-sundays"]),
    ],
)
def test_a_tier_protects_from_its_tier_upward(
    book: Rulebook, raw_scenario: Raw, terms: dict[str, str], rules: list[str]
) -> None:
    ruling = evaluate(parse_scenario(raw_scenario(attempt=SUNDAY, terms=terms)), book)
    assert list(ruling.rules) == rules
    wanted = "2026-06-15T08:00:00+08:00" if rules else "2026-06-14T10:00:00+08:00"
    assert ruling.next_permitted_at is not None
    assert ruling.next_permitted_at.isoformat() == wanted


def test_the_wishes_of_the_debtor_compose_too(book: Rulebook, raw_scenario: Raw) -> None:
    """Law, contract, house rule, tier and the debtor's own words in one ruling; it opens when all of them let it."""
    wishes = {"no_contact_windows": [{"days": ["sun", "mon"], "start": "08:00", "end": "11:00"}], "no_channels": []}
    made = [{**CALL, "channel": "sms", "outcome": "delivered", "at": f"2026-06-14T{h:02d}:00:00+08:00"} for h in (5, 6)]
    made += [{**CALL, "at": f"2026-06-14T{hour:02d}:00:00+08:00"} for hour in (6, 7, 8)]
    asked = raw_scenario(
        debtor={"preferences": wishes},
        history=made,
        attempt={"at": "2026-06-14T08:30:00+08:00"},
        terms={"creditor": "C1", "debtor_tier": "vip"},
    )
    ruling = evaluate(parse_scenario(asked), book)
    assert list(ruling.rules) == [
        "c1-hours",
        "c1-two-calls-a-day",
        "cn-daily-call-cap",
        "cn-no-contact-preference",
        "house-contact-budget",
        "vip-no-sundays",
    ]
    assert ruling.next_permitted_at is not None
    assert ruling.next_permitted_at.isoformat() == "2026-06-15T11:00:00+08:00"


def test_one_budget_for_a_person_over_every_medium(book: Rulebook, raw_scenario: Raw) -> None:
    media = ("sms", "email", "voice", "voicemail", "voice")
    made = [
        {**CALL, "channel": medium, "outcome": "delivered", "debt": f"D{number}", "party": party}
        | {"at": f"2026-06-10T08:{number:02d}:00+08:00"}
        for number, (medium, party) in enumerate(zip(media, ("debtor", "guarantor") * 3, strict=False))
    ]
    for count, rules in ((4, []), (5, ["house-contact-budget"])):
        asked = parse_scenario(raw_scenario(history=made[:count], attempt={"channel": "email"}))
        assert list(evaluate(asked, book).rules) == rules
        day, week = budget_slots(asked, book)
        assert (day.rule, day.subject, day.limit, day.used) == ("house-contact-budget", "person", 5, count)
        assert (week.rule, week.limit, week.window_days, week.used) == ("house-weekly-contact-budget", 15, 7, count)


def test_what_does_not_reach_the_person_is_not_budgeted(book: Rulebook, raw_scenario: Raw) -> None:
    made = [
        {**CALL, "channel": "sms", "outcome": "bounced", "at": "2026-06-10T09:00:00+08:00"},
        {**CALL, "outcome": "not_in_service", "at": "2026-06-10T09:00:00+08:00"},
        {**CALL, "direction": "inbound", "outcome": "conversation", "at": "2026-06-10T09:00:00+08:00"},
    ]
    asked = parse_scenario(raw_scenario(history=made, attempt={"channel": "sms"}))
    assert [slot.used for slot in budget_slots(asked, book)] == [0, 0]


def test_fifteen_contacts_in_seven_days(book: Rulebook, raw_scenario: Raw) -> None:
    days = (4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8)
    made = [
        {**CALL, "channel": "sms", "outcome": "delivered", "at": f"2026-06-{day:02d}T09:{number:02d}:00+08:00"}
        for number, day in enumerate(days)
    ]
    asked = parse_scenario(raw_scenario(history=made, attempt={"channel": "sms"}))
    ruling = evaluate(asked, book)
    assert list(ruling.rules) == ["house-weekly-contact-budget"]
    assert ruling.next_permitted_at is not None
    assert ruling.next_permitted_at.isoformat() == "2026-06-11T08:00:00+08:00"


def test_an_overlay_does_not_break_the_silence_of_the_law(
    load_text: Callable[..., Rulebook], book_text: str, raw_scenario: Raw
) -> None:
    """On a day without any rule of the law nothing may be told, whatever a contract adds."""
    law = load_text(book_text.replace("      - from: 2020-01-01\n", "      - from: 2027-01-01\n"))
    text = (EXAMPLES / "vip.yaml").read_text("utf-8")
    laid = lay_over(law, [OverlayText(key="overlays/vip.yaml", file="vip.yaml", text=text)])
    for at, rules in (
        ("2026-06-10T10:00:00+08:00", ("zz-cannot-tell",)),
        ("2026-06-14T10:00:00+08:00", ("vip-no-sundays", "zz-cannot-tell")),
    ):
        asked = parse_scenario(raw_scenario(pack="zz", attempt={"at": at}, terms={"debtor_tier": "vip"}))
        ruling = evaluate(asked, laid)
        assert ruling.rules == rules
        assert ruling.next_permitted_at is None
    assert evaluate(parse_scenario(raw_scenario(pack="zz")), law).rules == ("zz-cannot-tell",)
