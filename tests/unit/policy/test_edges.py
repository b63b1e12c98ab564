"""Examples at the edges of a rule: on both sides of every edge, answered by the rule itself."""

from datetime import date

import pytest

from policy.book import Rule, Rulebook
from policy.comparing.grid import grid
from policy.families.kinds import KINDS
from policy.telling.boundary import Setting, breached
from policy.telling.edges import edged_kinds, examples
from policy.telling.explain import setting_of

SETTING = Setting(zone="Europe/London", day=date(2026, 6, 10))


def told(rulebook: Rulebook, rule_id: str) -> dict[str, bool]:
    """Text of each example of a packaged rule's last value, and whether the rule refuses it."""
    pack, rule = next((p, r) for p in rulebook.packs.values() for r in p.rules if r.id == rule_id)
    period = rule.values.periods[-1]
    found = examples(rule.kind, period.value.parameters, setting_of(pack, rule, period))
    return {one.text["en"]: breached(period.value.content, one.scenario) for one in found}


def test_every_rule_family_has_edges() -> None:
    assert edged_kinds() == set(KINDS)


def test_every_packaged_value_is_shown_on_both_sides(rulebook: Rulebook) -> None:
    for pack in rulebook.packs.values():
        for rule in pack.rules:
            for period in rule.values.periods:
                setting = setting_of(pack, rule, period)
                found = examples(rule.kind, period.value.parameters, setting)
                answers = {breached(period.value.content, one.scenario) for one in found}
                assert answers == {True, False}, (rule.id, [one.text["en"] for one in found])
                assert len({one.text["zh"] for one in found}) == len(found), rule.id


def test_the_day_lies_in_the_period_of_the_value(rulebook: Rulebook) -> None:
    for pack in rulebook.packs.values():
        for rule in pack.rules:
            for period in rule.values.periods:
                day = setting_of(pack, rule, period).day
                assert period.start <= day
                assert period.end is None or day < period.end


def test_hours(rulebook: Rulebook) -> None:
    found = told(rulebook, "cn-quiet-hours")
    assert [found[f"calls {clock}"] for clock in ("20:59:59", "21:00:00", "07:59:59", "08:00:00")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert found["text messages 22:00:00, consent to contact at such a time for that window"] is False
    assert found["text messages 22:00:00"] is True


def test_counting(rulebook: Rulebook) -> None:
    found = told(rulebook, "us-call-cap-7in7")
    assert found["calling after 6 counted contacts today"] is False
    assert found["calling after 7 counted contacts today"] is True
    assert found["calling after 7 counted contacts 6 days ago"] is True
    assert found["calling after 7 counted contacts 7 days ago"] is False
    assert found["calling after 7 contacts today about another debt"] is False


def test_age_with_a_leap_day(rulebook: Rulebook) -> None:
    found = told(rulebook, "cn-no-minors")
    leap = {text.split(",")[0]: refused for text, refused in found.items() if "02-29" in text}
    assert [refused for _, refused in sorted(leap.items())] == [True, True, False]


def test_windows_past_midnight_and_regions(rulebook: Rulebook) -> None:
    assert told(rulebook, "us-ma-2in7")["calling (at work) after 2 counted contacts 29 days ago"] is True
    rule: Rule = next(rule for rule in rulebook.packs["us-reg-f"].rules if rule.id == "us-ma-2in7")
    period = rule.values.periods[-1]
    elsewhere = Setting(zone="America/New_York", day=date(2026, 6, 10), region="US-NY")
    found = examples(rule.kind, period.value.parameters, elsewhere)
    assert not any(breached(period.value.content, one.scenario) for one in found)


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 3, 29), date(2026, 12, 31)])
def test_the_grid_is_fixed_and_large(day: date) -> None:
    setting = Setting(zone="Europe/London", day=day)
    found = list(grid(setting))
    assert len(found) > 3_000
    assert found == list(grid(setting))


def test_an_unknown_family_has_no_examples() -> None:
    assert examples("new_family", {"limit": 3}, SETTING) == ()
