"""Every cell of a portfolio row is checked, and every problem says what to do."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.cases.csv_file import OPTIONAL, REQUIRED, Record, read_table
from outreach.cases.rows import CaseRow, Problem, check
from outreach.errors import InputError

TODAY = date(2026, 11, 23)
GOOD = {
    "creditor": "清风银行",
    "creditor_tier": "advanced",
    "jurisdiction": "CN",
    "debtor_reference": "P-1",
    "name": "王小明",
    "timezones": "Asia/Shanghai | Asia/Urumqi",
    "debt_reference": "2026/D.1",
    "principal": "0",
    "amount": "1200.5",
    "currency": "CNY",
    "due_date": "2026-08-01",
    "phone": "+86 138-0013-8000",
    "phone_source": "合同",
    "birth_date": "1990-05-17",
    "language": "en",
    "debtor_tier": "vip",
    "region": "US-MA",
    "flags": "minor|ceased",
    "refused_channels": "sms",
    "quiet_windows": "sat+sun 00:00-24:00|mon 22:00-07:00",
    "party": "guarantor",
    "place": "work",
}


def checked(**changes: str) -> CaseRow | list[Problem]:
    return check(Record(line=7, cells={**GOOD, **changes}, surplus=0, missing=0), TODAY)


def test_a_good_row_in_full() -> None:
    assert set(GOOD) == {*REQUIRED, *OPTIONAL}
    row = checked()
    assert isinstance(row, CaseRow)
    assert row.phone == "+8613800138000"
    assert row.amount == Decimal("1200.50")
    assert row.timezones == ("Asia/Shanghai", "Asia/Urumqi")
    assert row.flags == ("minor", "ceased")
    assert row.quiet_windows == (
        {"days": ["sat", "sun"], "start": "00:00", "end": "24:00"},
        {"days": ["mon"], "start": "22:00", "end": "07:00"},
    )


def test_optional_cells_may_be_empty() -> None:
    row = checked(**dict.fromkeys(OPTIONAL, ""), creditor_tier="")
    assert isinstance(row, CaseRow)
    assert (row.birth_date, row.region, row.flags, row.language) == (None, None, (), "zh")
    assert (row.debtor_tier, row.creditor_tier, row.party, row.place) == ("standard", "basic", "debtor", "personal")


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("creditor", ""),
        ("creditor", "x" * 201),
        ("creditor_tier", "gold"),
        ("jurisdiction", "China"),
        ("debtor_reference", "two words"),
        ("debtor_reference", "张三"),
        ("name", ""),
        ("name", "a\x07b"),
        ("timezones", ""),
        ("timezones", "Beijing"),
        ("timezones", "UTC"),
        ("timezones", "Etc/GMT-8"),
        ("timezones", "Asia/Shanghai|Asia/Nowhere"),
        ("debt_reference", ""),
        ("principal", "-1"),
        ("amount", "0"),
        ("amount", "1,200.50"),
        ("amount", "1e3"),
        ("amount", "1200.505"),
        ("amount", "¥100"),
        ("amount", "１２"),
        ("currency", "RMB¥"),
        ("currency", "cny"),
        ("due_date", "2026-02-30"),
        ("due_date", "01.08.2026"),
        ("due_date", "20260801"),
        ("birth_date", "2026-11-24"),
        ("birth_date", "1899-12-31"),
        ("region", "Massachusetts"),
        ("language", "fr"),
        ("flags", "hospitalized"),
        ("refused_channels", "fax"),
        ("quiet_windows", "monday 09:00-10:00"),
        ("quiet_windows", "mon+mon 09:00-10:00"),
        ("quiet_windows", "mon 9-10"),
        ("phone", "13800138000"),
        ("phone", "+86138"),
        ("phone", "+8613800138000 ext 5"),
        ("phone", "++"),
        ("phone_source", ""),
        ("party", "friend"),
        ("place", "gym"),
    ],
)
def test_a_bad_cell_is_named_with_what_to_do(field: str, cell: str) -> None:
    problems = checked(**{field: cell})
    assert isinstance(problems, list)
    assert [(problem.field, problem.found) for problem in problems] == [(field, cell)]
    assert problems[0].expected
    assert problems[0].what_to_do


def test_every_problem_of_a_row_is_told_at_once() -> None:
    problems = checked(amount="x", phone="y", timezones="z")
    assert isinstance(problems, list)
    assert {problem.field for problem in problems} == {"amount", "phone", "timezones"}


@pytest.mark.parametrize(("surplus", "missing", "words"), [(2, 0, "2 too many"), (0, 1, "1 too few")])
def test_a_row_of_another_length_is_not_guessed_at(surplus: int, missing: int, words: str) -> None:
    problems = check(Record(line=7, cells=GOOD, surplus=surplus, missing=missing), TODAY)
    assert isinstance(problems, list)
    assert problems[0].found == f"{words} cells"


@given(st.sampled_from([*REQUIRED, *OPTIONAL]), st.text(max_size=30))
def test_no_text_in_any_cell_breaks_the_check(field: str, cell: str) -> None:
    answer = checked(**{field: cell})
    assert isinstance(answer, CaseRow) or {problem.field for problem in answer} == {field}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_table(content, "x.csv")
    assert caught.value.code.startswith("input.csv_")


def test_lines_are_counted_as_in_the_file() -> None:
    text = "\n".join([",".join(REQUIRED), "", ",".join(["1"] * 13), '"two\nlines"' + ",1" * 12, ",".join(["1"] * 14)])
    table = read_table(text.encode(), "x.csv")
    assert [(record.line, record.surplus) for record in table.records] == [(3, 0), (4, 0), (6, 1)]
    assert table.records[1].cells["creditor"] == "two\nlines"
