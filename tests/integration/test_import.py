"""Importing portfolio files into a real database."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from outreach.cases.csv_file import REQUIRED
from outreach.cases.importer import ImportReport, import_file
from outreach.db.tables import CollectionCase, ContactPoint, Debt, Debtor, LedgerEntry, Preference
from outreach.errors import InputError
from outreach.telephony.clearance import Clearance
from tests.world import MORNING, Person, World

ROW = {
    "creditor": "清风银行",
    "creditor_tier": "basic",
    "jurisdiction": "CN",
    "debtor_reference": "P-1",
    "name": "王小明",
    "timezones": "Asia/Shanghai",
    "debt_reference": "D-1",
    "principal": "1000",
    "amount": "1200.50",
    "currency": "CNY",
    "due_date": "2026-08-01",
    "phone": "+86 138 0013 8000",
    "phone_source": "loan contract",
}


def row(number: int, **changes: str) -> dict[str, str]:
    own = {"debtor_reference": f"P-{number}", "debt_reference": f"D-{number}", "phone": f"+8613900{number:06d}"}
    return {**ROW, **own, **changes}


def write(folder: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", separator: str = ",") -> Path:
    columns = list(dict.fromkeys([*REQUIRED, *(name for each in rows for name in each)]))
    path = folder / "cases.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(world: World, rows: list[dict[str, str]], **how: Any) -> ImportReport:
    return import_file(world.database, write(world.folder, rows, **how), MORNING)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.quarantined


def test_a_row_becomes_a_case_that_can_be_called(world: World) -> None:
    report = run(world, [row(1, phone="+86 138 0013 8000", birth_date="1990-05-17", region="CN")])
    assert counts(report) == (1, 0, 0, 0)
    assert report.quarantine_file is None
    with world.database.session() as session:
        debtor = session.scalars(select(Debtor)).one()
        case = session.scalars(select(CollectionCase)).one()
        point = session.scalars(select(ContactPoint)).one()
        debt = session.scalars(select(Debt)).one()
        vault = world.database.vault
        assert vault.open(debtor, "name", debtor.name_enc or b"") == "王小明"
        assert vault.open(debtor, "address", point.address_enc) == "+8613800138000"
        assert "王小明".encode() not in (debtor.name_enc or b"")
        assert (debt.principal, debt.amount) == (Decimal("1000.00"), Decimal("1200.50"))
        person = Person(debtor.id, case.id, debt.id, point.id, "+8613800138000")
    assert isinstance(world.gate.request(person.voice(), MORNING), Clearance)


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("gbk", "\t"), ("gb18030", ","), ("utf-16", ",")],
)
def test_encodings_and_separators(world: World, encoding: str, separator: str) -> None:
    assert counts(run(world, [row(1)], encoding=encoding, separator=separator)) == (1, 0, 0, 0)
    with world.database.session() as session:
        debtor = session.scalars(select(Debtor)).one()
        assert world.database.vault.open(debtor, "name", debtor.name_enc or b"") == "王小明"


def test_bad_rows_are_set_aside_and_good_ones_kept(world: World) -> None:
    report = run(world, [row(1), row(2, timezones="Asia/Nowhere", amount="12,5"), row(3)])
    assert counts(report) == (2, 0, 0, 1)
    assert [(problem["line"], problem["field"]) for problem in report.problems] == [(3, "timezones"), (3, "amount")]
    assert "12,5" not in json.dumps(report.to_json())
    with Path(report.quarantine_file or "").open(encoding="utf-8-sig", newline="") as file:
        (aside,) = csv.DictReader(file)
    assert (aside["line"], aside["field"], aside["found"]) == ("3", "timezones | amount", "Asia/Nowhere | 12,5")
    assert aside["expected"].startswith("IANA")
    assert aside["what_to_do"]
    assert aside["debtor_reference"] == "P-2"


def test_the_quarantine_file_can_be_corrected_and_imported(world: World) -> None:
    report = run(world, [row(1), row(2, timezones="Asia/Nowhere")])
    aside = Path(report.quarantine_file or "")
    text = aside.read_text("utf-8-sig").replace("Asia/Nowhere", "Asia/Shanghai")
    aside.write_text(text, "utf-8-sig")
    assert counts(import_file(world.database, aside, MORNING)) == (1, 0, 0, 0)


def test_importing_twice_changes_nothing(world: World) -> None:
    assert counts(run(world, [row(1), row(2)])) == (2, 0, 0, 0)
    assert counts(run(world, [row(1), row(2)])) == (0, 0, 2, 0)
    with world.database.session() as session:
        for table in (Debtor, Debt, CollectionCase, ContactPoint):
            assert session.scalar(select(func.count()).select_from(table)) == 2


def test_a_later_file_updates_amounts_and_adds_protection_only(world: World) -> None:
    run(world, [row(1, flags="hospitalised", quiet_windows="mon 09:00-11:00")])
    later = row(1, amount="900", flags="represented", refused_channels="sms", timezones="Asia/Urumqi")
    assert counts(run(world, [later])) == (0, 1, 0, 0)
    with world.database.session() as session:
        debtor = session.scalars(select(Debtor)).one()
        assert debtor.flags == ["hospitalised", "represented"]
        assert debtor.timezones == ["Asia/Shanghai", "Asia/Urumqi"]
        assert session.scalars(select(Debt.amount)).one() == Decimal("900.00")
        wishes = session.scalars(select(Preference).order_by(Preference.id)).all()
    assert [(wish.kind, wish.channel) for wish in wishes] == [("quiet_window", None), ("channel", "sms")]
    assert wishes[0].window == {"days": ["mon"], "start": "09:00", "end": "11:00"}


def test_one_person_with_two_debts_and_two_numbers(world: World) -> None:
    report = run(world, [row(1), row(2, debtor_reference="P-1", creditor="明月消费金融")])
    assert (counts(report), report.new_debtors) == ((2, 0, 0, 0), 1)
    with world.database.session() as session:
        assert session.scalar(select(func.count()).select_from(ContactPoint)) == 2


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (row(2, debt_reference="D-1"), "debt_reference"),
        (row(2, debtor_reference="P-1", name="李四"), "name"),
        (row(2, debtor_reference="P-1", birth_date="1991-01-01"), "birth_date"),
        (row(2, creditor_tier="premier"), "creditor_tier"),
        (row(2, jurisdiction="US"), "jurisdiction"),
    ],
)
def test_a_row_that_contradicts_the_file_is_set_aside(world: World, second: dict[str, str], field: str) -> None:
    report = run(world, [row(1, birth_date="1990-05-17"), second])
    assert counts(report) == (1, 0, 0, 1)
    assert [problem["field"] for problem in report.problems] == [field]


@pytest.mark.parametrize(
    ("second", "field"),
    [(row(2, debt_reference="D-1"), "debtor_reference"), (row(1, currency="USD"), "currency")],
)
def test_a_row_that_contradicts_the_database_is_set_aside(world: World, second: dict[str, str], field: str) -> None:
    run(world, [row(1)])
    report = run(world, [second])
    assert [problem["field"] for problem in report.problems] == [field]


def test_an_import_is_on_record(world: World) -> None:
    run(world, [row(1), row(2, amount="x")])
    with world.database.session() as session:
        entry = session.scalars(select(LedgerEntry)).one()
    assert json.loads(entry.body)["data"]["accepted"] == 1
    assert json.loads(entry.body)["data"]["quarantined"] == 1


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "input.csv_empty", "empty"),
        (b"\n\n", "input.csv_empty", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "input.csv_binary", "binary"),
        (b"\x81", "input.csv_encoding", "UTF-8"),
        (b"1,2,3\n4,5,6\n", "input.csv_header", "no header"),
        ((",".join(REQUIRED[1:]) + "\n").encode(), "input.csv_header", "lacks creditor"),
        ((",".join(REQUIRED) + ",flag\n").encode(), "input.csv_header", "unknown columns 'flag'"),
        ((",".join(REQUIRED) + ",phone\n").encode(), "input.csv_header", "twice"),
        ((",".join(REQUIRED) + '\n1,"never closed\n2,3\n').encode(), "input.csv_malformed", "line 2"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_error(world: World, content: bytes, code: str, words: str) -> None:
    path = world.folder / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        import_file(world.database, path, MORNING)
    assert caught.value.code == code
    assert words in caught.value.message
    assert "broken.csv" in caught.value.message
    with world.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Debtor)) == 0
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_a_malformed_end_imports_nothing_of_the_good_beginning(world: World) -> None:
    path = write(world.folder, [row(1)])
    with path.open("a", encoding="utf-8") as file:
        file.write('P-2,"never closed\n')
    with pytest.raises(InputError):
        import_file(world.database, path, MORNING)
    with world.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Debtor)) == 0


def test_when_the_quarantine_cannot_be_written_nothing_is_imported(world: World) -> None:
    path = write(world.folder, [row(1), row(2, amount="x")])
    path.with_name(path.name + ".quarantine.csv").mkdir()
    with pytest.raises(InputError) as caught:
        import_file(world.database, path, MORNING)
    assert caught.value.code == "input.quarantine"
    with world.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Debtor)) == 0
