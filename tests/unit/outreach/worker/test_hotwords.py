"""The hotwords of a call: whose names, which amounts, which wordings, in which order."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from nlp.lexicon.loader import load_lexicon
from outreach.monitor.context import CallContext, Prohibition
from outreach.monitor.effects import Severity
from outreach.worker.hotwords import PHRASES, call_hotwords

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def forbidden(severity: Severity) -> Prohibition:
    return Prohibition(categories=("conduct",), severity=severity, citation={})


CONTEXT = CallContext(
    call_sid="CA1",
    language="zh",
    purpose="collection",
    debtor_tier="standard",
    audio_started_at=NOW,
    reference_date=date(2026, 11, 23),
    facts={
        "creditor": "清风银行",
        "debtor_name": "曾国梁",
        "agent_name": "工号八零一",
        "institution": "明月服务",
        "amount": "12345.60",
        "instalment_amount": "4116",
        "due_date": "2026-10-01",
    },
    prohibitions={
        "visit-threat": forbidden(Severity.MEDIUM),
        "abuse": forbidden(Severity.HIGH),
        "violence-threat": forbidden(Severity.CRITICAL),
    },
)


def test_names_come_first_and_amounts_before_wordings() -> None:
    hotwords = call_hotwords(CONTEXT, load_lexicon())
    assert hotwords.names == ("曾国梁", "工号八零一", "明月服务", "清风银行")
    assert hotwords.terms[:4] == ("12,345.60", "12345.60", "4,116", "4116")
    assert hotwords.words[: len(hotwords.names)] == hotwords.names
    assert "harass" in hotwords.ordinary


def test_wordings_are_those_the_law_of_the_call_forbids_the_gravest_first() -> None:
    lexicon = load_lexicon()
    said = call_hotwords(CONTEXT, lexicon).terms[4:]
    labels = {
        rule.source: rule.label
        for rule in lexicon.rules["violations"]
        if rule.group == "phrases" and rule.lang == "zh" and rule.label in CONTEXT.prohibitions
    }
    assert [labels[phrase] for phrase in said[:6]] == ["violence-threat", "abuse", "visit-threat"] * 2
    assert len(said) == len(set(said)) <= PHRASES
    assert set(said) <= set(labels)
    assert call_hotwords(replace(CONTEXT, prohibitions={}), lexicon).terms[4:] == ()


def test_a_person_is_also_called_by_parts_of_the_name() -> None:
    english = replace(CONTEXT, language="en", facts={"debtor_name": "Anna Whitfield", "creditor": "Clear Wind Bank"})
    assert call_hotwords(english, load_lexicon()).names == ("Anna Whitfield", "Whitfield", "Anna", "Clear Wind Bank")


@pytest.mark.parametrize("facts", [{}, {"amount": "five"}])
def test_what_is_not_known_is_not_told(facts: dict[str, str]) -> None:
    hotwords = call_hotwords(replace(CONTEXT, facts=facts, prohibitions={}), load_lexicon())
    assert hotwords.words == ()
