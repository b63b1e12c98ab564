"""One encoding only: canonical JSON and its SHA-256, for the rulebook and for the facts of a ruling."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from policy.facts import Consent, PastContact, Scenario, WeeklyWindow


def canonical_bytes(value: Any) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8; only JSON types are accepted."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest_of(content: bytes) -> str:
    """`sha256:` and the hex digest."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def facts_bytes(scenario: Scenario) -> bytes:
    """The facts of a scenario, canonically: instants in UTC, sets and history sorted, the id left out.

    Zones keep their order, because the first one owns the calendar day. The content is personal data: store or hash
    it under a key.
    """
    debtor, attempt = scenario.debtor, scenario.attempt
    preferences = debtor.preferences
    body: dict[str, Any] = {
        "pack": scenario.pack,
        "debtor": {
            "timezones": list(debtor.timezones),
            "birth_date": None if debtor.birth_date is None else debtor.birth_date.isoformat(),
            "region": debtor.region,
            "flags": sorted(debtor.flags),
            "no_contact_windows": _sorted([_window(window) for window in preferences.no_contact_windows]),
            "no_channels": sorted(preferences.no_channels),
            "no_addresses": sorted(preferences.no_addresses),
            "consents": _sorted([_consent(consent) for consent in debtor.consents]),
        },
        "history": _sorted([_contact(contact) for contact in scenario.history]),
        "attempt": {
            "at": _utc(attempt.at),
            "channel": attempt.channel,
            "purpose": attempt.purpose,
            "debt": attempt.debt,
            "party": attempt.party,
            "address": attempt.address,
            "place": attempt.place,
            "voice": attempt.voice,
        },
    }
    terms = scenario.terms.named()
    if terms:  # left out when nothing is known, so that a question without terms keeps the digest it always had
        body["terms"] = terms
    return canonical_bytes(body)


def facts_digest(scenario: Scenario) -> str:
    """Digest of `facts_bytes`."""
    return digest_of(facts_bytes(scenario))


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="microseconds")


def _sorted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=canonical_bytes)


def _window(window: WeeklyWindow | None) -> dict[str, Any]:
    if window is None:
        return {}
    return {"days": sorted(window.days), "start_secs": window.start_secs, "end_secs": window.end_secs}


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "kind": consent.kind,
        "given_at": _utc(consent.given_at),
        "given_to": consent.given_to,
        "debt": consent.debt,
        "valid_until": _utc(consent.valid_until),
        "window": _window(consent.window),
    }


def _contact(contact: PastContact) -> dict[str, Any]:
    return {
        "at": _utc(contact.at),
        "channel": contact.channel,
        "direction": contact.direction,
        "outcome": contact.outcome,
        "debt": contact.debt,
        "also_debts": sorted(contact.also_debts),
        "party": contact.party,
        "address": contact.address,
        "purpose": contact.purpose,
    }
