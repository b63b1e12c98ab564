"""The law of one day: rules in force, rules of unknown value, and those that can speak about an attempt (pure).

Two attempts that agree in their *signature* (channel, party, flags, and whether there is a history, a wish, a consent
at all) can be denied by the same rules only. Those rules are looked up once for a signature; no other is ever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from policy.book import Entry, Pack, Rule
from policy.dated import InForce, Unknown
from policy.facts import FLAGS
from policy.families.kind import Kind, Signature
from policy.zones import start_of_day


@dataclass(frozen=True, eq=False, slots=True)
class ActiveRule:
    """A rule with the value in force on one legal day; `until`: the first instant at which another value holds."""

    rule: Rule
    kind: Kind
    citations: Mapping[str, str]
    until: datetime | None


@dataclass(frozen=True, eq=False, slots=True)
class LegalDay:
    """The law of one day: rules in force in order of id, and rules of unknown value.

    `silent`: the law itself has no rule in force; an overlay that adds to silence permits nothing.
    """

    active: tuple[ActiveRule, ...]
    unknown: tuple[Rule, ...]
    silent: bool


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What must be asked about attempts of one signature: rules that may forbid, rules that may advise, alien flags."""

    denying: tuple[ActiveRule, ...]
    advising: tuple[ActiveRule, ...]
    alien_flags: tuple[str, ...]


def covers(pack: Pack, day: date) -> bool:
    """Whether the pack claims to know the law of this legal day."""
    return day >= pack.covers_from and (pack.covers_until is None or day < pack.covers_until)


@lru_cache(maxsize=4096)
def law_on(pack: Pack, day: date) -> LegalDay:
    """The law of one legal day; empty where the pack covers none."""
    active: list[ActiveRule] = []
    unknown: list[Rule] = []
    for rule in pack.rules if covers(pack, day) else ():
        answer = rule.values.on(day)
        if isinstance(answer, InForce):
            until = None if answer.end is None else start_of_day(pack.legal_timezone, answer.end)
            active.append(_active(rule, answer.value, until))
        elif isinstance(answer, Unknown):
            unknown.append(rule)
    return LegalDay(tuple(active), tuple(unknown), all(one.rule.overlay is not None for one in active))


def _active(rule: Rule, entry: Entry[Kind], until: datetime | None) -> ActiveRule:
    return ActiveRule(rule, entry.content, {lang: entry.citation(lang) for lang in ("en", "zh")}, until)


@lru_cache(maxsize=65_536)
def plan_for(law: LegalDay, signature: Signature) -> Plan:
    """The rules in force that may speak about attempts of this signature."""
    able = [active for active in law.active if active.kind.may_speak(signature)]
    return Plan(
        denying=tuple(active for active in able if active.rule.denies),
        advising=tuple(active for active in able if not active.rule.denies),
        alien_flags=tuple(sorted(signature.flags - FLAGS)),
    )


@lru_cache(maxsize=4096)
def next_law(pack: Pack, day: date) -> datetime | None:
    """The first instant after the legal day at which some rule has another value."""
    periods = [period for rule in pack.rules for period in rule.values.periods]
    days = {period.start for period in periods} | {period.end for period in periods if period.end is not None}
    later = min((change for change in days if change > day), default=None)
    return None if later is None else start_of_day(pack.legal_timezone, later)


def legal_day(pack: Pack, at: datetime) -> date:
    """The calendar day of `at` on the pack's legal clock."""
    return at.astimezone(pack.legal_timezone).date()
