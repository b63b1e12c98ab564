"""Clause by clause: which change of a rule is a tightening, and which loosens it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
import yaml

from policy.families.compound import InRegions
from policy.families.kind import Kind
from policy.families.kinds import KINDS
from policy.located import read_yaml
from policy.overlays.strictness import compared_fields, is_looser, looser_than

COUNTED = {"channels": ["voice", "sms"], "directions": ["outbound"], "outcomes": ["no_answer", "busy"]}
CAP = {"limit": 3, "days": 7, "channels": ["voice", "sms"], "per": ["debt"], "counted": COUNTED}
CONSENT = {"kind": "additional_calls", "given_to": ["collector"], "parties": ["debtor"]}
EXTRA = {**CONSENT, "days": 7, "ends_with_conversation": True, "uncounted": False}
UNDER_AGE = {"years": 18, "birthday_included": True, "leap_birthday": "february_28", "flags": ["minor"]}
NIGHT = {"channels": ["voice", "voicemail"], "closed_from": "21:00", "closed_until": "08:00"}
NOON = {"channels": ["sms", "email"], "closed_from": "12:00", "closed_until": "14:00"}
OPENED = {"kind": "inconvenient_time", "given_to": ["collector", "creditor"], "given_in_open_hours": False}
HOURS = {"windows": [{**NIGHT, "opened_by": OPENED}, NOON]}
PARTIES = {
    "allowed": [
        {"purposes": ["collection", "reply"], "parties": ["debtor", "spouse"]},
        {"purposes": ["reminder"], "parties": ["debtor"]},
    ],
    "objection_flags": ["third_party_refused"],
    "while_under_age": {"purposes": ["collection"], "parties": ["parent"], "under_age": UNDER_AGE},
    "outsiders": {"purposes": ["location_information"], "parties": ["third_party"]},
}
AFTER_DEATH = {"purposes": ["collection"], "parties": ["executor"], "flags": ["deceased"]}
REFUSALS = {
    "flag_channels": {"ceased": ["voice", "sms"]},
    "one_reply": {"purposes": ["reply"]},
    "one_confirmation": {"purposes": ["opt_out_confirmation"]},
}
HOLD = {"flags": ["deceased", "minor"], "parties": ["debtor", "spouse"], "channels": ["voice", "sms"]}
WORK = {
    "places": ["work"], "parties": ["debtor"], "flags": ["employer_prohibits"], "channels": ["voice"],
    "mailboxes": ["email"],
}  # fmt: skip
ARTIFICIAL = {"voices": ["artificial"], "channels": ["voice"], "consent": {**CONSENT, "kind": "artificial_voice"}}
ONCE = {"purposes": ["location_information"], "parties": ["third_party"], "counted": COUNTED}

Change = tuple[str, dict[str, Any], dict[str, Any], str]
STRICTER: list[Change] = [
    ("calendar_cap", CAP, {"limit": 2}, "limit"),
    ("calendar_cap", CAP, {"days": 8}, "days"),
    ("calendar_cap", CAP, {"channels": ["voice", "sms", "email"]}, "channels"),
    ("calendar_cap", CAP, {"per": []}, "per"),
    ("calendar_cap", CAP, {"counted": {**COUNTED, "channels": ["voice", "sms", "email"]}}, "counted.channels"),
    ("calendar_cap", CAP, {"counted": {**COUNTED, "directions": ["inbound", "outbound"]}}, "counted.directions"),
    ("calendar_cap", CAP, {"counted": {**COUNTED, "outcomes": ["no_answer", "busy", "declined"]}}, "counted.outcomes"),
    ("calendar_cap", {**CAP, "places": ["work"]}, {"places": ["work", "personal"]}, "places"),
    ("calendar_cap", {**CAP, "exempt_parties": ["spouse"]}, {"exempt_parties": None}, "exempt_parties"),
    ("calendar_cap", {**CAP, "except_consent": EXTRA}, {"except_consent": None}, "except_consent"),
    ("calendar_cap", {**CAP, "except_consent": EXTRA}, {"except_consent": {**EXTRA, "days": 6}}, "except_consent"),
    ("calendar_cap", {**CAP, "except_consent": {**EXTRA, "uncounted": True}}, {"except_consent": EXTRA},
     "except_consent"),
    ("calendar_cap", {**CAP, "except_consent": {**EXTRA, "ends_with_conversation": False}}, {"except_consent": EXTRA},
     "except_consent"),
    ("calendar_cap", {**CAP, "except_consent": {**EXTRA, "given_to": ["collector", "creditor"]}},
     {"except_consent": EXTRA}, "except_consent"),
    ("minimum_spacing", {"gap_minutes": 30, "channels": ["voice"], "per": ["debt"], "counted": COUNTED},
     {"gap_minutes": 31}, "gap_minutes"),
    ("minimum_spacing", {"gap_minutes": 30, "channels": ["voice"], "per": ["debt"], "counted": COUNTED},
     {"channels": ["voice", "sms"]}, "channels"),
    ("minimum_spacing", {"gap_minutes": 30, "channels": ["voice"], "per": ["debt", "party"], "counted": COUNTED},
     {"per": ["party"]}, "per"),
    ("minimum_spacing", {"gap_minutes": 30, "channels": ["voice"], "per": [], "counted": COUNTED},
     {"counted": {**COUNTED, "outcomes": ["no_answer", "busy", "declined"]}}, "counted.outcomes"),
    ("closed_hours", HOURS, {"windows": [NIGHT, NOON]}, "windows[0].opened_by"),
    ("closed_hours", HOURS, {"windows": [{**NIGHT, "opened_by": OPENED, "closed_from": "20:59"}, NOON]}, "windows[0]"),
    ("closed_hours", HOURS, {"windows": [{**NIGHT, "opened_by": OPENED, "closed_until": "08:01"}, NOON]}, "windows[0]"),
    ("closed_hours", HOURS,
     {"windows": [{**NIGHT, "opened_by": {**OPENED, "given_to": ["creditor"]}}, NOON]}, "windows[0].opened_by"),
    ("closed_hours", HOURS,
     {"windows": [{**NIGHT, "opened_by": {**OPENED, "given_in_open_hours": True}}, NOON]}, "windows[0].opened_by"),
    ("closed_hours", HOURS, {"windows": [{**NIGHT, "opened_by": OPENED},
                                         {**NOON, "closed_from": "00:00", "closed_until": "24:00"}]}, "windows[1]"),
    ("closed_hours", {"windows": [NIGHT, {**NOON, "closed_from": "23:00", "closed_until": "01:00"}]},
     {"windows": [NIGHT, {**NOON, "closed_from": "22:00", "closed_until": "02:00"}]}, "windows[1]"),
    ("closed_hours", HOURS, {"always": ["Europe/London"]}, "always"),
    ("closed_days", {"days": ["sun"], "channels": ["voice"]}, {"days": ["sat", "sun"]}, "days"),
    ("closed_days", {"days": ["sun"], "channels": ["voice"]}, {"channels": ["voice", "sms"]}, "channels"),
    ("quiet_windows", {"channels": ["voice"]}, {"channels": ["voice", "sms"]}, "channels"),
    ("quiet_windows", {"channels": ["voice"], "one_reply": {"purposes": ["reply"]}}, {"one_reply": None}, "one_reply"),
    ("flag_hold", HOLD, {"flags": ["deceased", "minor", "ceased"]}, "flags"),
    ("flag_hold", HOLD, {"parties": ["debtor", "spouse", "parent"]}, "parties"),
    ("flag_hold", HOLD, {"channels": ["voice", "sms", "email"]}, "channels"),
    ("age_floor", {**UNDER_AGE, "parties": ["debtor"]}, {"years": 19}, "years"),
    ("age_floor", {**UNDER_AGE, "birthday_included": False, "parties": ["debtor"]}, {"birthday_included": True},
     "birthday_included"),
    ("age_floor", {**UNDER_AGE, "parties": ["debtor"]}, {"leap_birthday": "march_1"}, "leap_birthday"),
    ("age_floor", {**UNDER_AGE, "parties": ["debtor"]}, {"flags": ["minor", "lacks_capacity"]}, "flags"),
    ("age_floor", {**UNDER_AGE, "parties": ["debtor"]}, {"parties": ["debtor", "parent"]}, "parties"),
    ("party_limit", PARTIES, {"allowed": [{"purposes": ["collection"], "parties": ["debtor"]}]}, "allowed"),
    ("party_limit", PARTIES, {"objection_flags": ["third_party_refused", "ceased"]}, "objection_flags"),
    ("party_limit", PARTIES, {"while_under_age": None}, "while_under_age"),
    ("party_limit", PARTIES, {"outsiders": None}, "outsiders"),
    ("party_limit", {**PARTIES, "while_flagged": [AFTER_DEATH]}, {"while_flagged": None}, "while_flagged"),
    ("refusals", REFUSALS, {"flag_channels": {"ceased": ["voice", "sms", "email"]}}, "flag_channels"),
    ("refusals", REFUSALS, {"flag_channels": {"ceased": ["voice", "sms"], "minor": ["sms"]}}, "flag_channels"),
    ("refusals", REFUSALS, {"one_reply": None}, "one_reply"),
    ("refusals", REFUSALS, {"one_confirmation": None}, "one_confirmation"),
    ("workplace", WORK, {"places": ["work", "personal"]}, "places"),
    ("workplace", WORK, {"parties": ["debtor", "spouse"]}, "parties"),
    ("workplace", WORK, {"flags": ["employer_prohibits", "ceased"]}, "flags"),
    ("workplace", WORK, {"channels": ["voice", "sms"]}, "channels"),
    ("workplace", WORK, {"mailboxes": ["email", "sms"]}, "mailboxes"),
    ("required_consent", ARTIFICIAL, {"voices": ["artificial", "human"]}, "voices"),
    ("required_consent", ARTIFICIAL, {"channels": ["voice", "sms"]}, "channels"),
    ("required_consent", {**ARTIFICIAL, "consent": {**CONSENT, "parties": ["debtor", "spouse"]}},
     {"consent": CONSENT}, "consent"),
    ("once_per_person", ONCE, {"purposes": ["location_information", "collection"]}, "purposes"),
    ("once_per_person", ONCE, {"parties": ["third_party", "spouse"]}, "parties"),
    ("once_per_person", ONCE, {"counted": {**COUNTED, "outcomes": ["no_answer", "busy", "declined"]}},
     "counted.outcomes"),
]  # fmt: skip
DIFFERENT: list[Change] = [
    ("calendar_cap", CAP, {"limit": 2, "days": 1}, "days"),
    ("calendar_cap", CAP, {"per": ["party"]}, "per"),
    ("calendar_cap", {**CAP, "except_consent": EXTRA}, {"except_consent": {**EXTRA, "kind": "inconvenient_time"}},
     "except_consent"),
    ("closed_hours", HOURS, {"windows": [NIGHT, {**NOON, "closed_from": "13:00", "closed_until": "15:00"}]},
     "windows[1]"),
    ("refusals", REFUSALS, {"one_reply": {"purposes": ["reminder"]}}, "one_reply"),
    ("party_limit", PARTIES, {"outsiders": {"purposes": ["collection"], "parties": ["third_party"]}}, "outsiders"),
]  # fmt: skip


def kind_of(name: str, parameters: Mapping[str, Any]) -> Kind:
    """The rule of that family; parameters that are None are left out."""
    kept = {key: value for key, value in parameters.items() if value is not None}
    text = yaml.dump(kept, Dumper=Unaliased)
    return KINDS[name].read(read_yaml(text, "own.yaml"))


class Unaliased(yaml.SafeDumper):
    """Writes an object that occurs twice out in full: the rulebook refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def names(change: Change) -> str:
    """The id of a case."""
    return f"{change[0]}-{change[3]}"


