"""Strict reading of YAML: every value knows its line, and duplicate, unknown or missing keys and wrong types are
errors.

Built on the node tree of PyYAML, so that nothing is converted silently: `no` is text here, and a date is read as a
date only where one is expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import yaml

from scripts.errors import LibraryError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same tree, read in C where PyYAML was built with it
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One value of a file with its place. All readers raise LibraryError naming file, line and field."""

    file: str
    field: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def fail(self, code: str, *, found: str, expected: str) -> LibraryError:
        """The error for this place, to be raised by the caller."""
        return LibraryError(
            f"library.{code}", file=self.file, line=self.line, field=self.field, found=found, expected=expected
        )

    def mapping(self, *, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Reader]:
        """Members by key. Every required key must be there, and no key outside required and optional."""
        required = tuple(required)
        members = self.members()
        allowed = {*required, *optional}
        for key, member in members.items():
            if key not in allowed:
                raise member.fail(
                    "unknown_key", found=f"unknown key '{key}'", expected="one of " + ", ".join(sorted(allowed))
                )
        for key in required:
            if key not in members:
                raise self.fail("missing_key", found=f"no key '{key}'", expected=f"'{key}' with a value")
        return members

    def members(self) -> dict[str, Reader]:
        """Members of a mapping whose keys are not fixed."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fail("wrong_type", found=self._kind(), expected="a mapping")
        members: dict[str, Reader] = {}
        for key_node, value_node in self.node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.fail("wrong_type", found="a key that is not text", expected="text keys")
            key = str(key_node.value)
            child = Reader(file=self.file, field=f"{self.field}.{key}".lstrip("."), node=value_node)
            if key in members:
                raise child.fail("duplicate_key", found=f"'{key}' a second time", expected="each key once")
            members[key] = child
        return members

    def items(self) -> Iterator[Reader]:
        """Elements of a sequence, in order."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fail("wrong_type", found=self._kind(), expected="a list")
        for index, node in enumerate(self.node.value):
            yield Reader(file=self.file, field=f"{self.field}[{index}]", node=node)

    def text(self) -> str:
        """A scalar that is not empty, with no space around it."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag == "tag:yaml.org,2002:null":
            raise self.fail("wrong_type", found=self._kind(), expected="text")
        value = str(self.node.value)
        if not value.strip() or value != value.strip():
            raise self.fail("bad_text", found="empty text or spaces around it", expected="trimmed text")
        return value

    def texts(self) -> tuple[str, ...]:
        """A list of texts without repeats."""
        seen: list[str] = []
        for item in self.items():
            value = item.text()
            if value in seen:
                raise item.fail("duplicate_value", found=f"'{value}' a second time", expected="each value once")
            seen.append(value)
        return tuple(seen)

    def one_of(self, allowed: Iterable[str]) -> str:
        """A text from a closed vocabulary."""
        value, allowed = self.text(), tuple(allowed)
        if value not in allowed:
            raise self.fail("unknown_value", found=f"'{value}'", expected="one of " + ", ".join(allowed))
        return value

    def all_of(self, allowed: Iterable[str]) -> tuple[str, ...]:
        """A list of texts from a closed vocabulary."""
        allowed = tuple(allowed)
        values = self.texts()
        for item in self.items():
            item.one_of(allowed)
        return values

    def boolean(self) -> bool:
        """`true` or `false`, nothing else."""
        value = self.text()
        if value not in _BOOLEANS:
            raise self.fail("wrong_type", found=f"'{value}'", expected="true or false")
        return _BOOLEANS[value]

    def day(self) -> date:
        """An ISO calendar day."""
        value = self.text()
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.fail("bad_date", found=f"'{value}'", expected="a day as YYYY-MM-DD") from error

    def _kind(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        return "nothing" if self.node.tag == "tag:yaml.org,2002:null" else "text"


def read_yaml(content: str, file: str) -> Reader:
    """The root of a YAML document. Text that is not YAML, or none at all, is a LibraryError with its line."""
    try:
        node = yaml.compose(content, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = int(mark.line) + 1 if mark is not None else 1
        problem = str(getattr(error, "problem", None) or "text that is not YAML")
        raise LibraryError(
            "library.not_yaml", file=file, line=line, field="(document)", found=problem, expected="YAML"
        ) from error
    if node is None:
        raise LibraryError(
            "library.empty", file=file, line=1, field="(document)", found="an empty file", expected="YAML"
        )
    return Reader(file=file, field="", node=node)
