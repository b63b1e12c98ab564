"""The rulebook in memory: packs of rules, duties, disclosures and statement categories, all dated and cited (pure).

Built by `policy.schema`; nothing here reads a file. A `Pack` is one jurisdiction; its calendar days of force are days
on the clock
of `legal_timezone`. Objects compare by identity: two rulebooks are the same law when their `digest` is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from policy.dated import Dated
from policy.kind import Kind

T = TypeVar("T")

INSTRUMENTS = frozenset(
    {
        "statute",
        "regulation",
        "national_standard",
        "association_guidance",
        "contract",
        "house_rule",
        "pack_choice",
    }
)
EFFECTS = frozenset({"prohibition", "rebuttable_presumption", "duty", "exemption"})
CERTAINTY = frozenset({"V", "S", "M", "P", "paper"})
SEVERITIES = ("medium", "high", "critical")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A legal instrument. `in_force_from` None: it has no date of its own (a contract, our own choice)."""

    id: str
    instrument: str
    title: Mapping[str, str]
    short: Mapping[str, str]
    in_force_from: date | None
    link: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A provision of a source and how sure we are of it (`V` read, `S` second hand, `M` memory, `P` our choice,
    `paper`).
    """

    source: Source
    provision: Mapping[str, str]
    certainty: str

    def text(self, lang: str) -> str:
        """Short name and provision; a provision that is not a number of the text stands in brackets."""
        name, provision = self.source.short[lang], self.provision[lang]
        if provision.startswith(("art.", "ch.", "第")):
            return f"{name} {provision}"
        return f"{name} ({provision})" if lang == "en" else f"{name}（{provision}）"

    def to_json(self, lang: str) -> dict[str, str]:
        """The citation with its link and standing."""
        return {
            "text": self.text(lang),
            "instrument": self.source.instrument,
            "certainty": self.certainty,
            "link": self.source.link,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry(Generic[T]):
    """What holds during one period: content, where it comes from, when somebody last compared it with the source."""

    content: T
    citations: tuple[Citation, ...]
    last_confirmed: date
    parameters: Mapping[str, Any]

    def citation(self, lang: str) -> str:
        """All citations in one line."""
        return "; ".join(citation.text(lang) for citation in self.citations)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Rule:
    """A contact rule. `denies` False: the rule only advises (pacing, human review) and never refuses.

    `regions` (ISO 3166-2): it speaks only about debtors who reside there; empty: everywhere.
    """

    id: str
    kind: str
    title: Mapping[str, str]
    message: Mapping[str, str]
    effect: str
    denies: bool
    scope: Mapping[str, str]
    regions: frozenset[str]
    evidence: tuple[Mapping[str, str], ...]
    values: Dated[Entry[Kind]]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Duty:
    """A duty that a contact ruling cannot show (recording, retention, training); its parameters are read by other
    rooms.
    """

    id: str
    title: Mapping[str, str]
    effect: str
    values: Dated[Entry[None]]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Disclosure:
    """Something that must be said in a call, in order of `position`. `only_if_artificial`: a machine voice says it."""

    id: str
    position: int
    title: Mapping[str, str]
    only_if_artificial: bool
    values: Dated[Entry[None]]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class StatementCategory:
    """A kind of statement that is forbidden, with the finding labels that show it and how grave it is."""

    id: str
    covers: Mapping[str, str]
    signals: tuple[str, ...]
    labels: tuple[str, ...]
    severity: str
    values: Dated[Entry[None]]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class LawfulStatement:
    """A statement that is allowed although it sounds near a forbidden one."""

    id: str
    text: Mapping[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pack:
    """The law of one jurisdiction as this rulebook knows it. `covers_from` is its first day, `covers_until` the first
    day after.
    """

    id: str
    name: Mapping[str, str]
    jurisdiction: str
    legal_timezone: ZoneInfo
    covers_from: date
    covers_until: date | None
    sources: Mapping[str, Source]
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...]
    disclosures: tuple[Disclosure, ...]
    statements: tuple[StatementCategory, ...]
    lawful_statements: tuple[LawfulStatement, ...]
    stop_words: tuple[str, ...]
    flags_without_effect: Mapping[str, Mapping[str, str]]

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rulebook:
    """All packs. `digest` is `sha256:` over the canonical content: comments, blanks and key order do not change it."""

    packs: Mapping[str, Pack]
    digest: str

    def pack(self, pack_id: str) -> Pack | None:
        """The pack of that id, or None."""
        return self.packs.get(pack_id)
