"""What the sentences about rules share: values, channels, parties, consents, replies (pure)."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy.facts import CHANNELS, PARTIES
from policy.telling.parameter_words import parameter_word
from policy.telling.words import word, words

Parameters = Mapping[str, Any]


def rest(parameters: Parameters, told: frozenset[str], lang: str) -> tuple[str, ...]:
    """Every parameter not yet told, by name and value."""
    colon, end = (": ", ".") if lang == "en" else ("：", "。")
    return tuple(
        f"{capital(parameter_word(name, lang))}{colon}{value_text(value, lang)}{end}"
        for name, value in parameters.items()
        if name not in told
    )


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def value_text(value: Any, lang: str) -> str:
    """A plain value: lists joined, mappings as `name value`, yes and no in words."""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[lang][value]
    if isinstance(value, Mapping):
        parts = (f"{parameter_word(str(key), lang)} {value_text(item, lang)}" for key, item in value.items())
        return {"en": "; ", "zh": "；"}[lang].join(parts)
    if isinstance(value, list):
        return {"en": ", ", "zh": "、"}[lang].join(value_text(item, lang) for item in value)
    return parameter_word(value, lang) if isinstance(value, str) else str(value)


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
    english, holder = lang == "en", words("holder", terms.get("given_to", []), lang)
    name = word("consent", terms["kind"], lang)
    parts = [f"{name}, given to the {holder}" if english else f"向{holder}作出的“{name}”"]
    if "parties" in terms:
        parties = parties_text(terms["parties"], lang)
        parts.append(f"for contact with {parties}" if english else f"仅限联系{parties}")
    if terms.get("given_in_open_hours"):
        parts.append("itself given at an open hour" if english else "且在开放时段内作出")
    if "days" in terms:
        days = terms["days"]
        parts.append(f"valid {days} calendar days, its own the first" if english else f"自当日起{days}天内有效")
    if terms.get("ends_with_conversation"):
        parts.append("ended by a conversation" if english else "一经通话即终止")
    parts.extend(text.rstrip(".。") for text in rest(terms, _CONSENT, lang))
    return (", " if english else "，").join(parts)


_CONSENT = frozenset(
    {"kind", "given_to", "parties", "given_in_open_hours", "days", "ends_with_conversation", "uncounted"}
)


def one_reply(parameters: Parameters, lang: str) -> Iterator[str]:
    """The exception for one answer to what the person sent, where there is one."""
    if "one_reply" not in parameters:
        return
    purposes = words("purpose", parameters["one_reply"]["purposes"], lang)
    yield (
        f"Not barred: one answer per message the person sent by the same medium ({purposes})."
        if lang == "en"
        else f"例外：对方以同一方式发来的每条信息可答复一次（{purposes}）。"
    )
