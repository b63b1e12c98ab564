"""One call, heard: speech events in, effects out. No I/O and no clock; the worker applies the effects.

tracks -> speech events -> utterances -> analysis -> findings -> alerts -> suggestions -> summary.

Feed events in the order in which they were produced. `now` is the instant at which an event is handled: alert latency
is measured from the end of the triggering words' audio to it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from nlp.analysis import Analysis, Turn
from outreach.monitor.alerts import AlertCatalogue, load_catalogue
from outreach.monitor.conduct import ConductWatch
from outreach.monitor.context import AGENT, CallContext, CallEnding, Statement
from outreach.monitor.disclosures import DisclosureListener
from outreach.monitor.due import DebtTalk, Due
from outreach.monitor.effects import (
    AudioGap,
    CallFlagged,
    CallSummarised,
    CallSummary,
    DisclosureHeard,
    MonitorEffect,
    Severity,
    StageChanged,
    SuggestionShown,
    UtteranceFinal,
    UtterancePartial,
)
from outreach.monitor.guidance import Guidance, Situation
from outreach.monitor.memory import CallMemory
from outreach.monitor.stage import (
    BEFORE_IDENTITY,
    ENDING,
    OWN_DEBT,
    ChainStep,
    StageTracker,
    confirms_identity,
    opening_chain,
)
from outreach.monitor.summary import Heard, summarise
from outreach.monitor.testimony import Testimony
from outreach.monitor.utterances import HeardUtterance, OpenUtterance, Transcript
from outreach.monitor.wordings import wordings_of
from scripts.script import Library
from speech.snapping import as_written
from speech.types import FinalHypothesis, Gap, PartialHypothesis, SpeechEvent

LANGS = ("zh", "en")


class TextAnalyzer(Protocol):
    """What the monitor asks of the text room."""

    def analyze(
        self,
        text: str,
        *,
        speaker: str,
        lang: str | None = None,
        context: Sequence[Turn] = (),
        reference_date: date | None = None,
    ) -> Analysis:
        """Everything understood in one utterance."""
        ...


class MonitorSession:
    """The monitor of one call. Not shared between threads."""

    def __init__(
        self, call: CallContext, analyzer: TextAnalyzer, library: Library, catalogue: AlertCatalogue | None = None
    ) -> None:
        catalogue = catalogue or load_catalogue()
        self._call = call
        self._analyzer = analyzer
        self._transcript = Transcript(call.speakers)
        self._testimony = Testimony(call, catalogue)
        self._conduct = ConductWatch(call, catalogue, self._testimony.known)
        self._listener = DisclosureListener(
            call.language, wordings_of(library, call.language, call.purpose), call.facts
        )
        chain = opening_chain(library, call.language, call.purpose, voice=call.voice)
        self._required = call.required_disclosures or _given_by(chain, library)
        self._stages = StageTracker(chain=chain)
        self._talk = DebtTalk()
        self._guidance = Guidance(call, library)
        self._memory = CallMemory()
        self._labels: frozenset[str] = frozenset()
        self._amends_due: tuple[str, ...] = ()

    @property
    def call(self) -> CallContext:
        """The call this session listens to."""
        return self._call

    @property
    def suggestion(self) -> SuggestionShown | None:
        """The line offered to the agent at this moment."""
        return self._guidance.current

    @property
    def stage(self) -> str:
        """The stage of the conversation."""
        return self._stages.stage

    def start(self) -> list[MonitorEffect]:
        """The call was answered: the opening stage and the first suggested line."""
        opening = StageChanged(at_secs=0.0, stage=self._stages.stage, previous=None, why="answered")
        return self._memory.noted([opening, *self._guidance.offer(self._situation(0.0, -1, "start"))])

    def on_speech_event(self, event: SpeechEvent, now: datetime) -> list[MonitorEffect]:
        """Effects of a partial or final hypothesis or a gap of one track.

        Raises `InputError` (input.unknown_track) for a track that the call does not have.
        """
        if isinstance(event, Gap):
            speaker = self._transcript.speaker_of(event.track)
            self._transcript.missed(event)
            gap = AudioGap(at_secs=event.start, speaker=speaker, start_secs=event.start, end_secs=event.end)
            return self._memory.noted([gap])
        utterance = self._transcript.opened(event)
        if isinstance(event, PartialHypothesis):
            return self._memory.noted(self._partial(event, utterance, now))
        return self._memory.noted(self._final(event, utterance, now))

    def end(self, ending: CallEnding) -> list[MonitorEffect]:
        """The call is over (flush the tracks first): the last effect is `CallSummarised`."""
        summary = self.summary(ending)
        at_secs = self._transcript.finished[-1].event.end if self._transcript.finished else 0.0
        fresh = tuple(why for why in summary.flagged_why if why not in self._memory.flags)
        effects: list[MonitorEffect] = []
        if fresh:
            effects.append(CallFlagged(at_secs=at_secs, why=fresh, severity=Severity.LOW))
        return self._memory.noted([*effects, CallSummarised(at_secs=at_secs, summary=summary)])

    def summary(self, ending: CallEnding) -> CallSummary:
        """The deterministic summary of what was heard so far."""
        heard = Heard(
            call=self._call,
            required=self._required,
            talk=self._talk,
            utterances=tuple(self._transcript.finished),
            lost=tuple(self._transcript.lost),
            heard_until=self._transcript.heard_until,
            facts=frozenset(self._testimony.facts),
            promise=self._testimony.promise if self._stages.promised else None,
            moods=self._testimony.mood.trail,
            violations=self._memory.violations,
            disclosures=tuple(self._listener.heard),
            right_party=self._stages.identity,
            suggestions_shown=self._guidance.shown,
            flagged_why=self._memory.flags,
            escalated_to=self._memory.escalated,
        )
        return summarise(heard, ending)

    def _partial(self, event: PartialHypothesis, utterance: OpenUtterance, now: datetime) -> list[MonitorEffect]:
        effects: list[MonitorEffect] = [
            UtterancePartial(
                at_secs=event.start,
                utterance_seq=utterance.seq,
                speaker=utterance.speaker,
                start_secs=event.start,
                end_secs=event.end,
                committed=event.committed,
                tail=event.tail,
            )
        ]
        if utterance.speaker != AGENT or not event.committed or event.committed == utterance.committed:
            return effects
        utterance.committed = event.committed
        analysis = self._analyse(event.committed, utterance.speaker, event.language)
        raised = list(self._conduct.while_said(utterance, event, analysis.violations, now))
        effects += raised
        if raised:
            effects += self._guidance.offer(self._situation(event.end, utterance.seq, "violation", utterance.raised))
        return effects

    def _final(self, event: FinalHypothesis, utterance: OpenUtterance, now: datetime) -> list[MonitorEffect]:
        analysis = self._analyse(event.text, utterance.speaker, event.language)
        manner = self._transcript.manner_of(event, utterance.speaker)
        heard = HeardUtterance(
            seq=utterance.seq, speaker=utterance.speaker, event=event, analysis=analysis, manner=manner
        )
        self._transcript.close(event, heard)
        effects: list[MonitorEffect] = [
            UtteranceFinal(
                at_secs=event.start,
                utterance_seq=utterance.seq,
                speaker=utterance.speaker,
                start_secs=event.start,
                end_secs=event.end,
                text=event.text,
                language=event.language or self._call.language,
                avg_logprob=event.avg_logprob,
                clear=event.clear,
                prosody=manner.to_json() if manner is not None else None,
                written=as_written(event.words),
            )
        ]
        if not event.text.strip():
            return effects
        skipped = tuple(f"skipped:{item.detector}" for item in analysis.skipped)
        if skipped:
            effects.append(CallFlagged(at_secs=event.start, why=skipped, severity=Severity.INFO))
        mood_before = self._testimony.mood.current
        if utterance.speaker == AGENT:
            effects += self._agent_said(heard, utterance, now)
        else:
            effects += self._debtor_said(heard, now)
        moved = self._stages.advance()
        if moved is not None:
            effects.append(StageChanged(at_secs=event.end, stage=moved[0], previous=None, why=moved[1]))
        trigger = "stage" if moved else "mood" if self._testimony.mood.current != mood_before else "turn"
        by_debtor = utterance.speaker != AGENT
        if not by_debtor:
            self._amends_due = tuple(str(item.label) for item in analysis.violations) if event.clear else ()
        effects += self._guidance.offer(
            self._situation(event.end, heard.seq, trigger, self._amends_due, by_debtor=by_debtor)
        )
        return effects

    def _agent_said(self, heard: HeardUtterance, utterance: OpenUtterance, now: datetime) -> list[MonitorEffect]:
        effects = list(self._conduct.when_said(utterance, heard, now))
        text = heard.event.text
        offered = _offer_of(self._guidance.current)
        if offered[0] and self._listener.resembles(text, offered[0]):
            self._guidance.said()
        self._stages.hear_agent(self._listener.given_in(text, *offered))
        matches = self._listener.listen(text, *offered)
        self._talk.hear_agent({match.disclosure for match in matches})
        for match in matches:
            self._stages.heard.add(match.disclosure)
            effects.append(
                DisclosureHeard(
                    at_secs=heard.event.start,
                    disclosure=match.disclosure,
                    utterance_seq=heard.seq,
                    score=match.score,
                    matched=match.wording,
                )
            )
        return effects

    def _debtor_said(self, heard: HeardUtterance, now: datetime) -> list[MonitorEffect]:
        effects = list(self._testimony.when_said(heard, now))
        analysis = heard.analysis
        labels = {str(label) for group in (analysis.intents, analysis.signals) for label in group}
        labels |= {str(label) for label in analysis.vulnerability}
        standing = {fact.label for fact in self._testimony.facts.values()} & ENDING
        trusted = frozenset((labels if heard.clear else set()) | standing)
        self._labels = trusted
        says_yes = confirms_identity(heard.event.text, self._call.language, just_asked=self._stages.just_asked)
        self._stages.hear_debtor(trusted, says_yes=says_yes)
        self._talk.hear_debtor(of_own_debt=self._stages.identity is True and bool(trusted & OWN_DEBT))
        return effects

    def _analyse(self, text: str, speaker: str, language: str | None) -> Analysis:
        return self._analyzer.analyze(
            text,
            speaker=speaker,
            lang=language if language in LANGS else self._call.language,
            context=self._transcript.context(),
            reference_date=self._call.reference_date,
        )

    def _situation(
        self,
        at_secs: float,
        utterance_seq: int,
        trigger: str,
        alerts: Iterable[str] = (),
        *,
        by_debtor: bool = False,
    ) -> Situation:
        known = self._stages.identity is True
        labels = self._labels if known else self._labels & BEFORE_IDENTITY
        facts: dict[str, object] = dict(self._call.facts)
        promise = self._testimony.promise
        if promise is not None and promise.amount is not None:
            facts["promise_amount"] = promise.amount
        if promise is not None and promise.due is not None:
            facts["promise_date"] = promise.due.isoformat()
        return Situation(
            stage=self._stages.stage,
            mood=self._testimony.mood.current,
            intents=tuple(sorted(labels)),
            vulnerability=tuple(sorted(self._testimony.vulnerability)),
            disclosures_given=tuple(self._listener.heard),
            alerts=tuple(alerts),
            facts=facts,
            at_secs=at_secs,
            utterance_seq=utterance_seq,
            trigger=trigger,
            by_debtor=by_debtor,
        )


def _given_by(chain: Sequence[ChainStep], library: Library) -> tuple[Statement, ...]:
    """The statements a script makes on its way, in the library's order: what is required when nobody said otherwise."""
    given = frozenset().union(*(step.gives for step in chain))
    return tuple(Statement(id=item.id, due=Due.OPENING) for item in library.disclosures if item.id in given)


def _offer_of(offered: SuggestionShown | None) -> tuple[str, tuple[str, ...]]:
    return (offered.text, offered.disclosures) if offered is not None else ("", ())
