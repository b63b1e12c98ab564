"""A call as the monitor hears it: what is said while it is said, what binds, what is left alone."""

from datetime import date, timedelta

import pytest

from outreach.errors import InputError
from outreach.monitor.context import CallEnding, Prohibition
from outreach.monitor.effects import (
    AlertRaised,
    AudioGap,
    CallFlagged,
    CallSummarised,
    CallSummary,
    Escalate,
    FactKind,
    FindingRaised,
    FindingRevised,
    FindingState,
    HeardFact,
    MoodChanged,
    PromiseHeard,
    ReviewMark,
    Severity,
    StageChanged,
    SuggestionShown,
    UtteranceFinal,
    UtterancePartial,
)
from policy.duties import statements_for_label
from speech.types import Gap, PartialHypothesis
from tests.unit.outreach.monitor.calls import START, Talk, of, rulebook

ENDED = CallEnding(status="completed")


def summary(talk: Talk, ending: CallEnding = ENDED) -> CallSummary:
    return of(talk.session.end(ending), CallSummarised)[-1].summary


def identified() -> Talk:
    """A call up to the moment where the debtor has said who they are."""
    talk = Talk()
    for _ in range(3):
        talk.say("agent", talk.offered)
    talk.say("debtor", "我是")
    return talk


def test_a_threat_is_alerted_while_the_sentence_is_being_said() -> None:
    effects = Talk().say("agent", "我们明天就上门找你要钱你等着吧")
    alert = of(effects, AlertRaised)[0]
    assert (alert.kind, alert.severity, alert.provisional) == ("visit-threat", Severity.CRITICAL, True)
    assert effects.index(alert) < next(i for i, e in enumerate(effects) if isinstance(e, UtteranceFinal))
    assert alert.text["zh"]
    assert alert.text["en"]


def test_alert_latency_runs_from_the_end_of_the_words_to_the_alert() -> None:
    talk = Talk()
    start = talk.secs
    effects = talk.say("agent", "我们明天就上门找你要钱你等着吧", lag_secs=0.4)
    alert, revised = of(effects, AlertRaised)[0], of(effects, FindingRevised)[0]
    words_end = start + 9 * 0.2
    assert alert.raised_at > START + timedelta(seconds=words_end)
    exact_ms = (alert.raised_at - START).total_seconds() * 1000 - words_end * 1000
    assert revised.latency_ms == pytest.approx(exact_ms, abs=0.2)
    assert alert.latency_ms == pytest.approx(exact_ms, abs=150)
    assert revised.alert_key == alert.key


def test_the_same_words_in_the_final_text_are_not_found_twice() -> None:
    effects = Talk().say("agent", "我们明天就上门找你要钱你等着吧")
    assert len(of(effects, FindingRaised)) == 1
    assert len(of(effects, AlertRaised)) == 1
    revised = of(effects, FindingRevised)
    assert [(item.key, item.state) for item in revised] == [(of(effects, FindingRaised)[0].key, FindingState.CONFIRMED)]
    assert of(effects, CallFlagged)[0].why == ("visit-threat",)


def test_a_threat_in_the_last_words_is_found_in_the_final_text() -> None:
    effects = Talk().say("agent", "我们上门找你")
    assert [item.state for item in of(effects, FindingRaised)] == [FindingState.CONFIRMED]
    assert not of(effects, AlertRaised)[0].provisional


def test_what_the_end_of_the_sentence_takes_back_is_withdrawn() -> None:
    talk = Talk()
    track, number = "agent", 0
    partial = PartialHypothesis(
        track=track, utterance=number, start=0, end=2, committed="上门找你", tail="", language="zh"
    )
    raised = talk.session.on_speech_event(partial, START + timedelta(seconds=2))
    assert of(raised, AlertRaised)
    effects = talk.say("agent", "我们不会上门找你")
    assert [item.state for item in of(effects, FindingRevised)] == [FindingState.WITHDRAWN]
    assert not of(effects, CallFlagged)
    assert not summary(talk).flagged


def test_unclear_words_assert_nothing_and_ask_somebody_to_listen() -> None:
    talk = Talk()
    effects = talk.say("agent", "我们上门找你", clear=False)
    assert not of(effects, FindingRaised)
    assert not of(effects, AlertRaised)
    mark = of(effects, ReviewMark)[0]
    assert (mark.labels, mark.start_secs) == (("visit-threat",), pytest.approx(0.5))
    assert of(effects, CallFlagged)[0].why == ("unclear",)
    assert of(effects, CallFlagged)[0].severity is Severity.INFO
    assert summary(talk).violations == ()


