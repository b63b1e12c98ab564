"""Parameters of a rule as sentences for a person, in English or Chinese (pure).

One teller per rule family. What a teller does not know is told by name and value, so that no parameter stays unsaid.
"""

from collections.abc import Callable, Iterator, Mapping

from policy.telling import tell_people, tell_time
from policy.telling.tell import Parameters, rest

_Teller = Callable[[Parameters, str], Iterator[str]]


def plain(kind: str, parameters: Parameters, lang: str) -> tuple[str, ...]:
    """The sentences of a rule of that kind with these parameters (plain JSON values as the rulebook has them)."""
    known = _TELLERS.get(kind)
    if known is None:
        return rest(parameters, frozenset(), lang)
    tell, told = known
    return (*tell(parameters, lang), *rest(parameters, frozenset(told.split()), lang))


def told_kinds() -> frozenset[str]:
    """The rule families that have sentences of their own."""
    return frozenset(_TELLERS)


def _any_of(parameters: Parameters, lang: str) -> Iterator[str]:
    for part in parameters["any_of"]:
        yield from plain(part["kind"], part["parameters"], lang)


_TELLERS: Mapping[str, tuple[_Teller, str]] = {
    "age_floor": (tell_people.age_floor, "years birthday_included leap_birthday flags parties"),
    "any_of": (_any_of, "any_of"),
    "calendar_cap": (
        tell_time.calendar_cap,
        "limit days channels per counted except_consent places exempt_parties exempt_enquiries",
    ),
    "closed_days": (tell_time.closed_days, "days channels"),
    "closed_hours": (tell_time.closed_hours, "windows always"),
    "flag_hold": (tell_people.flag_hold, "flags parties channels"),
    "minimum_spacing": (tell_time.minimum_spacing, "gap_minutes channels per counted"),
    "once_per_person": (tell_people.once_per_person, "purposes parties counted"),
    "party_limit": (tell_people.party_limit, "allowed objection_flags while_under_age while_flagged outsiders"),
    "quiet_windows": (tell_time.quiet_windows, "channels one_reply"),
    "refusals": (tell_people.refusals, "flag_channels one_reply one_confirmation"),
    "required_consent": (tell_people.required_consent, "voices channels consent"),
    "workplace": (tell_people.workplace, "places parties flags channels mailboxes"),
}
"""Each family's teller and the parameters it tells."""
