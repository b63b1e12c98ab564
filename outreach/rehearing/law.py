"""The call behind a recording as the monitor must know it: whose law, which day, what is on file. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from outreach.dialer.law import CallLaw
from outreach.monitor.context import AGENT, DEBTOR, CallContext
from outreach.worker.context import prohibitions, statements
from policy.book import Rulebook
from policy.facts import CREDITOR_REF, CreditorTier, DebtorTier, Terms

_ALIASES = {"uk": "gb"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody told us of one recording; everything may be left out.

    `left` and `right`: agent or debtor (`left` alone names the speaker of a one-channel file). `at`: when the call
    began. `jurisdiction`: a pack of the rulebook.
    """

    left: str | None = None
    right: str | None = None
    language: str | None = None
    at: datetime | None = None
    creditor: str | None = None
    creditor_tier: str | None = None
    debtor_tier: str | None = None
    jurisdiction: str | None = None
    purpose: str | None = None
    voice: str | None = None

    def over(self, base: "Told") -> "Told":
        """This, and where this says nothing, `base`."""
        chosen = {name: value for name, value in vars(self).items() if value is not None}
        return Told(**{**vars(base), **chosen})

    def to_json(self) -> dict[str, str]:
        """What was told, as text."""
        return {name: str(value) for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class LawOfCall:
    """Under which law a recording is heard. `day_told` is False where nobody said when the call was: then the law of
    the day of the audit is used. No `packs`: nobody said which law holds, so nothing can be cited or found missing.
    """

    packs: tuple[str, ...]
    day: date
    day_told: bool
    rulebook: str


def packs_by_name(rulebook: Rulebook) -> Mapping[str, str]:
    """Every name a jurisdiction goes by -> pack: its id, and its code where only one pack has it."""
    names = {pack.id: pack.id for pack in rulebook.packs.values()}
    codes = [pack.jurisdiction.lower() for pack in rulebook.packs.values()]
    names |= {
        pack.jurisdiction.lower(): pack.id
        for pack in rulebook.packs.values()
        if codes.count(pack.jurisdiction.lower()) == 1
    }
    return names | {alias: names[code] for alias, code in _ALIASES.items() if code in names}


def context_of(
    call_id: str, told: Told, language: str, rulebook: Rulebook, now: datetime
) -> tuple[CallContext, LawOfCall]:
    """The monitor's context of a recording in `language`, and the law it is held to. Raises PolicyError."""
    at = told.at or now
    packs = (told.jurisdiction,) if told.jurisdiction is not None else ()
    terms = Terms(
        creditor=told.creditor if told.creditor and re.fullmatch(CREDITOR_REF, told.creditor) else None,
        creditor_tier=cast(CreditorTier | None, told.creditor_tier),
        debtor_tier=cast(DebtorTier | None, told.debtor_tier),
    )
    law = CallLaw(rulebook=rulebook, packs=packs, terms=terms, at=at)
    day = law.day(packs[0]) if packs else at.date()
    voice = told.voice or "human"
    context = CallContext(
        call_sid=call_id,
        language=language,
        purpose=told.purpose or "collection",
        debtor_tier=told.debtor_tier or "standard",
        creditor_tier=told.creditor_tier,
        audio_started_at=at,
        reference_date=day,
        facts={"creditor": told.creditor} if told.creditor else {},
        required_disclosures=statements(law, voice),
        prohibitions=prohibitions(law),
        voice=voice,
        speakers={AGENT: AGENT, DEBTOR: DEBTOR},
    )
    return context, LawOfCall(packs=packs, day=day, day_told=told.at is not None, rulebook=rulebook.digest)
