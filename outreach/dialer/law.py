"""What the law of a call asks beside the ruling: statements to make, statements forbidden, how long records are kept.
Pure.

Which law it is, the attempt's stored ruling says: every pack that ruled speaks, each on the day of its own legal clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from outreach.db.tables import CollectionCase
from outreach.dialer.facts import creditor_label
from policy.book import DUE, SEVERITIES, Citation, Rulebook
from policy.duties import (
    StatementInForce,
    find_pack,
    prohibited_statements,
    required_disclosures,
    statements_for_label,
)
from policy.facts import CREDITOR_TIERS, DEBTOR_TIERS, CreditorTier, DebtorTier, Terms
from policy.subjects import Retention, retention

LANGS = ("zh", "en")
Texts = Mapping[str, str]
"""One text by language."""


@dataclass(frozen=True, kw_only=True)
class Required:
    """A statement that must be made in a call. `due` is one of `policy.book.DUE`; `citation` names every source."""

    id: str
    due: str
    title: Texts
    citation: Texts


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """What a finding label stands for in the law of a call: the categories it may show, gravest first.

    `severity` is that of the gravest; `citation` cites the categories that are as grave. Categories that need something
    to be known of the person are left out; `once_known` says by such a word what the label stands for from then on.
    """

    label: str
    categories: tuple[str, ...]
    severity: str
    citation: Texts
    once_known: Mapping[str, "Forbidden"] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CallLaw:
    """The law of one call: the packs that ruled on it, the terms that choose overlays, the instant that dates it."""

    rulebook: Rulebook
    packs: tuple[str, ...]
    terms: Terms
    at: datetime

    def required(self, *, artificial_voice: bool) -> tuple[Required, ...]:
        """What must be said, in order, by any pack. Raises PolicyError."""
        merged: list[Required] = []
        for pack in self.packs:
            merged = _merged(merged, self._required_by(pack, artificial_voice=artificial_voice))
        return tuple(merged)

    def forbidden(self) -> Mapping[str, Forbidden]:
        """Every finding label that a category of any pack names. Raises PolicyError."""
        labels = {
            label
            for pack in self.packs
            for item in prohibited_statements(self.rulebook, pack, self.day(pack), self.terms)
            for label in item.category.labels
        }
        return {label: self._forbidden(label) for label in sorted(labels)}

    def retentions(self) -> tuple[Retention, ...]:
        """How long each pack wants records kept. Raises PolicyError."""
        return tuple(retention(self.rulebook, pack, self.day(pack), self.terms) for pack in self.packs)

    def day(self, pack: str) -> date:
        """The day of the call on a pack's legal clock. Raises PolicyError policy.unknown_pack."""
        return self.day_of(self.at, pack)

    def day_of(self, instant: datetime, pack: str) -> date:
        """The day of an instant on a pack's legal clock. Raises PolicyError policy.unknown_pack."""
        return instant.astimezone(find_pack(self.rulebook, pack).legal_timezone).date()

    def _required_by(self, pack: str, *, artificial_voice: bool) -> list[Required]:
        found = required_disclosures(self.rulebook, pack, self.day(pack), artificial_voice=artificial_voice)
        return [
            Required(
                id=item.disclosure.id, due=item.due, title=item.disclosure.title, citation=_cited([item.citations])
            )
            for item in found
        ]

    def _forbidden(self, label: str) -> Forbidden:
        found = [
            item
            for pack in self.packs
            for item in statements_for_label(self.rulebook, pack, label, self.day(pack), self.terms)
        ]
        found.sort(key=lambda item: -SEVERITIES.index(item.category.severity))
        always = [item for item in found if not item.category.only_once_known]
        words = {word for item in found for word in item.category.only_once_known}
        once = {
            word: _graded(label, [item for item in found if word in (item.category.only_once_known or words)])
            for word in sorted(words)
        }
        return replace(_graded(label, always or found), once_known=once)


def call_law(rulebook: Rulebook, case: CollectionCase, ruling: Mapping[str, Any] | None, at: datetime) -> CallLaw:
    """The law of a call that was permitted by `ruling` and began at `at`. Packs that are not loaded are left out."""
    packs = [str(found.get("pack")) for found in (ruling or {}).get("packs", ()) if isinstance(found, dict)]
    return CallLaw(
        rulebook=rulebook, packs=tuple(pack for pack in packs if pack in rulebook.packs), terms=_terms(case), at=at
    )


def _terms(case: CollectionCase) -> Terms:
    """For whom and under which membership: what overlays depend on. A word they do not know chooses none."""
    creditor, debtor = case.creditor, case.debtor
    return Terms(
        creditor=creditor_label(creditor.id),
        creditor_tier=cast(CreditorTier, creditor.tier) if creditor.tier in CREDITOR_TIERS else None,
        debtor_tier=cast(DebtorTier, debtor.tier) if debtor.tier in DEBTOR_TIERS else None,
    )


def _graded(label: str, found: Sequence[StatementInForce]) -> Forbidden:
    """The label by these categories, which come gravest first."""
    severity = found[0].category.severity
    gravest = [item.citations for item in found if item.category.severity == severity]
    categories = dict.fromkeys(item.category.id for item in found)
    return Forbidden(label=label, categories=tuple(categories), severity=severity, citation=_cited(gravest))


def _merged(first: Sequence[Required], second: Sequence[Required]) -> list[Required]:
    """Both lists as one: the order of the first, and what only the second asks for after what precedes it there.

    What both ask for is due at the earlier moment and cites both.
    """
    merged = list(first)
    place = 0
    for item in second:
        index = next((i for i, known in enumerate(merged) if known.id == item.id), None)
        if index is None:
            merged.insert(place, item)
            place += 1
            continue
        known = merged[index]
        due = min(known.due, item.due, key=DUE.index)
        citation = {lang: _joined([known.citation[lang], item.citation[lang]], lang) for lang in LANGS}
        merged[index] = replace(known, due=due, citation=citation)
        place = index + 1
    return merged


def _cited(groups: Sequence[Sequence[Citation]]) -> Texts:
    cited = [citation for group in groups for citation in group]
    return {lang: _joined([citation.text(lang) for citation in cited], lang) for lang in LANGS}


def _joined(texts: Sequence[str], lang: str) -> str:
    return ("；" if lang == "zh" else "; ").join(dict.fromkeys(texts))
