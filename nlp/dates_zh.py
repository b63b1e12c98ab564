"""Days as they are named in Chinese speech, each form with its meaning."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from nlp import calendar
from nlp.numerals import parse_zh

Resolver = Callable[[re.Match[str], date], date | None]

_N: Final = r"[0-9一二两三四五六七八九十廿]{1,4}"
_HALF: Final = r"半(?=个?月)"  # 半天 is "a good while", no day
_NO_COUNT_BEFORE: Final = r"(?<![0-9零〇一二两三四五六七八九十百千万亿月号初第周几])"
_WEEK: Final = r"(?:周|星期|礼拜)"
_WEEKDAY: Final = {char: index % 7 for index, char in enumerate("一二三四五六日")} | {"天": 6} | {
    str(number): number - 1 for number in range(1, 7)
}  # fmt: skip
_AT_ONCE: Final = r"(?:马上|现在|等会儿?|待会儿?|这)就?(?=[还转付])"


def _int(text: str) -> int:
    value = parse_zh(text.replace("廿", "二十"))
    return int(value) if value is not None else 0


def _days(count: int) -> Resolver:
    return lambda _match, reference: reference + timedelta(days=count)


def _week(match: re.Match[str], reference: date) -> date | None:
    prefix, weekday = match["prefix"] or "", _WEEKDAY[match["day"]]
    if not prefix:
        return calendar.next_weekday(reference, weekday)
    return calendar.weekday_in_week(reference, weekday, prefix.count("下"))


def _month_day(match: re.Match[str], reference: date) -> date | None:
    day, month = _int(match["day"]), match["month"]
    if month is None:
        return calendar.day_of_month(reference, day)
    if month.startswith("下"):
        return calendar.day_in_month(reference, month.count("下"), day)
    if month[0] in "这本当":
        return calendar.day_in_month(reference, 0, day)
    return calendar.month_and_day(reference, _int(month.removesuffix("月")), day)


def _within(match: re.Match[str], reference: date) -> date | None:
    count, unit = match["count"], match["unit"]
    if count == "半":
        return reference + timedelta(days=15) if unit.endswith("月") else None
    if unit.endswith(("天", "日")):
        return reference + timedelta(days=_int(count))
    if unit.endswith("月"):
        return calendar.plus_months(reference, _int(count))
    return reference + timedelta(days=7 * _int(count))


def _month_end(match: re.Match[str], reference: date) -> date | None:
    return calendar.month_end(reference, (match["month"] or "").count("下"))


FORMS: Final[tuple[tuple[str, Resolver], ...]] = (
    (r"大后天", _days(3)),
    (r"后天|后日|后儿", _days(2)),
    (r"明天|明日|明儿个?|明早|明晚|明儿", _days(1)),
    (rf"今天|今日|今晚|今儿个?|当天|下午|{_AT_ONCE}", _days(0)),
    (rf"(?P<prefix>下下个?|下个?|这个?|本)?{_WEEK}(?P<day>[一二三四五六日天1-6])(?!天|个)", _week),
    (r"(?P<month>下下个?月|下个?月|这个?月|本月|当月)?(?:的)?月?(?:底|末)(?=$|[^下])", _month_end),
    (r"(?P<month>下下个?月|下个?月|这个?月|本月)?最后一天", _month_end),
    (
        (
            rf"(?P<month>下下个?月|下个?月|这个?月|本月|当月|(?:{_N})月)?(?:份|的|开始每个?月|起每个?月|每个?月)?"
            rf"(?P<day>{_N})(?:号|日)(?!线|楼|院|门|店)"
        ),
        _month_day,
    ),
    (
        (
            rf"(?P<month>{_N}月)份?(?P<day>[0-9]{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
            r"(?![0-9百千万])"
        ),
        _month_day,
    ),
    (
        (
            rf"(?P<count>{_N}|{_HALF})(?P<unit>个?(?:工作)?[天日]|个?{_WEEK}|个?月)"
            r"(?:之内|以内|内|之后|以后|后|里|的时间|左右|给你|就还|我就)"
        ),
        _within,
    ),
    (rf"(?:再给我|再等|过|再过|宽限)(?P<count>{_N}|{_HALF})(?P<unit>[天日]|个?{_WEEK}|个?月)", _within),
    (r"年三十儿?|大年夜|除夕|大年三十", lambda _match, reference: calendar.lunar_new_year_eve(reference)),
    (r"大年初一|春节|正月初一", lambda _match, reference: calendar.next_of(reference, calendar.LUNAR_NEW_YEAR)),
    (r"中秋", lambda _match, reference: calendar.next_of(reference, calendar.MID_AUTUMN)),
    (r"元旦", lambda _match, reference: calendar.month_and_day(reference, 1, 1)),
    (
        rf"{_NO_COUNT_BEFORE}五一(?:节|之前|前|假)?(?![个次]|[0-9零二两三四五六七八九十百千万])",
        lambda _match, reference: calendar.month_and_day(reference, 5, 1),
    ),
    (
        rf"国庆|{_NO_COUNT_BEFORE}十一(?:假期|之前|前|长假|(?=之?后|过后|过完|期间|放假|回来|就?[还转付]|给[你您]))",
        lambda _match, reference: calendar.month_and_day(reference, 10, 1),
    ),
)
