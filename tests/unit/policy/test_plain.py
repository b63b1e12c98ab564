"""Rules in words: every vocabulary, every family, every packaged parameter, in both languages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from policy.book import Rulebook
from policy.facts import (
    CHANNELS,
    CONSENT_HOLDERS,
    CONSENT_KINDS,
    DAY_NAMES,
    DIRECTIONS,
    FLAGS,
    OUTCOMES,
    PARTIES,
    PLACES,
    PURPOSES,
    VOICES,
)
from policy.families.kinds import KINDS
from policy.telling.coverage import items_of, periods_of
from policy.telling.explain import sentences
from policy.telling.parameter_words import CHINESE, TOPICS, topic_word
from policy.telling.plain import plain, told_kinds
from policy.telling.words import known, listed, word, words

VOCABULARIES = {
    "channel": CHANNELS,
    "act": CHANNELS,
    "direction": DIRECTIONS,
    "outcome": OUTCOMES,
    "party": PARTIES,
    "purpose": PURPOSES,
    "place": PLACES,
    "voice": VOICES,
    "consent": CONSENT_KINDS,
    "holder": CONSENT_HOLDERS,
    "flag": FLAGS,
    "day": frozenset(DAY_NAMES),
}


@pytest.mark.parametrize("group", sorted(VOCABULARIES))
def test_every_word_of_the_engine_has_words_for_people(group: str) -> None:
    assert known(group) == VOCABULARIES[group]
    for code in VOCABULARIES[group]:
        assert re.search("[\u4e00-\u9fff]", word(group, code, "zh"))
        assert not re.search("[\u4e00-\u9fff_]", word(group, code, "en"))


def test_every_rule_family_has_sentences() -> None:
    assert told_kinds() == set(KINDS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_packaged_parameter_stays_a_code(rulebook: Rulebook, lang: str) -> None:
    for pack in rulebook.packs.values():
        for section, item in items_of(pack):
            for period in periods_of(item):
                told = sentences(item, period, lang)
                assert told or not period.value.parameters, item.id
                for text in told:
                    assert text.endswith("." if lang == "en" else "。"), (item.id, text)
                    assert "_" not in text, (item.id, text)
                    if lang == "zh" and section == "rules":
                        assert not re.search(r"[a-z]{3,}", re.sub(r"[A-Z][\w/-]+", "", text)), (item.id, text)


def test_every_packaged_name_of_a_duty_has_a_chinese_word(rulebook: Rulebook) -> None:
    def codes(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            yield from codes(inner)
        if isinstance(value, str) and re.fullmatch("[a-z_]+", value):
            yield value

    used = {
        code
        for pack in rulebook.packs.values()
        for section, item in items_of(pack)
        if section != "rules"
        for period in periods_of(item)
        for code in codes(dict(period.value.parameters))
    }
    assert used - set(CHINESE) == set()
    assert {topic for pack in rulebook.packs.values() for topic in pack.topics.values()} <= set(TOPICS)


CAP = {
    "limit": 7,
    "days": 7,
    "channels": ["voice", "voicemail"],
    "per": ["party", "debt"],
    "counted": {"channels": ["voice"], "directions": ["outbound"], "outcomes": ["no_answer", "busy"]},
}


@pytest.mark.parametrize(
    ("kind", "parameters", "english", "chinese"),
    [
        (
            "closed_hours",
            {"windows": [{"channels": ["voice"], "closed_from": "21:00", "closed_until": "08:00"}]},
            "Closed from 21:00 to 08:00 for calls (21:00:00 is closed, 08:00:00 is open).",
            "电话：21:00至08:00不得联系（21:00:00 关闭，08:00:00 开放）。",
        ),
        (
            "calendar_cap",
            CAP,
            (
                "At most 7 in 7 calendar days, the attempt's own day the last, for each person called and debt; "
                "limits calls and ringless messages. Days are the debtor's."
            ),
            "连续7个自然日（含当日）内最多7次，按每个被叫人和债务分别计算；适用于电话和语音留言。以债务人当地日期为准。",
        ),
        (
            "calendar_cap",
            CAP | {"limit": 1, "days": 1, "per": []},
            (
                "At most 1 in one calendar day, over all persons, debts and numbers together; "
                "limits calls and ringless messages. Days are the debtor's."
            ),
            "每个自然日最多1次，所有对象、债务和号码合并计算；适用于电话和语音留言。以债务人当地日期为准。",
        ),
        (
            "flag_hold",
            {"flags": ["hospitalised"], "parties": sorted(PARTIES), "channels": sorted(CHANNELS)},
            "While it is recorded about the debtor: in hospital. Then contact with anybody by any medium is closed.",
            "债务人带有下列标记期间：正在住院。不得以任何方式联系任何人。",
        ),
        (
            "closed_days",
            {"days": ["sun", "sat"], "channels": ["sms"]},
            "Saturday and Sunday",
            "周六和周日不得以短信联系",
        ),
    ],
)
def test_sentences_of_a_family(kind: str, parameters: dict[str, Any], english: str, chinese: str) -> None:
    assert english in plain(kind, parameters, "en")[0]
    assert chinese in plain(kind, parameters, "zh")[0]


def test_what_no_teller_knows_is_told_by_name() -> None:
    assert plain("new_family", {"limit_of_stars": 3, "open": True}, "en") == ("Limit of stars: 3.", "Open: yes.")
    told = plain(
        "flag_hold", {"flags": ["minor"], "parties": ["debtor"], "channels": ["sms"], "unless": ["a", "b"]}, "en"
    )
    assert told[-1] == "Unless: a, b."


def test_lists_in_both_languages() -> None:
    assert [listed("abc"[:n], "en") for n in range(4)] == ["", "a", "a or b", "a, b or c"]
    assert listed("abc", "zh", "and") == "a、b和c"
    assert words("channel", ["email", "voice"], "en", "and") == "calls and e-mail"
    assert word("effect", "new_effect", "en") == "new effect"
    assert topic_word("new_topic", "en") == "New topic"
