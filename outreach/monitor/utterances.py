"""Utterances of one call in the order in which they began, over both speakers. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlp.analysis import Analysis, Turn
from outreach.errors import InputError
from outreach.monitor.context import AGENT, DEBTOR
from outreach.monitor.effects import FindingRaised
from outreach.monitor.manner import Manner, Manners
from speech.types import FinalHypothesis, Gap, PartialHypothesis

CONTEXT_TURNS = 4


@dataclass(kw_only=True)
class OpenUtterance:
    """A sentence that is being said: what was analysed of it and what was found so far, by label."""

    seq: int
    speaker: str
    committed: str = ""
    raised: dict[str, FindingRaised] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HeardUtterance:
    """A finished sentence with what was understood of it."""

    seq: int
    speaker: str
    event: FinalHypothesis
    analysis: Analysis
    manner: Manner | None = None

    @property
    def clear(self) -> bool:
        """Above the recogniser's confidence gate."""
        return self.event.clear


class Transcript:
    """Numbers utterances, keeps the finished ones and hands out context for analysis."""

    def __init__(self, speakers: Mapping[str, str]) -> None:
        self._speakers = dict(speakers)
        self._open: dict[tuple[str, int], OpenUtterance] = {}
        self._next = 0
        self._manners = {AGENT: Manners(), DEBTOR: Manners()}
        self.finished: list[HeardUtterance] = []
        self.lost: list[tuple[float, float]] = []
        self.heard_until = 0.0

    def speaker_of(self, track: str) -> str:
        """`agent` or `debtor`; raises `InputError` (input.unknown_track) for a track this call does not have."""
        speaker = self._speakers.get(track)
        if speaker not in (AGENT, DEBTOR):
            raise InputError(
                "input.unknown_track", f"speech event of track {track!r}; this call has {', '.join(self._speakers)}"
            )
        return speaker

    def opened(self, event: PartialHypothesis | FinalHypothesis) -> OpenUtterance:
        """The utterance that `event` belongs to, numbered when it is first heard of."""
        key = (event.track, event.utterance)
        found = self._open.get(key)
        if found is None:
            found = OpenUtterance(seq=self._next, speaker=self.speaker_of(event.track))
            self._open[key] = found
            self._next += 1
        return found

    def missed(self, gap: Gap) -> None:
        """Keep what was lost."""
        self.lost.append((gap.start, gap.end))
        self.heard_until = max(self.heard_until, gap.end)

    def manner_of(self, event: FinalHypothesis, speaker: str) -> Manner | None:
        """How the next finished utterance of a speaker was said; ask once for each, in their order."""
        return self._manners[speaker].hear(event)

    def close(self, event: FinalHypothesis, utterance: HeardUtterance) -> None:
        """Keep the finished utterance."""
        self._open.pop((event.track, event.utterance), None)
        self.finished.append(utterance)
        self.heard_until = max(self.heard_until, event.end)

    def context(self) -> tuple[Turn, ...]:
        """The latest clear turns, oldest first. Unclear words do not become evidence by standing beside others."""
        clear = [heard for heard in self.finished if heard.clear][-CONTEXT_TURNS:]
        return tuple(Turn(speaker=heard.speaker, text=heard.event.text) for heard in clear)
