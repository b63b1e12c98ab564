"""The engine: every rule of the law is asked, every rule that forbids is reported, anything unknown refuses (pure).

Three answers. *Cannot tell* (its own rule id `<pack>-cannot-tell`) arises from an unloaded pack, a day the pack does
not cover, a zone the clock database does not know or none at all, a flag outside the vocabulary, or a rule whose value
on that day is unknown. Where a rule denies on what is known the decision is `deny`, and the unknown is reported beside
it.

`decide` is the bare judgement: decision, denying rules, parameters and facts used, citations. `evaluate` makes of it
the ruling that is kept: texts in both languages, digests, the next permitted instant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.book import Pack, Rulebook
from policy.digest import facts_digest
from policy.facts import Scenario
from policy.families.kind import Breach, BudgetSlot, Case, signature_of
from policy.law import ActiveRule, LegalDay, Plan, covers, law_on, legal_day, plan_for
from policy.ruling import Decision, Lang, Reason, Ruling
from policy.search import next_permitted
from policy.texts import CANNOT_TELL, ENGINE_CITATION
from policy.zones import CLOCK_DATA, find_zone

Spoken = tuple[ActiveRule, Breach]
"""A rule that speaks and what it says."""


@dataclass(slots=True, eq=False)
class Judgement:
    """The engine's bare answer about one attempt. `doubts`: why it cannot be told, each a text key and its facts."""

    decision: Decision
    denying: tuple[Spoken, ...]
    doubts: tuple[tuple[str, dict[str, Any]], ...]
    pack: Pack | None
    scenario: Scenario

    @property
    def permitted(self) -> bool:
        """True only for a permit: *cannot tell* refuses."""
        return self.decision == "permit"

    @property
    def rules(self) -> tuple[str, ...]:
        """Sorted ids of every rule that denies; empty exactly when permitted."""
        found = {active.rule.id for active, _ in self.denying}
        if self.doubts:
            found.add(f"{self.scenario.pack}-cannot-tell")
        return tuple(sorted(found))

    @property
    def next_permitted_at(self) -> datetime | None:
        """The earliest instant at which the same attempt would be permitted; None when waiting does not help."""
        if self.permitted:
            return self.scenario.attempt.at
        return None if self.pack is None or self.doubts else next_permitted(self.scenario, self.pack)


def decide(scenario: Scenario, rulebook: Rulebook) -> Judgement:
    """May the scenario's contact be attempted at its instant? Raises nothing: what cannot be told is refused."""
    pack = rulebook.law(scenario.pack, scenario.terms)
    if pack is None:
        return Judgement("cannot_tell", (), (("unknown_pack", {"pack": scenario.pack}),), None, scenario)
    at = scenario.attempt.at
    law = law_on(pack, legal_day(pack, at))
    plan = plan_for(law, signature_of(scenario))
    case = Case.at_instant(scenario, at)
    denying = _spoken(plan.denying, case)
    doubts: tuple[tuple[str, dict[str, Any]], ...] = ()
    names = scenario.debtor.timezones
    if not names or len(case.zones) != len(names) or plan.alien_flags or law.unknown or law.silent:
        doubts = tuple(_doubts(scenario, pack, law, plan))
    decision: Decision = "deny" if denying else "cannot_tell" if doubts else "permit"
    return Judgement(decision, denying, doubts, pack, scenario)


def decide_all(scenarios: Iterable[Scenario], rulebook: Rulebook) -> Iterator[Judgement]:
    """The batch form: one judgement a scenario, in order, holding one scenario at a time."""
    for scenario in scenarios:
        yield decide(scenario, rulebook)


