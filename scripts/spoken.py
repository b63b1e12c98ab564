"""Numbers, money, days and clock times as they are said aloud in Chinese and English. Pure; no fact is looked up here.

English year words cover 1100 to 2099, whole numbers stay below 10**12: callers check before.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

_ZH_DIGITS = "零一二三四五六七八九"
_EN_SMALL = [
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
_EN_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_EN_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

# Unit words by currency: Chinese main unit; English singular, plural and hundredth (singular, plural).
_ZH_UNITS = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "HKD": "港元", "INR": "卢比"}
_EN_UNITS = {
    "CNY": ("yuan", "yuan", "fen", "fen"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "INR": ("rupee", "rupees", "paisa", "paise"),
}
CURRENCIES = tuple(_ZH_UNITS)


def number_zh(value: int) -> str:
    """2000 is 两千, 12 is 十二, 10050 is 一万零五十."""
    if value == 0:
        return "零"
    groups = [value // 10_000**power % 10_000 for power in (2, 1, 0)]
    text = ""
    for group, unit in zip(groups, ("亿", "万", ""), strict=True):
        if group:
            text += ("零" if text and group < 1000 else "") + _group_zh(group) + unit
    text = re.sub("^一十", "十", text)
    return re.sub("二(?=[千万亿])", "两", text)


def _group_zh(value: int) -> str:
    text, gap = "", False
    for power, unit in ((3, "千"), (2, "百"), (1, "十"), (0, "")):
        digit = value // 10**power % 10
        if digit:
            text += ("零" if gap and text else "") + _ZH_DIGITS[digit] + unit
        gap = not digit
    return text


def count_zh(value: int) -> str:
    """A number before a measure word: two is 两."""
    return "两" if value == 2 else number_zh(value)


def number_en(value: int) -> str:
    """2026 is two thousand twenty-six."""
    if value < 0:
        raise ValueError("only whole numbers from zero on")
    if value < 20:
        return _EN_SMALL[value]
    if value < 100:
        return _EN_TENS[value // 10] + (f"-{_EN_SMALL[value % 10]}" if value % 10 else "")
    scales = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
    size, name = next(scale for scale in scales if value >= scale[0])
    rest = f" {number_en(value % size)}" if value % size else ""
    return f"{number_en(value // size)} {name}{rest}"


def ordinal_en(value: int) -> str:
    """5 is fifth, 21 is twenty-first."""
    head, dash, last = number_en(value).rpartition("-")
    last = _EN_ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return head + dash + last


def _year_en(year: int) -> str:
    if year % 1000 < 10:
        return number_en(year)
    last = f"oh {_EN_SMALL[year % 100]}" if 0 < year % 100 < 10 else number_en(year % 100) if year % 100 else "hundred"
    return f"{number_en(year // 100)} {last}"


def digits_spoken(digits: str, lang: str) -> str:
    """Digit by digit. In Chinese telephone numbers one is 幺."""
    if lang == "zh":
        return "".join("幺" if digit == "1" else _ZH_DIGITS[int(digit)] for digit in digits)
    return " ".join(_EN_SMALL[int(digit)] for digit in digits)


def money_spoken(amount: Decimal, currency: str, lang: str) -> str:
    """1250.50 CNY is 一千二百五十元五角; 200 USD is two hundred dollars. `currency` is one of CURRENCIES."""
    whole, hundredths = divmod(int(amount * 100), 100)
    return _money_zh(whole, hundredths, currency) if lang == "zh" else _money_en(whole, hundredths, currency)


def _money_zh(whole: int, hundredths: int, currency: str) -> str:
    unit = _ZH_UNITS[currency]
    if currency != "CNY":
        cents = f"点{_ZH_DIGITS[hundredths // 10]}{_ZH_DIGITS[hundredths % 10]}" if hundredths else ""
        return f"{number_zh(whole) if cents else count_zh(whole)}{cents}{unit}"
    jiao, fen = divmod(hundredths, 10)
    text = f"{count_zh(whole)}{unit}" if whole or not hundredths else ""
    if jiao:
        text += f"{_ZH_DIGITS[jiao]}角"
    elif fen and text:
        text += "零"
    return text + (f"{_ZH_DIGITS[fen]}分" if fen else "")


def _money_en(whole: int, hundredths: int, currency: str) -> str:
    one, many, cent, cents = _EN_UNITS[currency]
    parts = []
    if whole or not hundredths:
        parts.append(f"{number_en(whole)} {one if whole == 1 else many}")
    if hundredths:
        parts.append(f"{number_en(hundredths)} {cent if hundredths == 1 else cents}")
    return " and ".join(parts)


def day_spoken(day: date, lang: str, *, with_year: bool) -> str:
    """六月五号; June fifth. With the year where it is not plain from the conversation."""
    if lang == "zh":
        year = "".join(_ZH_DIGITS[int(digit)] for digit in str(day.year)) + "年" if with_year else ""
        return f"{year}{number_zh(day.month)}月{number_zh(day.day)}号"
    year = f", {_year_en(day.year)}" if with_year else ""
    return f"{_EN_MONTHS[day.month - 1]} {ordinal_en(day.day)}{year}"


def time_spoken(moment: datetime, lang: str, *, with_year: bool) -> str:
    """六月十一号下午三点半; on June eleventh at three thirty in the afternoon. The zone is not said."""
    hour, minute = moment.hour, moment.minute
    day = day_spoken(moment.date(), lang, with_year=with_year)
    clock = 12 if hour in (0, 12) else hour % 12
    if lang == "zh":
        part = (
            "凌晨" if hour < 6 else "上午" if hour < 12 else "中午" if hour == 12 else "下午" if hour < 18 else "晚上"
        )
        rest = "半" if minute == 30 else "" if not minute else ("零" if minute < 10 else "") + f"{number_zh(minute)}分"
        return f"{day}{part}{count_zh(clock)}点{rest}"
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    rest = "" if not minute else f" oh {number_en(minute)}" if minute < 10 else f" {number_en(minute)}"
    return f"on {day} at {number_en(clock)}{rest} {part}"