@pytest.mark.parametrize("change", STRICTER, ids=names)
def test_a_stricter_clause_passes_one_way_only(change: Change) -> None:
    family, parameters, changes, clause = change
    loose, strict = kind_of(family, parameters), kind_of(family, {**parameters, **changes})
    assert looser_than(strict, loose) is None
    found = looser_than(loose, strict)
    assert found is not None
    assert found.name == clause
    assert found.own != found.law
    assert is_looser(loose, strict)
    assert not is_looser(strict, loose)


@pytest.mark.parametrize("change", DIFFERENT, ids=names)
def test_what_is_stricter_here_and_looser_there_passes_no_way(change: Change) -> None:
    family, parameters, changes, clause = change
    one, other = kind_of(family, parameters), kind_of(family, {**parameters, **changes})
    assert looser_than(one, other) is not None
    found = looser_than(other, one)
    assert found is not None
    assert found.name == clause
    assert not is_looser(one, other)
    assert not is_looser(other, one)


@pytest.mark.parametrize("change", STRICTER, ids=names)
def test_equal_words_are_equally_strict(change: Change) -> None:
    one, other = kind_of(change[0], change[1]), kind_of(change[0], change[1])
    assert looser_than(one, other) is None
    assert not is_looser(one, other)


def test_families_are_not_compared_with_each_other() -> None:
    found = looser_than(kind_of("quiet_windows", {"channels": ["voice"]}), kind_of("calendar_cap", CAP))
    assert found is not None
    assert (found.name, found.own, found.law) == ("kind", "quiet_windows", "calendar_cap")


