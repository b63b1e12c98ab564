"""What takes a finding back: denial, policy talk, scam warnings, reported speech, questions about what others did.

Threats borrow the same words ("别以为我们不会上门"), so each excuse has its own cancelling rules in the lexicon.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nlp.detectors.matcher import Hit
from nlp.normalize import QUOTE_MARKS, View

_DENYING: Final = {
    "zh": re.compile(r"[不没别无未非勿禁]"),
    "en": re.compile(r"\b(?:not|never|no|nobody|nor|neither)\b"),
}
# How many characters a denial reaches when nothing ends it sooner.
_REACH: Final = {"zh": 16, "en": 48}
POLITE_FACTOR: Final = 0.8
MENACE_FACTOR: Final = 1.15


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The scope cues of one utterance, in view positions."""

    view: View
    cues: dict[str, tuple[Hit, ...]]

    @classmethod
    def of(cls, view: View, hits: Iterable[Hit]) -> "Scope":
        """Scope from the hits of the family `scope`."""
        cues: dict[str, list[Hit]] = {}
        for hit in hits:
            cues.setdefault(hit.rule.label, []).append(hit)
        return cls(view=view, cues={name: tuple(found) for name, found in cues.items()})

    def has(self, name: str) -> bool:
        """Whether a cue of this kind occurs anywhere."""
        return bool(self.cues.get(name))

    def excused(self, hit: Hit) -> str | None:
        """The reason why this hit is lawful speech, or None."""
        if self.has("frame") and not self.has("frame-cancel"):
            return "frame"
        if self.has("question"):
            return "question"
        if self.has("reported") and not self.has("frame-cancel"):
            return "reported"
        if any(self._reaches(cue, hit) and not self._cancelled(cue) for cue in self.cues.get("negation", ())):
            return "negation"
        return None

    def _cancelled(self, cue: Hit) -> bool:
        """Whether the same sentence turns the denial round ("别以为我们不会上门")."""
        for other in self.cues.get("negation-cancel", ()):
            low, high = sorted((cue.start, other.start))
            if not any(self.view.strong_break(position) for position in range(low + 1, high + 1)):
                return True
        return False

    def factor(self) -> float:
        """How much politeness weakens or menace strengthens the weak evidence of this utterance."""
        menace = self.has("menace")
        if self.has("polite") and not menace:
            return POLITE_FACTOR
        return MENACE_FACTOR if menace else 1.0

    def _reaches(self, cue: Hit, hit: Hit) -> bool:
        """Whether the denial governs the hit: before it without a turn in between, or standing in one of its gaps."""
        core = self._core(cue)
        if any(start <= core and cue.end <= end for start, end in hit.gaps):
            return True
        if hit.start <= core or cue.start >= hit.end or hit.start - cue.end > _REACH[self.view.lang]:
            return False
        return not any(self._ends(position, cue) for position in range(cue.end, hit.start + 1))

    def _core(self, cue: Hit) -> int:
        """Where the denying word itself begins: "I am" in "I am not" is only its subject."""
        start = cue.gaps[-1][1] if cue.gaps else cue.start
        word = _DENYING[self.view.lang].search(self.view.text, start, cue.end)
        return word.start() if word else start

    def _ends(self, position: int, cue: Hit) -> bool:
        """Whether a denial stops reaching at this position."""
        if any(other.start == position for other in self.cues.get("contrast", ())):
            return True
        marks = self.view.breaks.get(position, "")
        if not marks or (position <= cue.end and all(mark in QUOTE_MARKS for mark in marks)):
            return False
        if self.view.strong_break(position):
            return True
        if all(mark in QUOTE_MARKS or mark == "、" for mark in marks):
            return False
        rest = self.view.text[position:].lstrip()
        goes_on = ("也", "或", "更", "都", "并", "不", "没", "and ", "or ", "nor ", "not ", "no ")
        return not rest.startswith(goes_on)
