"""Questions just inside and just outside the edges of a rule, made from its parameters (pure).

Each is a complete scenario, answered by asking the rule itself, so an example never says what the engine does not do.
They illustrate a rule for people and tell two versions of it apart. Contacts and instants are invented, on a day of the
rule's own period; the conformance cases are elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from policy.facts import (
    DAY_SECS,
    Attempt,
    Channel,
    Consent,
    ConsentHolder,
    ConsentKind,
    DebtorFacts,
    Direction,
    Outcome,
    PastContact,
    Preferences,
    Purpose,
    Scenario,
    WeeklyWindow,
)
from policy.kind import Case, Kind
from policy.words import CHANNEL_ORDER, OUTCOME_ORDER, PARTY_ORDER, word
from policy.zones import find_zone

Parameters = Mapping[str, Any]
ALL_DAYS = frozenset(range(7))
NOON = time(12, 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Where and when the invented contacts take place: an IANA zone, a day, and the debtor's region if it matters."""

    zone: str
    day: date
    region: str | None = None

    def at(self, secs: int, days: int = 0) -> datetime:
        """The instant at which the local clock reads `secs` after midnight, `days` after the setting's day."""
        zone = find_zone(self.zone)
        wall = datetime.combine(self.day, time()) + timedelta(days=days, seconds=secs)
        return wall.replace(tzinfo=zone or UTC).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """What is attempted, in words (`en`, `zh`), and the question itself."""

    text: Mapping[str, str]
    scenario: Scenario


def breached(content: Kind, scenario: Scenario) -> bool:
    """Whether the rule with this content speaks against the scenario."""
    zone = find_zone(scenario.debtor.timezones[0])
    moment = scenario.attempt.at.astimezone(UTC)
    zones = () if zone is None else (zone,)
    return content.judge(Case(scenario, moment, zones, tuple(moment.astimezone(one) for one in zones))) is not None


def examples(kind: str, parameters: Parameters, setting: Setting) -> tuple[Example, ...]:
    """The edges of a rule of that kind with these parameters; none for a family without edges of its own."""
    maker = _MAKERS.get(kind)
    found = () if maker is None else tuple(maker(parameters, setting))
    texts: dict[str, Example] = {}
    for example in found:
        texts.setdefault(example.text["en"], example)
    return tuple(texts.values())


def question(setting: Setting, **attempt: Any) -> Scenario:
    """A plain call to the debtor at half past twelve; `attempt` replaces parts of it."""
    plain: dict[str, Any] = {"at": setting.at(_secs(NOON)), "channel": "voice", "purpose": "collection"}
    plain |= {"debt": "D1", "party": "debtor", "address": "A1"} | attempt
    debtor = DebtorFacts(timezones=(setting.zone,), region=setting.region)
    return Scenario(pack="example", debtor=debtor, attempt=Attempt(**plain))


def clock(secs: int) -> str:
    """Seconds since midnight as HH:MM:SS."""
    secs %= DAY_SECS
    return f"{secs // 3600:02d}:{secs % 3600 // 60:02d}:{secs % 60:02d}"


def _secs(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60


def _clock_secs(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _first(codes: list[str], order: tuple[str, ...]) -> str:
    return next(code for code in order if code in codes)


def _both(make: Callable[[str], str]) -> dict[str, str]:
    return {"en": make("en"), "zh": make("zh")}


def _by(channel: str, lang: str) -> str:
    return word("channel", channel, lang)


def _closed_hours(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    for window in parameters["windows"]:
        start, end = _clock_secs(window["closed_from"]), _clock_secs(window["closed_until"])
        channel = _first(window["channels"], CHANNEL_ORDER)
        for secs in (start - 1, start, end - 1, end):
            text = _both(lambda lang, c=channel, s=secs: f"{_by(c, lang)} {clock(s)}")  # type: ignore[misc]
            yield Example(text=text, scenario=question(setting, at=setting.at(secs % DAY_SECS), channel=channel))
        if "opened_by" in window:
            yield _opened(window["opened_by"], channel, start, end, setting)


def _opened(terms: Parameters, channel: str, start: int, end: int, setting: Setting) -> Example:
    window = WeeklyWindow(days=ALL_DAYS, start_secs=start % DAY_SECS, end_secs=end % DAY_SECS)
    asked = question(setting, at=setting.at(start % DAY_SECS), channel=channel)
    agreed = replace(consent(terms, setting), window=window)
    name = _both(lambda lang: word("consent", terms["kind"], lang))
    text = {
        "en": f"{_by(channel, 'en')} {clock(start)}, {name['en']} for that window",
        "zh": f"{_by(channel, 'zh')} {clock(start)}，{name['zh']}且时段相符",
    }
    return Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, consents=(agreed,))))


