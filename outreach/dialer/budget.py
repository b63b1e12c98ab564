"""The contact budget: charged before the dial, given back only on proof (I/O).

One book per person. It holds a counter for every rule that counts contacts and for everyone that rule counts by (a
party, a debt, an address label), in buckets of the person's local day. Channels, campaigns and workers share it. How
many contacts a rule permits is the rulebook's business; this book is the second witness beside the recorded attempts:
when the two disagree, somebody has tampered or failed, and the gate cannot tell.

An attempt keeps its own list of the units it took. Whether it still holds one follows from that list, from its outcome
and from whether the carrier proved that nothing was dialled; an outcome not known yet keeps every unit.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from outreach.db.repository import lock_debtor
from outreach.db.tables import Attempt, Budget
from policy.families.kind import BudgetSlot

_CHARGE = text(
    """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:counters AS text[]), CAST(:windows AS int[]), CAST(:limits AS int[]))
            AS asked (counter, window_days, most)
    ), used AS (
        SELECT asked.counter, asked.most, COALESCE(SUM(budget.charged - budget.released), 0) AS spent
        FROM asked LEFT JOIN budget ON budget.debtor_id = :debtor_id AND budget.counter = asked.counter
            AND budget.local_day > CAST(:day AS date) - asked.window_days
        GROUP BY asked.counter, asked.most
    )
    INSERT INTO budget (debtor_id, counter, local_day, charged)
    SELECT :debtor_id, counter, CAST(:day AS date), 1 FROM used
    WHERE NOT EXISTS (SELECT FROM used WHERE spent >= most) ORDER BY counter
    ON CONFLICT (debtor_id, counter, local_day) DO UPDATE SET charged = budget.charged + 1
    RETURNING counter, (SELECT spent + 1 FROM used WHERE used.counter = budget.counter) AS spent
    """
)
"""All counters or none. Days later than the charged one count too, so that a clock put back opens no window."""


@dataclass(frozen=True, kw_only=True, order=True)
class Unit:
    """One unit of one counter: `rule` counts `subject` and permits `limit` within `window_days` local days.

    `subject` is made of party words and labels of debts and addresses, never of a number, a mailbox or a name.
    `outcomes`: an attempt that ends with any other gives the unit back.
    """

    rule: str
    subject: str
    window_days: int
    limit: int
    outcomes: frozenset[str]

    @property
    def counter(self) -> str:
        """The name of the counter in the book: `cn-daily-call-cap:party=debtor`."""
        return f"{self.rule}:{self.subject}"

    def to_record(self) -> dict[str, Any]:
        """The unit as an attempt keeps it: plain JSON."""
        return {
            "counter": self.counter,
            "window_days": self.window_days,
            "limit": self.limit,
            "outcomes": sorted(self.outcomes),
        }


def units_of(slots: Iterable[BudgetSlot]) -> tuple[Unit, ...]:
    """One unit per counter, in the order of their names. A counter that two packs name is charged once, strictly."""
    found: dict[str, Unit] = {}
    for slot in slots:
        unit = Unit(
            rule=slot.rule,
            subject=slot.subject,
            window_days=slot.window_days,
            limit=slot.limit,
            outcomes=slot.counted_outcomes,
        )
        twin = found.get(unit.counter, unit)
        found[unit.counter] = replace(
            unit,
            window_days=max(unit.window_days, twin.window_days),
            limit=min(unit.limit, twin.limit),
            outcomes=unit.outcomes | twin.outcomes,
        )
    return tuple(found[counter] for counter in sorted(found))


def local_day(now: datetime, timezone: str) -> date:
    """The calendar day of `now` in the person's first zone; calendar-day counts use that one."""
    return now.astimezone(ZoneInfo(timezone)).date()


