"""Local agreement: what is committed never changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.stabilizer import LocalAgreement, StabilizerOptions, aligned_length, split_units, unit_key

WORDS = st.lists(
    st.sampled_from(["pay", "Friday.", "no", "I", "don't", "还", "款", "今天，", "100", "元", "（好）"]), max_size=8
)
TEXTS = st.one_of(st.text(max_size=30), WORDS.map(" ".join), WORDS.map("".join))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("您好，我是张三。", ["您", "好，", "我", "是", "张", "三。"]),
        ("Hello, I can't pay 3,000 now.", ["Hello,", " I", " can't", " pay", " 3,000", " now."]),
        ("我在Bank of China工作", ["我", "在", "Bank", " of", " China", "工", "作"]),
        ("", []),
        ("  ", []),
    ],
)
def test_units(text, units):
    assert split_units(text) == units


@given(TEXTS)
def test_units_together_are_the_text(text):
    assert "".join(split_units(text)) == text.strip()


def test_keys_fold_case_width_and_punctuation():
    assert unit_key(" Hello,") == unit_key("hello") == unit_key("ＨＥＬＬＯ")
    assert unit_key("好，") == "好"


@pytest.mark.parametrize(
    ("committed", "heard", "length"),
    [("", "abc", 0), ("ab", "abc", 2), ("ab", "xb c", 2), ("ab", "axbc", 3), ("abc", "ac d", 2), ("ab", "", 0)],
)
def test_alignment_of_a_changed_prefix(committed, heard, length):
    assert aligned_length(list(committed), list(heard)) == length


def test_two_that_agree_commit_all_but_the_end():
    agreement = LocalAgreement()
    first = agreement.update("我今天")
    second = agreement.update("我今天还")
    third = agreement.update("我今天还款")
    assert (first.committed, first.tail) == ("", "我今天")
    assert (second.committed, second.tail) == ("我今天", "还")
    assert (third.committed, third.tail) == ("我今天还", "款")


def test_english_commits_whole_words():
    agreement = LocalAgreement()
    agreement.update("I will pay Fri")
    stable = agreement.update("I will pay Friday")
    assert (stable.committed, stable.tail) == ("I will pay", " Friday")


def test_disagreement_stops_the_commitment():
    agreement = LocalAgreement()
    agreement.update("我明天还款")
    assert agreement.update("我今天还款吧").committed == "我"


def test_three_must_agree_when_asked_to():
    agreement = LocalAgreement(StabilizerOptions(agreement=3, holdback_units=0))
    assert [agreement.update(text).committed for text in ("好的我", "好的你", "好的你")] == ["", "", "好的"]


def test_an_unsure_hypothesis_commits_nothing_and_breaks_the_chain():
    agreement = LocalAgreement(StabilizerOptions(holdback_units=0))
    agreement.update("好的")
    unsure = agreement.update("好的", sure=False)
    after = agreement.update("好的")
    assert (unsure.committed, unsure.tail, after.committed) == ("", "好的", "")
    assert agreement.update("好的").committed == "好的"


def test_punctuation_and_case_do_not_break_agreement():
    agreement = LocalAgreement(StabilizerOptions(holdback_units=0))
    agreement.update("hello i pay")
    assert agreement.update("Hello, I pay.").committed == "Hello, I pay."


def test_the_final_text_keeps_the_committed_words_and_says_when_it_contradicts_them():
    agreement = LocalAgreement(StabilizerOptions(holdback_units=0))
    agreement.update("我明天")
    agreement.update("我明天")
    final = agreement.finish("我今天还款")
    assert (final.text, final.replaced, final.contradicted) == ("我明天还款", "我今天", True)
    agreed = LocalAgreement(StabilizerOptions(holdback_units=0))
    agreed.update("我明天")
    agreed.update("我明天")
    assert (agreed.finish("我明天，还款").text, agreed.finish("我明天还款").contradicted) == ("我明天还款", False)


def test_words_do_not_run_together_where_texts_meet():
    agreement = LocalAgreement(StabilizerOptions(holdback_units=0))
    agreement.update("yes")
    agreement.update("yes")
    assert agreement.finish("").text == "yes"
    assert "yesno" not in agreement.update("no way at all my friend").text


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=12), TEXTS, st.integers(2, 4), st.integers(0, 3))
def test_committed_text_never_changes(hypotheses, last, agreeing, holdback):
    agreement = LocalAgreement(StabilizerOptions(agreement=agreeing, holdback_units=holdback))
    committed = ""
    for text, sure in hypotheses:
        stable = agreement.update(text, sure=sure)
        assert stable.committed.startswith(committed)
        if not sure:
            assert stable.committed == committed
        committed = stable.committed
        assert agreement.committed == committed
    assert agreement.finish(last).text.startswith(committed)


@given(TEXTS, st.integers(2, 4))
def test_a_steady_hypothesis_is_shown_whole_and_committed_in_the_end(text, agreeing):
    agreement = LocalAgreement(StabilizerOptions(agreement=agreeing, holdback_units=0))
    shown = [agreement.update(text) for _ in range(agreeing)]
    assert [stable.text for stable in shown] == [text.strip()] * agreeing
    assert shown[-1].committed == text.strip()
    assert not agreement.finish(text).contradicted


@pytest.mark.parametrize("options", [{"agreement": 1}, {"holdback_units": -1}])
def test_senseless_options_are_refused(options):
    with pytest.raises(ValueError, match="at least"):
        StabilizerOptions(**options)
