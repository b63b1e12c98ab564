"""One rule, duty, disclosure or statement category, told in full: words, values over time, edges, doubts (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from policy.book import Citation, Disclosure, Duty, Entry, Pack, Rule, StatementCategory
from policy.dated import Period
from policy.overlays.overlay import Overlay
from policy.telling.boundary import Setting, breached
from policy.telling.coverage import STALE_DAYS, Item, periods_of, state_on
from policy.telling.edges import examples
from policy.telling.plain import plain
from policy.telling.tell import rest
from policy.telling.words import word

_GAP = re.compile(r"\{[a-z_]+\}")

ADVICE: Mapping[str, str] = {
    "en": "Advises only: what follows is a warning to a person and refuses nothing.",
    "zh": "仅为提示：以下内容提醒人工处理，不会拒绝联系。",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is to be told: the item with its section and pack, as seen on `day`, in `lang`; `overlay`: the one that adds
    it, None for the law; `packs`: all that are loaded.
    """

    section: str
    item: Item
    pack: Pack
    day: date
    lang: str = "en"
    overlay: Overlay | None = None
    packs: frozenset[str] = frozenset()


def explain(asked: Asked) -> dict[str, Any]:
    """Everything about one item as JSON types, newest value last."""
    item, lang = asked.item, asked.lang
    return {
        "id": item.id,
        "section": asked.section,
        "pack": asked.pack.id,
        "topic": asked.pack.topics.get(item.id, "") if asked.overlay is None else asked.overlay.topic,
        "overlay": None if asked.overlay is None else _origin(asked.overlay, item, asked),
        "on": asked.day.isoformat(),
        "state": state_on(item.values, asked.day),
        **_head(item, lang),
        "values": [_value(asked, period) for period in periods_of(item)],
        "doubts": _doubts(asked),
    }


def _origin(overlay: Overlay, item: Item, asked: Asked) -> dict[str, Any]:
    """Which overlay an entry comes from, for whom that holds, and the entry of the law that it makes stricter."""
    return {
        "id": overlay.id,
        "name": overlay.name[asked.lang],
        "kind": overlay.kind,
        "over": sorted(overlay.over),
        "all_packs": overlay.over == asked.packs,
        "applies_to": overlay.applies_to(),
        "tightens": item.tightens if isinstance(item, Rule | Duty) else None,
    }


def _head(item: Item, lang: str) -> dict[str, Any]:
    if isinstance(item, Rule):
        return {
            "rule": item.id,
            "title": item.title[lang],
            "message": item.message[lang],
            "message_shown": _GAP.sub("…", item.message[lang]),
            "kind": item.kind,
            "effect": item.effect,
            "denies": item.denies,
            "scope": dict(item.scope),
            "regions": sorted(item.regions),
            "flags": sorted({flag for period in item.values.periods for flag in period.value.content.flags_used()}),
            "evidence": [text[lang] for text in item.evidence],
        }
    if isinstance(item, Duty):
        return {"title": item.title[lang], "effect": item.effect}
    if isinstance(item, Disclosure):
        return {"title": item.title[lang], "position": item.position, "only_if_artificial": item.only_if_artificial}
    return _statement(item, lang)


def _statement(item: StatementCategory, lang: str) -> dict[str, Any]:
    return {
        "title": item.covers[lang],
        "severity": item.severity,
        "signals": list(item.signals),
        "labels": list(item.labels),
        "only_once_known": list(item.only_once_known),
    }


def _value(asked: Asked, period: Period[Entry[Any]]) -> dict[str, Any]:
    entry, lang = period.value, asked.lang
    return {
        "from": period.start.isoformat(),
        "until": None if period.end is None else period.end.isoformat(),
        "in_force": period.start <= asked.day and (period.end is None or asked.day < period.end),
        "last_confirmed": entry.last_confirmed.isoformat(),
        "stale": (asked.day - entry.last_confirmed).days > STALE_DAYS,
        "plain": list(sentences(asked.item, period, lang)),
        "parameters": dict(entry.parameters),
        "note": None if entry.note is None else entry.note[lang],
        "sources": [_source(citation, lang) for citation in entry.citations],
        "examples": _examples(asked, period),
    }


def sentences(item: Item, period: Period[Entry[Any]], lang: str) -> tuple[str, ...]:
    """A value's parameters in plain words."""
    parameters = period.value.parameters
    if not isinstance(item, Rule):
        return rest(parameters, frozenset(), lang)
    told = plain(item.kind, parameters, lang)
    if item.regions:
        places = ", ".join(sorted(item.regions))
        where = f"Only for debtors who reside in {places}." if lang == "en" else f"仅适用于居住在{places}的债务人。"
        told = (where, *told)
    return told if item.denies else (ADVICE[lang], *told)


def _source(citation: Citation, lang: str) -> dict[str, Any]:
    started = citation.source.in_force_from
    return citation.to_json(lang) | {
        "title": citation.source.title[lang],
        "in_force_from": None if started is None else started.isoformat(),
        "certainty_text": word("certainty", citation.certainty, lang),
    }


def _examples(asked: Asked, period: Period[Entry[Any]]) -> list[dict[str, Any]]:
    if not isinstance(asked.item, Rule):
        return []
    setting = setting_of(asked.pack, asked.item, period)
    found = examples(asked.item.kind, period.value.parameters, setting)
    return [
        {"text": example.text[asked.lang], "refused": breached(period.value.content, example.scenario)}
        for example in found
    ]


def setting_of(pack: Pack, rule: Rule, period: Period[Any]) -> Setting:
    """A day of the period, on the pack's clock and away from its clock changes, in the rule's first region."""
    region = min(rule.regions) if rule.regions else None
    last = period.start + timedelta(days=400) if period.end is None else period.end - timedelta(days=1)
    middle = date(period.start.year, 12, 15)
    day = middle if period.start <= middle <= last else min(period.start + timedelta(days=40), last)
    return Setting(zone=str(pack.legal_timezone.key), day=day, region=region)


def _doubts(asked: Asked) -> list[str]:
    """Doubts recorded about the item, then what its certainty marks say."""
    item, lang = asked.item, asked.lang
    found = [doubt.text[lang] for doubt in asked.pack.doubts if item.id in doubt.about]
    weak: dict[str, None] = {}
    for period in periods_of(item):
        for citation in period.value.citations:
            if citation.certainty in {"S", "M"}:
                weak[f"{citation.text(lang)} – {word('certainty', citation.certainty, lang)}"] = None
    return [*found, *weak]
