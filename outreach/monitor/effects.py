"""What the monitor says should happen: frozen effects, no I/O.

`MonitorSession` returns these; the worker writes them to the database, the carrier and the ledger. Times named
`*_secs` are seconds of the call's audio (second 0 is the first sample of the tracks), never the wall clock.
`utterance_seq` counts utterances of one call over both speakers, from 0; `key` values are stable for a call, so that
applying an effect twice can be recognised.

```
MonitorEffect
├── UtterancePartial · UtteranceFinal · AudioGap      what was said
├── FindingRaised · FindingRevised · ReviewMark       what it means, and how sure we are
├── AlertRaised · CallFlagged                         what a supervisor must see
├── MoodChanged · StageChanged · DisclosureHeard      where the conversation stands
├── SuggestionShown                                   the next approved line
├── HeardFact · PromiseHeard · Escalate               what takes effect outside the call, at once
└── CallSummarised                                    the deterministic end
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How soon a person must look. `INFO` asserts nothing: somebody has to listen."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


FLAGS_ITS_CALL = frozenset({Severity.CRITICAL, Severity.HIGH})
"""An alert this grave sends its call to review: `outreach.db.repository` flags the call when it stores one."""


class FindingState(StrEnum):
    """How sure the recognition under a finding is.

    `PROVISIONAL`: found on the committed prefix of a sentence that is still being said.
    `CONFIRMED`: the final text, above the confidence gate, carries it.
    `UNCLEAR`: the final text is below the gate; the finding asserts nothing, a person must listen.
    `WITHDRAWN`: the final text is clear and does not carry it.
    """

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    UNCLEAR = "unclear"
    WITHDRAWN = "withdrawn"


class FactKind(StrEnum):
    """Facts that debtor speech establishes; each takes effect on the next ruling without waiting for wrap-up."""

    STOP = "stop"
    HOSPITALISED = "hospitalised"
    WRONG_NUMBER = "wrong_number"
    REPRESENTED = "represented"
    DISPUTED = "disputed"
    MINOR = "minor"
    DECEASED = "deceased"
    BEREAVEMENT = "bereavement"


@dataclass(frozen=True, kw_only=True)
class MonitorEffect:
    """Base of everything the monitor wants done. `at_secs`: the moment of audio that it is about."""

    at_secs: float


@dataclass(frozen=True, kw_only=True)
class UtterancePartial(MonitorEffect):
    """A sentence while it is being said: `committed` no longer changes, `tail` may."""

    utterance_seq: int
    speaker: str
    start_secs: float
    end_secs: float
    committed: str
    tail: str


@dataclass(frozen=True, kw_only=True)
class UtteranceFinal(MonitorEffect):
    """A finished sentence. `clear` is False below the recogniser's confidence gate.

    `written` is what the model itself wrote where names were put into `text` by sound; None where none was.
    """

    utterance_seq: int
    speaker: str
    start_secs: float
    end_secs: float
    text: str
    language: str
    avg_logprob: float
    clear: bool
    prosody: Mapping[str, Any] | None = None  # as `outreach.monitor.manner` writes it
    written: str | None = None


@dataclass(frozen=True, kw_only=True)
class AudioGap(MonitorEffect):
    """A stretch of a track for which no audio arrived: recorded, never hidden."""

    speaker: str
    start_secs: float
    end_secs: float


@dataclass(frozen=True, kw_only=True)
class FindingRaised(MonitorEffect):
    """Something a detector found. `span` is [start, end) in code points of the utterance's text (or committed text)."""

    key: str
    utterance_seq: int
    speaker: str
    category: str  # violation | mood | intent | vulnerability
    label: str
    span: tuple[int, int] | None
    score: float
    detector: str
    why: Mapping[str, Any]
    severity: Severity
    state: FindingState
    start_secs: float
    end_secs: float
    heard_at: datetime


@dataclass(frozen=True, kw_only=True)
class FindingRevised(MonitorEffect):
    """The final text changed what is known of an earlier finding (and of the alert with `alert_key`, if any).

    `latency_ms` is set where word times of the final text give the exact end of the triggering words.
    """

    key: str
    alert_key: str | None
    state: FindingState
    severity: Severity
    span: tuple[int, int] | None
    start_secs: float
    end_secs: float
    latency_ms: float | None
    why: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReviewMark(MonitorEffect):
    """ "unclear – listen": words below the confidence gate that would matter if they were said. Asserts nothing."""

    key: str
    utterance_seq: int
    speaker: str
    start_secs: float
    end_secs: float
    labels: tuple[str, ...]
    text: Mapping[str, str]  # wording by language


