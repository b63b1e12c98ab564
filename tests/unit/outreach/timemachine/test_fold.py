"""Folding versions: later knowledge overrules, the beginning decides what was true, nothing else matters."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outreach.timemachine.fold import Cut, Row, fold

START = datetime(2026, 11, 23, tzinfo=UTC)
LATE = START + timedelta(days=100)


@dataclass
class Said:
    """A version in the shape of a row of `fact_version`."""

    id: int
    op: str
    value: dict[str, Any]
    hours: int = 0
    of: str = "debtor"
    ref: str = "1"
    valid_from: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.valid_from = START + timedelta(hours=self.hours)


BORN = {"region": "CN", "flags": ["ceased"], "birth_date_enc": None}


def fields(*said: Said, at: datetime = LATE, certain_before: int = 0) -> dict[str, Any]:
    rows = fold([Said(0, "insert", dict(BORN)), *said], Cut(valid_at=at, certain_before=certain_before))
    return rows["debtor"]["1"].fields


def test_a_later_version_overrules_from_its_beginning_on() -> None:
    moved = Said(1, "update", {"region": "US-CA"}, hours=5)
    assert fields(moved)["region"] == "US-CA"
    assert fields(moved, at=START + timedelta(hours=5))["region"] == "US-CA", "the first instant belongs to it"
    assert fields(moved, at=START + timedelta(hours=5) - timedelta(microseconds=1))["region"] == "CN"


def test_a_correction_reaches_back_over_what_was_believed() -> None:
    believed, corrected = (
        Said(1, "update", {"region": "US-CA"}, hours=5),
        Said(2, "update", {"region": "GB-LND"}, hours=1),
    )
    assert fields(believed, corrected, at=START + timedelta(hours=6))["region"] == "GB-LND"
    assert fields(believed, at=START + timedelta(hours=6))["region"] == "US-CA"


def test_sets_change_item_by_item() -> None:
    added = Said(1, "update", {"flags_added": ["minor"], "flags_removed": []}, hours=9)
    removed = Said(2, "update", {"flags_added": [], "flags_removed": ["ceased"]}, hours=2)
    assert fields(added, removed)["flags"] == ["minor"]
    assert fields(added, removed, at=START + timedelta(hours=3))["flags"] == []
    assert fields(added, at=START)["flags"] == ["ceased"]


def test_a_birth_date_was_true_all_along() -> None:
    learned = Said(1, "update", {"birth_date_enc": "AA==", "region": "US-CA"}, hours=5)
    assert fields(learned, at=START) == {**BORN, "birth_date_enc": "AA=="}


def test_what_a_ruling_took_for_true_counts_whatever_a_clock_wrote() -> None:
    ahead = Said(1, "update", {"region": "US-CA"}, hours=24)
    assert fields(ahead, at=START)["region"] == "CN"
    assert fields(ahead, at=START, certain_before=2)["region"] == "US-CA"


def test_rows_come_and_go() -> None:
    born, gone = Said(1, "insert", {"state": "active"}, of="contact_point"), Said(2, "delete", {}, 5, "contact_point")
    for at, standing in ((START, True), (LATE, False)):
        assert bool(fold([born, gone], Cut(valid_at=at))["contact_point"]) is standing
    unborn = Said(3, "insert", {"state": "active"}, hours=9, of="contact_point", ref="2")
    changed = Said(4, "update", {"state": "wrong"}, hours=1, of="contact_point", ref="2")
    assert fold([unborn, changed], Cut(valid_at=START + timedelta(hours=2))) == {"contact_point": {}}
    assert fold([unborn], Cut(valid_at=LATE))["contact_point"]["2"] == Row(born=3, fields={"state": "active"})


@given(
    st.lists(st.tuples(st.sampled_from(["region", "tier"]), st.integers(0, 9), st.integers(0, 20)), max_size=12),
    st.integers(0, 20),
)
def test_each_field_is_the_last_word_on_it_that_had_begun(said: list[tuple[str, int, int]], hour: int) -> None:
    versions = [Said(n, "update", {name: value}, hours) for n, (name, value, hours) in enumerate(said, 1)]
    found = fields(*versions, at=START + timedelta(hours=hour))
    for name in ("region", "tier"):
        begun = [value for column, value, hours in said if column == name and hours <= hour]
        assert found.get(name) == (begun[-1] if begun else BORN.get(name))
