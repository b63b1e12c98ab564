"""YAML with positions: every value knows its file, line and field, so that a refusal can say exactly where.

Stricter than YAML: duplicate keys, aliases, written tags, several documents, deep nesting, characters that cannot be
seen and unquoted clock times are refused. Reading a node as the wrong type raises `RulebookError` (codes
`rulebook.not_yaml`, `.duplicate_key`, `.unknown_key`, `.missing_key`, `.wrong_type`, `.bad_value`, `.bad_date`,
`.bad_text`).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import yaml

from policy.errors import RulebookError

MAX_CHARS = 1_000_000
"""A longer file is no rulebook; reading it would only keep the start waiting."""

MAX_DEPTH = 24
MAX_TEXT = 4_000
FIRST_YEAR, LAST_YEAR = 1800, 2199
"""Days outside are slips of the pen, and would lead calendars over their own edges."""

_CLOCK = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_STRING, _INT, _BOOL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool"
_DATE, _NULL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:null"
_READ = frozenset({_STRING, _INT, _BOOL, _DATE, _NULL})
_LANGS = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Node:
    """One located value: a scalar, a list of nodes or a mapping of text to node."""

    value: Any
    file: str
    line: int
    field: str

    def fail(self, code: str, expected: str, found: str | None = None) -> NoReturn:
        """Raise the `RulebookError` that names this place."""
        shown = found if found is not None else _describe(self.value)
        raise RulebookError(code, file=self.file, line=self.line, field=self.field, found=shown, expected=expected)

    def mapping(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Node"]:
        """The mapping, which has every key of `required`, and no key beyond `required` and `optional`."""
        if not isinstance(self.value, dict):
            self.fail("rulebook.wrong_type", "a mapping")
        needed, allowed = tuple(required), {*required, *optional}
        for key, child in self.value.items():
            if key not in allowed:
                child.fail("rulebook.unknown_key", f"one of {', '.join(sorted(allowed))}", f"the key `{_shown(key)}`")
        for key in needed:
            if key not in self.value:
                self.fail("rulebook.missing_key", f"the key `{key}`", "no such key")
        return dict(self.value)

    def entries(self) -> dict[str, "Node"]:
        """The mapping with any keys that are names in lower case."""
        if not isinstance(self.value, dict):
            self.fail("rulebook.wrong_type", "a mapping")
        for key, child in self.value.items():
            if _KEY.fullmatch(key) is None:
                child.fail("rulebook.unknown_key", "a key in lower case, with underscores", f"the key `{_shown(key)}`")
        return dict(self.value)

    def items(self, *, at_least: int = 0) -> list["Node"]:
        """The list, with at least that many items."""
        if not isinstance(self.value, list):
            self.fail("rulebook.wrong_type", "a list")
        if len(self.value) < at_least:
            self.fail("rulebook.bad_value", f"at least {at_least} item(s)", f"{len(self.value)}")
        return list(self.value)

    def text(self) -> str:
        """Non-empty text without surrounding blanks, not longer than a page."""
        if not isinstance(self.value, str):
            self.fail("rulebook.wrong_type", "text (quote clock times, dates and yes/no words)")
        if not self.value or self.value != self.value.strip():
            self.fail("rulebook.bad_value", "non-empty text without surrounding blanks")
        if len(self.value) > MAX_TEXT:
            self.fail("rulebook.bad_value", f"at most {MAX_TEXT} characters", f"{len(self.value)} characters")
        return self.value

    def matching(self, pattern: str, what: str) -> str:
        """Text that matches the whole `pattern`; `what` says so in words."""
        found = self.text()
        if re.fullmatch(pattern, found) is None:
            self.fail("rulebook.bad_value", what)
        return found

    def integer(self, *, least: int, most: int = 1_000_000) -> int:
        """A whole number in least..most; true and false are not numbers."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail("rulebook.wrong_type", f"a whole number from {least} to {most}")
        if not least <= self.value <= most:
            self.fail("rulebook.bad_value", f"a whole number from {least} to {most}")
        return self.value

    def boolean(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fail("rulebook.wrong_type", "true or false")
        return self.value

    def day(self) -> date:
        """A calendar day, written YYYY-MM-DD without quotes."""
        if not isinstance(self.value, date):
            self.fail("rulebook.wrong_type", "a date YYYY-MM-DD")
        if not FIRST_YEAR <= self.value.year <= LAST_YEAR:
            self.fail("rulebook.bad_date", f"a day of the years {FIRST_YEAR} to {LAST_YEAR}")
        return self.value

    def clock_secs(self) -> int:
        """A quoted clock time "HH:MM" as seconds since midnight; "24:00" is the end of the day."""
        match = _CLOCK.fullmatch(self.text())
        if match is None:
            self.fail("rulebook.bad_value", 'a quoted clock time "HH:MM"')
        return 86_400 if match[1] is None else int(match[1]) * 3600 + int(match[2]) * 60

    def one_of(self, vocabulary: Iterable[str]) -> str:
        """A word of a closed vocabulary."""
        known = sorted(vocabulary)
        if not isinstance(self.value, str) or self.value not in known:
            self.fail("rulebook.bad_value", f"one of {', '.join(known)}")
        return self.value

    def words(self, vocabulary: Iterable[str]) -> frozenset[str]:
        """A non-empty list of different words of a closed vocabulary."""
        known = frozenset(vocabulary)
        found: set[str] = set()
        for item in self.items(at_least=1):
            word = item.one_of(known)
            if word in found:
                item.fail("rulebook.bad_value", "each word once")
            found.add(word)
        return frozenset(found)

    def distinct(self, *, at_least: int = 0) -> list[str]:
        """A list of different texts."""
        found: list[str] = []
        for item in self.items(at_least=at_least):
            if item.text() in found:
                item.fail("rulebook.duplicate_id", "each text once")
            found.append(item.text())
        return found

    def bilingual(self) -> dict[str, str]:
        """Text in English and Chinese."""
        parts = self.mapping(_LANGS)
        return {lang: parts[lang].text() for lang in _LANGS}

    def plain(self) -> Any:
        """The value as JSON types, dates as ISO text."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value.isoformat() if isinstance(self.value, date) else self.value


def read_yaml(text: str, file: str) -> Node:
    """Parse one YAML document. Raises `RulebookError`."""
    if len(text) > MAX_CHARS:
        raise _error("rulebook.not_yaml", file, 1, f"{len(text)} characters", f"at most {MAX_CHARS} characters")
    try:
        root = _StrictLoader(text, file).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "broken YAML"
        raise _error("rulebook.not_yaml", file, _line(mark), problem, "one YAML document") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:  # escapes such as "\\UFFFFFFFF"
        raise _error("rulebook.not_yaml", file, 1, "unreadable text", "one YAML document in UTF-8") from error
    if root is None:
        raise _error("rulebook.not_yaml", file, 1, "an empty file", "one YAML document")
    return _locate(root, file, "")


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, refusing aliases, written tags and deep nesting where they stand."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self.file = file
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node and what is inside it."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = _line(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise _error("rulebook.not_yaml", self.file, line, "an alias", "every value written out")
        tag = event.tag if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) else None
        if tag is not None and (tag in _READ or not isinstance(event, yaml.ScalarEvent)):
            # a scalar of another tag is refused where its field is known
            raise _error("rulebook.wrong_type", self.file, line, f"the tag `{_shown(tag)}`", "no written tag")
        if self.depth >= MAX_DEPTH:
            raise _error("rulebook.not_yaml", self.file, line, f"more than {MAX_DEPTH} levels", "shallow nesting")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _locate(node: yaml.Node, file: str, field: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key_node, child in node.value:
            key = key_node.value
            at = key_node.start_mark.line + 1
            if key_node.tag != _STRING:
                raise _error("rulebook.wrong_type", file, at, "a key that is not text", "a text key", field)
            path = f"{field}.{_shown(key)}" if field else _shown(key)
            _check_seen(key, file, at, path)
            if key in found:
                raise _error("rulebook.duplicate_key", file, at, f"the key `{key}` again", "each key once", path)
            found[key] = _locate(child, file, path)
        return Node(found, file, line, field)
    if isinstance(node, yaml.SequenceNode):
        children = [_locate(child, file, f"{field}[{index}]") for index, child in enumerate(node.value)]
        return Node(children, file, line, field)
    return Node(_scalar(node, file, line, field), file, line, field)


def _scalar(node: yaml.Node, file: str, line: int, field: str) -> str | int | bool | date | None:
    raw: str = node.value
    if node.tag == _STRING:
        _check_seen(raw, file, line, field)
        return raw
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL and raw in {"true", "false"}:
        return raw == "true"
    if node.tag == _INT and re.fullmatch(r"-?(0|[1-9][0-9]{0,8})", raw):
        return int(raw)
    if node.tag == _DATE and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        try:
            return date.fromisoformat(raw)
        except ValueError as error:
            expected = "a day that exists, YYYY-MM-DD"
            raise _error("rulebook.bad_date", file, line, f"`{raw}`", expected, field) from error
    expected = "text in quotes, a whole number, true, false, null or a date YYYY-MM-DD"
    raise _error("rulebook.wrong_type", file, line, f"`{_shown(raw)}`", expected, field)


def _check_seen(text: str, file: str, line: int, field: str) -> None:
    """Refuse characters that a reader does not see, or sees elsewhere than they stand: what is read must be what is."""
    for char in text:
        if char != "\n" and unicodedata.category(char) in _UNSEEN:
            found = f"the character U+{ord(char):04X}"
            raise _error("rulebook.bad_text", file, line, found, "text of visible characters", field)


def _shown(text: str) -> str:
    """The beginning of a text as it may stand in a message."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:60])


def _line(mark: Any) -> int:  # pure and C parser have different mark types
    return 1 if mark is None else mark.line + 1


def _error(code: str, file: str, line: int, found: str, expected: str, field: str = "") -> RulebookError:
    return RulebookError(code, file=file, line=line, field=field, found=found, expected=expected)


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{_shown(str(value))}`"
