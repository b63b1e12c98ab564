"""Things named in speech: sums, days, telephone and card numbers, names. Numbers may be spoken digit by digit."""

import re
from datetime import date
from typing import Final

import phonenumbers

from nlp.analysis import Entity
from nlp.dates import find_days
from nlp.normalize import View
from nlp.numerals import EN_ONES, ZH_DIGITS
from nlp.promise import CURRENCY, money

_NO_DAY: Final = date(2025, 1, 1)
_ZH_DIGIT_RUN: Final = re.compile(r"[0-9零〇一幺二两三四五六七八九]{4,}x?")
_EN_DIGIT_WORD: Final = {**{word: str(value) for word, value in EN_ONES.items() if value < 10}, "oh": "0", "o": "0"}
_EN_DIGIT_RUN: Final = re.compile(
    r"(?:(?:\d+|double|triple|" + "|".join(_EN_DIGIT_WORD) + r")(?: |$)){3,}|\d{4,}"
)  # fmt: skip
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK: Final = "10X98765432"
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_ZH_NAME: Final = re.compile(
    r"(?:我叫|我是|名叫|姓名是|本人叫|名字叫|名字是|请问是|请问您是|您是|你是)"
    rf"([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=先生|女士|小姐|本人|吗|吧|$|[,.!?，。！？])"
    rf"|([{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?=先生|女士|小姐)"
)
_EN_NAME: Final = re.compile(
    r"(?:[Mm]y name is|[Nn]ame's|[Tt]his is|[Mm]r\.?|[Mm]rs\.?|[Mm]s\.?|[Mm]iss|[Ss]peak (?:to|with)|[Ll]ooking for)\s+"
    r"((?:[A-Z][a-z]+)(?:\s+[A-Z][a-z]+)?)"
)
_NOT_NAMES: Final = frozenset({"Monday", "Friday", "The", "This", "Your", "An", "Important"})


def entities(view: View) -> tuple[Entity, ...]:
    """Entities of a view in order of place; of two that overlap, personal data wins over days and sums."""
    found = [*_emails(view), *_numbers(view), *_names(view), *_days(view), *_money(view)]
    chosen: list[Entity] = []
    for entity in found:
        if all(entity.span[1] <= other.span[0] or other.span[1] <= entity.span[0] for other in chosen):
            chosen.append(entity)
    return tuple(sorted(chosen, key=lambda entity: entity.span))


def _emails(view: View) -> list[Entity]:
    return [
        Entity(kind="email", span=match.span(), value=match.group().lower()) for match in _EMAIL.finditer(view.source)
    ]


def _numbers(view: View) -> list[Entity]:
    """Telephone, identity card and bank card numbers; a run that is none of them but follows a cue is a card tail."""
    found = []
    for start, end, digits in _digit_runs(view):
        kind = _number_kind(digits, view.lang, view.text[max(0, start - 16) : start])
        if kind:
            found.append(Entity(kind=kind, span=view.span(start, end), value=_canonical(kind, digits, view.lang)))
    return found


def _digit_runs(view: View) -> list[tuple[int, int, str]]:
    runs = []
    for match in (_ZH_DIGIT_RUN if view.lang == "zh" else _EN_DIGIT_RUN).finditer(view.text):
        text = match.group().rstrip()
        if view.lang == "zh":
            digits = "".join(str(ZH_DIGITS.get(char, char)) for char in text).upper()
        else:
            digits = _spoken_digits(text.split())
        runs.append((match.start(), match.start() + len(text), digits))
    return runs


def _spoken_digits(words: list[str]) -> str:
    digits, times = "", 1
    for word in words:
        if word in {"double", "triple"}:
            times = 2 if word == "double" else 3
            continue
        digits += (_EN_DIGIT_WORD.get(word, word)) * times
        times = 1
    return digits


def _number_kind(digits: str, lang: str, before: str) -> str | None:
    if len(digits) == 18 and valid_id_card(digits):
        return "id-card"
    if not digits.isdigit():
        return None
    if is_phone(digits, lang):
        return "phone"
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "bank-card"
    tail = len(digits) == 4 and re.search(r"尾号|后四位|末四位|last four|ending in|ends in|last 4", before)
    if tail:
        return "id-card" if re.search(r"身份证|social", before) else "bank-card"
    if len(digits) >= 15 and re.search(r"卡号|账号|账户|card|account", before):
        return "bank-card"
    return "id-card" if len(digits) in {9, 15, 18} and re.search(r"身份证|social|ssn", before) else None


def _canonical(kind: str, digits: str, lang: str) -> str:
    if kind != "phone":
        return digits
    number = phonenumbers.parse(digits, "CN" if lang == "zh" else "US")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_phone(digits: str, lang: str) -> bool:
    """Whether the digits are a telephone number of the language's home country (a mobile or area-coded line)."""
    if not 10 <= len(digits) <= 13:
        return False
    if lang == "zh" and re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits):
        return True  # mobile blocks are opened faster than number plans are published
    try:
        number = phonenumbers.parse(digits, "CN" if lang == "zh" else "US")
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number)) and (
        bool(phonenumbers.is_valid_number(number)) or lang == "en"
    )


def valid_id_card(digits: str) -> bool:
    """Check digit of an eighteen-place resident identity number (GB 11643-1999)."""
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return _ID_CHECK[total % 11] == digits[17].upper()


def luhn(digits: str) -> bool:
    """Check digit of a card number (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _names(view: View) -> list[Entity]:
    if view.lang == "zh":
        return [
            Entity(kind="name", span=match.span(1 if match[1] else 2), value=match[1] or match[2])
            for match in _ZH_NAME.finditer(view.source)
        ]
    return [
        Entity(kind="name", span=match.span(1), value=match[1])
        for match in _EN_NAME.finditer(view.source)
        if match[1].split()[0] not in _NOT_NAMES
    ]


def _days(view: View) -> list[Entity]:
    return [
        Entity(kind="date", span=view.span(day.start, day.end), value=view.text[day.start : day.end].strip())
        for day in find_days(view.text, view.lang, _NO_DAY)
    ]


def _money(view: View) -> list[Entity]:
    return [
        Entity(
            kind="money",
            span=view.span(number.start, number.end),
            value=f"{number.value.normalize():f} {CURRENCY[view.lang]}",
        )
        for number in money(view)
    ]
