"""Digits in English text, written out the way they are said."""

from __future__ import annotations

import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_IRREGULAR |= {"twelve": "twelfth"}


def number(value: int) -> str:
    """A cardinal number in words, without "and": 2150 is two thousand one hundred fifty."""
    for scale, name in _SCALES:
        if value >= scale:
            rest = value % scale
            return f"{number(value // scale)} {name}" + (f" {number(rest)}" if rest else "")
    if value < 20:
        return _ONES[value]
    return _TENS[value // 10] + (f" {_ONES[value % 10]}" if value % 10 else "")


def ordinal(value: int) -> str:
    """An ordinal in words: 21 is twenty first."""
    *head, last = number(value).split()
    last = _IRREGULAR[last] if last in _IRREGULAR else f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*head, last])


def year(value: int) -> str:
    """A year in words: 2025 is twenty twenty five, 2005 is two thousand five."""
    high, low = divmod(value, 100)
    if value // 10 % 100 == 0 or low == 0:
        return number(value)
    return f"{number(high)} {'oh ' if low < 10 else ''}{number(low)}"


def spell_digits(digits: str) -> str:
    """Digit by digit, as telephone and account numbers are read."""
    return " ".join(_ONES[int(digit)] for digit in digits)


def _money(match: re.Match[str]) -> str:
    whole, _, cents = match.group(1).replace(",", "").partition(".")
    spoken = f"{number(int(whole))} {'dollar' if int(whole) == 1 else 'dollars'}"
    if cents and int(cents):
        spoken += f" and {number(int(cents.ljust(2, '0')))} cents"
    return spoken


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(2))
    if minutes == 0:
        return number(hours)
    return f"{number(hours)} {'oh ' if minutes < 10 else ''}{number(minutes)}"


def _plain(match: re.Match[str]) -> str:
    whole, _, fraction = match.group(0).replace(",", "").partition(".")
    if fraction:
        return f"{number(int(whole))} point {spell_digits(fraction)}"
    if (len(whole) > 4 and "," not in match.group(0)) or whole.startswith("0"):
        return spell_digits(whole)
    return year(int(whole)) if len(whole) == 4 and whole[:2] in ("19", "20") else number(int(whole))


def write_out(text: str) -> str:
    """Every digit of an English text written out in words: money, clock times, ordinals, percentages, numbers."""
    text = re.sub(r"\$\s*(\d+(?:,\d{3})*(?:\.\d{1,2})?)", _money, text)
    text = re.sub(r"(\d{1,2}):(\d{2})", _clock, text)
    text = re.sub(r"(\d+)\s*%", lambda m: f"{number(int(m[1]))} percent", text)
    text = re.sub(r"(\d+)(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1])), text)
    text = re.sub(r"\d{3}-(?:\d{3}-)?\d{4}", lambda m: spell_digits(m[0].replace("-", "")), text)
    return re.sub(r"\d+(?:,\d{3})*(?:\.\d+)?", _plain, text)
