"""The rulebook in memory: packs of rules, duties, disclosures and statement categories, all dated and cited (pure).

Built by `policy.schema`; nothing here reads a file. A `Pack` is one jurisdiction; its calendar days of force are days
on the clock
of `legal_timezone`. Objects compare by identity: two rulebooks are the same law when their `digest` is the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from policy.dated import Dated
from policy.facts import Terms
from policy.families.kind import Kind
from policy.overlays.overlay import Overlay, compose

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
DUE = ("opening", "before_details", "during", "with_promise", "on_request")
"""When a statement is due: at the beginning of a conversation, before anything about the debt is told, while the debt
is talked about, when a promise is made, when the debtor asks. The earlier one is the stricter one.
"""
_NUMBER_OF_THE_TEXT = re.compile(r"(art|ch|s|reg|paras?)\.? |第|\d+[a-z]?[.(]|\d+ [(]|\d+$")


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
        if _NUMBER_OF_THE_TEXT.match(provision):
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
    note: Mapping[str, str] | None = None

    def citation(self, lang: str) -> str:
        """All citations in one line."""
        return "; ".join(citation.text(lang) for citation in self.citations)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Rule:
    """A contact rule. `denies` False: the rule only advises (pacing, human review) and never refuses.

    `regions` (ISO 3166-2): it speaks only about debtors who reside there; empty: everywhere. `overlay`: id of the
    overlay it comes from, None for the law; `tightens`: id of the rule of the law that it makes stricter.
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
    overlay: str | None = None
    tightens: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Duty:
    """A duty that a contact ruling cannot show (recording, retention, training); its parameters are read by other
    rooms.

    `tightens`: in an overlay, the duty of the law that it lengthens.
    """

    id: str
    title: Mapping[str, str]
    effect: str
    values: Dated[Entry[None]]
    tightens: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Disclosure:
    """Something that must be said in a call, in order of `position`; the content of a value is one of `DUE`.

    `only_if_artificial`: only a machine voice has to say it.
    """

    id: str
    position: int
    title: Mapping[str, str]
    only_if_artificial: bool
    values: Dated[Entry[str]]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class StatementCategory:
    """A kind of statement that is forbidden, with the finding labels that show it and how grave it is.

    `only_once_known`: a statement is of this kind only once one of these is known of the person (labels of the text
    room or flags); empty: always.
    """

    id: str
    covers: Mapping[str, str]
    signals: tuple[str, ...]
    labels: tuple[str, ...]
    severity: str
    values: Dated[Entry[None]]
    only_once_known: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class LawfulStatement:
    """A statement that is allowed although it sounds near a forbidden one."""

    id: str
    text: Mapping[str, str]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Doubt:
    """What is not certain about the pack: a text not seen, a reading that is ours. `about`: ids of entries, or none."""

    text: Mapping[str, str]
    about: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pack:
    """The law of one jurisdiction as this rulebook knows it. `covers_from` is its first day, `covers_until` the first
    day after. `topics` names the topic of every rule, duty, disclosure and statement by its id.
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
    doubts: tuple[Doubt, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rulebook:
    """All packs and overlays. `digest` is `sha256:` over the canonical content: comments, blanks and key order do not
    change it. `files`: the YAML texts it was read from, by path; whoever decides under a book keeps them.
    `law_digest` covers the packs alone; without overlays both are the same.
    """

    packs: Mapping[str, Pack]
    digest: str
    law_digest: str = ""
    overlays: tuple[Overlay, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    def pack(self, pack_id: str) -> Pack | None:
        """The pack of that id, or None."""
        return self.packs.get(pack_id)

    def law(self, pack_id: str, terms: Terms) -> Pack | None:
        """The pack with every overlay that applies to these terms, or None when no such pack is loaded.

        The same object for the same overlays, so that what is worked out for a pack may be kept by identity.
        """
        pack = self.packs.get(pack_id)
        if pack is None or not self.overlays:
            return pack
        creditor = terms.creditor if terms.creditor in self._creditors else None
        key = (pack_id, creditor, terms.creditor_tier, terms.debtor_tier)
        found = self._composed.get(key)
        if found is None:
            chosen = tuple(overlay for overlay in self.overlays if overlay.applies(pack_id, terms))
            found = self._composed.setdefault(key, self._joined.setdefault((pack_id, chosen), compose(pack, chosen)))
        return found

    @cached_property
    def _creditors(self) -> frozenset[str]:
        return frozenset(overlay.creditor for overlay in self.overlays if overlay.creditor is not None)

    @cached_property
    def _composed(self) -> dict[tuple[str | None, ...], Pack]:
        return {}

    @cached_property
    def _joined(self) -> dict[tuple[str, tuple[Overlay, ...]], Pack]:
        return {}
