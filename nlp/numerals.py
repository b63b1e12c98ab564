"""Numbers as they are spoken: 两千三百块, 三千五, 1.2万, "two hundred and fifty", "two fifty", "eleven hundred"."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ZH_DIGITS: Final[dict[str, int]] = {
    "零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "俩": 2,
}  # fmt: skip
ZH_UNITS: Final[dict[str, int]] = {
    "十": 10,
    "百": 100,
    "千": 1000,
    "拾": 10,
    "佰": 100,
    "仟": 1000,
    "k": 1000,
    "w": 10000,
}
ZH_BIG: Final[dict[str, int]] = {"万": 10_000, "亿": 100_000_000}
ZH_NUMBER: Final = re.compile(
    r"\d+(?:\.\d+)?[十百千万亿kw]*(?:[零〇一二两三四五六七八九十百千\d]+)?"
    r"|[零〇一幺二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟俩]+(?:点[零〇一二三四五六七八九]+[百千万亿]?)?"
)
# Idioms written with numerals. The free ones are idioms only where no numeral runs into them: 三万一 is 31000.
_ZH_FREE_IDIOM: Final = re.compile(
    r"万一(?!千(?!万|方)|[块元])|万分(?!期|之)|千万(?=别|不|要|得|记|给|注意|莫|勿|请|一定|保|小心|帮)|万万(?=不|没|想)"
)
_ZH_IDIOM: Final = re.compile(
    r"[百千万]分之[零〇一二两三四五六七八九十百千万亿点\d.]+|百分百|不怕一万"
    r"|一(?:定|直|起|样|般|些|共|旦|边|切|律|并|会|次性|下(?![个周月午]))"
    r"|(?<=[千万][一二两三四五六七八九])一次"
)
# 两千万一不行: so large a sum is not spoken of; what is meant is 两千, and then "in case".
_ZH_SUM_THEN_IN_CASE: Final = re.compile(r"(?:[百千万]|\d{3,})(?=万一[^零〇一二两三四五六七八九十百千万亿块元多\n])")
_ZH_NUMERALS: Final = frozenset("".join([*ZH_DIGITS, *ZH_UNITS, *ZH_BIG]) + "0123456789几数")

EN_ONES: Final[dict[str, int]] = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
EN_TENS: Final[dict[str, int]] = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
EN_ORDINALS: Final[dict[str, int]] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_EN_SCALES: Final[dict[str, int]] = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number found at the half-open range [start, end) of a normalised text."""

    start: int
    end: int
    value: Decimal
    ordinal: bool = False


def parse_zh(text: str) -> Decimal | None:
    """Value of one Chinese or Arabic numeral, or None: 三千五 is 3500, 一万二 is 12000, 一千零五 is 1005."""
    if not text:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Decimal(text)
    if "点" in text:
        return _zh_decimal(text)
    if all(char in ZH_DIGITS for char in text):
        return Decimal("".join(str(ZH_DIGITS[char]) for char in text))
    return _zh_sections(text)


def _zh_decimal(text: str) -> Decimal | None:
    whole, _, rest = text.partition("点")
    unit = next((ZH_BIG.get(char) or ZH_UNITS.get(char) for char in rest if char in ZH_BIG or char in ZH_UNITS), None)
    digits = "".join(str(ZH_DIGITS[char]) for char in rest if char in ZH_DIGITS)
    base = parse_zh(whole)
    return None if base is None or not digits else (base + Decimal(f"0.{digits}")) * (unit or 1)


