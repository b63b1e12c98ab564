"""Random questions under every loaded pack, and random overlays, for properties that must hold for all of them."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, cast

import yaml

from policy.book import Rule, Rulebook
from policy.errors import RulebookError
from policy.facts import (
    CHANNELS,
    CONSENT_KINDS,
    CREDITOR_TIERS,
    DAY_NAMES,
    DEBTOR_TIERS,
    DIRECTIONS,
    FLAGS,
    GRADES,
    OUTCOMES,
    PARTIES,
    PLACES,
    PURPOSES,
    VOICES,
    CreditorTier,
    DebtorTier,
    Grade,
    Scenario,
    Terms,
)
from policy.overlays.schema import OverlayText, lay_over
from policy.scenario import parse_scenario

HOMES: Mapping[str, tuple[tuple[str, ...], tuple[str | None, ...]]] = {
    "CN": (("Asia/Shanghai", "Asia/Urumqi"), ("CN-31", "CN", None)),
    "US": (("America/New_York", "America/Los_Angeles", "America/Phoenix"), ("US-MA", "US-CA", "US", None)),
    "GB": (("Europe/London",), ("GB", "GB-SCT", None)),
    "IN": (("Asia/Kolkata",), ("IN", "IN-MH", None)),
}
"""Zones and regions in which debtors of a jurisdiction are likely to be."""
ELSEWHERE = ("Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana")
START = datetime(2026, 2, 1, tzinfo=UTC)
SPAN_SECS = 280 * 86_400
SOURCES = [
    {
        "id": "own",
        "instrument": "contract",
        "title": {"en": "Own", "zh": "自有"},
        "short": {"en": "own", "zh": "自有"},
        "link": "docs/rulebook.md",
    }
]
REFUSALS = frozenset({"overlay.no_effect", "rulebook.bad_value"})
"""What may be wrong with a random overlay: it says less than the law, or closes from a time until the same time."""
WORDS: Mapping[str, Sequence[str]] = {
    "channels": sorted(CHANNELS),
    "mailboxes": sorted(CHANNELS),
    "parties": sorted(PARTIES),
    "exempt_parties": sorted(PARTIES),
    "flags": sorted(FLAGS),
    "objection_flags": sorted(FLAGS),
    "outcomes": sorted(OUTCOMES),
    "directions": sorted(DIRECTIONS),
    "purposes": sorted(PURPOSES),
    "places": sorted(PLACES),
    "voices": sorted(VOICES),
    "per": ("party", "debt", "address"),
    "days": DAY_NAMES,
    "given_to": ("collector", "creditor"),
}
"""The vocabulary of every list of words among the parameters of rules."""


def some(rnd: Random, words: Sequence[str], least: int = 1) -> list[str]:
    """A few different words."""
    return rnd.sample(list(words), rnd.randint(least, len(words)))


def clock(rnd: Random) -> str:
    """A clock time, mostly on a round hour."""
    return f"{rnd.randrange(24):02d}:{rnd.choice((0, 0, 30, 59)):02d}"


def window(rnd: Random) -> dict[str, Any]:
    """A weekly window."""
    return {"days": some(rnd, DAY_NAMES), "start": clock(rnd), "end": clock(rnd)}


def instant(at: datetime) -> str:
    """RFC 3339, whole seconds."""
    return at.isoformat(timespec="seconds")


def question(rnd: Random, book: Rulebook) -> Scenario:
    """A question under one of the packs, dense in hours, counters, flags and consents; without terms."""
    pack = book.packs[rnd.choice(sorted(book.packs))]
    zones, regions = HOMES.get(pack.jurisdiction, (("Europe/London",), (None,)))
    at = START + timedelta(seconds=rnd.randrange(SPAN_SECS // 60) * 60)
    chosen = [rnd.choice(zones), *rnd.sample(ELSEWHERE, rnd.choice((0, 0, 0, 1)))]
    region = rnd.choice(regions)
    debtor: dict[str, Any] = {
        "timezones": chosen,
        "flags": rnd.sample(sorted(FLAGS), rnd.choice((0, 0, 0, 1, 2))),
        "preferences": {
            "no_contact_windows": [window(rnd) for _ in range(rnd.choice((0, 0, 1)))],
            "no_channels": rnd.sample(["voice", "sms", "email"], rnd.choice((0, 0, 0, 1))),
        },
        "consents": [_consent(rnd, at) for _ in range(rnd.choice((0, 1, 2)))],
    }
    if region is not None:
        debtor["region"] = region
    if rnd.random() < 0.5:
        debtor["birth_date"] = (at.date() - timedelta(days=18 * 365 + rnd.randint(-20, 40))).isoformat()
    attempt = {
        "at": instant(at),
        "channel": rnd.choice(("voice", "voice", "sms", "email")),
        "purpose": rnd.choice(("collection", "collection", *sorted(PURPOSES))),
        "debt": "D1",
        "party": rnd.choice(("debtor", "debtor", "debtor", *sorted(PARTIES))),
        "place": rnd.choice(("personal", "personal", "work")),
        "voice": rnd.choice(("human", "human", "artificial")),
    }
    if rnd.random() < 0.5:
        attempt["address"] = rnd.choice(("CP1", "CP2"))
    raw = {"id": "xx-1", "pack": pack.id, "debtor": debtor, "history": _history(rnd, at), "attempt": attempt}
    return parse_scenario(raw)


def _history(rnd: Random, at: datetime) -> list[dict[str, Any]]:
    span_secs = rnd.choice((1, 2, 8, 30)) * 86_400
    found = []
    for _ in range(rnd.choice((0, 2, 4, 8, 12))):
        contact = {
            "at": instant(at - timedelta(seconds=rnd.randrange(span_secs // 60) * 60)),
            "channel": rnd.choice(("voice", "voice", "sms", "email", "voicemail")),
            "direction": rnd.choice(("outbound", "outbound", "outbound", "inbound")),
            "outcome": rnd.choice(("no_answer", "delivered", "conversation", *sorted(OUTCOMES))),
            "debt": rnd.choice(("D1", "D1", "D2")),
            "party": rnd.choice(("debtor", "debtor", "guarantor")),
            "purpose": rnd.choice(("collection", *sorted(PURPOSES))),
        }
        if rnd.random() < 0.5:
            contact["address"] = rnd.choice(("CP1", "CP2"))
        found.append(contact)
    return found


def _consent(rnd: Random, at: datetime) -> dict[str, Any]:
    found = {
        "kind": rnd.choice(sorted(CONSENT_KINDS)),
        "at": instant(at - timedelta(hours=rnd.choice((-5, 1, 30, 200)))),
        "given_to": rnd.choice(("collector", "creditor")),
        "valid_until": instant(at + timedelta(hours=rnd.choice((-1, 2, 50, 500)))),
    }
    return {**found, "window": window(rnd)} if rnd.random() < 0.7 else found


def terms(rnd: Random) -> Terms:
    """Any terms."""
    return Terms(
        creditor=rnd.choice((None, "C1", "C2")),
        creditor_tier=cast(CreditorTier | None, rnd.choice((None, *CREDITOR_TIERS))),
        debtor_tier=cast(DebtorTier | None, rnd.choice((None, *DEBTOR_TIERS))),
        grade=cast(Grade | None, rnd.choice((None, *sorted(GRADES)))),
    )


def under(scenario: Scenario, asked: Terms) -> Scenario:
    """The question under these terms."""
    return replace(scenario, terms=asked)


def document(name: str, kind: str, rules: list[dict[str, Any]], **head: Any) -> dict[str, Any]:
    """An overlay file as plain values, over every pack unless `head` says otherwise."""
    overlay = {
        "id": name,
        "name": {"en": name, "zh": name},
        "kind": kind,
        "over": "all",
        "from": date(2026, 1, 1),
        **head,
    }
    return {"topic": "random", "overlay": overlay, "sources": SOURCES, "rules": rules}


def rule(name: str, kind: str, parameters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A rule of an overlay as plain values."""
    value = {
        "from": date(2026, 1, 1),
        "last_confirmed": date(2026, 11, 23),
        "sources": [{"source": "own", "provision": {"en": "clause 1", "zh": "第一条"}, "certainty": "P"}],
        "parameters": parameters,
    }
    return {
        "id": name,
        "kind": kind,
        "title": {"en": name, "zh": name},
        "message": {"en": "No.", "zh": "不可。"},
        "effect": "prohibition",
        "scope": {"clock": "debtor", "per": "person"},
        "evidence": [{"en": "note", "zh": "备注"}],
        "values": [value],
        **more,
    }