def test_a_provisional_finding_whose_sentence_turns_out_unclear_asserts_nothing_any_more() -> None:
    effects = Talk().say("agent", "我们明天就上门找你要钱你等着吧", clear=False)
    revised = of(effects, FindingRevised)[0]
    assert (revised.state, revised.severity, revised.latency_ms) == (FindingState.UNCLEAR, Severity.INFO, None)
    assert of(effects, ReviewMark)


def test_the_debtor_never_violates() -> None:
    effects = Talk().say("debtor", "我上门找你打断你的腿")
    assert not [item for item in of(effects, FindingRaised) if item.category == "violation"]


def test_two_violations_in_one_sentence_are_two_findings() -> None:
    talk = Talk()
    effects = talk.say("agent", "我们上门找你单位领导")
    assert {item.label for item in of(effects, FindingRaised)} == {"visit-threat", "third-party-contact"}
    assert len({item.key for item in of(effects, FindingRaised)}) == 2


def test_after_a_threat_the_agent_is_offered_an_apology_until_it_was_said() -> None:
    talk = identified()
    effects = talk.say("agent", "我们明天就上门找你要钱你等着吧")
    shown = of(effects, SuggestionShown)[0]
    assert shown.trigger == "violation"
    assert "对不起" in shown.text
    assert of(effects, Escalate)[0].to == "supervisor"
    talk.say("debtor", "嗯")
    assert "对不起" in talk.offered
    talk.say("agent", talk.offered)
    assert "对不起" not in talk.offered


@pytest.mark.parametrize(
    ("words", "kind", "disposition"),
    [
        ("我在住院", FactKind.HOSPITALISED, "hospitalised"),
        ("别打电话了", FactKind.STOP, "stop-requested"),
        ("你打错了", FactKind.WRONG_NUMBER, "wrong-number"),
        ("找我律师", FactKind.REPRESENTED, "represented"),
        ("我还未成年", FactKind.MINOR, "minor"),
        ("他去世了", FactKind.DECEASED, "deceased"),
    ],
)
def test_what_binds_is_heard_at_once_and_decides_the_result(words: str, kind: FactKind, disposition: str) -> None:
    talk = Talk()
    effects = talk.say("debtor", words)
    fact = of(effects, HeardFact)[0]
    assert (fact.kind, fact.clear, fact.times_heard) == (kind, True, 1)
    assert of(effects, AlertRaised)[0].kind == kind
    assert of(effects, CallFlagged)[0].why == (fact.label,)
    result = summary(talk)
    assert (result.disposition, result.flagged, result.flagged_why) == (disposition, True, (fact.label,))


@pytest.mark.parametrize(("words", "why"), [("我不想活了", ("self-harm",)), ("我失业了", ()), ("不是我借的", ())])
def test_only_a_grave_alert_sends_the_call_to_review_and_is_named_as_the_reason(
    words: str, why: tuple[str, ...]
) -> None:
    talk = Talk()
    assert of(talk.say("debtor", words), AlertRaised)
    assert summary(talk).flagged_why == why


def test_hospital_escalates_and_ends_the_call_kindly() -> None:
    talk = identified()
    effects = talk.say("debtor", "我在住院")
    assert of(effects, Escalate)[0].to == "care-team"
    talk.say("agent", talk.offered)
    assert talk.session.stage == "closing"


def test_an_unclear_fact_binds_only_when_it_was_heard_twice() -> None:
    talk = Talk()
    first = talk.say("debtor", "我在住院", clear=False)
    assert not of(first, HeardFact)
    assert of(first, ReviewMark)[0].labels == ("hospitalised",)
    second = talk.say("debtor", "在住院呢", clear=False)
    assert [(fact.kind, fact.times_heard) for fact in of(second, HeardFact)] == [(FactKind.HOSPITALISED, 2)]


def test_a_fact_is_raised_once_however_often_it_is_said() -> None:
    talk = Talk()
    talk.say("debtor", "别打电话了")
    talk.say("debtor", "我说了别打电话")
    assert len(of(talk.effects, HeardFact)) == 1
    assert len(of(talk.effects, AlertRaised)) == 1


def test_nothing_about_the_debt_is_offered_to_somebody_who_has_not_said_who_they_are() -> None:
    talk = Talk()
    for _ in range(3):
        talk.say("agent", talk.offered)
    for words in ("你们什么情况", "不是我借的", "嗯", "我是他妈妈", "他不在"):
        talk.say("debtor", words)
        assert "恒信银行" not in talk.offered
        assert "元" not in talk.offered
    assert "张伟" in talk.offered
    talk.say("agent", talk.offered)
    talk.say("debtor", "嗯")
    assert "恒信银行" in talk.offered


def test_a_wrong_number_is_never_told_about_a_debt() -> None:
    talk = Talk()
    for _ in range(3):
        talk.say("agent", talk.offered)
    talk.say("debtor", "你打错了我不是张伟")
    shown = [item.text for item in of(talk.effects, SuggestionShown)]
    assert not [text for text in shown if "恒信" in text]
    assert summary(talk).right_party is False


