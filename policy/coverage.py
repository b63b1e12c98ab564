"""What the rulebook claims: jurisdiction × rule × period, how sure, and when somebody last confirmed it (pure)."""

from typing import Any

from policy.book import Entry, Pack, Rule, Rulebook
from policy.ruling import Lang


def pack_summary(pack: Pack, lang: Lang = "en") -> dict[str, Any]:
    """One pack as JSON: dates covered, counts, the oldest confirmation, the certainty marks that occur."""
    entries: list[Entry[Any]] = [period.value for rule in pack.rules for period in rule.values.periods]
    entries.extend(period.value for duty in pack.duties for period in duty.values.periods)
    citations = [citation for entry in entries for citation in entry.citations]
    confirmed = [entry.last_confirmed for entry in entries]
    return {
        "pack": pack.id,
        "name": pack.name[lang],
        "jurisdiction": pack.jurisdiction,
        "legal_timezone": str(pack.legal_timezone.key),
        "covers_from": pack.covers_from.isoformat(),
        "covers_until": None if pack.covers_until is None else pack.covers_until.isoformat(),
        "rules": len(pack.rules),
        "duties": len(pack.duties),
        "disclosures": len(pack.disclosures),
        "statements": len(pack.statements),
        "certainty": sorted({citation.certainty for citation in citations}),
        "last_confirmed": min(confirmed).isoformat(),
    }


def explain_rule(rule: Rule, pack: Pack, lang: Lang = "en") -> dict[str, Any]:
    """One rule as JSON: what it says, every dated value with parameters and citations."""
    return {
        "rule": rule.id,
        "pack": pack.id,
        "title": rule.title[lang],
        "message": rule.message[lang],
        "kind": rule.kind,
        "effect": rule.effect,
        "denies": rule.denies,
        "scope": dict(rule.scope),
        "evidence": [item[lang] for item in rule.evidence],
        "values": [
            {
                "from": period.start.isoformat(),
                "until": None if period.end is None else period.end.isoformat(),
                "last_confirmed": period.value.last_confirmed.isoformat(),
                "parameters": dict(period.value.parameters),
                "sources": [citation.to_json(lang) for citation in period.value.citations],
            }
            for period in rule.values.periods
        ],
    }


def find_rule(rulebook: Rulebook, rule_id: str) -> tuple[Rule, Pack] | None:
    """The rule of that id and its pack, or None."""
    for pack in rulebook.packs.values():
        rule = pack.rule(rule_id)
        if rule is not None:
            return rule, pack
    return None


def all_rule_ids(rulebook: Rulebook) -> tuple[str, ...]:
    """Ids of every rule of every pack, sorted."""
    return tuple(sorted(rule.id for pack in rulebook.packs.values() for rule in pack.rules))
