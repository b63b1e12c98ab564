"""Duties by what they are about, the same words in every pack, and typed readings of those that other rooms act on
(pure).

A duty's id is the short name of its pack and its subject: `xx-retention` is about `retention`. Every pack has a duty on
every one of `SUBJECTS`, so that a room can ask for one without knowing any jurisdiction.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policy.book import Citation, Rulebook
from policy.duties import DutyInForce, duties
from policy.errors import PolicyError
from policy.facts import NO_TERMS, Terms

SUBJECTS: frozenset[str] = frozenset(
    {
        "ai-voice-label",
        "debtor-fees",
        "evidence-tamper-proof",
        "identify-self",
        "min-data",
        "outsourcing-notice",
        "record-all-calls",
        "recording-notice",
        "retention",
        "stop-rules",
        "third-party-care",
        "training",
        "voicemail-content",
    }
)
LONGER_WHILE: frozenset[str] = frozenset({"complaint_open", "suit_open"})
"""Circumstances in which records outlive their period."""


def subject_of(duty_id: str) -> str:
    """What a duty is about: its id without the short name of the pack."""
    return duty_id.partition("-")[2]


def duty_about(rulebook: Rulebook, pack_id: str, subject: str, day: date, terms: Terms = NO_TERMS) -> DutyInForce:
    """The pack's duty on `subject`, as overlays for `terms` lengthen it. Raises `PolicyError` (`policy.unknown_pack`,
    `policy.not_in_force`).
    """
    for found in duties(rulebook, pack_id, day, terms):
        if subject_of(found.duty.id) == subject:
            return found
    raise PolicyError(
        "policy.not_in_force", f"pack `{pack_id}` has no duty about `{subject}` in force on {day.isoformat()}"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long recordings and records are kept, in months. `minimum_months` 0: no text fixes a minimum.

    `counted_from`: what the period of a kind of record runs from, where the law says so (else from the record itself).
    """

    duty_id: str
    minimum_months: int
    keep_months: int
    longer_while: frozenset[str]
    counted_from: Mapping[str, str]
    citations: tuple[Citation, ...]

    def kept_until(self, start: date) -> date:
        """The first day on which a record that runs from `start` need not be kept, open circumstances aside.

        Where the last month lacks the day, the first of the next month: rather one day longer than one too short.
        """
        months = start.year * 12 + start.month - 1 + self.keep_months
        year, month = divmod(months, 12)
        if start.day <= calendar.monthrange(year, month + 1)[1]:
            return date(year, month + 1, start.day)
        return date(year, month + 2, 1)


def retention(rulebook: Rulebook, pack_id: str, day: date, terms: Terms = NO_TERMS) -> Retention:
    """The pack's retention in force on `day`. Raises `PolicyError` (also `policy.bad_parameters` for a shape the ledger
    could not act on).
    """
    found = duty_about(rulebook, pack_id, "retention", day, terms)
    parameters = dict(found.parameters)
    years = _whole(found, parameters.pop("minimum_years", 0))
    minimum = 12 * years + _whole(found, parameters.pop("minimum_months", 0))
    keep = 12 * _whole(found, parameters.pop("default_years", 0))
    longer = frozenset(parameters.pop("longer_while", ()))
    counted_from = parameters.pop("counted_from", {})
    if parameters or keep == 0 or keep < minimum or not longer <= LONGER_WHILE or not isinstance(counted_from, dict):
        raise _bad(found)
    return Retention(
        duty_id=found.duty.id,
        minimum_months=minimum,
        keep_months=keep,
        longer_while=longer,
        counted_from=counted_from,
        citations=found.citations,
    )


def debtors_may_be_charged(rulebook: Rulebook, pack_id: str, day: date) -> bool:
    """Whether the pack lets a debtor be charged for a service at all; the price is accepted first wherever it does.
    Raises `PolicyError`.
    """
    found = duty_about(rulebook, pack_id, "debtor-fees", day)
    allowed = found.parameters.get("charging_debtors_allowed")
    if not isinstance(allowed, bool) or found.parameters.get("price_accepted_first") is not True:
        raise _bad(found)
    return allowed


def _whole(found: DutyInForce, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _bad(found)
    return value


def _bad(found: DutyInForce) -> PolicyError:
    return PolicyError("policy.bad_parameters", f"the parameters of duty `{found.duty.id}` cannot be acted on")
