"""What is suggested, stage by stage and mood by mood, and what every signal leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scripts.adapter import SuggestResult, parse_request, suggest
from scripts.check import spoken_length
from scripts.errors import RenderError
from scripts.schema import load_library
from scripts.script import Library
from scripts.vocabulary import MOODS, VIOLATIONS
from tests.unit.scripts.conftest import FACTS, PROMISE

BEGINNING = ["institution", "agent-name", "recording-notice", "identity-check"]
ALL = {
    "zh": [*BEGINNING, "debt-details", "payment-methods", "rights"],
    "en": [*BEGINNING, "collector-notice", "debt-details", "payment-methods", "rights"],
}


def ask(library: Library, **changes: object) -> SuggestResult:
    lang = str(changes.get("lang", "zh"))
    document = {
        "lang": lang, "purpose": "collection", "stage": "negotiation", "mood": "calm", "debtor_tier": "standard",
        "facts": FACTS[lang], "disclosures_given": ALL[lang],
    }  # fmt: skip
    return suggest(parse_request({**document, **changes}, library), library)


def step(result: SuggestResult) -> str:
    return result.suggestions[0].step.split("/")[0]


# stage asked for, disclosures given before, step expected: the order of the law, one after the other
ORDER = [
    ("opening", 0, "opening"), ("opening", 1, "opening"), ("opening", 2, "recording"), ("disclosures", 2, "recording"),
    ("opening", 3, "identity"), ("identity", 3, "identity"), ("disclosures", 3, "identity"), ("identity", 0, "opening"),
    ("purpose", 3, "identity"), ("purpose", 4, "purpose"), ("disclosures", 4, "purpose"), ("payment", 5, "payment"),
    ("purpose", 5, "payment"), ("rights", 6, "rights"), ("payment", 6, "rights"), ("listening", 5, "payment"),
    ("listening", 7, "listening"), ("negotiation", 0, "opening"), ("negotiation", 4, "purpose"),
    ("negotiation", 7, "negotiation"),
    ("promise", 6, "rights"), ("promise", 7, "promise"), ("closing", 0, "closing"), ("closing", 4, "closing"),
    ("closing", 5, "payment"), ("closing", 6, "rights"), ("closing", 7, "closing"), ("service", 7, "listening"),
]  # fmt: skip


UK = (
    "identity-check", "institution", "call-purpose", "recording-notice", "free-debt-advice", "complaint-route",
    "income-expenditure",
)  # fmt: skip
US = ("institution", "agent-name", "recording-notice", "identity-check", "collector-notice")
CN = (*BEGINNING, "debt-details", "payment-methods", "rights", "promise-record")


# the law's list, language, stage, what was given: what must be said next, in the law's order
LISTS: list[tuple[tuple[str, ...], str, str, list[str], tuple[str, ...]]] = [
    (CN, "zh", "opening", [], tuple(BEGINNING)),
    (CN, "zh", "purpose", BEGINNING, ("debt-details",)),
    (CN, "zh", "promise", ALL["zh"], ("promise-record",)),
    (CN, "zh", "listening", ALL["zh"], ()),
    # in English the library gives a collector's notice; the law of mainland China does not ask for one
    (CN, "en", "purpose", BEGINNING, ("debt-details",)),
    (US, "en", "purpose", BEGINNING, ("collector-notice",)),
    (US, "en", "payment", [*BEGINNING, "collector-notice"], ()),
    # no Chinese line gives the collector's notice: own words, in its place
    (US, "zh", "opening", [], tuple(BEGINNING)),
    (US, "zh", "listening", ALL["zh"], ("collector-notice",)),
    # identity first, then the institution and why it calls, for which there is no line; the rest after the rights
    (UK, "en", "opening", [], ("identity-check", "institution", "call-purpose", "recording-notice")),
    (UK, "en", "identity", ["institution", "agent-name", "recording-notice"], ("identity-check", "call-purpose")),
    (UK, "en", "purpose", ALL["en"][:5], ()),
    (UK, "en", "listening", ALL["en"], UK[2:3] + UK[4:]),
    (UK, "en", "stop", [], ()),
]


@pytest.mark.parametrize(("required", "lang", "stage", "given", "expected"), LISTS)
def test_what_must_be_said_next_follows_the_law_at_hand(
    library: Library, required: tuple[str, ...], lang: str, stage: str, given: list[str], expected: tuple[str, ...]
) -> None:
    document = {"lang": lang, "purpose": "collection", "stage": stage, "facts": FACTS[lang], "disclosures_given": given}
    request = replace(parse_request(document, library), required=required)
    result = suggest(request, library)
    assert result.must_say_next == expected
    assert result.suggestions == suggest(replace(request, required=()), library).suggestions


@pytest.mark.parametrize(("stage", "given", "expected"), ORDER)
@pytest.mark.parametrize("mood", MOODS)
def test_disclosures_come_in_order_before_what_needs_them(
    library: Library, stage: str, given: int, expected: str, mood: str
) -> None:
    result = ask(library, stage=stage, mood=mood, disclosures_given=ALL["zh"][:given])
    assert step(result) == expected


def test_must_say_next_is_everything_still_missing(library: Library) -> None:
    result = ask(library, stage="promise", disclosures_given=ALL["zh"][:4])
    assert result.must_say_next == ("debt-details", "payment-methods", "rights", "promise-record")
    assert ask(library, stage="opening", disclosures_given=[]).must_say_next == tuple(BEGINNING)
    assert ask(library, stage="negotiation").must_say_next == ()


def test_the_question_who_is_there_stands_until_the_call_moves_on(library: Library) -> None:
    result = ask(library, stage="identity", disclosures_given=BEGINNING)
    assert step(result) == "identity"
    assert "恒信银行" not in "".join(suggestion.text for suggestion in result.suggestions)


def test_a_machine_says_that_it_is_one(library: Library) -> None:
    result = ask(library, stage="opening", voice="artificial", disclosures_given=["institution", "agent-name"])
    assert step(result) == "machine"
    assert result.must_say_next[0] == "machine-label"


def test_an_american_collector_says_so_before_the_debt(library: Library) -> None:
    result = ask(library, lang="en", stage="purpose", disclosures_given=BEGINNING)
    assert step(result) == "collector"
    assert result.must_say_next == ("collector-notice", "debt-details")


STAGES = [
    "opening",
    "disclosures",
    "identity",
    "purpose",
    "payment",
    "rights",
    "listening",
    "negotiation",
    "promise",
    "closing",
]


def given_before(stage: str, lang: str) -> list[str]:
    last = {"opening": None, "disclosures": "agent-name", "identity": "recording-notice", "payment": "debt-details"}
    last |= {"purpose": ALL[lang][-4], "rights": "payment-methods"}
    end = last.get(stage, "rights")
    return [] if end is None else ALL[lang][: ALL[lang].index(end) + 1]


@pytest.mark.parametrize("purpose", ["collection", "reminder", "requested_callback"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_follow_the_mood(library: Library, lang: str, stage: str, purpose: str) -> None:
    facts = {**FACTS[lang], **PROMISE}
    given = given_before(stage, lang)
    said = {
        mood: ask(library, lang=lang, purpose=purpose, stage=stage, mood=mood, facts=facts, disclosures_given=given)
        for mood in MOODS
    }
    calm = said["calm"].suggestions[0]
    assert len({suggestion.disclosures for suggestion in (result.suggestions[0] for result in said.values())}) <= 2
    for mood in ("anxious", "distressed"):
        assert said[mood].suggestions[0].text != calm.text
        assert said[mood].suggestions[0].disclosures == calm.disclosures
    assert spoken_length(said["angry"].suggestions[0].text, lang) <= spoken_length(calm.text, lang)
    assert said["angry"].suggestions[0].disclosures == calm.disclosures
    assert len(said["angry"].suggestions) == 1


def test_a_cooperative_debtor_is_led_to_the_end(library: Library) -> None:
    result = ask(library, stage="negotiation", mood="cooperative", facts={**FACTS["zh"], **PROMISE})
    assert [s.step.split("/")[0] for s in result.suggestions[:2]] == ["promise", "closing"]
    assert "两千元" in result.suggestions[0].text
    assert "六月十九号" in result.suggestions[0].text


# signal, stage it leads to, who is told, whether the call ends with the line
SIGNALS = [
    ("stop-contact", "stop", "compliance", True),
    ("wrong-number", "wrong-person", "compliance", True),
    ("represented", "lawyer", "compliance", False),
    ("hospitalised", "hospital", "care-team", True),
    ("self-harm", "self-harm", "crisis", False),
    ("minor", "minor", "compliance", True),
    ("deceased", "deceased", "compliance", True),
    ("bereavement", "bereaved", "care-team", False),
    ("illness", "care", "care-team", False),
    ("mental-health", "care", "care-team", False),
    ("disability", "care", "care-team", False),
    ("addiction", "care", "care-team", False),
    ("domestic-abuse", "care", "care-team", False),
    ("dispute", "dispute", "disputes", False),
    ("already-paid", "already-paid", "disputes", False),
    ("callback-request", "callback", None, False),
    ("promise-to-pay", "promise", None, False),
    ("hardship", "hardship", None, False),
    ("job-loss", "hardship", None, False),
    ("caregiving", "hardship", None, False),
    ("refuse", "refusal", None, False),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("signal", "expected", "told", "ends"), SIGNALS)
def test_a_signal_decides_the_stage(
    library: Library, lang: str, signal: str, expected: str, told: str | None, ends: bool
) -> None:
    result = ask(library, lang=lang, stage="listening", intents=[signal])
    assert step(result) == expected
    assert (result.escalate.to if result.escalate else None) == told
    assert result.ends_call is ends
    assert ask(library, lang=lang, stage="listening", vulnerability=[signal]).suggestions[0] == result.suggestions[0]


# Even in the first second of a call: no debt content, and nothing else must be said first.
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("signal", ["stop-contact", "wrong-number", "hospitalised", "self-harm", "minor", "deceased"])
def test_stops_need_no_disclosure_and_name_no_debt(library: Library, lang: str, signal: str) -> None:
    result = ask(library, lang=lang, stage="opening", intents=[signal], disclosures_given=[])
    assert result.must_say_next == ()
    text = " ".join(suggestion.text for suggestion in result.suggestions).lower()
    assert not [
        word for word in library.flow.debt_words[lang] if f" {word} " in f" {text} " or (lang == "zh" and word in text)
    ]


def test_a_stop_request_is_acknowledged_and_ends_the_call(library: Library) -> None:
    result = ask(library, intents=["stop-contact", "promise-to-pay"])
    assert "不再给您打电话" in result.suggestions[0].text
    assert len(result.suggestions) == 1


def test_life_comes_before_everything(library: Library) -> None:
    result = ask(library, intents=["stop-contact", "hospitalised"], vulnerability=["self-harm"], alerts=["abuse"])
    assert step(result) == "self-harm"
    assert "12356" not in result.suggestions[0].text
    assert "幺二三五六" in result.suggestions[1].text


def test_an_alert_asks_for_an_apology_and_a_supervisor(library: Library) -> None:
    result = ask(library, mood="anxious", alerts=["visit-threat"])
    assert step(result) == "repair"
    assert result.suggestions[0].text.startswith("真的对不起")
    assert result.do_not_say[0] == "visit-threat"
    assert result.escalate is not None
    assert result.escalate.to == "supervisor"
    assert "上门威胁" in result.suggestions[0].why


def test_an_alert_does_not_delay_a_stop(library: Library) -> None:
    assert step(ask(library, alerts=["visit-threat"], intents=["stop-contact"])) == "stop"


def test_a_hard_story_in_a_calm_voice_gets_softer_words(library: Library) -> None:
    result = ask(library, stage="negotiation", vulnerability=["job-loss"])
    assert result.suggestions[0].step == "negotiation/anxious"
    assert "失业" in result.suggestions[0].why
    assert (
        ask(library, stage="negotiation", mood="angry", vulnerability=["job-loss"]).suggestions[0].step
        == "negotiation/angry"
    )


def test_what_a_vulnerable_person_must_not_hear(library: Library) -> None:
    labels = ask(library, stage="closing", vulnerability=["elderly"]).do_not_say
    assert {"undue-pressure", "abuse"} <= set(labels)


def test_voicemail_holds_no_debt_and_no_name(library: Library) -> None:
    for lang in ("zh", "en"):
        text = ask(library, lang=lang, stage="voicemail", disclosures_given=[]).suggestions[0].text
        assert str(FACTS[lang]["debtor_name"]) not in text
        assert str(FACTS[lang]["creditor"]) not in text


def test_a_message_carries_figures_and_a_way_out(library: Library) -> None:
    result = ask(library, stage="sms", disclosures_given=[])
    assert "2026年6月5日" in result.suggestions[0].text
    assert "退订" in result.suggestions[0].text
    assert "STOP" in ask(library, lang="en", stage="sms", disclosures_given=[]).suggestions[0].text


def test_without_a_fact_the_agent_holds_and_a_supervisor_is_called(library: Library) -> None:
    facts = {name: value for name, value in FACTS["zh"].items() if name != "amount"}
    result = ask(library, stage="purpose", facts=facts, disclosures_given=BEGINNING)
    assert step(result) == "hold"
    assert result.must_say_next == ("debt-details",)
    assert result.escalate is not None
    assert result.escalate.to == "supervisor"
    assert "amount" in result.escalate.why


def test_a_badly_typed_fact_is_an_error(library: Library) -> None:
    with pytest.raises(RenderError):
        ask(library, stage="purpose", facts={**FACTS["zh"], "amount": "a lot"}, disclosures_given=BEGINNING)


def test_an_optional_fact_only_widens_the_choice(library: Library) -> None:
    plain = ask(library, stage="rights", disclosures_given=ALL["zh"][:6])
    with_phone = ask(
        library, stage="rights", disclosures_given=ALL["zh"][:6], facts={**FACTS["zh"], "service_phone": "95001"}
    )
    assert plain.suggestions[0] == with_phone.suggestions[0]
    assert len(with_phone.suggestions) == len(plain.suggestions) + 1


SERVICES = [
    ("standard", "basic", []), ("plus", "basic", ["plus-adviser"]), ("vip", "basic", ["plus-adviser", "vip-lawyer"]),
    ("standard", "advanced", ["advanced-plan"]), ("standard", "premier", ["advanced-plan", "premier-team"]),
]  # fmt: skip


@pytest.mark.parametrize(("debtor_tier", "creditor_tier", "expected"), SERVICES)
def test_a_tier_adds_services(library: Library, debtor_tier: str, creditor_tier: str, expected: list[str]) -> None:
    result = ask(library, debtor_tier=debtor_tier, creditor_tier=creditor_tier)
    assert [s.step.split("/")[1] for s in result.suggestions if s.step.startswith("service/")] == expected


def test_services_wait_for_the_rights(library: Library) -> None:
    result = ask(library, stage="hardship", debtor_tier="vip", disclosures_given=ALL["zh"][:5])
    assert not [s for s in result.suggestions if s.step.startswith("service/")]


def test_every_suggestion_says_where_it_comes_from(library: Library) -> None:
    for suggestion in ask(library, debtor_tier="vip").suggestions:
        line = library.lines[suggestion.digest]
        assert suggestion.step == f"{line.step}/{line.id}"
        assert suggestion.script == f"{line.lang}/{line.script}"
        assert suggestion.version == "1.0.0"
        assert suggestion.why
    assert set(ask(library).do_not_say) <= set(VIOLATIONS)


def test_json_is_that_of_the_contract(library: Library) -> None:
    answer = ask(library).to_json()
    assert list(answer) == ["suggestions", "must_say_next", "do_not_say", "escalate"]
    first = answer["suggestions"]
    assert isinstance(first, list)
    assert list(first[0]) == ["text", "script", "version", "digest", "step", "why", "disclosures"]
    assert ask(library, intents=["stop-contact"]).to_json()["escalate"] == {
        "to": "compliance",
        "why": "听到“要求停止联系”，转到“要求停止联系”。“要求停止联系”需要转给合规人员。",
    }


def test_a_changed_line_is_not_suggested_until_it_is_approved_anew(library: Library, copy: Path) -> None:
    path = copy / "zh" / "collection.yaml"
    before = ask(library, stage="negotiation").suggestions[0]
    path.write_text(path.read_text("utf-8").replace("您看什么时候方便还款？", "您哪天方便还款？"), "utf-8")
    changed = load_library(copy)
    after = ask(changed, stage="negotiation").suggestions[0]
    assert before.step == "negotiation/calm"
    assert after.step == "negotiation/calm-2"
    assert changed.digest != library.digest


def test_without_any_approval_nothing_is_suggested(copy: Path) -> None:
    (copy / "approvals.yaml").write_text("approvals: []\n", "utf-8")
    result = ask(load_library(copy))
    assert result.suggestions == ()
    assert not result.ends_call
    assert result.escalate is not None
    assert result.escalate.to == "supervisor"


def test_before_its_first_day_an_approval_does_not_count(library: Library) -> None:
    request = parse_request({"lang": "zh", "purpose": "collection", "stage": "opening", "facts": FACTS["zh"]}, library)
    first_day = min(approval.effective for approval in library.approvals.values())
    assert suggest(request, library, as_of=first_day).suggestions
    assert not suggest(request, library, as_of=date(first_day.year - 1, 1, 1)).suggestions
