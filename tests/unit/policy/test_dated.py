"""Not yet in force, repealed and unknown are three different answers."""

from datetime import date

import pytest

from policy.dated import Dated, InForce, NotYetInForce, Period, Repealed, Unknown

VALUES = Dated(
    (
        Period(start=date(2020, 1, 1), end=date(2021, 1, 1), value="first"),
        Period(start=date(2022, 1, 1), end=date(2023, 1, 1), value="second"),
    )
)


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2019, 12, 31), NotYetInForce(starts=date(2020, 1, 1))),
        (date(2020, 1, 1), InForce(value="first", start=date(2020, 1, 1), end=date(2021, 1, 1))),
        (date(2020, 12, 31), InForce(value="first", start=date(2020, 1, 1), end=date(2021, 1, 1))),
        (date(2021, 1, 1), Unknown()),
        (date(2022, 12, 31), InForce(value="second", start=date(2022, 1, 1), end=date(2023, 1, 1))),
        (date(2023, 1, 1), Repealed(ended=date(2023, 1, 1))),
    ],
)
def test_answer_of_a_day(day: date, answer: object) -> None:
    assert VALUES.on(day) == answer


def test_open_end_holds_on() -> None:
    assert isinstance(Dated((Period(start=date(2020, 1, 1), end=None, value=1),)).on(date(2999, 1, 1)), InForce)


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [(2020, None), (2021, None)],
        [(2020, 2022), (2021, 2023)],
        [(2022, 2023), (2020, 2021)],
        [(2022, 2022)],
    ],
)
def test_periods_that_contradict_each_other(spans: list[tuple[int, int | None]]) -> None:
    with pytest.raises(ValueError, match="period"):
        Dated(
            tuple(
                Period(start=date(start, 1, 1), end=None if end is None else date(end, 1, 1), value=0)
                for start, end in spans
            )
        )