def consent(terms: Parameters, setting: Setting) -> Consent:
    """A consent that fits the terms, given the morning before and without a window."""
    holder = min(terms.get("given_to", ["collector"]))
    return Consent(
        kind=cast(ConsentKind, terms["kind"]), given_at=setting.at(9 * 3600, -1), given_to=cast(ConsentHolder, holder)
    )


def _quiet_windows(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    channel = _first(parameters["channels"], CHANNEL_ORDER)
    start, end = 12 * 3600, 14 * 3600
    window = WeeklyWindow(days=ALL_DAYS, start_secs=start, end_secs=end)
    for secs in (start - 1, start, end - 1, end):
        asked = question(setting, at=setting.at(secs), channel=channel)
        wish = Preferences(no_contact_windows=(window,))
        text = {
            "en": f"{_by(channel, 'en')} {clock(secs)}, the debtor asked to keep 12:00–14:00 free",
            "zh": f"{_by(channel, 'zh')} {clock(secs)}，债务人要求 12:00–14:00 免打扰",
        }
        yield Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, preferences=wish)))


def contacts(counted: Parameters, number: int, at: datetime, **more: Any) -> tuple[PastContact, ...]:
    """`number` contacts that a rule counts, twenty seconds apart from `at` on; `more` replaces parts of each."""
    channel = _first(counted["channels"], CHANNEL_ORDER)
    plain: dict[str, Any] = {
        "channel": cast(Channel, channel),
        "direction": cast(Direction, max(counted["directions"])),
        "outcome": cast(Outcome, _first(counted["outcomes"], OUTCOME_ORDER)),
        "debt": "D1",
        "party": "debtor",
        "address": "A1",
    }
    plain |= more
    return tuple(PastContact(at=at + timedelta(seconds=20 * index), **plain) for index in range(number))


