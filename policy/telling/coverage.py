"""What the rulebook claims: jurisdiction × topic × period, how sure, and when somebody last confirmed it (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from policy.book import Disclosure, Duty, Entry, Pack, Rule, Rulebook, StatementCategory
from policy.dated import Dated, InForce, NotYetInForce, Period, Repealed
from policy.overlays.overlay import Overlay

STALE_DAYS = 180
"""A value not compared with its source for longer than this is told as stale."""

MARKS = ("V", "S", "paper", "P", "M")
"""Certainty marks from the firmest to the weakest: read, second hand, source paper, own choice, memory."""

Item = Rule | Duty | Disclosure | StatementCategory
SECTIONS = ("rules", "duties", "disclosures", "statements")


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicCoverage:
    """One topic of a pack on one day. `gaps`: days on which a value is unknown although it is known before and after.

    `states` counts the items by state (`in_force`, `not_yet`, `repealed`, `unknown`); `days_since` is negative when a
    confirmation lies in the future; `stale` says that it is too long ago.
    """

    topic: str
    counts: dict[str, int]
    starts: date
    ends: date | None
    gaps: tuple[tuple[str, date, date], ...]
    states: dict[str, int]
    certainty: tuple[str, ...]
    last_confirmed: date
    days_since: int

    @property
    def weakest(self) -> str:
        """The weakest certainty mark on which something of this topic rests alone or in part."""
        return self.certainty[-1]

    @property
    def stale(self) -> bool:
        """Whether the oldest confirmation is too long ago."""
        return self.days_since > STALE_DAYS

    def to_json(self) -> dict[str, Any]:
        """The row as JSON types."""
        return {
            "topic": self.topic,
            **{name: self.counts.get(name, 0) for name in SECTIONS},
            "from": self.starts.isoformat(),
            "until": None if self.ends is None else self.ends.isoformat(),
            "gaps": [
                {"id": name, "from": start.isoformat(), "until": end.isoformat()} for name, start, end in self.gaps
            ],
            "states": self.states,
            "certainty": list(self.certainty),
            "weakest": self.weakest,
            "last_confirmed": self.last_confirmed.isoformat(),
            "days_since_confirmed": self.days_since,
            "stale": self.stale,
        }


def items_of(pack: Pack) -> Iterator[tuple[str, Item]]:
    """Every rule, duty, disclosure and statement of a pack with the name of its section."""
    for section in SECTIONS:
        for item in getattr(pack, section):
            yield section, item


def periods_of(item: Item) -> tuple[Period[Entry[Any]], ...]:
    """The dated values of an item, whatever they hold."""
    return tuple(item.values.periods)


def state_on(values: Dated[Any], day: date) -> str:
    """`in_force`, `not_yet`, `repealed` or `unknown`."""
    answer = values.on(day)
    if isinstance(answer, InForce):
        return "in_force"
    if isinstance(answer, NotYetInForce):
        return "not_yet"
    return "repealed" if isinstance(answer, Repealed) else "unknown"


def topic_coverage(pack: Pack, day: date) -> tuple[TopicCoverage, ...]:
    """The pack's topics by name, as seen on `day` (also the day from which confirmations are counted back)."""
    grouped: dict[str, list[tuple[str, Item]]] = {}
    for section, item in items_of(pack):
        grouped.setdefault(pack.topics.get(item.id, ""), []).append((section, item))
    return tuple(_topic(topic, found, day) for topic, found in sorted(grouped.items()))


def _topic(topic: str, found: Sequence[tuple[str, Item]], day: date) -> TopicCoverage:
    items = [item for _, item in found]
    entries: list[Entry[Any]] = [period.value for item in items for period in periods_of(item)]
    ends = [item.values.periods[-1].end for item in items]
    confirmed = min(entry.last_confirmed for entry in entries)
    states = [state_on(item.values, day) for item in items]
    return TopicCoverage(
        topic=topic,
        counts={name: sum(1 for section, _ in found if section == name) for name in SECTIONS},
        starts=min(item.values.periods[0].start for item in items),
        ends=None if None in ends else max(end for end in ends if end is not None),
        gaps=tuple(gap for item in items for gap in _gaps(item)),
        states={state: states.count(state) for state in sorted(set(states))},
        certainty=_marks(entries),
        last_confirmed=confirmed,
        days_since=(day - confirmed).days,
    )