def test_a_promise_is_extracted_and_completed_by_a_later_sentence() -> None:
    talk = identified()
    first = of(talk.say("debtor", "我还两千"), PromiseHeard)[0]
    assert (first.amount, first.currency, first.due) == ("2000", "CNY", None)
    second = of(talk.say("debtor", "我还的下周五"), PromiseHeard)[0]
    assert (second.amount, str(second.due)) == ("2000", "2026-12-04")
    result = summary(talk)
    assert result.disposition == "promise-to-pay"
    assert result.promise == {"amount": "2000", "currency": "CNY", "due": "2026-12-04"}


def test_a_promise_taken_back_is_no_promise() -> None:
    talk = identified()
    talk.say("debtor", "我还两千")
    talk.say("debtor", "算了不还了")
    assert summary(talk).promise is None


def test_an_unclear_promise_is_only_marked() -> None:
    talk = identified()
    effects = talk.say("debtor", "我还两千下周五", clear=False)
    assert not of(effects, PromiseHeard)
    assert of(effects, ReviewMark)[0].labels == ("promise-to-pay",)


def test_fear_softens_the_offered_words() -> None:
    calm, anxious = identified(), identified()
    calm.say("debtor", "嗯")
    effects = anxious.say("debtor", "我很害怕")
    assert of(effects, MoodChanged)[0].mood == "anxious"
    assert of(effects, SuggestionShown)[0].mood == "anxious"
    assert of(effects, SuggestionShown)[0].trigger == "mood"
    assert "别着急" in anxious.offered
    assert anxious.offered != calm.offered


def test_the_whole_script_is_walked_and_every_statement_ticked() -> None:
    talk = identified()
    for _ in range(4):
        talk.say("agent", talk.offered)
    stages = [item.stage for item in of(talk.effects, StageChanged)]
    assert stages == ["opening", "disclosures", "identity", "purpose", "payment", "rights", "listening"]
    result = summary(talk)
    assert result.disclosures_missing == ()
    assert result.right_party is True
    assert not result.flagged


def test_findings_are_graded_and_cited_by_the_law_of_the_call() -> None:
    effects = Talk().say("agent", "我们明天就上门找你要钱你等着吧")
    raised, alert = of(effects, FindingRaised)[0], of(effects, AlertRaised)[0]
    category = statements_for_label(rulebook(), "cn", "visit-threat", date(2026, 11, 24))[0]
    assert raised.why["law"]["categories"] == ["threat-visit"]
    assert raised.severity == alert.severity == category.category.severity
    assert alert.citation == raised.why["law"]["citation"]
    assert alert.citation["en"] == "; ".join(citation.text("en") for citation in category.citations)
    assert "CBA Guideline" in alert.citation["en"]


def test_severity_follows_the_pack_not_the_catalogue() -> None:
    mild = {"visit-threat": Prohibition(categories=("x",), severity=Severity.MEDIUM, citation={"zh": "甲", "en": "A"})}
    effects = Talk(changes={"prohibitions": mild}).say("agent", "我们明天就上门找你要钱你等着吧")
    assert {item.severity for item in of(effects, AlertRaised)} == {Severity.MEDIUM}
    assert of(effects, CallFlagged)[0].severity is Severity.MEDIUM


def pressure(talk: Talk) -> FindingRaised:
    return of(talk.say("agent", "我们会一直打到你还"), FindingRaised)[0]


def test_pressure_is_graver_once_a_hospital_stay_is_known() -> None:
    talk = Talk()
    before = pressure(talk)
    talk.say("debtor", "我在住院")
    after = pressure(talk)
    assert (before.severity, after.severity) == (Severity.HIGH, Severity.CRITICAL)
    assert before.why["law"]["categories"][0] == "harassing-frequency"
    assert after.why["law"]["categories"][0] == "night-or-patient-pressure"
    assert after.why["law"]["citation"] != before.why["law"]["citation"]


@pytest.mark.parametrize(
    ("words", "clear", "severity"),
    [
        ("我还未成年", True, Severity.CRITICAL),
        ("我不想活了", True, Severity.CRITICAL),
        ("我在住院", False, Severity.HIGH),
        ("我失业了", True, Severity.HIGH),
        ("别打电话了", True, Severity.HIGH),
    ],
)
def test_only_what_the_law_names_and_what_was_clear_makes_pressure_graver(
    words: str, clear: bool, severity: Severity
) -> None:
    talk = Talk()
    talk.say("debtor", words, clear=clear)
    assert pressure(talk).severity is severity


