"""Sentences about hours, days and numbers: the rule families that look at a clock or count (pure)."""

from collections.abc import Iterator

from policy.facts import DAY_NAMES
from policy.telling.tell import Parameters, channels_text, consent_text, one_reply, parties_text
from policy.telling.words import listed, word, words


def closed_hours(parameters: Parameters, lang: str) -> Iterator[str]:
    """When contact is closed, per channel."""
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
    if "always" in parameters:
        zones = ", ".join(parameters["always"])
        yield f"The clock of {zones} always counts." if english else f"{zones} 的时间始终计入。"
    yield (
        "The hours must be open on every clock the debtor may have."
        if english
        else "债务人可能处于的每个时区均须处于开放时段。"
    )


def quiet_windows(parameters: Parameters, lang: str) -> Iterator[str]:
    """That the debtor's own windows close contact."""
    by = channels_text(parameters["channels"], lang, "or")
    yield (
        f"No contact by {by} in the weekly windows the debtor asked to keep free, on any clock the debtor may have."
        if lang == "en"
        else f"债务人要求的免打扰时段内不得以{by}联系，以其可能处于的任一时区为准。"
    )
    yield from one_reply(parameters, lang)


def closed_days(parameters: Parameters, lang: str) -> Iterator[str]:
    """On which days of the week contact is closed."""
    by, chosen = (
        channels_text(parameters["channels"], lang, "or"),
        [day for day in DAY_NAMES if day in parameters["days"]],
    )
    days = listed((word("day", day, lang) for day in chosen), lang, "and")
    yield (
        f"No contact by {by} on {days}, on any clock the debtor may have."
        if lang == "en"
        else f"{days}不得以{by}联系，以其可能处于的任一时区为准。"
    )


def counted_text(counted: Parameters, lang: str) -> str:
    """Which past contacts count."""
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


def calendar_cap(parameters: Parameters, lang: str) -> Iterator[str]:
    """How many contacts in how many days, counted how."""
    limit, days, per = parameters["limit"], parameters["days"], _per(parameters["per"], lang)
    by = channels_text(parameters["channels"], lang)
    if lang == "en":
        span = "calendar day" if days == 1 else f"{days} calendar days, the attempt's own day the last"
        yield f"At most {limit} in {'one ' if days == 1 else ''}{span}, {per}; limits {by}. Days are the debtor's."
    else:
        span = "每个自然日" if days == 1 else f"连续{days}个自然日（含当日）内"
        yield f"{span}最多{limit}次，{per}；适用于{by}。以债务人当地日期为准。"
    yield counted_text(parameters["counted"], lang)
    yield from _cap_exceptions(parameters, lang)


def _cap_exceptions(parameters: Parameters, lang: str) -> Iterator[str]:
    english = lang == "en"
    if "except_consent" in parameters:
        terms = consent_text(parameters["except_consent"], lang)
        past = parameters["except_consent"].get("uncounted", False)
        what = (
            ("Neither counted nor barred" if past else "Not barred")
            if english
            else ("不计入也不受限" if past else "不受限")
        )
        yield f"{what}: calls under {terms}." if english else f"{what}：有{terms}的电话。"
    if "places" in parameters:
        places = words("place", parameters["places"], lang)
        yield f"Only for contact points of this kind: {places}." if english else f"仅限此类联系地点：{places}。"
    if "exempt_parties" in parameters:
        parties = parties_text(parameters["exempt_parties"], lang)
        yield f"Does not limit contact with: {parties}." if english else f"不限制与{parties}的联系。"
    if "exempt_enquiries" in parameters:
        line = parameters["exempt_enquiries"]
        purposes, parties = words("purpose", line["purposes"], lang), parties_text(line["parties"], lang)
        yield (
            f"Neither limits nor counts: {purposes}, with {parties}."
            if english
            else f"不限制也不计入：与{parties}的{purposes}。"
        )


def minimum_spacing(parameters: Parameters, lang: str) -> Iterator[str]:
    """How long after the last contact."""
    gap, by, per = parameters["gap_minutes"], channels_text(parameters["channels"], lang), _per(parameters["per"], lang)
    if lang == "en":
        yield f"At least {gap} minutes of elapsed time after the last counted contact, {per}; limits {by}."
    else:
        yield f"距上一次计入的联系至少{gap}分钟（实际经过时间），{per}；适用于{by}。"
    yield counted_text(parameters["counted"], lang)
