"""The lint is silent about the packaged library and catches each defect planted in a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.check import lint, spoken_length
from scripts.problem import Severity
from scripts.schema import load_library
from scripts.script import Library

Spoil = Callable[[str, str, str], Path]


def nothing(text: str, lang: str) -> list[str]:
    assert text
    assert lang in ("zh", "en")
    return []


def visits(text: str, lang: str) -> list[str]:
    return ["visit-threat"] if "上门" in text and lang == "zh" else []


def test_the_packaged_library_is_clean(library: Library) -> None:
    assert lint(library, nothing) == []


# file, text replaced, replacement, code, where
DEFECTS = [
    ("zh/shared.yaml", "我是{institution}的工作人员，", "我是", "dropped_disclosure", "zh/shared/opening/calm"),
    (
        "zh/shared.yaml",
        '{id: angry, moods: [angry], text: "您好，我是{institution}的',
        '{id: angry, moods: [angry], text: "您好，我是',
        "dropped_disclosure",
        "zh/shared/opening/angry",
    ),
    (
        "zh/shared.yaml",
        "跟您说明，这次通话会录音。",
        "跟您说明一下。",
        "dropped_disclosure",
        "zh/shared/recording/angry",
    ),
    (
        "zh/shared.yaml",
        "可以提异议，可以投诉，也可以商量分期",
        "可以提异议",
        "dropped_disclosure",
        "zh/shared/rights/angry",
    ),
    (
        "zh/collection.yaml",
        "还有{amount}，{due_date}到期。",
        "还有{amount}。",
        "dropped_disclosure",
        "zh/collection/purpose/angry",
    ),
    ("en/shared.yaml", "I am a debt collector. What", "What", "dropped_disclosure", "en/shared/collector/anxious"),
    (
        "zh/shared.yaml",
        "我先核对一下，请问您是",
        "您欠了钱，请问您是",
        "debt_before_identity",
        "zh/shared/identity/calm",
    ),
    (
        "zh/protections.yaml",
        "请您方便的时候回个电话，谢谢。",
        "您的账单到期了。",
        "debt_before_identity",
        "zh/protections/voicemail/calm-plain",
    ),
    (
        "zh/protections.yaml",
        "我们会删除这个号码",
        "{creditor}会删除这个号码",
        "debt_before_identity",
        "zh/protections/wrong-person/calm",
    ),
    (
        "en/shared.yaml",
        "May I check first, am",
        "You owe us money, am",
        "debt_before_identity",
        "en/shared/identity/calm",
    ),
    (
        "en/protections.yaml",
        "needs: collector-notice",
        "needs: identity-check",
        "debt_before_identity",
        "en/protections/dispute/calm",
    ),
    ("zh/shared.yaml", "您好，打扰您了。", "再不还款就上门。", "flagged", "zh/shared/opening/distressed"),
    ("zh/collection.yaml", "请问您最近有什么困难吗", "你最近有什么困难", "harsh", "zh/collection/listening/calm"),
    ("en/collection.yaml", "What would work for you?", "You must pay now.", "harsh", "en/collection/negotiation/angry"),
    (
        "zh/collection.yaml",
        "我想先了解一下您的情况",
        "我想先了解一下您这几个月以来家里和工作上各方面的情况都怎么样",
        "too_long",
        "zh/collection/listening/calm-2",
    ),
    (
        "zh/collection.yaml",
        "我明白，您先说，我听着",
        "我明白您现在的心情，您先慢慢地说，我在这里一直听着呢",
        "not_shorter",
        "zh/collection/listening/angry",
    ),
    (
        "zh/collection.yaml",
        "我理解您担心。您慢慢说，我们先听听您的情况。",
        "请问您最近有什么困难吗？您可以跟我说说。",
        "not_softer",
        "zh/collection/listening/anxious",
    ),
    (
        "zh/collection.yaml",
        'calm-2, moods: [calm], text: "您打算',
        'calm-2, moods: [calm], debtor_tiers: [vip], text: "您打算',
        "tier_tone",
        "zh/collection/negotiation/calm-2",
    ),
    (
        "zh/protections.yaml",
        'moods: [calm], text: "好的，打扰了',
        'moods: [angry], text: "好的，打扰了',
        "no_default",
        "zh/protections/minor",
    ),
    (
        "zh/protections.yaml",
        "avoid: [third-party-contact, undue-pressure]",
        "avoid: []",
        "no_avoid",
        "zh/protections/minor",
    ),
    (
        "zh/sms.yaml",
        "有变化请提前联系我们。回复T退订。",
        "有变化请提前联系我们。",
        "no_opt_out",
        "zh/sms/sms-promise/calm",
    ),
    ("zh/shared.yaml", "next: [identity]", "next: [identity, nowhere]", "unknown_step", "zh/shared/recording"),
    ("zh/shared.yaml", "next: [machine, recording]", "next: [machine, purpose]", "path", "zh/collection/purpose"),
    ("zh/shared.yaml", "next: [rights]", "next: [listening]", "unreachable", "zh/shared/rights"),
    ("zh/shared.yaml", "needs: recording-notice", "needs: debt-details", "order", "zh/shared/identity"),
    ("zh/shared.yaml", "gives: [recording-notice]", "gives: []", "no_giver", "zh/collection"),
    (
        "zh/collection.yaml",
        '{id: evasive, moods: [evasive], text: "没关系',
        '{id: evasive, moods: [calm], text: "没关系',
        "parity",
        "collection/listening",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "code", "where"), DEFECTS)
def test_a_planted_defect_is_found(spoil: Spoil, name: str, old: str, new: str, code: str, where: str) -> None:
    library = load_library(spoil(name, old, new))
    found = {(problem.code, problem.where): problem for problem in lint(library, visits)}
    problem = found[f"lint.{code}", where]
    assert problem.severity is Severity.ERROR
    assert problem.expected
    if problem.line:
        lines = (spoil("zh/sms.yaml", "script: sms", "script: sms") / problem.file).read_text("utf-8").splitlines()
        assert problem.where.rsplit("/", maxsplit=1)[-1] in lines[problem.line - 1]


def test_a_step_of_one_language_only_is_found(copy: Path) -> None:
    path = copy / "en" / "protections.yaml"
    content = path.read_text("utf-8")
    start, end = content.index("  - id: minor"), content.index("  - id: deceased")
    path.write_text(content[:start] + content[end:], "utf-8")
    problems = lint(load_library(copy), nothing)
    assert [(p.code, p.where, p.found) for p in problems if p.code == "lint.parity"] == [
        ("lint.parity", "protections/minor", "not in en")
    ]


def test_a_changed_line_waits_and_its_old_approval_is_stale(spoil: Spoil) -> None:
    library = load_library(spoil("zh/collection.yaml", "您看怎么安排合适？", "您看怎么安排好？"))
    problems = lint(library, nothing)
    assert [(p.code, p.severity, p.where) for p in problems] == [
        ("lint.stale_approval", Severity.NOTE, "zh/collection/negotiation/angry"),
        ("lint.unapproved", Severity.NOTE, "zh/collection/negotiation/angry"),
    ]


def test_errors_come_before_notes(spoil: Spoil) -> None:
    problems = lint(load_library(spoil("zh/shared.yaml", "您好，打扰您了。", "再不还款就上门。")), visits)
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities, key=[Severity.ERROR, Severity.NOTE].index)
    assert Severity.NOTE in severities


def test_the_detector_hears_the_filled_line(library: Library) -> None:
    heard: list[tuple[str, str]] = []

    def listen(text: str, lang: str) -> list[str]:
        heard.append((text, lang))
        return []

    lint(library, listen)
    assert len(heard) == len(library.lines)
    assert not [text for text, _ in heard if "{" in text]
    assert any("两千元" in text for text, lang in heard if lang == "zh")


LENGTHS = [("您好，我是Sam。", "zh", 5), ("三期35元", "zh", 5), ("It is all right.", "en", 4), ("", "en", 0)]


@pytest.mark.parametrize(("text", "lang", "expected"), LENGTHS)
def test_spoken_length(text: str, lang: str, expected: int) -> None:
    assert spoken_length(text, lang) == expected


@given(st.text(), st.text(), st.sampled_from(["zh", "en"]))
def test_more_words_are_never_shorter(one: str, other: str, lang: str) -> None:
    assert spoken_length(f"{one} {other}", lang) >= max(spoken_length(one, lang), spoken_length(other, lang))
