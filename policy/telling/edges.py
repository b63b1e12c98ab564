"""The edges of a rule as questions, by family (pure)."""

from collections.abc import Callable, Iterator, Mapping

from policy.telling import edges_people, edges_time
from policy.telling.boundary import Example, Parameters, Setting

_Maker = Callable[[Parameters, Setting], Iterator[Example]]


def examples(kind: str, parameters: Parameters, setting: Setting) -> tuple[Example, ...]:
    """The edges of a rule of that kind with these parameters; none for a family without edges of its own."""
    maker = _MAKERS.get(kind)
    texts: dict[str, Example] = {}
    for example in () if maker is None else maker(parameters, setting):
        texts.setdefault(example.text["en"], example)
    return tuple(texts.values())


def edged_kinds() -> frozenset[str]:
    """The rule families that have edges of their own."""
    return frozenset(_MAKERS)


def _any_of(parameters: Parameters, setting: Setting) -> Iterator[Example]:
    for part in parameters["any_of"]:
        yield from examples(part["kind"], part["parameters"], setting)


_MAKERS: Mapping[str, _Maker] = {
    "age_floor": edges_people.age_floor,
    "any_of": _any_of,
    "calendar_cap": edges_time.calendar_cap,
    "closed_days": edges_time.closed_days,
    "closed_hours": edges_time.closed_hours,
    "flag_hold": edges_people.flag_hold,
    "minimum_spacing": edges_time.minimum_spacing,
    "once_per_person": edges_people.once_per_person,
    "party_limit": edges_people.party_limit,
    "quiet_windows": edges_time.quiet_windows,
    "refusals": edges_people.refusals,
    "required_consent": edges_people.required_consent,
    "workplace": edges_people.workplace,
}