@dataclass(frozen=True, kw_only=True)
class AlertRaised(MonitorEffect):
    """What a supervisor sees. `latency_ms`: from the end of the triggering words' audio to `raised_at`."""

    key: str
    finding_key: str | None
    kind: str
    severity: Severity
    text: Mapping[str, str]  # wording by language: {"zh": …, "en": …}
    utterance_seq: int
    speaker: str
    latency_ms: float
    raised_at: datetime
    provisional: bool
    citation: Mapping[str, str] = field(default_factory=dict)  # the law it rests on, by language; empty for facts


@dataclass(frozen=True, kw_only=True)
class CallFlagged(MonitorEffect):
    """The call goes to review; `why` names labels. Raised once per new reason."""

    why: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class MoodChanged(MonitorEffect):
    """The debtor's mood as now understood (hysteresis over turns), with the evidence of the turn that moved it."""

    mood: str
    previous: str | None
    score: float
    utterance_seq: int
    why: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StageChanged(MonitorEffect):
    """The conversation moved to another stage of the script."""

    stage: str
    previous: str | None
    why: str


@dataclass(frozen=True, kw_only=True)
class DisclosureHeard(MonitorEffect):
    """The agent was heard giving a mandated statement. `score` in 0..1; `matched` is the phrase it was matched to."""

    disclosure: str
    utterance_seq: int
    score: float
    matched: str


@dataclass(frozen=True, kw_only=True)
class SuggestionShown(MonitorEffect):
    """The next approved line offered to the agent, with why it was chosen."""

    seq: int
    text: str
    lang: str
    script: str
    version: str
    digest: str
    step: str
    why: str
    stage: str
    mood: str
    trigger: str
    disclosures: tuple[str, ...]
    must_say_next: tuple[str, ...]
    do_not_say: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HeardFact(MonitorEffect):
    """A fact the debtor stated, clearly or repeatedly. Takes effect on the next ruling at once."""

    kind: FactKind
    utterance_seq: int
    label: str
    score: float
    clear: bool
    times_heard: int
    heard_at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseHeard(MonitorEffect):
    """A commitment to pay. `amount` is a decimal string in `currency` or None if not said; `due` likewise."""

    utterance_seq: int
    amount: str | None
    currency: str | None
    due: date | None
    clear: bool


@dataclass(frozen=True, kw_only=True)
class Escalate(MonitorEffect):
    """A person must take over or act: `to` is a role of the script library (supervisor, care, legal …)."""

    to: str
    why: str
    utterance_seq: int


@dataclass(frozen=True, kw_only=True)
class CallSummary:
    """The deterministic summary of one call: same events, same summary. `to_json` is what `call.summary` stores."""

    call_sid: str
    disposition: str
    right_party: bool | None
    promise: Mapping[str, str | None] | None
    moods: tuple[str, ...]
    violations: tuple[Mapping[str, Any], ...]
    facts_heard: tuple[str, ...]
    disclosures_given: tuple[str, ...]
    disclosures_missing: tuple[str, ...]
    unclear_utterances: int
    utterances: int
    suggestions_shown: int
    talk_secs: Mapping[str, float]
    talk: Mapping[str, Any]  # as `outreach.monitor.talk` writes it
    flagged: bool
    flagged_why: tuple[str, ...]
    escalated_to: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON storage, stable key order."""
        return {
            "call_sid": self.call_sid,
            "disposition": self.disposition,
            "right_party": self.right_party,
            "promise": dict(self.promise) if self.promise else None,
            "moods": list(self.moods),
            "violations": [dict(item) for item in self.violations],
            "facts_heard": list(self.facts_heard),
            "disclosures_given": list(self.disclosures_given),
            "disclosures_missing": list(self.disclosures_missing),
            "unclear_utterances": self.unclear_utterances,
            "utterances": self.utterances,
            "suggestions_shown": self.suggestions_shown,
            "talk_secs": dict(self.talk_secs),
            "talk": dict(self.talk),
            "flagged": self.flagged,
            "flagged_why": list(self.flagged_why),
            "escalated_to": list(self.escalated_to),
        }


@dataclass(frozen=True, kw_only=True)
class CallSummarised(MonitorEffect):
    """The call is over and this is what it was."""

    summary: CallSummary
