"""YAML with positions: every value knows its file, line and field, so that a refusal can say exactly where.

Stricter than YAML: duplicate keys, aliases, tags, several documents and unquoted clock times are refused. Reading a
node as the
wrong type raises `RulebookError` (codes `rulebook.not_yaml`, `.duplicate_key`, `.unknown_key`, `.missing_key`,
`.wrong_type`,
`.bad_value`, `.bad_date`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import yaml

from policy.errors import RulebookError

_CLOCK = re.compile(r"^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$")
_STRING, _INT, _BOOL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool"
_DATE, _NULL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:null"
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
                child.fail("rulebook.unknown_key", f"one of {', '.join(sorted(allowed))}", f"the key `{key}`")
        for key in needed:
            if key not in self.value:
                self.fail("rulebook.missing_key", f"the key `{key}`", "no such key")
        return dict(self.value)

    def entries(self) -> dict[str, "Node"]:
        """The mapping with any keys."""
        if not isinstance(self.value, dict):
            self.fail("rulebook.wrong_type", "a mapping")
        return dict(self.value)

    def items(self, *, at_least: int = 0) -> list["Node"]:
        """The list, with at least that many items."""
        if not isinstance(self.value, list):
            self.fail("rulebook.wrong_type", "a list")
        if len(self.value) < at_least:
            self.fail("rulebook.bad_value", f"at least {at_least} item(s)", f"{len(self.value)}")
        return list(self.value)

    def text(self) -> str:
        """Non-empty text without surrounding blanks."""
        if not isinstance(self.value, str):
            self.fail("rulebook.wrong_type", "text (quote clock times, dates and yes/no words)")
        if not self.value or self.value != self.value.strip():
            self.fail("rulebook.bad_value", "non-empty text without surrounding blanks")
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
        return self.value

    def clock_secs(self) -> int:
        """A quoted clock time "HH:MM" as seconds since midnight; "24:00" is the end of the day."""
        match = _CLOCK.match(self.text())
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
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise _error("rulebook.not_yaml", file, _line(event.start_mark), "an alias", "every value written out")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "broken YAML"
        raise _error("rulebook.not_yaml", file, _line(mark), problem, "one YAML document") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _error("rulebook.not_yaml", file, 1, "unreadable text", "one YAML document in UTF-8") from error
    if root is None:
        raise _error("rulebook.not_yaml", file, 1, "an empty file", "one YAML document")
    return _locate(root, file, "")


def _locate(node: yaml.Node, file: str, field: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key_node, child in node.value:
            key = key_node.value
            at = key_node.start_mark.line + 1
            path = f"{field}.{key}" if field else str(key)
            if key_node.tag != _STRING:
                raise _error("rulebook.wrong_type", file, at, "a key that is not text", "a text key", field)
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
        return raw
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL and raw in {"true", "false"}:
        return raw == "true"
    if node.tag == _INT and re.fullmatch(r"-?(0|[1-9]\d{0,8})", raw):
        return int(raw)
    if node.tag == _DATE and re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
        try:
            return date.fromisoformat(raw)
        except ValueError as error:
            expected = "a day that exists, YYYY-MM-DD"
            raise _error("rulebook.bad_date", file, line, f"`{raw}`", expected, field) from error
    expected = "text in quotes, a whole number, true, false, null or a date YYYY-MM-DD"
    raise _error("rulebook.wrong_type", file, line, f"`{raw[:60]}`", expected, field)


def _line(mark: Any) -> int:  # pure and C parser have different mark types
    return 1 if mark is None else mark.line + 1


def _error(code: str, file: str, line: int, found: str, expected: str, field: str = "") -> RulebookError:
    return RulebookError(code, file=file, line=line, field=field, found=found, expected=expected)


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{str(value)[:60]}`"