def test_a_joined_rule_is_met_part_by_part() -> None:
    says = {"en": "no", "zh": "不可"}
    day, week = {**CAP, "days": 1}, CAP
    both = [{"kind": "calendar_cap", "says": says, "parameters": part} for part in (day, week)]
    joined = kind_of("any_of", {"any_of": both})
    tighter = kind_of("any_of", {"any_of": [{**both[1], "parameters": {**week, "limit": 1}}, both[0]]})
    assert looser_than(tighter, joined) is None
    found = looser_than(joined, tighter)
    assert found is not None
    assert found.name.endswith(".parameters.days") or found.name.endswith(".parameters.limit")
    assert looser_than(kind_of("calendar_cap", day), joined) is not None
    assert looser_than(kind_of("calendar_cap", {**week, "limit": 1, "days": 9}), joined) is None
    assert looser_than(joined, kind_of("calendar_cap", week)) is None


def test_a_rule_of_some_regions_meets_no_rule_of_others() -> None:
    cap = kind_of("calendar_cap", CAP)
    one, two = (InRegions(regions=frozenset(names), inner=cap) for names in (["XX-A"], ["XX-A", "XX-B"]))
    assert looser_than(cap, one) is None
    assert looser_than(two, one) is None
    for own, law in ((one, cap), (one, two)):
        found = looser_than(own, law)
        assert found is not None
        assert found.name == "regions"


def test_every_parameter_of_every_family_is_compared() -> None:
    """A new field is not overlooked: it is in the table of its family, or here with the reason why it must be equal."""
    apart = {
        "closed_hours": {"windows", "always"},  # channel by channel; the clocks as a set
        "any_of": {"parts"},  # part by part
        "calendar_cap": {"counted"},  # its own table
        "minimum_spacing": {"counted"},
        "once_per_person": {"counted"},
    }
    for name, kind in KINDS.items():
        own = {field.name for field in fields(kind) if field.compare}  # type: ignore[arg-type]
        assert own == compared_fields(kind) | apart.get(name, set()), name
