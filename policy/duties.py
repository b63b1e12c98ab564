"""What other rooms read from a pack on a given day: duties, disclosures in order, forbidden statements (pure).

The day is a day on the pack's legal clock. Entries not in force on that day are left out; asking for an unknown pack,
or for one duty that is not in force, raises `PolicyError` (`policy.unknown_pack`, `policy.not_in_force`): silence must
not read as "nothing to do".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from policy.book import SEVERITIES, Citation, Disclosure, Duty, Entry, Pack, Rulebook, StatementCategory
from policy.dated import Dated, InForce
from policy.errors import PolicyError
from policy.facts import NO_TERMS, Terms

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyInForce:
    """A duty with its parameters of the day, e.g. `default_years` of retention."""

    duty: Duty
    parameters: Mapping[str, Any]
    citations: tuple[Citation, ...]
    last_confirmed: date


@dataclass(frozen=True, kw_only=True, slots=True)
class DisclosureInForce:
    """A statement that must be made, in its place in the order. `due`: from when on in a call, one of `DUE`."""

    disclosure: Disclosure
    citations: tuple[Citation, ...]
    due: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementInForce:
    """A forbidden category with the finding labels that show it."""

    category: StatementCategory
    citations: tuple[Citation, ...]


def find_pack(rulebook: Rulebook, pack_id: str, terms: Terms = NO_TERMS) -> Pack:
    """The pack with the overlays for these terms, or `PolicyError` (`policy.unknown_pack`)."""
    pack = rulebook.law(pack_id, terms)
    if pack is None:
        known = ", ".join(sorted(rulebook.packs))
        raise PolicyError("policy.unknown_pack", f"no pack `{pack_id}` is loaded; loaded: {known}")
    return pack


def duties(rulebook: Rulebook, pack_id: str, day: date, terms: Terms = NO_TERMS) -> tuple[DutyInForce, ...]:
    """Every duty in force on `day`, by id, as long as overlays make it. Raises `PolicyError`."""
    found = []
    for duty in find_pack(rulebook, pack_id, terms).duties:
        entry = _in_force(duty.values, day)
        if entry is not None:
            found.append(_duty(duty, entry))
    return tuple(found)


def duty(rulebook: Rulebook, pack_id: str, duty_id: str, day: date, terms: Terms = NO_TERMS) -> DutyInForce:
    """One duty. Raises `PolicyError` when the pack has none of that id, or it is not in force on `day`."""
    for candidate in duties(rulebook, pack_id, day, terms):
        if candidate.duty.id == duty_id:
            return candidate
    raise PolicyError("policy.not_in_force", f"pack `{pack_id}` has no duty `{duty_id}` in force on {day.isoformat()}")


def required_disclosures(
    rulebook: Rulebook, pack_id: str, day: date, *, artificial_voice: bool
) -> tuple[DisclosureInForce, ...]:
    """What must be said in a call on `day`, in order; a machine voice has to say more. Raises `PolicyError`."""
    found = []
    for disclosure in find_pack(rulebook, pack_id).disclosures:
        entry = _in_force(disclosure.values, day)
        if entry is not None and (artificial_voice or not disclosure.only_if_artificial):
            found.append(DisclosureInForce(disclosure=disclosure, citations=entry.citations, due=entry.content))
    return tuple(found)


def prohibited_statements(
    rulebook: Rulebook, pack_id: str, day: date, terms: Terms = NO_TERMS
) -> tuple[StatementInForce, ...]:
    """Every category forbidden on `day`, by id, by law or overlay. Raises `PolicyError`."""
    found = []
    for category in find_pack(rulebook, pack_id, terms).statements:
        entry = _in_force(category.values, day)
        if entry is not None:
            found.append(StatementInForce(category=category, citations=entry.citations))
    return tuple(found)


def statements_for_label(
    rulebook: Rulebook, pack_id: str, label: str, day: date, terms: Terms = NO_TERMS
) -> tuple[StatementInForce, ...]:
    """The categories that a finding with this label may show, gravest first. Raises `PolicyError`."""
    found = prohibited_statements(rulebook, pack_id, day, terms)
    hits = [item for item in found if label in item.category.labels]
    return tuple(sorted(hits, key=lambda item: (-SEVERITIES.index(item.category.severity), item.category.id)))


def _duty(duty: Duty, entry: Entry[None]) -> DutyInForce:
    return DutyInForce(
        duty=duty, parameters=entry.parameters, citations=entry.citations, last_confirmed=entry.last_confirmed
    )


def _in_force(values: Dated[Entry[T]], day: date) -> Entry[T] | None:
    answer = values.on(day)
    return answer.value if isinstance(answer, InForce) else None
