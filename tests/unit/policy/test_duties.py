"""What other rooms read: duties, disclosures in order, forbidden statements and their labels, in every pack."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from nlp.labels import ViolationKind
from policy.book import DUE, SEVERITIES, Entry, Pack, Rulebook
from policy.dated import InForce
from policy.duties import duties, duty, prohibited_statements, required_disclosures, statements_for_label
from policy.errors import PolicyError, RulebookError
from scripts.schema import load_library
from tests.unit.policy.conftest import BOOK

Load = Callable[..., Rulebook]

TODAY = date(2026, 11, 23)
PACKS = ("cn", "in-rbi", "uk-conc7", "us-reg-f")

# What the regulation notes demand in a call, in their order; a machine voice says `machine-label` in its place.
SAID = {
    "cn": [
        "institution",
        "agent-name",
        "machine-label",
        "recording-notice",
        "identity-check",
        "debt-details",
        "payment-methods",
        "rights",
        "promise-record",
    ],
    "in-rbi": [
        "agent-name",
        "institution",
        "machine-label",
        "authorisation",
        "recording-notice",
        "identity-check",
        "debt-details",
        "grievance-officer",
    ],
    "uk-conc7": [
        "machine-label",
        "identity-check",
        "institution",
        "call-purpose",
        "recording-notice",
        "debt-details",
        "free-debt-advice",
        "complaint-route",
        "income-expenditure",
    ],
    "us-reg-f": [
        "institution",
        "agent-name",
        "machine-label",
        "recording-notice",
        "identity-check",
        "collector-notice",
    ],
}

# The taxonomy of prohibited statements, category by category, as the regulation notes list it; threatened visits are
# added in the United States.
FORBIDDEN = {
    "cn": """threat-violence threat-visit threat-exposure impersonate-authority false-legal-consequence insult
        third-party-disclosure third-party-pressure misstate-debt misstate-credit-record false-waiver induce-new-loan
        extra-charges harassing-frequency refuse-complaint night-or-patient-pressure self-harm-provocation
        public-posting""",
    "in-rbi": """threat-violence insult threat-exposure third-party-disclosure third-party-pressure harassing-frequency
        hidden-identity false-legal-consequence misstate-debt impersonate-authority misstate-credit-record false-waiver
        induce-new-loan extra-charges threat-visit""",
    "uk-conc7": """threat-violence insult harassing-frequency threat-visit threat-exposure third-party-disclosure
        impersonate-authority false-legal-consequence misstate-debt misstate-credit-record misleading-purpose
        false-waiver induce-new-loan statute-barred-pressure ignore-vulnerability""",
    "us-reg-f": """threat-violence insult threat-exposure impersonate-authority false-legal-consequence misstate-debt
        misstate-credit-record hidden-identity third-party-disclosure third-party-pressure false-waiver induce-new-loan
        extra-charges time-barred-threat overshadowing harassing-frequency refuse-optout threat-visit""",
}


def entries(pack: Pack) -> Iterator[tuple[str, Entry[Any]]]:
    groups: tuple[tuple[Any, ...], ...] = (pack.rules, pack.duties, pack.disclosures, pack.statements)
    for found in (item for group in groups for item in group):
        for period in found.values.periods:
            yield found.id, period.value


def test_every_pack_is_tested_here(rulebook: Rulebook) -> None:
    assert set(rulebook.packs) == set(PACKS)


@pytest.mark.parametrize("pack", PACKS)
def test_disclosures_come_in_order_and_a_machine_says_more(rulebook: Rulebook, pack: str) -> None:
    human = [item.disclosure.id for item in required_disclosures(rulebook, pack, TODAY, artificial_voice=False)]
    machine = [item.disclosure.id for item in required_disclosures(rulebook, pack, TODAY, artificial_voice=True)]

    assert machine == SAID[pack]
    assert human == [item for item in machine if item != "machine-label"]


@pytest.mark.parametrize("pack", PACKS)
def test_nothing_about_the_debt_is_said_before_the_identity_check(rulebook: Rulebook, pack: str) -> None:
    order = [item.disclosure.id for item in required_disclosures(rulebook, pack, TODAY, artificial_voice=True)]
    telling = {"debt-details", "payment-methods", "rights", "collector-notice", "promise-record", "call-purpose"}

    assert all(order.index(item) > order.index("identity-check") for item in telling & set(order))


def test_ids_shared_with_the_script_library_mean_the_same(rulebook: Rulebook) -> None:
    """A disclosure that the library does not know has an id of its own, listed here; no other may appear unnoticed."""
    shipped = {item.id for item in load_library().disclosures}
    named = {item.id for pack in rulebook.packs.values() for item in pack.disclosures}

    assert shipped <= named
    assert named - shipped == {
        "authorisation",
        "call-purpose",
        "complaint-route",
        "free-debt-advice",
        "grievance-officer",
        "income-expenditure",
    }


def test_when_statements_are_due(rulebook: Rulebook) -> None:
    due: dict[str, set[tuple[str, str]]] = {name: set() for name in DUE}
    for pack in PACKS:
        for item in required_disclosures(rulebook, pack, TODAY, artificial_voice=True):
            due[item.due].add((pack, item.disclosure.id))

    assert due["on_request"] == {("uk-conc7", "debt-details"), ("in-rbi", "authorisation")}
    assert due["with_promise"] == {("cn", "promise-record")}
    assert all((pack, "identity-check") in due["before_details"] for pack in PACKS)
    assert all({(pack, "machine-label"), (pack, "recording-notice")} <= due["opening"] for pack in PACKS)
    assert ("us-reg-f", "collector-notice") in due["before_details"]


@pytest.mark.parametrize("pack", PACKS)
def test_every_statement_says_when_it_is_due_on_every_day(rulebook: Rulebook, pack: str) -> None:
    law = rulebook.packs[pack]

    for day in {law.covers_from, *(period.start for item in law.disclosures for period in item.values.periods)}:
        assert all(item.due in DUE for item in required_disclosures(rulebook, pack, day, artificial_voice=True))


@pytest.mark.parametrize(
    ("parameters", "found"),
    [("parameters: {due: some_day}", "some_day"), ("parameters: {}", "due"), ("note: {en: a, zh: 甲}", "parameters")],
)
def test_a_statement_that_does_not_say_when_it_is_due_is_refused(load_text: Load, parameters: str, found: str) -> None:
    with pytest.raises(RulebookError) as caught:
        load_text(
            f"""{BOOK}
