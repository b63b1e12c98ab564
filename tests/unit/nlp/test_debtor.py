"""Intents, mood, vulnerability and signals, sentence by sentence."""

import pytest

from nlp.labels import Mood, Signal
from nlp.pipeline import Analyzer


def labels(text: str) -> set[str]:
    return set() if text == "-" else set(text.split(","))


@pytest.mark.table("intents_zh.txt")
def test_chinese_intents(row: tuple[str, str], analyzer: Analyzer) -> None:
    found = analyzer.analyze(row[1], speaker="debtor", lang="zh")
    assert {str(intent) for intent in found.intents} == labels(row[0]), [item.why for item in found.evidence]


@pytest.mark.table("intents_en.txt")
def test_english_intents(row: tuple[str, str], analyzer: Analyzer) -> None:
    found = analyzer.analyze(row[1], speaker="debtor", lang="en")
    assert {str(intent) for intent in found.intents} == labels(row[0]), [item.why for item in found.evidence]


@pytest.mark.table("mood.txt")
def test_mood_and_vulnerability(row: tuple[str, str, str, str], analyzer: Analyzer) -> None:
    lang, mood, flags, text = row
    found = analyzer.analyze(text, speaker="debtor", lang=lang)
    assert found.mood is not None
    assert found.mood.label == mood, found.mood.why
    assert {str(flag) for flag in found.vulnerability} == labels(flags)


@pytest.mark.table("signals.txt")
def test_signals_for_the_gate(row: tuple[str, str, str], analyzer: Analyzer) -> None:
    lang, signals, text = row
    assert {str(item) for item in analyzer.analyze(text, speaker="debtor", lang=lang).signals} == labels(signals)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不要在给我打电话了", "stop-contact"),
        ("你打错了我不是他", "wrong-number"),
        ("呃你打错了啊", "wrong-number"),
        ("我已经委托绿师了", "represented"),
        ("stop callin me", "stop-contact"),
        ("quit calling me", "stop-contact"),
        ("you have the wrong number", "wrong-number"),
    ],
)
def test_intents_the_gate_lives_on_survive_recognition_errors(text: str, intent: str, analyzer: Analyzer) -> None:
    assert intent in {str(item) for item in analyzer.analyze(text, speaker="debtor").intents}


@pytest.mark.parametrize("text", ["我在衣院住院", "我在医院住园", "嗯我我在医院住院呢"])
def test_hospital_is_heard_through_recognition_errors(text: str, analyzer: Analyzer) -> None:
    assert Signal.HOSPITALISED in analyzer.analyze(text, speaker="debtor").signals


@pytest.mark.parametrize(
    "text",
    ["累死我了", "笑死我了", "I nearly died laughing", "我在医院上班", "I work at a hospice, mornings are best."],
)
def test_idiom_and_workplaces_are_not_flags(text: str, analyzer: Analyzer) -> None:
    found = analyzer.analyze(text, speaker="debtor")
    assert found.vulnerability == frozenset()
    assert found.signals == frozenset()


@pytest.mark.parametrize("text", ["嗯", "ok", "七点", "the blue one"])
def test_without_evidence_the_mood_is_calm(text: str, analyzer: Analyzer) -> None:
    found = analyzer.analyze(text, speaker="debtor").mood
    assert found is None or found.label is Mood.CALM


def test_equal_evidence_goes_to_the_graver_mood(analyzer: Analyzer) -> None:
    found = analyzer.analyze("我难受，我害怕", speaker="debtor").mood
    assert found is not None
    assert found.label is Mood.DISTRESSED


def test_the_agent_has_no_mood(analyzer: Analyzer) -> None:
    found = analyzer.analyze("我很生气", speaker="agent")
    assert found.mood is None
    assert found.intents == frozenset()
