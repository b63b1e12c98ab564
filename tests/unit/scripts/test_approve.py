"""Approvals: maker and checker differ, only reviewing roles, only exact words."""

from __future__ import annotations

from datetime import date

import pytest

from scripts.approve import approvals_yaml, approve, find_line
from scripts.errors import ApprovalError
from scripts.schema import parse_approvals
from scripts.script import Library

DAY = date(2026, 7, 1)


def some_digest(library: Library) -> str:
    return min(library.lines)


def test_a_line_is_found_by_the_beginning_of_its_digest(library: Library) -> None:
    digest = some_digest(library)
    line = library.lines[digest]
    wanted = f"{line.lang}/{line.script}/{line.step}/{line.id}"
    assert find_line(library, digest)[1] == wanted
    assert find_line(library, digest[: len("sha256:") + 12])[1] == wanted
    assert find_line(library, digest.removeprefix("sha256:")[:12])[1] == wanted


BAD_DIGESTS = [("abc", "short_digest"), ("0" * 64, "unknown_digest"), ("sha256:", "short_digest")]


@pytest.mark.parametrize(("digest", "code"), BAD_DIGESTS)
def test_a_bad_digest_is_named(library: Library, digest: str, code: str) -> None:
    with pytest.raises(ApprovalError) as caught:
        find_line(library, digest)
    assert caught.value.code == f"approval.{code}"


BAD_REVIEWS = [
    ({"by": "Starter-Library"}, "maker_is_checker"),
    ({"by": "  "}, "no_reviewer"),
    ({"role": "agent"}, "wrong_role"),
    ({"effective": date(2026, 6, 30)}, "backdated"),
]


@pytest.mark.parametrize(("change", "code"), BAD_REVIEWS)
def test_not_everybody_may_approve(library: Library, change: dict[str, object], code: str) -> None:
    review = {"by": "reviewer-2", "role": "compliance-officer", "on": DAY, **change}
    with pytest.raises(ApprovalError) as caught:
        approve(library, some_digest(library), **review)  # type: ignore[arg-type]
    assert caught.value.code == f"approval.{code}"


def test_an_approval_pins_the_words_from_its_day(library: Library) -> None:
    approval = approve(library, some_digest(library), by=" reviewer-2 ", role="compliance-officer", on=DAY)
    assert (approval.digest, approval.by, approval.effective) == (some_digest(library), "reviewer-2", DAY)


def test_what_is_written_is_what_is_read(library: Library) -> None:
    assert parse_approvals(approvals_yaml(dict(library.approvals))) == library.approvals
    assert parse_approvals(approvals_yaml({})) == {}
