"""What one call's summary needs of the effects that went out; and that nothing is flagged twice. No I/O."""

from collections.abc import Iterable
from typing import Any

from outreach.monitor.effects import CallFlagged, Escalate, FindingRaised, FindingRevised, MonitorEffect

VIOLATION = "violation"


class CallMemory:
    """Keeps violations with their present state, reasons for review and escalations, in the order they came."""

    def __init__(self) -> None:
        self._violations: dict[str, dict[str, Any]] = {}
        self._flags: dict[str, None] = {}
        self._escalated: list[str] = []

    @property
    def violations(self) -> tuple[dict[str, Any], ...]:
        """Every violation ever raised, with the state it has now."""
        return tuple(dict(value) for value in self._violations.values())

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the call goes to review, each reason once."""
        return tuple(self._flags)

    @property
    def escalated(self) -> tuple[str, ...]:
        """To whom the call was handed."""
        return tuple(self._escalated)

    def noted(self, effects: Iterable[MonitorEffect]) -> list[MonitorEffect]:
        """The effects that go out: all but a flag whose reasons are known already."""
        out: list[MonitorEffect] = []
        for effect in effects:
            if isinstance(effect, CallFlagged):
                if all(why in self._flags for why in effect.why):
                    continue
                self._flags |= dict.fromkeys(effect.why)
            elif isinstance(effect, Escalate):
                self._escalated.append(effect.to)
            elif isinstance(effect, FindingRaised) and effect.category == VIOLATION:
                self._violations[effect.key] = {
                    "label": effect.label,
                    "severity": str(effect.severity),
                    "utterance_seq": effect.utterance_seq,
                    "at_secs": round(effect.start_secs, 2),
                    "state": str(effect.state),
                }
            elif isinstance(effect, FindingRevised) and effect.key in self._violations:
                self._violations[effect.key]["state"] = str(effect.state)
            out.append(effect)
        return out
