"""Laws that hold for every request: order of disclosures, equal protection of every tier, only approved words."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.adapter import SuggestRequest, SuggestResult, suggest
from scripts.schema import load_library
from scripts.vocabulary import CREDITOR_TIERS, DEBTOR_TIERS, HEARD, MOODS, VIOLATIONS, VOICES
from tests.unit.scripts.conftest import FACTS, PROMISE

LIBRARY = load_library()
DISCLOSURES = [disclosure.id for disclosure in LIBRARY.disclosures]
STOPS = {"self-harm", "hospitalised", "deceased", "minor", "wrong-number", "stop-contact"}


@st.composite
def requests(draw: st.DrawFn) -> SuggestRequest:
    lang = draw(st.sampled_from(LIBRARY.langs))
    facts: dict[str, Any] = {**FACTS[lang], **PROMISE}
    kept = draw(
        st.sets(st.sampled_from(sorted(facts))).map(lambda dropped: {k: facts[k] for k in facts if k not in dropped})
    )
    return SuggestRequest(
        lang=lang,
        purpose=draw(st.sampled_from(LIBRARY.purposes(lang))),
        stage=draw(st.sampled_from(sorted(LIBRARY.flow.stages))),
        mood=draw(st.sampled_from([None, *MOODS])),
        debtor_tier=draw(st.sampled_from(DEBTOR_TIERS)),
        creditor_tier=draw(st.sampled_from(CREDITOR_TIERS)),
        intents=tuple(draw(st.lists(st.sampled_from(HEARD), max_size=2))),
        vulnerability=tuple(draw(st.lists(st.sampled_from(HEARD), max_size=1))),
        facts=draw(st.sampled_from([facts, kept])),
        disclosures_given=tuple(draw(st.lists(st.sampled_from(DISCLOSURES), max_size=8, unique=True))),
        alerts=tuple(draw(st.lists(st.sampled_from(VIOLATIONS), max_size=1))),
        voice=draw(st.sampled_from(VOICES)),
    )


def without_services(result: SuggestResult) -> tuple[object, ...]:
    lines = tuple(s for s in result.suggestions if not s.step.startswith("service/"))
    return (lines, result.must_say_next, result.do_not_say, result.escalate, result.ends_call)


def needs_of(step: str, lang: str) -> str | None:
    name = step.split("/", maxsplit=1)[0]
    return next(s.needs for script in LIBRARY.scripts if script.lang == lang for s in script.steps if s.id == name)


@settings(max_examples=80, deadline=None)
@given(requests())
def test_no_line_comes_before_the_disclosures_it_needs(request: SuggestRequest) -> None:
    for position, suggestion in enumerate(suggest(request, LIBRARY).suggestions):
        needed = LIBRARY.required_through(
            needs_of(suggestion.step, request.lang), lang=request.lang, synthetic=request.voice == "artificial"
        )
        first = suggest(request, LIBRARY).suggestions[0]
        known = {*request.disclosures_given, *(first.disclosures if position else ())}
        assert set(needed) <= known


@settings(max_examples=80, deadline=None)
@given(requests())
def test_before_the_right_party_check_no_word_reveals_a_debt(request: SuggestRequest) -> None:
    if "identity-check" in request.disclosures_given:
        return
    for suggestion in suggest(request, LIBRARY).suggestions:
        line = LIBRARY.lines[suggestion.digest]
        written = line.step.startswith("sms")
        assert written or not any(LIBRARY.slots[slot].reveals_debt for slot in line.slots)


@settings(max_examples=80, deadline=None)
@given(requests(), st.sampled_from(DEBTOR_TIERS), st.sampled_from(CREDITOR_TIERS))
def test_every_tier_gets_the_same_protection_and_the_same_tone(
    request: SuggestRequest, debtor: str, creditor: str
) -> None:
    twin = SuggestRequest(**{**vars(request), "debtor_tier": debtor, "creditor_tier": creditor})
    assert without_services(suggest(request, LIBRARY)) == without_services(suggest(twin, LIBRARY))


@settings(max_examples=80, deadline=None)
@given(requests())
def test_what_must_be_said_next_is_what_is_suggested(request: SuggestRequest) -> None:
    result = suggest(request, LIBRARY)
    assert result.suggestions
    held = result.suggestions[0].step.startswith("hold/")
    assert held or not result.must_say_next or result.must_say_next[0] in result.suggestions[0].disclosures
    assert not set(result.must_say_next) & set(request.disclosures_given)
    ranks = [DISCLOSURES.index(identifier) for identifier in result.must_say_next]
    assert ranks == sorted(ranks)


@settings(max_examples=80, deadline=None)
@given(requests())
def test_only_approved_and_completely_filled_words(request: SuggestRequest) -> None:
    for suggestion in suggest(request, LIBRARY).suggestions:
        assert suggestion.digest in LIBRARY.approvals
        assert "{" not in suggestion.text
        assert suggestion.why
        assert "{" not in suggestion.why


@settings(max_examples=80, deadline=None)
@given(requests())
def test_a_stop_always_stops(request: SuggestRequest) -> None:
    heard = STOPS & {*request.intents, *request.vulnerability}
    if not heard:
        return
    result = suggest(request, LIBRARY)
    assert result.escalate is not None
    assert result.must_say_next == ()
    stage = result.suggestions[0].step.split("/")[0]
    assert stage in {"self-harm", "hospital", "deceased", "minor", "wrong-person", "stop"}
    assert not any(s.step.startswith("service/") for s in result.suggestions)


@settings(max_examples=40, deadline=None)
@given(requests())
def test_the_answer_depends_on_the_request_alone(request: SuggestRequest) -> None:
    assert suggest(request, LIBRARY) == suggest(request, load_again())


def load_again() -> Any:
    """A second library from the same files."""
    return SECOND


SECOND = load_library()
