"""Is one rule at least as strict as another, clause by clause? The answer names the first clause that is looser (pure).

*At least as strict* means: whenever the other denies, this one denies too. It is decided on parameters alone, field by
field; a family or field that is not in the tables must be equal, so that what is not understood is never taken for a
tightening.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from policy.facts import DAY_SECS, PURPOSES
from policy.families.compound import AnyOf, InRegions
from policy.families.conditions import RequiredConsent, Workplace
from policy.families.consent import ConsentTerms
from policy.families.days import ClosedDays
from policy.families.frequency import CalendarCap, Counted, MinimumSpacing
from policy.families.holds import AgeFloor, FlagHold
from policy.families.hours import ClosedHours, ClosedWindow, QuietWindows, clock_text
from policy.families.kind import Kind
from policy.families.once import OncePerPerson
from policy.families.parties import PartyLimit, Refusals

Path = tuple[str | int, ...]
Compare = Callable[[Any, Any], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """A clause that is looser: where it stands below `parameters`, what it says, and what the other rule says."""

    path: Path
    own: str
    law: str

    @property
    def name(self) -> str:
        """The clause as the file names it, such as `counted.channels`."""
        shown = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path]
        return "".join(shown).lstrip(".")


def looser_than(own: Kind, law: Kind) -> Clause | None:
    """The first clause of `own` that is looser than `law`, or None when `own` is at least as strict.

    Of a rule that joins several prohibitions each must be matched by one of the other's; a rule that speaks in some
    regions only matches one that speaks in no others.
    """
    mine = list(_parts(own, ()))
    for wanted in _parts(law, ()):
        found = [_compared(part, wanted) for part in mine]
        if None in found:
            continue
        same = [clause for part, clause in zip(mine, found, strict=True) if type(part.kind) is type(wanted.kind)]
        named = ", ".join(part.kind.name for part in mine)
        return same[0] if same else Clause(path=("kind",), own=named, law=wanted.kind.name)
    return None


def is_looser(own: Kind, law: Kind) -> bool:
    """Whether `own` adds nothing beside `law` and says less: the law is at least as strict, but not the other way."""
    return looser_than(law, own) is None and looser_than(own, law) is not None


def compared_fields(family: type[Kind]) -> frozenset[str]:
    """The fields of a family that are compared by more than equality; any other must be equal."""
    return frozenset(_TABLES.get(family, {}))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One prohibition of a rule; `regions` None: it speaks everywhere."""

    kind: Kind
    regions: frozenset[str] | None
    path: Path


def _parts(kind: Kind, path: Path, regions: frozenset[str] | None = None) -> Iterator[_Part]:
    if isinstance(kind, InRegions):
        yield from _parts(kind.inner, path, kind.regions)
    elif isinstance(kind, AnyOf):
        for index, part in enumerate(kind.parts):
            yield from _parts(part.kind, (*path, "any_of", index, "parameters"), regions)
    else:
        yield _Part(kind=kind, regions=regions, path=path)


def _compared(own: _Part, law: _Part) -> Clause | None:
    if type(own.kind) is not type(law.kind):
        return Clause(path=own.path, own=own.kind.name, law=law.kind.name)
    if own.regions is not None and (law.regions is None or not own.regions >= law.regions):
        return Clause(path=("regions",), own=shown(own.regions), law=shown(law.regions or "everywhere"))
    if isinstance(own.kind, ClosedHours) and isinstance(law.kind, ClosedHours):
        return _hours(own.kind, law.kind, own.path)
    return next(_fields(own.kind, law.kind, _TABLES.get(type(own.kind), {}), own.path), None)


def _fields(own: Any, law: Any, table: Mapping[str, Compare], path: Path = ()) -> Iterator[Clause]:
    """Every field in which `own` is looser; a field that is not in the table must be equal."""
    for field in (field for field in fields(own) if field.compare):
        mine, theirs = getattr(own, field.name), getattr(law, field.name)
        here = (*path, _NAMES.get((type(own), field.name), field.name))
        if isinstance(mine, Counted) and isinstance(theirs, Counted):
            yield from _fields(mine, theirs, _COUNTED, here)
        elif not (table[field.name](mine, theirs) if field.name in table else mine == theirs):
            yield Clause(path=here, own=shown(mine), law=shown(theirs))


def _hours(own: ClosedHours, law: ClosedHours, path: Path) -> Clause | None:
    """The first channel that is open, or may be opened, when the other rule closes it."""
    if not set(own.always) >= set(law.always):
        names = [shown([zone.key for zone in rule.always]) for rule in (own, law)]
        return Clause(path=(*path, "always"), own=names[0], law=names[1])
    for theirs in law.windows:
        for channel in sorted(theirs.channels):
            index, mine = next((at, one) for at, one in enumerate(own.windows) if channel in one.channels)
            here = (*path, "windows", index)
            if not _encloses(mine, theirs):
                return Clause(path=here, own=f"{channel} {_span(mine)}", law=f"{channel} {_span(theirs)}")
            for clause in _fields(mine, theirs, _WINDOW, here):
                return clause
    return None


