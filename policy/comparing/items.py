"""One item in two rulebooks: where rule, duty, disclosure or statement differ, and which way contact moves (pure)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from policy.book import Disclosure, Duty, Entry, Pack, Rule, StatementCategory
from policy.comparing.change import Change, Difference, Direction, How, fields
from policy.comparing.grid import verdicts
from policy.dated import Dated
from policy.telling.boundary import Setting
from policy.telling.coverage import Item, periods_of, state_on
from policy.telling.explain import sentences, setting_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """The same item in both books, or in one of them."""

    old: Item | None
    new: Item | None
    before: Pack
    after: Pack
    section: str
    lang: str

    def difference(self) -> Difference | None:
        """What differs, or None."""
        present = self.new or self.old
        if present is None:
            return None
        changes: list[Change] = []
        if self.old is not None and self.new is not None:
            changes.extend(fields(_facts(self.old), _facts(self.new)))
        changes.extend(self._stretches())
        if not changes:
            return None
        status = "changed" if self.old and self.new else "added" if self.old is None else "removed"
        title = _facts(present)["title" if "title" in _facts(present) else "covers"][self.lang]
        return Difference(
            pack=self.after.id,
            section=self.section,
            id=present.id,
            title=title,
            status=status,
            changes=tuple(_merged(changes)),
        )

    def _stretches(self) -> Iterator[Change]:
        days = {day for item in (self.old, self.new) if item is not None for day in _edges(item)}
        ordered = [date.min, *sorted(days)]
        for place, start in enumerate(ordered):
            end = ordered[place + 1] if place + 1 < len(ordered) else None
            change = self._stretch(start, end)
            if change is not None:
                yield change

    def _stretch(self, start: date, end: date | None) -> Change | None:
        was, now = self._said(self.old, start), self._said(self.new, start)
        rules_differ = _denies(self.old) != _denies(self.new) and was is not None and now is not None
        if was == now and not rules_differ:
            return None
        first = None if start == date.min else start
        direction, how, asked = self._direction(start)
        return Change(
            what="value",
            start=first,
            end=end,
            before=was,
            after=now,
            direction=direction,
            how=how,
            asked=asked[0],
            closed=asked[1],
            opened=asked[2],
        )

    def _said(self, item: Item | None, day: date) -> dict[str, Any] | None:
        """What the item says on a day: its content, or that it is unknown; None where it says nothing."""
        if item is None:
            return None
        state = state_on(item.values, day)
        if state != "in_force":
            return {"state": "unknown"} if state == "unknown" else None
        period = next(one for one in periods_of(item) if one.start <= day and (one.end is None or day < one.end))
        entry = period.value
        return {
            "parameters": dict(entry.parameters),
            "plain": list(sentences(item, period, self.lang)),
            "citations": [f"{one.text(self.lang)} [{one.certainty}]" for one in entry.citations],
            "last_confirmed": entry.last_confirmed.isoformat(),
            "note": None if entry.note is None else entry.note[self.lang],
        }

    def _direction(self, day: date) -> tuple[Direction, How, tuple[int, int, int]]:
        nothing = (0, 0, 0)
        if self.section != "rules":
            return "not_applicable", "by_content", nothing
        was, now = _closes(self.old, day), _closes(self.new, day)
        if was == now == "silent":
            return "neutral", "by_state", nothing
        if "unknown" in (was, now):
            return ("neutral" if was == now else "tightens" if now == "unknown" else "loosens"), "by_state", nothing
        if was == "silent" or now == "silent":
            return ("tightens" if was == "silent" else "loosens"), "by_state", nothing
        return self._asked(day)

    def _asked(self, day: date) -> tuple[Direction, How, tuple[int, int, int]]:
        old, new = cast(Rule, self.old), cast(Rule, self.new)
        entries = [_entry(rule.values, day) for rule in (old, new)]
        edges = [(old.kind, entries[0].parameters), (new.kind, entries[1].parameters)]
        period = next(one for one in new.values.periods if one.start <= day and (one.end is None or day < one.end))
        settings = [setting_of(self.after, rule, period) for rule in (old, new)]
        asked = closed = opened = 0
        for was, now in verdicts(entries[0].content, entries[1].content, edges, _distinct(settings)):
            asked += 1
            closed += now and not was
            opened += was and not now
        if closed and opened:
            return "mixed", "asked", (asked, closed, opened)
        moved: Direction = "tightens" if closed else "loosens" if opened else "neutral"
        return moved, "asked", (asked, closed, opened)


def _distinct(settings: list[Setting]) -> tuple[Setting, ...]:
    return tuple(dict.fromkeys(settings))


def _edges(item: Item) -> Iterator[date]:
    for period in periods_of(item):
        yield period.start
        if period.end is not None:
            yield period.end


def _entry(values: Dated[Entry[Any]], day: date) -> Entry[Any]:
    return next(one.value for one in values.periods if one.start <= day and (one.end is None or day < one.end))


def _denies(item: Item | None) -> bool | None:
    return item.denies if isinstance(item, Rule) else None


def _closes(item: Item | None, day: date) -> str:
    """`value`: a denying rule is in force; `unknown`: it cannot be told; `silent`: it refuses nothing."""
    if not isinstance(item, Rule) or not item.denies:
        return "silent" if item is None or state_on(item.values, day) != "unknown" else "unknown"
    state = state_on(item.values, day)
    return "value" if state == "in_force" else "unknown" if state == "unknown" else "silent"


def _merged(changes: list[Change]) -> Iterator[Change]:
    """Neighbouring stretches that say the same change are one."""
    last: Change | None = None
    for change in changes:
        if last is not None and _continues(last, change):
            last = replace(last, end=change.end)
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last


def _continues(last: Change, change: Change) -> bool:
    same = all(getattr(last, name) == getattr(change, name) for name in ("what", "before", "after", "direction", "how"))
    return same and last.what == "value" and last.end is not None and last.end == change.start


_FACTS: Mapping[type[Any], Callable[[Any], dict[str, Any]]] = {
    Rule: lambda rule: {
        "title": dict(rule.title),
        "message": dict(rule.message),
        "kind": rule.kind,
        "effect": rule.effect,
        "denies": rule.denies,
        "scope": dict(rule.scope),
        "regions": sorted(rule.regions),
        "evidence": [dict(item) for item in rule.evidence],
    },
    Duty: lambda duty: {"title": dict(duty.title), "effect": duty.effect},
    Disclosure: lambda item: {
        "title": dict(item.title),
        "position": item.position,
        "only_if_artificial": item.only_if_artificial,
    },
    StatementCategory: lambda item: {
        "covers": dict(item.covers),
        "signals": list(item.signals),
        "labels": sorted(item.labels),
        "only_once_known": sorted(item.only_once_known),
        "severity": item.severity,
    },
}


def _facts(item: Item) -> dict[str, Any]:
    """What of an item does not depend on the day."""
    return _FACTS[type(item)](item)
