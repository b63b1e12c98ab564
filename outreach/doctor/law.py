"""The rulebook, the overlays and the lines of this installation (I/O: packaged files, overlays, database)."""

from outreach.config import Settings
from outreach.doctor.check import Check
from policy.book import Rulebook


def rulebook(settings: Settings) -> Check:
    """Which packs and overlays the gate decides under; missing when a file is refused, with its place."""
    from outreach.bootstrap import rulebook_of

    book = rulebook_of(settings)
    packs = f"packs {', '.join(sorted(book.packs))}"
    return Check(name="rulebook", state="ok", found=f"{packs}; {_overlays(book)}; {book.digest[:23]}…")


def _overlays(book: Rulebook) -> str:
    """Every overlay with whom it is for: `house-budget (everybody)`."""
    shown = []
    for overlay in book.overlays:
        whom = ", ".join(f"{term} {value}" for term, value in overlay.applies_to().items())
        shown.append(f"{overlay.id} ({whom or 'everybody'})")
    return f"overlays {', '.join(shown)}"


def contracts(settings: Settings) -> Check:
    """Contract overlays against the creditors stored: one that names nobody protects nobody."""
    from outreach.bootstrap import rulebook_of
    from outreach.db.database import open_database
    from outreach.dialer.facts import creditor_names

    named: dict[str, list[str]] = {}
    for overlay in rulebook_of(settings).overlays:
        if overlay.creditor is not None:
            named.setdefault(overlay.creditor, []).append(overlay.id)
    if not named:
        return Check(name="contracts", state="ok", found="no creditor contract among the overlays")
    if settings.database_url is None and not settings.pg_dir.exists():
        return Check(name="contracts", state="note", found=f"{len(named)} for creditors of no database yet")
    with open_database(settings) as database, database.session() as session:
        known = creditor_names(session)
    lost = [f"{', '.join(own)} (creditor {label})" for label, own in sorted(named.items()) if label not in known]
    if lost:
        shown = ", ".join(f"{label} {name}" for label, name in known.items())
        todo = f"name one of the creditors stored: {shown or 'none yet'}"
        return Check(name="contracts", state="note", found=f"of unknown creditors: {', '.join(lost)}", todo=todo)
    found = [f"{label} {known[label]}: {', '.join(own)}" for label, own in sorted(named.items())]
    return Check(name="contracts", state="ok", found="; ".join(found))


def scripts(_settings: Settings) -> Check:
    """The library of approved lines."""
    from scripts.schema import load_library

    library = load_library()
    return Check(name="scripts", state="ok", found=f"{library.digest[:23]}…")


def must_be_said(settings: Settings) -> Check:
    """Statements that a pack demands in a call and no approved line gives: the agent has to say them in own words."""
    from outreach.bootstrap import clock_of, rulebook_of
    from outreach.monitor.wordings import unscripted
    from policy.duties import required_disclosures
    from scripts.schema import load_library

    book, library, today = rulebook_of(settings), load_library(), clock_of(settings).now().date()
    gaps = []
    for pack in sorted(book.packs):
        required = required_disclosures(book, pack, today, artificial_voice=True)
        for lang, lost in unscripted(library, [item.disclosure.id for item in required], today).items():
            if lost:
                gaps.append(f"{pack} ({lang}): {', '.join(lost)}")
    if not gaps:
        return Check(name="must be said", state="ok", found="an approved line gives every statement of every pack")
    return Check(
        name="must be said",
        state="note",
        found=f"no approved line gives it, the agent must say it in own words: {'; '.join(gaps)}",
        todo="write lines that give it and have them approved (docs/scripts.md)",
    )