def _zh_sections(text: str) -> Decimal | None:
    total, section, current, last_unit = Decimal(0), Decimal(0), None, 1
    after_zero = False
    for token in re.findall(r"\d+(?:\.\d+)?|.", text):
        if token[0].isdigit():
            current = Decimal(token)
        elif token in ZH_DIGITS:
            after_zero = ZH_DIGITS[token] == 0
            if not after_zero or current is None:
                current = None if after_zero else Decimal(ZH_DIGITS[token])
        elif token in ZH_UNITS:
            last_unit = ZH_UNITS[token]
            section += (Decimal(1) if current is None else current) * last_unit
            current, after_zero = None, False
        elif token in ZH_BIG:
            last_unit = ZH_BIG[token]
            total = (
                (total + section + (current or 0)) * last_unit
                if last_unit > 10_000
                else total + ((section + (current or 0)) or 1) * last_unit
            )
            section, current, after_zero = Decimal(0), None, False
        else:
            return None
    if current is not None:
        # 三千五: a bare last digit counts the next lower unit, unless a zero was said before it.
        abbreviated = last_unit >= 100 and current < 10 and not _zero_before_last(text)
        section += current * (last_unit // 10 if abbreviated else 1)
    return total + section


def _zero_before_last(text: str) -> bool:
    return len(text) > 1 and text[-2] in "零〇"


def find_zh(text: str, breaks: Collection[int] = ()) -> list[Number]:
    """Every numeral of a normalised Chinese text, in order; those of idioms (万一, 百分之百) are none.

    `breaks` holds the positions before which punctuation stood: "两千，万一" is 2000 and then "in case".
    """
    found = []
    for match in ZH_NUMBER.finditer(_without_idioms(text, breaks)):
        value = parse_zh(match.group())
        if value is not None:
            found.append(Number(start=match.start(), end=match.end(), value=value))
    return found


def _without_idioms(text: str, breaks: Collection[int]) -> str:
    """The text, at its length, with line ends in place of the idioms written with numerals."""
    text = _ZH_IDIOM.sub(_blank, text)
    after_sum = {match.end() for match in _ZH_SUM_THEN_IN_CASE.finditer(text)}

    def free(match: re.Match[str]) -> str:
        start = match.start()
        idiom = start == 0 or start in breaks or start in after_sum or text[start - 1] not in _ZH_NUMERALS
        return _blank(match) if idiom else match.group()

    return _ZH_FREE_IDIOM.sub(free, text)


def _blank(match: re.Match[str]) -> str:
    return "\n" * len(match.group())


def find_en(text: str) -> list[Number]:
    """Every number of a normalised English text (digits, words, ordinals), in order."""
    words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    found: list[Number] = []
    index = 0
    while index < len(words):
        digits = re.fullmatch(r"[$£€]?(\d[\d,]*(?:\.\d+)?)(st|nd|rd|th)?(k)?", words[index][0])
        if digits:
            value = Decimal(digits[1].replace(",", "")) * (1000 if digits[3] else 1)
            end = index + 1
            if end < len(words) and words[end][0] in _EN_SCALES and not digits[2]:
                value *= _EN_SCALES[words[end][0]]
                end += 1
            found.append(
                Number(start=words[index][1], end=words[end - 1][2], value=value, ordinal=digits[2] is not None)
            )
            index = end
            continue
        number, index = _en_words(words, index)
        if number:
            found.append(number)
    return found


def _en_words(words: list[tuple[str, int, int]], index: int) -> tuple[Number | None, int]:
    """Reads one number in words starting at `index`; answers the number and where to go on."""
    start, total, current, seen, ordinal = index, 0, 0, False, False
    while index < len(words):
        word = words[index][0]
        if word in EN_ONES:
            value = EN_ONES[word]
            if seen and current % 100 and not (current % 100 >= 20 and current % 10 == 0 and 0 < value < 10):
                break
            current = current + value if not seen or current else value
        elif word in EN_TENS:
            if 0 < current < 20 and total == 0:
                current = current * 100 + EN_TENS[word]  # "two fifty" is 250, "twelve fifty" is 1250
            elif current % 100:
                break
            else:
                current += EN_TENS[word]
        elif word in EN_ORDINALS:
            if seen and not (current % 100 >= 20 and current % 10 == 0 and EN_ORDINALS[word] < 10):
                break
            current, ordinal, seen, index = current + EN_ORDINALS[word], True, True, index + 1
            break
        elif word == "hundred" and (seen or _article_before(words, index)):
            current = (current or 1) * 100
        elif word in _EN_SCALES and word != "hundred" and (seen or _article_before(words, index)):
            total, current = total + (current or 1) * _EN_SCALES[word], 0
        elif not (word == "and" and seen and _continues(words, index)):
            break
        seen, index = True, index + 1
    if not seen:
        return None, start + 1
    return (
        Number(start=words[start][1], end=words[index - 1][2], value=Decimal(total + current), ordinal=ordinal),
        index,
    )


def _article_before(words: list[tuple[str, int, int]], index: int) -> bool:
    return index > 0 and words[index - 1][0] in {"a", "couple", "few"}


def _continues(words: list[tuple[str, int, int]], index: int) -> bool:
    follows = words[index + 1][0] if index + 1 < len(words) else ""
    return words[index - 1][0] in {"hundred", "thousand"} and (follows in EN_ONES or follows in EN_TENS)
