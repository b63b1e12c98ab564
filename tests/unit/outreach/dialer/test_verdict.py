"""One answer out of several rulings: every pack and the house must agree before anybody dials."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.dialer.verdict import HOUSE_RULES, UNDECIDABLE, combine, house_reason
from policy.ruling import Decision, Reason, Ruling

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)


def ruling(decision: Decision, opens_at: datetime | None = None, rule: str = "cn-x") -> Ruling:
    reason = Reason(rule=rule, messages={"en": "m"}, citations={"en": "c"}, parameters={}, facts={})
    return Ruling(
        pack="cn",
        decision=decision,
        reasons=() if decision == "permit" else (reason,),
        next_permitted_at=opens_at,
        rulebook_digest="sha256:0",
        facts_digest="sha256:1",
        as_of=NOW,
    )


PERMIT, DENY, UNSURE = ruling("permit", NOW), ruling("deny", LATER), ruling("cannot_tell", None, "cn-cannot-tell")
HOUSE_NO, HOUSE_UNSURE = house_reason("house-in-flight"), house_reason("house-cannot-tell")


@pytest.mark.parametrize(
    ("rulings", "house", "decision"),
    [
        ([], [], "cannot_tell"),
        ([PERMIT], [], "permit"),
        ([PERMIT, PERMIT], [], "permit"),
        ([PERMIT, DENY], [], "deny"),
        ([PERMIT, UNSURE], [], "cannot_tell"),
        ([DENY, UNSURE], [], "deny"),
        ([PERMIT], [HOUSE_NO], "deny"),
        ([PERMIT], [HOUSE_UNSURE], "cannot_tell"),
        ([], [HOUSE_UNSURE], "cannot_tell"),
        ([], [HOUSE_NO], "deny"),
        ([DENY], [HOUSE_UNSURE], "deny"),
    ],
)
def test_decisions(rulings: list[Ruling], house: list[dict[str, object]], decision: str) -> None:
    verdict = combine(rulings, house, "sha256:0", NOW)
    assert verdict.decision == verdict.record["answer"] == decision
    assert verdict.record["decision"] == ("permit" if decision == "permit" else "deny")


def test_waiting_helps_only_when_every_pack_opens_and_the_house_has_no_objection() -> None:
    assert combine([PERMIT, DENY], [], "d", NOW).next_permitted_at == LATER
    assert combine([PERMIT, ruling("deny", None)], [], "d", NOW).next_permitted_at is None
    assert combine([DENY], [HOUSE_NO], "d", NOW).next_permitted_at is None


def test_the_record_names_every_rule_once() -> None:
    verdict = combine([DENY, DENY], [HOUSE_NO], "sha256:0", NOW)
    assert verdict.rules == ("cn-x", "house-in-flight")
    assert verdict.record["rules"] == list(verdict.rules)
    assert verdict.record["rulebook"] == "sha256:0"
    assert all(reason["message"] and reason["citation"] for reason in verdict.record["reasons"])
    assert set(HOUSE_RULES) > UNDECIDABLE
