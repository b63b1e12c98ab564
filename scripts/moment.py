"""Where the call stands: which stage the heard signals lead to, which words fit the mood, who must be told. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.labels import display_name
from scripts.request import Escalation, SuggestRequest
from scripts.script import Flow, Library, Playbook, Route, Step
from scripts.vocabulary import DEFAULT_MOOD

IDENTITY_CHECK = "identity-check"
DEBT_DETAILS = "debt-details"
LAST_BEFORE_CLOSING = "rights"
_PROMISE_FACTS = frozenset({"promise_amount", "promise_date"})


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The stage to speak for, the mood whose words to use, the reasons so far, and who must be told."""

    stage: str
    mood: str
    reasons: tuple[str, ...]
    mood_reasons: tuple[str, ...]
    escalate: Escalation | None


def reason(flow: Flow, lang: str, key: str, **values: str) -> str:
    """One sentence of the reason table, filled."""
    return flow.reasons[key][lang].format(**values)


def read_moment(request: SuggestRequest, library: Library, known_facts: frozenset[str]) -> Moment:
    """Signals first, in the order of the flow file; else the stage asked for. Tiers never change this."""
    flow, lang = library.flow, request.lang
    route = next((route for route in flow.routes if route.stage and _heard(route, request)), None)
    stage = route.stage if route is not None and route.stage is not None else request.stage
    if stage == "service":
        stage = "listening"  # services are offered beside a line that everybody hears, never instead of one
    if route is None and request.mood == "cooperative" and stage == "negotiation" and known_facts >= _PROMISE_FACTS:
        stage = "promise"
    stage_name = flow.stages[stage].names[lang]
    if route is None:
        why = reason(flow, lang, "stage", stage=stage_name)
    elif route.kind == "alert":
        labels = "、".join(display_name(label, lang) for label in request.alerts)
        why = reason(flow, lang, "alert", labels=labels)
    else:
        why = reason(flow, lang, "heard", signal=display_name(route.signal, lang), stage=stage_name)
    mood, mood_reasons = _words_for(request, flow)
    to = flow.stages[stage].escalate
    escalate = None
    if to is not None:
        told = reason(flow, lang, "escalate", stage=stage_name, to=flow.names[to][lang])
        escalate = Escalation(to=to, why=f"{why}{_gap(lang)}{told}")
    return Moment(stage=stage, mood=mood, reasons=(why,), mood_reasons=mood_reasons, escalate=escalate)


def _gap(lang: str) -> str:
    return "" if lang == "zh" else " "


def _heard(route: Route, request: SuggestRequest) -> bool:
    if request.stage in route.except_stages:
        return False
    if route.kind == "alert":
        return bool(request.alerts)
    return route.signal in (*request.intents, *request.vulnerability)


def _words_for(request: SuggestRequest, flow: Flow) -> tuple[str, tuple[str, ...]]:
    """The mood whose words to use. A calm voice with a hard story gets the softer words; nobody gets harder ones."""
    lang = request.lang
    if request.mood is None:
        reasons = [reason(flow, lang, "unknown_mood")]
    else:
        style = flow.names[request.mood][lang]
        name = display_name(request.mood, lang)
        reasons = [reason(flow, lang, "mood", mood=name if lang == "zh" else name.lower(), style=style)]
    mood = request.mood or DEFAULT_MOOD
    softer = next((route for route in flow.routes if route.soften and _heard(route, request)), None)
    if softer is not None and softer.soften is not None and mood == DEFAULT_MOOD:
        reasons.append(reason(flow, lang, "soften", signal=display_name(softer.signal, lang)))
        mood = softer.soften
    return mood, tuple(reasons)


def steps_of(book: Playbook, stage: str) -> tuple[Step, ...]:
    """The steps of a stage in order: those of the purpose's own script, or else the shared ones."""
    steps = book.of_stage(stage)
    return tuple(step for step in steps if book.scripts[step.id].start) or steps


def outstanding(step: Step, request: SuggestRequest, library: Library) -> tuple[str, ...]:
    """Disclosures that must be given before the step may be said, in order."""
    needs = step.needs
    if step.stage == "closing" and DEBT_DETAILS in request.disclosures_given:
        needs = LAST_BEFORE_CLOSING  # a talk about the debt does not end before the rights were explained
    required = library.required_through(needs, lang=request.lang, synthetic=request.voice == "artificial")
    return tuple(disclosure for disclosure in required if disclosure not in request.disclosures_given)


def still_to_say(step: Step, request: SuggestRequest, library: Library) -> tuple[str, ...]:
    """What the step waits for, what it gives, and in the beginning all that comes before any debt content.

    With a list of the law at hand: in its order, only what it asks for, and also what no line of the library gives. An
    agent says that in own words in its place of the list, and what comes last there once the rights were explained.
    """
    stage = library.flow.stages[step.stage]
    due = set(outstanding(step, request, library)) | set(step.gives)
    beginning = ("opening", "disclosures", "identity")
    if stage.id in beginning:
        due |= set(library.required_through(IDENTITY_CHECK, lang=request.lang, synthetic=request.voice == "artificial"))
    order = request.required or tuple(disclosure.id for disclosure in library.disclosures)
    if request.required:
        due |= _own_words(step, request, library, due)
    return tuple(name for name in order if name in due and name not in request.disclosures_given)


def _own_words(step: Step, request: SuggestRequest, library: Library, due: set[str]) -> set[str]:
    """Of the law's list, what no line gives and is due by now: all before what else is due, or all after rights."""
    book = library.playbook(request.lang, request.purpose)
    given = {name for other in book.steps.values() if other.spoken for name in other.gives}
    places = [place for place, name in enumerate(request.required) if name in due]
    upto = len(request.required) if step.needs == LAST_BEFORE_CLOSING else max(places, default=-1) + 1
    return set(request.required[:upto]) - given
