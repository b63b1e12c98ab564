"""Digests pin the words; approvals have a first day; disclosures are required by language and voice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.schema import load_library
from scripts.script import Approval, Library, Line

BASE = {
    "id": "calm",
    "lang": "zh",
    "script": "shared",
    "step": "opening",
    "text": "您好。",
    "moods": ("calm",),
    "gives": (),
}


def line(**changes: object) -> Line:
    return Line(**{**BASE, **changes})  # type: ignore[arg-type]


CHANGES = [
    {"id": "calm-2"},
    {"lang": "en"}, {"script": "other"}, {"step": "closing"}, {"text": "您好！"}, {"moods": ("angry",)},
    {"gives": ("institution",)}, {"debtor_tiers": ("vip",)}, {"creditor_tiers": ("premier",)},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_content_is_another_line(change: dict[str, object]) -> None:
    assert line(**change).digest != line().digest


def test_the_place_in_the_file_is_no_content() -> None:
    assert line(at=7).digest == line(at=8).digest
    assert line(at=7) == line(at=8)


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_equal_digests_mean_equal_words(one: str, other: str) -> None:
    assert (line(text=one).digest == line(text=other).digest) == (one == other)


def test_slots_are_named_once_in_order() -> None:
    assert line(text="{b}和{a}，还有{b}").slots == ("b", "a")


APPROVAL_DAYS = [
    (date(2026, 6, 1), date(2026, 6, 1), None, True),
    (date(2026, 6, 1), date(2026, 7, 1), None, False),
    (date(2026, 6, 1), date(2026, 7, 1), date(2026, 6, 30), False),
    (date(2026, 6, 1), date(2026, 7, 1), date(2026, 7, 1), True),
    (date(2026, 6, 1), date(2026, 6, 1), date(2026, 5, 31), False),
]


@pytest.mark.parametrize(("given_on", "effective", "as_of", "expected"), APPROVAL_DAYS)
def test_an_approval_has_a_first_day(given_on: date, effective: date, as_of: date | None, expected: bool) -> None:
    approval = Approval(
        digest="sha256:0", line="x", by="r", role="compliance-officer", date=given_on, effective=effective
    )
    assert approval.in_force(as_of) is expected


REQUIRED = [
    ("zh", False, None, ()),
    ("zh", False, "identity-check", ("institution", "agent-name", "recording-notice", "identity-check")),
    ("zh", True, "recording-notice", ("institution", "agent-name", "machine-label", "recording-notice")),
    ("zh", False, "machine-label", ("institution", "agent-name")),
    ("en", False, "debt-details", (
        "institution", "agent-name", "recording-notice", "identity-check", "collector-notice", "debt-details")),
    ("zh", False, "rights", (
        "institution", "agent-name", "recording-notice", "identity-check", "debt-details", "payment-methods",
        "rights")),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "synthetic", "needs", "expected"), REQUIRED)
def test_a_need_includes_everything_before_it(
    library: Library, lang: str, synthetic: bool, needs: str | None, expected: tuple[str, ...]
) -> None:
    assert library.required_through(needs, lang=lang, synthetic=synthetic) == expected


def test_a_playbook_of_an_unknown_purpose_is_a_key_error(library: Library) -> None:
    with pytest.raises(KeyError, match="no script begins"):
        library.playbook("zh", "sales")


CHOICES = [
    ("flow.yaml", "stage: self-harm", "stage: closing"),
    ("slots.yaml", "aliases: [name, ", "aliases: [person, "),
    ("disclosures.yaml", "langs: [en]", "langs: [zh, en]"),
    ("zh/shared.yaml", "ends_call: true", "ends_call: false"),
    ("zh/sms.yaml", "spoken: false", "spoken: true"),
    ("approvals.yaml", 'role: "compliance-reviewer"', 'role: "compliance-officer"'),
]


@pytest.mark.parametrize(("name", "old", "new"), CHOICES)
def test_the_library_digest_covers_whatever_a_choice_depends_on(
    library: Library, spoil: Callable[[str, str, str], Path], name: str, old: str, new: str
) -> None:
    assert load_library(spoil(name, old, new)).digest != library.digest
