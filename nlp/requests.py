"""Lines of input as data: strict reading of the JSON Lines of the command-line contract."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from nlp.analysis import Turn
from nlp.errors import InputLineError
from nlp.labels import Speaker

# Fields of the labelled evaluation sets travel along unread, so that one file serves both commands.
FIELDS: Final = ("id", "text", "speaker", "lang", "context", "reference_date")
LABEL_FIELDS: Final = (
    "labels", "span", "mood", "vulnerability", "intents", "promise", "noise", "kind", "source", "source_type",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Request:
    """One utterance to analyse; `expected` holds the label fields when the line had any."""

    id: str | int | None
    text: str
    speaker: Speaker
    lang: str | None
    context: tuple[Turn, ...]
    reference_date: date | None
    expected: Mapping[str, Any]


def parse_line(line: str, *, default_speaker: Speaker | None = None) -> Request:
    """The request in one line of JSON. Raises InputLineError with the field, what was found and what was expected."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputLineError("input.json", f"not JSON at column {error.colno}; expected one object a line") from error
    if not isinstance(value, dict):
        raise InputLineError("input.shape", f"found {_kind(value)}; expected a JSON object")
    unknown = sorted(set(value) - set(FIELDS) - set(LABEL_FIELDS))
    if unknown:
        near = get_close_matches(unknown[0], FIELDS, 1)
        hint = f"; did you mean {near[0]!r}" if near else f"; expected {', '.join(FIELDS)}"
        raise InputLineError("input.unknown_field", f"unknown field {unknown[0]!r}{hint}", field=unknown[0])
    return Request(
        id=_id(value.get("id")),
        text=_text(value.get("text")),
        speaker=_speaker(value.get("speaker", default_speaker)),
        lang=_lang(value.get("lang")),
        context=_context(value.get("context", [])),
        reference_date=_day(value.get("reference_date")),
        expected={key: value[key] for key in LABEL_FIELDS if key in value},
    )


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _wrong(field: str, value: Any, expected: str) -> InputLineError:
    return InputLineError("input.field", f"field {field!r}: found {_kind(value)}; expected {expected}", field=field)


def _id(value: Any) -> str | int | None:
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value
    raise _wrong("id", value, "a text or a number")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong("text", value, "a text")
    return value


def _speaker(value: Any) -> Speaker:
    if value in set(Speaker):
        return Speaker(value)
    raise InputLineError("input.field", "field 'speaker': expected 'agent' or 'debtor'", field="speaker")


def _lang(value: Any) -> str | None:
    if value in (None, "zh", "en"):
        return str(value) if value else None
    raise InputLineError("input.field", "field 'lang': expected 'zh', 'en' or no such field", field="lang")


def _context(value: Any) -> tuple[Turn, ...]:
    if not isinstance(value, list):
        raise _wrong("context", value, "a list of texts or of objects with 'speaker' and 'text'")
    turns = []
    for item in value:
        if isinstance(item, str):
            turns.append(Turn(speaker="", text=item))
        elif isinstance(item, dict) and isinstance(item.get("text"), str) and isinstance(item.get("speaker", ""), str):
            turns.append(Turn(speaker=item.get("speaker", ""), text=item["text"]))
        else:
            raise _wrong("context", item, "texts or objects with 'speaker' and 'text'")
    return tuple(turns)


def _day(value: Any) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong("reference_date", value, "a day as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InputLineError(
            "input.field", "field 'reference_date': not a day; expected YYYY-MM-DD", field="reference_date"
        ) from error
