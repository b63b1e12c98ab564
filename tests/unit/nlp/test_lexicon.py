"""The data files: strictly read, wide enough, and named by their digest."""

import pytest

from nlp.errors import LexiconError
from nlp.labels import Intent, Mood, Signal, ViolationKind, Vulnerability
from nlp.lexicon import load_lexicon, parse_lexicon
from nlp.template import brief

GOOD = {"violations/abuse.yaml": "zh:\n  strong:\n    - 笨蛋\n"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"violations/abuse.yaml": "zh: [unclosed"}, "lexicon.yaml"),
        ({"violations/abuse.yaml": "- a list"}, "lexicon.yaml"),
        ({"violations/abuse.yaml": "zh:\n  strong: [甲]\n  strong: [乙]\n"}, "lexicon.duplicate"),
        ({"violations/abuse.yaml": "zh:\n  strong: [甲, 甲]\n"}, "lexicon.duplicate"),
        ({"violations/rudeness.yaml": "zh:\n  strong: [甲]\n"}, "lexicon.label"),
        ({"opinions/abuse.yaml": "zh:\n  strong: [甲]\n"}, "lexicon.label"),
        ({"violations/abuse.yaml": "fr:\n  strong: [a]\n"}, "lexicon.lang"),
        ({"violations/abuse.yaml": "zh:\n  loud: [甲]\n"}, "lexicon.group"),
        ({"violations/abuse.yaml": "zh:\n  strong: ['{nobody} ~2 甲']\n"}, "lexicon.concept"),
        ({"violations/abuse.yaml": "zh:\n  strong: ['甲 ~x 乙']\n"}, "lexicon.pattern"),
        ({"violations/abuse.yaml": "zh:\n  strong: ['~3']\n"}, "lexicon.pattern"),
        ({"violations/abuse.yaml": "zh:\n  strong: ['甲，乙']\n"}, "lexicon.literal"),
        ({"violations/abuse.yaml": 'en:\n  strong: ["don\'t"]\n'}, "lexicon.literal"),
        ({"concepts_zh.yaml": "a: '{b}'\n", **GOOD}, "lexicon.concept"),
    ],
)
def test_a_malformed_file_is_refused(files: dict[str, str], code: str) -> None:
    with pytest.raises(LexiconError) as caught:
        parse_lexicon(files)
    assert caught.value.code == code
    assert caught.value.to_json()["message"]


def test_the_digest_names_the_files() -> None:
    first = parse_lexicon(GOOD).digest
    assert first == parse_lexicon(dict(GOOD)).digest
    assert first != parse_lexicon({"violations/abuse.yaml": "zh:\n  strong:\n    - 傻瓜\n"}).digest


def test_every_label_has_rules_in_both_languages() -> None:
    rules = [rule for family in load_lexicon().rules.values() for rule in family]
    for kind in (*ViolationKind, *Vulnerability, *Mood, *Intent, *Signal):
        for lang in ("zh", "en"):
            assert [rule for rule in rules if rule.label == kind and rule.lang == lang], (kind, lang)


def test_violations_are_covered_widely() -> None:
    """At least sixty whole phrases and templates a label and language, and hundreds of wordings behind them."""
    rules = load_lexicon().rules["violations"]
    for kind in ViolationKind:
        for lang in ("zh", "en"):
            own = [rule for rule in rules if rule.label == kind and rule.lang == lang]
            assert len([rule for rule in own if rule.group != "unless"]) >= 60, (kind, lang, len(own))
            assert sum(len(rule.literals) for rule in own) >= 300, (kind, lang)


@pytest.mark.slow  # thousands of expressions, each compiled; in use only those needed are
def test_every_rule_compiles() -> None:
    for family in load_lexicon().rules.values():
        for rule in family:
            assert rule.pattern.pattern == rule.expression


def test_rule_ids_do_not_collide() -> None:
    for family in load_lexicon().rules.values():
        ids = [(rule.id, rule.group) for rule in family]
        assert len(ids) == len(set(ids))


def test_brief_cuts_long_templates() -> None:
    assert brief("甲 ~2 乙") == "甲 ~2 乙"
    assert len(brief("甲" * 100)) == 60
