"""The rule families that stand alone; `any_of` joins several of them."""

from policy.families.conditions import RequiredConsent, Workplace
from policy.families.days import ClosedDays
from policy.families.frequency import CalendarCap, MinimumSpacing
from policy.families.holds import AgeFloor, FlagHold
from policy.families.hours import ClosedHours, QuietWindows
from policy.families.kind import Kind
from policy.families.once import OncePerPerson
from policy.families.parties import PartyLimit, Refusals

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
