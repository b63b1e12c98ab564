"""Overlays: creditor contracts, house rules and membership tiers, which add to the law and never take from it (pure).

An overlay holds rules that deny beside the law's, longer retention and further forbidden statements. Composing is the
union: every rule of the law stays, so the strictest wins. A tier overlay applies from its tier upward, so a rising tier
can only protect more; nothing may depend on a debtor's grade.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from policy.dated import Dated, Period
from policy.facts import CREDITOR_TIERS, DEBTOR_TIERS, Terms

if TYPE_CHECKING:  # the book holds overlays, and overlays hold entries of the book
    from policy.book import Duty, Entry, Pack, Rule, Source, StatementCategory

OVERLAY_KINDS = frozenset({"house", "contract", "tier"})


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Overlay:
    """One overlay file. `over`: packs it is laid over; `start`, `end`: days on which it holds (half open);
    `digest`: of its content.

    House rules apply to every attempt; a contract to its `creditor`; a tier overlay from its tier upward.
    """

    id: str
    digest: str
    topic: str
    name: Mapping[str, str]
    kind: str
    file: str
    over: frozenset[str]
    creditor: str | None
    creditor_tier_from: str | None
    debtor_tier_from: str | None
    start: date
    end: date | None
    sources: Mapping[str, "Source"]
    rules: tuple["Rule", ...]
    duties: tuple["Duty", ...]
    statements: tuple["StatementCategory", ...]

    def applies(self, pack_id: str, terms: Terms) -> bool:
        """Whether this overlay is laid over that pack for an attempt under these terms."""
        return (
            pack_id in self.over
            and (self.creditor is None or self.creditor == terms.creditor)
            and _reaches(terms.creditor_tier, self.creditor_tier_from, CREDITOR_TIERS)
            and _reaches(terms.debtor_tier, self.debtor_tier_from, DEBTOR_TIERS)
        )

    def ids(self) -> tuple[str, ...]:
        """Ids of its rules, duties and statements."""
        return tuple(entry.id for entries in (self.rules, self.duties, self.statements) for entry in entries)

    def applies_to(self) -> dict[str, str]:
        """Which attempts it is for, by name of the term; empty: all."""
        pairs = {
            "creditor": self.creditor,
            "creditor_tier_from": self.creditor_tier_from,
            "debtor_tier_from": self.debtor_tier_from,
        }
        return {name: value for name, value in pairs.items() if value is not None}


def _reaches(tier: str | None, least: str | None, order: Sequence[str]) -> bool:
    return least is None or (tier is not None and order.index(tier) >= order.index(least))


def compose(pack: "Pack", overlays: Iterable[Overlay]) -> "Pack":
    """The pack with these overlays: their rules and statements beside the law's, retention as long as the longest."""
    chosen = tuple(overlays)
    if not chosen:
        return pack
    rules = (*pack.rules, *(rule for overlay in chosen for rule in overlay.rules))
    statements = (*pack.statements, *(item for overlay in chosen for item in overlay.statements))
    longer = tuple(duty for overlay in chosen for duty in overlay.duties)
    return replace(
        pack,
        sources={**pack.sources, **{f"{one.id}/{key}": item for one in chosen for key, item in one.sources.items()}},
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        duties=tuple(_lengthened(duty, longer) for duty in pack.duties),
        statements=tuple(sorted(statements, key=lambda item: item.id)),
        topics={**pack.topics, **{name: overlay.topic for overlay in chosen for name in overlay.ids()}},
    )


def _lengthened(duty: "Duty", longer: Iterable["Duty"]) -> "Duty":
    for other in longer:
        if other.tightens == duty.id:
            periods = [part for period in duty.values.periods for part in _cut(period, other.values)]
            duty = replace(duty, values=Dated(tuple(periods)))
    return duty


def _cut(law: Period["Entry[None]"], own: Dated["Entry[None]"]) -> Iterable[Period["Entry[None]"]]:
    """The law's period in pieces: as it was where the overlay does not hold, lengthened where it does."""
    start = law.start
    for period in own.periods:
        common = overlap(law, period)
        if common is None:
            continue
        first, end = common
        if start < first:
            yield Period(start=start, end=first, value=law.value)
        yield Period(start=first, end=end, value=_longest(law.value, period.value))
        if end is None:
            return
        start = end
    if law.end is None or start < law.end:
        yield Period(start=start, end=law.end, value=law.value)


def overlap(one: Period[Any], other: Period[Any]) -> tuple[date, date | None] | None:
    """The days that two periods share, half open, or None."""
    start = max(one.start, other.start)
    ends = [end for end in (one.end, other.end) if end is not None]
    end = min(ends, default=None)
    return None if end is not None and end <= start else (start, end)


def _longest(law: "Entry[None]", own: "Entry[None]") -> "Entry[None]":
    parameters = dict(law.parameters)
    for name, value in own.parameters.items():
        found = parameters[name]
        parameters[name] = max(found, value) if isinstance(found, int) else list(dict.fromkeys([*found, *value]))
    return replace(law, parameters=parameters, citations=(*law.citations, *own.citations))
