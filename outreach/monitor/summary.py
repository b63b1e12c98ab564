"""The end of a call in one deterministic record: same events, same summary. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.monitor.context import AGENT, DEBTOR, CallContext, CallEnding, Statement
from outreach.monitor.due import DebtTalk, Reached
from outreach.monitor.effects import CallSummary, FactKind, PromiseHeard
from outreach.monitor.talk import spoken_of, talk_of
from outreach.monitor.utterances import HeardUtterance

CARRIER_DISPOSITIONS: Mapping[str, str] = {
    "busy": "busy",
    "no_answer": "no-answer",
    "failed": "failed",
    "canceled": "canceled",
}
FACT_DISPOSITIONS: tuple[tuple[FactKind, str], ...] = (
    (FactKind.WRONG_NUMBER, "wrong-number"),
    (FactKind.MINOR, "minor"),
    (FactKind.DECEASED, "deceased"),
    (FactKind.HOSPITALISED, "hospitalised"),
    (FactKind.STOP, "stop-requested"),
    (FactKind.REPRESENTED, "represented"),
)
LATER_DISPOSITIONS: tuple[tuple[str, str], ...] = (
    ("dispute", "dispute"),
    ("already-paid", "already-paid"),
    ("callback-request", "callback"),
    ("hardship", "hardship"),
    ("refuse", "refused"),
)
ENDING_FACTS = frozenset({fact for fact, _ in FACT_DISPOSITIONS} | {FactKind.DISPUTED, FactKind.BEREAVEMENT})
"""What ends collection when it is heard: nothing more is due after it."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """All that the summary is made of."""

    call: CallContext
    required: tuple[Statement, ...]
    talk: DebtTalk
    utterances: tuple[HeardUtterance, ...]
    lost: tuple[tuple[float, float], ...]
    heard_until: float
    facts: frozenset[FactKind]
    promise: PromiseHeard | None
    moods: tuple[str, ...]
    violations: tuple[Mapping[str, Any], ...]
    disclosures: tuple[str, ...]
    right_party: bool | None
    suggestions_shown: int
    flagged_why: tuple[str, ...]
    escalated_to: tuple[str, ...]


def summarise(heard: Heard, ending: CallEnding) -> CallSummary:
    """The summary of one call."""
    due = _reached(heard).due()
    missing = tuple(item.id for item in heard.required if item.due in due and item.id not in heard.disclosures)
    spoken = [one for one in map(spoken_of, heard.utterances) if one is not None]
    flagged = [*heard.flagged_why, *(f"not-heard:{name}" for name in missing)]
    return CallSummary(
        call_sid=heard.call.call_sid,
        disposition=disposition(heard, ending),
        right_party=heard.right_party,
        promise=_promise_json(heard.promise),
        moods=heard.moods,
        violations=heard.violations,
        facts_heard=tuple(sorted(heard.facts)),
        disclosures_given=heard.disclosures,
        disclosures_missing=missing,
        unclear_utterances=sum(1 for utterance in heard.utterances if not utterance.clear),
        utterances=len(heard.utterances),
        suggestions_shown=heard.suggestions_shown,
        talk_secs={speaker: _talk_secs(heard.utterances, speaker) for speaker in (AGENT, DEBTOR)},
        talk=talk_of(spoken, heard.lost, heard.heard_until).to_json(),
        flagged=bool(flagged),
        flagged_why=tuple(flagged),
        escalated_to=heard.escalated_to,
    )


def disposition(heard: Heard, ending: CallEnding) -> str:
    """The closed code of the result. What binds us comes before what we hoped for; the carrier's word comes first."""
    if ending.status in CARRIER_DISPOSITIONS:
        return CARRIER_DISPOSITIONS[ending.status]
    if ending.answered_by is not None and ending.answered_by.startswith(("machine", "fax")):
        return "voicemail"
    for fact, code in FACT_DISPOSITIONS:
        if fact in heard.facts:
            return code
    if heard.promise is not None:
        return "promise-to-pay"
    intents = {
        str(intent) for utterance in heard.utterances if utterance.clear for intent in utterance.analysis.intents
    }
    for intent, code in LATER_DISPOSITIONS:
        if intent in intents:
            return code
    spoke = any(utterance.speaker == DEBTOR for utterance in heard.utterances)
    return "conversation" if spoke else "no-conversation"


def _reached(heard: Heard) -> Reached:
    return Reached(
        right_party=heard.right_party,
        agent_turns=heard.talk.agent_turns,
        told=heard.talk.told,
        turns_about_debt=heard.talk.turns_about_debt,
        ended_early=bool(heard.facts & ENDING_FACTS),
        promised=heard.promise is not None,
    )


def _promise_json(promise: PromiseHeard | None) -> dict[str, str | None] | None:
    if promise is None:
        return None
    return {
        "amount": promise.amount,
        "currency": promise.currency,
        "due": promise.due.isoformat() if promise.due else None,
    }


def _talk_secs(utterances: Iterable[HeardUtterance], speaker: str) -> float:
    return round(sum(u.event.end - u.event.start for u in utterances if u.speaker == speaker), 2)
