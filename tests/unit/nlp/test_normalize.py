"""The normal form and its way back to the text as given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize import detect_lang, normalize

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("我们再不還款就上門 嗯啊，。？！ab C'’0１２３.,$ﬁ％"), st.characters(codec="utf-8")
    ),
    max_size=60,
)


@given(TEXT, st.sampled_from(["zh", "en"]))
def test_every_character_points_into_the_text(text: str, lang: str) -> None:
    view = normalize(text, lang)
    assert len(view.text) == len(view.origin)
    last = 0
    for start, end in view.origin:
        assert 0 <= start <= end <= len(text)
        assert start >= last
        last = start
    assert all(0 <= position <= len(view.text) for position in view.breaks)


@given(TEXT, st.sampled_from(["zh", "en"]))
def test_the_view_of_a_part_comes_from_that_part(text: str, lang: str) -> None:
    view = normalize(text, lang)
    if view.text:
        start, end = view.span(0, len(view.text))
        assert normalize(text[start:end], lang).text == view.text


@given(st.text(alphabet="再不还款上门找钱", min_size=1, max_size=20))
def test_plain_chinese_is_left_alone(text: str) -> None:
    view = normalize(text, "zh")
    assert [text[start:end] for start, end in view.origin] == list(text) == list(view.text)


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("再不還款，就上門！", "再不还款就上门"),
        ("嗯，我我我今天　還", "我今天还"),
        ("ＯＫ １２００块", "ok 1200块"),
        ("1.2万", "1.2万"),
        ("1,200元", "1200元"),
        ("", ""),
        ("，。！", ""),
    ],
)
def test_chinese(given_text: str, normal: str) -> None:
    assert normalize(given_text, "zh").text == normal


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("We'll come, um, to your mother's house!", "we will come to your mother house"),
        ("I can’t and won't", "i can not and will not"),
        ("gonna wanna gotta", "going to want to got to"),
        ("that's $1,250.50", "that is $1,250.50"),
        ("i i i want", "i want"),
        ("DON'T", "do not"),
        ("your 401k", "your 401k"),
        ("", ""),
    ],
)
def test_english(given_text: str, normal: str) -> None:
    assert normalize(given_text, "en").text == normal


def test_spans_of_an_english_word_cover_the_contraction() -> None:
    text = "Well, we'll see."
    view = normalize(text, "en")
    start = view.text.index("will")
    assert text[slice(*view.span(start, start + 4))] == "we'll"


def test_clause_stops_at_punctuation() -> None:
    view = normalize("你好，再不还就上门，听见没", "zh")
    start = view.text.index("上门")
    low, high = view.clause(start, start + 2)
    assert view.text[low:high] == "再不还就上门"


def test_an_empty_range_has_no_span() -> None:
    with pytest.raises(ValueError, match="not a non-empty part"):
        normalize("你好", "zh").span(1, 1)


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        normalize("bonjour", "fr")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("你好", "zh"),
        ("hello there", "en"),
        ("你的case我直接email", "zh"),
        ("", "en"),
        ("please pay 老赖 now ok thanks bye", "en"),
    ],
)
def test_language_by_script(text: str, lang: str) -> None:
    assert detect_lang(text) == lang
