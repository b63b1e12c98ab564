"""Parameters of a rule as sentences for a person, in English or Chinese (pure).

One teller per rule family. What a teller does not know is told by name and value, so that no parameter stays unsaid.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy.facts import CHANNELS, PARTIES, PURPOSES
from policy.words import word, words

Parameters = Mapping[str, Any]


def plain(kind: str, parameters: Parameters, lang: str) -> tuple[str, ...]:
    """The sentences of a rule of that kind with these parameters (plain JSON values as the rulebook has them)."""
    teller = _TELLERS.get(kind)
    if teller is None:
        return rest(parameters, frozenset(), lang)
    told, sentences = teller(parameters, lang)
    return (*sentences, *rest(parameters, told, lang))


def rest(parameters: Parameters, told: frozenset[str], lang: str) -> tuple[str, ...]:
    """Every parameter not yet told, by name and value."""
    colon, end = (": ", ".") if lang == "en" else ("：", "。")
    return tuple(
        f"{name.replace('_', ' ')}{colon}{value_text(value, lang)}{end}"
        for name, value in parameters.items()
        if name not in told
    )


def value_text(value: Any, lang: str) -> str:
    """A plain value: lists joined, mappings as `name value`, yes and no in words."""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[lang][value]
    if isinstance(value, Mapping):
        return "; ".join(f"{str(key).replace('_', ' ')} {value_text(item, lang)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(value_text(item, lang) for item in value)
    return str(value).replace("_", " ") if lang == "en" else str(value)


def channels_text(codes: list[str], lang: str, joint: str = "and") -> str:
    """Channels, or "any medium" (`joint` or) and "every medium" (and) for all of them."""
    if set(codes) == CHANNELS:
        return {"or": "any medium", "and": "every medium"}[joint] if lang == "en" else "任何方式"
    return words("channel", codes, lang, joint)


def parties_text(codes: list[str], lang: str) -> str:
    """Parties, or "anybody" for all of them."""
    if set(codes) == PARTIES:
        return "anybody" if lang == "en" else "任何人"
    found = words("party", codes, lang)
    return f"the {found}" if lang == "en" else found


def consent_text(terms: Parameters, lang: str) -> str:
    """Which consent is meant, in half a sentence."""
    holder = words("holder", terms.get("given_to", []), lang)
    name = word("consent", terms["kind"], lang)
    parts = [f"{name}, given to the {holder}" if lang == "en" else f"向{holder}作出的“{name}”"]
    if "days" in terms:
        days = terms["days"]
        parts.append(
            f"valid {days} calendar day(s), its own day the first" if lang == "en" else f"自当日起{days}天内有效"
        )
    if terms.get("ends_with_conversation"):
        parts.append("ended by a conversation" if lang == "en" else "一经通话即终止")
    handled = {"kind", "given_to", "days", "ends_with_conversation"}
    parts.extend(text.rstrip(".。") for text in rest(terms, frozenset(handled), lang))
    return (", " if lang == "en" else "，").join(parts)


def _closed_hours(parameters: Parameters, lang: str) -> Iterator[str]:
    english = lang == "en"
    for window in parameters["windows"]:
        by = channels_text(window["channels"], lang)
        start, end = window["closed_from"], window["closed_until"]
        edges = f"{start}:00 is closed, {end}:00 is open" if english else f"{start}:00 关闭，{end}:00 开放"
        yield (
            f"Closed from {start} to {end} for {by} ({edges})."
            if english
            else f"{by}：{start}至{end}不得联系（{edges}）。"
        )
        if "opened_by" in window:
            terms = consent_text(window["opened_by"], lang)
            yield f"Opened, within its own window, by {terms}." if english else f"{terms}可在其约定时段内开放。"
    yield (
        "The hours must be open on every clock the debtor may have."
        if english
        else "债务人可能处于的每个时区均须处于开放时段。"
    )


def _quiet_windows(parameters: Parameters, lang: str) -> Iterator[str]:
    by = channels_text(parameters["channels"], lang, "or")
    yield (
        f"No contact by {by} in the weekly windows the debtor asked to keep free, on any clock the debtor may have."
        if lang == "en"
        else f"债务人要求的免打扰时段内不得以{by}联系，以其可能处于的任一时区为准。"
    )
    yield from _one_reply(parameters, lang)


def _one_reply(parameters: Parameters, lang: str) -> Iterator[str]:
    if "one_reply" not in parameters:
        return
    purposes = words("purpose", parameters["one_reply"]["purposes"], lang)
    yield (
        f"Not barred: one answer per message the person sent by the same medium ({purposes})."
        if lang == "en"
        else f"例外：对方以同一方式发来的每条信息可答复一次（{purposes}）。"
    )


def _counted(counted: Parameters, lang: str) -> str:
    direction = words("direction", counted["directions"], lang)
    channels, outcomes = words("channel", counted["channels"], lang), words("outcome", counted["outcomes"], lang)
    if lang == "en":
        return f"Counted: {direction} {channels} with the outcome {outcomes}."
    return f"计入：{direction}的{channels}，结果为{outcomes}。"


def _per(per: list[str], lang: str) -> str:
    if not per:
        return "over all persons, debts and numbers together" if lang == "en" else "所有对象、债务和号码合并计算"
    names = [word("per", code, lang) for code in ("party", "debt", "address") if code in per]
    return f"for each {' and '.join(names)}" if lang == "en" else f"按每个{'和'.join(names)}分别计算"


def _calendar_cap(parameters: Parameters, lang: str) -> Iterator[str]:
    limit, days, per = parameters["limit"], parameters["days"], _per(parameters["per"], lang)
    by = channels_text(parameters["channels"], lang)
    if lang == "en":
        span = "calendar day" if days == 1 else f"{days} calendar days, the attempt's own day the last"
        yield f"At most {limit} in {'one ' if days == 1 else ''}{span}, {per}; limits {by}. Days are the debtor's."
    else:
        span = "每个自然日" if days == 1 else f"连续{days}个自然日（含当日）内"
        yield f"{span}最多{limit}次，{per}；适用于{by}。以债务人当地日期为准。"
    yield _counted(parameters["counted"], lang)
    yield from _cap_exceptions(parameters, lang)


def _cap_exceptions(parameters: Parameters, lang: str) -> Iterator[str]:
    english = lang == "en"
    if "except_consent" in parameters:
        terms = consent_text(parameters["except_consent"], lang)
        yield f"Not counted and not barred under {terms}." if english else f"有{terms}的联系不计入也不受限。"
    if "places" in parameters:
        places = words("place", parameters["places"], lang)
        yield f"Only for contact points of this kind: {places}." if english else f"仅限此类联系地点：{places}。"
    if "exempt_parties" in parameters:
        parties = parties_text(parameters["exempt_parties"], lang)
        yield f"Does not limit contact with: {parties}." if english else f"不限制与{parties}的联系。"


def _minimum_spacing(parameters: Parameters, lang: str) -> Iterator[str]:
    gap, by, per = parameters["gap_minutes"], channels_text(parameters["channels"], lang), _per(parameters["per"], lang)
    if lang == "en":
        yield f"At least {gap} minutes of elapsed time after the last counted contact, {per}; limits {by}."
    else:
        yield f"距上一次计入的联系至少{gap}分钟（实际经过时间），{per}；适用于{by}。"
    yield _counted(parameters["counted"], lang)


def _flag_hold(parameters: Parameters, lang: str) -> Iterator[str]:
    flags, parties = words("flag", parameters["flags"], lang), parties_text(parameters["parties"], lang)
    by = channels_text(parameters["channels"], lang, "or")
    if lang == "en":
        yield f"While it is recorded about the debtor: {flags}. Then contact with {parties} by {by} is closed."
        yield "Waiting does not lift it: somebody has to learn that the fact has ended."
    else:
        yield f"债务人带有下列标记期间：{flags}。不得以{by}联系{parties}。"
        yield "等待不会自动解除，须有人确认该事实已结束。"


def _age_floor(parameters: Parameters, lang: str) -> Iterator[str]:
    years, english = parameters["years"], lang == "en"
    parties = parties_text(parameters["parties"], lang)
    who = f"contact with {parties} is closed" if english else f"不得联系{parties}"
    yield f"Where the debtor is under {years}, {who}." if english else f"债务人未满{years}周岁的，{who}。"
    if parameters["birthday_included"]:
        yield "The birthday itself still counts as under age." if english else "生日当天仍按未满处理。"
    late = parameters["leap_birthday"] == "march_1"
    day = ("1 March" if late else "28 February") if english else ("3月1日" if late else "2月28日")
    yield (
        f"Born on 29 February: the birthday of a common year is {day}."
        if english
        else f"2月29日出生的人，平年的生日为{day}。"
    )
    flags = words("flag", parameters["flags"], lang)
    yield f"The record “{flags}” suffices without a date." if english else f"带有“{flags}”标记的，无须出生日期。"


def _party_limit(parameters: Parameters, lang: str) -> Iterator[str]:
    for line in parameters["allowed"]:
        parties = words("party", line["parties"], lang)
        if set(line["purposes"]) == PURPOSES:
            yield f"Contact may reach only: {parties}." if lang == "en" else f"只能联系：{parties}。"
            continue
        purposes = words("purpose", line["purposes"], lang)
        yield f"For {purposes}: only {parties}." if lang == "en" else f"{purposes}：只能联系{parties}。"
    flags = words("flag", parameters["objection_flags"], lang)
    yield f"Nobody outside once recorded: {flags}." if lang == "en" else f"带有“{flags}”标记后，不得再联系该第三人。"


def _refusals(parameters: Parameters, lang: str) -> Iterator[str]:
    english = lang == "en"
    yield (
        "A refused medium, number or mailbox stays closed, at once and for every campaign."
        if english
        else "被拒绝的方式、号码或邮箱即时关闭，适用于所有任务。"
    )
    for flag, channels in parameters["flag_channels"].items():
        name, by = word("flag", flag, lang), channels_text(channels, lang)
        yield f"Recorded “{name}”: closes {by}." if english else f"标记“{name}”：关闭{by}。"
    yield from _one_reply(parameters, lang)


def _any_of(parameters: Parameters, lang: str) -> Iterator[str]:
    for part in parameters["any_of"]:
        yield from plain(part["kind"], part["parameters"], lang)


_Teller = Callable[[Parameters, str], tuple[frozenset[str], tuple[str, ...]]]


def _teller(tell: Callable[[Parameters, str], Iterator[str]], told: str) -> _Teller:
    return lambda parameters, lang: (frozenset(told.split()), tuple(tell(parameters, lang)))


_TELLERS: Mapping[str, _Teller] = {
    "age_floor": _teller(_age_floor, "years birthday_included leap_birthday flags parties"),
    "any_of": _teller(_any_of, "any_of"),
    "calendar_cap": _teller(_calendar_cap, "limit days channels per counted except_consent places exempt_parties"),
    "closed_hours": _teller(_closed_hours, "windows"),
    "flag_hold": _teller(_flag_hold, "flags parties channels"),
    "minimum_spacing": _teller(_minimum_spacing, "gap_minutes channels per counted"),
    "party_limit": _teller(_party_limit, "allowed objection_flags"),
    "quiet_windows": _teller(_quiet_windows, "channels one_reply"),
    "refusals": _teller(_refusals, "flag_channels one_reply"),
}


def told_kinds() -> frozenset[str]:
    """The rule families that have sentences of their own."""
    return frozenset(_TELLERS)
