"""All methods together on one view: templates, the same on the repaired text, then whole phrases approximately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nlp.detectors.exact import Gate
from nlp.detectors.fuzzy import FuzzyPhrases
from nlp.detectors.sound import SoundIndex
from nlp.detectors.spelling import Repaired, SpellingIndex
from nlp.finding import Skipped
from nlp.normalize import View
from nlp.template import Rule, padded, run

REPAIR_FACTOR: Final = 0.92
FUZZY_FACTOR: Final = 0.9


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One rule that matched, in view positions. `score` is the rule's weight lessened by the method's doubt."""

    rule: Rule
    start: int
    end: int
    gaps: tuple[tuple[int, int], ...]
    score: float
    detector: str


class Matcher:
    """Rules of one language, compiled. Keeps no state between texts, so threads may share it."""

    def __init__(
        self,
        rules: Iterable[Rule],
        lang: str,
        sound_words: Sequence[str] = (),
        ordinary_words: frozenset[str] = frozenset(),
    ) -> None:
        self.lang = lang
        own = [rule for rule in rules if rule.lang == lang]
        phrases = [literal for rule in own if rule.group == "phrases" for literal in rule.literals if len(literal) >= 4]
        heard = tuple(dict.fromkeys([*sound_words, *phrases])) if lang == "zh" else ()
        self._sounds = SoundIndex(heard, ordinary_words)
        self._spelling = SpellingIndex(
            (text for rule in own for text in rule.literals) if lang == "en" else (), ordinary_words
        )
        self._gate = Gate(own)
        self._fuzzy = FuzzyPhrases([rule for rule in own if rule.group == "phrases"], lang, self._sounds)

    def find(self, view: View) -> tuple[list[Hit], list[Skipped]]:
        """Every match of every rule, each rule by its surest method only; and what could not be looked at."""
        hits, skipped = self._templates(view.text, 1.0, "")
        seen = {hit.rule.id for hit in hits}
        more, late = self._repaired(view.text)
        hits += [hit for hit in more if hit.rule.id not in seen]
        skipped += late
        seen |= {hit.rule.id for hit in more}
        for rule, match, similarity in self._fuzzy.find(view.text):
            if rule.id not in seen:
                score = rule.weight * similarity * FUZZY_FACTOR
                hits.append(Hit(rule=rule, start=match.start, end=match.end, gaps=(), score=score, detector="fuzzy"))
        return hits, skipped

    def _repaired(self, text: str) -> tuple[list[Hit], list[Skipped]]:
        """Matches in the text with misheard or misspelled words put right, at their places in the text as it is."""
        if self.lang == "zh":
            righted = self._sounds.repair(text)
            return self._templates(righted, REPAIR_FACTOR, "sound-alike") if righted != text else ([], [])
        repaired = self._spelling.repair(text)
        if repaired is None:
            return [], []
        hits, skipped = self._templates(repaired.text, REPAIR_FACTOR, "spelling")
        return [_moved(hit, repaired) for hit in hits], skipped

    def _templates(self, text: str, factor: float, detector: str) -> tuple[list[Hit], list[Skipped]]:
        hits: list[Hit] = []
        skipped: list[Skipped] = []
        text = padded(text, self.lang)
        for rule in self._gate.candidates(text):
            try:
                matches = run(rule, text)
            except TimeoutError:
                skipped.append(Skipped(detector="pattern", reason=f"rule {rule.id} took too long on this text"))
                continue
            name = detector or ("exact" if len(rule.needs) == 1 and not rule.pattern.groups else "pattern")
            hits += [
                Hit(rule=rule, start=m.start, end=m.end, gaps=m.gaps, score=rule.weight * factor, detector=name)
                for m in matches
            ]
        return hits, skipped


def _moved(hit: Hit, repaired: Repaired) -> Hit:
    """A hit in a repaired text, at its place in the original."""
    start, end = repaired.range(hit.start, hit.end)
    gaps = tuple(repaired.range(low, high) for low, high in hit.gaps)
    return replace(hit, start=start, end=end, gaps=gaps)
