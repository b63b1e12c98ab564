"""The parts of the monitor: identity, disclosures through recognition errors, word times, moods, wording, rows."""

from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import ViolationKind, Vulnerability
from outreach.errors import ConfigError
from outreach.monitor import effects as effects_module
from outreach.monitor.alerts import load_catalogue, parse_catalogue
from outreach.monitor.disclosures import DisclosureListener, fill, parse_phrases, shipped_phrases, sound_of
from outreach.monitor.effects import AlertRaised, FactKind, FindingRaised, FindingRevised, SuggestionShown
from outreach.monitor.mood import MoodState, hear_mood
from outreach.monitor.rows import alert_row, finding_row, revised_alert, revised_finding, suggestion_row
from outreach.monitor.stage import confirms_identity, opening_chain
from outreach.monitor.timing import interpolated_span, latency_ms, word_span
from outreach.monitor.wordings import unscripted, wordings_of
from scripts.render import missing_slots, render, resolve_facts
from speech.types import Word
from tests.unit.outreach.monitor.calls import FACTS, START, Talk, law, library, of, rulebook


@pytest.mark.parametrize(
    ("words", "lang", "just_asked", "yes"),
    [
        ("我是。", "zh", False, True), ("是我，你说", "zh", False, True), ("嗯", "zh", True, True),
        ("嗯", "zh", False, False), ("对，什么事", "zh", True, True), ("我不是", "zh", True, False),
        ("我是他妈妈", "zh", True, False), ("她不在", "zh", True, False), ("你们是谁", "zh", True, False),
        ("Speaking.", "en", False, True), ("yes, it is", "en", True, True), ("yes", "en", False, False),
        ("this is his wife", "en", True, False), ("no, wrong person", "en", True, False),
        ("who is this", "en", True, False),
    ],
)  # fmt: skip
def test_who_says_that_it_is_them(words: str, lang: str, just_asked: bool, yes: bool) -> None:
    assert confirms_identity(words, lang, just_asked=just_asked) is yes


def listener(lang: str = "zh") -> DisclosureListener:
    return DisclosureListener(lang, wordings_of(library(), lang, "collection"), FACTS[lang])


@pytest.mark.parametrize(
    ("said", "disclosure"),
    [
        ("为了保证服务质量，这次通话会录音。", "recording-notice"),
        ("喂了宝正服务智量这次通话会路音", "recording-notice"),  # what a recogniser makes of it
        ("请问您是章伟本人嘛", "identity-check"),
        ("我是安河服务公司的", "institution"),
        ("还款请走恒心银行的官方渠道", "payment-methods"),
        ("金额有疑问您可以提出一亿也可以投诉", "rights"),
    ],
)
def test_a_statement_survives_recognition_errors(said: str, disclosure: str) -> None:
    assert disclosure in {match.disclosure for match in listener().listen(said)}


@pytest.mark.parametrize("said", ["您好", "今天天气不错", "请问您方便吗", "嗯好的我知道了", "我们明天再联系您吧谢谢"])
def test_small_talk_gives_no_statement(said: str) -> None:
    assert listener().listen(said) == []


def test_a_statement_split_over_two_sentences_is_heard() -> None:
    ears = listener()
    assert ears.listen("为了保证服务质量") == []
    assert [match.disclosure for match in ears.listen("这次通话会录音")] == ["recording-notice"]


