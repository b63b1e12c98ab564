"""Edges of the rule families that look at a clock or count (pure)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from policy.facts import DAY_NAMES, DAY_SECS, Preferences, WeeklyWindow
from policy.telling.boundary import (
    Example,
    Parameters,
    Setting,
    both,
    by_word,
    clock,
    clock_secs,
    consent,
    contacts,
    first,
    question,
)
from policy.telling.words import CHANNEL_ORDER, OUTCOME_ORDER, word


def closed_hours(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The second before and the second at each end of the closed hours."""
    for window in parameters["windows"]:
        start, end = clock_secs(window["closed_from"]), clock_secs(window["closed_until"])
        channel = first(window["channels"], CHANNEL_ORDER)
        for secs in (start - 1, start, end - 1, end):
            text = both(lambda lang, c=channel, s=secs: f"{by_word(c, lang)} {clock(s)}")  # type: ignore[misc]
            yield Example(text=text, scenario=question(setting, at=setting.at(secs % DAY_SECS), channel=channel))
        if "opened_by" in window:
            yield _opened(window["opened_by"], channel, start, end, setting)


def _opened(terms: Parameters, channel: str, start: int, end: int, setting: Setting) -> Example:
    window = WeeklyWindow(days=frozenset(range(7)), start_secs=start % DAY_SECS, end_secs=end % DAY_SECS)
    asked = question(setting, at=setting.at(start % DAY_SECS), channel=channel)
    agreed = replace(consent(terms, setting), window=window)
    name = both(lambda lang: word("consent", terms["kind"], lang))
    text = {
        "en": f"{by_word(channel, 'en')} {clock(start)}, {name['en']} for that window",
        "zh": f"{by_word(channel, 'zh')} {clock(start)}，{name['zh']}且时段相符",
    }
    return Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, consents=(agreed,))))


def quiet_windows(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The same at a window of the debtor's."""
    channel = first(parameters["channels"], CHANNEL_ORDER)
    start, end = 12 * 3600, 14 * 3600
    window = WeeklyWindow(days=frozenset(range(7)), start_secs=start, end_secs=end)
    for secs in (start - 1, start, end - 1, end):
        asked = question(setting, at=setting.at(secs), channel=channel)
        wish = Preferences(no_contact_windows=(window,))
        text = {
            "en": f"{by_word(channel, 'en')} {clock(secs)}, the debtor asked to keep 12:00–14:00 free",
            "zh": f"{by_word(channel, 'zh')} {clock(secs)}，债务人要求 12:00–14:00 免打扰",
        }
        yield Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, preferences=wish)))


def calendar_cap(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """One below the limit, at it, and when its days have passed."""
    limit, days, counted = parameters["limit"], parameters["days"], parameters["counted"]
    channel = first(parameters["channels"], CHANNEL_ORDER)
    place = min(parameters.get("places", ["personal"]))
    asked = question(setting, at=setting.at(17 * 3600), channel=channel, place=place)
    where = {lang: f" ({word('place', place, lang)})" if place == "work" else "" for lang in ("en", "zh")}

    def after(number: int, ago: int, note: Mapping[str, str] | None = None, **more: Any) -> Example:
        past = contacts(counted, number, setting.at(8 * 3600, -ago), **more)
        what = note or {"en": "counted", "zh": "计入"}
        when = "今日" if ago == 0 else f"{ago}天前"
        had = f"已有{number}次{what['zh']}的联系" if number else "尚无计入的联系"
        text = {
            "en": f"{word('act', channel, 'en')}{where['en']} after {_many(number, ago, what)}",
            "zh": f"{when}{had}，再{word('act', channel, 'zh')}{where['zh']}",
        }
        return Example(text=text, scenario=replace(asked, history=past))

    yield after(limit - 1, 0)
    yield after(limit, 0)
    if days > 1:
        yield after(limit, days - 1)
    yield after(limit, days)
    yield from _not_counted(parameters, after)


def _many(number: int, ago: int, note: Mapping[str, str]) -> str:
    when = "today" if ago == 0 else "1 day ago" if ago == 1 else f"{ago} days ago"
    if note["en"] != "counted":
        return f"{number} contact{'' if number == 1 else 's'} {when} {note['en']}"
    return f"{number or 'no'} counted contact{'s' if number > 1 else ''} {when}"


def _not_counted(parameters: Parameters, after: Callable[..., Example]) -> Iterator[Example]:
    limit, per = parameters["limit"], parameters["per"]
    free = next((one for one in OUTCOME_ORDER if one not in parameters["counted"]["outcomes"]), None)
    if free is not None:
        names = both(lambda lang: word("outcome", free, lang))
        note = {"en": f"with the outcome “{names['en']}”", "zh": f"结果为“{names['zh']}”"}
        yield after(limit, 0, note, outcome=free)
    if "debt" in per:
        yield after(limit, 0, {"en": "about another debt", "zh": "关于另一笔债务"}, debt="D2")
    if "party" in per:
        yield after(limit, 0, {"en": "with the guarantor", "zh": "与保证人"}, party="guarantor")
    if "address" in per:
        yield after(limit, 0, {"en": "on another number", "zh": "对另一号码"}, address="A2")


def minimum_spacing(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The last second of the gap and the first after it."""
    channel, gap = first(parameters["channels"], CHANNEL_ORDER), 60 * parameters["gap_minutes"]
    for secs in (gap - 1, gap):
        asked = question(setting, channel=channel)
        past = contacts(parameters["counted"], 1, asked.attempt.at - timedelta(seconds=secs))
        minutes, rest = divmod(secs, 60)
        text = {
            "en": f"{by_word(channel, 'en')} {minutes} min {rest:02d} s after the last counted contact",
            "zh": f"上一次计入的联系之后{minutes}分{rest:02d}秒的{by_word(channel, 'zh')}",
        }
        yield Example(text=text, scenario=replace(asked, history=past))


def closed_days(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The last second before a closed day, its first and last, and the first after."""
    closed = {DAY_NAMES.index(day) for day in parameters["days"]}
    channel = first(parameters["channels"], CHANNEL_ORDER)
    for days in range(8):
        here = (setting.day + timedelta(days=days)).weekday() in closed
        before = (setting.day + timedelta(days=days - 1)).weekday() in closed
        if here == before:
            continue
        for ago, secs in ((days - 1, DAY_SECS - 1), (days, 0)):
            name = DAY_NAMES[(setting.day + timedelta(days=ago)).weekday()]
            names = both(lambda lang, d=name: word("day", d, lang))  # type: ignore[misc]
            text = {lang: f"{by_word(channel, lang)} {names[lang]} {clock(secs)}" for lang in ("en", "zh")}
            yield Example(text=text, scenario=question(setting, at=setting.at(secs, ago), channel=channel))
