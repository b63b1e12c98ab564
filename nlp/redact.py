"""Masks personal data in a text, keeping what a reviewer needs to follow the talk."""

from dataclasses import dataclass
from typing import Final

from nlp.analysis import Entity
from nlp.entities import entities
from nlp.normalize import detect_lang, normalize

PERSONAL_KINDS: Final = frozenset({"phone", "id-card", "bank-card", "name", "email"})


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """A masked text and the entities masked, whose spans point into the text as it was given."""

    text: str
    masked: tuple[Entity, ...]


def redact(text: str, lang: str | None = None) -> Redaction:
    """The text with each personal item replaced by its kind in brackets ("[phone]"). Masking twice changes nothing."""
    view = normalize(text, lang or detect_lang(text))
    found = tuple(entity for entity in entities(view) if entity.kind in PERSONAL_KINDS)
    pieces, cursor = [], 0
    for entity in found:
        pieces += [text[cursor : entity.span[0]], f"[{entity.kind}]"]
        cursor = entity.span[1]
    return Redaction(text="".join([*pieces, text[cursor:]]), masked=found)
