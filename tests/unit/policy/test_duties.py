"""What other rooms read: duties, disclosures in order, forbidden statements and their labels."""

from datetime import date

import pytest

from nlp.labels import ViolationKind
from policy.book import SEVERITIES, Rulebook
from policy.duties import duties, duty, prohibited_statements, required_disclosures, statements_for_label
from policy.errors import PolicyError

TODAY = date(2026, 11, 23)


def test_disclosures_come_in_order_and_a_machine_says_more(rulebook: Rulebook) -> None:
    human = [item.disclosure.id for item in required_disclosures(rulebook, "cn", TODAY, artificial_voice=False)]
    machine = [item.disclosure.id for item in required_disclosures(rulebook, "cn", TODAY, artificial_voice=True)]

    assert human == [
        "institution",
        "agent-name",
        "recording-notice",
        "identity-check",
        "debt-details",
        "payment-methods",
        "rights",
        "promise-record",
    ]
    assert [item for item in machine if item not in human] == ["machine-label"]
    assert machine.index("machine-label") < machine.index("identity-check")


def test_statement_labels_are_the_text_rooms_violation_kinds(rulebook: Rulebook) -> None:
    used = {label for item in prohibited_statements(rulebook, "cn", TODAY) for label in item.category.labels}

    assert used == {kind.value for kind in ViolationKind}


def test_every_statement_is_cited_and_graded(rulebook: Rulebook) -> None:
    items = prohibited_statements(rulebook, "cn", TODAY)

    assert len(items) == 18
    assert all(item.citations and item.category.severity in SEVERITIES for item in items)
    by_id = {item.category.id: item.category for item in items}
    assert by_id["threat-visit"].labels == ("visit-threat",)
    assert by_id["threat-visit"].severity == "critical"


def test_gravest_category_of_a_label_comes_first(rulebook: Rulebook) -> None:
    found = statements_for_label(rulebook, "cn", "abuse", TODAY)

    assert [item.category.id for item in found] == ["self-harm-provocation", "insult"]
    assert statements_for_label(rulebook, "cn", "no-such-label", TODAY) == ()


def test_duties_of_the_day(rulebook: Rulebook) -> None:
    retention = duty(rulebook, "cn", "cn-retention", TODAY)

    assert (retention.parameters["minimum_years"], retention.parameters["default_years"]) == (2, 3)
    assert len(duties(rulebook, "cn", TODAY)) == 12
    labelled = duty(rulebook, "cn", "cn-ai-voice-label", date(2025, 9, 1))
    assert labelled.parameters["disclosures"] == ["machine-label"]
    with pytest.raises(PolicyError) as caught:
        duty(rulebook, "cn", "cn-ai-voice-label", date(2025, 8, 31))
    assert caught.value.code == "policy.not_in_force"


def test_disclosures_named_by_duties_exist(rulebook: Rulebook) -> None:
    known = {item.disclosure.id for item in required_disclosures(rulebook, "cn", TODAY, artificial_voice=True)}
    named = {name for item in duties(rulebook, "cn", TODAY) for name in item.parameters.get("disclosures", [])}

    assert named
    assert named <= known


def test_unknown_pack_is_an_error_not_an_empty_list(rulebook: Rulebook) -> None:
    with pytest.raises(PolicyError) as caught:
        prohibited_statements(rulebook, "xx", TODAY)

    assert caught.value.code == "policy.unknown_pack"
