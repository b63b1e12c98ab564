"""Scripted calls for the monitor: words with times, spoken as partial and final hypotheses on a virtual clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar

from outreach.dialer.law import CallLaw
from outreach.monitor.context import CallContext
from outreach.monitor.effects import MonitorEffect
from outreach.monitor.session import MonitorSession, TextAnalyzer
from outreach.worker.context import prohibitions, statements
from policy.book import Rulebook
from policy.facts import NO_TERMS
from policy.schema import load_rulebook
from scripts.schema import load_library
from scripts.script import Library
from speech.types import FinalHypothesis, PartialHypothesis, Word
from tests.unit.outreach.monitor.analyst import Analyst

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SECS_PER_UNIT = 0.2
"""One Chinese character or one English word."""

E = TypeVar("E", bound=MonitorEffect)

FACTS = {
    "zh": {
        "institution": "安和服务公司", "agent_name": "小林", "debtor_name": "张伟", "creditor": "恒信银行",
        "amount": "2000", "due_date": "2026-10-05", "service_phone": "95001234",
    },
    "en": {
        "institution": "Harbor Services", "agent_name": "Sam", "debtor_name": "Alex Smith", "creditor": "Harbor Bank",
        "amount": "200", "due_date": "2026-10-05", "service_phone": "2025550100",
    },
}  # fmt: skip


@cache
def library() -> Library:
    return load_library()


@cache
def rulebook() -> Rulebook:
    return load_rulebook()


def law(*packs: str) -> CallLaw:
    return CallLaw(rulebook=rulebook(), packs=packs, terms=NO_TERMS, at=START)


def context(lang: str = "zh", **changes: object) -> CallContext:
    """A call under the law of mainland China, or in English of the United States, unless `changes` says otherwise."""
    found = law("cn" if lang == "zh" else "us-reg-f")
    values: dict[str, object] = {
        "call_sid": "CA1", "language": lang, "purpose": "collection", "debtor_tier": "standard",
        "audio_started_at": START, "reference_date": date(2026, 11, 24), "facts": FACTS[lang],
        "required_disclosures": statements(found, "human"), "prohibitions": prohibitions(found),
    }  # fmt: skip
    return CallContext(**{**values, **changes})  # type: ignore[arg-type]


def units(text: str, lang: str) -> list[str]:
    return list(text) if lang == "zh" else text.split()


@dataclass
class Talk:
    """A call in progress. `say` speaks one sentence and answers every effect it caused."""

    lang: str = "zh"
    name: str = ""
    analyst: TextAnalyzer = field(default_factory=Analyst)
    changes: dict[str, object] = field(default_factory=dict)
    session: MonitorSession = field(init=False)
    effects: list[MonitorEffect] = field(default_factory=list)
    secs: float = 0.5
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        facts = FACTS[self.lang] | ({"debtor_name": self.name} if self.name else {})
        self.session = MonitorSession(context(self.lang, facts=facts, **self.changes), self.analyst, library())
        self.effects += self.session.start()

    @property
    def offered(self) -> str:
        """The line on the agent's screen."""
        shown = self.session.suggestion
        assert shown is not None
        return shown.text

    def say(self, speaker: str, text: str, *, clear: bool = True, lag_secs: float = 0.4) -> list[MonitorEffect]:
        out: list[MonitorEffect] = []
        for event, now in self._events(speaker, text, clear=clear, lag_secs=lag_secs):
            out += self.session.on_speech_event(event, now)
        self.effects += out
        return out

    def _events(
        self, speaker: str, text: str, *, clear: bool, lag_secs: float
    ) -> Iterator[tuple[PartialHypothesis | FinalHypothesis, datetime]]:
        number = self.counts.get(speaker, 0)
        self.counts[speaker] = number + 1
        joint = "" if self.lang == "zh" else " "
        parts = units(text, self.lang)
        start = self.secs
        words = tuple(
            Word(text=part, start=start + i * SECS_PER_UNIT, end=start + (i + 1) * SECS_PER_UNIT, probability=0.9)
            for i, part in enumerate(parts)
        )
        for upto in range(2, len(parts), 2):
            end = start + upto * SECS_PER_UNIT
            committed = joint.join(parts[: max(0, upto - 2)])
            tail = joint.join(parts[max(0, upto - 2) : upto])
            partial = PartialHypothesis(
                track=speaker,
                utterance=number,
                start=start,
                end=end,
                committed=committed,
                tail=tail,
                language=self.lang,
            )
            yield partial, START + timedelta(seconds=end + lag_secs)
        self.secs = start + len(parts) * SECS_PER_UNIT + 0.6
        final = FinalHypothesis(
            track=speaker, utterance=number, start=start, end=self.secs - 0.6, text=text, words=words,
            avg_logprob=-0.1 if clear else -1.2, no_speech_prob=0.0, language=self.lang, clear=clear, reason="silence",
        )  # fmt: skip
        yield final, START + timedelta(seconds=self.secs + lag_secs)


def of(effects: list[MonitorEffect], kind: type[E]) -> list[E]:
    return [effect for effect in effects if isinstance(effect, kind)]