def _encloses(own: ClosedWindow, law: ClosedWindow) -> bool:
    """Whether every closed second of `law` is closed in `own`; both may run past midnight."""
    lead = (law.closed_from_secs - own.closed_from_secs) % DAY_SECS
    return _length(own) == DAY_SECS or lead + _length(law) <= _length(own)


def _length(window: ClosedWindow) -> int:
    return (window.closed_until_secs - window.closed_from_secs) % DAY_SECS or DAY_SECS


def _span(window: ClosedWindow) -> str:
    return f"closed {clock_text(window.closed_from_secs)}-{clock_text(window.closed_until_secs)}"


def shown(value: Any) -> str:
    """A parameter as text for a person: `channels` as words, a consent as its terms."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset | list | tuple):
        return f"[{', '.join(sorted(shown(item) for item in value))}]"
    if isinstance(value, ConsentTerms | Counted):
        return shown(value.plain())
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {shown(item)}' for key, item in value.items())}}}"
    return str(value)


def _opens_no_more(own: Any, law: Any) -> bool:
    """No consent opens the rule, or only consents that open the other one too, and for no longer."""
    return own is None or (law is not None and next(_fields(own, law, _CONSENT), None) is None)


def _no_exception(own: Any, law: Any) -> bool:
    """No exception, or the same one: of an answer that excuses itself it cannot be told which of two is narrower."""
    return own is None or bool(own == law)


def _any(_own: Any, _law: Any) -> bool:
    return True


def _allows_no_more(own: Any, law: Any) -> bool:
    return all(_parties(own, purpose) <= _parties(law, purpose) for purpose in PURPOSES)


def _parties(allowed: Iterable[tuple[frozenset[str], frozenset[str]]], purpose: str) -> frozenset[str]:
    return frozenset().union(*(parties for purposes, parties in allowed if purpose in purposes))


def _refuses_no_less(own: Any, law: Any) -> bool:
    mine = dict(own)
    return all(mine.get(flag, frozenset()) >= channels for flag, channels in law)


_CONSENT: Mapping[str, Compare] = {
    "terms": _opens_no_more,
    "given_to": operator.le,
    "parties": operator.le,
    "given_in_open_hours": operator.ge,
    "days": operator.le,
    "ends_with_conversation": operator.ge,
    "uncounted": operator.le,
}
_COUNTED: Mapping[str, Compare] = dict.fromkeys(("channels", "directions", "outcomes"), operator.ge)
_WINDOW: Mapping[str, Compare] = {
    **dict.fromkeys(("channels", "closed_from_secs", "closed_until_secs"), _any),  # compared channel by channel
    "opened_by": _opens_no_more,
}
_TABLES: Mapping[type[Kind], Mapping[str, Compare]] = {
    AgeFloor: {
        "years": operator.ge,
        "birthday_included": operator.ge,
        "leap_birthday": lambda own, law: own == law or own == "march_1",
        "flags": operator.ge,
        "parties": operator.ge,
    },
    CalendarCap: {
        "limit": operator.le,
        "days": operator.ge,
        "channels": operator.ge,
        "per": operator.le,
        "except_consent": _opens_no_more,
        "places": operator.ge,
        "exempt_parties": operator.le,
        "exempt_enquiries": _no_exception,
    },
    ClosedDays: {"days": operator.ge, "channels": operator.ge},
    FlagHold: {"flags": operator.ge, "parties": operator.ge, "channels": operator.ge},
    MinimumSpacing: {"gap_secs": operator.ge, "channels": operator.ge, "per": operator.le},
    PartyLimit: {
        "allowed": _allows_no_more,
        "flags": operator.ge,
        "while_under_age": _no_exception,
        "outsiders": _no_exception,
        "while_flagged": lambda own, law: not own or own == law,
    },
    QuietWindows: {"channels": operator.ge, "one_reply": _no_exception},
    OncePerPerson: {"purposes": operator.ge, "parties": operator.ge},
    RequiredConsent: {"voices": operator.ge, "channels": operator.ge, "consent": _opens_no_more},
    Workplace: dict.fromkeys(("places", "parties", "flags", "channels", "mailboxes"), operator.ge),
    Refusals: {"flag_channels": _refuses_no_less, "one_reply": _no_exception, "one_confirmation": _no_exception},
}
_NAMES: Mapping[tuple[type, str], str] = {
    (MinimumSpacing, "gap_secs"): "gap_minutes",
    (PartyLimit, "flags"): "objection_flags",
}
