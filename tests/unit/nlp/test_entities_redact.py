"""Entities and their masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import entities, is_phone, luhn, valid_id_card
from nlp.normalize import normalize
from nlp.redact import redact


@pytest.mark.parametrize(
    ("lang", "text", "kind", "piece", "value"),
    [
        ("zh", "我电话是13812345678", "phone", "13812345678", "+8613812345678"),
        ("zh", "打一三八一二三四五六七八", "phone", "一三八一二三四五六七八", "+8613812345678"),
        ("zh", "身份证11010519491231002X", "id-card", "11010519491231002X", "11010519491231002X"),
        ("zh", "卡号6222021234567890128没错", "bank-card", "6222021234567890128", "6222021234567890128"),
        ("zh", "身份证后四位是三三零六", "id-card", "三三零六", "3306"),
        ("zh", "卡尾号八八六六", "bank-card", "八八六六", "8866"),
        ("zh", "我叫张伟，你说", "name", "张伟", "张伟"),
        ("zh", "请问是李建国先生吗", "name", "李建国", "李建国"),
        ("zh", "还两千三百块", "money", "两千三百", "2300 CNY"),
        ("zh", "下周五再说", "date", "下周五", "下周五"),
        ("en", "call me at 212-555-0173", "phone", "212-555-0173", "+12125550173"),
        ("en", "it's two one two five five five oh one seven three", "phone",
         "two one two five five five oh one seven three", "+12125550173"),
        ("en", "my card is 4111 1111 1111 1111", "bank-card", "4111 1111 1111 1111", "4111111111111111"),
        ("en", "the last four are four four one nine", "bank-card", "four four one nine", "4419"),
        ("en", "My name is Peter Parker", "name", "Peter Parker", "Peter Parker"),
        ("en", "I'll pay two hundred dollars", "money", "two hundred", "200 USD"),
        ("en", "write to A.b@example.org please", "email", "A.b@example.org", "a.b@example.org"),
    ],
)  # fmt: skip
def test_entity(lang: str, text: str, kind: str, piece: str, value: str) -> None:
    found = {(item.kind, text[slice(*item.span)], item.value) for item in entities(normalize(text, lang))}
    assert (kind, piece, value) in found


@pytest.mark.parametrize("text", ["工号二零一七", "二零二六年", "一共十二期", "请稍等一下"])
def test_no_personal_data(text: str) -> None:
    assert redact(text).masked == ()


@pytest.mark.parametrize(
    "text",
    ["万一还不上", "我下周五还，万一不行再联系", "一万个不愿意", "千万别打了", "千万不要说", "百分之百会还",
     "十分感谢", "万分抱歉", "我们一起还", "等一下", "一定还", "一直在还", "三番五次打电话",
     "七上八下", "还一点", "两下就好", "等了半天", "五一再说", "十一再说",
     "万不得已", "千方百计", "老百姓", "万万没想到", "好几万"],
)  # fmt: skip
def test_idioms_are_no_sums(text: str) -> None:
    assert [item for item in entities(normalize(text, "zh")) if item.kind == "money"] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("还一万一", "11000"), ("还两万一", "21000"), ("还一万一千块", "11000"), ("还万一千", "11000"),
     ("还三万一", "31000"), ("还两千，万一不行再说", "2000"), ("还一万，一定还", "10000"),
     ("还几千块，先还五百块", "500")],
)  # fmt: skip
def test_sums_beside_idioms_are_read(text: str, value: str) -> None:
    assert f"{value} CNY" in [item.value for item in entities(normalize(text, "zh"))]


def test_check_digits() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
    assert valid_id_card("11010519491231002X")
    assert not valid_id_card("110105194912310021")
    assert not valid_id_card("123")
    assert is_phone("13812345678", "zh")
    assert not is_phone("12345", "zh")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫张伟，电话13812345678，卡尾号一二三四", "我叫[name]，电话[phone]，卡尾号[bank-card]"),
        ("mail me at x@y.org or 212-555-0173", "mail me at [email] or [phone]"),
        ("没有个人信息", "没有个人信息"),
    ],
)
def test_redact(text: str, masked: str) -> None:
    result = redact(text)
    assert result.text == masked
    assert redact(masked).text == masked


@given(st.text(alphabet="我叫张王电话1380一二三四五六七八九@a.b ，,", max_size=60))
def test_masked_spans_lie_in_the_text_apart(text: str) -> None:
    result = redact(text)
    last = 0
    for entity in result.masked:
        assert last <= entity.span[0] < entity.span[1] <= len(text)
        last = entity.span[1]


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_number_never_survives(number: str) -> None:
    assert number not in redact(f"请打{number}找我").text
