"""Deciding on one question: what the gate, a preflight and a later replay all do, and do the same way. Pure.

A `Question` is everything a decision is made of. Its document is sealed beside the attempt, so that what was decided
can be decided again without the database as it then was.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from outreach.dialer import budget
from outreach.dialer.budget import Unit
from outreach.dialer.facts import Situation
from outreach.dialer.verdict import Verdict, combine, house_reason
from outreach.ledger.entry import document
from policy.book import Rulebook
from policy.errors import PolicyError
from policy.evaluate import budget_slots, evaluate
from policy.families.kind import BudgetSlot
from policy.ruling import Ruling
from policy.scenario import parse_scenario

CHANNEL_KINDS = {"voice": "phone", "sms": "phone"}


@dataclass(frozen=True, kw_only=True)
class HouseFacts:
    """What the house looks at beside the law. `plan_open` None: no plan was named.

    `budget`: `agrees`, `mismatch` (the book and the recorded attempts differ) or `no_day` (no zone, so no calendar
    day). `full`: counters that hold as many as they may although the rulings permit, each with its numbers.
    """

    channel: str
    erased: bool
    case_state: str
    point_state: str
    point_kind: str
    in_flight: bool
    plan_open: bool | None
    budget: str
    full: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(
        cls, situation: Situation, channel: str, *, in_flight: bool, budget: str, plan_open: bool | None = None
    ) -> "HouseFacts":
        """What these rows say, and what only the reader can: contacts under way, the budget book, the plan."""
        return cls(
            channel=channel,
            erased=situation.debtor.data_key is None,
            case_state=situation.case.state,
            point_state=situation.point.state,
            point_kind=situation.point.kind,
            in_flight=in_flight,
            plan_open=plan_open,
            budget=budget,
        )


@dataclass(frozen=True, kw_only=True)
class Question:
    """May this contact be made? `scenario` is in the published form without `id` and `pack`; empty for an erased
    person. `packs` must all permit. `house` None: recorded before the house's own facts were kept.
    """

    packs: tuple[str, ...]
    scenario: dict[str, Any]
    house: HouseFacts | None

    def document(self) -> bytes:
        """Canonical bytes, as they are sealed and committed to."""
        house = {} if self.house is None else {"house": asdict(self.house)}
        return document({"packs": list(self.packs), "scenario": self.scenario, **house})

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Question":
        """The question of a sealed document. Raises KeyError or TypeError when it is none."""
        house = fields.get("house")
        if house is not None:
            house = HouseFacts(**{**house, "full": tuple(house["full"])})
        return cls(packs=tuple(fields["packs"]), scenario=fields["scenario"], house=house)


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What the law says: a ruling for each pack, the counters a permit would be charged to, and the packs that could
    not be asked.
    """

    rulings: tuple[Ruling, ...]
    units: tuple[Unit, ...]
    untold: tuple[dict[str, Any], ...]


def rule(packs: Sequence[str], scenario: dict[str, Any], rulebook: Rulebook, attempt: str) -> Ruled:
    """Ask every pack. `attempt` only names the question in its rulings. An empty scenario asks nothing."""
    rulings: list[Ruling] = []
    slots: list[BudgetSlot] = []
    untold: list[dict[str, Any]] = []
    for pack in packs if scenario else ():
        named = {"id": f"{pack.split('-', maxsplit=1)[0]}-{attempt}", "pack": pack, **scenario}
        try:
            asked = parse_scenario(named)
        except PolicyError as error:
            untold.append(house_reason("house-cannot-tell", pack=pack, code=error.code))
        else:
            rulings.append(evaluate(asked, rulebook))
            slots.extend(budget_slots(asked, rulebook))
    return Ruled(rulings=tuple(rulings), units=budget.units_of(slots), untold=tuple(untold))


def conclude(ruled: Ruled, house: Sequence[dict[str, Any]], rulebook: Rulebook, now: datetime) -> Verdict:
    """The law and the house in one verdict."""
    return combine(ruled.rulings, [*house, *ruled.untold], rulebook.digest, now)


def judge(
    question: Question, rulebook: Rulebook, attempt: str, now: datetime, *, also: Sequence[dict[str, Any]] = ()
) -> Verdict:
    """The verdict on a whole question. `also`: reasons of the house that its own facts do not tell."""
    house = [] if question.house is None else house_reasons(question.house)
    ruled = rule(question.packs, question.scenario, rulebook, attempt)
    return conclude(ruled, [*house, *also], rulebook, now)


def house_reasons(facts: HouseFacts) -> list[dict[str, Any]]:
    """What the house has against the contact, whatever the law says."""
    found: list[dict[str, Any]] = []
    if facts.erased:
        found.append(house_reason("house-erased"))
    if facts.case_state in {"settled", "closed"}:
        found.append(house_reason("house-case-closed", state=facts.case_state))
    if facts.case_state == "on_hold":
        found.append(house_reason("house-case-on-hold"))
    if facts.point_state == "retired":
        found.append(house_reason("house-contact-point-retired"))
    if CHANNEL_KINDS.get(facts.channel) != facts.point_kind:
        found.append(house_reason("house-wrong-channel", channel=facts.channel, kind=facts.point_kind))
    if facts.in_flight:
        found.append(house_reason("house-in-flight"))
    if facts.plan_open is False:
        found.append(house_reason("house-plan-spent"))
    if facts.budget == "no_day":
        found.append(house_reason("house-cannot-tell", missing="time zone"))
    if facts.budget == "mismatch":
        found.append(house_reason("house-budget-mismatch"))
    return found + [house_reason("house-budget-full", **counter) for counter in facts.full]


def full_counters(units: Sequence[Unit], spent: dict[str, int], local_day: str) -> tuple[dict[str, Any], ...]:
    """The counters that hold as many as they may, each with its numbers."""
    return tuple(
        {
            "limited_by": unit.rule,
            "subject": unit.subject,
            "used": spent[unit.counter],
            "limit": unit.limit,
            "window_days": unit.window_days,
            "local_day": local_day,
        }
        for unit in units
        if spent[unit.counter] >= unit.limit
    )
