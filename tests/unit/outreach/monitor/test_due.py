"""Which statements were due: by how far a call got, under the law that ruled on it."""

import pytest

from outreach.monitor.context import CallEnding
from outreach.monitor.due import LEAST_AGENT_TURNS, TURNS_ABOUT_DEBT, DebtTalk, Due, Reached
from outreach.monitor.effects import CallSummarised, CallSummary
from outreach.worker.context import statements
from policy.book import DUE
from tests.unit.outreach.monitor.calls import Talk, law, of

ENDED = CallEnding(status="completed")


def summary(talk: Talk) -> CallSummary:
    return of(talk.session.end(ENDED), CallSummarised)[-1].summary


def reached(**changes: object) -> Reached:
    values: dict[str, object] = {
        "right_party": True, "agent_turns": 12, "told": True, "turns_about_debt": 8, "ended_early": False,
        "promised": False,
    }  # fmt: skip
    return Reached(**{**values, **changes})  # type: ignore[arg-type]


def test_the_occasions_are_those_of_the_rulebook() -> None:
    assert tuple(Due) == DUE


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, {Due.OPENING, Due.BEFORE_DETAILS, Due.DURING}),
        ({"promised": True}, {Due.OPENING, Due.BEFORE_DETAILS, Due.DURING, Due.WITH_PROMISE}),
        # broke off before the debt was told, or soon after
        ({"told": False, "turns_about_debt": 0}, {Due.OPENING}),
        ({"told": False, "turns_about_debt": 0, "agent_turns": LEAST_AGENT_TURNS}, {Due.OPENING}),
        ({"told": False, "turns_about_debt": 0, "agent_turns": LEAST_AGENT_TURNS - 1}, set()),
        ({"turns_about_debt": TURNS_ABOUT_DEBT - 1}, {Due.OPENING, Due.BEFORE_DETAILS}),
        ({"turns_about_debt": TURNS_ABOUT_DEBT}, {Due.OPENING, Due.BEFORE_DETAILS, Due.DURING}),
        # somebody else, or nobody known: nothing is due, unless the debt was told
        ({"right_party": False, "told": False, "turns_about_debt": 0}, set()),
        ({"right_party": None, "told": False, "turns_about_debt": 0}, set()),
        ({"right_party": False}, {Due.OPENING, Due.BEFORE_DETAILS}),
        ({"right_party": None, "agent_turns": 1, "turns_about_debt": 0}, {Due.OPENING, Due.BEFORE_DETAILS}),
        # what ends collection ends the list too, but excuses nothing that came before the debt was told
        ({"ended_early": True, "promised": True}, {Due.OPENING, Due.BEFORE_DETAILS}),
        ({"ended_early": True, "told": False}, set()),
        # the person spoke of the debt first
        ({"told": False, "turns_about_debt": TURNS_ABOUT_DEBT}, {Due.OPENING, Due.DURING}),
    ],
)
def test_what_has_fallen_due(changes: dict[str, object], due: set[Due]) -> None:
    assert reached(**changes).due() == due


def test_a_talk_about_the_debt_begins_once() -> None:
    talk = DebtTalk()
    talk.hear_agent({"institution"})
    assert (talk.told, talk.turns_about_debt) == (False, 0)
    talk.hear_debtor(of_own_debt=True)
    talk.hear_agent({"debt-details"})
    talk.hear_agent(frozenset())
    assert (talk.agent_turns, talk.told, talk.turns_about_debt) == (3, True, 2)


def walked(lines: int, **changes: object) -> Talk:
    """A Chinese call in which the agent says the offered line so many times after the person said who they are."""
    talk = Talk(changes=changes)
    for _ in range(3):
        talk.say("agent", talk.offered)
    talk.say("debtor", "我是")
    for _ in range(lines):
        talk.say("agent", talk.offered)
    return talk


def test_a_call_that_breaks_off_after_the_identity_check_is_not_flagged() -> None:
    result = summary(walked(0))
    assert result.disclosures_missing == ()
    assert not result.flagged


def test_a_long_talk_about_the_debt_is_held_to_all_that_belongs_to_it() -> None:
    talk = walked(1)
    for _ in range(TURNS_ABOUT_DEBT):
        talk.say("agent", "您什么时候方便呢")
    result = summary(talk)
    assert result.disclosures_missing == ("payment-methods", "rights")
    assert {"not-heard:payment-methods", "not-heard:rights"} <= set(result.flagged_why)


def test_only_a_promise_asks_for_its_record() -> None:
    talk = walked(3)
    assert "promise-record" not in summary(talk).disclosures_missing
    talk.say("debtor", "我还两千下周五")
    assert summary(talk).disclosures_missing == ("promise-record",)


def test_a_stop_ends_what_is_due() -> None:
    talk = walked(1)
    talk.say("debtor", "别打电话给我了")
    for _ in range(TURNS_ABOUT_DEBT):
        talk.say("agent", "好的，给您添麻烦了")
    assert summary(talk).disclosures_missing == ()


def test_the_debt_told_to_nobody_known_reproaches_what_should_have_come_first() -> None:
    talk = Talk()
    talk.say("agent", "您在恒信银行的账单还有两千元没有还")
    assert summary(talk).disclosures_missing == ("institution", "agent-name", "recording-notice", "identity-check")


def test_a_machine_voice_that_does_not_say_so_is_flagged() -> None:
    required = statements(law("cn"), "artificial")
    told = Talk(changes={"required_disclosures": required, "voice": "artificial"})
    assert told.session.stage == "opening"
    for _ in range(4):
        told.say("agent", told.offered)
    assert [item.id for item in required][:4] == ["institution", "agent-name", "machine-label", "recording-notice"]
    assert summary(told).disclosures_given[:3] == ("institution", "agent-name", "machine-label")
    silent = Talk(changes={"required_disclosures": required, "voice": "artificial"})
    for text in ("您好，我是安和服务公司的小林", "这次通话会录音", "请问您是张伟本人吗"):
        silent.say("agent", text)
    silent.say("debtor", "我是")
    assert summary(silent).disclosures_missing == ("machine-label",)


def test_what_is_told_on_request_is_never_missing_by_itself() -> None:
    talk = Talk("en", changes={"required_disclosures": statements(law("uk-conc7"), "human")})
    for _ in range(3):
        talk.say("agent", talk.offered)
    talk.say("debtor", "yes speaking")
    for _ in range(TURNS_ABOUT_DEBT + 3):
        talk.say("agent", talk.offered)
    result = summary(talk)
    assert "debt-details" not in result.disclosures_missing
    assert "free-debt-advice" in result.disclosures_missing
