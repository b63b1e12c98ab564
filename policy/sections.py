"""The sections of a rulebook file, read strictly: sources, rules, duties, disclosures, statements (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from policy.book import (
    CERTAINTY,
    DUE,
    EFFECTS,
    INSTRUMENTS,
    SEVERITIES,
    Citation,
    Disclosure,
    Doubt,
    Duty,
    Entry,
    LawfulStatement,
    Rule,
    Source,
    StatementCategory,
)
from policy.dated import Dated, Period
from policy.facts import FLAGS
from policy.families.compound import InRegions
from policy.families.kind import Kind, check_placeholders
from policy.families.kinds import KINDS
from policy.located import Node
from policy.zones import find_zone

T = TypeVar("T")

ID = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_LINK = r"https?://[^\s]+|docs/[^\s]+"
_REGION = r"[A-Z]{2}-[A-Z0-9]{1,3}"
_RESERVED = "-cannot-tell"
_PERIOD_KEYS = ("from", "sources", "last_confirmed")


@dataclass(frozen=True, kw_only=True, slots=True)
class PackHead:
    """The `pack` section."""

    id: str
    name: Mapping[str, str]
    jurisdiction: str
    legal_timezone: ZoneInfo
    covers_from: date
    covers_until: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """What entries of a pack refer to, and the ids already taken. `topic_of_file`: which topic a file holds.

    `disclosures`: ids that a duty may name among its parameters; None where they are not known here (overlays).
    """

    sources: Mapping[str, Source]
    covers_from: date
    covers_until: date | None = None
    disclosures: frozenset[str] | None = None
    topic_of_file: Mapping[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    topics: dict[str, str] = field(default_factory=dict)

    def new_id(self, node: Node) -> str:
        """An id used once in the pack."""
        found = node.matching(ID, "an id in lower case with hyphens")
        if found in self.taken:
            node.fail("rulebook.duplicate_id", "each id once in a pack")
        if found.endswith(_RESERVED):
            node.fail("rulebook.bad_value", f"an id that does not end in `{_RESERVED}`, by which the engine refuses")
        self.taken.add(found)
        self.topics[found] = self.topic_of_file.get(node.file, "")
        return found


def read_pack_head(node: Node) -> PackHead:
    """Read `pack`. Raises `RulebookError`."""
    parts = node.mapping(("id", "name", "jurisdiction", "legal_timezone", "covers_from"), ("covers_until",))
    zone = find_zone(parts["legal_timezone"].text())
    if zone is None:
        parts["legal_timezone"].fail("rulebook.bad_value", "an IANA time zone")
    start = parts["covers_from"].day()
    end = parts["covers_until"].day() if "covers_until" in parts else None
    if end is not None and end <= start:
        parts["covers_until"].fail("rulebook.bad_period", "a day after `covers_from`")
    return PackHead(
        id=parts["id"].matching(ID, "an id in lower case with hyphens"),
        name=parts["name"].bilingual(),
        jurisdiction=parts["jurisdiction"].matching(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", "an ISO 3166 code"),
        legal_timezone=zone,
        covers_from=start,
        covers_until=end,
    )


def read_sources(nodes: list[Node]) -> dict[str, Source]:
    """Read `sources`. Raises `RulebookError`."""
    found: dict[str, Source] = {}
    for node in nodes:
        parts = node.mapping(("id", "instrument", "title", "short", "link"), ("in_force_from",))
        source = Source(
            id=parts["id"].matching(ID, "an id in lower case with hyphens"),
            instrument=parts["instrument"].one_of(INSTRUMENTS),
            title=parts["title"].bilingual(),
            short=parts["short"].bilingual(),
            in_force_from=parts["in_force_from"].day() if "in_force_from" in parts else None,
            link=parts["link"].matching(_LINK, "an http(s) address or a path under docs/"),
        )
        if source.id in found:
            parts["id"].fail("rulebook.duplicate_id", "each source once")
        found[source.id] = source
    return found


def read_rules(nodes: list[Node], shelf: Shelf) -> tuple[Rule, ...]:
    """Read `rules`, sorted by id. Raises `RulebookError`."""
    return tuple(sorted((_read_rule(node, shelf) for node in nodes), key=lambda rule: rule.id))


def _read_rule(node: Node, shelf: Shelf) -> Rule:
    keys = ("id", "kind", "title", "message", "effect", "scope", "evidence", "values")
    parts = node.mapping(keys, ("denies", "regions"))
    kind = KINDS[parts["kind"].one_of(KINDS)]
    message = parts["message"].bilingual()
    for lang, text in message.items():
        check_placeholders(parts["message"].entries()[lang], text, kind.message_fields)
    regions = _read_regions(parts["regions"]) if "regions" in parts else frozenset()

    def read_value(node: Node) -> Kind:
        found = kind.read(node)
        return InRegions(regions=regions, inner=found) if regions else found

    scope = {key: child.text() for key, child in parts["scope"].mapping(("clock", "per")).items()}
    return Rule(
        id=shelf.new_id(parts["id"]),
        kind=kind.name,
        title=parts["title"].bilingual(),
        message=message,
        effect=parts["effect"].one_of(EFFECTS),
        denies=_read_denies(parts),
        scope=scope,
        regions=regions,
        evidence=tuple(item.bilingual() for item in parts["evidence"].items(at_least=1)),
        values=_read_values(parts["values"], shelf, read_value),
    )


def _read_denies(parts: Mapping[str, Node]) -> bool:
    """Whether the rule refuses; an exemption never does."""
    denies = parts["denies"].boolean() if "denies" in parts else True
    if denies and parts["effect"].one_of(EFFECTS) == "exemption":
        parts["effect"].fail("rulebook.bad_value", "another effect, or `denies: false`: an exemption refuses nothing")
    return denies


def _read_regions(node: Node) -> frozenset[str]:
    found = [item.matching(_REGION, "an ISO 3166-2 code such as XX-YY") for item in node.items(at_least=1)]
    if len(set(found)) < len(found):
        node.fail("rulebook.bad_value", "each region once")
    return frozenset(found)


def _read_values(node: Node, shelf: Shelf, read: Callable[[Node], T]) -> Dated[Entry[T]]:
    """Dated entries in order of start; `read` builds the content from `parameters`."""
    periods: list[Period[Entry[T]]] = []
    for item in node.items(at_least=1):
        needed = _PERIOD_KEYS if read is _no_content else (*_PERIOD_KEYS, "parameters")
        parts = item.mapping(needed, ("until", "note", "parameters"))
        start = parts["from"].day()
        end = parts["until"].day() if "until" in parts else None
        if end is not None and end <= start:
            parts["until"].fail("rulebook.bad_period", "a day after `from`")
        if start < shelf.covers_from:
            parts["from"].fail("rulebook.bad_period", f"a day not before the pack's `covers_from` {shelf.covers_from}")
        if shelf.covers_until is not None and start >= shelf.covers_until:
            expected = f"a day before the pack's `covers_until` {shelf.covers_until}"
            parts["from"].fail("rulebook.bad_period", expected)
        if periods and (periods[-1].end is None or periods[-1].end > start):
            parts["from"].fail("rulebook.overlapping_dates", "periods in order that do not overlap")
        if read is _no_content:
            _check_disclosures(parts, shelf)
        entry = Entry(
            content=read(parts.get("parameters", item)),
            citations=_read_citations(parts["sources"], shelf, start),
            last_confirmed=parts["last_confirmed"].day(),
            parameters=_plain_parameters(parts),
            note=parts["note"].bilingual() if "note" in parts else None,
        )
        periods.append(Period(start=start, end=end, value=entry))
    return Dated(tuple(periods))


def _check_disclosures(parts: dict[str, Node], shelf: Shelf) -> None:
    """A duty that names disclosures names those of its pack."""
    named = parts["parameters"].entries().get("disclosures") if "parameters" in parts else None
    if named is not None and shelf.disclosures is not None:
        named.words(shelf.disclosures)


def _no_content(_: Node) -> None:
    """Duties and statements have free parameters, read as data, or none."""


def _plain_parameters(parts: dict[str, Node]) -> dict[str, object]:
    if "parameters" not in parts:
        return {}
    return {key: child.plain() for key, child in parts["parameters"].entries().items()}


def _read_citations(node: Node, shelf: Shelf, start: date) -> tuple[Citation, ...]:
    found: list[Citation] = []
    if not node.value:
        node.fail("rulebook.missing_source", "at least one source")
    for item in node.items():
        parts = item.mapping(("source", "provision", "certainty"))
        source = shelf.sources.get(parts["source"].text())
        if source is None:
            parts["source"].fail("rulebook.unknown_source", f"one of {', '.join(sorted(shelf.sources))}")
        if source.in_force_from is not None and source.in_force_from > start:
            expected = f"a source in force when the value starts ({source.id} starts {source.in_force_from})"
            parts["source"].fail("rulebook.source_not_in_force", expected)
        certainty = parts["certainty"].one_of(CERTAINTY)
        citation = Citation(source=source, provision=parts["provision"].bilingual(), certainty=certainty)
        if any(one.source is source and one.provision == citation.provision for one in found):
            item.fail("rulebook.duplicate_id", "each provision of a source once")
        found.append(citation)
    return tuple(found)


def read_duties(nodes: list[Node], shelf: Shelf) -> tuple[Duty, ...]:
    """Read `duties`, sorted by id. Raises `RulebookError`."""
    found = []
    for node in nodes:
        parts = node.mapping(("id", "title", "effect", "values"))
        duty = Duty(
            id=shelf.new_id(parts["id"]),
            title=parts["title"].bilingual(),
            effect=parts["effect"].one_of(EFFECTS),
            values=_read_values(parts["values"], shelf, _no_content),
        )
        found.append(duty)
    return tuple(sorted(found, key=lambda duty: duty.id))


def read_disclosures(nodes: list[Node], shelf: Shelf) -> tuple[Disclosure, ...]:
    """Read `disclosures`, in the order in which they are said. Raises `RulebookError`."""
    found: list[Disclosure] = []
    for node in nodes:
        parts = node.mapping(("id", "position", "title", "only_if_artificial", "values"))
        disclosure = Disclosure(
            id=shelf.new_id(parts["id"]),
            position=parts["position"].integer(least=1, most=99),
            title=parts["title"].bilingual(),
            only_if_artificial=parts["only_if_artificial"].boolean(),
            values=_read_values(parts["values"], shelf, _read_due),
        )
        if any(other.position == disclosure.position for other in found):
            parts["position"].fail("rulebook.duplicate_id", "each position once")
        found.append(disclosure)
    return tuple(sorted(found, key=lambda disclosure: disclosure.position))


def _read_due(node: Node) -> str:
    return node.mapping(("due",))["due"].one_of(DUE)


def read_statements(nodes: list[Node], shelf: Shelf) -> tuple[StatementCategory, ...]:
    """Read `statements`, sorted by id. Raises `RulebookError`."""
    found = []
    for node in nodes:
        parts = node.mapping(("id", "covers", "signals", "labels", "severity", "values"), ("only_once_known",))
        category = StatementCategory(
            id=shelf.new_id(parts["id"]),
            covers=parts["covers"].bilingual(),
            signals=tuple(parts["signals"].distinct()),
            labels=tuple(_read_labels(parts["labels"])),
            severity=parts["severity"].one_of(SEVERITIES),
            values=_read_values(parts["values"], shelf, _no_content),
            only_once_known=tuple(_read_known(parts["only_once_known"])) if "only_once_known" in parts else (),
        )
        found.append(category)
    return tuple(sorted(found, key=lambda category: category.id))


def _read_labels(node: Node) -> list[str]:
    for item in node.items():
        item.matching(ID, "a label id")
    return node.distinct(at_least=1)


def _read_known(node: Node) -> list[str]:
    for item in node.items():
        if item.value not in FLAGS:
            item.matching(ID, "a debtor flag or a label id")
    return node.distinct(at_least=1)


def read_lawful_statements(nodes: list[Node]) -> tuple[LawfulStatement, ...]:
    """Read `lawful_statements`. Raises `RulebookError`."""
    found: dict[str, LawfulStatement] = {}
    for node in nodes:
        parts = node.mapping(("id", "text"))
        statement = LawfulStatement(id=parts["id"].matching(ID, "an id"), text=parts["text"].bilingual())
        if statement.id in found:
            parts["id"].fail("rulebook.duplicate_id", "each id once")
        found[statement.id] = statement
    return tuple(found.values())


def read_stop_words(nodes: list[Node]) -> tuple[str, ...]:
    """Read `stop_words`: texts by which a debtor refuses a medium."""
    found: list[str] = []
    for node in nodes:
        if node.text() in found:
            node.fail("rulebook.duplicate_id", "each text once")
        found.append(node.text())
    return tuple(found)


def read_flags_without_effect(nodes: list[Node], used: frozenset[str]) -> dict[str, Mapping[str, str]]:
    """Read `flags_without_effect`: flags the pack knowingly ignores, and why; `used` are those its rules react to.

    Raises `RulebookError`.
    """
    found: dict[str, Mapping[str, str]] = {}
    for node in nodes:
        for flag, reason in node.entries().items():
            if flag not in FLAGS:
                reason.fail("rulebook.bad_value", f"one of {', '.join(sorted(FLAGS))}", f"the flag `{flag}`")
            if flag in found:
                reason.fail("rulebook.duplicate_key", "each flag once in a pack", f"the flag `{flag}` again")
            if flag in used:
                reason.fail("rulebook.bad_value", "a flag that no rule uses", f"the flag `{flag}`, which a rule uses")
            found[flag] = reason.bilingual()
    return found


def read_doubts(nodes: list[Node], shelf: Shelf) -> tuple[Doubt, ...]:
    """Read `doubts`, in the order of the file; `about` names entries of the pack. Raises `RulebookError`."""
    found = []
    for node in nodes:
        parts = node.mapping(("text",), ("about",))
        listed = parts["about"].items(at_least=1) if "about" in parts else []
        for item in listed:
            if item.text() not in shelf.taken:
                item.fail("rulebook.bad_value", "the id of a rule, duty, disclosure or statement of the pack")
        about = tuple(parts["about"].distinct()) if "about" in parts else ()
        found.append(Doubt(text=parts["text"].bilingual(), about=about))
    return tuple(found)
