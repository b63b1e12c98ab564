"""The rule families that stand alone; `any_of` joins several of them."""

from policy.conditions import RequiredConsent, Workplace
from policy.days import ClosedDays
from policy.frequency import CalendarCap, MinimumSpacing
from policy.holds import AgeFloor, FlagHold
from policy.hours import ClosedHours, QuietWindows
from policy.kind import Kind
from policy.once import OncePerPerson
from policy.parties import PartyLimit, Refusals

SIMPLE_KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        AgeFloor,
        CalendarCap,
        ClosedDays,
        ClosedHours,
        FlagHold,
        MinimumSpacing,
        OncePerPerson,
        PartyLimit,
        QuietWindows,
        Refusals,
        RequiredConsent,
        Workplace,
    )
}
