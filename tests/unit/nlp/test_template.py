"""The rule language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.lexicon import parse_lexicon
from nlp.normalize import normalize
from nlp.template import Rule, padded, run

CONCEPTS = {"concepts_zh.yaml": "kin: 爸|妈\n", "concepts_en.yaml": "kin: mother|father\n"}


def rule(template: str, lang: str) -> Rule:
    files = {**CONCEPTS, "violations/abuse.yaml": f'{lang}:\n  strong:\n    - "{template}"\n'}
    return parse_lexicon(files).rules["violations"][0]


def found(template: str, text: str, lang: str) -> list[str]:
    view = normalize(text, lang)
    matches = run(rule(template, lang), padded(view.text, lang))
    return [view.text[match.start : match.end] for match in matches]


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("打给|找 ~2 {kin}", "我打给你爸", ["打给你爸"]),
        ("打给 ~2 {kin}", "我打给你们家的爸", []),
        ("上门? 找你", "明天找你上门找你", ["找你", "上门找你"]),
        ("^ 是的", "是的是的", ["是的"]),
        ("再见 $", "再见吧再见", ["再见"]),
        ("打 !错", "打错了再打", ["打"]),
        ("!<不 还", "不还就还", ["还"]),
        ("还 ~1 {num}", "还了两千", ["还了两千"]),
        ("还 ~1 {num}", "还了一下", []),
        ("还 ~3 {num}|一半", "先还一半", ["还一半"]),
    ],
)
def test_chinese(template: str, text: str, expected: list[str]) -> None:
    assert found(template, text, "zh") == expected


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("call ~1 your {kin}", "I'll call your mother", ["call your mother"]),
        ("call ~1 your {kin}", "I'll recall your mother", []),
        ("come_to ~2 house", "come to your old house", ["come to your old house"]),
        ("come_to ~2 house", "come to the houses", []),
        ("threat* ~1 you", "threatening you", ["threatening you"]),
        ("pay ~1 {num} ~1 friday", "pay two hundred on friday", ["pay two hundred on friday"]),
        ("pay ~1 {num}", "pay a visit", []),
        ("^ yes", "oh yes", []),
        ("!<not call me", "do not call me", []),
    ],
)
def test_english(template: str, text: str, expected: list[str]) -> None:
    assert found(template, text, "en") == expected


@given(st.text(alphabet="甲乙丙", max_size=12))
def test_a_gap_is_no_longer_than_it_says(text: str) -> None:
    for match in run(rule("甲 ~2 乙", "zh"), text):
        assert match.end - match.start <= 4
        assert all(end - start <= 2 for start, end in match.gaps)
