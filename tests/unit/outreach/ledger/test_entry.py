"""Entries: one encoding, nothing personal."""

import hashlib
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import EvidenceError
from outreach.ledger.entry import Entry, canonical, commitment, digest_commitment, document, parse_body, pseudonym

NOW = datetime(2026, 11, 23, 10, 0, 0, 250000, tzinfo=timezone(timedelta(hours=8)))


def entry(**data: object) -> Entry:
    return Entry(kind="attempt.voided", at=NOW, data=data, subject="ab" * 16)


def test_the_bytes_are_fixed() -> None:
    assert entry(reason="stop", attempt="a-1").body(7) == (
        b'{"at":"2026-11-23T02:00:00.250000Z","data":{"attempt":"a-1","reason":"stop"},"index":7,'
        b'"kind":"attempt.voided","subject":"abababababababababababababababab","v":1}'
    )


def test_bytes_read_back() -> None:
    placed = parse_body(entry(reason="stop").body(3), "entry 3")
    assert (placed.index, placed.kind, placed.data, placed.subject) == (
        3,
        "attempt.voided",
        {"reason": "stop"},
        "ab" * 16,
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_form_is_a_fixed_point(value: object) -> None:
    encoded = canonical(value)
    assert canonical(json.loads(encoded)) == encoded
    assert encoded.isascii()
    assert b"\n" not in encoded


@pytest.mark.parametrize("value", [1.5, float("nan"), NOW, {1: "a"}, {"a": [b"x"]}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(EvidenceError) as caught:
        canonical(value)
    assert caught.value.code == "evidence.canonical"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("attempt.invented", {}, "evidence.kind"),
        ("attempt.voided", {"name": "x"}, "evidence.field"),
        ("attempt.voided", {"reason": {"Bad Key": 1}}, "evidence.field"),
        ("attempt.voided", {"reason": "张三"}, "evidence.personal"),
        ("attempt.voided", {"reason": "called +8613800138000 twice"}, "evidence.personal"),
        ("attempt.voided", {"reason": "called 13800138000"}, "evidence.personal"),
        ("attempt.voided", {"reason": ["a@b.example"]}, "evidence.personal"),
        ("attempt.voided", {"reason": "two\nlines"}, "evidence.personal"),
    ],
)
def test_an_entry_that_breaks_the_rules_is_never_made(kind: str, data: dict[str, object], code: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        Entry(kind=kind, at=NOW, data=data)
    assert caught.value.code == code
    assert "1380013" not in caught.value.message


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(EvidenceError) as caught:
        Entry(kind="degraded", at=datetime(2026, 1, 1), data={})  # noqa: DTZ001 - the point of the test
    assert caught.value.code == "evidence.naive_datetime"


def test_an_entry_has_a_largest_size() -> None:
    with pytest.raises(EvidenceError) as caught:
        entry(reason="x" * 70_000).body(0)
    assert caught.value.code == "evidence.size"


GOOD = entry(reason="stop").body(3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        GOOD + b" ",
        GOOD.replace(b'"v":1', b'"v":2'),
        GOOD.replace(b'"index":3', b'"index":-3'),
        GOOD.replace(b'"index":3', b'"index":"3"'),
        GOOD.replace(b'"index":3', b'"index":true'),
        GOOD.replace(b'"index":3', b'"index":3.0'),
        GOOD.replace(b"attempt.voided", b"attempt.invented"),
        GOOD.replace(b"2026-11-23T", b"2026-11-23 "),
        GOOD.replace(b'{"reason":"stop"}', b"[]"),
        GOOD.replace(b'"v":1', b'"v":1,"w":1'),
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_bytes_that_are_no_entry(body: bytes) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_body(body, "line 9")
    assert caught.value.code == "evidence.entry_malformed"
    assert "line 9" in caught.value.message


def test_commitments_bind_key_name_and_content() -> None:
    key = bytes(32)
    one = commitment(key, "recording", b"audio")
    assert one == digest_commitment(key, "recording", hashlib.sha256(b"audio").hexdigest())
    assert len({one, commitment(key, "transcript", b"audio"), commitment(key, "recording", b"other")}) == 3
    assert commitment(b"\x01" * 32, "recording", b"audio") != one
    assert len(pseudonym(key)) == 32
    assert pseudonym(key) != pseudonym(b"\x01" * 32)


def test_documents_do_not_depend_on_the_order_of_keys() -> None:
    assert document({"b": "张", "a": 0.5}) == '{"a":0.5,"b":"张"}'.encode()
