"""The wordings by which mandated statements are recognised: our key phrases and the library's own lines. Pure."""

from collections.abc import Iterator

from outreach.monitor.disclosures import shipped_phrases
from scripts.script import Library, SlotKind

LINE_LEAST = 76.0
"""Similarity (0..100) from which a whole library line counts as said; longer texts survive more recognition errors."""


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
