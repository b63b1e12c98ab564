"""The peers as functions from prepared facts to sorted lists of denying rules."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cedarpy
import regopy

HERE = Path(__file__).resolve().parent
LANGUAGES = {"cn": "cn", "us-reg-f": "us"}
"""Pack id -> stem of the peers' rule files."""

Rules = list[list[str]]


def cedar(pack: str, contexts: Sequence[dict[str, Any]]) -> Callable[[], Rules]:
    """Cedar on prepared contexts: policies parsed once, one batch call."""
    policies = cedarpy.PolicySet.from_str((HERE / f"{LANGUAGES[pack]}.cedar").read_text(encoding="utf-8"))
    door = {"principal": 'Desk::"d"', "action": 'Action::"contact"', "resource": 'Person::"p"'}
    requests = [{**door, "context": context} for context in contexts]

    def work() -> Rules:
        found = []
        for answer in cedarpy.is_authorized_batch(requests, policies, []):
            if answer.diagnostics.errors:
                raise AssertionError(answer.diagnostics.errors)
            names = set(answer.diagnostics.id_annotations_by_reason.values())
            found.append([] if answer.allowed else sorted(names - {"open"}))
        return found

    return work


def rego(pack: str, inputs: Sequence[dict[str, Any]]) -> Callable[[], Rules]:
    """Rego on prepared inputs: query compiled once, one evaluation a scenario."""
    stem = LANGUAGES[pack]
    engine = regopy.Interpreter()
    engine.add_module(stem, (HERE / f"{stem}.rego").read_text(encoding="utf-8"))
    query = engine.build(f"found = data.fairline.{stem}.deny", [])

    def work() -> Rules:
        found = []
        for facts in inputs:
            engine.set_input(facts)
            answer = json.loads(str(engine.query_bundle(query)))
            found.append(sorted(answer["bindings"]["found"]))
        return found

    return work
