"""Edges of the rule families that look at the persons concerned, places and consents (pure)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from policy.facts import DAY_SECS, Consent, Preferences, Purpose, Scenario
from policy.telling.boundary import (
    Example,
    Parameters,
    Setting,
    both,
    by_word,
    clock,
    consent,
    contacts,
    first,
    flagged,
    question,
    to_party,
)
from policy.telling.words import CHANNEL_ORDER, OUTCOME_ORDER, PARTY_ORDER, PURPOSE_ORDER, word


def flag_hold(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """Each flag, and who and what it leaves open."""
    channel = first(parameters["channels"], CHANNEL_ORDER)
    party = first(parameters["parties"], PARTY_ORDER)
    free_party = next((one for one in PARTY_ORDER if one not in parameters["parties"]), None)
    free_channel = next((one for one in CHANNEL_ORDER if one not in parameters["channels"]), None)
    tries = [(party, channel), *([(free_party, channel)] if free_party else [])]
    tries.extend([(party, free_channel)] if free_channel else [])
    for flag in (None, *parameters["flags"]):
        for who, by in tries if flag else tries[:1]:
            yield to_party(question(setting, channel=by, party=who), flag)


def age_floor(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The last day under age and the first of age, also for a leap day; the record without a date."""
    years, day = parameters["years"], setting.day
    born = day.replace(year=day.year - years, day=min(day.day, 28))
    birthday = replace(setting, day=day.replace(day=min(day.day, 28)))
    yield from _ages(years, born, birthday, ((-1, DAY_SECS - 1), (0, 0), (1, 0)))
    leap_year = next((year for year in range(1980, 2100) if year % 4 == 0 and (year + years) % 4), None)
    if leap_year is not None:  # with years divisible by four every 29 February has its birthday
        february = replace(setting, day=date(leap_year + years, 2, 28))
        yield from _ages(years, date(leap_year, 2, 29), february, ((0, 0), (1, 0), (2, 0)))
    for flag in parameters["flags"]:
        yield to_party(question(setting, party=first(parameters["parties"], PARTY_ORDER)), flag)


def _ages(years: int, born: date, setting: Setting, when: tuple[tuple[int, int], ...]) -> Iterator[Example]:
    for days, secs in when:
        day = setting.day + timedelta(days=days)
        asked = question(setting, at=setting.at(secs, days))
        text = {
            "en": f"{day.isoformat()} {clock(secs)}, debtor born {born.isoformat()} (floor {years})",
            "zh": f"{day.isoformat()} {clock(secs)}，债务人生于 {born.isoformat()}（下限{years}周岁）",
        }
        yield Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, birth_date=born)))


