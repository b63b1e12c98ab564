"""Error rates with their counts; speed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.scoring import ErrorCount, character_errors, latency, normalized, real_time_factor, total, word_errors


@pytest.mark.parametrize(
    ("reference", "hypothesis", "counts"),
    [
        ("今天还款", "今天还款", (0, 0, 0, 4)),
        ("今天还款", "明天还", (1, 1, 0, 4)),
        ("今天", "今天还款", (0, 0, 2, 2)),
        ("今天，还款。", "今天 还款", (0, 0, 0, 4)),
        ("ＡＢＣ", "abc", (0, 0, 0, 3)),
        ("", "好", (0, 0, 1, 0)),
    ],
)
def test_character_counts(reference, hypothesis, counts):
    count = character_errors(reference, hypothesis)
    assert (count.substitutions, count.deletions, count.insertions, count.reference_units) == counts


@pytest.mark.parametrize(
    ("reference", "hypothesis", "counts"),
    [
        ("I will pay on Friday.", "i will pay friday", (0, 1, 0, 5)),
        ("Don't call me", "dont call me", (0, 0, 0, 3)),
        ("pay now", "play it now", (1, 0, 1, 2)),
    ],
)
def test_word_counts(reference, hypothesis, counts):
    count = word_errors(reference, hypothesis)
    assert (count.substitutions, count.deletions, count.insertions, count.reference_units) == counts


def test_counts_add_up_and_are_divided_once():
    summed = total([character_errors("今天", "明天"), character_errors("今天还款给你们", "今天还款给你们")])
    assert (summed.errors, summed.reference_units) == (1, 9)
    assert summed.rate == 1 / 9
    assert total([]) == ErrorCount()
    assert ErrorCount(insertions=2).rate is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_rates_are_bounded_by_the_lengths(reference, hypothesis):
    count = character_errors(reference, hypothesis)
    longest = max(len(normalized(text).replace(" ", "")) for text in (reference, hypothesis))
    assert 0 <= count.errors <= longest
    assert character_errors(reference, reference).errors == 0


def test_real_time_factor():
    assert real_time_factor(2.0, 8.0) == 0.25
    with pytest.raises(ValueError, match="needs audio"):
        real_time_factor(1.0, 0.0)


def test_latency_is_by_nearest_rank():
    spread = latency([value / 100 for value in range(100, 0, -1)])
    assert (spread.count, spread.median_secs, spread.p95_secs, spread.largest_secs) == (100, 0.5, 0.95, 1.0)
    assert latency([0.3]).p95_secs == 0.3
    with pytest.raises(ValueError, match="no delays"):
        latency([])
