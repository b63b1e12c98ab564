"""Checks requests and answers against Twilio's own OpenAPI description (the part in `tests/data/twilio`)."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

_FILE = Path(__file__).parents[1] / "data" / "twilio" / "twilio_api_v2010_subset.json"


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0 `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    return out


class Description:
    """The description, with checks that raise AssertionError naming what does not fit."""

    def __init__(self) -> None:
        self._document = _json_schema(json.loads(_FILE.read_text("utf-8")))
        self._paths = {
            re.compile(re.sub(r"\\{\w+\\}", r"[A-Za-z0-9]+", re.escape(path)) + r"\Z"): item
            for path, item in self._document["paths"].items()
        }

    def operation(self, method: str, url: str) -> dict[str, Any]:
        path = urlsplit(url).path
        for pattern, item in self._paths.items():
            if pattern.match(path) and method.lower() in item:
                found: dict[str, Any] = item[method.lower()]
                return found
        raise AssertionError(f"{method} {path} is not an operation of the description")

    def check_request(self, method: str, url: str, query: list[tuple[str, str]], form: list[tuple[str, str]]) -> None:
        operation = self.operation(method, url)
        known = {item["name"]: item["schema"] for item in operation.get("parameters", []) if item["in"] == "query"}
        self._check_fields({"properties": known}, query)
        if method.upper() == "POST":
            content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
            self._check_fields(content["schema"], form)

    def check_answer(self, method: str, url: str, status: int, body: Any) -> None:
        answers = self.operation(method, url)["responses"]
        assert str(status) in answers, f"{method} {urlsplit(url).path}: HTTP {status} is not described"
        content = answers[str(status)].get("content")
        if content is not None:
            self._validate(content["application/json"]["schema"], body)

    def _check_fields(self, schema: dict[str, Any], pairs: Iterable[tuple[str, str]]) -> None:
        properties = schema.get("properties", {})
        value: dict[str, Any] = {}
        for name, text in pairs:
            assert name in properties, f"parameter {name} is not described"
            kind = properties[name].get("type")
            if kind == "array":
                value.setdefault(name, []).append(text)
            else:
                value[name] = _typed(kind, text)
        self._validate({**schema, "additionalProperties": False}, value)

    def _validate(self, schema: Any, value: Any) -> None:
        rooted = {**schema, "components": self._document["components"]}
        checker = jsonschema.Draft202012Validator(rooted)
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in checker.iter_errors(value)]
        assert not errors, errors


def _typed(kind: str | None, text: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
