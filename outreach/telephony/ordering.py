"""Status changes arrive twice, late, out of order or never: pure rules to put them right.

A carrier's callbacks are separate requests. Order is told by the sequence number, never by arrival.
"""

from collections.abc import Iterable

from outreach.telephony.events import CallProgress


def order_progress(events: Iterable[CallProgress]) -> tuple[CallProgress, ...]:
    """The changes of one or more calls, each (call, sequence) once, by call and sequence. The first copy is kept."""
    kept: dict[tuple[str, int], CallProgress] = {}
    for event in events:
        kept.setdefault((event.call_sid, event.sequence), event)
    return tuple(kept[key] for key in sorted(kept))


def supersedes(event: CallProgress, current: CallProgress | None) -> bool:
    """Whether an arriving change moves its call on from `current` (the last one applied).

    False for a duplicate, for a late change, and for anything after a final status: a finished call stays finished.
    """
    if current is None:
        return True
    if event.call_sid != current.call_sid:
        raise ValueError("changes of two different calls cannot be compared")
    return event.sequence > current.sequence and not current.status.is_final
