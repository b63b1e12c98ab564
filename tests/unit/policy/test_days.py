"""Closed days of the week: on every clock, from midnight to midnight."""

from collections.abc import Callable
from typing import Any

import pytest

from policy.errors import RulebookError
from policy.families.days import ClosedDays
from policy.families.kind import Case, signature_of
from policy.located import read_yaml
from policy.scenario import parse_scenario

Raw = Callable[..., dict[str, Any]]
SUNDAYS = "{days: [sun], channels: [voice, sms]}"


def read(text: str) -> ClosedDays:
    """The kind with these parameters."""
    return ClosedDays.read(read_yaml(text, "own.yaml"))


def case(raw_scenario: Raw, at: str, *zones: str, channel: str = "voice") -> Case:
    """An attempt at an instant, on these clocks."""
    debtor = {"timezones": list(zones or ("Asia/Shanghai",))}
    scenario = parse_scenario(raw_scenario(debtor=debtor, attempt={"at": at, "channel": channel}))
    return Case.at_instant(scenario, scenario.attempt.at)


@pytest.mark.parametrize(
    ("at", "denied"),
    [
        ("2026-06-13T23:59:59+08:00", False),
        ("2026-06-14T00:00:00+08:00", True),
        ("2026-06-14T23:59:59+08:00", True),
        ("2026-06-15T00:00:00+08:00", False),
    ],
)
def test_from_midnight_to_midnight(raw_scenario: Raw, at: str, denied: bool) -> None:
    breach = read(SUNDAYS).judge(case(raw_scenario, at))
    assert (breach is not None) is denied
    if breach is not None:
        assert breach.parameters == {"days": ["sun"], "channels": ["sms", "voice"]}
        assert breach.words == {"channel": "voice", "days": "sun"}


def test_on_any_clock(raw_scenario: Raw) -> None:
    """Sunday evening in Honolulu is Monday morning in Shanghai."""
    monday = "2026-06-15T10:00:00+08:00"
    assert read(SUNDAYS).judge(case(raw_scenario, monday)) is None
    both = case(raw_scenario, monday, "Asia/Shanghai", "Pacific/Honolulu")
    assert read(SUNDAYS).judge(both) is not None
    change = read(SUNDAYS).next_change(both)
    assert change is not None
    assert change.isoformat() == "2026-06-15T10:00:00+00:00"  # midnight in Honolulu


def test_other_channels_stay_open(raw_scenario: Raw) -> None:
    sunday = case(raw_scenario, "2026-06-14T10:00:00+08:00", channel="email")
    assert read(SUNDAYS).judge(sunday) is None
    assert not read(SUNDAYS).may_speak(signature_of(sunday.scenario))
    assert read(SUNDAYS).may_speak(signature_of(case(raw_scenario, "2026-06-10T10:00:00+08:00").scenario))


def test_a_week_of_closed_days_never_ends(raw_scenario: Raw) -> None:
    every = read("{days: [mon, tue, wed, thu, fri, sat, sun], channels: [voice]}")
    assert every.judge(case(raw_scenario, "2026-06-10T10:00:00+08:00")) is not None
    assert every.next_change(case(raw_scenario, "2026-06-10T10:00:00+08:00")) is None


@pytest.mark.parametrize(
    "text",
    ["{days: [], channels: [voice]}", "{days: [sunday], channels: [voice]}", "{days: [sun, sun], channels: [sms]}"],
)
def test_days_have_names(text: str) -> None:
    with pytest.raises(RulebookError):
        read(text)
