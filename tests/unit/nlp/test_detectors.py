"""The methods by themselves: gate, sounds, whole phrases, and what happens when one cannot look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.detectors.exact import Gate
from nlp.detectors.fuzzy import threshold
from nlp.detectors.matcher import Matcher
from nlp.detectors.sound import SoundIndex, fold, syllable
from nlp.detectors.spelling import SpellingIndex
from nlp.lexicon import parse_lexicon
from nlp.normalize import normalize
from nlp.template import Rule

WORDS = ("上门", "通讯录", "再不还款", "法院", "住院")


def rules(*templates: str, lang: str = "zh", group: str = "strong") -> tuple[Rule, ...]:
    body = "\n".join(f'    - "{template}"' for template in templates)
    return parse_lexicon({"violations/abuse.yaml": f"{lang}:\n  {group}:\n{body}\n"}).rules["violations"]


@pytest.mark.parametrize(
    ("first", "second"), [("zhong", "zong"), ("chang", "can"), ("sheng", "sen"), ("ning", "lin"), ("lang", "nan")]
)
def test_confusable_sounds_fold_together(first: str, second: str) -> None:
    assert fold(first) == fold(second)


def test_other_sounds_stay_apart() -> None:
    assert fold("shang") != fold("xia")
    assert syllable("a") == "a"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("就上们找你", "就上门找你"), ("爆你通训录", "爆你通讯录"), ("在不还款", "再不还款"), ("我在住园", "我在住院")],
)
def test_misheard_words_are_put_right(heard: str, meant: str) -> None:
    assert SoundIndex(WORDS).repair(heard) == meant


@pytest.mark.parametrize("text", ["我们公司", "今天下午", "商量一下方案", "门上有字", ""])
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert SoundIndex(WORDS).repair(text) == text


@given(st.text(alphabet="上门们尚通讯训录在再不还款环院园住法发abc1", max_size=30))
def test_repair_keeps_length_and_is_stable(text: str) -> None:
    index = SoundIndex(WORDS)
    repaired = index.repair(text)
    assert len(repaired) == len(text)
    assert index.repair(repaired) == repaired


def test_an_empty_index_repairs_nothing() -> None:
    assert SoundIndex(()).repair("上们") == "上们"


def test_the_gate_opens_only_when_every_item_occurs() -> None:
    gate = Gate(rules("上门 ~3 找你", "报警"))
    assert [rule.source for rule in gate.candidates("明天上门来找你")] == ["上门 ~3 找你"]
    assert gate.candidates("明天上门") == []


@given(st.text(alphabet="上门找你来去的", max_size=20))
def test_the_gate_never_hides_a_match(text: str) -> None:
    rule = rules("上门|来 ~3 找你|你")[0]
    if rule.pattern.search(text):
        assert rule in Gate([rule]).candidates(text)


def test_longer_phrases_may_hold_more_errors() -> None:
    for lang in ("zh", "en"):
        levels = [threshold(length, lang) for length in range(5, 80)]
        assert levels == sorted(levels, reverse=True)


def test_a_rule_that_takes_too_long_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is not innocence: a rule without an answer appears under `skipped`."""
    monkeypatch.setattr("nlp.template.MATCH_TIMEOUT_SECS", 1e-9)
    matcher = Matcher(rules("甲 ~900 乙 ~900 丙 ~900 丁"), "zh")
    hits, skipped = matcher.find(normalize("甲乙丙" * 3000 + "丁", "zh"))
    assert hits or skipped
    slow, late = Matcher(rules("甲 ~900 乙 ~900 丙 ~900 丁 戊"), "zh").find(normalize("甲乙丙" * 4000 + "丁。戊", "zh"))
    assert slow or late[0].detector == "pattern"


def test_the_surest_method_is_named() -> None:
    matcher = Matcher(rules("上门找你", "上门 ~2 你"), "zh", ["上门"])
    hits, _ = matcher.find(normalize("上门找你", "zh"))
    assert {hit.detector for hit in hits} == {"exact", "pattern"}
    hits, _ = matcher.find(normalize("上们找你", "zh"))
    assert {hit.detector for hit in hits} == {"sound-alike"}


def test_phrases_are_found_approximately() -> None:
    phrases = rules("we will come to your house tonight", lang="en", group="phrases")
    hits, _ = Matcher(phrases, "en").find(normalize("we will come to yor house tonight", "en"))
    assert [hit.detector for hit in hits] == ["fuzzy"]
    assert 0.5 < hits[0].score < phrases[0].weight


SPELLING = SpellingIndex(["stop calling me", "warrant", "house", "credit report"], frozenset({"horse"}))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("stop callin me", "stop calling me"), ("a warant", "a warrant"), ("my hous", "my house"), ("credet", "credit")],
)
def test_misspelled_words_are_put_right(heard: str, meant: str) -> None:
    repaired = SPELLING.repair(heard)
    assert repaired is not None
    assert repaired.text == meant
    assert len(repaired.places) == len(meant)


@pytest.mark.parametrize("text", ["a horse", "stop", "hound", "calling", "", "12345"])
def test_words_that_are_right_are_left_alone(text: str) -> None:
    assert SPELLING.repair(text) is None


@given(st.lists(st.sampled_from(["callin", "warant", "hous", "ok", "me", "credet", "reporrt"]), min_size=1, max_size=6))
def test_places_of_a_repaired_text_lie_in_order(words: list[str]) -> None:
    text = " ".join(words)
    repaired = SPELLING.repair(text)
    if repaired is not None:
        assert list(repaired.places) == sorted(repaired.places)
        assert repaired.range(0, len(repaired.text)) == (0, len(text))
        assert [index for index, char in enumerate(text) if char == " "] == [
            place for place, char in zip(repaired.places, repaired.text, strict=True) if char == " "
        ]
