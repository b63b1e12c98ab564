"""The line offered to the agent: asks the script adapter and says when the offer changed. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass

from outreach.monitor.context import CallContext
from outreach.monitor.due import Due
from outreach.monitor.effects import Escalate, MonitorEffect, SuggestionShown
from scripts.adapter import suggest
from scripts.errors import ScriptsError
from scripts.request import Suggestion, SuggestRequest, SuggestResult
from scripts.script import Library


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the adapter must know at this moment. `trigger` says what changed: start, stage, mood, turn or violation."""

    stage: str
    mood: str | None
    intents: tuple[str, ...]
    vulnerability: tuple[str, ...]
    disclosures_given: tuple[str, ...]
    alerts: tuple[str, ...]
    facts: dict[str, object]
    at_secs: float
    utterance_seq: int
    trigger: str
    by_debtor: bool = False


class Guidance:
    """Keeps the current offer of one call; the same line is not shown twice in a row."""

    def __init__(self, call: CallContext, library: Library) -> None:
        self._call = call
        self._library = library
        self._escalated: set[str] = set()
        self._said: set[str] = set()
        self.current: SuggestionShown | None = None
        self.shown = 0
        self.problems: list[str] = []

    def said(self) -> None:
        """The agent spoke the offered line: prefer what follows it."""
        if self.current is not None:
            self._said.add(self.current.step)

    def offer(self, situation: Situation) -> Iterator[MonitorEffect]:
        """A new suggestion and any escalation asked for; a library without a line is recorded, not hidden."""
        try:
            result = suggest(self._request(situation), self._library, as_of=self._call.reference_date)
        except ScriptsError as error:
            self.problems.append(error.code)
            return
        yield from self._escalation(result, situation)
        chosen = self._choose(result, situation)
        if chosen is None or (self.current is not None and self.current.text == chosen.text):
            return
        self.shown += 1
        self.current = SuggestionShown(
            at_secs=situation.at_secs,
            seq=self.shown,
            text=chosen.text,
            lang=self._call.language,
            script=chosen.script,
            version=chosen.version,
            digest=chosen.digest,
            step=chosen.step,
            why=chosen.why,
            stage=situation.stage,
            mood=situation.mood or "calm",
            trigger=situation.trigger,
            disclosures=chosen.disclosures,
            must_say_next=result.must_say_next,
            do_not_say=result.do_not_say,
        )
        yield self.current

    def _request(self, situation: Situation) -> SuggestRequest:
        return SuggestRequest(
            lang=self._call.language,
            purpose=self._call.purpose,
            stage=situation.stage,
            mood=situation.mood,
            debtor_tier=self._call.debtor_tier,
            creditor_tier=self._call.creditor_tier or "basic",
            intents=situation.intents,
            vulnerability=situation.vulnerability,
            facts=situation.facts,
            disclosures_given=situation.disclosures_given,
            alerts=situation.alerts,
            voice=self._call.voice,
            required=tuple(item.id for item in self._call.required_disclosures if item.due is not Due.ON_REQUEST),
        )

    def _choose(self, result: SuggestResult, situation: Situation) -> Suggestion | None:
        """A step not said yet, else other words for it; while the debtor has not answered, no repetition at all."""
        steps = {said.partition("/")[0] for said in self._said}
        fresh = next((item for item in result.suggestions if item.step.partition("/")[0] not in steps), None)
        if fresh is not None:
            return fresh
        if situation.trigger == "turn" and not situation.by_debtor:
            return None
        other = next((item for item in result.suggestions if item.step not in self._said), None)
        return other or next(iter(result.suggestions), None)

    def _escalation(self, result: SuggestResult, situation: Situation) -> Iterator[MonitorEffect]:
        if result.escalate is None or result.escalate.to in self._escalated:
            return
        self._escalated.add(result.escalate.to)
        yield Escalate(
            at_secs=situation.at_secs,
            to=result.escalate.to,
            why=result.escalate.why,
            utterance_seq=situation.utterance_seq,
        )
