"""The engine: every rule of the pack is asked, every rule that forbids is reported, anything unknown refuses (pure).

Three answers. *Cannot tell* (its own rule id `<pack>-cannot-tell`) arises from an unloaded pack, a day the pack does
not cover, a
zone the clock database does not know or none at all, a flag outside the vocabulary, or a rule whose value on that day
is unknown.
Where a rule denies on what is known the decision is `deny`, and the unknown is reported beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from policy.book import Entry, Pack, Rule, Rulebook
from policy.dated import InForce, Unknown
from policy.digest import facts_digest
from policy.facts import FLAGS, Scenario
from policy.kind import BudgetSlot, Case, Kind
from policy.ruling import Decision, Lang, Reason, Ruling
from policy.texts import CANNOT_TELL, ENGINE_CITATION
from policy.zones import CLOCK_DATA, find_zone, next_transition, start_of_day, transitions

SEARCH_DAYS = 400
"""How long after the last one-off change (a birthday, a gap) the search follows the weekly and yearly round of the
clocks.
"""

_ROUND = timedelta(days=8)  # a week of clock readings, and a day for the zones around the globe


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule with the value in force on one legal day; `until`: the first instant at which another value holds."""

    rule: Rule
    entry: Entry[Kind]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LegalDay:
    """The law of one day: rules in force and rules of unknown value."""

    active: tuple[ActiveRule, ...]
    unknown: tuple[Rule, ...]

    @property
    def silent(self) -> bool:
        """Whether the law itself has no rule in force; an overlay that adds to silence permits nothing."""
        return all(active.rule.overlay is not None for active in self.active)


def evaluate(scenario: Scenario, rulebook: Rulebook, *, lang: Lang = "en") -> Ruling:
    """May the scenario's contact be attempted at its instant? Raises nothing: what cannot be told is refused."""
    pack = rulebook.law(scenario.pack, scenario.terms)
    unknown = list(_unknowns(scenario, pack))
    denying: list[Reason] = []
    advice: list[Reason] = []
    if pack is not None and _covers(pack, scenario.attempt.at):
        case = _case(scenario, scenario.attempt.at)
        for active, reason in _breaches(pack, case):
            (denying if active.rule.denies else advice).append(reason)
    reasons = tuple(sorted((*denying, *unknown), key=lambda reason: reason.rule))
    decision: Decision = "deny" if denying else "cannot_tell" if unknown else "permit"
    opens_at = None
    if decision == "permit":
        opens_at = scenario.attempt.at
    elif pack is not None and not unknown:
        opens_at = next_permitted(scenario, pack)
    return Ruling(
        pack=scenario.pack,
        decision=decision,
        reasons=reasons,
        next_permitted_at=opens_at,
        rulebook_digest=rulebook.digest,
        facts_digest=facts_digest(scenario),
        as_of=scenario.attempt.at,
        scenario_id=scenario.id,
        advice=tuple(advice),
        clock_data=CLOCK_DATA,
        lang=lang,
    )


def next_permitted(scenario: Scenario, pack: Pack) -> datetime | None:
    """The earliest instant, not before the attempt, at which it would be permitted if nothing else happened, or None.

    No rule that denies at t can change its verdict before its own next change, so the search jumps to the latest of
    those. The first jump passes every one-off change (birthday, full counter); from then on verdicts follow the week:
    a whole week without a permit repeats until a clock is changed, a consent begins or the law changes. The search ends
    when nothing denies, when a denial never changes, or `SEARCH_DAYS` after the last one-off change.
    """
    at = scenario.attempt.at
    limit = at + timedelta(days=SEARCH_DAYS)
    week_end: datetime | None = None
    event: datetime | None = None
    while at <= limit:
        if not _covers(pack, at):
            return None
        case = _case(scenario, at)
        law = _law_on(pack, at.astimezone(pack.legal_timezone).date())
        if law.unknown or law.silent or not case.zones:
            return None
        jump = at
        for active in _denying(law, case):
            change = _earlier(active.entry.content.next_change(case), active.until)
            if change is None:
                return None
            jump = max(jump, change)
        if jump == at:
            return at.astimezone(case.zones[0])
        if jump - at > _ROUND:
            limit, week_end = jump + timedelta(days=SEARCH_DAYS), None
        elif at > scenario.attempt.at and (week_end is None or (event is not None and at >= event)):
            week_end, event = at + _ROUND, _next_event(case, pack)
        elif week_end is not None and at >= week_end:
            if event is None:
                return None
            jump, week_end = max(jump, event), None
        at = jump
    return None


def _next_event(case: Case, pack: Pack) -> datetime | None:
    """The first instant after the case's at which a clock is changed, a consent begins or the law may differ."""
    day = case.at.date()
    changes = [next_transition(zone, day + timedelta(days=1), SEARCH_DAYS) for zone in case.zones]
    changes.extend(change for zone in case.zones for change in transitions(zone, day))
    changes.extend(consent.given_at for consent in case.debtor.consents)
    changes.append(_next_law(pack, case.at.astimezone(pack.legal_timezone).date()))
    return min((change for change in changes if change is not None and change > case.at), default=None)


