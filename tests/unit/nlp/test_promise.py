"""Amount, currency and day of promises, against the slot rules of the label definitions."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import calendar
from nlp.dates import find_days
from nlp.labels import Intent
from nlp.normalize import normalize
from nlp.pipeline import Analyzer

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2024, 1, 1), date(2034, 1, 1))


@pytest.mark.table("promises.txt")
def test_promise_slots(row: tuple[str, str, str, str, str], analyzer: Analyzer) -> None:
    lang, reference, amount, day, text = row
    found = analyzer.analyze(text, speaker="debtor", lang=lang, reference_date=date.fromisoformat(reference))
    assert Intent.PROMISE_TO_PAY in found.intents
    assert found.promise is not None
    assert found.promise.currency == ("CNY" if lang == "zh" else "USD")
    assert found.promise.amount == (None if amount == "-" else Decimal(amount))
    assert found.promise.date == (None if day == "-" else date.fromisoformat(day))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("zh", "能不能下个月再还"),
        ("zh", "我考虑一下再说"),
        ("zh", "你让我明天还两千"),
        ("zh", "有钱了就还"),
        ("zh", "上次说好周五还的还不了了"),
        ("zh", "我一分都不会还"),
        ("zh", "万一下周五我还"),
        ("zh", "那万一下个月十号我还不出来"),
        ("zh", "我还没想好，万一不行再说"),
        ("zh", "我还十分困难"),
        ("zh", "几天都睡不着万一还"),
        ("zh", "一千五一个月还要吃饭"),
        ("en", "Can I pay next Friday instead?"),
        ("en", "I'll think about it."),
        ("en", "I paid two hundred last Friday."),
        ("en", "I can't pay two hundred on Friday."),
        ("en", "I'll pay when I have money."),
    ],
)
def test_not_a_promise(lang: str, text: str, analyzer: Analyzer) -> None:
    found = analyzer.analyze(text, speaker="debtor", lang=lang, reference_date=MONDAY)
    assert Intent.PROMISE_TO_PAY not in found.intents
    assert found.promise is None


def test_without_a_reference_date_the_day_stays_open(analyzer: Analyzer) -> None:
    found = analyzer.analyze("下周五还两千", speaker="debtor").promise
    assert found is not None
    assert (found.amount, found.date) == (Decimal(2000), None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", 23), ("明天", 24), ("后天", 25), ("大后天", 26), ("周三", 25), ("这周三", 25), ("本周日", 29),
        ("下周一", 30), ("月底", 30), ("25号", 25), ("三天以内", 26), ("一周之内", 30),
    ],
)  # fmt: skip
def test_chinese_days_of_this_month(text: str, day: int) -> None:
    assert [item.day for item in find_days(text, "zh", MONDAY)] == [date(2026, 11, day)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("下下周五", date(2026, 12, 11)), ("下个月十号", date(2026, 12, 10)), ("下月底", date(2026, 12, 31)),
        ("周一", date(2026, 11, 30)), ("三号", date(2026, 12, 3)), ("元旦", date(2027, 1, 1)),
        ("除夕", date(2027, 2, 5)), ("1月15号", date(2027, 1, 15)), ("三十一号", date(2026, 12, 31)),
        ("国庆", date(2027, 10, 1)), ("五一", date(2027, 5, 1)), ("十一还", date(2027, 10, 1)),
        ("十一过后", date(2027, 10, 1)), ("半个月内", date(2026, 12, 8)), ("一个月之内", date(2026, 12, 23)),
    ],
)  # fmt: skip
def test_chinese_days_further_on(text: str, day: date) -> None:
    assert [item.day for item in find_days(text, "zh", MONDAY)] == [day]


@pytest.mark.parametrize("text", ["二十一还", "三千五一次还清", "还十一万", "半天就还", "十一点还", "一百五一个"])
def test_numbers_that_name_no_day(text: str) -> None:
    assert find_days(text, "zh", MONDAY) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", date(2026, 11, 24)), ("the day after tomorrow", date(2026, 11, 25)),
        ("this friday", date(2026, 11, 27)), ("next friday", date(2026, 12, 4)), ("friday", date(2026, 11, 27)),
        ("this coming sunday", date(2026, 11, 29)), ("monday", date(2026, 11, 30)), ("by the 15th", date(2026, 12, 15)),
        ("the twenty fifth", date(2026, 11, 25)), ("end of the month", date(2026, 11, 30)),
        ("december third", date(2026, 12, 3)), ("in two weeks", date(2026, 12, 7)),
        ("the fifth of next month", date(2026, 12, 5)), ("christmas", date(2026, 12, 25)),
        ("within ten days", date(2026, 12, 3)), ("a week from friday", date(2026, 12, 4)),
    ],
)  # fmt: skip
def test_english_days(text: str, day: date) -> None:
    assert [item.day for item in find_days(normalize(text, "en").text, "en", MONDAY)] == [day]


@given(DAYS, st.integers(0, 6))
def test_next_weekday_is_within_a_week(reference: date, weekday: int) -> None:
    found = calendar.next_weekday(reference, weekday)
    assert found.weekday() == weekday
    assert 1 <= (found - reference).days <= 7


@given(DAYS, st.integers(1, 31))
def test_day_of_month_is_never_in_the_past(reference: date, day: int) -> None:
    found = calendar.day_of_month(reference, day)
    assert found is not None
    assert found >= reference
    assert found.day == day


@given(DAYS, st.integers(0, 6), st.integers(0, 4))
def test_weekday_in_week_counts_from_monday(reference: date, weekday: int, ahead: int) -> None:
    found = calendar.weekday_in_week(reference, weekday, ahead)
    monday = date.fromordinal(reference.toordinal() - reference.weekday())
    assert (found - monday).days == weekday + 7 * ahead


@given(DAYS, st.integers(0, 24))
def test_month_end_is_followed_by_a_first(reference: date, ahead: int) -> None:
    assert date.fromordinal(calendar.month_end(reference, ahead).toordinal() + 1).day == 1


def test_there_is_no_thirtieth_of_february() -> None:
    assert calendar.month_and_day(MONDAY, 2, 30) is None
    assert calendar.month_and_day(MONDAY, 2, 29) == date(2028, 2, 29)


def test_the_lunar_table_ends() -> None:
    assert calendar.lunar_new_year_eve(date(2036, 1, 1)) is None
