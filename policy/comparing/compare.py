"""What changed between two rulebooks, for the person who reviews it: dated, cited, and which way it moves (pure).

Values are compared day by day: the periods of both books cut time into stretches, and each stretch in which they differ
is one change. Whether a contact rule then closes more or less is *asked*: both values judge the same invented questions
at the edges of either, and over a fixed grid. Duties, disclosures and statements decide no contact: they are compared
by their content only, and so is everything about the pack as a whole.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from policy.book import Pack, Rulebook
from policy.comparing.change import Change, Difference, fields
from policy.comparing.items import Pair
from policy.telling.coverage import SECTIONS, items_of


def compare(old: Rulebook, new: Rulebook, lang: str = "en") -> tuple[Difference, ...]:
    """Every difference, by pack and section; empty exactly when both say the same law."""
    found: list[Difference] = []
    for name in sorted({*old.packs, *new.packs}):
        before, after = old.packs.get(name), new.packs.get(name)
        if before is None or after is None:
            present = after or before
            if present is not None:
                found.append(_whole_pack(present, lang, added=before is None))
            continue
        found.extend(_pack(before, after, lang))
    return tuple(found)


def _whole_pack(pack: Pack, lang: str, *, added: bool) -> Difference:
    counts = {section: len(getattr(pack, section)) for section in SECTIONS}
    change = Change(
        what="pack",
        before=None if added else {"value": counts},
        after={"value": counts} if added else None,
        direction="loosens" if added else "tightens",  # under a pack that is not loaded nothing may be attempted
        how="by_state",
    )
    status = "added" if added else "removed"
    return Difference(pack=pack.id, section="pack", id=pack.id, title=pack.name[lang], status=status, changes=(change,))


def _pack(old: Pack, new: Pack, lang: str) -> Iterator[Difference]:
    changes = tuple(_moved(change) for change in fields(_pack_facts(old), _pack_facts(new)))
    if changes:
        yield Difference(
            pack=new.id, section="pack", id=new.id, title=new.name[lang], status="changed", changes=changes
        )
    for section in SECTIONS:
        mine = {item.id: item for name, item in items_of(old) if name == section}
        theirs = {item.id: item for name, item in items_of(new) if name == section}
        for name in sorted({*mine, *theirs}):
            pair = Pair(old=mine.get(name), new=theirs.get(name), before=old, after=new, section=section, lang=lang)
            found = pair.difference()
            if found is not None:
                yield found


def _moved(change: Change) -> Change:
    """Days that are not covered refuse every contact; another legal clock moves the midnight of every change of law."""
    if change.what == "legal_timezone":
        return replace(change, direction="mixed", how="by_state")
    if change.what not in {"covers_from", "covers_until"}:
        return change
    was, now = (None if side is None else str(side["value"]) for side in (change.before, change.after))
    shorter = str(now) > str(was) if change.what == "covers_from" else now is not None and (was is None or now < was)
    return replace(change, direction="tightens" if shorter else "loosens", how="by_state")


def _pack_facts(pack: Pack) -> dict[str, Any]:
    return {
        "name": dict(pack.name),
        "jurisdiction": pack.jurisdiction,
        "legal_timezone": str(pack.legal_timezone.key),
        "covers_from": pack.covers_from.isoformat(),
        "covers_until": None if pack.covers_until is None else pack.covers_until.isoformat(),
        "stop_words": sorted(pack.stop_words),
        "flags_without_effect": {flag: dict(text) for flag, text in pack.flags_without_effect.items()},
        "lawful_statements": {item.id: dict(item.text) for item in pack.lawful_statements},
        "doubts": sorted(([dict(item.text), sorted(item.about)] for item in pack.doubts), key=str),
        "sources": {
            source.id: {
                "title": dict(source.title),
                "short": dict(source.short),
                "instrument": source.instrument,
                "in_force_from": None if source.in_force_from is None else source.in_force_from.isoformat(),
                "link": source.link,
            }
            for source in pack.sources.values()
        },
    }
