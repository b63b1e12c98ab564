"""Questions just inside and just outside the edges of a rule: how they are made and asked (pure).

Each is a complete scenario, answered by asking the rule itself, so an example never says what the engine does not do.
They illustrate a rule for people and tell two versions of it apart. Contacts and instants are invented, on a day of the
rule's own period; the conformance cases are elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from policy.facts import (
    DAY_SECS,
    Attempt,
    Channel,
    Consent,
    ConsentHolder,
    ConsentKind,
    DebtorFacts,
    Direction,
    Outcome,
    PastContact,
    Scenario,
)
from policy.families.kind import Case, Kind
from policy.telling.words import CHANNEL_ORDER, OUTCOME_ORDER, word
from policy.zones import find_zone

Parameters = Mapping[str, Any]
NOON = time(12, 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Where and when the invented contacts take place: an IANA zone, a day, and the debtor's region if it matters."""

    zone: str
    day: date
    region: str | None = None

    def at(self, secs: int, days: int = 0) -> datetime:
        """The instant at which the local clock reads `secs` after midnight, `days` after the setting's day."""
        zone = find_zone(self.zone)
        wall = datetime.combine(self.day, time()) + timedelta(days=days, seconds=secs)
        return wall.replace(tzinfo=zone or UTC).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """What is attempted, in words (`en`, `zh`), and the question itself."""

    text: Mapping[str, str]
    scenario: Scenario


def breached(content: Kind, scenario: Scenario) -> bool:
    """Whether the rule with this content speaks against the scenario."""
    zone = find_zone(scenario.debtor.timezones[0])
    moment = scenario.attempt.at.astimezone(UTC)
    zones = () if zone is None else (zone,)
    return content.judge(Case(scenario, moment, zones, tuple(moment.astimezone(one) for one in zones))) is not None


def question(setting: Setting, **attempt: Any) -> Scenario:
    """A plain call to the debtor at half past twelve; `attempt` replaces parts of it."""
    plain: dict[str, Any] = {"at": setting.at(secs_of(NOON)), "channel": "voice", "purpose": "collection"}
    plain |= {"debt": "D1", "party": "debtor", "address": "A1"} | attempt
    debtor = DebtorFacts(timezones=(setting.zone,), region=setting.region)
    return Scenario(pack="example", debtor=debtor, attempt=Attempt(**plain))


def clock(secs: int) -> str:
    """Seconds since midnight as HH:MM:SS."""
    secs %= DAY_SECS
    return f"{secs // 3600:02d}:{secs % 3600 // 60:02d}:{secs % 60:02d}"


def secs_of(moment: time) -> int:
    """Seconds since midnight of a wall time."""
    return moment.hour * 3600 + moment.minute * 60


def clock_secs(text: str) -> int:
    """Seconds since midnight of `HH:MM`; `24:00` is the end of the day."""
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def first(codes: list[str], order: tuple[str, ...]) -> str:
    """The first of some codes in the order of their vocabulary."""
    return next(code for code in order if code in codes)


def both(make: Callable[[str], str]) -> dict[str, str]:
    """A text in both languages."""
    return {"en": make("en"), "zh": make("zh")}


def by_word(channel: str, lang: str) -> str:
    """A channel in words."""
    return word("channel", channel, lang)


def consent(terms: Parameters, setting: Setting) -> Consent:
    """A consent that fits the terms, given the morning before and without a window."""
    holder = min(terms.get("given_to", ["collector"]))
    return Consent(
        kind=cast(ConsentKind, terms["kind"]), given_at=setting.at(9 * 3600, -1), given_to=cast(ConsentHolder, holder)
    )


def contacts(counted: Parameters, number: int, at: datetime, **more: Any) -> tuple[PastContact, ...]:
    """`number` contacts that a rule counts, twenty seconds apart from `at` on; `more` replaces parts of each."""
    channel = first(counted["channels"], CHANNEL_ORDER)
    plain: dict[str, Any] = {
        "channel": cast(Channel, channel),
        "direction": cast(Direction, max(counted["directions"])),
        "outcome": cast(Outcome, first(counted["outcomes"], OUTCOME_ORDER)),
        "debt": "D1",
        "party": "debtor",
        "address": "A1",
    }
    plain |= more
    return tuple(PastContact(at=at + timedelta(seconds=20 * index), **plain) for index in range(number))


def flagged(asked: Scenario, *flags: str) -> Scenario:
    """The question about a debtor of whom these facts are recorded."""
    return replace(asked, debtor=replace(asked.debtor, flags=frozenset(flags)))


def to_party(asked: Scenario, flag: str | None) -> Example:
    """The question with whom it reaches and what is recorded as its text."""
    attempt = asked.attempt

    def text(lang: str) -> str:
        fact = word("flag", flag, lang) if flag else ("nothing recorded" if lang == "en" else "无标记")
        who, by = word("party", attempt.party, lang), by_word(attempt.channel, lang)
        return f"{by} to the {who}: {fact}" if lang == "en" else f"对{who}的{by}：{fact}"

    return Example(text=both(text), scenario=flagged(asked, *([flag] if flag else [])))
