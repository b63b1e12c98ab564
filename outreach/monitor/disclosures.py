"""Which mandated statements the agent was heard giving; robust to recognition errors. Pure after loading.

A statement counts when a key phrase of `disclosures.yaml`, or a filled line of the script library that gives it, is
found in the agent's latest words. Mandarin is compared by sound (toneless pinyin), because a recogniser confuses
characters that sound alike; English by letters. `{slot}` in a phrase stands for the call's own fact.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from outreach.errors import ConfigError

WINDOW_TURNS = 3
LEAST_COVER = 0.75
"""The words heard must be at least this share of the phrase's length: a short fragment fits into anything."""
LEAST_SHARE = 0.3
"""A sentence shorter than this share of the offered line does not count as saying it."""
OFFERED_LEAST = 66.0
"""Similarity (0..100) to the line on the agent's screen; unrelated sentences stay below 60 by sound."""

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One wording of a disclosure, prepared for comparison; `least` is the similarity from which it counts, 0..100."""

    disclosure: str
    wording: str
    sound: str
    least: float


@dataclass(frozen=True, kw_only=True)
class Match:
    """A disclosure heard: similarity in 0..1 and the wording it was matched to."""

    disclosure: str
    score: float
    wording: str


def sound_of(text: str, lang: str) -> str:
    """Comparable form: toneless pinyin syllables for zh, lower-case words for en."""
    if lang == "zh":
        syllables = lazy_pinyin(_NOT_WORD.sub("", text))
        return " ".join(syllable.lower() for syllable in syllables)
    return _NOT_WORD.sub(" ", text.lower()).strip()


def parse_phrases(text: str) -> dict[str, dict[str, list[tuple[str, float]]]]:
    """Read `disclosures.yaml`: disclosure -> language -> wordings; raises `ConfigError` (config.disclosure_phrase)."""
    document = yaml.safe_load(text)
    result: dict[str, dict[str, list[tuple[str, float]]]] = {}
    if not isinstance(document, dict):
        raise ConfigError("config.disclosure_phrase", "disclosures.yaml: expected a mapping by disclosure id")
    for disclosure, entry in document.items():
        if not isinstance(entry, dict) or set(entry) - {"least", "zh", "en"} or not isinstance(entry.get("least"), int):
            raise ConfigError("config.disclosure_phrase", f"disclosures.yaml {disclosure}: expected least, zh, en")
        result[disclosure] = {
            lang: [(str(wording), float(entry["least"])) for wording in entry.get(lang, ())] for lang in ("zh", "en")
        }
    return result


@cache
def shipped_phrases() -> Mapping[str, Mapping[str, list[tuple[str, float]]]]:
    """The phrases of this package (I/O on first use)."""
    return parse_phrases(files("outreach.monitor").joinpath("disclosures.yaml").read_text(encoding="utf-8"))


def fill(wording: str, facts: Mapping[str, str]) -> str | None:
    """The wording with the call's facts, None when one is missing: a phrase with a hole would match anything."""
    if any(not facts.get(slot) for slot in _SLOT.findall(wording)):
        return None
    return _SLOT.sub(lambda found: facts[found.group(1)], wording)


class DisclosureListener:
    """Listens to the agent of one call. `heard` keeps what was given so far."""

    def __init__(self, lang: str, wordings: Iterable[tuple[str, str, float]], facts: Mapping[str, str]) -> None:
        self._lang = lang
        self._turns: deque[str] = deque(maxlen=WINDOW_TURNS)
        self._phrases = tuple(_prepared(lang, wordings, facts))
        self.heard: dict[str, Match] = {}

    def resembles(self, text: str, line: str, least: float = OFFERED_LEAST) -> bool:
        """Whether a finished sentence is (part of) the line that was offered to the agent."""
        said, offered = sound_of(text, self._lang), sound_of(line, self._lang)
        if not said or len(said) < LEAST_SHARE * len(offered):
            return False
        return fuzz.partial_ratio(said, offered) >= least

    def given_in(self, text: str, offered: str = "", gives: Iterable[str] = ()) -> frozenset[str]:
        """Statements in this one sentence, given before or not: a question that is asked again is asked."""
        sound = sound_of(text, self._lang)
        given = {
            phrase.disclosure
            for phrase in self._phrases
            if len(sound) >= LEAST_COVER * len(phrase.sound) and fuzz.partial_ratio(phrase.sound, sound) >= phrase.least
        }
        return frozenset(given | set(gives)) if offered and self.resembles(text, offered) else frozenset(given)

    def listen(self, text: str, offered: str = "", gives: Iterable[str] = ()) -> list[Match]:
        """Disclosures newly heard with this finished agent sentence, joined to the two before it.

        `offered` is the filled line on the agent's screen and `gives` what it discloses: a sentence that follows the
        offered words needs less similarity, because the screen already says what the agent was about to say.
        """
        self._turns.append(sound_of(text, self._lang))
        window = " ".join(self._turns)
        fresh: dict[str, Match] = {}
        if offered:
            line = sound_of(offered, self._lang)
            score = fuzz.partial_ratio(line, window) if len(window) >= LEAST_COVER * len(line) else 0.0
            if score >= OFFERED_LEAST:
                fresh = {
                    name: Match(disclosure=name, score=round(score / 100.0, 4), wording=offered)
                    for name in gives
                    if name not in self.heard
                }
        for phrase in self._phrases:
            if phrase.disclosure in self.heard or len(window) < LEAST_COVER * len(phrase.sound):
                continue
            score = fuzz.partial_ratio(phrase.sound, window, score_cutoff=phrase.least)
            best = fresh.get(phrase.disclosure)
            if score and (best is None or score / 100.0 > best.score):
                fresh[phrase.disclosure] = Match(
                    disclosure=phrase.disclosure, score=round(score / 100.0, 4), wording=phrase.wording
                )
        self.heard.update(fresh)
        return [fresh[name] for name in sorted(fresh)]


def _prepared(lang: str, wordings: Iterable[tuple[str, str, float]], facts: Mapping[str, str]) -> Iterable[Phrase]:
    for disclosure, wording, least in wordings:
        filled = fill(wording, facts)
        if filled is not None:
            yield Phrase(disclosure=disclosure, wording=filled, sound=sound_of(filled, lang), least=least)
