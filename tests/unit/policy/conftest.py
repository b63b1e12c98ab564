"""Shared by the policy tests: the packaged rulebook, a small one of our own, and plain scenarios."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy.book import Rulebook
from policy.facts import FLAGS
from policy.schema import load_rulebook

BOOK = """\
topic: main
pack:
  id: zz
  name: {en: Testland, zh: 测试国}
  jurisdiction: ZZ
  legal_timezone: Europe/London
  covers_from: 2020-01-01
sources:
  - id: act
    instrument: statute
    title: {en: Test Act, zh: 测试法}
    short: {en: Test Act, zh: 测试法}
    in_force_from: 2019-05-01
    link: https://example.org/act
flags_without_effect:
  represented: {en: no rule, zh: 无规则}
  ceased: {en: no rule, zh: 无规则}
  deceased: {en: no rule, zh: 无规则}
  disputed: {en: no rule, zh: 无规则}
  minor: {en: no rule, zh: 无规则}
  breathing_space: {en: no rule, zh: 无规则}
  wrong_number: {en: no rule, zh: 无规则}
  bankrupt: {en: no rule, zh: 无规则}
  revoked_sms_consent: {en: no rule, zh: 无规则}
  on_do_not_call: {en: no rule, zh: 无规则}
  employer_prohibits: {en: no rule, zh: 无规则}
  lacks_capacity: {en: no rule, zh: 无规则}
  bereavement: {en: no rule, zh: 无规则}
  grievance_open: {en: no rule, zh: 无规则}
  third_party_refused: {en: no rule, zh: 无规则}
rules:
  - id: zz-hold
    kind: flag_hold
    title: {en: Hold, zh: 暂停}
    message: {en: "Held by {flags}.", zh: "因 {flags} 暂停。"}
    effect: prohibition
    scope: {clock: none, per: person}
    evidence:
      - {en: note, zh: 备注}
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {source: act, provision: {en: art. 1, zh: 第1条}, certainty: V}
        parameters:
          flags: [hospitalised]
          parties: [debtor]
          channels: [voice, voicemail, sms, email]
"""


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The rulebook that ships with the package."""
    return load_rulebook()


@pytest.fixture
def book_text() -> str:
    """A small valid rulebook file, to be broken or extended."""
    return BOOK


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Rulebook]:
    """Loads a rulebook of one pack from the text of its files.

    A flag that one of the further files speaks of is no longer one that the pack ignores.
    """

    def load(text: str, **more: str) -> Rulebook:
        spoken = {flag for flag in FLAGS for content in more.values() if re.search(rf"\b{flag}\b", content)}
        for flag in spoken:
            text = text.replace(f"  {flag}: {{en: no rule, zh: 无规则}}\n", "")
        folder = tmp_path / "book" / "zz"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in {"main": text, **more}.items():
            (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
        return load_rulebook(tmp_path / "book")

    return load


@pytest.fixture
def raw_scenario() -> Callable[..., dict[str, Any]]:
    """A permitted scenario as JSON values; keywords replace parts of debtor (`debtor`) and attempt (`attempt`)."""

    def build(
        *,
        debtor: dict[str, Any] | None = None,
        attempt: dict[str, Any] | None = None,
        history: list[dict[str, Any]] | None = None,
        **top: Any,
    ) -> dict[str, Any]:
        base: dict[str, Any] = {
            "id": "cn-t-1",
            "pack": "cn",
            "debtor": {
                "timezones": ["Asia/Shanghai"],
                "flags": [],
                "preferences": {"no_contact_windows": [], "no_channels": []},
            },
            "history": history or [],
            "attempt": {
                "at": "2026-06-10T10:00:00+08:00",
                "channel": "voice",
                "purpose": "reminder",
                "debt": "D1",
                "party": "debtor",
            },
        }
        base["debtor"].update(debtor or {})
        base["attempt"].update(attempt or {})
        base.update(top)
        return base

    return build
