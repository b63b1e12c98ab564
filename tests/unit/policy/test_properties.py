"""What must hold for every scenario."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.book import Rulebook
from policy.digest import facts_digest
from policy.evaluate import evaluate, is_denied
from policy.facts import CHANNELS, DAY_NAMES, DIRECTIONS, FLAGS, OUTCOMES, PARTIES, PURPOSES
from policy.scenario import parse_scenario

ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Asia/Beirut",
)
START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN_SECS = 270 * 86_400


def text_of(instant: datetime) -> str:
    """RFC 3339 to the second."""
    return instant.isoformat(timespec="seconds")


@st.composite
def clocks(draw: st.DrawFn) -> str:
    """A clock time, mostly on round hours."""
    return f"{draw(st.integers(0, 23)):02d}:{draw(st.sampled_from([0, 0, 30, 59])):02d}"


windows = st.fixed_dictionaries(
    {"days": st.lists(st.sampled_from(DAY_NAMES), min_size=1, unique=True), "start": clocks(), "end": clocks()}
)


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """A well-formed scenario as JSON values, dense in boundaries."""
    at = START + timedelta(seconds=draw(st.integers(0, SPAN_SECS // 60)) * 60)
    past = st.fixed_dictionaries(
        {
            "at": st.integers(0, 30 * 3600).map(lambda secs: text_of(at - timedelta(seconds=secs))),
            "channel": st.sampled_from(sorted(CHANNELS)),
            "direction": st.sampled_from(sorted(DIRECTIONS)),
            "outcome": st.sampled_from(sorted(OUTCOMES)),
            "debt": st.sampled_from(["D1", "D2"]),
            "party": st.sampled_from(["debtor", "guarantor"]),
        }
    )
    debtor: dict[str, Any] = {
        "timezones": draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True)),
        "flags": draw(st.lists(st.sampled_from(sorted(FLAGS)), max_size=1, unique=True)),
        "preferences": {
            "no_contact_windows": draw(st.lists(windows, max_size=2)),
            "no_channels": draw(st.lists(st.sampled_from(["voice", "sms", "email"]), max_size=1)),
        },
        "consents": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "kind": st.just("inconvenient_time"),
                        "at": st.just(text_of(at - timedelta(hours=1))),
                        "given_to": st.just("collector"),
                        "window": windows,
                        "valid_until": st.integers(0, 200).map(lambda hours: text_of(at + timedelta(hours=hours))),
                    }
                ),
                max_size=1,
            )
        ),
    }
    if draw(st.booleans()):
        born = at.date() - timedelta(days=18 * 365 + draw(st.integers(-10, 20)))
        debtor["birth_date"] = born.isoformat()
    return {
        "id": "cn-p-1",
        "pack": "cn",
        "debtor": debtor,
        "history": draw(st.lists(past, max_size=8)),
        "attempt": {
            "at": text_of(at),
            "channel": draw(st.sampled_from(["voice", "sms", "email"])),
            "purpose": draw(st.sampled_from(sorted(PURPOSES))),
            "debt": "D1",
            "party": draw(st.sampled_from(["debtor", "debtor", "guarantor", *sorted(PARTIES)])),
        },
    }


quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(raw=scenarios(), seed=st.integers(0, 2**16))
def test_order_of_keys_and_history_changes_nothing(rulebook: Rulebook, raw: dict[str, Any], seed: int) -> None:
    shuffled = json.loads(json.dumps(raw, sort_keys=True))
    random.Random(seed).shuffle(shuffled["history"])
    shuffled["debtor"]["flags"].reverse()
    one, other = parse_scenario(raw), parse_scenario(shuffled)

    assert facts_digest(one) == facts_digest(other)
    assert evaluate(one, rulebook).to_record() == evaluate(other, rulebook).to_record()


@quick
@given(raw=scenarios())
def test_permit_exactly_when_no_rule_speaks(rulebook: Rulebook, raw: dict[str, Any]) -> None:
    ruling = evaluate(parse_scenario(raw), rulebook)

    assert ruling.permitted == (ruling.rules == ())
    assert list(ruling.rules) == sorted(set(ruling.rules))
    assert ruling.decision in ("permit", "deny")


@quick
@given(raw=scenarios(), flag=st.sampled_from(sorted(FLAGS)))
def test_a_further_flag_never_opens(rulebook: Rulebook, raw: dict[str, Any], flag: str) -> None:
    before = evaluate(parse_scenario(raw), rulebook)
    raw["debtor"]["flags"] = sorted({*raw["debtor"]["flags"], flag})
    after = evaluate(parse_scenario(raw), rulebook)

    assert set(before.rules) <= set(after.rules)
    assert before.permitted or not after.permitted


@quick
@given(raw=scenarios(), zone=st.sampled_from(ZONES))
def test_a_further_zone_never_opens(rulebook: Rulebook, raw: dict[str, Any], zone: str) -> None:
    before = evaluate(parse_scenario(raw), rulebook)
    raw["debtor"]["timezones"] = list(dict.fromkeys([*raw["debtor"]["timezones"], zone]))
    after = evaluate(parse_scenario(raw), rulebook)

    if not raw["debtor"]["consents"]:  # a consent window is read on each clock, so facts differ with the zone
        assert set(before.rules) <= set(after.rules)
    assert before.permitted or not after.permitted


@quick
@given(raw=scenarios())
def test_next_permitted_is_permitted_and_the_instant_before_is_not(rulebook: Rulebook, raw: dict[str, Any]) -> None:
    scenario = parse_scenario(raw)
    ruling = evaluate(scenario, rulebook)
    opens_at = ruling.next_permitted_at

    if opens_at is None:
        assert not ruling.permitted
        return
    assert evaluate(scenario.moved_to(opens_at), rulebook).permitted
    assert opens_at >= ruling.as_of
    assert (opens_at == ruling.as_of) == ruling.permitted
    if not ruling.permitted:
        before = max(ruling.as_of, opens_at - timedelta(seconds=1))
        assert not evaluate(scenario.moved_to(before), rulebook).permitted


@pytest.mark.timeout(120)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=scenarios())
def test_no_earlier_minute_is_permitted(rulebook: Rulebook, raw: dict[str, Any]) -> None:
    """Minute by minute up to the answer, three days at most; where there is no answer, hour by hour over 40 days."""
    scenario = parse_scenario(raw)
    pack = rulebook.packs["cn"]
    ruling = evaluate(scenario, rulebook)
    at, opens_at = ruling.as_of, ruling.next_permitted_at

    if opens_at is None:
        assert all(is_denied(scenario, pack, at + timedelta(hours=step)) for step in range(40 * 24))
        return
    minutes = min(3 * 1440, int((opens_at - at) / timedelta(minutes=1)))
    for step in range(minutes):
        assert is_denied(scenario, pack, at + timedelta(minutes=step)), step
    assert not is_denied(scenario, pack, opens_at)
