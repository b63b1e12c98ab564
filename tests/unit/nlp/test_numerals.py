"""Numbers as they are spoken."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.numerals import find_en, find_zh, parse_zh

DIGITS = "零一二三四五六七八九"


def spoken(number: int) -> str:
    """A number below 100,000 in full Chinese words."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return spoken(number // 10_000) + "万" + (gap + spoken(rest) if rest else "")
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text


@given(st.integers(1, 99_999))
def test_full_chinese_numerals_read_back(number: int) -> None:
    assert parse_zh(spoken(number)) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两千三百", 2300), ("三千五", 3500), ("1.2万", 12000), ("一万二", 12000), ("一千零五", 1005), ("十五", 15),
        ("二十", 20), ("一百二", 120), ("3千5", 3500), ("两万三千五百", 23500), ("一点五万", 15000), ("5k", 5000),
        ("二五零", 250), ("十万", 100000), ("1200", 1200), ("99.5", Decimal("99.5")), ("五", 5),
    ],
)  # fmt: skip
def test_chinese(text: str, value: Decimal | int) -> None:
    assert parse_zh(text) == value


@pytest.mark.parametrize("text", ["", "块", "点", "点五"])
def test_not_a_number(text: str) -> None:
    assert parse_zh(text) is None


def test_found_in_their_places() -> None:
    assert [(item.start, item.end, item.value) for item in find_zh("还两千三和1.5万")] == [(1, 4, 2300), (5, 9, 15000)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("一万一", [11000]), ("两万一", [21000]), ("三万一", [31000]), ("3万一", [31000]), ("十万一", [101000]),
        ("一万一千块", [11000]), ("还万一千", [11000]), ("还万一千块", [11000]), ("两千万", [20_000_000]),
        ("万一不行", []), ("万一还不上一千", [1000]), ("万一五百不够", [500]), ("以防万一", []),
        ("不怕一万就怕万一", []), ("两千万一不行", [2000]), ("2000万一不行", [2000]), ("五百块万一不够", [500]),
        ("百分之百", []), ("百分之五十", []), ("百分百", []), ("万分抱歉", []), ("两万分三期", [20000, 3]),
        ("千万别", []), ("千万不要", []), ("一千万不要", [10_000_000]), ("万万没想到", []),
        ("一万一定还", [10000]), ("三千一起还", [3000]), ("三千一次性还清", [3000]), ("三千五一次还清", [3500]),
        ("等一下", []), ("一直", []),
    ],
)  # fmt: skip
def test_idioms_are_no_numbers(text: str, values: list[int]) -> None:
    assert [item.value for item in find_zh(text)] == values


def test_a_comma_parts_a_sum_from_in_case() -> None:
    assert [item.value for item in find_zh("三万一不行", breaks={1})] == [3]
    assert [item.value for item in find_zh("三万一不行")] == [31000]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two hundred and fifty dollars", [250]), ("two fifty", [250]), ("twelve fifty", [1250]),
        ("eleven hundred on the twentieth", [1100, 20]), ("one thousand two hundred", [1200]), ("a hundred", [100]),
        ("$1,250.50", [Decimal("1250.50")]), ("three grand", [3000]), ("forty five", [45]), ("5k", [5000]),
        ("fifteen hundred dollars and 40", [1500, 40]), ("twenty first", [21]), ("nothing here", []),
        ("two thousand and five", [2005]), ("the 15th", [15]),
    ],
)  # fmt: skip
def test_english(text: str, values: list[Decimal | int]) -> None:
    assert [item.value for item in find_en(text)] == values


def test_ordinals_are_marked() -> None:
    assert [item.ordinal for item in find_en("two on the second and the 3rd")] == [False, True, True]
