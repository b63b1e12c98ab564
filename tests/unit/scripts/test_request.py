"""A request is checked word by word; every mistake names its field."""

from __future__ import annotations

import pytest

from scripts.adapter import parse_request
from scripts.errors import RequestError
from scripts.script import Library

GOOD = {
    "lang": "zh",
    "purpose": "collection",
    "stage": "opening",
    "mood": "calm",
    "debtor_tier": "standard",
    "facts": {},
}

BAD = [
    ([], "not_an_object", None),
    ({**GOOD, "wish": 1}, "unknown_key", "wish"),
    ({"lang": "zh", "purpose": "collection"}, "missing_key", "stage"),
    ({**GOOD, "lang": None}, "missing_key", "lang"),
    ({**GOOD, "lang": "fr"}, "unknown_value", "lang"),
    ({**GOOD, "lang": 5}, "wrong_type", "lang"),
    ({**GOOD, "purpose": "sales"}, "no_script", "purpose"),
    ({**GOOD, "stage": "overture"}, "unknown_value", "stage"),
    ({**GOOD, "mood": "bored"}, "unknown_value", "mood"),
    ({**GOOD, "debtor_tier": "gold"}, "unknown_value", "debtor_tier"),
    ({**GOOD, "creditor_tier": "gold"}, "unknown_value", "creditor_tier"),
    ({**GOOD, "voice": "robot"}, "unknown_value", "voice"),
    ({**GOOD, "intents": "dispute"}, "wrong_type", "intents"),
    ({**GOOD, "intents": ["sing"]}, "unknown_value", "intents[0]"),
    ({**GOOD, "vulnerability": ["illness", 3]}, "wrong_type", "vulnerability[1]"),
    ({**GOOD, "alerts": ["rudeness"]}, "unknown_value", "alerts[0]"),
    ({**GOOD, "disclosures_given": ["all"]}, "unknown_value", "disclosures_given[0]"),
    ({**GOOD, "facts": []}, "wrong_type", "facts"),
]


@pytest.mark.parametrize(("document", "code", "field"), BAD)
def test_a_bad_request_names_its_field(library: Library, document: object, code: str, field: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        parse_request(document, library)
    assert (caught.value.code, caught.value.field) == (f"request.{code}", field)


def test_defaults_and_nulls(library: Library) -> None:
    request = parse_request({"lang": "zh", "purpose": "collection", "stage": "opening", "mood": None}, library)
    assert (request.mood, request.debtor_tier, request.creditor_tier, request.voice) == (
        None,
        "standard",
        "basic",
        "human",
    )


ALIASES = [
    ("greeting", "opening"), ("Disclosure", "disclosures"), ("verification", "identity"),
    ("promise_confirmation", "promise"),
    ("wrong number", "wrong-person"), ("sms_reminder", "sms"), ("stop-contact", "stop"), ("hospitalised", "hospital"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), ALIASES)
def test_stages_have_other_names(library: Library, said: str, meant: str) -> None:
    assert parse_request({**GOOD, "stage": said}, library).stage == meant


def test_purposes_may_be_hyphenated(library: Library) -> None:
    assert parse_request({**GOOD, "purpose": "requested-callback"}, library).purpose == "requested_callback"


def test_lists_lose_repeats(library: Library) -> None:
    assert parse_request({**GOOD, "intents": ["refuse", "refuse"]}, library).intents == ("refuse",)
