"""The law of a call beside the ruling: what must be said and in which order, what is forbidden, what is kept."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from nlp.labels import Signal, ViolationKind, Vulnerability
from outreach.db.tables import CollectionCase, Creditor, Debtor
from outreach.dialer.law import CallLaw, call_law
from policy.book import SEVERITIES, Rulebook
from policy.duties import required_disclosures, statements_for_label
from policy.facts import FLAGS, NO_TERMS, Terms
from policy.schema import house_rules, load_rulebook

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[4] / "docs" / "examples" / "overlays"
PACKS = ("cn", "us-reg-f", "uk-conc7", "in-rbi")


@cache
def book() -> Rulebook:
    return load_rulebook()


def law(*packs: str, at: datetime = AT, terms: Terms = NO_TERMS, rulebook: Rulebook | None = None) -> CallLaw:
    return CallLaw(rulebook=rulebook or book(), packs=packs, terms=terms, at=at)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("artificial", [False, True])
def test_one_pack_speaks_in_its_own_order_titles_and_citations(pack: str, artificial: bool) -> None:
    day = law(pack).day(pack)
    stated = required_disclosures(book(), pack, day, artificial_voice=artificial)
    found = law(pack).required(artificial_voice=artificial)
    assert [(item.id, item.due, item.title) for item in found] == [
        (item.disclosure.id, item.due, item.disclosure.title) for item in stated
    ]
    assert found[0].citation["en"] == "; ".join(citation.text("en") for citation in stated[0].citations)
    assert ("machine-label" in {item.id for item in found}) is artificial


@pytest.mark.parametrize("pack", PACKS)
def test_a_machine_says_so_before_the_recording_and_the_identity_check(pack: str) -> None:
    order = [item.id for item in law(pack).required(artificial_voice=True)]
    assert order.index("machine-label") < min(order.index("recording-notice"), order.index("identity-check"))


def test_what_two_packs_ask_for_is_one_list_in_the_order_of_the_first() -> None:
    both = law("us-reg-f", "cn").required(artificial_voice=False)
    assert [item.id for item in both] == [
        "institution", "agent-name", "recording-notice", "identity-check", "debt-details", "payment-methods", "rights",
        "promise-record", "collector-notice",
    ]  # fmt: skip
    other = [item.id for item in law("cn", "us-reg-f").required(artificial_voice=False)]
    assert other.index("identity-check") < other.index("collector-notice") < other.index("debt-details")
    assert len(other) == len(set(other)) == len(both)
    assert "1006.14(g)" in both[0].citation["en"]
    assert "CBA Guideline" in both[0].citation["en"]


def test_the_earlier_occasion_holds_for_what_two_packs_ask_for() -> None:
    alone = {item.id: item.due for item in law("uk-conc7").required(artificial_voice=False)}
    both = {item.id: item.due for item in law("uk-conc7", "cn").required(artificial_voice=False)}
    assert (alone["institution"], both["institution"]) == ("before_details", "opening")
    assert (alone["debt-details"], both["debt-details"]) == ("on_request", "during")


def test_each_pack_dates_the_call_by_its_own_clock() -> None:
    late = datetime(2026, 1, 29, 17, 0, tzinfo=UTC)  # 30 January in Shanghai, 29 January in London
    assert [law("cn", at=late).day("cn").day, law("uk-conc7", at=late).day("uk-conc7").day] == [30, 29]
    before = law("cn", at=datetime(2026, 1, 29, 15, 0, tzinfo=UTC)).required(artificial_voice=False)[0].citation["en"]
    after = law("cn", at=late).required(artificial_voice=False)[0].citation["en"]
    assert "CBA Guideline" not in before
    assert "CBA Guideline" in after


@pytest.mark.parametrize("pack", PACKS)
def test_every_label_is_graded_by_the_gravest_category_and_cites_those_as_grave(pack: str) -> None:
    found = law(pack).forbidden()
    assert set(found) == {kind.value for kind in ViolationKind}
    for label, item in found.items():
        stated = [
            one
            for one in statements_for_label(book(), pack, label, law(pack).day(pack))
            if not one.category.only_once_known
        ]
        assert item.categories == tuple(other.category.id for other in stated)
        assert item.severity == stated[0].category.severity
        gravest = [other for other in stated if other.category.severity == item.severity]
        for lang, mark in (("zh", "；"), ("en", "; ")):
            cited = {citation.text(lang) for other in gravest for citation in other.citations}
            assert set(item.citation[lang].split(mark)) >= {text for text in cited if mark not in text}


def test_the_gravest_of_two_packs_grades() -> None:
    grade = {pack: law(pack).forbidden()["abuse"].severity for pack in ("cn", "us-reg-f")}
    assert grade == {"cn": "critical", "us-reg-f": "high"}
    both = law("us-reg-f", "cn").forbidden()["abuse"]
    assert (both.severity, both.categories[0]) == ("critical", "self-harm-provocation")
    assert set(both.categories) == {"self-harm-provocation", "insult"}
    assert SEVERITIES[-1] == "critical"


@pytest.mark.parametrize(
    ("pack", "word", "category"),
    [
        ("cn", "minor", "night-or-patient-pressure"),
        ("cn", "hospitalised", "night-or-patient-pressure"),
        ("uk-conc7", "illness", "ignore-vulnerability"),
        ("uk-conc7", "lacks_capacity", "ignore-vulnerability"),
    ],
)
def test_what_must_be_known_first_grades_only_once_it_is_known(pack: str, word: str, category: str) -> None:
    pressure = law(pack).forbidden()["undue-pressure"]
    assert (pressure.severity, category in pressure.categories) == ("high", False)
    graver = pressure.once_known[word]
    assert (graver.severity, graver.categories[0]) == ("critical", category)
    assert set(graver.categories) == {category, *pressure.categories}
    day = law(pack).day(pack)
    stated = next(
        one for one in statements_for_label(book(), pack, "undue-pressure", day) if one.category.id == category
    )
    assert graver.citation["en"] == "; ".join(citation.text("en") for citation in stated.citations)


def test_of_two_packs_each_asks_for_its_own_knowledge() -> None:
    both = law("cn", "uk-conc7").forbidden()["undue-pressure"]
    assert both.once_known["minor"].categories[0] == "night-or-patient-pressure"
    assert "ignore-vulnerability" not in both.once_known["minor"].categories
    assert {"ignore-vulnerability", "night-or-patient-pressure"} <= set(both.once_known["hospitalised"].categories)
    assert law("us-reg-f").forbidden()["undue-pressure"].once_known == {}


def test_what_must_be_known_is_something_that_can_be_known() -> None:
    """A word that neither the text room hears nor a case has on file would switch its category off for good."""
    can_be = {*FLAGS, *(str(one) for one in (*Signal, *Vulnerability))}
    words = {word for pack in book().packs.values() for item in pack.statements for word in item.only_once_known}
    assert words
    assert words <= can_be


def test_a_label_that_only_knowledge_forbids_is_graded_as_if_it_were_there() -> None:
    pack = book().packs["uk-conc7"]
    alone = tuple(item for item in pack.statements if item.id == "ignore-vulnerability")
    narrowed = replace(book(), packs={"uk-conc7": replace(pack, statements=alone)})
    assert law("uk-conc7", rulebook=narrowed).forbidden()["undue-pressure"].severity == "critical"


def case(**creditor: object) -> CollectionCase:
    fields = {"id": 1, "tier": "basic", "jurisdiction": "CN", **creditor}
    return CollectionCase(creditor=Creditor(**fields), debtor=Debtor(tier="standard"))


def test_the_packs_are_those_of_the_stored_ruling_and_the_terms_those_of_the_case() -> None:
    ruling = {"packs": [{"pack": "us-reg-f"}, {"pack": "cn"}, {"pack": "none-fr"}]}
    found = call_law(book(), case(id=7, tier="premier"), ruling, AT)
    assert found.packs == ("us-reg-f", "cn")
    assert found.terms == Terms(creditor="C7", creditor_tier="premier", debtor_tier="standard")
    assert call_law(book(), case(tier="unheard-of"), ruling, AT).terms.creditor_tier is None


@pytest.mark.parametrize("ruling", [None, {}, {"packs": []}, {"packs": [{"pack": "none-fr"}]}])
def test_no_pack_asks_for_nothing(ruling: dict[str, object] | None) -> None:
    found = call_law(book(), case(), ruling, AT)
    assert (found.required(artificial_voice=True), dict(found.forbidden()), found.retentions()) == ((), {}, ())


def test_a_contract_lengthens_what_is_kept_for_its_creditor_alone() -> None:
    overlaid = load_rulebook(overlays=[house_rules(), EXAMPLES])
    plain = law("cn", rulebook=overlaid)
    contracted = replace(plain, terms=Terms(creditor="C1"))
    assert [item.keep_months for item in plain.retentions()] == [36]
    assert [item.keep_months for item in contracted.retentions()] == [60]
