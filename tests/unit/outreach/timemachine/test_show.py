"""Forecasts as a person reads them: an instant in the person's own time, or why there is none."""

from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from outreach.dialer.verdict import house_reason
from outreach.timemachine import show
from outreach.timemachine.preflight import Forecast
from policy.schema import load_rulebook

NIGHT_RULE = {
    "rule": "cn-quiet-hours",
    "message": "too late",
    "citation": "law",
    "facts": {"closed_in": ["Asia/Tokyo"]},
}
HOLD = {"rule": "cn-no-patients", "message": "in hospital", "citation": "law", "facts": {"flags": ["hospitalised"]}}
NO_LAW = {
    "rule": "none-fr-cannot-tell",
    "message": "No rules are loaded under the name none-fr",
    "citation": "house",
    "facts": {"why": "unknown_pack", "pack": "none-fr"},
}


def shown(*reasons: Any, opens: datetime | None = None, lang: str = "en") -> str:
    out = StringIO()
    forecast = Forecast(case_id=1, point=2, decision="deny", reasons=reasons, next_permitted_at=opens)
    show.forecasts(Console(file=out, width=240), [forecast], lang, load_rulebook())
    return out.getvalue()


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ((NIGHT_RULE,), "never: no common open hour found"),
        ((NIGHT_RULE, HOLD), "when the fact changes, not by waiting"),
        ((house_reason("house-case-on-hold"),), "when the fact changes, not by waiting"),
        ((NO_LAW, HOLD), "cannot tell"),
        ((house_reason("house-budget-mismatch"),), "cannot tell"),
    ],
)
def test_a_contact_that_never_opens_says_why(reasons: tuple[Any, ...], words: str) -> None:
    assert f"│ {words} " in shown(*reasons)


def test_an_opening_keeps_the_offset_it_was_ruled_with() -> None:
    assert "│ 2026-11-24T08:00:00+08:00 │" in shown(
        NIGHT_RULE, opens=datetime.fromisoformat("2026-11-24T08:00:00+08:00")
    )


def test_a_country_without_a_pack_is_named_with_the_packs_there_are() -> None:
    english, chinese = shown(NO_LAW), shown(NO_LAW, lang="zh")
    assert "none-fr-cannot-tell: no law pack for FR; loaded: cn, in-rbi, uk-conc7, us-reg-f [house]" in english
    assert "没有适用于 FR 的法规包" in chinese
    assert "under the name" not in english
