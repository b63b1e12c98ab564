"""The wordings by which mandated statements are recognised, our key phrases and the library's own lines; and which of
them no line gives. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from outreach.monitor.disclosures import shipped_phrases
from scripts.script import Library, SlotKind

LINE_LEAST = 76.0
"""Similarity (0..100) from which a whole library line counts as said; longer texts survive more recognition errors."""


def unscripted(library: Library, required: Sequence[str], as_of: date) -> Mapping[str, tuple[str, ...]]:
    """By language, those of the `required` statements that no spoken line approved on `as_of` gives, in their order."""
    given: dict[str, set[str]] = {lang: set() for lang in library.langs}
    for script in library.scripts:
        spoken = (line for step in script.steps if step.spoken for line in step.lines)
        for line in spoken:
            if library.is_approved(line, as_of):
                given[script.lang] |= set(line.gives)
    return {lang: tuple(name for name in required if name not in found) for lang, found in given.items()}


def wordings_of(library: Library, lang: str, purpose: str) -> Iterator[tuple[str, str, float]]:
    """(disclosure, wording with slots, least similarity) for one language and purpose.

    Lines with amounts or dates are left out: a number that is misheard changes the sound of half the line.
    """
    for disclosure, by_lang in shipped_phrases().items():
        for wording, least in by_lang.get(lang, ()):
            yield disclosure, wording, least
    for step in library.playbook(lang, purpose).steps.values():
        for line in step.lines:
            if line.gives and all(library.slots[slot].kind is SlotKind.TEXT for slot in line.slots):
                for disclosure in line.gives:
                    yield disclosure, line.text, LINE_LEAST
