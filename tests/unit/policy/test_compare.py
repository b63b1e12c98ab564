"""The reviewer's diff: every change of content is found, dated, and told which way it moves contact."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policy.book import Rulebook
from policy.comparing.cautions import cautions
from policy.comparing.change import Change, Difference
from policy.comparing.compare import compare
from policy.errors import RulebookError
from tests.fuzz_mutators import EQUAL
from tests.fuzz_rulebook import corpora, quick_load

Load = Callable[..., Rulebook]


@pytest.fixture(scope="module")
def files(rulebook: Rulebook) -> dict[str, str]:
    """The packaged files of one pack."""
    return {name: text for name, text in rulebook.files.items() if name.startswith("cn/")}


def changed(files: dict[str, str], file: str, old: str, new: str) -> list[Difference]:
    """Differences after one replacement in one file."""
    name = f"cn/{file}.yaml" if f"cn/{file}.yaml" in files else file
    assert old in files[name]
    after = quick_load({**files, name: files[name].replace(old, new, 1)})
    before = quick_load(files)
    found = list(compare(before, after))
    assert bool(found) == (before.digest != after.digest)
    return found


def test_a_book_is_the_same_as_itself(rulebook: Rulebook) -> None:
    assert compare(rulebook, rulebook) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "direction"),
    [
        ("call_frequency", "limit: 3", "limit: 4", "cn-daily-call-cap", "loosens"),
        ("call_frequency", "limit: 3", "limit: 2", "cn-daily-call-cap", "tightens"),
        ("call_frequency", "days: 1", "days: 2", "cn-daily-call-cap", "tightens"),
        ("contact_hours", '"21:00"', '"20:00"', "cn-quiet-hours", "tightens"),
        ("contact_hours", '"21:00"', '"21:00"'.replace("21", "22"), "cn-quiet-hours", "loosens"),
        ("contact_hours", '"08:00"}', '"07:59"}', "cn-quiet-hours", "loosens"),
        ("protected_persons", "years: 18", "years: 16", "cn-no-minors", "loosens"),
        ("protected_persons", "birthday_included: true", "birthday_included: false", "cn-no-minors", "loosens"),
        ("protected_persons", "[debtor], channels", "[debtor, spouse], channels", "cn-deceased", "tightens"),
        ("parties_and_refusals", "parties: [debtor, guarantor]", "parties: [debtor]", "cn-third-party", "tightens"),
        ("parties_and_refusals", "consent: [sms]", "consent: [sms, email]", "cn-channel-optout", "tightens"),
        ("protected_persons", "denies: false\n", "denies: true\n", "cn-human-review", "tightens"),
        ("legal_holds", "flags: [bankrupt]", "flags: [bankrupt]  # still", None, ""),
    ],
)  # fmt: skip
def test_which_way_a_change_moves_contact(
    files: dict[str, str], file: str, old: str, new: str, rule: str | None, direction: str
) -> None:
    found = changed(files, file, old, new)

    if rule is None:
        assert found == []
        return
    (difference,) = found
    assert (difference.id, difference.status, difference.direction) == (rule, "changed", direction)
    values = [change for change in difference.changes if change.what == "value"]
    assert values
    assert all(change.how in {"asked", "by_state"} for change in values)


def test_hours_exchanged_move_both_ways(files: dict[str, str]) -> None:
    old = '{channels: [voice, voicemail], closed_from: "21:00", closed_until: "08:00"}'
    (difference,) = changed(
        files, "cn/contact_hours.yaml", old, old.replace("21:00", "22:00").replace("08:00", "09:00")
    )
    (change,) = difference.changes
    assert (difference.direction, change.how) == ("mixed", "asked")
    assert change.closed > 0
    assert change.opened > 0
    assert change.asked > change.closed + change.opened
    assert (str(change.start), str(change.end)) == ("2021-11-01", "2026-01-30")


def test_a_period_that_starts_later_leaves_days_without_law(files: dict[str, str]) -> None:
    found = changed(files, "call_frequency", "from: 2021-11-01", "from: 2022-11-01")
    (difference,) = found
    (change,) = difference.changes
    assert (str(change.start), str(change.end), change.after) == ("2021-11-01", "2022-11-01", None)
    assert (change.direction, change.how) == ("loosens", "by_state")


def test_a_gap_refuses(files: dict[str, str]) -> None:
    name = "cn/legal_holds.yaml"
    text = files[name].replace("until: 2025-02-28", "until: 2025-02-20", 1)
    (difference,) = compare(quick_load(files), quick_load({**files, name: text}))
    (change,) = difference.changes
    assert (change.after, change.direction, change.how) == ({"state": "unknown"}, "tightens", "by_state")


def test_added_and_removed(files: dict[str, str]) -> None:
    name = "cn/legal_holds.yaml"
    rule = files[name].index("  - id: cn-bankruptcy-stay")
    without = {**files, name: files[name][:rule], "cn/pack.yaml": files["cn/pack.yaml"].replace(
        "flags_without_effect:\n", "flags_without_effect:\n  bankrupt: {en: none, zh: 无}\n"
    )}  # fmt: skip
    before, after = quick_load(files), quick_load(without)

    gone = {one.id: one for one in compare(before, after)}
    come = {one.id: one for one in compare(after, before)}

    assert (gone["cn-bankruptcy-stay"].status, gone["cn-bankruptcy-stay"].direction) == ("removed", "loosens")
    assert (come["cn-bankruptcy-stay"].status, come["cn-bankruptcy-stay"].direction) == ("added", "tightens")
    assert [change.what for change in gone["cn"].changes] == ["flags_without_effect.bankrupt"]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (
            "cn/pack.yaml",
            "link: https://www.china-cba.net/",
            "link: https://www.china-cba.net/x",
            "sources.cba-2026.link",
        ),
        ("pack", "zh: 中国大陆", "zh: 中国内地", "name"),
        ("pack", "退订, T,", "退订, TT,", "stop_words"),
        ("statements", "severity: high", "severity: critical", "severity"),
        ("statements", "[violence-threat]", "[violence-threat, abuse]", "labels"),
        ("statements", "only_once_known: [minor, ", "only_once_known: [", "only_once_known"),
        ("disclosures", "position: 9", "position: 19", "position"),
        ("legal_holds", "zh: 法院通知}", "zh: 法院的通知}", "evidence"),
        ("duties", "default_years: 3", "default_years: 5", "value"),
        ("duties", "certainty: M", "certainty: S", "value"),
    ],
)
def test_what_decides_no_contact(files: dict[str, str], file: str, old: str, new: str, what: str) -> None:
    (difference,) = changed(files, file, old, new)
    assert [change.what for change in difference.changes] == [what]
    assert difference.direction in {"not_applicable", "neutral"}


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("covers_from: 2021-11-01 ", "covers_from: 2021-10-01 ", "loosens"),
        ("covers_from: 2021-11-01 ", "covers_until: 2030-01-01\n  covers_from: 2021-11-01 ", "tightens"),
        ("legal_timezone: Asia/Shanghai", "legal_timezone: Asia/Hong_Kong", "mixed"),
    ],
)
def test_days_and_clock_of_the_pack(files: dict[str, str], old: str, new: str, direction: str) -> None:
    (difference,) = changed(files, "pack", old, new)
    assert (difference.section, difference.direction) == ("pack", direction)


def test_a_whole_pack(rulebook: Rulebook, files: dict[str, str]) -> None:
    alone = quick_load(files)
    come = compare(alone, rulebook)
    gone = compare(rulebook, alone)
    assert {(one.section, one.status, one.direction) for one in come} == {("pack", "added", "loosens")}
    assert {(one.section, one.status, one.direction) for one in gone} == {("pack", "removed", "tightens")}
    assert len(come) == len(rulebook.packs) - 1


def test_regions_are_part_of_what_a_rule_says(rulebook: Rulebook) -> None:
    files = {name: text for name, text in rulebook.files.items() if name.startswith("us/")}
    name = next(name for name, text in files.items() if "regions: [US-MA]" in text)
    (difference,) = changed(files, name, "regions: [US-MA]", "regions: [US-MA, US-NY]")
    assert difference.direction in {"tightens", "neutral"}
    assert {change.what for change in difference.changes} == {"regions", "value"}


def test_what_means_the_same_makes_no_difference() -> None:
    """Mutations that keep the meaning: the diff is silent exactly as the digest is."""
    from tests.fuzz_mutators import Document

    dice = random.Random(7)
    corpus = next(one for one in corpora() if one.pack == "in")
    before = quick_load(corpus.files)
    for mutator in EQUAL:
        name = dice.choice(sorted(corpus.files))
        mutation = mutator(Document(name=name, text=corpus.files[name], pack=corpus.files), dice)
        if mutation is None:
            continue
        files = {key: text for key, text in corpus.files.items() if key != name}
        after = quick_load({**files, mutation.file or name: mutation.text})
        assert compare(before, after) == (), mutation.kind


def test_every_change_of_content_is_seen(book_text: str, load_text: Load, tmp_path: Path) -> None:
    """Random edits of the small book: wherever the digest moves, the diff says something."""
    dice = random.Random(11)
    before = load_text(book_text)
    words = [
        "Hold",
        "Testland",
        "note",
        "art. 1",
        "prohibition",
        "debtor",
        "hospitalised",
        "2019-05-01",
        "V}",
        "Test Act",
    ]
    seen = 0
    for _ in range(80):
        old = dice.choice(words)
        new = dice.choice([old + "x", "duty", "guarantor", "2018-01-01", "M}", "art. 2", "x", "spouse"])
        try:
            after = load_text(book_text.replace(old, new, 1))
        except RulebookError:
            continue
        assert bool(compare(before, after)) == (before.digest != after.digest), (old, new)
        seen += before.digest != after.digest
    assert seen > 15


def test_json_of_a_difference(files: dict[str, str]) -> None:
    (difference,) = changed(files, "call_frequency", "limit: 3", "limit: 4")
    body: dict[str, Any] = difference.to_json()
    assert body["changes"][0]["before"]["parameters"]["limit"] == 3
    assert body["changes"][0]["after"]["parameters"]["limit"] == 4
    assert body["changes"][0]["scenarios"]["opened"] > 0
    assert replace(difference, changes=()).direction == "not_applicable"


VALUE = {"parameters": {"limit": 3}, "plain": [], "citations": ["Act 1 [V]"], "last_confirmed": "", "note": None}
OTHER = VALUE | {"parameters": {"limit": 4}}
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([Change(what="value", start=date(2026, 11, 23), before=VALUE, after=OTHER)], ("past_days", "kept")),
        ([Change(what="value", start=TODAY, before=VALUE, after=OTHER)], ("kept",)),
        ([Change(what="value", start=TODAY, before=VALUE, after=OTHER | {"citations": ["Act 2 [V]"]})], ()),
        ([Change(what="value", start=TODAY, before=VALUE, after=OTHER), Change(what="title")], ()),
        ([Change(what="value", before=VALUE, after=None)], ("past_days",)),
        ([Change(what="value", before=VALUE, after={"state": "unknown"})], ("past_days",)),
        ([Change(what="value", before=VALUE, after=VALUE | {"note": "x"})], ()),
        ([Change(what="value", before=None, after=VALUE)], ()),
        ([Change(what="value", before={"state": "unknown"}, after=VALUE)], ()),
    ],
)
def test_cautions(changes: list[Change], expected: tuple[str, ...]) -> None:
    difference = Difference(
        pack="zz", section="rules", id="zz-one", title="One", status="changed", changes=tuple(changes)
    )

    found = [caution.replace("title_and_sources_", "") for caution in cautions(difference, TODAY)]

    assert tuple(found) == expected