@lru_cache(maxsize=4096)
def _next_law(pack: Pack, day: date) -> datetime | None:
    periods = [period for rule in pack.rules for period in rule.values.periods]
    days = {period.start for period in periods} | {period.end for period in periods if period.end is not None}
    later = min((change for change in days if change > day), default=None)
    return None if later is None else start_of_day(pack.legal_timezone, later)


def is_denied(scenario: Scenario, pack: Pack, at: datetime) -> bool:
    """Whether some rule forbids the attempt at the instant `at`, on which the pack must have law; the bare verdict."""
    law = _law_on(pack, at.astimezone(pack.legal_timezone).date())
    return any(True for _ in _denying(law, _case(scenario, at)))


def budget_slots(scenario: Scenario, rulebook: Rulebook) -> tuple[BudgetSlot, ...]:
    """Every counter this attempt takes one unit from, under the caps in force; empty for an unknown pack or clock.

    The caller charges each `key` in the transaction that records the intent; a slot whose window spans several days
    is full when
    the charges of its `rule` and `subject` over the last `window_days` buckets reach `limit`.
    """
    pack = rulebook.law(scenario.pack, scenario.terms)
    if pack is None or not _covers(pack, scenario.attempt.at):
        return ()
    case = _case(scenario, scenario.attempt.at)
    if not case.zones:
        return ()
    law = _law_on(pack, case.at.astimezone(pack.legal_timezone).date())
    return tuple(
        slot for active in law.active if active.rule.denies for slot in active.entry.content.slots(active.rule.id, case)
    )


def _denying(law: LegalDay, case: Case) -> Iterator[ActiveRule]:
    for active in law.active:
        if active.rule.denies and active.entry.content.judge(case) is not None:
            yield active


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _zones(scenario: Scenario) -> tuple[ZoneInfo, ...]:
    found = (find_zone(name) for name in scenario.debtor.timezones)
    return tuple(zone for zone in found if zone is not None)


def _case(scenario: Scenario, at: datetime) -> Case:
    zones = _zones(scenario)
    moment = at.astimezone(UTC)
    return Case(scenario, moment, zones, tuple(moment.astimezone(zone) for zone in zones))


def _covers(pack: Pack, at: datetime) -> bool:
    day = at.astimezone(pack.legal_timezone).date()
    return day >= pack.covers_from and (pack.covers_until is None or day < pack.covers_until)


@lru_cache(maxsize=4096)
def _law_on(pack: Pack, day: date) -> LegalDay:
    active: list[ActiveRule] = []
    unknown: list[Rule] = []
    for rule in pack.rules:
        answer = rule.values.on(day)
        if isinstance(answer, InForce):
            until = None if answer.end is None else start_of_day(pack.legal_timezone, answer.end)
            active.append(ActiveRule(rule, answer.value, until))
        elif isinstance(answer, Unknown):
            unknown.append(rule)
    return LegalDay(tuple(active), tuple(unknown))


def _breaches(pack: Pack, case: Case) -> Iterator[tuple[ActiveRule, Reason]]:
    law = _law_on(pack, case.at.astimezone(pack.legal_timezone).date())
    for active in law.active:
        kind = active.entry.content
        if kind.needs_clock and not case.zones:
            continue  # reported as cannot tell
        breach = kind.judge(case)
        if breach is None:
            continue
        rule = active.rule
        yield (
            active,
            Reason(
                rule=rule.id,
                messages={lang: text.format_map(breach.words) for lang, text in rule.message.items()},
                citations={lang: active.entry.citation(lang) for lang in ("en", "zh")},
                parameters=breach.parameters,
                facts=breach.facts,
            ),
        )


def _unknowns(scenario: Scenario, pack: Pack | None) -> Iterator[Reason]:
    if pack is None:
        yield _cannot_tell(scenario, "unknown_pack", pack=scenario.pack)
        return
    at = scenario.attempt.at
    day = at.astimezone(pack.legal_timezone).date()
    if not _covers(pack, at):
        yield _cannot_tell(scenario, "day_not_covered", day=day.isoformat())
    elif _law_on(pack, day).silent:
        yield _cannot_tell(scenario, "no_rule_in_force", day=day.isoformat())
    for rule in _law_on(pack, day).unknown:
        yield _cannot_tell(scenario, "unknown_value", value_of=rule.id, day=day.isoformat())
    zones = scenario.debtor.timezones
    if not zones:
        yield _cannot_tell(scenario, "no_zone")
    for name in zones:
        if find_zone(name) is None:
            yield _cannot_tell(scenario, "unknown_zone", zone=name[:60])
    for flag in sorted(scenario.debtor.flags - FLAGS):
        yield _cannot_tell(scenario, "unknown_flag", flag=flag[:60])


def _cannot_tell(scenario: Scenario, why: str, **facts: Any) -> Reason:
    return Reason(
        rule=f"{scenario.pack}-cannot-tell",
        messages={lang: text.format_map(facts) for lang, text in CANNOT_TELL[why].items()},
        citations=ENGINE_CITATION,
        parameters={},
        facts={"why": why, **facts},
    )
