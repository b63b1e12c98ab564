"""The next permitted instant against every minute of forty days; the long run is a command of its own."""

import pytest

from tests.naive.next_permitted import Outcome, check
from tests.naive.packs import READERS

FEW = 4
SEED = 20261123


@pytest.mark.parametrize("pack", READERS)
def test_no_minute_opens_before_the_answer(pack: str) -> None:
    checked: list[Outcome] = []
    index = 0
    while len(checked) < FEW:
        outcome = check(pack, SEED, index)
        checked += [outcome] if outcome is not None else []
        index += 1

    assert [(outcome.index, outcome.fault) for outcome in checked if outcome.fault] == []
    assert any(outcome.answer is not None for outcome in checked)