def evaluate(scenario: Scenario, rulebook: Rulebook, *, lang: Lang = "en") -> Ruling:
    """The complete ruling on the scenario's contact. Raises nothing: what cannot be told is refused."""
    judgement = decide(scenario, rulebook)
    reasons = [_reason(spoken) for spoken in judgement.denying]
    reasons.extend(_cannot_tell(scenario, why, facts) for why, facts in judgement.doubts)
    return Ruling(
        pack=scenario.pack,
        decision=judgement.decision,
        reasons=tuple(sorted(reasons, key=lambda reason: reason.rule)),
        next_permitted_at=judgement.next_permitted_at,
        rulebook_digest=rulebook.digest,
        facts_digest=facts_digest(scenario),
        as_of=scenario.attempt.at,
        scenario_id=scenario.id,
        advice=() if judgement.pack is None else tuple(_advice(scenario, judgement.pack)),
        clock_data=CLOCK_DATA,
        lang=lang,
    )


def is_denied(scenario: Scenario, pack: Pack, at: datetime) -> bool:
    """Whether some rule forbids the attempt at the instant `at`, on which the pack must have law; the bare verdict."""
    plan = plan_for(law_on(pack, legal_day(pack, at)), signature_of(scenario))
    case = Case.at_instant(scenario, at)
    return any(active.kind.denies(case) for active in plan.denying if case.zones or not active.kind.needs_clock)


def budget_slots(scenario: Scenario, rulebook: Rulebook) -> tuple[BudgetSlot, ...]:
    """Every counter this attempt takes one unit from, under the caps in force; empty for an unknown pack or clock.

    The caller charges each `key` in the transaction that records the intent; a slot whose window spans several days
    is full when the charges of its `rule` and `subject` over the last `window_days` buckets reach `limit`.
    """
    pack = rulebook.law(scenario.pack, scenario.terms)
    if pack is None:
        return ()
    case = Case.at_instant(scenario, scenario.attempt.at)
    if not case.zones:
        return ()
    law = law_on(pack, legal_day(pack, scenario.attempt.at))
    return tuple(
        slot for active in law.active if active.rule.denies for slot in active.kind.slots(active.rule.id, case)
    )


def _spoken(rules: tuple[ActiveRule, ...], case: Case) -> tuple[Spoken, ...]:
    """The rules that speak; without any known clock, rules that need one are left out (that is a doubt of its own)."""
    found = []
    for active in rules:
        if case.zones or not active.kind.needs_clock:
            breach = active.kind.judge(case)
            if breach is not None:
                found.append((active, breach))
    return tuple(found)


def _advice(scenario: Scenario, pack: Pack) -> Iterator[Reason]:
    at = scenario.attempt.at
    plan = plan_for(law_on(pack, legal_day(pack, at)), signature_of(scenario))
    for spoken in _spoken(plan.advising, Case.at_instant(scenario, at)):
        yield _reason(spoken)


def _doubts(scenario: Scenario, pack: Pack, law: LegalDay, plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    day = legal_day(pack, scenario.attempt.at)
    if not covers(pack, day):
        yield "day_not_covered", {"day": day.isoformat()}
    elif law.silent:
        yield "no_rule_in_force", {"day": day.isoformat()}
    for rule in law.unknown:
        yield "unknown_value", {"value_of": rule.id, "day": day.isoformat()}
    if not scenario.debtor.timezones:
        yield "no_zone", {}
    for name in scenario.debtor.timezones:
        if find_zone(name) is None:
            yield "unknown_zone", {"zone": name[:60]}
    for flag in plan.alien_flags:
        yield "unknown_flag", {"flag": flag[:60]}


def _reason(spoken: Spoken) -> Reason:
    active, breach = spoken
    return Reason(
        rule=active.rule.id,
        messages={lang: text.format_map(breach.words) for lang, text in active.rule.message.items()},
        citations=active.citations,
        parameters=breach.parameters,
        facts=breach.facts,
    )


def _cannot_tell(scenario: Scenario, why: str, facts: dict[str, Any]) -> Reason:
    return Reason(
        rule=f"{scenario.pack}-cannot-tell",
        messages={lang: text.format_map(facts) for lang, text in CANNOT_TELL[why].items()},
        citations=ENGINE_CITATION,
        parameters={},
        facts={"why": why, **facts},
    )