def _calendar_cap(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    limit, days, counted = parameters["limit"], parameters["days"], parameters["counted"]
    channel = _first(parameters["channels"], CHANNEL_ORDER)
    asked = question(setting, at=setting.at(17 * 3600), channel=channel)

    def after(number: int, ago: int, note: Mapping[str, str] | None = None, **more: Any) -> Example:
        past = contacts(counted, number, setting.at(8 * 3600, -ago), **more)
        what = note or {"en": "counted", "zh": "计入"}
        text = {"en": f"{_by(channel, 'en')} after {_many(number, ago, what)}", "zh": ""}
        when = "今日" if ago == 0 else f"{ago}天前"
        text["zh"] = f"{when}已有{number}次{what['zh']}的联系，再次{_by(channel, 'zh')}"
        return Example(text=text, scenario=replace(asked, history=past))

    yield after(limit - 1, 0)
    yield after(limit, 0)
    if days > 1:
        yield after(limit, days - 1)
    yield after(limit, days)
    yield from _not_counted(parameters, after)


def _many(number: int, ago: int, note: Mapping[str, str]) -> str:
    when = "today" if ago == 0 else "1 day ago" if ago == 1 else f"{ago} days ago"
    adjective = f"{note['en']} " if note["en"] == "counted" else ""
    rest = "" if adjective else f" {note['en']}"
    return f"{number} {adjective}contact{'' if number == 1 else 's'} {when}{rest}"


def _not_counted(parameters: Parameters, after: Callable[..., Example]) -> Iterator[Example]:
    limit, per = parameters["limit"], parameters["per"]
    free = next((one for one in OUTCOME_ORDER if one not in parameters["counted"]["outcomes"]), None)
    if free is not None:
        names = _both(lambda lang: word("outcome", free, lang))
        note = {"en": f"with the outcome “{names['en']}”", "zh": f"结果为“{names['zh']}”"}
        yield after(limit, 0, note, outcome=free)
    if "debt" in per:
        yield after(limit, 0, {"en": "about another debt", "zh": "关于另一笔债务"}, debt="D2")
    if "party" in per:
        yield after(limit, 0, {"en": "with the guarantor", "zh": "与保证人"}, party="guarantor")
    if "address" in per:
        yield after(limit, 0, {"en": "on another number", "zh": "对另一号码"}, address="A2")


def _minimum_spacing(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    channel, gap = _first(parameters["channels"], CHANNEL_ORDER), 60 * parameters["gap_minutes"]
    for secs in (gap - 1, gap):
        asked = question(setting, channel=channel)
        past = contacts(parameters["counted"], 1, asked.attempt.at - timedelta(seconds=secs))
        minutes, rest = divmod(secs, 60)
        text = {
            "en": f"{_by(channel, 'en')} {minutes} min {rest:02d} s after the last counted contact",
            "zh": f"上一次计入的联系之后{minutes}分{rest:02d}秒的{_by(channel, 'zh')}",
        }
        yield Example(text=text, scenario=replace(asked, history=past))


def flagged(asked: Scenario, *flags: str) -> Scenario:
    """The question about a debtor of whom these facts are recorded."""
    return replace(asked, debtor=replace(asked.debtor, flags=frozenset(flags)))


def _flag_hold(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    channel = _first(parameters["channels"], CHANNEL_ORDER)
    party = _first(parameters["parties"], PARTY_ORDER)
    free_party = next((one for one in PARTY_ORDER if one not in parameters["parties"]), None)
    free_channel = next((one for one in CHANNEL_ORDER if one not in parameters["channels"]), None)
    tries = [(party, channel), *([(free_party, channel)] if free_party else [])]
    tries.extend([(party, free_channel)] if free_channel else [])
    for flag in (None, *parameters["flags"]):
        for who, by in tries if flag else tries[:1]:
            yield _to_party(question(setting, channel=by, party=who), flag)


def _to_party(asked: Scenario, flag: str | None) -> Example:
    attempt = asked.attempt

    def text(lang: str) -> str:
        fact = word("flag", flag, lang) if flag else ("nothing recorded" if lang == "en" else "无标记")
        who, by = word("party", attempt.party, lang), _by(attempt.channel, lang)
        return f"{by} to the {who}: {fact}" if lang == "en" else f"对{who}的{by}：{fact}"

    return Example(text=_both(text), scenario=flagged(asked, *([flag] if flag else [])))


def _age_floor(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    years, day = parameters["years"], setting.day
    born = day.replace(year=day.year - years, day=min(day.day, 28))
    birthday = replace(setting, day=day.replace(day=min(day.day, 28)))
    yield from _ages(years, born, birthday, ((-1, DAY_SECS - 1), (0, 0), (1, 0)))
    leap_year = next(year for year in range(1980, 2100) if year % 4 == 0 and (year + years) % 4)
    february = replace(setting, day=date(leap_year + years, 2, 28))
    yield from _ages(years, date(leap_year, 2, 29), february, ((0, 0), (1, 0), (2, 0)))
    for flag in parameters["flags"]:
        yield _to_party(question(setting, party=_first(parameters["parties"], PARTY_ORDER)), flag)


def _ages(years: int, born: date, setting: Setting, when: tuple[tuple[int, int], ...]) -> Iterator[Example]:
    for days, secs in when:
        day = setting.day + timedelta(days=days)
        asked = question(setting, at=setting.at(secs, days))
        text = {
            "en": f"{day.isoformat()} {clock(secs)}, debtor born {born.isoformat()} (floor {years})",
            "zh": f"{day.isoformat()} {clock(secs)}，债务人生于 {born.isoformat()}（下限{years}周岁）",
        }
        yield Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, birth_date=born)))


def _party_limit(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    purposes = list(
        dict.fromkeys(["collection", *(purpose for line in parameters["allowed"] for purpose in line["purposes"])])
    )
    for purpose in purposes[:1] + [one for one in purposes[1:] if one == "location_information"]:
        for party in PARTY_ORDER:

            def text(lang: str, who: str = party, why: str = purpose) -> str:
                names = (word("party", who, lang), word("purpose", why, lang))
                return f"to the {names[0]}, purpose {names[1]}" if lang == "en" else f"联系{names[0]}，目的：{names[1]}"

            asked = question(setting, party=party, purpose=cast(Purpose, purpose))
            yield Example(text=_both(text), scenario=asked)


def _refusals(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    def wish(preferences: Preferences, en: str, zh: str, **attempt: Any) -> Example:
        asked = question(setting, **attempt)
        debtor = replace(asked.debtor, preferences=preferences)
        return Example(text={"en": en, "zh": zh}, scenario=replace(asked, debtor=debtor))

    no_sms, no_number = Preferences(no_channels=frozenset({"sms"})), Preferences(no_addresses=frozenset({"A1"}))
    yield wish(no_sms, "text messages to a debtor who refused them", "向拒收短信者发短信", channel="sms")
    yield wish(no_sms, "calls to a debtor who refused text messages", "向拒收短信者打电话")
    yield wish(no_number, "calls to a refused number", "拨打被拒绝的号码", address="A1")
    yield wish(no_number, "calls to another number", "拨打其他号码", address="A2")
    for flag, channels in parameters["flag_channels"].items():
        open_channel = next((one for one in CHANNEL_ORDER if one not in channels), None)
        for channel in (_first(channels, CHANNEL_ORDER), *([open_channel] if open_channel else [])):
            yield _to_party(question(setting, channel=channel), flag)


def _any_of(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    for part in parameters["any_of"]:
        yield from examples(part["kind"], part["parameters"], setting)


_MAKERS: Mapping[str, Callable[[Parameters, Setting], Iterator[Example]]] = {
    "age_floor": _age_floor,
    "any_of": _any_of,
    "calendar_cap": _calendar_cap,
    "closed_hours": _closed_hours,
    "flag_hold": _flag_hold,
    "minimum_spacing": _minimum_spacing,
    "party_limit": _party_limit,
    "quiet_windows": _quiet_windows,
    "refusals": _refusals,
}
