"""Sentence templates of collection calls: families of lines with alternatives and slots, filled at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from speech.synthesis import chinese_numbers, english_numbers

DATA = Path(__file__).parent / "data"
_ALIASES = {
    "creditor": "inst",
    "institution": "inst",
    "debtor_name": "name",
    "debt_name": "product",
    "due_date": "date",
    "promise_date": "date",
    "promise_amount": "amount",
    "instalment_amount": "amount",
    "instalments": "n",
    "callback_time": "clock",
    "service_phone": "phone",
    "crisis_line": "phone",
}
"""Slot names of the script library, by the slots here that fill them."""
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def _words(lang: str) -> dict[str, list[str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load((DATA / "slots.yaml").read_text("utf-8"))
    return {
        key: [word.strip() for word in re.split(r"\s" if lang == "zh" else r"\|", text)]
        for key, text in loaded[lang].items()
    }


_ZH_WORDS, _EN_WORDS = _words("zh"), _words("en")


@dataclass(frozen=True, kw_only=True)
class Family:
    """The lines of one template family; a held-out family is never trained on."""

    name: str
    lines: tuple[str, ...]
    heldout: bool


def _zh_amount(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.55:
        value = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 18, 25)) * rng.choice((100, 1000, 1000, 10_000))
    elif kind < 0.85:
        value = rng.randint(11, 999) * rng.choice((1, 10, 10, 100))
    else:
        value = rng.randint(1000, 99_999)
    return chinese_numbers.write_out(f"{value}{rng.choice('块元')}") + rng.choice(("钱", "", "", ""))


def _zh_phone(rng: random.Random) -> str:
    lead = rng.choice(("138", "139", "186", "150", "177", "400", "955", "021"))
    return chinese_numbers.spell_digits(
        lead + "".join(rng.choices("0123456789", k=rng.choice((2, 4, 8)))), telephone=True
    )


def _zh_date(rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(_ZH_WORDS["days"])
    month = (
        chinese_numbers.number(rng.randint(1, 12)) + "月" if rng.random() < 0.7 else rng.choice(("本月", "这个月", ""))
    )
    return month + chinese_numbers.number(rng.randint(1, 31)) + rng.choice("号号日")


def _zh_clock(rng: random.Random) -> str:
    hour = rng.randint(1, 12)
    return ("两" if hour == 2 else chinese_numbers.number(hour)) + rng.choice(("点", "点", "点半", "点十分", "点四十"))


_ZH_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "name": lambda rng: rng.choice(_ZH_WORDS["surnames"]) + rng.choice(_ZH_WORDS["given"]),
    "agent_name": lambda rng: "小" + rng.choice(_ZH_WORDS["surnames"]),
    "surname": lambda rng: rng.choice(_ZH_WORDS["surnames"]),
    "amount": _zh_amount,
    "phone": _zh_phone,
    "date": _zh_date,
    "clock": _zh_clock,
    "digits": lambda rng: chinese_numbers.spell_digits("".join(rng.choices("0123456789", k=4)), rng.random() < 0.8),
    "n": lambda rng: ("两", *map(chinese_numbers.number, (3, 4, 5, 6, 8, 9, 10, 12, 15, 18, 24, 30, 36, 60)))[
        rng.randrange(15)
    ],
    "year": lambda rng: chinese_numbers.spell_digits(str(rng.randint(2015, 2027))),
    "month": lambda rng: chinese_numbers.number(rng.randint(1, 12)) + "月",
    "day": lambda rng: chinese_numbers.number(rng.randint(1, 31)),
    "age": lambda rng: chinese_numbers.number(rng.randint(60, 88)),
}


def _en_amount(rng: random.Random) -> str:
    value = rng.choice(
        (rng.randint(1, 30) * 100, rng.randint(2, 99) * 10, rng.randint(1, 9) * 1000, rng.randint(21, 9999))
    )
    return f"{english_numbers.number(value)} dollars"


def _en_date(rng: random.Random) -> str:
    day = rng.choice(_EN_WORDS["day"])
    month = rng.choice(_EN_WORDS["month"])
    kinds = (day, f"next {day}", f"this {day}", "tomorrow", "today", "next week", "next month", "the end of the month")
    if rng.random() < 0.65:
        return rng.choice(kinds)
    spoken = english_numbers.ordinal(rng.randint(1, 31))
    return rng.choice((f"{month} {spoken}", f"the {spoken}"))


_EN_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "name": lambda rng: f"{rng.choice(_EN_WORDS['first'])} {rng.choice(_EN_WORDS['last'])}",
    "agent_name": lambda rng: rng.choice(_EN_WORDS["first"]),
    "amount": _en_amount,
    "date": _en_date,
    "phone": lambda rng: english_numbers.spell_digits("".join(rng.choices("0123456789", k=rng.choice((3, 7, 10))))),
    "digits": lambda rng: english_numbers.spell_digits("".join(rng.choices("0123456789", k=4))),
    "n": lambda rng: english_numbers.number(rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 18, 24, 30, 45, 60, 90))),
    "clock": lambda rng: (
        f"{english_numbers.number(rng.randint(1, 12))}{rng.choice((' thirty', ' fifteen', '', ' pm', ' am'))}"
    ),
    "age": lambda rng: english_numbers.number(rng.randint(60, 88)),
}


@cache
def families(lang: str) -> tuple[Family, ...]:
    """Every template family of a language, in file order."""
    found: list[Family] = []
    for block in re.split(r"^= ", (DATA / f"templates-{lang}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        header, *lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        found.append(Family(name=header.split()[0], lines=tuple(lines), heldout=header.endswith("!")))
    return tuple(found)


def _slot(name: str, lang: str, rng: random.Random) -> str:
    name = _ALIASES.get(name, name)
    slots, words = (_ZH_SLOTS, _ZH_WORDS) if lang == "zh" else (_EN_SLOTS, _EN_WORDS)
    if name in slots:
        return slots[name](rng)
    return rng.choice(words[name])


def fill(line: str, lang: str, rng: random.Random) -> str:
    """One sentence from a template line."""
    chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), line)
    filled = _SLOT.sub(lambda match: _slot(match[1], lang, rng), chosen)
    return re.sub(r"\s+", " ", filled).replace(" ,", ",").strip(" ,，")


def sentence(lang: str, heldout: bool, rng: random.Random) -> tuple[str, str]:
    """A random sentence of a trained (or held-out) family, and the family's name; families weigh by their lines."""
    pool = [(family.name, line) for family in families(lang) if family.heldout is heldout for line in family.lines]
    name, line = rng.choice(pool)
    return fill(line, lang, rng), name
