"""Chooses the next line: state of the call, mood, signals, tier and disclosures already given -> approved words. Pure.

1. A signal that was heard (self-harm, hospital, stop, wrong number, an alert on the agent's own words ...) decides the
stage.
2. What has been said already is passed over.
3. A disclosure that must come first comes first; none is ever dropped.
4. Within the step, the words for the mood; where it has none, the fallback of the flow file.
5. A tier may add a service line at the end. It changes nothing else.
Only approved lines whose every slot can be filled are suggested. Where none is left, the agent asks to hold and a
supervisor is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from nlp.labels import display_name
from scripts.moment import IDENTITY_CHECK, Moment, outstanding, read_moment, reason, steps_of, still_to_say
from scripts.render import Facts, missing_slots, render, resolve_facts
from scripts.request import Escalation, Suggestion, SuggestRequest, SuggestResult, parse_request
from scripts.script import Library, Line, Playbook, Step

__all__ = ["Escalation", "SuggestRequest", "SuggestResult", "Suggestion", "parse_request", "suggest"]

_SERVICE_STAGES = ("listening", "negotiation", "hardship")
_MAX_SUGGESTIONS = 3
_MAX_SERVICES = 2
_CARE = ("undue-pressure", "abuse")


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """What the choice is made from."""

    request: SuggestRequest
    library: Library
    book: Playbook
    facts: Facts
    mood: str
    as_of: date | None

    def why(self, key: str, **values: str) -> str:
        """A sentence of the reason table in the language of the call."""
        return reason(self.library.flow, self.request.lang, key, **values)


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Lines that can be said now, best first, and the mood whose words they are; or the slots that stand in the way."""

    lines: tuple[Line, ...]
    mood: str
    missing: tuple[str, ...]


def suggest(request: SuggestRequest, library: Library, *, as_of: date | None = None) -> SuggestResult:
    """The next permitted lines. `as_of`: the day on which approvals must be in force (see `Approval.in_force`).

    Raises RenderError for a badly typed fact, RequestError never: requests come checked from `parse_request`.
    """
    facts = resolve_facts(request.facts, library.slots)
    moment = read_moment(request, library, frozenset(facts.values))
    book = library.playbook(request.lang, request.purpose)
    desk = _Desk(request=request, library=library, book=book, facts=facts, mood=moment.mood, as_of=as_of)
    wanted, onward = _skip_said(desk, moment)
    step, reasons = wanted, list(moment.reasons)
    if onward:
        reasons.append(desk.why("onward", stage=library.flow.stages[moment.stage].names[request.lang]))
    missing = outstanding(wanted, request, library)
    if missing:
        step = _giver(desk, missing[0])
        names = {disclosure.id: disclosure.names[request.lang] for disclosure in library.disclosures}
        stage_name = library.flow.stages[wanted.stage].names[request.lang]
        reasons.append(desk.why("disclosure", stage=stage_name, disclosure=names[missing[0]]))
    choice = _choose(desk, step)
    held = not choice.lines
    escalate = moment.escalate
    if held:
        told = desk.why("escalate_missing", slots=", ".join(choice.missing) or step.id)
        reasons.append(desk.why("missing", slots=", ".join(choice.missing) or step.id))
        escalate = escalate or Escalation(to="supervisor", why=told)
        step = book.steps["hold"]
        choice = _choose(desk, step)
    reasons.extend(moment.mood_reasons)
    suggestions = tuple(_suggestions(desk, step, choice, reasons, settled=not missing and not held))
    return SuggestResult(
        suggestions=suggestions,
        must_say_next=still_to_say(wanted, request, library),
        do_not_say=_do_not_say(request, step, wanted),
        escalate=escalate,
        ends_call=step.ends_call and bool(suggestions),
    )


def _skip_said(desk: _Desk, moment: Moment) -> tuple[Step, bool]:
    """The first step of the stage that still has something to say, or else the first one after the stage that has."""
    steps = steps_of(desk.book, moment.stage) or (desk.book.steps["hold"],)
    fresh = next((step for step in steps if not _is_said(desk, step)), None)
    if fresh is not None:
        return fresh, False
    step, passed = steps[-1], {step.id for step in steps}
    while _is_said(desk, step):
        passed.add(step.id)
        following = (desk.book.steps[name] for name in step.next if name in desk.book.steps and name not in passed)
        after = next(following, None)
        if after is None:
            break
        step = after
    return step, True


def _is_said(desk: _Desk, step: Step) -> bool:
    """Its disclosures are given, or it is for a machine voice and a person speaks.

    A call that is still at its opening or at the right-party check has asked who is there, but has no yes yet: the
    question stands, and nothing behind it may be reached.
    """
    if step.synthetic_only and desk.request.voice != "artificial":
        return True
    if IDENTITY_CHECK in step.gives and desk.request.stage in ("opening", "identity"):
        return False
    return bool(step.gives) and set(step.gives) <= set(desk.request.disclosures_given)


