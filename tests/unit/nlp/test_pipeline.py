"""The analyzer as a whole: contract JSON, threads, classifiers beside the rules."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.analysis import MoodReading, Turn
from nlp.classifier import Prediction, Utterance
from nlp.errors import NotLoadedError
from nlp.finding import Finding
from nlp.labels import (
    DISPLAY_NAMES,
    SEVERITY,
    Intent,
    Mood,
    Signal,
    Speaker,
    ViolationKind,
    Vulnerability,
    display_name,
)
from nlp.lexicon import load_lexicon
from nlp.pipeline import Analyzer

CONTRACT = {"violations", "mood", "vulnerability", "intents", "promise", "entities", "skipped", "models"}


class Trained:
    """A classifier that always answers the same, or always fails."""

    name, version = "trained", "r1"

    def __init__(self, answer: Prediction | None) -> None:
        self.answer, self.asked = answer, list[Utterance]()

    def predict(self, utterances: Sequence[Utterance]) -> list[Prediction]:
        self.asked.extend(utterances)
        if self.answer is None:
            raise NotLoadedError("missing.model", "the weights are not here")
        return [self.answer for _ in utterances]


def test_contract_fields_are_all_there(analyzer: Analyzer) -> None:
    agent = analyzer.analyze("再不还款就上门", speaker="agent").to_json()
    assert set(agent) >= CONTRACT
    assert agent["mood"] is None
    assert set(agent["violations"][0]) == {"label", "span", "score", "detector", "why"}
    debtor = analyzer.analyze("下周五还两千", speaker="debtor", reference_date=date(2026, 11, 23)).to_json()
    assert debtor["promise"] == {"amount": 2000, "currency": "CNY", "date": "2026-12-04"}
    assert debtor["mood"] == {"label": "cooperative", "score": debtor["mood"]["score"]}
    assert debtor["signals"] == []


def test_the_answer_cannot_be_changed(analyzer: Analyzer) -> None:
    answer = analyzer.analyze("你好", speaker="agent")
    with pytest.raises(FrozenInstanceError):
        answer.lang = "en"  # type: ignore[misc]


@pytest.mark.parametrize(("speaker", "lang"), [("boss", "zh"), ("agent", "fr")])
def test_unknown_speakers_and_languages_are_refused(speaker: str, lang: str, analyzer: Analyzer) -> None:
    with pytest.raises(ValueError, match=r"boss|fr"):
        analyzer.analyze("你好", speaker=speaker, lang=lang)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["agent", "debtor"]), st.sampled_from(["zh", "en", None]))
def test_any_text_gets_an_answer_with_spans_inside(
    analyzer: Analyzer, text: str, speaker: str, lang: str | None
) -> None:
    answer = analyzer.analyze(text, speaker=speaker, lang=lang)
    spans = [item.span for item in (*answer.violations, *answer.evidence, *answer.entities)]
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_threads_share_one_analyzer(analyzer: Analyzer) -> None:
    texts = ["再不还款就上门", "I'll call your boss", "您好，请问是本人吗", "你就是个废物"] * 10
    alone = [analyzer.analyze(text, speaker="agent") for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: analyzer.analyze(text, speaker="agent"), texts))
    assert together == alone


def test_a_classifier_adds_what_the_rules_missed() -> None:
    found = Finding(label=ViolationKind.ABUSE, span=(0, 2), score=0.9, detector="trained@r1", why="softmax 0.9")
    model = Trained(Prediction(findings=(found,)))
    analyzer = Analyzer(load_lexicon(), [model])
    answer = analyzer.analyze("你好", speaker="agent", context=["before", {"speaker": "debtor", "text": "喂"}])
    assert answer.violations == (found,)
    assert answer.models["trained"] == "r1"
    assert model.asked[0].context == (Turn(speaker="", text="before"), Turn(speaker="debtor", text="喂"))


def test_the_surer_of_rule_and_classifier_is_kept() -> None:
    weak = Finding(label=ViolationKind.VISIT_THREAT, span=(0, 1), score=0.1, detector="trained@r1", why="-")
    analyzer = Analyzer(load_lexicon(), [Trained(Prediction(findings=(weak,)))])
    assert analyzer.analyze("再不还款就上门", speaker="agent").violations[0].score > 0.5


def test_a_classifier_speaks_about_the_debtor_too() -> None:
    findings = tuple(
        Finding(label=label, span=(0, 1), score=0.9, detector="trained@r1", why="-")
        for label in (Vulnerability.ILLNESS, Intent.HARDSHIP, Signal.MINOR, ViolationKind.ABUSE)
    )
    mood = MoodReading(label=Mood.ANXIOUS, score=0.99)
    analyzer = Analyzer(load_lexicon(), [Trained(Prediction(findings=findings, mood=mood))])
    answer = analyzer.analyze("天气", speaker="debtor")
    assert answer.violations == ()
    assert (answer.vulnerability, answer.intents, answer.signals, answer.mood) == (
        {Vulnerability.ILLNESS}, {Intent.HARDSHIP}, {Signal.MINOR}, mood,
    )  # fmt: skip


def test_a_classifier_that_cannot_answer_is_reported() -> None:
    answer = Analyzer(load_lexicon(), [Trained(None)]).analyze("你好", speaker="agent")
    assert [item.detector for item in answer.skipped] == ["trained@r1"]
    assert "weights" in answer.skipped[0].reason


def test_every_label_has_a_name_in_both_languages() -> None:
    for label in (*ViolationKind, *Mood, *Vulnerability, *Intent, *Signal, *Speaker):
        assert display_name(label, "zh") != display_name(label, "en")
    assert DISPLAY_NAMES["zh"].keys() == DISPLAY_NAMES["en"].keys()
    assert SEVERITY.keys() == set(ViolationKind)
