"""Strict reading of overlay files: YAML text in, `Overlay` out, or `RulebookError` naming file, line and field (pure).

An overlay can only add. A rule with `tightens` is compared with the rule of the law it names on every day both hold, a
duty that lengthens retention with the duty it names (`policy.overlays.limits`). Codes beside those of the rulebook:
`overlay.loosens`, `.no_effect`, `.law_id`, `.unknown_law`, `.grade`, `.gap`, `.empty`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from policy.book import Duty, Entry, Pack, Rule, Rulebook
from policy.dated import Dated, Period
from policy.digest import canonical_bytes, digest_of
from policy.facts import CREDITOR_REF, CREDITOR_TIERS, DEBTOR_TIERS
from policy.located import Node, read_yaml
from policy.overlays.limits import LENGTHS, check_lengthens, check_tightens, refuse_no_effect
from policy.overlays.overlay import OVERLAY_KINDS, Overlay
from policy.sections import ID, Shelf, read_duties, read_rules, read_sources, read_statements

T = TypeVar("T")

OVERLAY_FOLDER = "overlays"
_INSTRUMENTS = frozenset({"contract", "house_rule"})
_APPLIES_TO = {
    "contract": ("creditor",),
    "tier": ("creditor_tier_from", "debtor_tier_from"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayText:
    """One overlay file: `key` is its name among the rulebook's files, `file` what an error calls it."""

    key: str
    file: str
    text: str


def lay_over(book: Rulebook, texts: Iterable[OverlayText]) -> Rulebook:
    """The rulebook with these overlays beside those it has. Raises `RulebookError`."""
    law_ids = frozenset(name for pack in book.packs.values() for name in _law_ids(pack))
    taken = {name for overlay in book.overlays for name in overlay.ids()}
    reader = _Reader(packs=book.packs, law_ids=law_ids, taken=taken)
    overlays = {overlay.id: overlay for overlay in book.overlays}
    files = dict(book.files)
    for item in texts:
        root = read_yaml(item.text, item.file)
        overlay = reader.overlay(root)
        if overlay.id in overlays:
            root.entries()["overlay"].entries()["id"].fail("rulebook.duplicate_id", "each overlay once")
        overlays[overlay.id] = overlay
        files[item.key] = item.text
    whole = {"law": book.law_digest, "overlays": {name: overlay.digest for name, overlay in overlays.items()}}
    return replace(
        book,
        digest=digest_of(canonical_bytes(whole)) if overlays else book.law_digest,
        overlays=tuple(overlay for _, overlay in sorted(overlays.items())),
        files=files,
    )


def is_overlay(key: str) -> bool:
    """Whether a file of a rulebook is an overlay, by its path."""
    return key.startswith(f"{OVERLAY_FOLDER}/")


def _law_ids(pack: Pack) -> Iterator[str]:
    yield f"{pack.id}-cannot-tell"
    for entries in (pack.rules, pack.duties, pack.disclosures, pack.statements):
        yield from (entry.id for entry in entries)


