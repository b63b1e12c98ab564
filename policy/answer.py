"""JSON Lines in, one answer per line out: the heart of `policy check`, free of files and terminals (pure).

An answer is a ruling in the contract's form, or `{"id"|"line", "error": {"code", "message", "field"}}`.
A bad line never spoils the good ones around it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policy.book import Rulebook
from policy.errors import ScenarioError
from policy.evaluate import evaluate
from policy.ruling import Lang
from policy.scenario import parse_json, parse_scenario

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer to one line. `expected`: decision and rules written in the line itself, when asked for and present."""

    line: int
    body: dict[str, Any]
    expected: dict[str, Any] | None = None

    @property
    def failed(self) -> bool:
        """Whether the line was not a valid scenario."""
        return "error" in self.body

    @property
    def differs(self) -> bool:
        """Whether an expectation was given and is not met."""
        return self.expected is not None and not self.failed and self.expected != self.found

    @property
    def found(self) -> dict[str, Any]:
        """Decision and rules of the answer, comparable with `expected`."""
        return {"decision": self.body.get("decision"), "rules": self.body.get("rules")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How lines are answered. With `expectations` a line without `expect` and `rules` is an error."""

    rulebook: Rulebook
    file: str
    lang: Lang = "en"
    expectations: bool = False


def answer_lines(lines: Iterable[bytes], asking: Asking) -> Iterator[Answer]:
    """One answer per non-blank line, in order."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield answer_line(line, number, asking)


def answer_line(line: bytes, number: int, asking: Asking) -> Answer:
    """The answer to one line of UTF-8 text, `number` counted from 1."""
    raw: dict[str, Any] = {}
    try:
        raw = parse_json(_text(line))
        scenario = parse_scenario(raw)
        expected = _expectation(raw) if asking.expectations else None
    except ScenarioError as error:
        return Answer(line=number, body=_error(error, raw.get("id"), number, asking.file))
    ruling = evaluate(scenario, asking.rulebook, lang=asking.lang)
    return Answer(line=number, body=ruling.to_json(), expected=expected)


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            "scenario.not_text", field="", found="bytes that are not UTF-8", expected="UTF-8 text"
        ) from error


def _expectation(raw: dict[str, Any]) -> dict[str, Any]:
    for key, kind in (("expect", str), ("rules", list)):
        if not isinstance(raw.get(key), kind):
            found = "nothing" if key not in raw else "another type"
            raise ScenarioError("scenario.missing_expectation", field=key, found=found, expected="the expected answer")
    return {"decision": raw["expect"], "rules": raw["rules"]}


def _error(error: ScenarioError, scenario_id: object, number: int, file: str) -> dict[str, Any]:
    known = isinstance(scenario_id, str) and _ID.fullmatch(scenario_id) is not None
    head: dict[str, Any] = {"id": scenario_id} if known else {"line": number}
    message = f"{file}:{number}: {error.message}"
    return head | {"error": {"code": error.code, "message": message, "field": error.field}}
