"""Overlays and membership never open what the law closes: random questions, random overlays, every loaded pack."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from random import Random
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.book import Rulebook
from policy.errors import RulebookError
from policy.evaluate import budget_slots, evaluate
from policy.facts import CREDITOR_TIERS, DEBTOR_TIERS, GRADES, CreditorTier, DebtorTier, Grade, Scenario, Terms
from policy.families.kind import Case
from policy.ruling import Ruling
from policy.schema import house_rules, load_rulebook
from tests.overlays import (
    accepted,
    document,
    laid,
    question,
    random_overlay,
    restated,
    terms,
    tightening,
    under,
)

QUESTIONS = 10
some = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32 - 1)


@cache
def law() -> Rulebook:
    """The packaged law."""
    return load_rulebook()


@cache
def housed() -> Rulebook:
    """The packaged law under the packaged house rules: what the gate decides under."""
    return load_rulebook(overlays=[house_rules()])


def later(one: datetime | None, other: datetime | None) -> bool:
    """Whether `one` is not earlier than `other`, where None is never."""
    return one is None or (other is not None and one >= other)


def protects_no_less(more: Ruling, less: Ruling) -> None:
    """Every denial of `less` is one of `more`, and `more` opens no sooner."""
    assert set(less.rules) <= set(more.rules)
    assert less.permitted or not more.permitted
    assert less.decision != "deny" or more.decision == "deny"
    assert later(more.next_permitted_at, less.next_permitted_at)


def grants_no_more(scenario: Scenario, more: Rulebook, less: Rulebook) -> None:
    """Every counter of `less` is one of `more`, with no more room left in it."""
    left = {slot.key: slot.limit - slot.used for slot in budget_slots(scenario, more)}
    for slot in budget_slots(scenario, less):
        assert left[slot.key] <= slot.limit - slot.used


@some
@given(seed=seeds)
def test_overlays_never_open_what_the_law_closes(seed: int) -> None:
    rnd = Random(seed)
    kinds = [rnd.choice(("house", "contract", "tier")) for _ in range(3)]
    book = accepted(law(), [random_overlay(rnd, f"own-{at}", kind) for at, kind in enumerate(kinds)])
    for _ in range(QUESTIONS):
        asked = under(question(rnd, law()), terms(rnd))
        protects_no_less(evaluate(asked, book), evaluate(asked, law()))
        grants_no_more(asked, book, law())


@some
@given(seed=seeds)
def test_the_packaged_rules_do_not_know_tier_and_grade(seed: int) -> None:
    rnd = Random(seed)
    for _ in range(QUESTIONS):
        asked = question(rnd, housed())
        one, other = evaluate(under(asked, terms(rnd)), housed()), evaluate(under(asked, terms(rnd)), housed())
        assert (one.decision, one.rules, one.next_permitted_at) == (
            other.decision,
            other.rules,
            other.next_permitted_at,
        )
        assert budget_slots(under(asked, terms(rnd)), housed()) == budget_slots(asked, housed())


@some
@given(seed=seeds)
def test_a_rising_tier_only_protects_more(seed: int) -> None:
    rnd = Random(seed)
    base = accepted(housed(), [random_overlay(rnd, f"base-{kind}", kind) for kind in ("house", "contract")])
    book = accepted(base, [random_overlay(rnd, f"tier-{at}", "tier") for at in range(3)])
    low = rnd.randrange(-1, 3), rnd.randrange(-1, 3)
    high = rnd.randrange(low[0], 3), rnd.randrange(low[1], 3)
    for _ in range(QUESTIONS):
        asked, creditor = question(rnd, housed()), rnd.choice((None, "C1", "C2"))
        lower = under(asked, replace(tiers(*low), creditor=creditor))
        higher = under(asked, replace(tiers(*high), creditor=creditor))
        protects_no_less(evaluate(higher, book), evaluate(lower, book))
        grants_no_more(higher, book, replace(base, digest=""))
        protects_no_less(evaluate(lower, book), evaluate(lower, base))


def tiers(creditor: int, debtor: int) -> Terms:
    """Tiers by rank; -1: none."""
    return Terms(
        creditor_tier=None if creditor < 0 else cast(CreditorTier, CREDITOR_TIERS[creditor]),
        debtor_tier=None if debtor < 0 else cast(DebtorTier, DEBTOR_TIERS[debtor]),
    )


@some
@given(seed=seeds)
def test_a_grade_never_changes_anything(seed: int) -> None:
    rnd = Random(seed)
    book = accepted(housed(), [random_overlay(rnd, f"own-{kind}", kind) for kind in ("house", "contract", "tier")])
    for _ in range(QUESTIONS):
        asked, whom = question(rnd, housed()), terms(rnd)
        answers = set()
        for grade in (None, *sorted(GRADES)):
            ruling = evaluate(under(asked, replace(whom, grade=cast(Grade | None, grade))), book)
            answers.add((ruling.decision, ruling.rules, ruling.next_permitted_at))
        assert len(answers) == 1


@some
@given(seed=seeds)
def test_the_contract_of_one_creditor_is_nothing_to_another(seed: int) -> None:
    rnd = Random(seed)
    contract = random_overlay(rnd, "c1", "contract")
    contract["overlay"]["applies_to"] = {"creditor": "C1"}
    book = accepted(housed(), [contract])
    for _ in range(QUESTIONS):
        asked = under(question(rnd, housed()), replace(terms(rnd), creditor=rnd.choice((None, "C2"))))
        with_it, without = evaluate(asked, book), evaluate(asked, housed())
        assert replace(with_it, rulebook_digest="") == replace(without, rulebook_digest="")
        assert budget_slots(asked, book) == budget_slots(asked, housed())


@cache
def denied(pack_id: str, rule_id: str) -> list[Case]:
    """Questions out of a fixed thousand that this rule of the law denies."""
    rule = law().packs[pack_id].rule(rule_id)
    assert rule is not None
    kind = rule.values.periods[-1].value.content
    return [case for case in cases(pack_id) if case.zones and kind.judge(case) is not None]


@cache
def cases(pack_id: str) -> list[Case]:
    """A thousand questions under one pack."""
    book, rnd = replace(law(), packs={pack_id: law().packs[pack_id]}), Random(pack_id)
    asked = (question(rnd, book) for _ in range(1000))
    return [Case.at_instant(scenario, scenario.attempt.at) for scenario in asked]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=seeds)
def test_what_the_loader_takes_for_a_tightening_is_one(seed: int) -> None:
    """A rule made of the law's own by random changes: refused, or it denies whenever the law does."""
    rnd = Random(seed)
    pack = law().packs[rnd.choice(sorted(law().packs))]
    rule = rnd.choice(pack.rules)
    own = document("own", "house", [tightening(rnd, rule, rnd.randint(1, 3))], over=[pack.id])
    try:
        overlay = laid(law(), own).overlays[0]
    except RulebookError:
        return
    kind = overlay.rules[0].values.periods[-1].value.content
    for case in denied(pack.id, rule.id):
        assert kind.judge(case) is not None, (own, case.scenario)


@pytest.mark.parametrize("pack_id", sorted(load_rulebook().packs))
def test_the_law_laid_over_itself_is_taken(pack_id: str) -> None:
    """The same words are no loosening, whatever the family."""
    laws = [rule for rule in law().packs[pack_id].rules if rule.values.periods[-1].end is None]
    book = laid(law(), document("same", "house", [restated(rule) for rule in laws], over=[pack_id]))
    assert {rule.tightens for rule in book.overlays[0].rules} == {rule.id for rule in laws}
    assert book.digest != law().digest == book.law_digest