def text_of(content: Mapping[str, Any]) -> OverlayText:
    """The file's text, under the name of its overlay."""
    key = f"overlays/{content['overlay']['id']}.yaml"
    return OverlayText(key=key, file=key, text=yaml.safe_dump(_unshared(content), allow_unicode=True))


def _unshared(value: Any) -> Any:
    """A copy without objects used twice, which YAML would write as aliases."""
    if isinstance(value, Mapping):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list | tuple) else value


def laid(book: Rulebook, *contents: Mapping[str, Any]) -> Rulebook:
    """The rulebook under these overlays. Raises `RulebookError`."""
    return lay_over(book, [text_of(content) for content in contents])


def accepted(book: Rulebook, contents: Sequence[Mapping[str, Any]]) -> Rulebook:
    """The rulebook under those of the overlays that the loader takes, one after another."""
    for content in contents:
        try:
            book = laid(book, content)
        except RulebookError as error:
            if error.code not in REFUSALS:
                raise
    return book


def head_of(rnd: Random, kind: str) -> dict[str, Any]:
    """For whom an overlay of that kind is."""
    if kind == "contract":
        return {"applies_to": {"creditor": rnd.choice(("C1", "C2"))}}
    if kind == "tier":
        key, tiers = rnd.choice((("creditor_tier_from", CREDITOR_TIERS), ("debtor_tier_from", DEBTOR_TIERS)))
        return {"applies_to": {key: rnd.choice(tiers)}}
    return {}


