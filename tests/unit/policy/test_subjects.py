"""Duties by what they are about: every pack has the same subjects, and the ledger can act on every retention."""

from collections.abc import Callable
from datetime import date

import pytest

from policy.book import Rulebook
from policy.errors import PolicyError
from policy.subjects import SUBJECTS, debtors_may_be_charged, duty_about, retention, subject_of
from tests.unit.policy.conftest import BOOK

Load = Callable[..., Rulebook]

TODAY = date(2026, 11, 23)
PACKS = ("cn", "in-rbi", "uk-conc7", "us-reg-f")


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_speaks_about_every_subject(rulebook: Rulebook, pack: str) -> None:
    found = {subject: duty_about(rulebook, pack, subject, TODAY) for subject in SUBJECTS}

    assert all(subject_of(item.duty.id) == subject and item.citations for subject, item in found.items())
    assert found["record-all-calls"].parameters == {"channels": ["voice"], "tracks": 2, "linked_to_ruling": True}
    assert found["evidence-tamper-proof"].parameters["covers"] == ["recording", "transcript", "ruling", "review"]
    assert found["recording-notice"].parameters["disclosures"] == ["recording-notice"]
    assert found["ai-voice-label"].parameters["disclosures"] == ["machine-label"]
    assert "identity-check" in found["third-party-care"].parameters["disclosures"]
    assert found["training"].parameters["repeat_months"] == 12
    assert found["outsourcing-notice"].parameters["notice_before_first_contact"] is True
    assert {"third_person", "minor", "hospital", "wrong_person", "objection", "request_to_end"} <= set(
        found["stop-rules"].parameters["end_call_on"]
    )


@pytest.mark.parametrize(
    ("pack", "day", "minimum_months", "keep_months"),
    [
        ("cn", TODAY, 24, 36),
        ("us-reg-f", TODAY, 36, 36),
        ("uk-conc7", TODAY, 0, 72),
        ("in-rbi", date(2026, 12, 31), 0, 36),
        ("in-rbi", date(2027, 1, 1), 6, 36),
    ],
)
def test_retention(rulebook: Rulebook, pack: str, day: date, minimum_months: int, keep_months: int) -> None:
    found = retention(rulebook, pack, day)

    assert (found.minimum_months, found.keep_months) == (minimum_months, keep_months)
    assert found.longer_while == {"complaint_open", "suit_open"}
    assert found.citations


@pytest.mark.parametrize("pack", PACKS)
def test_retention_is_known_on_every_day_of_the_pack(rulebook: Rulebook, pack: str) -> None:
    law = rulebook.packs[pack]
    held = next(item for item in law.duties if subject_of(item.id) == "retention")

    for start in {law.covers_from, *(period.start for period in held.values.periods)}:
        assert retention(rulebook, pack, start).keep_months >= 36


def test_us_recordings_run_from_the_call_and_records_from_the_last_activity(rulebook: Rulebook) -> None:
    found = retention(rulebook, "us-reg-f", TODAY)

    assert found.counted_from == {"recordings": "call", "records": "last_collection_activity"}


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (date(2026, 11, 23), date(2029, 11, 23)),
        (date(2026, 12, 31), date(2029, 12, 31)),
        (date(2024, 2, 29), date(2027, 3, 1)),  # no such day: one longer, not one shorter
    ],
)
def test_how_long_a_record_is_kept(rulebook: Rulebook, start: date, until: date) -> None:
    assert retention(rulebook, "cn", TODAY).kept_until(start) == until


def test_six_months_end_on_a_day_that_exists(load_text: Load) -> None:
    found = retention(
        load_text(_with_retention("{minimum_months: 6, default_years: 1, longer_while: [suit_open]}")), "zz", TODAY
    )

    assert found.minimum_months == 6
    assert found.kept_until(date(2023, 3, 1)) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "parameters",
    [
        "{minimum_years: 2, longer_while: []}",  # no period at all
        "{minimum_years: 4, default_years: 3, longer_while: []}",
        "{default_years: true, longer_while: []}",
        "{default_years: -3, longer_while: []}",
        '{default_years: "3", longer_while: []}',
        "{default_years: 3, longer_while: [when_convenient]}",
        "{default_years: 3, longer_while: [], shorter_if: asked}",
        "{default_years: 3, longer_while: [], counted_from: call}",
    ],
)
def test_a_retention_the_ledger_could_not_act_on_is_refused(load_text: Load, parameters: str) -> None:
    with pytest.raises(PolicyError) as caught:
        retention(load_text(_with_retention(parameters)), "zz", TODAY)

    assert caught.value.code == "policy.bad_parameters"


def test_charging_debtors_is_a_switch_of_the_pack(rulebook: Rulebook) -> None:
    allowed = {pack: debtors_may_be_charged(rulebook, pack, TODAY) for pack in PACKS}

    assert allowed == {"cn": True, "in-rbi": False, "uk-conc7": False, "us-reg-f": False}
    for pack in PACKS:
        assert duty_about(rulebook, pack, "debtor-fees", TODAY).parameters["price_accepted_first"] is True


@pytest.mark.parametrize(
    "parameters", ["{charging_debtors_allowed: true}", '{charging_debtors_allowed: "yes", price_accepted_first: true}']
)
def test_charging_without_an_accepted_price_is_refused(load_text: Load, parameters: str) -> None:
    book = load_text(_with_duty("zz-debtor-fees", parameters))

    with pytest.raises(PolicyError) as caught:
        debtors_may_be_charged(book, "zz", TODAY)

    assert caught.value.code == "policy.bad_parameters"


def test_a_subject_without_a_duty_is_an_error(load_text: Load) -> None:
    with pytest.raises(PolicyError) as caught:
        duty_about(load_text(BOOK), "zz", "retention", TODAY)

    assert caught.value.code == "policy.not_in_force"


def _with_retention(parameters: str) -> str:
    return _with_duty("zz-retention", parameters)


def _with_duty(duty_id: str, parameters: str) -> str:
    return f"""{BOOK}
duties:
  - id: {duty_id}
    title: {{en: A duty, zh: 义务}}
    effect: duty
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {{source: act, provision: {{en: art. 2, zh: 第2条}}, certainty: V}}
        parameters: {parameters}
"""
