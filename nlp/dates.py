"""Finds the days named in a normalised text, Chinese and English, and resolves them against the day of the call."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from nlp import calendar
from nlp.calendar import NamedDay
from nlp.numerals import EN_ONES, EN_ORDINALS, EN_TENS, parse_zh

Resolver = Callable[[re.Match[str], date], date | None]

_N: Final = r"[0-9一二两三四五六七八九十廿]{1,4}"
_ZH_WEEKDAY: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "1": 0, "2": 1, "3": 2,
                      "4": 3, "5": 4, "6": 5}  # fmt: skip
_WEEK: Final = r"(?:周|星期|礼拜)"


def _int(text: str) -> int:
    value = parse_zh(text.replace("廿", "二十"))
    return int(value) if value is not None else 0


def _days(count: int) -> Resolver:
    return lambda _match, ref: ref + timedelta(days=count)


def _zh_week(match: re.Match[str], ref: date) -> date | None:
    prefix, weekday = match["prefix"] or "", _ZH_WEEKDAY[match["day"]]
    if prefix.startswith("下"):
        return calendar.weekday_in_week(ref, weekday, prefix.count("下"))
    if prefix:
        return calendar.weekday_in_week(ref, weekday, 0)
    return calendar.next_weekday(ref, weekday)


def _zh_month_day(match: re.Match[str], ref: date) -> date | None:
    day = _int(match["day"])
    month = match["month"]
    if month is None:
        return calendar.day_of_month(ref, day)
    if month.startswith("下"):
        return calendar.day_in_month(ref, month.count("下"), day)
    if month[0] in "这本当":
        return calendar.day_in_month(ref, 0, day)
    return calendar.month_and_day(ref, _int(month.removesuffix("月")), day)


def _zh_within(match: re.Match[str], ref: date) -> date | None:
    count, unit = match["count"], match["unit"]
    half = count == "半"
    number = 0 if half else _int(count)
    if unit.endswith("天") or unit.endswith("日"):
        return None if half else ref + timedelta(days=number)
    if unit.endswith(("周", "星期", "礼拜")):
        return None if half else ref + timedelta(days=7 * number)
    return ref + timedelta(days=15) if half else calendar.plus_months(ref, number)


def _zh_month_end(match: re.Match[str], ref: date) -> date | None:
    return calendar.month_end(ref, (match["month"] or "").count("下"))


_ZH: Final[tuple[tuple[re.Pattern[str], Resolver], ...]] = (
    (re.compile(r"大后天"), _days(3)),
    (re.compile(r"后天|后日|后儿"), _days(2)),
    (re.compile(r"明天|明日|明儿个?|明早|明晚|明儿"), _days(1)),
    (re.compile(r"今天|今日|今晚|今儿个?|当天|下午|马上就?[还转付]|现在就?[还转付]|等会儿?就?[还转付]|待会儿?就?[还转付]|这就[还转付]"), _days(0)),
    (re.compile(rf"(?P<prefix>下下个?|下个?|这个?|本)?{_WEEK}(?P<day>[一二三四五六日天1-6])(?!天|个)"), _zh_week),
    (re.compile(r"(?P<month>下下个?月|下个?月|这个?月|本月|当月)?(?:的)?月?(?:底|末)(?=$|[^下])"), _zh_month_end),
    (re.compile(r"(?P<month>下下个?月|下个?月|这个?月|本月)?最后一天"), _zh_month_end),
    (re.compile(
        rf"(?P<month>下下个?月|下个?月|这个?月|本月|当月|(?:{_N})月)?(?:份|的|开始每个?月|起每个?月|每个?月)?(?P<day>{_N})(?:号|日)(?!线|楼|院|门|店)"
    ), _zh_month_day),
    (re.compile(rf"(?P<month>{_N}月)份?(?P<day>[0-9]{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?![0-9百千万])"), _zh_month_day),
    (re.compile(
        rf"(?P<count>{_N}|半)(?P<unit>个?(?:工作)?[天日]|个?(?:周|星期|礼拜)|个?月)(?:之内|以内|内|之后|以后|后|里|的时间|左右|给你|就还|我就)"
    ), _zh_within),
    (re.compile(rf"(?:再给我|再等|过|再过|宽限)(?P<count>{_N}|半)(?P<unit>[天日]|个?(?:周|星期|礼拜)|个?月)"), _zh_within),
    (re.compile(r"年三十|大年夜|除夕|年三十儿|大年三十"), lambda _m, ref: calendar.lunar_new_year_eve(ref)),
    (re.compile(r"大年初一|春节|正月初一"), lambda _m, ref: calendar.next_of(ref, calendar.LUNAR_NEW_YEAR)),
    (re.compile(r"中秋"), lambda _m, ref: calendar.next_of(ref, calendar.MID_AUTUMN)),
    (re.compile(r"元旦"), lambda _m, ref: calendar.month_and_day(ref, 1, 1)),
    (re.compile(r"五一(?:节|之前|前|假)?"), lambda _m, ref: calendar.month_and_day(ref, 5, 1)),
    (re.compile(r"国庆|十一(?:假期|之前|前|长假)"), lambda _m, ref: calendar.month_and_day(ref, 10, 1)),
)  # fmt: skip

_EN_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday mondays mon", "tuesday tuesdays tues", "wednesday wednesdays wed", "thursday thursdays thurs",
         "friday fridays fri", "saturday saturdays", "sunday sundays")
    )
    for name in names.split()
}  # fmt: skip
_EN_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march", "april apr", "may", "june", "july", "august aug", "september sept",
         "october oct", "november nov", "december dec"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_WD: Final = "|".join(sorted(_EN_WEEKDAYS, key=len, reverse=True))
_MO: Final = "|".join(sorted(_EN_MONTHS, key=len, reverse=True))
_ORD: Final = (
    r"\d{1,2}(?:st|nd|rd|th)|(?:twenty |thirty )?(?:" + "|".join(sorted(EN_ORDINALS, key=len, reverse=True)) + ")"
)
_CARD: Final = (
    r"\d{1,3}|(?:(?:" + "|".join(EN_TENS) + ") )?(?:" + "|".join(sorted(EN_ONES, key=len, reverse=True)) + ")|"
    + "|".join(EN_TENS) + r"|an?|a couple(?: of)?|couple(?: of)?"
)  # fmt: skip


def _ordinal(text: str) -> int:
    digits = re.match(r"\d+", text)
    if digits:
        return int(digits.group())
    return sum(EN_TENS.get(word, 0) + EN_ORDINALS.get(word, 0) + EN_ONES.get(word, 0) for word in text.split())


def _count(text: str) -> int:
    if text.startswith(("a couple", "couple")):
        return 2
    return 1 if text in {"a", "an"} else _ordinal(text)


def _en_week(match: re.Match[str], ref: date) -> date | None:
    weekday = _EN_WEEKDAYS[match["day"]]
    prefix = match["prefix"] or ""
    if prefix.startswith("week from"):
        return calendar.next_weekday(ref, weekday) + timedelta(days=7)
    if prefix.startswith("next"):
        return calendar.weekday_in_week(ref, weekday, 1)
    if prefix.strip() == "this":
        return calendar.weekday_in_week(ref, weekday, 0)
    return calendar.next_weekday(ref, weekday)


def _en_within(match: re.Match[str], ref: date) -> date | None:
    number, unit = _count(match["count"]), match["unit"]
    if unit.startswith("day"):
        return ref + timedelta(days=number)
    if unit.startswith("week"):
        return ref + timedelta(days=7 * number)
    return calendar.plus_months(ref, number)


def _en_month_day(match: re.Match[str], ref: date) -> date | None:
    return calendar.month_and_day(ref, _EN_MONTHS[match["month"]], _ordinal(match["day"]))


_EN: Final[tuple[tuple[re.Pattern[str], Resolver], ...]] = (
    (re.compile(r"\b(?:the )?day after tomorrow\b"), _days(2)),
    (re.compile(r"\btomorrow\b"), _days(1)),
    (re.compile(r"\b(?:today|tonight|right now|this (?:afternoon|evening|morning)|end of (?:the )?day|right away)\b"), _days(0)),
    (re.compile(rf"\b(?P<prefix>next week |next |this coming |this |coming |week from )?(?P<day>{_WD})(?P<nextweek> next week)?\b"), _en_week),
    (re.compile(r"\b(?:end of (?:the |this )?month|month end|last day of (?:the |this )?month|end of this month)\b"), lambda _m, ref: calendar.month_end(ref)),
    (re.compile(r"\b(?:end|last day) of next month\b"), lambda _m, ref: calendar.month_end(ref, 1)),
    (re.compile(rf"\b(?P<day>{_ORD}) of next month\b"), lambda m, ref: calendar.day_in_month(ref, 1, _ordinal(m["day"]))),
    (re.compile(rf"\bnext month on the (?P<day>{_ORD})\b"), lambda m, ref: calendar.day_in_month(ref, 1, _ordinal(m["day"]))),
    (re.compile(rf"\b(?P<day>{_ORD}) of (?P<month>{_MO})\b"), _en_month_day),
    (re.compile(rf"\b(?P<month>{_MO}) (?:the )?(?P<day>{_ORD}|\d{{1,2}}(?![\d,]))\b"), _en_month_day),
    (re.compile(r"\b(?:the )?first of the month\b"), lambda _m, ref: calendar.day_of_month(ref, 1)),
    (re.compile(rf"\b(?:on |by |before |until |around |about |to |that is |is )?the (?P<day>{_ORD})(?! (?:time|payment|call|one|of the month|half|part|thing|place|person|week|step|installment|bill|letter|month)\b)"), lambda m, ref: calendar.day_of_month(ref, _ordinal(m["day"]))),
    (re.compile(r"\b(?P<day>\d{1,2}(?:st|nd|rd|th))\b"), lambda m, ref: calendar.day_of_month(ref, _ordinal(m["day"]))),
    (re.compile(rf"\b(?:in|within|give me|next|for|another|the next) (?P<count>{_CARD}) (?:business )?(?P<unit>days?|weeks?|months?)\b"), _en_within),
    (re.compile(rf"\b(?P<count>{_CARD}) (?P<unit>days?|weeks?|months?) from (?:now|today)\b"), _en_within),
    (re.compile(r"\bchristmas eve\b"), lambda _m, ref: calendar.month_and_day(ref, 12, 24)),
    (re.compile(r"\bchristmas\b"), lambda _m, ref: calendar.month_and_day(ref, 12, 25)),
    (re.compile(r"\bnew year(?:s|'s)? eve\b"), lambda _m, ref: calendar.month_and_day(ref, 12, 31)),
    (re.compile(r"\bnew years?(?: day)?\b"), lambda _m, ref: calendar.month_and_day(ref, 1, 1)),
    (re.compile(r"\b(?:fourth of july|july fourth|july 4th)\b"), lambda _m, ref: calendar.month_and_day(ref, 7, 4)),
)  # fmt: skip


def find_days(text: str, lang: str, reference: date) -> list[NamedDay]:
    """Days named in a normalised text, in order of place; of two that overlap the longer is kept."""
    found: list[NamedDay] = []
    for pattern, resolve in _ZH if lang == "zh" else _EN:
        for match in pattern.finditer(text):
            if match.group():
                found.append(NamedDay(start=match.start(), end=match.end(), day=resolve(match, reference)))
    chosen: list[NamedDay] = []
    for day in sorted(found, key=lambda item: (item.start - item.end, item.start)):
        if all(day.end <= other.start or other.end <= day.start for other in chosen):
            chosen.append(day)
    return sorted(chosen, key=lambda item: item.start)