def _plain(root: Node) -> dict[str, Any]:
    """Content for the digest; the order of entries changes nothing."""
    plain: dict[str, Any] = root.plain()
    return {name: sorted(part, key=canonical_bytes) if isinstance(part, list) else part for name, part in plain.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """The `overlay` section."""

    id: str
    name: Mapping[str, str]
    kind: str
    over: frozenset[str]
    terms: Mapping[str, str]
    start: date
    end: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads overlays over these packs; `taken`: ids that overlays have used."""

    packs: Mapping[str, Pack]
    law_ids: frozenset[str]
    taken: set[str]

    def overlay(self, root: Node) -> Overlay:
        """One file."""
        _refuse_grade(root)
        parts = root.mapping(("topic", "overlay", "sources"), ("rules", "duties", "statements"))
        topic = parts["topic"].matching(r"[a-z][a-z0-9_-]*", "a topic in lower case")
        head = self._head(parts["overlay"])
        if not {"rules", "duties", "statements"} & parts.keys():
            root.fail("rulebook.missing_key", "`rules`, `duties` or `statements`", "none of them")
        sources = read_sources(parts["sources"].items(at_least=1))
        for node in parts["sources"].items():
            node.entries()["instrument"].one_of(_INSTRUMENTS)
        shelf = Shelf(sources=sources, covers_from=head.start, taken=self.taken)
        lists = {name: parts[name].items(at_least=1) for name in ("rules", "duties", "statements") if name in parts}
        for node in (node for nodes in lists.values() for node in nodes):
            self._check_entry(node, head)
        statements = read_statements(lists.get("statements", []), shelf)
        return Overlay(
            id=head.id,
            digest=digest_of(canonical_bytes(_plain(root))),
            topic=topic,
            name=head.name,
            kind=head.kind,
            file=root.file,
            over=head.over,
            creditor=head.terms.get("creditor"),
            creditor_tier_from=head.terms.get("creditor_tier_from"),
            debtor_tier_from=head.terms.get("debtor_tier_from"),
            start=head.start,
            end=head.end,
            sources=sources,
            rules=tuple(self._rule(node, shelf, head) for node in lists.get("rules", [])),
            duties=tuple(self._duty(node, shelf, head) for node in lists.get("duties", [])),
            statements=tuple(replace(item, values=_clipped(item.values, head.end)) for item in statements),
        )

    def _head(self, node: Node) -> _Head:
        parts = node.mapping(("id", "name", "kind", "over", "from"), ("applies_to", "until"))
        kind = parts["kind"].one_of(OVERLAY_KINDS)
        start = parts["from"].day()
        end = parts["until"].day() if "until" in parts else None
        if end is not None and end <= start:
            parts["until"].fail("rulebook.bad_period", "a day after `from`")
        return _Head(
            id=parts["id"].matching(ID, "an id in lower case with hyphens"),
            name=parts["name"].bilingual(),
            kind=kind,
            over=self._over(parts["over"]),
            terms=_applies_to(node, parts.get("applies_to"), kind),
            start=start,
            end=end,
        )

    def _over(self, node: Node) -> frozenset[str]:
        if node.value == "all":
            return frozenset(self.packs)
        if not isinstance(node.value, list):
            node.fail("rulebook.wrong_type", "`all`, or a list of pack ids")
        return node.words(self.packs)

    def _check_entry(self, node: Node, head: _Head) -> None:
        """What is the same for rules, duties and statements: an id of its own, and days within the overlay's."""
        entries = node.entries()
        if "id" in entries and entries["id"].text() in self.law_ids:
            expected = "an id of its own (a rule of the law is made stricter by another one that `tightens` it)"
            entries["id"].fail("overlay.law_id", expected)
        if "values" not in entries:
            return
        before: date | None = None
        for item in entries["values"].items(at_least=1):
            value = item.entries()
            start = value["from"].day() if "from" in value else head.start
            if start < head.start or (head.end is not None and start >= head.end):
                within = f"from {head.start}" if head.end is None else f"{head.start} to before {head.end}"
                value["from"].fail("rulebook.bad_period", f"a day within the overlay's own, {within}")
            if before is not None and start > before:
                value["from"].fail("overlay.gap", f"the next value from {before}; what pauses is two rules")
            before = value["until"].day() if "until" in value else None
            if before is not None and head.end is not None and before > head.end:
                value["until"].fail("rulebook.bad_period", f"a day not after the overlay's own `until` {head.end}")

    def _rule(self, node: Node, shelf: Shelf, head: _Head) -> Rule:
        own, tightens = _apart(node, "tightens")
        found = read_rules([own], shelf)[0]
        if found.effect == "exemption":
            node.entries()["effect"].fail(
                "overlay.loosens", "a prohibition, presumption or duty: overlays exempt nobody"
            )
        rule = replace(
            found,
            overlay=head.id,
            tightens=None if tightens is None else tightens.text(),
            values=_clipped(found.values, head.end),
        )
        if tightens is None:
            refuse_no_effect(node, rule, self._over_packs(head))
        else:
            check_tightens(node, rule, tightens, self._over_packs(head))
        return rule

    def _over_packs(self, head: _Head) -> list[Pack]:
        return [pack for name, pack in sorted(self.packs.items()) if name in head.over]

    def _duty(self, node: Node, shelf: Shelf, head: _Head) -> Duty:
        own, tightens = _apart(node, "tightens")
        if tightens is None:
            node.fail("rulebook.missing_key", "the key `tightens`: an overlay lengthens a retention of the law", "none")
        for item in node.entries()["values"].items():
            if "parameters" not in item.entries():
                item.fail("rulebook.missing_key", "the key `parameters`", "no such key")
            item.entries()["parameters"].mapping((), LENGTHS)
        found = read_duties([own], shelf)[0]
        duty = replace(found, tightens=tightens.text(), values=_clipped(found.values, head.end))
        check_lengthens(node, duty, tightens, self._over_packs(head))
        return duty


def _refuse_grade(node: Node) -> None:
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            if key == "grade":
                child.fail("overlay.grade", "no `grade`: a grade orders work and never changes protection", "the key")
            _refuse_grade(child)
    elif isinstance(node.value, list):
        for child in node.value:
            _refuse_grade(child)


def _applies_to(head: Node, node: Node | None, kind: str) -> dict[str, str]:
    allowed = _APPLIES_TO.get(kind, ())
    if not allowed:
        if node is not None:
            node.fail("rulebook.unknown_key", "no `applies_to`: house rules apply to everybody")
        return {}
    if node is None:
        head.fail("rulebook.missing_key", f"`applies_to` with {' or '.join(allowed)}", "no such key")
    parts = node.mapping((), allowed)
    if len(parts) != 1:
        node.fail("rulebook.bad_value", f"exactly one of {', '.join(allowed)}", f"{len(parts)} keys")
    ((name, child),) = parts.items()
    if name == "creditor":
        return {name: child.matching(CREDITOR_REF, "a creditor's reference such as C1")}
    return {name: child.one_of(CREDITOR_TIERS if name == "creditor_tier_from" else DEBTOR_TIERS)}


def _apart(node: Node, key: str) -> tuple[Node, Node | None]:
    """The entry without that key, and the key's value."""
    entries = node.entries()
    taken = entries.pop(key, None)
    return Node(entries, node.file, node.line, node.field), taken


def _clipped(values: Dated[Entry[T]], end: date | None) -> Dated[Entry[T]]:
    """The values, ending with the overlay."""
    *earlier, last = values.periods
    if end is None or last.end is not None:
        return values
    return Dated((*earlier, Period(start=last.start, end=end, value=last.value)))
