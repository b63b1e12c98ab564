"""Scenarios from outside: one JSON object in the project's conformance format, parsed strictly.

Field by field as the format's JSON Schema has it, plus what a schema cannot say (days that exist, history not after
the attempt).
`expect`, `rules`, `note` and `source` may be absent and are never read by the engine. A pack id that is not loaded
and a zone that
does not exist are *not* errors: they are well-formed questions to which the answer is *cannot tell*.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar, cast

from policy.errors import ScenarioError
from policy.facts import (
    CHANNELS,
    CONSENT_HOLDERS,
    CONSENT_KINDS,
    CREDITOR_REF,
    CREDITOR_TIERS,
    DAY_NAMES,
    DEBTOR_TIERS,
    DIRECTIONS,
    FLAGS,
    GRADES,
    NO_TERMS,
    OUTCOMES,
    PARTIES,
    PLACES,
    PURPOSES,
    VOICES,
    Attempt,
    Consent,
    DebtorFacts,
    PastContact,
    Preferences,
    Scenario,
    Terms,
    WeeklyWindow,
)

T = TypeVar("T")

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")
_CLOCK = re.compile(r"(([01]\d|2[0-3]):[0-5]\d|24:00)")
_ID = re.compile(r"[a-z]{2,}-[a-z0-9-]+")
_PACK = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z_+-]+)+")
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_DEBT = re.compile(r"D[0-9]+")
_ADDRESS = re.compile(r"[A-Za-z0-9_-]+")
_CREDITOR = re.compile(CREDITOR_REF)
_ATTEMPT_CHANNELS = CHANNELS - {"voicemail"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_JSON = "one JSON object"
_TRIED = 20
"""Unknown fields among which the misspelt one is looked for."""

_OWN = ("id", "pack", "debtor", "history", "attempt")
_OPTIONAL = ("terms", "source", "expect", "rules", "note")


def parse_json(line: str) -> dict[str, Any]:
    """One line of JSON Lines as an object. Raises `ScenarioError` (`scenario.not_json`, `.duplicate_key`)."""
    try:
        found = json.loads(line, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except RecursionError as error:
        raise ScenarioError("scenario.not_json", field="", found="text nested too deeply", expected=_JSON) from error
    except ValueError as error:
        where = _column(error, line) if isinstance(error, json.JSONDecodeError) else "a number too long"
        raise ScenarioError(
            "scenario.not_json", field="", found=f"text that is not JSON ({where})", expected=_JSON
        ) from error
    return _Reader("").object(found)


def _column(error: json.JSONDecodeError, line: str) -> str:
    """Where the text stops being JSON; what was cut off stops at its last character, not on the line after it."""
    return f"column {min(error.pos, len(line.rstrip())) + 1}"


def parse_scenario(raw: dict[str, Any]) -> Scenario:
    """A scenario of plain JSON values. Raises `ScenarioError` naming the field."""
    parts = _Reader("").keys(raw, _OWN, _OPTIONAL)
    at = _Reader("attempt")
    attempt = _attempt(at.object(parts["attempt"]), at)
    here = _Reader("history")
    history = tuple(
        _contact(here.at(i).object(item), here.at(i)) for i, item in enumerate(here.array(parts["history"]))
    )
    for index, contact in enumerate(history):
        if contact.at > attempt.at:
            where = here.at(index).sub("at")
            found, expected = "a contact later than the attempt", "history before the attempt"
            where.fail("scenario.history_after_attempt", found, expected)
    return Scenario(
        id=_Reader("id").match(parts["id"], _ID, "an id such as xx-001"),
        pack=_Reader("pack").match(parts["pack"], _PACK, "a pack id"),
        debtor=_debtor(_Reader("debtor").object(parts["debtor"]), _Reader("debtor")),
        history=history,
        attempt=attempt,
        terms=_terms(parts["terms"], _Reader("terms")) if "terms" in parts else NO_TERMS,
    )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            again = "the key again"
            raise ScenarioError("scenario.duplicate_key", field=key[:60], found=again, expected="each key once")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ScenarioError("scenario.not_json", field="", found=name, expected="a finite number")


class _Reader:
    """Typed access to one field; knows its path."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def sub(self, key: str) -> "_Reader":
        return _Reader(f"{self.path}.{key}" if self.path else key)

    def at(self, index: int) -> "_Reader":
        return _Reader(f"{self.path}[{index}]")

    def fail(self, code: str, found: str, expected: str) -> NoReturn:
        raise ScenarioError(code, field=self.path, found=found, expected=expected)

    def wrong(self, value: Any, expected: str) -> NoReturn:
        names = {dict: "an object", list: "an array", str: "text", bool: "a truth value", type(None): "null"}
        self.fail("scenario.wrong_type", names.get(type(value), "a number"), expected)

    def object(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(value, "an object")
        return value

    def array(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            self.wrong(value, "an array")
        return value

    def keys(self, value: dict[str, Any], required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
        required = tuple(required)
        allowed = {*required, *optional}
        for key in required:
            if key not in value:
                self._missing(key, [other[:60] for other in value if other not in allowed][:_TRIED])
        for key in value:
            if key not in allowed:
                self.sub(key[:60]).fail("scenario.unknown_field", "this field", f"one of {', '.join(sorted(allowed))}")
        return value

    def _missing(self, key: str, unknown: list[str]) -> NoReturn:
        """A field that is missing beside one that is unknown is most often the same field, misspelt: both are said."""
        if not unknown:
            self.sub(key).fail("scenario.missing_field", "nothing", "this field")
        near = (get_close_matches(key, unknown, n=1) or unknown)[0]
        self.sub(key).fail("scenario.missing_field", f"the unknown field `{near}`", f"`{key}`")

    def text(self, value: Any) -> str:
        if not isinstance(value, str):
            self.wrong(value, "text")
        return value

    def match(self, value: Any, pattern: re.Pattern[str], expected: str) -> str:
        if pattern.fullmatch(self.text(value)) is None:
            self.fail("scenario.bad_value", _short(value), expected)
        return cast(str, value)

    def word(self, value: Any, vocabulary: frozenset[str]) -> Any:
        if not isinstance(value, str):
            self.wrong(value, f"one of {', '.join(sorted(vocabulary))}")
        if value not in vocabulary:
            self.fail("scenario.unknown_value", _short(value), f"one of {', '.join(sorted(vocabulary))}")
        return value

    def distinct(self, value: Any, read: Callable[["_Reader", Any], str]) -> list[str]:
        found: list[str] = []
        for index, item in enumerate(self.array(value)):
            here = self.at(index)
            word = read(here, item)
            if word in found:
                here.fail("scenario.bad_value", f"{_short(word)} again", "each item once")
            found.append(word)
        return found

    def words(self, value: Any, vocabulary: frozenset[str]) -> frozenset[str]:
        return frozenset(self.distinct(value, lambda here, item: cast(str, here.word(item, vocabulary))))

    def instant(self, value: Any) -> datetime:
        if _INSTANT.fullmatch(self.text(value)) is None:
            self.fail("scenario.bad_instant", _short(value), "RFC 3339 with seconds and an offset or Z")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail("scenario.bad_instant", _short(value), "a day and time that exist")

    def day(self, value: Any) -> date:
        expected = "a day that exists, YYYY-MM-DD"
        if _DAY.fullmatch(self.text(value)) is None:
            self.fail("scenario.bad_date", "text that is no day", expected)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail("scenario.bad_date", "a day that does not exist", expected)


def _short(value: Any) -> str:
    text = str(value)
    return f"`{text[:40]}`" + ("…" if len(text) > 40 else "")


def _window(raw: Any, at: _Reader) -> WeeklyWindow:
    parts = at.keys(at.object(raw), ("days", "start", "end"))
    days = at.sub("days").words(parts["days"], frozenset(DAY_NAMES))
    if not days:
        at.sub("days").fail("scenario.bad_value", "no day", "at least one day")
    return WeeklyWindow(
        days=frozenset(DAY_NAMES.index(day) for day in days),
        start_secs=_clock(parts["start"], at.sub("start")),
        end_secs=_clock(parts["end"], at.sub("end")),
    )


def _clock(raw: Any, at: _Reader) -> int:
    text = at.match(raw, _CLOCK, "a clock time HH:MM up to 24:00")
    return int(text[:2]) * 3600 + int(text[3:]) * 60


def _consent(raw: Any, at: _Reader) -> Consent:
    parts = at.keys(at.object(raw), ("kind", "at", "given_to"), ("debt", "valid_until", "window"))
    until = parts.get("valid_until")
    return Consent(
        kind=at.sub("kind").word(parts["kind"], CONSENT_KINDS),
        given_at=at.sub("at").instant(parts["at"]),
        given_to=at.sub("given_to").word(parts["given_to"], CONSENT_HOLDERS),
        debt=at.sub("debt").match(parts["debt"], _DEBT, "a debt id such as D1") if "debt" in parts else None,
        valid_until=at.sub("valid_until").instant(until) if "valid_until" in parts else None,
        window=_window(parts["window"], at.sub("window")) if "window" in parts else None,
    )


def _preferences(raw: Any, at: _Reader) -> Preferences:
    parts = at.keys(at.object(raw), ("no_contact_windows", "no_channels"), ("no_addresses",))
    windows, refused = at.sub("no_contact_windows"), at.sub("no_addresses")
    listed = enumerate(windows.array(parts["no_contact_windows"]))
    raw_addresses = parts.get("no_addresses", [])
    addresses = refused.distinct(raw_addresses, lambda here, item: here.match(item, _ADDRESS, "a label"))
    return Preferences(
        no_contact_windows=tuple(_window(item, windows.at(index)) for index, item in listed),
        no_channels=at.sub("no_channels").words(parts["no_channels"], _ATTEMPT_CHANNELS),
        no_addresses=frozenset(addresses),
    )


def _debtor(raw: dict[str, Any], at: _Reader) -> DebtorFacts:
    parts = at.keys(raw, ("timezones", "flags", "preferences"), ("birth_date", "region", "consents"))
    zones = at.sub("timezones").distinct(
        parts["timezones"], lambda here, item: here.match(item, _ZONE, "an IANA time zone such as Area/City")
    )
    if not zones:
        at.sub("timezones").fail("scenario.bad_value", "no zone", "at least one IANA time zone")
    consents = at.sub("consents")
    listed = enumerate(consents.array(parts.get("consents", [])))
    region = at.sub("region")
    return DebtorFacts(
        timezones=tuple(zones),
        birth_date=at.sub("birth_date").day(parts["birth_date"]) if "birth_date" in parts else None,
        region=region.match(parts["region"], _REGION, "an ISO 3166-2 code") if "region" in parts else None,
        flags=at.sub("flags").words(parts["flags"], FLAGS),
        preferences=_preferences(parts["preferences"], at.sub("preferences")),
        consents=tuple(_consent(item, consents.at(index)) for index, item in listed),
    )


def _terms(raw: Any, at: _Reader) -> Terms:
    parts = at.keys(at.object(raw), (), ("creditor", "creditor_tier", "debtor_tier", "grade"))
    words = {
        name: at.sub(name).word(parts[name], frozenset(vocabulary))
        for name, vocabulary in (("creditor_tier", CREDITOR_TIERS), ("debtor_tier", DEBTOR_TIERS), ("grade", GRADES))
        if name in parts
    }
    if "creditor" in parts:
        words["creditor"] = at.sub("creditor").match(parts["creditor"], _CREDITOR, "a creditor's reference such as C1")
    return Terms(**words)


def _contact(raw: dict[str, Any], at: _Reader) -> PastContact:
    needed = ("at", "channel", "direction", "outcome", "debt", "party")
    parts = at.keys(raw, needed, ("also_debts", "address", "purpose"))
    also = at.sub("also_debts").distinct(
        parts.get("also_debts", []), lambda here, item: here.match(item, _DEBT, "a debt id such as D1")
    )
    return PastContact(
        at=at.sub("at").instant(parts["at"]),
        channel=at.sub("channel").word(parts["channel"], CHANNELS),
        direction=at.sub("direction").word(parts["direction"], DIRECTIONS),
        outcome=at.sub("outcome").word(parts["outcome"], OUTCOMES),
        debt=at.sub("debt").match(parts["debt"], _DEBT, "a debt id such as D1"),
        party=at.sub("party").word(parts["party"], PARTIES),
        also_debts=frozenset(also),
        address=at.sub("address").match(parts["address"], _ADDRESS, "a label") if "address" in parts else None,
        purpose=at.sub("purpose").word(parts.get("purpose", "collection"), PURPOSES),
    )


def _attempt(raw: dict[str, Any], at: _Reader) -> Attempt:
    parts = at.keys(raw, ("at", "channel", "purpose", "debt", "party"), ("address", "place", "voice"))
    return Attempt(
        at=at.sub("at").instant(parts["at"]),
        channel=at.sub("channel").word(parts["channel"], _ATTEMPT_CHANNELS),
        purpose=at.sub("purpose").word(parts["purpose"], PURPOSES),
        debt=at.sub("debt").match(parts["debt"], _DEBT, "a debt id such as D1"),
        party=at.sub("party").word(parts["party"], PARTIES),
        address=at.sub("address").match(parts["address"], _ADDRESS, "a label") if "address" in parts else None,
        place=at.sub("place").word(parts.get("place", "personal"), PLACES),
        voice=at.sub("voice").word(parts.get("voice", "human"), VOICES),
    )
