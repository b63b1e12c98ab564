"""What the rulebook claims about itself: topics, dates, gaps, certainty, age of confirmations."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from policy.book import Rulebook
from policy.telling.coverage import SECTIONS, all_ids, find_items, pack_summary, topic_coverage, warnings

Load = Callable[..., Rulebook]
DAY = date(2026, 11, 23)


def test_every_entry_is_counted_under_its_topic(rulebook: Rulebook) -> None:
    for pack in rulebook.packs.values():
        topics = topic_coverage(pack, DAY)
        assert all(topic.topic for topic in topics)
        for section in SECTIONS:
            assert sum(topic.counts[section] for topic in topics) == len(getattr(pack, section))


def test_marks_from_firm_to_weak(rulebook: Rulebook) -> None:
    topics = {topic.topic: topic for topic in topic_coverage(rulebook.packs["cn"], DAY)}
    assert topics["contact_hours"].certainty == ("S", "paper", "P")
    assert topics["contact_hours"].weakest == "P"
    assert topics["legal_holds"].weakest == "M"


def two_values(book_text: str, first: str, second: str) -> str:
    """The small book with two values of its rule, each headed by its dates."""
    head, value = book_text.split("      - from: 2020-01-01\n")
    return f"{head}      - {first}\n{value}      - {second}\n{value}"


def test_a_gap_is_told_with_its_days(book_text: str, load_text: Load) -> None:
    text = two_values(book_text, "from: 2020-01-01\n        until: 2021-01-01", "from: 2022-06-01")
    pack = load_text(text).packs["zz"]

    (topic,) = topic_coverage(pack, date(2021, 5, 1))

    assert topic.gaps == (("zz-hold", date(2021, 1, 1), date(2022, 6, 1)),)
    assert topic.states == {"unknown": 1}
    told = warnings(pack_summary(pack, date(2021, 5, 1)), today=DAY)
    assert told == ("zz/main: zz-hold is unknown from 2021-01-01 until 2022-06-01; contact is refused then",)


@pytest.mark.parametrize(
    ("day", "days", "stale"),
    [(date(2026, 11, 23), 0, False), (date(2027, 5, 22), 180, False), (date(2027, 5, 23), 181, True)],
)
def test_a_confirmation_grows_old(book_text: str, load_text: Load, day: date, days: int, stale: bool) -> None:
    summary = pack_summary(load_text(book_text).packs["zz"], day)

    assert (summary["days_since_confirmed"], summary["stale"]) == (days, stale)
    assert bool(warnings(summary, today=day)) is stale
    assert bool(warnings(summary, "zh", today=day)) is stale


def test_a_confirmation_after_today_is_told(book_text: str, load_text: Load) -> None:
    summary = pack_summary(load_text(book_text).packs["zz"], date(2026, 11, 22))
    assert warnings(summary, today=date(2026, 11, 22)) == ("zz/main: confirmed in the future",)


@pytest.mark.parametrize(
    ("day", "covered", "held"), [(date(2019, 12, 31), False, []), (date(2020, 1, 1), True, ["zz-hold"])]
)
def test_what_holds_on_a_day(book_text: str, load_text: Load, day: date, covered: bool, held: list[str]) -> None:
    summary = pack_summary(load_text(book_text).packs["zz"], day)
    assert (summary["covered"], summary["in_force"]["rules"]) == (covered, held)
    assert ("the day 2019-12-31 is not covered" in " ".join(warnings(summary, today=DAY))) is not covered


def test_what_ended_and_what_is_to_come(book_text: str, load_text: Load) -> None:
    ended = load_text(
        book_text.replace("from: 2020-01-01\n        last", "from: 2020-01-01\n        until: 2021-01-01\n        last")
    )
    (topic,) = topic_coverage(ended.packs["zz"], DAY)
    assert (topic.states, topic.ends) == ({"repealed": 1}, date(2021, 1, 1))
    later = load_text(book_text.replace("- from: 2020-01-01", "- from: 2030-01-01"))
    (topic,) = topic_coverage(later.packs["zz"], DAY)
    assert (topic.states, topic.starts) == ({"not_yet": 1}, date(2030, 1, 1))


def test_ids_shared_by_packs_are_found_in_all(rulebook: Rulebook) -> None:
    hits = find_items(rulebook, "threat-violence")
    assert [pack.id for _, _, pack in hits] == sorted(pack.id for _, _, pack in hits)
    assert len(hits) >= 2
    assert {section for section, _, _ in hits} == {"statements"}
    assert find_items(rulebook, "nothing") == ()
    assert {"cn-retention", "machine-label", "cn-quiet-hours"} <= set(all_ids(rulebook))


def test_summary_is_plain_json(rulebook: Rulebook) -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(inner) for key, inner in value.items())
        return all(map(plain, value)) if isinstance(value, list) else isinstance(value, str | int | bool | None)

    assert all(plain(pack_summary(pack, DAY, lang)) for pack in rulebook.packs.values() for lang in ("en", "zh"))