def random_overlay(rnd: Random, name: str, kind: str) -> dict[str, Any]:
    """An overlay with one or two rules of any family."""
    rules = []
    for number in range(rnd.randint(1, 2)):
        family = rnd.choice(sorted(FAMILIES))
        rules.append(rule(f"{name}-r{number}", family, FAMILIES[family](rnd)))
    return document(name, kind, rules, **head_of(rnd, kind))


def _counted(rnd: Random) -> dict[str, Any]:
    return {
        "channels": some(rnd, WORDS["channels"]),
        "directions": some(rnd, WORDS["directions"]),
        "outcomes": some(rnd, WORDS["outcomes"], 4),
    }


def _hours(rnd: Random) -> dict[str, Any]:
    channels = some(rnd, WORDS["channels"], 4)
    cut = rnd.randint(1, 4)
    groups = [group for group in (channels[:cut], channels[cut:]) if group]
    return {"windows": [{"channels": group, "closed_from": clock(rnd), "closed_until": clock(rnd)} for group in groups]}


FAMILIES: Mapping[str, Any] = {
    "calendar_cap": lambda rnd: {
        "limit": rnd.randint(1, 6),
        "days": rnd.choice((1, 1, 2, 7)),
        "channels": some(rnd, WORDS["channels"]),
        "per": rnd.sample(WORDS["per"], rnd.randint(0, 2)),
        "counted": _counted(rnd),
    },
    "minimum_spacing": lambda rnd: {
        "gap_minutes": rnd.choice((30, 240, 3000)),
        "channels": some(rnd, WORDS["channels"]),
        "per": rnd.sample(WORDS["per"], rnd.randint(0, 2)),
        "counted": _counted(rnd),
    },
    "closed_hours": _hours,
    "closed_days": lambda rnd: {
        "days": rnd.sample(DAY_NAMES, rnd.randint(1, 3)),
        "channels": some(rnd, WORDS["channels"]),
    },
    "flag_hold": lambda rnd: {
        "flags": rnd.sample(sorted(FLAGS), 3),
        "parties": some(rnd, WORDS["parties"], 4),
        "channels": some(rnd, WORDS["channels"], 2),
    },
    "quiet_windows": lambda rnd: {"channels": some(rnd, WORDS["channels"])},
    "refusals": lambda rnd: {"flag_channels": {rnd.choice(sorted(FLAGS)): some(rnd, WORDS["channels"])}},
    "age_floor": lambda rnd: {
        "years": rnd.choice((16, 18, 20)),
        "birthday_included": rnd.random() < 0.5,
        "leap_birthday": "march_1",
        "flags": ["minor"],
        "parties": some(rnd, WORDS["parties"], 4),
    },
    "party_limit": lambda rnd: {
        "allowed": [{"purposes": some(rnd, WORDS["purposes"], 3), "parties": some(rnd, WORDS["parties"], 3)}],
        "objection_flags": ["third_party_refused"],
    },
}
"""Rule families an overlay of the tests may use, each with random parameters."""


