"""Who would be contacted, who would be skipped, and why, before anybody dials (I/O: reads only).

Every case and number is asked the gate's question by the gate's own functions, in one read-only transaction: nothing is
locked, charged or written. Later cases do not know of earlier ones: each is answered as if it alone were contacted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.tables import ContactPoint
from outreach.db.vault import Vault
from outreach.dialer import budget, facts
from outreach.dialer.budget import Unit
from outreach.dialer.facts import ContactRequest, address_label, rfc3339
from outreach.dialer.judgement import CHANNEL_KINDS, HouseFacts, conclude, full_counters, house_reasons, rule
from outreach.dialer.verdict import Verdict
from outreach.timemachine import portfolio
from outreach.timemachine.portfolio import OpenCase
from outreach.timemachine.replay import told
from policy.book import Rulebook

Advance = Callable[[int, int], None]
"""Called with cases done and cases in all."""

NO_POINT: Mapping[str, Any] = {
    "rule": "no-usable-address",
    "message": "the person has no active address for this channel",
    "citation": "Fairline house rule",
    "messages": {"en": "the person has no active address for this channel", "zh": "此人没有可用于该渠道的有效地址"},
    "citations": {"en": "Fairline house rule", "zh": "Fairline 内部规则"},
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The contact to look ahead at. `cases` empty: every case that is not settled or closed."""

    at: datetime
    channel: str = "voice"
    purpose: str = "collection"
    voice: str = "human"
    cases: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the gate would say to one case and number. `point` None: the person has no usable one."""

    case_id: int
    point: int | None
    decision: str
    reasons: tuple[Mapping[str, Any], ...]
    next_permitted_at: datetime | None

    @property
    def rules(self) -> tuple[str, ...]:
        """Sorted ids of every rule that skips it."""
        return tuple(sorted({str(reason["rule"]) for reason in self.reasons}))

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """As `--json` prints it: one line."""
        opens = self.next_permitted_at
        return {
            "case": self.case_id,
            "address": None if self.point is None else address_label(self.point),
            "decision": self.decision,
            "rules": list(self.rules),
            "reasons": [told(reason, lang) for reason in self.reasons],
            "next_permitted_at": None if opens is None else rfc3339(opens),
        }


@dataclass(kw_only=True)
class Totals:
    """Cases by whether any of their numbers may be reached, and numbers skipped by rule, with citation."""

    reachable: set[int] = field(default_factory=set)
    cases: set[int] = field(default_factory=set)
    decisions: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, forecast: Forecast) -> None:
        """Count one more."""
        self.cases.add(forecast.case_id)
        if forecast.decision == "permit":
            self.reachable.add(forecast.case_id)
        self.decisions[forecast.decision] += 1
        self.rules.update(forecast.rules)
        self.reasons.update({str(reason["rule"]): reason for reason in forecast.reasons})

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "cases": len(self.cases),
            "reachable": len(self.reachable),
            "skipped": len(self.cases) - len(self.reachable),
            "addresses": dict(sorted(self.decisions.items())),
            "rules": [
                {"rule": name, "addresses": number, "citation": told(self.reasons[name], lang)["citation"]}
                for name, number in sorted(self.rules.items(), key=lambda item: (-item[1], item[0]))
            ],
        }


def preflight(database: Database, rulebook: Rulebook, plan: Plan, advance: Advance | None = None) -> Iterator[Forecast]:
    """What the gate would say at `plan.at` if nothing happened until then, case by case.

    Writes nothing. Raises InputError input.unknown_case or input.case_finished for a case that is named.
    """
    with database.session() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(text("SET TRANSACTION READ ONLY"))
        total, done = portfolio.count(session, plan.cases), 0
        for chunk in portfolio.open_cases(session, plan.cases, plan.at):
            for found in chunk:
                yield from _forecasts(session, database.vault, rulebook, plan, found)
            done += len(chunk)
            if advance is not None:
                advance(done, total)


def _forecasts(session: Session, vault: Vault, rulebook: Rulebook, plan: Plan, found: OpenCase) -> Iterator[Forecast]:
    kind = CHANNEL_KINDS.get(plan.channel)
    usable = [point for point in found.points if point.kind == kind and point.state == "active"]
    if not usable:
        yield Forecast(case_id=found.case.id, point=None, decision="deny", reasons=(NO_POINT,), next_permitted_at=None)
    for point in usable:
        verdict = _verdict(session, vault, rulebook, plan, (found, point))
        yield Forecast(
            case_id=found.case.id,
            point=point.id,
            decision=verdict.decision,
            reasons=tuple(verdict.record["reasons"]),
            next_permitted_at=verdict.next_permitted_at,
        )


def _verdict(
    session: Session, vault: Vault, rulebook: Rulebook, plan: Plan, of: tuple[OpenCase, ContactPoint]
) -> Verdict:
    """As `outreach.dialer.gate.Gate` decides, without its lock and its charge."""
    found, point = of
    situation = found.at(point)
    request = ContactRequest(
        case_id=found.case.id,
        contact_point_id=point.id,
        channel=plan.channel,
        purpose=plan.purpose,
        voice=plan.voice,
    )
    scenario: dict[str, Any] = {}
    if found.debtor.data_key is not None:
        scenario = facts.question(vault, situation, found.record, request, plan.at)
    ruled = rule(facts.packs_for(situation), scenario, rulebook, f"case-{found.case.id}")
    day = facts.person_day(situation, plan.at)
    book = "no_day" if day is None else _book(session, found, day, ruled.units)
    house = HouseFacts.of(situation, plan.channel, in_flight=facts.in_flight(found.record), budget=book)
    verdict = conclude(ruled, house_reasons(house), rulebook, plan.at)
    if verdict.decision != "permit" or day is None or not found.booked:
        return verdict
    full = full_counters(ruled.units, _spent(session, found, day, ruled.units), day.isoformat())
    return conclude(ruled, house_reasons(replace(house, full=full)), rulebook, plan.at) if full else verdict


def _book(session: Session, found: OpenCase, day: date, units: Sequence[Unit]) -> str:
    if not found.booked:
        return "agrees"
    charged = [*found.record.attempts, *found.void]
    return "agrees" if budget.agrees(session, found.debtor.id, charged, day, units) else "mismatch"


def _spent(session: Session, found: OpenCase, day: date, units: Sequence[Unit]) -> dict[str, int]:
    """What each counter would hold once the gate has given back what was never dialled."""
    spent = budget.spent(session, found.debtor.id, day, units)
    for unit in units:
        for attempt in found.void:
            oldest = day.toordinal() - unit.window_days
            if attempt.budget_day is not None and attempt.budget_day.toordinal() > oldest:
                spent[unit.counter] -= unit.counter in budget.held(attempt)
    return spent
