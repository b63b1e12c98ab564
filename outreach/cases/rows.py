"""From a record to a checked row, or to the list of everything wrong with it. Pure; `today` is passed in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from zoneinfo import available_timezones

import phonenumbers

from outreach.cases.csv_file import Record
from outreach.db.tables import CHANNELS, CREDITOR_TIERS, DEBTOR_TIERS
from policy.facts import FLAGS

PARTIES = ("debtor", "third_party", "guarantor", "spouse", "parent", "guardian", "executor", "attorney")
PLACES = ("personal", "work")
LANGUAGES = ("zh", "en")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_TEXT = 200
EARLIEST = date(1900, 1, 1)

_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?\Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_FLAGS = tuple(sorted(FLAGS))
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}\Z", re.ASCII)
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?\Z", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}\Z", re.ASCII)
_WINDOW = re.compile(
    r"(?P<days>[a-z]{3}(?:\+[a-z]{3})*) (?P<start>(?:[01]\d|2[0-3]):[0-5]\d)-(?P<end>(?:[01]\d|2[0-3]):[0-5]\d|24:00)\Z"
)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with a record. `found` may be personal: it goes to the quarantine file and nowhere else."""

    field: str
    found: str
    expected: str
    what_to_do: str


class _Wrong(Exception):  # noqa: N818 - control flow inside this module, never seen outside
    """A cell that does not hold what it should."""

    def __init__(self, expected: str, what_to_do: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.what_to_do = what_to_do


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One checked record: a debt of a debtor to a creditor, with one number."""

    line: int
    creditor: str
    creditor_tier: str
    jurisdiction: str
    debtor_reference: str
    name: str
    birth_date: date | None
    language: str
    debtor_tier: str
    timezones: tuple[str, ...]
    region: str | None
    flags: tuple[str, ...]
    refused_channels: tuple[str, ...]
    quiet_windows: tuple[Mapping[str, Any], ...]
    debt_reference: str
    principal: Decimal
    amount: Decimal
    currency: str
    due_date: date
    phone: str
    phone_source: str
    party: str
    place: str


def check(record: Record, today: date) -> CaseRow | list[Problem]:
    """The row, or every problem of the record."""
    if record.surplus or record.missing:
        count = f"{record.surplus} too many" if record.surplus else f"{record.missing} too few"
        return [Problem(field="record", found=f"{count} cells", expected="as many as the header", what_to_do=_CELLS)]
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for column, read in _readers(today).items():
        cell = record.cells.get(column, "")
        try:
            values[column] = read(cell)
        except _Wrong as wrong:
            problems.append(Problem(field=column, found=cell, expected=wrong.expected, what_to_do=wrong.what_to_do))
    return problems or CaseRow(line=record.line, **values)


_CELLS = "check the line for an unquoted separator or a missing one"


def _readers(today: date) -> Mapping[str, Callable[[str], Any]]:
    return {
        "creditor": _text,
        "creditor_tier": lambda cell: _choice(cell, CREDITOR_TIERS, "basic"),
        "jurisdiction": lambda cell: _pattern(cell, _COUNTRY, "an ISO 3166-1 country code such as CN"),
        "debtor_reference": _reference,
        "name": _text,
        "birth_date": lambda cell: _optional(cell, lambda given: _date(given, EARLIEST, today)),
        "language": lambda cell: _choice(cell, LANGUAGES, "zh"),
        "debtor_tier": lambda cell: _choice(cell, DEBTOR_TIERS, "standard"),
        "timezones": _zones,
        "region": lambda cell: _optional(cell, lambda given: _pattern(given, _REGION, "an ISO 3166-2 code: US-MA")),
        "flags": lambda cell: _list(cell, _FLAGS),
        "refused_channels": lambda cell: _list(cell, CHANNELS),
        "quiet_windows": _windows,
        "debt_reference": _reference,
        "principal": _money,
        "amount": _positive,
        "currency": lambda cell: _pattern(cell, _CURRENCY, "an ISO 4217 code such as CNY"),
        "due_date": lambda cell: _date(cell, EARLIEST, date(2200, 1, 1)),
        "phone": _phone,
        "phone_source": _text,
        "party": lambda cell: _choice(cell, PARTIES, "debtor"),
        "place": lambda cell: _choice(cell, PLACES, "personal"),
    }


def _optional(cell: str, read: Callable[[str], T]) -> T | None:
    return read(cell) if cell else None


def _text(cell: str) -> str:
    if not cell or len(cell) > MAX_TEXT or not cell.isprintable():
        raise _Wrong(f"a text of 1 to {MAX_TEXT} printable characters", "fill it in, on one line")
    return cell


def _reference(cell: str) -> str:
    return _pattern(cell, _REFERENCE, "a reference of letters, digits and ._/- without spaces")


def _pattern(cell: str, pattern: re.Pattern[str], expected: str) -> str:
    if not pattern.match(cell):
        raise _Wrong(expected, "correct the cell")
    return cell


def _choice(cell: str, choices: tuple[str, ...], default: str) -> str:
    if not cell:
        return default
    if cell not in choices:
        raise _Wrong("one of " + ", ".join(choices), f"write one of these words, or leave it empty for {default}")
    return cell


def _list(cell: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    items = tuple(dict.fromkeys(item.strip() for item in cell.split("|") if item.strip()))
    if any(item not in choices for item in items):
        raise _Wrong("words separated by |, each one of " + ", ".join(choices), "correct the misspelt word")
    return items


def _zones(cell: str) -> tuple[str, ...]:
    zones = tuple(dict.fromkeys(item.strip() for item in cell.split("|") if item.strip()))
    if not zones or any(zone not in _known_zones() for zone in zones):
        raise _Wrong(
            "IANA zone names separated by |, such as Asia/Shanghai",
            "list every zone in which the person may be; without one nobody may call",
        )
    return zones


@cache
def _known_zones() -> frozenset[str]:
    """Places only: `Etc/GMT+8` and the like say nothing about where a person is."""
    return frozenset(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def _windows(cell: str) -> tuple[Mapping[str, Any], ...]:
    windows = []
    for item in (part.strip() for part in cell.split("|") if part.strip()):
        match = _WINDOW.match(item)
        days = match["days"].split("+") if match else []
        if match is None or any(day not in DAYS for day in days) or len(set(days)) != len(days):
            raise _Wrong("weekly windows such as 'mon+tue 12:00-14:00', separated by |", "correct the window")
        windows.append({"days": days, "start": match["start"], "end": match["end"]})
    return tuple(windows)


def _money(cell: str) -> Decimal:
    if not _MONEY.match(cell):
        raise _Wrong("an amount such as 1234.50, without sign and separators", "write the plain number")
    return Decimal(cell).quantize(Decimal("0.01"))


def _positive(cell: str) -> Decimal:
    amount = _money(cell)
    if amount == 0:
        raise _Wrong("an amount above zero", "leave out debts that are paid")
    return amount


def _date(cell: str, earliest: date, latest: date) -> date:
    try:
        value = date.fromisoformat(cell) if _DATE.match(cell) else None
    except ValueError:
        value = None
    if value is None or not earliest <= value <= latest:
        raise _Wrong(f"a date YYYY-MM-DD from {earliest} to {latest}", "correct the date")
    return value


def _phone(cell: str) -> str:
    try:
        number = phonenumbers.parse(cell, None) if cell.startswith("+") else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise _Wrong(
            "a valid telephone number in E.164 form: +, country code, number", "add the country code, check the digits"
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
