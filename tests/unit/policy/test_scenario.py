"""A scenario that does not follow the format is an error naming the field, never an answer."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from policy.errors import ScenarioError
from policy.scenario import parse_json, parse_scenario

Raw = Callable[..., dict[str, Any]]
PAST = {
    "at": "2026-06-10T09:00:00+08:00",
    "channel": "voice",
    "direction": "outbound",
    "outcome": "no_answer",
    "debt": "D1",
    "party": "debtor",
}
WINDOW = {"days": ["mon"], "start": "12:00", "end": "14:00"}
CONSENT = {"kind": "inconvenient_time", "at": "2026-06-01T09:00:00+08:00", "given_to": "collector", "window": WINDOW}
REMOVE = object()

BROKEN = [
    ("id", REMOVE, "scenario.missing_field"),
    ("id", 7, "scenario.wrong_type"),
    ("id", "Bad Id", "scenario.bad_value"),
    ("pack", None, "scenario.wrong_type"),
    ("pack", "CN!", "scenario.bad_value"),
    ("extra", 1, "scenario.unknown_field"),
    ("debtor", [], "scenario.wrong_type"),
    ("debtor.timezones", [], "scenario.bad_value"),
    ("debtor.timezones", "Asia/Shanghai", "scenario.wrong_type"),
    ("debtor.timezones[0]", "Shanghai", "scenario.bad_value"),
    ("debtor.timezones[1]", "Asia/Shanghai", "scenario.bad_value"),
    ("debtor.birth_date", "2008-02-30", "scenario.bad_date"),
    ("debtor.birth_date", "20080201", "scenario.bad_date"),
    ("debtor.region", "Beijing", "scenario.bad_value"),
    ("debtor.flags[0]", "sleepy", "scenario.unknown_value"),
    ("debtor.flags", REMOVE, "scenario.missing_field"),
    ("debtor.preferences.no_channels[0]", "fax", "scenario.unknown_value"),
    ("debtor.preferences.no_contact_windows[0].start", "9:00", "scenario.bad_value"),
    ("debtor.preferences.no_contact_windows[0].end", "24:01", "scenario.bad_value"),
    ("debtor.preferences.no_contact_windows[0].days", [], "scenario.bad_value"),
    ("debtor.preferences.no_contact_windows[0].days[0]", "monday", "scenario.unknown_value"),
    ("debtor.preferences.no_addresses[0]", "+86 139", "scenario.bad_value"),
    ("debtor.consents[0].given_to", "bank", "scenario.unknown_value"),
    ("debtor.consents[0].at", "2026-06-01", "scenario.bad_instant"),
    ("debtor.consents[0].debt", "1", "scenario.bad_value"),
    ("history[0].outcome", "rang", "scenario.unknown_value"),
    ("history[0].at", "2026-06-10T10:00:01+08:00", "scenario.history_after_attempt"),
    ("history[0].party", REMOVE, "scenario.missing_field"),
    ("history[0].also_debts", "D2", "scenario.wrong_type"),
    ("attempt.at", "2026-06-10T10:00:00", "scenario.bad_instant"),
    ("attempt.at", "2026-06-10T10:00+08:00", "scenario.bad_instant"),
    ("attempt.at", "2026-06-31T10:00:00Z", "scenario.bad_instant"),
    ("attempt.at", 1781056800, "scenario.wrong_type"),
    ("attempt.channel", "voicemail", "scenario.unknown_value"),
    ("attempt.voice", "robot", "scenario.unknown_value"),
    ("attempt.party", True, "scenario.wrong_type"),
]


def put(raw: dict[str, Any], path: str, value: object) -> None:
    """Set, append or remove the value at a dotted path."""
    steps: list[str | int] = []
    for part in path.split("."):
        name, *indexes = part.replace("]", "").split("[")
        steps.extend([name, *(int(index) for index in indexes)])
    target: Any = raw
    for step in steps[:-1]:
        target = target[step]
    last = steps[-1]
    if value is REMOVE:
        del target[last]
    elif isinstance(target, list) and last == len(target):
        target.append(value)
    else:
        target[last] = value


@pytest.fixture
def full(raw_scenario: Raw) -> dict[str, Any]:
    """A scenario with every part present."""
    preferences = {"no_contact_windows": [dict(WINDOW)], "no_channels": [], "no_addresses": []}
    debtor = {"birth_date": "1990-01-01", "preferences": preferences, "consents": [CONSENT]}
    return copy.deepcopy(raw_scenario(debtor=debtor, history=[PAST]))


@pytest.mark.parametrize(("path", "value", "code"), BROKEN)
def test_fault_is_named_with_its_field(full: dict[str, Any], path: str, value: object, code: str) -> None:
    parse_scenario(full)  # sound before the change
    put(full, path, value)

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(full)

    assert (caught.value.code, caught.value.field) == (code, path)
    assert caught.value.found
    assert caught.value.expected


def test_birth_date_is_not_repeated_in_the_error(full: dict[str, Any]) -> None:
    full["debtor"]["birth_date"] = "1990-13-01"

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(full)

    assert "1990" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "scenario.not_json"),
        ("{", "scenario.not_json"),
        ("[" * 100_000, "scenario.not_json"),
        ('{"a": NaN}', "scenario.not_json"),
        ('{"a": ' + "9" * 5000 + "}", "scenario.not_json"),
        ('{"a": 1, "a": 2}', "scenario.duplicate_key"),
        ("[]", "scenario.wrong_type"),
        ("null", "scenario.wrong_type"),
    ],
)
def test_lines_that_are_no_object(line: str, code: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_json(line)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("line", "column"),
    [('{"id": "cn-1", "pack"\n', 22), ('{"id": "cn-1"', 14), ("{oops\n", 2), ('{"a": 1} x', 10)],
)
def test_broken_text_is_placed_where_it_breaks(line: str, column: int) -> None:
    with pytest.raises(ScenarioError, match=rf"\(column {column}\)"):
        parse_json(line)


def test_a_misspelt_field_is_named_with_the_one_expected(full: dict[str, Any]) -> None:
    full["attempt"]["extra"] = 1
    full["attempt"]["partyy"] = full["attempt"].pop("party")

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(full)

    assert caught.value.code == "scenario.missing_field"
    assert caught.value.message == "`attempt.party`: found the unknown field `partyy`; expected `party`"


def test_the_answer_key_is_never_read(full: dict[str, Any]) -> None:
    bare = parse_scenario(full)
    full |= {"expect": 5, "rules": "anything", "note": None, "source": []}

    assert parse_scenario(full) == bare


def test_every_part_arrives(full: dict[str, Any]) -> None:
    full["debtor"]["region"] = "CN-BJ"
    full["attempt"] |= {"address": "N1", "place": "work", "voice": "artificial"}
    full["history"][0] |= {"also_debts": ["D2"], "address": "N1", "purpose": "reminder"}

    scenario = parse_scenario(full)

    assert scenario.debtor.region == "CN-BJ"
    assert scenario.debtor.preferences.no_contact_windows[0].start_secs == 12 * 3600
    assert scenario.debtor.consents[0].window == scenario.debtor.preferences.no_contact_windows[0]
    assert (scenario.attempt.address, scenario.attempt.place, scenario.attempt.voice) == ("N1", "work", "artificial")
    assert (scenario.history[0].also_debts, scenario.history[0].purpose) == (frozenset({"D2"}), "reminder")