disclosures:
  - id: a-notice
    position: 1
    title: {{en: A notice, zh: 告知}}
    only_if_artificial: false
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {{source: act, provision: {{en: art. 2, zh: 第2条}}, certainty: V}}
        {parameters}
"""
        )

    assert found in caught.value.message


@pytest.mark.parametrize("pack", PACKS)
def test_statement_labels_are_the_text_rooms_violation_kinds(rulebook: Rulebook, pack: str) -> None:
    used = {label for item in prohibited_statements(rulebook, pack, TODAY) for label in item.category.labels}

    assert used == {kind.value for kind in ViolationKind}


@pytest.mark.parametrize("pack", PACKS)
def test_every_statement_is_cited_and_graded(rulebook: Rulebook, pack: str) -> None:
    items = prohibited_statements(rulebook, pack, TODAY)
    by_id = {item.category.id: item.category for item in items}

    assert set(by_id) == set(FORBIDDEN[pack].split())
    assert all(item.citations and item.category.severity in SEVERITIES for item in items)
    assert by_id["threat-visit"].labels == ("visit-threat",)
    assert by_id["threat-visit"].severity == "critical"


def test_a_category_is_equally_grave_everywhere(rulebook: Rulebook) -> None:
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    for pack in rulebook.packs.values():
        for item in pack.statements:
            found.setdefault(item.id, set()).add((item.severity, item.labels))

    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {
        # only the United States count invented deadlines here
        "false-waiver": {("high", ("improper-promise",)), ("high", ("improper-promise", "undue-pressure"))}
    }


@pytest.mark.parametrize("pack", PACKS)
def test_every_label_has_a_category_every_day(rulebook: Rulebook, pack: str) -> None:
    """A finding must never stand without a citation, on whatever day of the pack the call was made."""
    law = rulebook.packs[pack]
    starts = {period.start for item in law.statements for period in item.values.periods}

    for day in {law.covers_from, *starts}:
        for kind in ViolationKind:
            assert statements_for_label(rulebook, pack, kind.value, day), (day, kind)


def test_gravest_category_of_a_label_comes_first(rulebook: Rulebook) -> None:
    found = statements_for_label(rulebook, "cn", "abuse", TODAY)

    assert [item.category.id for item in found] == ["self-harm-provocation", "insult"]
    assert statements_for_label(rulebook, "cn", "no-such-label", TODAY) == ()
    pressed = statements_for_label(rulebook, "us-reg-f", "undue-pressure", TODAY)
    assert [item.category.id for item in pressed] == [
        "false-waiver",
        "harassing-frequency",
        "refuse-optout",
        "overshadowing",
    ]


def test_a_duty_starts_on_its_day(rulebook: Rulebook) -> None:
    labelled = duty(rulebook, "cn", "cn-ai-voice-label", date(2025, 9, 1))

    assert labelled.parameters["disclosures"] == ["machine-label"]
    with pytest.raises(PolicyError) as caught:
        duty(rulebook, "cn", "cn-ai-voice-label", date(2025, 8, 31))
    assert caught.value.code == "policy.not_in_force"


@pytest.mark.parametrize("pack", PACKS)
def test_disclosures_named_by_duties_exist(rulebook: Rulebook, pack: str) -> None:
    known = {item.disclosure.id for item in required_disclosures(rulebook, pack, TODAY, artificial_voice=True)}
    named = {name for item in duties(rulebook, pack, TODAY) for name in item.parameters.get("disclosures", [])}

    assert named
    assert named <= known


def test_figures_of_the_united_states(rulebook: Rulebook) -> None:
    """The parameters beside the contact rules, as the regulation notes give them."""

    def of(duty_id: str) -> dict[str, Any]:
        return dict(duty(rulebook, "us-reg-f", duty_id, TODAY).parameters)

    stop = of("us-stop-handling")
    assert (stop["max_business_days"], stop["confirmations"], stop["confirmation_within_minutes"]) == (10, 1, 5)
    assert stop["words"] == list(rulebook.packs["us-reg-f"].stop_words)
    abandoned = of("us-abandoned-calls")
    assert (abandoned["max_percent"], abandoned["period_days"], abandoned["per"]) == (3, 30, "campaign")
    assert (abandoned["agent_within_seconds"], abandoned["ring_seconds"], abandoned["or_rings"]) == (2, 15, 4)
    assert of("us-validation-notice")["within_days_of_first_communication"] == 5
    assert of("us-credit-reporting-wait")["wait_days"] == 14
    assert of("us-electronic-safe-harbour")["text_number_used_or_confirmed_within_days"] == 60
    assert of("us-time-barred-debt") == {"suit": False, "threat_of_suit": False}
    voicemail = of("us-voicemail-content")
    assert len(voicemail["required"]) == 4
    assert len(voicemail["optional"]) == 4
    assert voicemail["never_by"] == ["sms", "email"]
    assert "US-CA" in of("us-recording-notice")["all_party_regions"]


def test_figures_of_the_united_kingdom_and_india(rulebook: Rulebook) -> None:
    moratorium = duty(rulebook, "uk-conc7", "uk-moratorium-terms", TODAY).parameters
    abandoned = duty(rulebook, "uk-conc7", "uk-abandoned-calls", TODAY).parameters
    recording = rulebook.packs["in-rbi"]

    assert (moratorium["standard_days"], moratorium["mental_health_crisis_extra_days"]) == (60, 30)
    assert (abandoned["max_percent"], abandoned["period_hours"], abandoned["redial_without_agent_after_hours"]) == (
        3,
        24,
        72,
    )
    law = {
        day: duty(rulebook, "in-rbi", "in-record-all-calls", day).citations[0].certainty
        for day in (date(2026, 12, 31), date(2027, 1, 1))
    }
    assert law == {date(2026, 12, 31): "P", date(2027, 1, 1): "S"}
    assert recording.covers_from == date(2022, 8, 12)


@pytest.mark.parametrize("pack", PACKS)
def test_every_instrument_is_cited_and_a_choice_says_so(rulebook: Rulebook, pack: str) -> None:
    """No instrument of a pack stands unused, and what rests on our choice alone is not marked as law."""
    law = rulebook.packs[pack]
    used = {citation.source.id for _, entry in entries(law) for citation in entry.citations}

    assert used == set(law.sources)
    for name, entry in entries(law):
        if all(citation.source.instrument == "pack_choice" for citation in entry.citations):
            assert {citation.certainty for citation in entry.citations} == {"P"}, name


def test_the_consumer_duty_and_the_directions_start_on_their_days(rulebook: Rulebook) -> None:
    def cited(pack: str, rule_id: str, day: date) -> set[str]:
        rule = rulebook.packs[pack].rule(rule_id)
        assert rule is not None
        answer = rule.values.on(day)
        assert isinstance(answer, InForce)
        return {citation.source.id for citation in answer.value.citations}

    assert "prin-2a" not in cited("uk-conc7", "uk-vulnerable-hold", date(2023, 7, 30))
    assert "prin-2a" in cited("uk-conc7", "uk-vulnerable-hold", date(2023, 7, 31))
    for rule_id in (
        "in-quiet-hours",
        "in-time-preference",
        "in-third-party",
        "in-grievance-hold",
        "in-excessive-calls",
    ):
        assert "rbi-2026" not in cited("in-rbi", rule_id, date(2026, 12, 31))
        assert "rbi-2026" in cited("in-rbi", rule_id, date(2027, 1, 1))


@pytest.mark.parametrize("pack", PACKS)
def test_doubts_are_told(rulebook: Rulebook, pack: str) -> None:
    assert rulebook.packs[pack].doubts
    assert rulebook.packs[pack].lawful_statements
    assert rulebook.packs[pack].stop_words


def test_unknown_pack_is_an_error_not_an_empty_list(rulebook: Rulebook) -> None:
    with pytest.raises(PolicyError) as caught:
        prohibited_statements(rulebook, "xx", TODAY)

    assert caught.value.code == "policy.unknown_pack"
