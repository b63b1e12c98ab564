"""From the finished utterances of a recording to what the monitor makes of them, as it would have live. Pure.

recording -> utterances of every channel (`speech.hearing`) -> in time order -> `MonitorSession` -> effects -> record.
Both uses of this room go this way: the audit of recordings made elsewhere and the second pass after our own calls.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from outreach.monitor.context import AGENT, DEBTOR, CallContext, CallEnding
from outreach.monitor.effects import DisclosureHeard, FindingRaised, MonitorEffect, ReviewMark, UtteranceFinal
from outreach.monitor.session import MonitorSession
from outreach.rehearing.record import UNKNOWN, VIOLATION, Record, record_of
from speech.types import FinalHypothesis, SpeechEvent

NewSession = Callable[[CallContext], MonitorSession]
COMPLETED = CallEnding(status="completed")


def in_time_order(tracks: Iterable[Sequence[FinalHypothesis]]) -> list[FinalHypothesis]:
    """The utterances of all channels as they ended: what is analysed knows what was said before it, and only that."""
    return sorted((final for track in tracks for final in track), key=lambda final: (final.end, final.start))


def rehear(events: Iterable[SpeechEvent], session: MonitorSession, ending: CallEnding = COMPLETED) -> Record:
    """Everything the monitor says of these events, as a record. An event counts as handled when its sound was over."""
    return record_of(_effects(events, session, ending))


def rehear_mixed(events: Sequence[FinalHypothesis], context: CallContext, new_session: NewSession) -> Record:
    """Nobody knows who speaks: every sentence is read as the agent's and as the debtor's.

    One track holds both parties; of two tracks each holds one, and both ways round are read. What would be
    a violation if the agent said it and what would bind if the debtor said it is kept as a finding of an unknown
    speaker: it asserts nothing. Moods, facts, promises and missing statements are not judged at all.
    """
    tracks = list(dict.fromkeys(event.track for event in events))
    found: list[MonitorEffect] = []
    stated: set[str] = set()
    for first, other in ((AGENT, DEBTOR), (DEBTOR, AGENT)):
        speakers = {track: first if track == tracks[0] else other for track in tracks}
        for effect in _effects(events, new_session(replace(context, speakers=speakers)), COMPLETED):
            if isinstance(effect, UtteranceFinal):
                if first == AGENT:
                    found.append(effect)
            elif isinstance(effect, DisclosureHeard):
                if effect.disclosure not in stated:
                    stated.add(effect.disclosure)
                    found.append(effect)
            elif isinstance(effect, FindingRaised):
                if (effect.category == VIOLATION) == (effect.speaker == AGENT):
                    found.append(effect)
            elif isinstance(effect, ReviewMark):
                found.append(effect)
    return record_of(found, speaker=UNKNOWN)


def _effects(events: Iterable[SpeechEvent], session: MonitorSession, ending: CallEnding) -> list[MonitorEffect]:
    began = session.call.audio_started_at
    effects = list(session.start())
    for event in events:
        effects += session.on_speech_event(event, began + timedelta(seconds=event.end))
    return effects + session.end(ending)