def test_what_is_on_file_or_known_of_old_counts_from_the_first_word() -> None:
    assert pressure(Talk(changes={"flags": frozenset({"bereavement"})})).severity is Severity.CRITICAL
    assert pressure(Talk(changes={"known_vulnerability": ("mental-health",)})).severity is Severity.CRITICAL
    assert pressure(Talk(changes={"flags": frozenset({"disputed"})})).severity is Severity.HIGH


def test_other_words_are_not_graver_for_what_is_known() -> None:
    mild = Prohibition(
        categories=("x",), severity=Severity.MEDIUM, citation={"zh": "甲", "en": "A"},
        once_known={"minor": Prohibition(categories=("y",), severity=Severity.LOW, citation={"zh": "乙", "en": "B"})},
    )  # fmt: skip
    talk = Talk(changes={"prohibitions": {"visit-threat": mild}, "flags": frozenset({"minor"})})
    raised = of(talk.say("agent", "我们上门找你"), FindingRaised)[0]
    assert raised.severity is Severity.MEDIUM, "knowledge never makes a finding smaller"


def test_a_violation_that_no_pack_of_the_call_names_counts_as_the_gravest() -> None:
    effects = Talk(changes={"prohibitions": {}}).say("agent", "我们明天就上门找你要钱你等着吧")
    raised = of(effects, FindingRaised)[0]
    assert raised.severity is Severity.CRITICAL
    assert "law" not in raised.why
    assert of(effects, AlertRaised)[0].citation == {}


def test_an_english_call_works_alike() -> None:
    talk = Talk("en")
    talk.say("agent", talk.offered)
    talk.say("agent", talk.offered)
    assert "recorded" in of(talk.effects, SuggestionShown)[1].text
    effects = talk.say("agent", "or we will visit your home")
    assert of(effects, AlertRaised)[0].kind == "visit-threat"
    assert of(talk.say("debtor", "stop calling me"), HeardFact)[0].kind is FactKind.STOP


def test_self_harm_is_the_loudest_alert_and_calls_help() -> None:
    effects = Talk().say("debtor", "我不想活了")
    assert of(effects, AlertRaised)[0].severity is Severity.CRITICAL
    assert of(effects, Escalate)[0].to == "crisis"


def test_a_detector_that_could_not_look_sends_the_call_to_review() -> None:
    talk = Talk()
    talk.say("agent", "听不了的话")
    assert summary(talk).flagged_why == ("skipped:deaf@1",)


def test_a_gap_is_recorded_and_an_unknown_track_refused() -> None:
    talk = Talk()
    gap = of(talk.session.on_speech_event(Gap(track="agent", start=1.0, end=2.5), START), AudioGap)[0]
    assert (gap.speaker, gap.start_secs, gap.end_secs) == ("agent", 1.0, 2.5)
    with pytest.raises(InputError) as caught:
        talk.session.on_speech_event(Gap(track="third", start=1.0, end=2.5), START)
    assert caught.value.code == "input.unknown_track"


def test_utterances_of_both_speakers_share_one_count_and_partials_keep_theirs() -> None:
    talk = Talk()
    talk.say("agent", "您好您好您好")
    talk.say("debtor", "喂喂喂喂喂喂")
    partials = {item.utterance_seq: item.speaker for item in of(talk.effects, UtterancePartial)}
    finals = {item.utterance_seq: item.speaker for item in of(talk.effects, UtteranceFinal)}
    assert partials == finals == {0: "agent", 1: "debtor"}


def test_unclear_words_are_no_context_for_later_ones() -> None:
    talk = Talk()
    talk.say("debtor", "清楚")
    talk.say("debtor", "模糊", clear=False)
    talk.say("agent", "您好")
    text, _, context = talk.analyst.asked[-1]  # type: ignore[attr-defined]
    assert text == "您好"
    assert [turn.text for turn in context] == ["清楚"]


@pytest.mark.parametrize(
    ("ending", "disposition"),
    [
        (CallEnding(status="busy"), "busy"),
        (CallEnding(status="no_answer"), "no-answer"),
        (CallEnding(status="completed", answered_by="machine_after_beep"), "voicemail"),
        (CallEnding(status="completed"), "no-conversation"),
    ],
)
def test_a_call_without_words_has_a_result_too(ending: CallEnding, disposition: str) -> None:
    result = summary(Talk(), ending)
    assert (result.disposition, result.flagged, result.utterances) == (disposition, False, 0)


def test_the_same_events_give_the_same_summary() -> None:
    def run() -> CallSummary:
        talk = identified()
        talk.say("debtor", "我很害怕我还两千下周五")
        talk.say("agent", "我们上门找你")
        return summary(talk)

    assert run() == run()
    assert run().to_json()["violations"][0]["label"] == "visit-threat"