def mutated(rnd: Random, parameters: Mapping[str, Any], changes: int) -> dict[str, Any]:
    """A copy of a rule's parameters with that many single values changed: stricter or looser, by chance."""
    found: dict[str, Any] = copy.deepcopy(dict(parameters))
    for _ in range(changes):
        places = list(_leaves(found, ""))
        if not places:
            break
        holder, key, name = rnd.choice(places)
        holder[key] = _changed(rnd, holder[key], name)
        if holder[key] is None:
            del holder[key]
    return found


def _leaves(value: Any, name: str) -> Iterator[tuple[Any, Any, str]]:
    """Every place that a change may hit: (holder, key, name of the parameter)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        here = key if isinstance(key, str) else name
        plain_list = isinstance(item, list) and all(isinstance(entry, str) for entry in item)
        if isinstance(item, dict) or (isinstance(item, list) and not plain_list):
            if isinstance(key, str) and key not in {"windows", "counted", "allowed", "any_of", "parameters"}:
                yield value, key, here
            yield from _leaves(item, here)
        else:
            yield value, key, here


def _changed(rnd: Random, value: Any, name: str) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(1, value + rnd.choice((-30, -2, -1, 1, 2, 30)))
    if isinstance(value, list):
        known = WORDS.get(name, sorted(CHANNELS))
        missing = [word for word in known if word not in value]
        if missing and (len(value) <= 1 or rnd.random() < 0.5):
            return [*value, rnd.choice(missing)]
        return rnd.sample(value, max(len(value) - 1, 0))
    if isinstance(value, str) and value[2:3] == ":":
        secs = (int(value[:2]) * 60 + int(value[3:]) + rnd.choice((-90, -1, 1, 90))) % 1440
        return f"{secs // 60:02d}:{secs % 60:02d}"
    if value in ("february_28", "march_1"):
        return "march_1" if value == "february_28" else "february_28"
    return None  # an exception or a text: left out


def restated(law: Rule) -> dict[str, Any]:
    """A rule that says it tightens `law`, in the words of the law's last value."""
    period = law.values.periods[-1]
    own = rule(f"own-{law.id}", law.kind, period.value.parameters, tightens=law.id, denies=law.denies)
    own["values"][0]["from"] = max(own["values"][0]["from"], period.start)
    return {**own, "regions": sorted(law.regions)} if law.regions else own


def tightening(rnd: Random, law: Rule, changes: int) -> dict[str, Any]:
    """The same with some random changes."""
    own = restated(law)
    own["values"][0]["parameters"] = mutated(rnd, own["values"][0]["parameters"], changes)
    regions = sorted(law.regions)
    if regions:
        own["regions"] = rnd.choice((regions, [*regions, "XX-YY"], regions[1:] or ["XX-YY"]))
        if rnd.random() < 0.3:
            del own["regions"]
    return own
