"""What an overlay's rules and duties are measured against: the law of the packs they are laid over (pure).

A rule that `tightens` a rule of the law must be at least as strict on every day both hold, a duty must keep records at
least as long. A rule without `tightens` that says less than the law already does is refused too: it would add nothing
and could only mislead. Every refusal names the clause found, the law's value and its citation.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from policy.book import Duty, Entry, Pack, Rule
from policy.dated import Dated
from policy.located import Node
from policy.overlays.overlay import overlap
from policy.overlays.strictness import Clause, is_looser, looser_than, shown
from policy.subjects import LONGER_WHILE

T = TypeVar("T")

LENGTHS = frozenset({"minimum_years", "minimum_months", "default_years", "longer_while"})
"""Parameters of a retention duty that an overlay may raise or add to."""


def check_tightens(node: Node, rule: Rule, named: Node, packs: Sequence[Pack]) -> None:
    """Refuse a rule looser than the law it names (`overlay.loosens`), or one that names none or never meets it."""
    laws = [law for pack in packs if (law := pack.rule(named.text())) is not None]
    if not laws:
        known = sorted(law.id for pack in packs for law in pack.rules)
        named.fail("overlay.unknown_law", f"a rule of the packs it is laid over: {', '.join(known)}")
    compared = False
    for law in laws:
        for index, own, theirs in _common(rule.values, law.values):
            compared = True
            if law.denies and not rule.denies:
                expected = f"true, as `{law.id}` denies ({theirs.citation('en')})"
                node.entries()["denies"].fail("overlay.loosens", expected)
            clause = looser_than(own.content, theirs.content)
            if clause is not None:
                _refuse_clause(node, index, clause, (law.id, theirs))
    if not compared:
        named.fail("overlay.no_effect", f"days on which `{named.text()}` is in force", "none in common")


def refuse_no_effect(node: Node, rule: Rule, packs: Sequence[Pack]) -> None:
    """Refuse a rule that the law of every pack contains in stricter words on all its days (`overlay.no_effect`)."""
    found = [law for pack in packs if (law := next(_stricter(rule, pack), None)) is not None]
    if not rule.denies or not found or len(found) < len(packs):
        return
    index, own, theirs = next(_common(rule.values, found[0].values))
    clause = looser_than(own.content, theirs.content)
    if clause is not None:
        expected = f"more than `{found[0].id}` demands already: {clause.law} ({theirs.citation('en')})"
        _place(node, index, clause).fail("overlay.no_effect", expected, f"`{clause.name}` {clause.own}")


def check_lengthens(node: Node, duty: Duty, named: Node, packs: Sequence[Pack]) -> None:
    """Refuse a duty that would keep records shorter than the law's duty it names (`overlay.loosens`)."""
    laws = [law for pack in packs for law in pack.duties if law.id == named.text()]
    if not laws:
        known = sorted(law.id for pack in packs for law in pack.duties)
        named.fail("overlay.unknown_law", f"a duty of the packs it is laid over: {', '.join(known)}")
    for law in laws:
        for index, own, theirs in _common(duty.values, law.values):
            for clause in _shorter(own.parameters, theirs.parameters):
                _refuse_clause(node, index, clause, (law.id, theirs))
            _check_whole(_place(node, index, Clause(path=(), own="", law="")), {**theirs.parameters, **own.parameters})


def _common(own: Dated[T], law: Dated[T]) -> Iterator[tuple[int, T, T]]:
    """Which value of `own` (by index) meets which of `law`, wherever they share a day."""
    for index, period in enumerate(own.periods):
        for other in law.periods:
            if overlap(period, other) is not None:
                yield index, period.value, other.value


def _stricter(rule: Rule, pack: Pack) -> Iterator[Rule]:
    """Rules of the law that deny more than `rule` on each of its days."""
    for law in pack.rules:
        if not law.denies or not _spans(law.values, rule.values):
            continue
        pairs = list(_common(rule.values, law.values))
        if all(is_looser(own.content, theirs.content) for _, own, theirs in pairs):
            yield law


def _spans(law: Dated[Any], own: Dated[Any]) -> bool:
    """Whether the law is in force without a gap from the first to the last day of `own`."""
    reached, last = own.periods[0].start, own.periods[-1].end
    for period in law.periods:
        if period.start <= reached and period.end is None:
            return True
        if period.start <= reached and period.end is not None:
            reached = max(reached, period.end)
    return last is not None and reached >= last


def _shorter(own: Mapping[str, Any], law: Mapping[str, Any]) -> Iterator[Clause]:
    """Every parameter by which records would be kept shorter than the law has it, or that the law does not know."""
    for name, value in own.items():
        theirs = law.get(name)
        if isinstance(value, list) and isinstance(theirs, list):
            keeps = set(value) >= set(theirs)
        else:
            keeps = type(value) is int and type(theirs) is int and value >= theirs
        if not keeps:
            yield Clause(path=(name,), own=shown(value), law=shown(theirs))


def _check_whole(node: Node, together: Mapping[str, Any]) -> None:
    """Refuse what the ledger could not act on: a minimum beyond the default, a circumstance that nobody records."""
    least_months = 12 * int(together.get("minimum_years", 0)) + int(together.get("minimum_months", 0))
    if least_months > 12 * int(together.get("default_years", 0)):
        expected = "`default_years` not shorter than the minimum (raise both)"
        node.fail("rulebook.bad_value", expected, f"a minimum of {least_months} months")
    unknown = set(together.get("longer_while", ())) - LONGER_WHILE
    if unknown:
        expected = f"only {', '.join(sorted(LONGER_WHILE))} in `longer_while`"
        node.fail("rulebook.bad_value", expected, ", ".join(sorted(map(str, unknown))))


def _place(node: Node, index: int, clause: Clause) -> Node:
    """The node of a clause in the value of that index, or the nearest one above it."""
    entries = node.entries()
    if clause.path and clause.path[0] in entries:
        return entries[str(clause.path[0])]
    place = entries["values"].items()[index].entries()["parameters"]
    for step in clause.path:
        inner = place.value
        held = dict(enumerate(inner)) if isinstance(inner, list) else inner if isinstance(inner, dict) else {}
        if step not in held:
            break
        place = held[step]
    return place


def _refuse_clause(node: Node, index: int, clause: Clause, law: tuple[str, Entry[Any]]) -> NoReturn:
    law_id, entry = law
    expected = f"a clause at least as strict as `{law_id}`: {clause.law} ({entry.citation('en')})"
    _place(node, index, clause).fail("overlay.loosens", expected, f"`{clause.name}` {clause.own}")
