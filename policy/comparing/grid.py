"""Two versions of a rule asked the same questions: edges of both, and a fixed grid of plain contacts (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast, get_args

from policy.facts import CONSENT_KINDS, FLAGS, PURPOSES, ConsentHolder, Scenario
from policy.families.kind import Kind
from policy.telling.boundary import Setting, breached, consent, contacts, flagged, question
from policy.telling.edges import examples
from policy.telling.words import CHANNEL_ORDER, OUTCOME_ORDER, PARTY_ORDER

Edges = Sequence[tuple[str, Mapping[str, Any]]]


def verdicts(old: Kind, new: Kind, edges: Edges, settings: Iterable[Setting]) -> Iterator[tuple[bool, bool]]:
    """For every question whether the old and whether the new version refuses it."""
    for setting in settings:
        for kind, parameters in edges:
            for example in examples(kind, parameters, setting):
                yield breached(old, example.scenario), breached(new, example.scenario)
        for scenario in grid(setting):
            yield breached(old, scenario), breached(new, scenario)


def grid(setting: Setting) -> Iterator[Scenario]:
    """Hours of a day by channel; parties by purpose; flags; places and voices; histories; consents; ages; regions."""
    yield from _hours(setting)
    for party in PARTY_ORDER:
        for purpose in sorted(PURPOSES):
            yield question(setting, party=party, purpose=purpose)
    for flag in sorted(FLAGS):
        for channel in CHANNEL_ORDER:
            for party in PARTY_ORDER:
                yield flagged(question(setting, channel=channel, party=party), flag)
        yield flagged(question(setting, place="work"), flag)
    for channel in CHANNEL_ORDER:
        yield question(setting, channel=channel, place="work")
        yield question(setting, channel=channel, voice="artificial")
    yield from _histories(setting)
    yield from _persons(setting)
    elsewhere = replace(setting, region=None)
    yield from (question(elsewhere, channel=channel) for channel in CHANNEL_ORDER)


def _hours(setting: Setting) -> Iterator[Scenario]:
    for channel in CHANNEL_ORDER:
        for half_hour in range(48):
            for secs in (half_hour * 1800 - 1, half_hour * 1800):
                yield question(setting, at=setting.at(secs % 86_400), channel=channel)


def _histories(setting: Setting) -> Iterator[Scenario]:
    for channel in CHANNEL_ORDER:
        for outcome in OUTCOME_ORDER:
            counted = {"channels": [channel], "directions": ["outbound"], "outcomes": [outcome]}
            for number in (1, 2, 3, 4, 5, 6, 7, 8, 11):
                for ago in (0, 1, 6, 7, 29, 30):
                    asked = question(setting, at=setting.at(17 * 3600), channel=channel)
                    past = contacts(counted, number, setting.at(8 * 3600, -ago))
                    yield replace(asked, history=past)
        for minutes in (1, 15, 29, 30, 59, 60, 179, 180):
            counted = {"channels": [channel], "directions": ["outbound"], "outcomes": ["no_answer"]}
            asked = question(setting, channel=channel)
            yield replace(asked, history=contacts(counted, 1, asked.attempt.at - timedelta(minutes=minutes)))


def _persons(setting: Setting) -> Iterator[Scenario]:
    for years in (15, 16, 17, 18, 19, 20, 21):
        for party in PARTY_ORDER:
            asked = question(setting, party=party)
            born = setting.day.replace(year=setting.day.year - years, day=min(setting.day.day, 28))
            yield replace(asked, debtor=replace(asked.debtor, birth_date=born))
    for kind in sorted(CONSENT_KINDS):
        for holder in get_args(ConsentHolder):
            agreed = consent({"kind": kind, "given_to": [cast(ConsentHolder, holder)]}, setting)
            for voice in ("human", "artificial"):
                asked = question(setting, voice=voice)
                yield replace(asked, debtor=replace(asked.debtor, consents=(agreed,)))
