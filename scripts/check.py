"""The library lint: what would let a wrong word, a missing disclosure or an unequal tone reach a debtor. Pure.

`flag` is a detector of prohibited statements, handed in by the caller: this package knows label names, not models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from scripts.paths import flow_problems
from scripts.problem import Problem, Severity, in_library, in_line, in_step
from scripts.render import Facts, render, resolve_facts
from scripts.script import Library, Line, Script, Step

Flag = Callable[[str, str], list[str]]

MAX_SENTENCE = {"zh": 28, "en": 20}
MAX_LINE = {"zh": 60, "en": 44}
_DEBT_FROM = "debt-details"
_SENTENCE_END = re.compile(r"[。！？!?]|\.(?:\s|$)")
_SOFT, _SHORT = ("anxious", "distressed"), "angry"


def lint(library: Library, flag: Flag) -> list[Problem]:
    """Every problem of the library, errors first, then by place. Empty: it may be used as it stands."""
    facts = {lang: _example_facts(library, lang) for lang in library.langs}
    found = list(flow_problems(library))
    for script, step in [(owner, step) for owner in library.scripts for step in owner.steps]:
        found.extend(_step_problems(script, step, library, facts[script.lang]))
        for line in step.lines:
            found.extend(_line_problems(script, step, line, library))
            text = render(line, library.slots, facts[line.lang], spoken=step.spoken)
            found.extend(_text_problems(script, step, line, text, library, flag))
    found.extend(chain(_parity(library), _approvals(library)))
    return sorted(
        found, key=lambda problem: (problem.severity is not Severity.ERROR, problem.file, problem.line, problem.code)
    )


def _example_facts(library: Library, lang: str) -> Facts:
    return resolve_facts({slot.name: slot.examples[lang] for slot in library.slots.values()}, library.slots)


def spoken_length(text: str, lang: str) -> int:
    """Han characters (with digits and Latin words counted one each), or English words."""
    if lang == "en":
        return len(text.split())
    return len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]+|[0-9]", text))


def _has_word(text: str, word: str, lang: str) -> bool:
    if lang == "zh":
        return word in text
    return re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) is not None


def _line_problems(script: Script, step: Step, line: Line, library: Library) -> Iterator[Problem]:
    """Disclosures kept by every variant; no debt content before the person is known; tiers only add services."""
    for disclosure in (d for d in library.disclosures if d.id in line.gives):
        missing = [f"{{{slot}}}" for slot in disclosure.evidence_slots if slot not in line.slots]
        groups = disclosure.evidence_words.get(line.lang, ())
        missing.extend(
            "|".join(group) for group in groups if not any(_has_word(line.text, word, line.lang) for word in group)
        )
        if missing:
            expected = f"the disclosure {disclosure.id} in every variant"
            yield in_line("dropped_disclosure", script, line, found=f"no {', '.join(missing)}", expected=expected)
    told = [f"{{{slot}}}" for slot in line.slots if library.slots[slot].reveals_debt]
    told.extend(word for word in library.flow.debt_words[line.lang] if _has_word(line.text, word, line.lang))
    if told and step.spoken and not _debt_allowed(step, line.lang, library):
        expected = "no word of a debt before the right-party check and the notices that follow it"
        yield in_line("debt_before_identity", script, line, found=", ".join(told), expected=expected)
    if (line.debtor_tiers or line.creditor_tiers) and step.stage != "service":
        yield in_line(
            "tier_tone", script, line, found="a line for certain tiers", expected="tiers only in service lines"
        )


def _debt_allowed(step: Step, lang: str, library: Library) -> bool:
    """After everything that the language wants before debt details; such a notice may name the matter."""
    before = library.required_through(_DEBT_FROM, lang=lang, synthetic=False)[:-1]
    reached = library.required_through(step.needs, lang=lang, synthetic=False)
    ready = set(reached) | set(step.gives)
    return set(before) <= ready and "identity-check" in reached


def _text_problems(
    script: Script, step: Step, line: Line, text: str, library: Library, flag: Flag
) -> Iterator[Problem]:
    """What the filled line sounds like: prohibited, harsh, too long to be followed, without a way out."""
    labels = flag(text, line.lang)
    if labels:
        yield in_line("flagged", script, line, found=", ".join(labels), expected="a line that no detector flags")
    harsh = [word for word in library.flow.harsh_words[line.lang] if _has_word(line.text, word, line.lang)]
    if harsh:
        yield in_line("harsh", script, line, found=", ".join(harsh), expected="polite words")
    if not step.spoken:
        words = library.flow.opt_out_words[line.lang]
        if not any(_has_word(text, word, line.lang) for word in words):
            yield in_line("no_opt_out", script, line, found="no way to opt out", expected=" or ".join(words))
        return
    longest = max(spoken_length(sentence, line.lang) for sentence in _SENTENCE_END.split(text))
    total = spoken_length(text, line.lang)
    if longest > MAX_SENTENCE[line.lang] or total > MAX_LINE[line.lang]:
        expected = f"at most {MAX_SENTENCE[line.lang]} a sentence and {MAX_LINE[line.lang]} in all"
        yield in_line("too_long", script, line, found=f"{longest} in one sentence, {total} in all", expected=expected)


def _step_problems(script: Script, step: Step, library: Library, facts: Facts) -> Iterator[Problem]:
    """A line for everybody; words that differ for fear and grief; short words for anger; something to avoid."""
    common = [line for line in step.lines if not (line.debtor_tiers or line.creditor_tiers)]
    if not common:
        if step.stage != "service":
            yield in_step(
                "no_default", script, step, found="only lines for certain tiers", expected="a line for everybody"
            )
        return
    calm = [line for line in common if "calm" in line.moods]
    if not calm:
        yield in_step(
            "no_default", script, step, found="no line for a calm debtor", expected="one: it stands in for other moods"
        )
        return
    if not step.avoid:
        yield in_step(
            "no_avoid", script, step, found="no label to avoid", expected="what this moment tempts an agent to"
        )
    calm_texts = {line.text for line in calm}
    for line in common:
        if "calm" not in line.moods and set(line.moods) & set(_SOFT) and line.text in calm_texts:
            yield in_line("not_softer", script, line, found="the calm words again", expected="other, softer words")
    if not step.spoken:
        return
    length = {line.id: spoken_length(render(line, library.slots, facts), line.lang) for line in common}
    longest = max(length[line.id] for line in calm)
    for line in common:
        if _SHORT in line.moods and "calm" not in line.moods and length[line.id] > longest:
            found = f"{length[line.id]} for an angry debtor, {longest} for a calm one"
            yield in_line("not_shorter", script, line, found=found, expected="not longer than for a calm debtor")


def _shape(library: Library, lang: str) -> Mapping[str, tuple[str, frozenset[str]]]:
    """Step to its stage and the moods it has words for."""
    return {
        f"{script.id}/{step.id}": (step.stage, frozenset(mood for line in step.lines for mood in line.moods))
        for script in library.scripts
        if script.lang == lang
        for step in script.steps
    }


def _parity(library: Library) -> Iterator[Problem]:
    """The same steps, stages and moods in every language, but for disclosures that one language's law alone wants."""
    local = {d.id for d in library.disclosures if set(d.langs) != set(library.langs)}
    excused = {
        f"{script.id}/{step.id}"
        for script in library.scripts
        for step in script.steps
        if step.gives and set(step.gives) <= local
    }
    shapes = {lang: _shape(library, lang) for lang in library.langs}
    for name in sorted(set().union(*shapes.values()) - excused):
        forms = {lang: shape.get(name) for lang, shape in shapes.items()}
        if len(set(forms.values())) > 1:
            missing = [lang for lang, form in forms.items() if form is None]
            found = f"not in {', '.join(missing)}" if missing else "another stage or other moods"
            yield in_library("parity", where=name, found=found, expected=f"the same step in {', '.join(forms)}")


def _approvals(library: Library) -> Iterator[Problem]:
    """Lines that wait, and approvals of words that are no longer there: notes, for an unapproved line is never
    suggested.
    """
    files = {(script.lang, script.id): script.file for script in library.scripts}
    for digest, line in library.lines.items():
        if not library.is_approved(line):
            where = f"{line.lang}/{line.script}/{line.step}/{line.id}"
            yield Problem(
                code="lint.unapproved",
                severity=Severity.NOTE,
                file=files[line.lang, line.script],
                line=line.at,
                where=where,
                found=f"no approval of {digest}",
                expected="`fairline scripts approve`",
            )
    for digest, approval in library.approvals.items():
        if digest not in library.lines:
            found = f"an approval of {digest}"
            expected = "a line with this digest: the words changed, or the line is gone"
            yield in_library(
                "stale_approval", where=approval.line, found=found, expected=expected, severity=Severity.NOTE
            )