def _giver(desk: _Desk, disclosure: str) -> Step:
    """The step that gives a disclosure, the purpose's own before a shared one. The lint proves that there is one."""
    givers = [step for step in desk.book.steps.values() if disclosure in step.gives and step.spoken]
    flowing = [step for step in givers if not desk.library.flow.stages[step.stage].interrupts]
    own = [step for step in flowing if desk.book.scripts[step.id].start]
    return (own or flowing or givers)[0]


def _choose(desk: _Desk, step: Step) -> _Choice:
    """Lines for the mood, or for the moods that stand in for it. Lines for a tier are not looked at here."""
    blocked: list[str] = []
    for mood in (desk.mood, *desk.library.flow.mood_fallback[desk.mood]):
        fitting = [line for line in step.lines if mood in line.moods and not (line.debtor_tiers or line.creditor_tiers)]
        approved = [line for line in fitting if desk.library.is_approved(line, desk.as_of)]
        ready = tuple(line for line in approved if not missing_slots(line, desk.library.slots, desk.facts))
        if ready:
            return _Choice(lines=ready, mood=mood, missing=())
        for line in approved:
            blocked.extend(missing_slots(line, desk.library.slots, desk.facts))
    return _Choice(lines=(), mood=desk.mood, missing=tuple(dict.fromkeys(blocked)))


def _suggestions(
    desk: _Desk, step: Step, choice: _Choice, reasons: list[str], *, settled: bool
) -> Iterator[Suggestion]:
    """The line to say, then variants and what may follow, then services of the tier. An angry debtor gets one line."""
    if not choice.lines:
        return
    if choice.mood != desk.mood:
        mood, other = (display_name(name, desk.request.lang) for name in (desk.mood, choice.mood))
        reasons = [*reasons, desk.why("standin", mood=mood, other=other)]
    if step.ends_call and step.spoken:
        reasons = [*reasons, desk.why("ends")]
    yield _fill(desk, step, choice.lines[0], reasons)
    if not settled or desk.mood == "angry":
        return
    variants = [(step, line, reasons) for line in choice.lines[1:]]
    onward = [(s, line, [*reasons, desk.why("after")]) for s, line in _following(desk, step)]
    others = onward + variants if desk.mood == "cooperative" else variants + onward
    for other_step, line, why in others[: _MAX_SUGGESTIONS - 1]:
        yield _fill(desk, other_step, line, why)
    if step.stage in _SERVICE_STAGES:
        for line in _services(desk)[:_MAX_SERVICES]:
            yield _fill(desk, desk.book.steps[line.step], line, [desk.why("service")])


def _following(desk: _Desk, step: Step) -> Iterator[tuple[Step, Line]]:
    """Lines that may be said after this one: the rest of the stage, and for a cooperative debtor the way to the end."""
    for name in step.next:
        following = desk.book.steps.get(name)
        if (
            following is None
            or _is_said(desk, following)
            or not (following.stage == step.stage or desk.mood == "cooperative")
        ):
            continue
        if set(outstanding(following, desk.request, desk.library)) - set(step.gives):
            continue
        for line in _choose(desk, following).lines[:1]:
            yield following, line


def _services(desk: _Desk) -> list[Line]:
    """Service lines of the tiers that fit the mood, once the rights have been explained."""
    ready = []
    for step in desk.book.of_stage("service"):
        if outstanding(step, desk.request, desk.library):
            continue
        for line in step.lines:
            tier_fits = (
                desk.request.debtor_tier in line.debtor_tiers or desk.request.creditor_tier in line.creditor_tiers
            )
            mood_fits = not line.moods or desk.mood in line.moods
            fillable = not missing_slots(line, desk.library.slots, desk.facts)
            if tier_fits and mood_fits and fillable and desk.library.is_approved(line, desk.as_of):
                ready.append(line)
    return ready


def _fill(desk: _Desk, step: Step, line: Line, reasons: list[str]) -> Suggestion:
    script = desk.book.scripts[step.id]
    return Suggestion(
        text=render(line, desk.library.slots, desk.facts, spoken=step.spoken),
        script=f"{script.lang}/{script.id}",
        version=script.version,
        digest=line.digest,
        step=f"{step.id}/{line.id}",
        why=("" if desk.request.lang == "zh" else " ").join(reasons),
        disclosures=line.gives,
    )


def _do_not_say(request: SuggestRequest, *steps: Step) -> tuple[str, ...]:
    """What was just said wrongly, then what this moment tempts to; with a vulnerable person also pressure."""
    labels = [*request.alerts, *(label for step in steps for label in step.avoid)]
    if request.vulnerability:
        labels.extend(_CARE)
    return tuple(dict.fromkeys(labels))
