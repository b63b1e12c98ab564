"""Lint of the flow: every step can be reached, and on every path the disclosures a step needs were given before it.
Pure.

The adapter holds back a step whose disclosures are missing, whatever the flow says. This lint proves that the written
flow does not even ask for it, so that an agent who simply goes on from line to line keeps the order of the law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.problem import Problem, in_library, in_step
from scripts.script import Library, Playbook, Step


def flow_problems(library: Library) -> Iterator[Problem]:
    """Unknown and unreachable steps, paths without a needed disclosure, disclosures that nobody gives, gives before
    needs.
    """
    yield from _unknown_next(library)
    yield from _unreachable(library)
    yield from _order(library)
    seen: set[tuple[str, str]] = set()
    for lang in library.langs:
        for purpose in library.purposes(lang):
            book = library.playbook(lang, purpose)
            yield from _no_giver(library, book)
            for problem in _unguarded(library, book):
                if (problem.where, problem.found) not in seen:
                    seen.add((problem.where, problem.found))
                    yield problem


def _unknown_next(library: Library) -> Iterator[Problem]:
    known = {
        lang: {s.id for script in library.scripts if script.lang == lang for s in script.steps}
        for lang in library.langs
    }
    for script in library.scripts:
        for step in script.steps:
            for name in step.next:
                if name not in known[script.lang]:
                    yield in_step(
                        "unknown_step", script, step, found=f"next '{name}'", expected="a step of this language"
                    )


def _entrances(library: Library, book: Playbook, *, interrupts: bool) -> set[str]:
    """Where a talk can begin; holding and services fit anywhere. `interrupts`: also where it breaks off."""
    free = {stage.id for stage in library.flow.stages.values() if interrupts and stage.interrupts} | {"hold", "service"}
    return {book.start} | {step.id for step in book.steps.values() if step.stage in free}


def _reachable(book: Playbook, starts: set[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in book.steps and name not in reached:
            reached.add(name)
            waiting.extend(book.steps[name].next)
    return reached


def _unreachable(library: Library) -> Iterator[Problem]:
    """A step of the main flow must be reached without an interruption; others count too from where they break in."""
    for lang in library.langs:
        books = [library.playbook(lang, purpose) for purpose in library.purposes(lang)]
        plain, broken = (
            set().union(*(_reachable(book, _entrances(library, book, interrupts=interrupts)) for book in books))
            for interrupts in (False, True)
        )
        for script in library.scripts:
            for step in script.steps if script.lang == lang else ():
                reached = broken if library.flow.stages[step.stage].interrupts else plain
                if step.id not in reached:
                    expected = "a step whose `next` names it"
                    yield in_step("unreachable", script, step, found="no path leads here", expected=expected)


def _order(library: Library) -> Iterator[Problem]:
    rank = {disclosure.id: index for index, disclosure in enumerate(library.disclosures)}
    for script in library.scripts:
        for step in script.steps:
            late = [given for given in step.gives if step.needs is not None and rank[given] <= rank[step.needs]]
            if late and step.spoken:
                found = f"gives {', '.join(late)} but needs {step.needs}"
                yield in_step("order", script, step, found=found, expected="to need only what comes before it")


def _no_giver(library: Library, book: Playbook) -> Iterator[Problem]:
    given = {disclosure for step in book.steps.values() if step.spoken for disclosure in step.gives}
    for disclosure in library.disclosures:
        if book.lang in disclosure.langs and disclosure.id not in given:
            where = f"{book.lang}/{book.purpose}"
            yield in_library(
                "no_giver", where=where, found=f"nobody says {disclosure.id}", expected="a spoken step that gives it"
            )


def _unguarded(library: Library, book: Playbook) -> Iterator[Problem]:
    """Forward data flow over the main flow: what has surely been given when a step begins, over all paths to it."""
    for synthetic in (False, True):
        surely = _surely_given(library, book, synthetic=synthetic)
        for name, given in surely.items():
            step = book.steps[name]
            required = library.required_through(step.needs, lang=book.lang, synthetic=synthetic)
            missing = [disclosure for disclosure in required if disclosure not in given]
            if missing:
                found = f"a path without {', '.join(missing)}"
                yield in_step(
                    "path", book.scripts[name], step, found=found, expected=f"everything through {step.needs} before it"
                )


def _surely_given(library: Library, book: Playbook, *, synthetic: bool) -> Mapping[str, frozenset[str]]:
    main = {name for name, step in book.steps.items() if not library.flow.stages[step.stage].interrupts}
    surely: dict[str, frozenset[str]] = {book.start: frozenset()}
    waiting = [book.start]
    while waiting:
        step = book.steps[waiting.pop()]
        after = surely[step.id] | (frozenset() if _silent(step, synthetic=synthetic) else frozenset(step.gives))
        for name in step.next:
            if name not in main or not _may_follow(book, step, name, synthetic=synthetic):
                continue
            merged = after & surely[name] if name in surely else after
            if surely.get(name) != merged:
                surely[name] = merged
                waiting.append(name)
    return surely


def _silent(step: Step, *, synthetic: bool) -> bool:
    return step.synthetic_only and not synthetic


def _may_follow(book: Playbook, step: Step, name: str, *, synthetic: bool) -> bool:
    """With a machine voice, a step for machines cannot be passed over by its neighbour."""
    machine_next = any(book.steps[other].synthetic_only for other in step.next if other in book.steps)
    return not (synthetic and machine_next and not book.steps[name].synthetic_only)
