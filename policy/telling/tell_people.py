"""Sentences about whom, where and under which facts: the rule families that look at the persons concerned (pure)."""

from collections.abc import Iterator

from policy.facts import PURPOSES
from policy.telling.tell import Parameters, channels_text, consent_text, one_reply, parties_text
from policy.telling.tell_time import counted_text
from policy.telling.words import word, words


def flag_hold(parameters: Parameters, lang: str) -> Iterator[str]:
    """Which facts close contact with whom."""
    flags, parties = words("flag", parameters["flags"], lang), parties_text(parameters["parties"], lang)
    by = channels_text(parameters["channels"], lang, "or")
    if lang == "en":
        yield f"While it is recorded about the debtor: {flags}. Then contact with {parties} by {by} is closed."
        yield "Waiting does not lift it: somebody has to learn that the fact has ended."
    else:
        yield f"债务人带有下列标记期间：{flags}。不得以{by}联系{parties}。"
        yield "等待不会自动解除，须有人确认该事实已结束。"


def age_floor(parameters: Parameters, lang: str) -> Iterator[str]:
    """Under which age contact is closed."""
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


def _admitted(line: Parameters, lang: str) -> tuple[str, str]:
    """Parties, and the purposes in brackets where not all are meant."""
    parties = words("party", line["parties"], lang)
    if set(line["purposes"]) == PURPOSES:
        return parties, ""
    purposes = words("purpose", line["purposes"], lang)
    return parties, f" ({purposes})" if lang == "en" else f"（{purposes}）"


def party_limit(parameters: Parameters, lang: str) -> Iterator[str]:
    """Whom contact may reach, for which purposes."""
    english = lang == "en"
    for line in parameters["allowed"]:
        parties, purposes = _admitted(line, lang)
        yield f"Contact may reach only: {parties}{purposes}." if english else f"只能联系：{parties}{purposes}。"
    if "while_under_age" in parameters:
        line = parameters["while_under_age"]
        parties, purposes = _admitted(line, lang)
        years = line["under_age"]["years"]
        yield (
            f"Also, while the debtor is surely under {years}: {parties}{purposes}."
            if english
            else f"债务人确未满{years}周岁期间，还可联系：{parties}{purposes}。"
        )
    for line in parameters.get("while_flagged", ()):
        parties, purposes = _admitted(line, lang)
        named = words("flag", line["flags"], lang)
        yield (
            f"Also, while it is recorded about the debtor ({named}): {parties}{purposes}."
            if english
            else f"债务人带有“{named}”标记期间，还可联系：{parties}{purposes}。"
        )
    if "outsiders" in parameters:
        parties, purposes = _admitted(parameters["outsiders"], lang)
        yield (
            f"Also, until one objects: {parties}{purposes}."
            if english
            else f"未表示拒绝的，还可联系：{parties}{purposes}。"
        )
    flags = words("flag", parameters["objection_flags"], lang)
    yield f"Nobody outside once recorded: {flags}." if english else f"带有“{flags}”标记后，不得再联系该第三人。"


def refusals(parameters: Parameters, lang: str) -> Iterator[str]:
    """Which media a refusal closes."""
    english = lang == "en"
    yield (
        "A refused medium, number or mailbox stays closed, at once and for every campaign."
        if english
        else "被拒绝的方式、号码或邮箱即时关闭，适用于所有任务。"
    )
    for flag, channels in parameters["flag_channels"].items():
        name, by = word("flag", flag, lang), channels_text(channels, lang)
        yield f"Recorded “{name}”: closes {by}." if english else f"标记“{name}”：关闭{by}。"
    yield from one_reply(parameters, lang)
    if "one_confirmation" in parameters:
        purposes = words("purpose", parameters["one_confirmation"]["purposes"], lang)
        yield (
            f"Not barred: one bare confirmation of the refusal by that medium ({purposes})."
            if english
            else f"例外：可以同一方式确认一次该拒绝（{purposes}）。"
        )


def required_consent(parameters: Parameters, lang: str) -> Iterator[str]:
    """Which voices need which consent."""
    voices, by = words("voice", parameters["voices"], lang), channels_text(parameters["channels"], lang)
    terms = consent_text(parameters["consent"], lang)
    yield f"For {by} with an {voices}: only under {terms}." if lang == "en" else f"以{voices}进行{by}：须有{terms}。"


def workplace(parameters: Parameters, lang: str) -> Iterator[str]:
    """What closes contact at the place of work."""
    english, places = lang == "en", words("place", parameters["places"], lang)
    parties, flags = parties_text(parameters["parties"], lang), words("flag", parameters["flags"], lang)
    by, boxes = channels_text(parameters["channels"], lang, "or"), words("channel", parameters["mailboxes"], lang)
    if english:
        yield f"Contact points {places}: no contact with {parties} by {by} while it is recorded: {flags}."
        yield f"No {boxes} to an address the employer provides, unless the person wrote from that very address."
    else:
        yield f"{places}的联系方式：带有“{flags}”标记期间，不得以{by}联系{parties}。"
        yield f"不得向单位提供的地址发送{boxes}，除非对方曾用该地址来信。"


def once_per_person(parameters: Parameters, lang: str) -> Iterator[str]:
    """What may be asked of a person once."""
    purposes, parties = words("purpose", parameters["purposes"], lang), parties_text(parameters["parties"], lang)
    yield (
        f"Only once for each person ({parties}): {purposes}."
        if lang == "en"
        else f"对每人（{parties}）仅限一次：{purposes}。"
    )
    yield counted_text(parameters["counted"], lang)