def charge(session: Session, debtor_id: int, day: date, units: Iterable[Unit]) -> dict[str, int] | None:
    """Take every unit for `day`, or none of them.

    Answers what each counter has spent within its window, this unit included; None when one of them is full. Takes the
    person's lock itself, so that no caller can pass a limit by forgetting it.
    """
    asked = tuple(units)
    if not asked:
        return {}
    lock_debtor(session, debtor_id)
    values = {
        "debtor_id": debtor_id,
        "day": day,
        "counters": [unit.counter for unit in asked],
        "windows": [unit.window_days for unit in asked],
        "limits": [unit.limit for unit in asked],
    }
    taken = {row.counter: int(row.spent) for row in session.execute(_CHARGE, values)}
    return taken or None


def spent(session: Session, debtor_id: int, day: date, units: Iterable[Unit]) -> dict[str, int]:
    """What each counter has spent within its window that ends on `day`, days after it included."""
    asked = tuple(units)
    since = _oldest(day, asked)
    book = _book(session, debtor_id, since)
    return {
        unit.counter: sum(
            number
            for (counter, bucket), number in book.items()
            if counter == unit.counter and bucket > day - timedelta(days=unit.window_days)
        )
        for unit in asked
    }


def held(attempt: Attempt) -> frozenset[str]:
    """Counters of which the attempt holds a unit now, by its own record."""
    if attempt.budget_released:
        return frozenset()
    outcome = attempt.outcome
    return frozenset(
        str(unit["counter"])
        for unit in attempt.budget_units
        if outcome is None or outcome in unit.get("outcomes", (outcome,))
    )


def settle(session: Session, attempt: Attempt, before: frozenset[str]) -> bool:
    """Bring the book to what the attempt holds now; `before`: what it held. True when a unit was given back.

    A late word may also make an attempt count again: its unit is then taken anew even where the counter is full, for
    the contact was made, and the book says so. The caller holds the person's lock.
    """
    now = held(attempt)
    _move(session, attempt, before - now, {"released": Budget.released + 1})
    _move(session, attempt, now - before, {"charged": Budget.charged + 1})
    return bool(before - now)


def release(session: Session, attempt: Attempt) -> bool:
    """Nothing was dialled: give back all it holds. False when it was never charged, or this was said before."""
    if attempt.budget_slot is None or attempt.budget_released:
        return False
    before = held(attempt)
    attempt.budget_released = True
    settle(session, attempt, before)
    return True


def agrees(session: Session, debtor_id: int, attempts: Iterable[Attempt], day: date, units: Iterable[Unit]) -> bool:
    """Whether the book and the person's recorded `attempts` tell the same numbers, as far back as a window reaches."""
    since = _oldest(day, units)
    recorded: Counter[tuple[str, date]] = Counter()
    for attempt in attempts:
        if attempt.budget_slot is not None and attempt.budget_day is not None and attempt.budget_day >= since:
            recorded.update((counter, attempt.budget_day) for counter in held(attempt))
    return recorded == Counter(_book(session, debtor_id, since))


def _oldest(day: date, units: Iterable[Unit]) -> date:
    return day - timedelta(days=max((unit.window_days for unit in units), default=1) - 1)


def _book(session: Session, debtor_id: int, since: date) -> Mapping[tuple[str, date], int]:
    """What is spent by counter and day, from `since` on."""
    rows = session.execute(
        select(Budget.counter, Budget.local_day, Budget.charged - Budget.released).where(
            Budget.debtor_id == debtor_id, Budget.local_day >= since
        )
    )
    return {(counter, bucket): number for counter, bucket, number in rows}


def _move(session: Session, attempt: Attempt, counters: frozenset[str], change: Mapping[str, Any]) -> None:
    if not counters:
        return
    session.execute(
        update(Budget)
        .where(
            Budget.debtor_id == attempt.debtor_id,
            Budget.counter.in_(sorted(counters)),
            Budget.local_day == attempt.budget_day,
        )
        .values(**change)
        .execution_options(synchronize_session=False)
    )
