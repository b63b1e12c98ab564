"""Digits in Chinese text, written out the way they are said."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_MEASURES = "千百万亿元块个天次期年月岁号条份遍位人分秒倍折"
_LIANG_AFTER = "块元个天次期年月岁条份遍位人倍"


def spell_digits(digits: str, telephone: bool = False) -> str:
    """Digit by digit; in telephone and card numbers one is said yao."""
    spelled = "".join(_DIGITS[int(digit)] for digit in digits)
    return spelled.replace("一", "幺") if telephone else spelled


def _group(value: int) -> str:
    """0..9999 without the leading zero handling between groups."""
    text = ""
    gap = False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[power]
            gap = False
        else:
            gap = True
    return text


def number(value: int) -> str:
    """A cardinal number as spoken: 2000 is 两千, 12 is 十二, 10050 is 一万零五十."""
    if value == 0:
        return "零"
    groups = []
    rest = value
    while rest:
        groups.append(rest % 10_000)
        rest //= 10_000
    text = ""
    for index in range(len(groups) - 1, -1, -1):
        if not groups[index]:
            continue
        if text and groups[index] < 1000:
            text += "零"
        text += _group(groups[index]) + _GROUPS[index]
    text = re.sub("^一十", "十", text)
    return re.sub("二(?=[千万亿])", "两", text)


def _cardinal(digits: str, following: str) -> str:
    whole, _, fraction = digits.replace(",", "").partition(".")
    if not fraction:
        spoken = number(int(whole))
        return "两" if spoken == "二" and following[:1] and following[0] in _LIANG_AFTER else spoken
    return f"{number(int(whole))}点{spell_digits(fraction)}"


def _money(match: re.Match[str]) -> str:
    digits, unit = match.group(1).replace(",", ""), match.group(2)
    whole, _, cents = digits.partition(".")
    spoken = ("两" if whole == "2" else number(int(whole))) + unit
    if cents and int(cents):
        jiao, fen = int(cents.ljust(2, "0")[0]), int(cents.ljust(2, "0")[1])
        spoken += (f"{_DIGITS[jiao]}角" if jiao else "零") + (f"{_DIGITS[fen]}分" if fen else "")
    return spoken


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(2))
    hour = "两" if hours == 2 else number(hours)
    if minutes == 0:
        return f"{hour}点"
    return f"{hour}点{'零' if minutes < 10 else ''}{number(minutes)}分"


def write_out(text: str) -> str:
    """Every digit of a Chinese text written out: money, dates, clock times, percentages, identifiers, numbers."""
    text = re.sub(r"[¥￥]\s*(\d[\d,]*(?:\.\d+)?)\s*元?", r"\1元", text)
    text = re.sub(
        r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})",
        lambda m: f"{spell_digits(m[1])}年{number(int(m[2]))}月{number(int(m[3]))}日",
        text,
    )
    text = re.sub(r"(\d{4})(?=年)", lambda m: spell_digits(m[1]), text)
    text = re.sub(r"(\d{1,2})[:：](\d{2})", _clock, text)
    text = re.sub(r"(\d[\d,]*(?:\.\d{1,2})?)\s*(元|块)", _money, text)
    text = re.sub(r"(\d+(?:\.\d+)?)\s*[%％]", lambda m: "百分之" + _cardinal(m[1], ""), text)
    text = re.sub(r"(?<![\d.])2(?=点)", "两", text)
    text = re.sub(r"\d{5,}(?![万亿千百\d.,])", lambda m: spell_digits(m[0], telephone=True), text)
    text = re.sub(r"(?<=[尾后号码])(\d{3,4})(?!\d|[元块天期])", lambda m: spell_digits(m[1], telephone=True), text)
    return re.sub(r"\d[\d,]*(?:\.\d+)?", lambda m: _cardinal(m[0].rstrip(","), text[m.end() :]), text)
