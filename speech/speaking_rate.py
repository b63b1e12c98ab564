"""How fast somebody speaks: syllables and words per second of speech, pauses left out. Pure.

Articulation rate, not speech rate: pauses are counted by themselves. A Chinese character is a syllable; an English
word has as many as it has groups of vowel letters, a silent final e not counted, which is an estimate (spelling does
not say it exactly). Digits are counted as they are read out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from speech.synthesis import chinese_numbers, english_numbers

LEAST_SECS = 0.4
"""Of less speech no rate is given: one syllable more or less would change it by half."""

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f〇]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)*")
_VOWELS = re.compile(r"[aeiouyà-æè-ïò-öø-ü]+")
_SILENT_END = re.compile(r"(?:[^aeiouyl]e|[^aeioucgshxyz]es|(?:[^aeiouytdr]|[aeiouy]r)ed)$")
_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBER = 12


@dataclass(frozen=True, kw_only=True)
class SpeakingRate:
    """Per second of speech. `words_per_sec` is None for Chinese, which is written without word boundaries."""

    syllables_per_sec: float
    words_per_sec: float | None


def speaking_rate(text: str, language: str | None, speech_secs: float) -> SpeakingRate | None:
    """The rate at which `text` was said in `speech_secs` of speech; None where either is too little to tell."""
    syllables, words = count_syllables(text, language)
    if not syllables or speech_secs < LEAST_SECS:
        return None
    return SpeakingRate(
        syllables_per_sec=round(syllables / speech_secs, 2),
        words_per_sec=None if language == "zh" or not words else round(words / speech_secs, 2),
    )


def count_syllables(text: str, language: str | None) -> tuple[int, int]:
    """Syllables of a text in either script or both, and its words in Latin letters."""
    spoken = _read_out(text, language)
    words = [word.lower() for word in _LATIN.findall(spoken)]
    return len(_HAN.findall(spoken)) + sum(map(_syllables_of, words)), len(words)


def _read_out(text: str, language: str | None) -> str:
    """Digits written as words; longer numbers than money and telephones have are left out, they are not speech."""
    plain = _DIGITS.sub(lambda found: found[0] if len(found[0]) <= _LONGEST_NUMBER else " ", text)
    if not any(char.isdigit() for char in plain):
        return plain
    return english_numbers.write_out(plain) if language == "en" else chinese_numbers.write_out(plain)


def _syllables_of(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    return max(1, groups - 1) if groups > 1 and _SILENT_END.search(word) else max(1, groups)
