"""Three answers, every reason, both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from policy.book import Rulebook
from policy.evaluate import budget_slots, evaluate
from policy.facts import Scenario
from policy.ruling import Ruling
from policy.scenario import parse_scenario

Raw = Callable[..., dict[str, Any]]


@pytest.fixture
def decide(raw_scenario: Raw, rulebook: Rulebook) -> Callable[..., Ruling]:
    """Builds a scenario from JSON parts and decides it."""

    def run(**parts: Any) -> Ruling:
        return evaluate(parse_scenario(raw_scenario(**parts)), rulebook)

    return run


def test_permit_has_no_rules_and_opens_at_once(decide: Callable[..., Ruling], rulebook: Rulebook) -> None:
    ruling = decide()

    assert (ruling.decision, ruling.permitted, ruling.rules, ruling.reasons) == ("permit", True, (), ())
    assert ruling.next_permitted_at == ruling.as_of
    assert ruling.rulebook_digest == rulebook.digest
    assert ruling.facts_digest.startswith("sha256:")
    assert ruling.clock_data


def test_reason_carries_rule_message_citation_values_and_facts(decide: Callable[..., Ruling]) -> None:
    ruling = decide(attempt={"at": "2026-06-10T21:00:00+08:00"}, debtor={"timezones": ["Asia/Shanghai", "Asia/Tokyo"]})

    (reason,) = ruling.reasons
    assert reason.rule == "cn-quiet-hours"
    assert reason.message("en") == (
        "Contact by voice is closed from 21:00 to 08:00 on the debtor's clock in Asia/Shanghai, Asia/Tokyo."
    )
    assert "不得以 voice 方式联系" in reason.message("zh")
    assert "CBA Guideline 2026" in reason.citation("en")
    assert "来源论文" in reason.citation("zh")
    assert reason.parameters["closed_from"] == "21:00"
    assert reason.facts["local_times"] == {"Asia/Shanghai": "2026-06-10T21:00:00", "Asia/Tokyo": "2026-06-10T22:00:00"}


def test_values_of_the_day_are_used(decide: Callable[..., Ruling]) -> None:
    before = decide(attempt={"at": "2026-01-29T22:00:00+08:00", "channel": "sms"}).reasons[0]
    after = decide(attempt={"at": "2026-01-30T22:00:00+08:00", "channel": "sms"}).reasons[0]

    assert "CBA" not in before.citation("en")
    assert "CBA" in after.citation("en")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"pack": "xx-nowhere"}, "unknown_pack"),
        ({"debtor": {"timezones": ["Asia/Atlantis"]}}, "unknown_zone"),
        ({"debtor": {"timezones": ["Asia/Shanghai", "Asia/Atlantis"]}}, "unknown_zone"),
        ({"attempt": {"at": "2021-10-31T10:00:00+08:00"}}, "day_not_covered"),
    ],
)
def test_cannot_tell_refuses(decide: Callable[..., Ruling], parts: dict[str, Any], why: str) -> None:
    ruling = decide(**parts)

    assert (ruling.decision, ruling.permitted, ruling.next_permitted_at) == ("cannot_tell", False, None)
    assert ruling.rules == (f"{ruling.pack}-cannot-tell",)
    assert ruling.reasons[0].facts["why"] == why
    assert ruling.to_json()["decision"] == "deny"
    assert ruling.to_record()["answer"] == "cannot_tell"


@pytest.mark.parametrize(
    ("zones", "flags", "why"), [((), set(), "no_zone"), (("Asia/Shanghai",), {"sleepwalking"}, "unknown_flag")]
)
def test_facts_from_the_database_that_mean_nothing_refuse(
    raw_scenario: Raw, rulebook: Rulebook, zones: tuple[str, ...], flags: set[str], why: str
) -> None:
    scenario = parse_scenario(raw_scenario())
    scenario = replace(scenario, debtor=replace(scenario.debtor, timezones=zones, flags=frozenset(flags)))

    ruling = evaluate(scenario, rulebook)

    assert ruling.decision == "cannot_tell"
    assert [reason.facts["why"] for reason in ruling.reasons] == [why]
    assert all(reason.message("zh") and reason.message("en") for reason in ruling.reasons)


def test_denial_on_what_is_known_outranks_the_unknown(decide: Callable[..., Ruling]) -> None:
    ruling = decide(debtor={"timezones": ["Asia/Atlantis"], "flags": ["hospitalised"]})

    assert ruling.decision == "deny"
    assert ruling.rules == ("cn-cannot-tell", "cn-no-patients")
    assert ruling.next_permitted_at is None


def test_advice_never_denies(decide: Callable[..., Ruling]) -> None:
    past = {"channel": "voice", "direction": "outbound", "outcome": "no_answer", "debt": "D1", "party": "debtor"}
    ruling = decide(
        debtor={"flags": ["represented"]},
        history=[past | {"at": "2026-06-10T09:30:01+08:00"}],
    )

    assert ruling.permitted
    assert [reason.rule for reason in ruling.advice] == ["cn-human-review", "cn-redial-spacing"]
    assert decide(history=[past | {"at": "2026-06-10T09:30:00+08:00"}]).advice == ()


def test_language_is_chosen_when_asked(raw_scenario: Raw, rulebook: Rulebook) -> None:
    scenario = parse_scenario(raw_scenario(attempt={"party": "spouse"}))

    ruling = evaluate(scenario, rulebook, lang="zh")

    assert ruling.to_json()["reasons"][0]["message"].startswith("只能联系")
    assert ruling.to_json("en")["reasons"][0]["message"].startswith("Contact may reach only")


def test_record_keeps_both_languages(decide: Callable[..., Ruling]) -> None:
    ruling = decide(debtor={"flags": ["hospitalised", "bereavement"]})

    (reason,), (advice,) = ruling.to_record()["reasons"], ruling.to_record()["advice"]
    assert reason["messages"]["zh"].startswith("已知债务人正在住院")
    assert set(reason["citations"]) == set(advice["messages"]) == {"en", "zh"}
    assert "messages" not in ruling.to_json()["reasons"][0]


def test_rulings_hold_no_birth_date(decide: Callable[..., Ruling]) -> None:
    ruling = decide(debtor={"birth_date": "2010-03-04"})

    assert "2010" not in str(ruling.to_record()["reasons"])


def test_contract_fields(decide: Callable[..., Ruling]) -> None:
    body = decide(attempt={"at": "2026-06-10T23:30:00Z"}).to_json()

    assert list(body) == ["id", "decision", "rules", "reasons", "next_permitted_at", "rulebook", "as_of"]
    assert list(body["reasons"][0]) == ["rule", "message", "citation", "parameters", "facts"]
    assert body["as_of"] == "2026-06-10T23:30:00+00:00"
    assert body["next_permitted_at"] == "2026-06-11T08:00:00+08:00"


def test_budget_slots_name_the_counters(raw_scenario: Raw, rulebook: Rulebook) -> None:
    past = {"channel": "voice", "direction": "outbound", "debt": "D2", "party": "debtor", "address": "N1"}
    raw = raw_scenario(
        attempt={"address": "N1"},
        history=[
            past | {"at": "2026-06-10T08:30:00+08:00", "outcome": "conversation"},
            past | {"at": "2026-06-10T09:30:00+08:00", "outcome": "not_in_service"},
        ],
    )

    slots = {slot.rule: slot for slot in budget_slots(parse_scenario(raw), rulebook)}

    daily, number = slots["cn-daily-call-cap"], slots["cn-number-daily-cap"]
    assert daily.key == "cn-daily-call-cap:party=debtor:2026-06-10"
    assert (daily.used, daily.limit, daily.window_days) == (1, 3, 1)
    assert number.key == "cn-number-daily-cap:address=N1:2026-06-10"
    assert (number.used, number.limit) == (1, 6)
    assert "not_in_service" not in daily.counted_outcomes
    assert len(slots) == 2


def test_budget_day_is_the_debtors(raw_scenario: Raw, rulebook: Rulebook) -> None:
    raw = raw_scenario(attempt={"at": "2026-06-10T17:00:00Z"})

    assert {slot.bucket for slot in budget_slots(parse_scenario(raw), rulebook)} == {"2026-06-11"}


@pytest.mark.parametrize("parts", [{"attempt": {"channel": "sms"}}, {"pack": "xx-nowhere"}])
def test_nothing_to_charge(raw_scenario: Raw, rulebook: Rulebook, parts: dict[str, Any]) -> None:
    assert budget_slots(parse_scenario(raw_scenario(**parts)), rulebook) == ()


def test_nothing_to_charge_without_a_clock(raw_scenario: Raw, rulebook: Rulebook) -> None:
    raw = raw_scenario(debtor={"timezones": ["Asia/Atlantis"]})

    assert budget_slots(parse_scenario(raw), rulebook) == ()


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # the day rolls over, but the next day opens only at 08:00
        (
            {
                "history": [
                    {
                        "at": f"2026-06-10T0{hour}:00:00+08:00",
                        "channel": "voice",
                        "direction": "outbound",
                        "outcome": "busy",
                        "debt": "D1",
                        "party": "debtor",
                    }
                    for hour in (7, 8, 9)
                ]
            },
            "2026-06-11T08:00:00+08:00",
        ),
        # the birthday is over at midnight, the night at 08:00
        ({"debtor": {"birth_date": "2009-02-17"}}, "2027-02-18T08:00:00+08:00"),
        ({"debtor": {"birth_date": "2009-02-17"}, "attempt": {"channel": "sms"}}, "2027-02-18T08:00:00+08:00"),
        # a quiet window past midnight holds longer than the night
        (
            {
                "debtor": {
                    "preferences": {
                        "no_contact_windows": [{"days": ["fri"], "start": "20:00", "end": "10:00"}],
                        "no_channels": [],
                    }
                },
                "attempt": {"at": "2026-06-12T20:30:00+08:00"},
            },
            "2026-06-13T10:00:00+08:00",
        ),
        # Shanghai and New York in winter leave 08:00-10:00 Beijing
        (
            {
                "debtor": {"timezones": ["Asia/Shanghai", "America/New_York"]},
                "attempt": {"at": "2026-12-10T10:00:00+08:00"},
            },
            "2026-12-11T08:00:00+08:00",
        ),
        # three zones around the globe never share an open hour, in winter or summer
        (
            {
                "debtor": {"timezones": ["Asia/Shanghai", "America/Los_Angeles", "Europe/London"]},
                "attempt": {"at": "2026-12-10T10:00:00+08:00"},
            },
            None,
        ),
        # quiet from 08:30 to 20:00 on both clocks: 20:00 Beijing is 08:00 in New York only once summer time has begun
        (
            {
                "debtor": {
                    "timezones": ["Asia/Shanghai", "America/New_York"],
                    "preferences": {
                        "no_contact_windows": [
                            {
                                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                                "start": "08:30",
                                "end": "20:00",
                            }
                        ],
                        "no_channels": [],
                    },
                },
                "attempt": {"at": "2026-12-10T10:00:00+08:00"},
            },
            "2027-03-14T20:00:00+08:00",
        ),
        ({"debtor": {"flags": ["hospitalised"]}}, None),
        ({"attempt": {"party": "spouse"}}, None),
        (
            {
                "debtor": {
                    "preferences": {
                        "no_contact_windows": [
                            {
                                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                                "start": "07:00",
                                "end": "21:00",
                            }
                        ],
                        "no_channels": [],
                    }
                }
            },
            None,
        ),
    ],
)
def test_next_permitted_instant(decide: Callable[..., Ruling], parts: dict[str, Any], expected: str | None) -> None:
    ruling = decide(**parts)

    assert not ruling.permitted
    assert ruling.to_json()["next_permitted_at"] == expected


def test_scenario_from_plain_values(rulebook: Rulebook) -> None:
    from policy.facts import Attempt, DebtorFacts

    scenario = Scenario(
        pack="cn",
        debtor=DebtorFacts(timezones=("Asia/Shanghai",)),
        attempt=Attempt(
            at=datetime(2026, 6, 10, 2, tzinfo=UTC), channel="voice", purpose="reminder", debt="D1", party="debtor"
        ),
    )

    assert evaluate(scenario, rulebook).permitted
