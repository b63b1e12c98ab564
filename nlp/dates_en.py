"""Days as they are named in English speech, each form with its meaning."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from nlp import calendar
from nlp.numerals import EN_ONES, EN_ORDINALS, EN_TENS

Resolver = Callable[[re.Match[str], date], date | None]

_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday mondays mon", "tuesday tuesdays tues", "wednesday wednesdays wed", "thursday thursdays thurs",
         "friday fridays fri", "saturday saturdays", "sunday sundays")
    )
    for name in names.split()
}  # fmt: skip
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march", "april apr", "may", "june", "july", "august aug", "september sept",
         "october oct", "november nov", "december dec"), start=1,
    )
    for name in names.split()
}  # fmt: skip


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_ORDINAL: Final = rf"\d{{1,2}}(?:st|nd|rd|th)|(?:twenty |thirty )?(?:{_any(EN_ORDINALS)})"
_CARDINAL: Final = (
    rf"\d{{1,3}}|(?:(?:{_any(EN_TENS)}) )?(?:{_any(EN_ONES)})|{_any(EN_TENS)}|an?|a couple(?: of)?|couple(?: of)?"
)
# "the first payment" names no day.
_NO_DAY_AFTER: Final = (
    "time|payment|call|one|of the month|half|part|thing|place|person|week|step|installment|bill|letter|month"
)


def _ordinal(text: str) -> int:
    digits = re.match(r"\d+", text)
    if digits:
        return int(digits.group())
    return sum(EN_TENS.get(word, 0) + EN_ORDINALS.get(word, 0) + EN_ONES.get(word, 0) for word in text.split())


def _count(text: str) -> int:
    if text.startswith(("a couple", "couple")):
        return 2
    return 1 if text in {"a", "an"} else _ordinal(text)


def _days(count: int) -> Resolver:
    return lambda _match, reference: reference + timedelta(days=count)


def _fixed(month: int, day: int) -> Resolver:
    return lambda _match, reference: calendar.month_and_day(reference, month, day)


def _week(match: re.Match[str], reference: date) -> date | None:
    weekday, prefix = _WEEKDAYS[match["day"]], match["prefix"] or ""
    if prefix.startswith("week from"):
        return calendar.next_weekday(reference, weekday) + timedelta(days=7)
    if prefix.startswith("next") or match["later"]:
        return calendar.weekday_in_week(reference, weekday, 1)
    if prefix.strip() == "this":
        return calendar.weekday_in_week(reference, weekday, 0)
    return calendar.next_weekday(reference, weekday)


def _within(match: re.Match[str], reference: date) -> date | None:
    number, unit = _count(match["count"]), match["unit"]
    if unit.startswith("day"):
        return reference + timedelta(days=number)
    if unit.startswith("week"):
        return reference + timedelta(days=7 * number)
    return calendar.plus_months(reference, number)


def _month_day(match: re.Match[str], reference: date) -> date | None:
    return calendar.month_and_day(reference, _MONTHS[match["month"]], _ordinal(match["day"]))


def _next_month_day(match: re.Match[str], reference: date) -> date | None:
    return calendar.day_in_month(reference, 1, _ordinal(match["day"]))


def _day_of_month(match: re.Match[str], reference: date) -> date | None:
    return calendar.day_of_month(reference, _ordinal(match["day"]))


FORMS: Final[tuple[tuple[str, Resolver], ...]] = (
    (r"\b(?:the )?day after tomorrow\b", _days(2)),
    (r"\btomorrow\b", _days(1)),
    (r"\b(?:today|tonight|right now|right away|this (?:afternoon|evening|morning)|end of (?:the )?day)\b", _days(0)),
    (
        (
            r"\b(?P<prefix>next week |next |this coming |this |coming |week from )?"
            rf"(?P<day>{_any(_WEEKDAYS)})(?P<later> next week)?\b"
        ),
        _week,
    ),
    (
        r"\b(?:end of (?:the |this )?month|month end|last day of (?:the |this )?month)\b",
        lambda _match, reference: calendar.month_end(reference),
    ),
    (r"\b(?:end|last day) of next month\b", lambda _match, reference: calendar.month_end(reference, 1)),
    (rf"\b(?P<day>{_ORDINAL}) of next month\b", _next_month_day),
    (rf"\bnext month on the (?P<day>{_ORDINAL})\b", _next_month_day),
    (rf"\b(?P<day>{_ORDINAL}) of (?P<month>{_any(_MONTHS)})\b", _month_day),
    (rf"\b(?P<month>{_any(_MONTHS)}) (?:the )?(?P<day>{_ORDINAL}|\d{{1,2}}(?![\d,]))\b", _month_day),
    (r"\b(?:the )?first of the month\b", lambda _match, reference: calendar.day_of_month(reference, 1)),
    (
        (
            r"\b(?:on |by |before |until |around |about |to |that is |is )?"
            rf"the (?P<day>{_ORDINAL})(?! (?:{_NO_DAY_AFTER})\b)"
        ),
        _day_of_month,
    ),
    (r"\b(?P<day>\d{1,2}(?:st|nd|rd|th))\b", _day_of_month),
    (
        (
            r"\b(?:in|within|give me|next|for|another|the next) "
            rf"(?P<count>{_CARDINAL}) (?:business )?(?P<unit>days?|weeks?|months?)\b"
        ),
        _within,
    ),
    (rf"\b(?P<count>{_CARDINAL}) (?P<unit>days?|weeks?|months?) from (?:now|today)\b", _within),
    (r"\bchristmas eve\b", _fixed(12, 24)),
    (r"\bchristmas\b", _fixed(12, 25)),
    (r"\bnew years? eve\b", _fixed(12, 31)),
    (r"\bnew years?(?: day)?\b", _fixed(1, 1)),
    (r"\bfourth of july\b", _fixed(7, 4)),
)