def refusals(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """A refused medium and number, what stays open, and the answers that are excused."""

    def wish(preferences: Preferences, en: str, zh: str, **attempt: Any) -> Example:
        asked = question(setting, **attempt)
        debtor = replace(asked.debtor, preferences=preferences)
        return Example(text={"en": en, "zh": zh}, scenario=replace(asked, debtor=debtor))

    no_sms, no_number = Preferences(no_channels=frozenset({"sms"})), Preferences(no_addresses=frozenset({"A1"}))
    yield wish(no_sms, "text messages to a debtor who refused them", "向拒收短信者发短信", channel="sms")
    yield wish(no_sms, "calls to a debtor who refused text messages", "向拒收短信者打电话")
    yield wish(no_number, "calls to a refused number", "拨打被拒绝的号码", address="A1")
    yield wish(no_number, "calls to another number", "拨打其他号码", address="A2")
    yield from _answers(parameters, setting)
    for flag, channels in parameters["flag_channels"].items():
        open_channel = next((one for one in CHANNEL_ORDER if one not in channels), None)
        for channel in (first(channels, CHANNEL_ORDER), *([open_channel] if open_channel else [])):
            yield to_party(question(setting, channel=channel), flag)


def _answers(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """One answer after a message of the debtor by a refused medium, and a second one."""
    purposes = [(key, parameters[key]["purposes"]) for key in ("one_reply", "one_confirmation") if key in parameters]
    for _, allowed in purposes:
        purpose = first(allowed, PURPOSE_ORDER)
        asked = flagged(question(setting, channel="sms", purpose=cast(Purpose, purpose)), "revoked_sms_consent")
        wrote = contacts(_WRITTEN, 1, asked.attempt.at - timedelta(hours=1), purpose="reply")
        sent = contacts(_SENT, 1, asked.attempt.at - timedelta(minutes=30), purpose=purpose)
        names = both(lambda lang, p=purpose: word("purpose", p, lang))  # type: ignore[misc]
        for past, note in (
            (wrote, {"en": "after a message of the debtor", "zh": "债务人来信之后的"}),
            ((*wrote, *sent), {"en": "a second time after that message", "zh": "同一来信之后的第二次"}),
        ):
            text = {"en": f"{names['en']} {note['en']}", "zh": f"{note['zh']}{names['zh']}"}
            yield Example(text=text, scenario=replace(asked, history=past))


_WRITTEN = {"channels": ["sms"], "directions": ["inbound"], "outcomes": ["delivered"]}
_SENT = {"channels": ["sms"], "directions": ["outbound"], "outcomes": ["delivered"]}


def party_limit(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """Every party for collection; and for a location enquiry where outsiders may be asked."""
    lines = [parameters["outsiders"]] if "outsiders" in parameters else []
    purposes = ["collection", *(["location_information"] if lines else [])]
    for purpose in purposes:
        for party in PARTY_ORDER:
            yield _reached(question(setting, party=party, purpose=cast(Purpose, purpose)), None)
    if lines:
        asked = question(setting, party=first(lines[0]["parties"], PARTY_ORDER), purpose="location_information")
        yield from (_reached(asked, flag) for flag in parameters["objection_flags"])
    if "while_under_age" in parameters:
        line = parameters["while_under_age"]
        flag = first(line["under_age"]["flags"], tuple(sorted(line["under_age"]["flags"])))
        yield _reached(question(setting, party=first(line["parties"], PARTY_ORDER)), flag)


def _reached(asked: Scenario, flag: str | None) -> Example:
    attempt = asked.attempt

    def text(lang: str) -> str:
        who, why = word("party", attempt.party, lang), word("purpose", attempt.purpose, lang)
        fact = f" · {word('flag', flag, lang)}" if flag else ""
        return (
            f"to the {who}, purpose {why}{fact}"
            if lang == "en"
            else f"联系{who}，目的：{why}{fact.replace(': ', '，')}"
        )

    return Example(text=both(text), scenario=flagged(asked, *([flag] if flag else [])))


def required_consent(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """Without the consent, with it, and with the other voice."""
    channel, voice = first(parameters["channels"], CHANNEL_ORDER), min(parameters["voices"])
    other = "human" if voice == "artificial" else "artificial"
    agreed = consent(parameters["consent"], setting)
    name = both(lambda lang: word("consent", parameters["consent"]["kind"], lang))
    notes: list[tuple[str, tuple[Consent, ...], dict[str, str]]] = [
        (voice, (), {"en": "no consent", "zh": "未获同意"}),
        (voice, (agreed,), name),
        (other, (), {"en": "no consent", "zh": "未获同意"}),
    ]
    for spoken, consents, note in notes:
        asked = question(setting, channel=channel, voice=spoken)
        told = both(lambda lang, v=spoken: word("voice", v, lang))  # type: ignore[misc]
        text = {
            "en": f"{by_word(channel, 'en')} with an {told['en']}, {note['en']}".replace("an human", "a human"),
            "zh": f"以{told['zh']}{word('act', channel, 'zh')}，{note['zh']}",
        }
        yield Example(text=text, scenario=replace(asked, debtor=replace(asked.debtor, consents=consents)))


def workplace(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The place of work with and without the employer's ban, another place, and the employer's mailbox."""
    channel, place = first(parameters["channels"], CHANNEL_ORDER), min(parameters["places"])
    other = next((one for one in ("personal", "work") if one not in parameters["places"]), None)
    box = first(parameters["mailboxes"], CHANNEL_ORDER)
    yield _placed(question(setting, channel=channel, place=place), None)
    for flag in parameters["flags"]:
        yield _placed(question(setting, channel=channel, place=place), flag)
        if other:
            yield _placed(question(setting, channel=channel, place=other), flag)
    asked = question(setting, channel=box, place=place)
    yield _placed(asked, None)
    written = {"channels": [box], "directions": ["inbound"], "outcomes": ["delivered"]}
    wrote = contacts(written, 1, asked.attempt.at - timedelta(hours=1), purpose="reply")
    text = {
        "en": f"{by_word(box, 'en')} to an address at work from which the person wrote",
        "zh": f"向对方曾来信的工作地址发{by_word(box, 'zh')}",
    }
    yield Example(text=text, scenario=replace(asked, history=wrote))


def _placed(asked: Scenario, flag: str | None) -> Example:
    attempt = asked.attempt

    def text(lang: str) -> str:
        fact = word("flag", flag, lang) if flag else ("nothing recorded" if lang == "en" else "无标记")
        where, by = word("place", attempt.place, lang), by_word(attempt.channel, lang)
        return f"{by}, contact point {where}: {fact}" if lang == "en" else f"{by}，联系地点为{where}：{fact}"

    return Example(text=both(text), scenario=flagged(asked, *([flag] if flag else [])))


def once_per_person(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    """The first time, the second time, and an earlier contact that does not count."""
    party, purpose = first(parameters["parties"], PARTY_ORDER), first(parameters["purposes"], PURPOSE_ORDER)
    asked = question(setting, party=party, purpose=cast(Purpose, purpose))
    counted = parameters["counted"]
    free = next((one for one in OUTCOME_ORDER if one not in counted["outcomes"]), None)
    when = setting.at(10 * 3600, -30)
    tries: list[tuple[dict[str, str], dict[str, Any] | None]] = [
        ({"en": "nobody asked before", "zh": "此前未询问过"}, None),
        ({"en": "asked 30 days ago", "zh": "30天前询问过"}, {}),
    ]
    if free is not None:
        names = both(lambda lang: word("outcome", free, lang))
        note = {"en": f"30 days ago: {names['en']}", "zh": f"30天前：{names['zh']}"}
        tries.append((note, {"outcome": free}))
    for note, more in tries:
        past = () if more is None else contacts(counted, 1, when, **({"party": party, "purpose": purpose} | more))
        told = _reached(asked, None).text
        text = {"en": f"{told['en']}; {note['en']}", "zh": f"{told['zh']}；{note['zh']}"}
        yield Example(text=text, scenario=replace(asked, history=past))
