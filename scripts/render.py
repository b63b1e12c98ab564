"""Fills the slots of a line with checked values. A missing or badly typed fact is an error: a half-filled line is
never spoken.

Error messages name the slot and the kind of thing found, never the value: facts are personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from scripts.errors import RenderError
from scripts.script import SLOT_PATTERN, Line, Slot, SlotKind
from scripts.spoken import CURRENCIES, count_zh, day_spoken, digits_spoken, money_spoken, number_en, time_spoken

MAX_TEXT_CHARS = 60
_MAX_AMOUNT = Decimal(10) ** 12
_DEFAULT_CURRENCY = {"zh": "CNY", "en": "USD"}
_NOT_IN_NAMES = re.compile(r"[。！？；!?;{}<>\x00-\x1f\x7f]")
_PHONE_PUNCTUATION = re.compile(r"[\s()+.-]")
_SENTENCE_START = re.compile(r"(^|[.?!] )([a-z])")
_WRITTEN_DATE = {"zh": "{0.year}年{0.month}月{0.day}日", "en": "{0:%B} {0.day}, {0.year}"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts under their slot names, with what is needed to speak them.

    `today` lets a year go unsaid when it is the current one; without it the year is always said. `currency` holds for
    amounts that do not bring their own.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    currency: str | None = None
    today: date | None = None


def resolve_facts(raw: Mapping[str, object], slots: Mapping[str, Slot]) -> Facts:
    """Facts as given, under canonical slot names. Null and empty text count as not given; names that no slot has are
    left out.

    `currency` and `today` (ISO day) are read beside the slots. Raises RenderError when these two are malformed.
    """
    given = {name: value for name, value in raw.items() if value is not None and value != ""}
    values: dict[str, object] = {}
    for slot in slots.values():
        name = next((name for name in (slot.name, *slot.aliases) if name in given), None)
        if name is not None:
            values[slot.name] = given[name]
    currency, today = given.get("currency"), given.get("today")
    if currency is not None and currency not in CURRENCIES:
        raise _bad("currency", currency, "one of " + ", ".join(CURRENCIES))
    return Facts(
        values=values,
        currency=None if currency is None else str(currency),
        today=None if today is None else _day("today", today),
    )


def missing_slots(line: Line, slots: Mapping[str, Slot], facts: Facts) -> tuple[str, ...]:
    """Slots of the line that no fact and no default fills, in order of the text."""
    return tuple(name for name in line.slots if name not in facts.values and line.lang not in slots[name].defaults)


def render(line: Line, slots: Mapping[str, Slot], facts: Facts, *, spoken: bool = True) -> str:
    """The line with every slot filled; numbers in words when `spoken`, in figures when it is to be read.

    Raises RenderError (`render.missing_slot`, `render.wrong_type`).
    """
    missing = missing_slots(line, slots, facts)
    if missing:
        names = ", ".join(missing)
        raise RenderError(
            "render.missing_slot", f"line {line.script}/{line.step}/{line.id}: no fact for {names}", field=missing[0]
        )

    def fill(match: re.Match[str]) -> str:
        slot = slots[match.group(1)]
        raw = facts.values.get(slot.name, slot.defaults.get(line.lang))
        return value_text(slot, raw, line.lang, facts, spoken=spoken)

    text = SLOT_PATTERN.sub(fill, line.text)
    return _SENTENCE_START.sub(lambda m: m.group(1) + m.group(2).upper(), text) if line.lang == "en" else text


def value_text(slot: Slot, raw: object, lang: str, facts: Facts, *, spoken: bool) -> str:
    """One checked value as it is said or written. Raises RenderError."""
    if slot.kind is SlotKind.MONEY:
        amount, currency = _money(slot.name, raw, facts.currency or _DEFAULT_CURRENCY[lang])
        return money_spoken(amount, currency, lang) if spoken else f"{amount:,} {currency}"
    if slot.kind is SlotKind.DATE:
        day = _day(slot.name, raw)
        return day_spoken(day, lang, with_year=_with_year(day, facts)) if spoken else _WRITTEN_DATE[lang].format(day)
    if slot.kind is SlotKind.TIME:
        moment = _moment(slot.name, raw)
        return (
            time_spoken(moment, lang, with_year=_with_year(moment.date(), facts))
            if spoken
            else f"{moment:%Y-%m-%d %H:%M}"
        )
    if slot.kind is SlotKind.COUNT:
        count = _count(slot.name, raw)
        return str(count) if not spoken else count_zh(count) if lang == "zh" else number_en(count)
    if slot.kind is SlotKind.DIGITS:
        digits = _digits(slot.name, raw)
        return digits_spoken(digits, lang) if spoken else digits
    return _short_text(slot.name, raw)


def _with_year(day: date, facts: Facts) -> bool:
    return facts.today is None or day.year != facts.today.year


def _bad(name: str, raw: object, expected: str) -> RenderError:
    return RenderError(
        "render.wrong_type", f"fact {name}: found {type(raw).__name__}; expected {expected}", field=f"facts.{name}"
    )


def _money(name: str, raw: object, currency: str) -> tuple[Decimal, str]:
    if isinstance(raw, Mapping):
        currency = str(raw.get("currency", currency))
        raw = raw.get("amount")
    expected = "an amount of at least zero with at most two decimals, such as 2000 or 1250.50, in " + ", ".join(
        CURRENCIES
    )
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)) or currency not in CURRENCIES:
        raise _bad(name, raw, expected)
    try:
        amount = Decimal(str(raw).replace(",", ""))
    except InvalidOperation as error:
        raise _bad(name, raw, expected) from error
    if not amount.is_finite() or not 0 <= amount < _MAX_AMOUNT or amount != amount.quantize(Decimal("0.01")):
        raise _bad(name, raw, expected)
    return amount, currency


def _day(name: str, raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError as error:
        raise _bad(name, raw, "a day as YYYY-MM-DD") from error


def _moment(name: str, raw: object) -> datetime:
    if isinstance(raw, datetime):
        return raw
    expected = "a day and time as YYYY-MM-DDTHH:MM"
    if not isinstance(raw, str) or "T" not in raw:
        raise _bad(name, raw, expected)
    try:
        return datetime.fromisoformat(raw)
    except ValueError as error:
        raise _bad(name, raw, expected) from error


def _count(name: str, raw: object) -> int:
    text = str(raw) if isinstance(raw, (int, str)) and not isinstance(raw, bool) else ""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1000):
        raise _bad(name, raw, "a whole number from 1 to 999")
    return int(text)


def _digits(name: str, raw: object) -> str:
    text = _PHONE_PUNCTUATION.sub("", str(raw)) if isinstance(raw, (int, str)) and not isinstance(raw, bool) else ""
    if not (text.isascii() and text.isdigit() and 2 < len(text) <= 20):
        raise _bad(name, raw, "3 to 20 digits")
    return text


def _short_text(name: str, raw: object) -> str:
    text = raw.strip() if isinstance(raw, str) else ""
    if not text or len(text) > MAX_TEXT_CHARS or _NOT_IN_NAMES.search(text):
        raise _bad(name, raw, f"a name or short phrase of at most {MAX_TEXT_CHARS} characters, without sentence marks")
    return text