def test_a_statement_is_reported_once_and_a_question_asked_again_is_asked() -> None:
    ears = listener()
    question = "请问您是张伟本人吗"
    assert [match.disclosure for match in ears.listen(question)] == ["identity-check"]
    assert ears.listen(question) == []
    assert ears.given_in(question) == {"identity-check"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_that_gives_a_statement_is_heard_giving_it_when_it_was_offered(lang: str) -> None:
    book = library()
    facts = resolve_facts({name: slot.examples[lang] for name, slot in book.slots.items()}, book.slots)
    missed = []
    for step in book.playbook(lang, "collection").steps.values():
        for line in step.lines:
            if line.gives and not missing_slots(line, book.slots, facts):
                text = render(line, book.slots, facts)
                ears = DisclosureListener(lang, wordings_of(book, lang, "collection"), FACTS[lang])
                if set(line.gives) - {match.disclosure for match in ears.listen(text, text, line.gives)}:
                    missed.append(line.id)
    assert missed == []


def demanded(pack: str) -> set[str]:
    """Every statement that the pack ever demands of a call."""
    return {item.id for item in rulebook().packs[pack].disclosures}


def test_what_any_pack_demands_and_the_library_knows_can_be_heard_in_both_languages() -> None:
    known = {disclosure.id for disclosure in library().disclosures}
    assert set(shipped_phrases()) == known.union(*(demanded(pack) for pack in rulebook().packs))
    assert all(by_lang["zh"] and by_lang["en"] for by_lang in shipped_phrases().values())


@pytest.mark.parametrize("pack", ["cn", "us-reg-f", "uk-conc7", "in-rbi"])
def test_what_a_pack_demands_is_given_by_an_approved_line_or_reported(pack: str) -> None:
    book = library()
    required = [item.id for item in rulebook().packs[pack].disclosures]
    reported = unscripted(book, required, date(2026, 11, 23))
    for lang in ("zh", "en"):
        given = {
            name
            for script in book.scripts if script.lang == lang
            for step in script.steps if step.spoken
            for line in step.lines if book.is_approved(line, date(2026, 11, 23))
            for name in line.gives
        }  # fmt: skip
        assert set(required) == (given & set(required)) | set(reported[lang])
        assert not given & set(reported[lang])


def test_lines_that_wait_for_approval_give_nothing() -> None:
    assert unscripted(library(), ["institution"], date(2026, 11, 23)) == {"zh": (), "en": ()}
    assert unscripted(library(), ["institution"], date(2000, 1, 1)) == {"zh": ("institution",), "en": ("institution",)}


OWN_WORDS = [
    ("zh", "我们受恒信银行委托联系您", "authorisation"), ("en", "we are authorised by harbor bank", "authorisation"),
    ("zh", "这次来电是关于您的账户", "call-purpose"), ("en", "the reason for this call is the account", "call-purpose"),
    ("zh", "我是债务催收人，跟您说明一下", "collector-notice"),
    ("en", "this is an attempt to collect a debt and any information will be used for that", "collector-notice"),
    ("zh", "您可以获得免费的债务咨询", "free-debt-advice"), ("en", "you can get free debt advice", "free-debt-advice"),
    ("zh", "您也可以找金融申诉专员", "complaint-route"), ("en", "or go to the financial ombudsman", "complaint-route"),
    ("zh", "您可以提交一份收支说明", "income-expenditure"),
    ("en", "you may send a statement of income and expenditure", "income-expenditure"),
    ("zh", "我告诉您申诉专员的联系方式", "grievance-officer"),
    ("en", "our grievance officer can be reached by phone", "grievance-officer"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "said", "disclosure"), OWN_WORDS)
def test_what_agents_say_in_own_words_is_heard(lang: str, said: str, disclosure: str) -> None:
    assert disclosure in {match.disclosure for match in listener(lang).listen(said)}


def test_no_line_of_the_library_sounds_like_what_it_does_not_give() -> None:
    """A statement ticked by mistake would hide that it was never made."""
    book, own = library(), {disclosure for _, _, disclosure in OWN_WORDS} - {"collector-notice"}
    for lang in ("zh", "en"):
        facts = resolve_facts({name: slot.examples[lang] for name, slot in book.slots.items()}, book.slots)
        for step in book.playbook(lang, "collection").steps.values():
            for line in step.lines:
                heard = listener(lang).listen(render(line, book.slots, facts))
                wrong = {match.disclosure for match in heard} & own - set(line.gives)
                assert wrong <= ({"complaint-route"} if "rights" in line.gives else set()), line.text


def test_a_phrase_with_a_missing_fact_is_left_out() -> None:
    assert fill("我是{agent_name}", {}) is None
    assert fill("我是{agent_name}", {"agent_name": "小林"}) == "我是小林"


@pytest.mark.parametrize("document", ["[]", "a: {zh: [x]}", "a: {least: x}", "a: {least: 80, fr: [x]}"])
def test_a_lame_phrase_file_is_refused(document: str) -> None:
    with pytest.raises(ConfigError):
        parse_phrases(document)


def test_characters_that_sound_alike_compare_alike() -> None:
    assert sound_of("录音", "zh") == sound_of("路因", "zh") == "lu yin"
    assert sound_of("It's Recorded!", "en") == "it s recorded"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_opening_chain_leads_from_the_greeting_to_the_rights(lang: str) -> None:
    chain = opening_chain(library(), lang, "collection")
    given = [name for step in chain for name in sorted(step.gives)]
    assert given.index("identity-check") < given.index("debt-details") < given.index("rights")
    assert "machine-label" not in given


def words_of(text: str) -> list[Word]:
    return [Word(text=char, start=i * 0.2, end=(i + 1) * 0.2, probability=1.0) for i, char in enumerate(text)]


def test_word_times_give_the_seconds_of_a_span() -> None:
    assert word_span("再不还上门", (3, 5), words_of("再不还上门"), (0.0, 9.0)) == (
        pytest.approx(0.6),
        pytest.approx(1.0),
    )


def test_without_matching_words_the_span_is_spread_over_the_utterance() -> None:
    assert word_span("再不还上门", (0, 5), [], (2.0, 3.0)) == (2.0, 3.0)
    assert interpolated_span("abcd", (2, 4), 0.0, 2.0) == (1.0, 2.0)
    assert interpolated_span("", (0, 0), 1.0, 2.0) == (1.0, 2.0)


@given(st.text(min_size=1, max_size=30), st.data())
def test_a_span_lies_inside_its_utterance(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(min_value=1, max_value=len(text)))
    start = data.draw(st.integers(min_value=0, max_value=end - 1))
    first, last = word_span(text, (start, end), words_of(text), (0.0, len(text) * 0.2))
    assert 0.0 <= first <= last <= len(text) * 0.2 + 1e-9


def test_latency_is_never_negative() -> None:
    assert latency_ms(START, 5.0, START) == 0.0


def moods(*heard: tuple[str, float, bool]) -> tuple[str, ...]:
    state = MoodState()
    for label, score, clear in heard:
        state = hear_mood(state, label, score, clear=clear)
    return state.trail


def test_distress_counts_at_once_and_relief_must_be_heard_twice() -> None:
    assert moods(("calm", 0.9, True), ("anxious", 0.9, True)) == ("calm", "anxious")
    assert moods(("anxious", 0.9, True), ("calm", 0.9, True)) == ("anxious",)
    assert moods(("anxious", 0.9, True), ("calm", 0.9, True), ("calm", 0.9, True)) == ("anxious", "calm")


def test_unclear_or_weak_signs_change_no_mood() -> None:
    assert moods(("calm", 0.9, True), ("angry", 0.9, False), ("angry", 0.1, True)) == ("calm",)


@given(st.lists(st.tuples(st.sampled_from(["calm", "angry", "anxious", "evasive"]), st.floats(0, 1), st.booleans())))
def test_a_mood_trail_never_repeats_itself(heard: list[tuple[str, float, bool]]) -> None:
    trail = moods(*heard)
    assert all(a != b for a, b in pairwise(trail))


def test_every_label_that_can_alarm_has_words_and_a_severity() -> None:
    """Violations have theirs from the law of the call: from every pack, for every label."""
    catalogue = load_catalogue()
    for pack in rulebook().packs:
        assert set(law(pack).forbidden()) == catalogue.labels("violation")
    assert catalogue.labels("violation") == {str(kind) for kind in ViolationKind}
    assert catalogue.labels("vulnerability") == {str(kind) for kind in Vulnerability}
    assert catalogue.labels("fact") == {str(kind) for kind in FactKind}
    with pytest.raises(ConfigError):
        catalogue.kind("violation", "unheard-of")


@pytest.mark.parametrize(
    "document",
    [
        "[]",
        "violation: {}",
        "violation: {a: {severity: high, zh: x, en: y}}\nvulnerability: {}\nfact: {}\nmonitor: {}",  # the law's
        "violation: {a: {zh: x}}\nvulnerability: {}\nfact: {}\nmonitor: {}",
        "violation: {}\nvulnerability: {a: {zh: x, en: y}}\nfact: {}\nmonitor: {}",
        "violation: {}\nvulnerability: {a: {severity: loud, zh: x, en: y}}\nfact: {}\nmonitor: {}",
    ],
)
def test_a_lame_alert_file_is_refused(document: str) -> None:
    with pytest.raises(ConfigError):
        parse_catalogue(document)


def test_rows_carry_what_the_pages_read() -> None:
    talk = Talk()
    effects = talk.say("agent", "我们明天就上门找你要钱你等着吧")
    raised, alert = of(effects, FindingRaised)[0], of(effects, AlertRaised)[0]
    revised, shown = of(effects, FindingRevised)[0], of(effects, SuggestionShown)[0]
    finding = finding_row(raised, "CA1", 7)
    assert (finding.utterance_id, finding.span, (finding.why or {})["state"]) == (7, raised.span, "provisional")
    stored = alert_row(alert, "CA1", 9)
    details = stored.details or {}
    assert (details["state"], details["text"]["zh"], stored.finding_id) == ("provisional", alert.text["zh"], 9)
    assert details["citation"] == alert.citation == raised.why["law"]["citation"]
    confirmed = revised_finding(revised, finding.why or {})["why"]
    assert (confirmed["state"], confirmed["law"]) == ("confirmed", raised.why["law"])
    after = revised_alert(revised, details)
    assert (after["details"]["state"], after["latency_ms"]) == ("confirmed", round(revised.latency_ms or 0))
    assert suggestion_row(shown, "CA1", START, utterance_id=3).digest.startswith("sha256:")


def test_every_effect_names_its_second() -> None:
    kinds = [kind for kind in vars(effects_module).values() if isinstance(kind, type)]
    found = [kind for kind in kinds if issubclass(kind, effects_module.MonitorEffect)]
    assert len(found) > 15
    assert all("at_secs" in {field.name for field in fields(kind)} for kind in found)


def test_the_monitor_does_no_input_or_output() -> None:
    folder = Path(effects_module.__file__).parent
    for path in folder.glob("*.py"):
        source = path.read_text("utf-8")
        assert "datetime.now" not in source, path.name
        assert "import requests" not in source, path.name
        assert "open(" not in source, path.name
