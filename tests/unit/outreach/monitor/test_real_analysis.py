"""The monitor with the text room that ships: the sentences that the house must never miss."""

from functools import cache

import pytest

from nlp.pipeline import Analyzer
from outreach.monitor.effects import AlertRaised, FactKind, HeardFact, PromiseHeard
from tests.unit.outreach.monitor.calls import Talk, of


@cache
def analyzer() -> Analyzer:
    return Analyzer.load()


def talk(lang: str = "zh") -> Talk:
    call = Talk(lang, analyst=analyzer())
    for _ in range(3):
        call.say("agent", call.offered)
    call.say("debtor", "我是" if lang == "zh" else "speaking")
    return call


@pytest.mark.parametrize(
    ("lang", "words", "label"),
    [
        ("zh", "再不还款我们就上门找你你等着吧", "visit-threat"),
        ("zh", "你再不还我就给你单位领导打电话让大家都知道", "third-party-contact"),
        ("en", "if you do not pay today we will come to your house and you will see", "visit-threat"),
    ],
)
def test_a_threat_is_heard_before_the_sentence_ends(lang: str, words: str, label: str) -> None:
    alerts = of(talk(lang).say("agent", words), AlertRaised)
    assert label in {alert.kind for alert in alerts}
    assert any(alert.provisional for alert in alerts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_library_s_own_words_raise_no_alarm(lang: str) -> None:
    call = talk(lang)
    for _ in range(5):
        call.say("agent", call.offered)
    assert not [alert for alert in of(call.effects, AlertRaised) if alert.speaker == "agent"]


@pytest.mark.parametrize(
    ("lang", "words", "kind"),
    [
        ("zh", "我现在正在住院", FactKind.HOSPITALISED),
        ("zh", "不要再给我打电话了", FactKind.STOP),
        ("zh", "你打错了我不是张伟", FactKind.WRONG_NUMBER),
        ("zh", "我找了律师有事找我的律师", FactKind.REPRESENTED),
        ("en", "i am in the hospital right now", FactKind.HOSPITALISED),
        ("en", "stop calling me", FactKind.STOP),
        ("en", "you have the wrong number", FactKind.WRONG_NUMBER),
    ],
)
def test_what_binds_is_heard(lang: str, words: str, kind: FactKind) -> None:
    assert kind in {fact.kind for fact in of(talk(lang).say("debtor", words), HeardFact)}


def test_a_promise_is_heard_with_its_amount_and_day() -> None:
    said = of(talk().say("debtor", "我下周五还两千块"), PromiseHeard)[0]
    assert (said.amount, str(said.due)) == ("2000", "2026-12-04")