def _gaps(item: Item) -> Iterator[tuple[str, date, date]]:
    for earlier, later in pairwise(periods_of(item)):
        if earlier.end is not None and earlier.end < later.start:
            yield item.id, earlier.end, later.start


def _marks(entries: Iterable[Entry[Any]]) -> tuple[str, ...]:
    found = {citation.certainty for entry in entries for citation in entry.citations}
    return tuple(mark for mark in MARKS if mark in found)


def pack_summary(pack: Pack, day: date, lang: str = "en") -> dict[str, Any]:
    """One pack as JSON: dates covered, counts, certainty marks, the oldest confirmation, and its topics on `day`."""
    topics = topic_coverage(pack, day)
    entries: list[Entry[Any]] = [period.value for _, item in items_of(pack) for period in periods_of(item)]
    covered = pack.covers_from <= day and (pack.covers_until is None or day < pack.covers_until)
    confirmed = min(entry.last_confirmed for entry in entries)
    return {
        "pack": pack.id,
        "name": pack.name[lang],
        "jurisdiction": pack.jurisdiction,
        "legal_timezone": str(pack.legal_timezone.key),
        "covers_from": pack.covers_from.isoformat(),
        "covers_until": None if pack.covers_until is None else pack.covers_until.isoformat(),
        "on": day.isoformat(),
        "covered": covered,
        **{section: len(getattr(pack, section)) for section in SECTIONS},
        "certainty": list(_marks(entries)),
        "last_confirmed": confirmed.isoformat(),
        "days_since_confirmed": (day - confirmed).days,
        "stale": (day - confirmed).days > STALE_DAYS,
        "topics": [topic.to_json() for topic in topics],
        "in_force": {
            section: [item.id for name, item in items_of(pack) if name == section and _holds(item, day)]
            for section in SECTIONS
        }
        if covered
        else {section: [] for section in SECTIONS},
    }


def _holds(item: Item, day: date) -> bool:
    return state_on(item.values, day) == "in_force"


def warnings(summary: dict[str, Any], lang: str = "en", *, today: date) -> tuple[str, ...]:
    """What a person should know about a pack's summary: not covered, gaps, stale confirmations, or later than today."""
    english, pack, found = lang == "en", summary["pack"], []
    if not summary["covered"]:
        day = summary["on"]
        found.append(
            f"{pack}: the day {day} is not covered; every contact is refused"
            if english
            else f"{pack}：不覆盖{day}，一律不得联系"
        )
    for topic in summary["topics"]:
        name, days = f"{pack}/{topic['topic']}", topic["days_since_confirmed"]
        if topic["stale"]:
            found.append(
                f"{name}: last confirmed {days} days ago; compare it with its sources again"
                if english
                else f"{name}：距上次核对已{days}天，请重新核对原文"
            )
        if topic["last_confirmed"] > today.isoformat():
            found.append(f"{name}: confirmed in the future" if english else f"{name}：核对日期在未来")
        found.extend(
            f"{name}: {gap['id']} is unknown from {gap['from']} until {gap['until']}; contact is refused then"
            if english
            else f"{name}：{gap['id']} 在{gap['from']}至{gap['until']}（不含）期间未知，一律不得联系"
            for gap in topic["gaps"]
        )
    return tuple(found)


def find_items(rulebook: Rulebook, item_id: str) -> tuple[tuple[str, Item, Pack], ...]:
    """Every rule, duty, disclosure or statement of that id with its section and pack; packs share script ids.

    What an overlay adds is told with the first pack it is laid over.
    """
    return tuple(hit for hit in _everything(rulebook) if hit[1].id == item_id)


def _everything(rulebook: Rulebook) -> Iterator[tuple[str, Item, Pack]]:
    for _, pack in sorted(rulebook.packs.items()):
        yield from ((section, item, pack) for section, item in items_of(pack))
    for overlay in rulebook.overlays:
        pack = rulebook.packs[min(overlay.over & rulebook.packs.keys())]
        for section in ("rules", "duties", "statements"):
            yield from ((section, item, pack) for item in getattr(overlay, section))


def overlay_of(rulebook: Rulebook, item_id: str) -> Overlay | None:
    """The overlay that adds this id, None for what the law itself has."""
    return next((overlay for overlay in rulebook.overlays if item_id in overlay.ids()), None)


def all_ids(rulebook: Rulebook) -> tuple[str, ...]:
    """Ids of everything that can be explained, sorted."""
    return tuple(sorted({item.id for _, item, _ in _everything(rulebook)}))
