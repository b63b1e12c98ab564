"""Finds the days named in a normalised text and resolves them against the day of the call."""

import re
from datetime import date
from typing import Final

from nlp import dates_en, dates_zh
from nlp.calendar import NamedDay

_FORMS: Final = {
    lang: tuple((re.compile(pattern), resolve) for pattern, resolve in forms)
    for lang, forms in (("zh", dates_zh.FORMS), ("en", dates_en.FORMS))
}


def find_days(text: str, lang: str, reference: date) -> list[NamedDay]:
    """Days named in a normalised text, in order of place; of two that overlap the longer is kept."""
    found = [
        NamedDay(start=match.start(), end=match.end(), day=resolve(match, reference))
        for pattern, resolve in _FORMS[lang]
        for match in pattern.finditer(text)
        if match.group()
    ]
    chosen: list[NamedDay] = []
    for day in sorted(found, key=lambda item: (item.start - item.end, item.start)):
        if all(day.end <= other.start or other.end <= day.start for other in chosen):
            chosen.append(day)
    return sorted(chosen, key=lambda item: item.start)
