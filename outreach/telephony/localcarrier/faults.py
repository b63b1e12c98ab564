"""What goes wrong, when and how often: draws from the scenario's fault list, deterministic for a seed. Pure."""

import random
from collections.abc import Sequence

from outreach.telephony.localcarrier.scenario import Fault, FaultAction


class FaultPlan:
    """Asked at each point where something can go wrong; the first fault that applies wins."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(faults)
        self._left = [fault.times for fault in self._faults]
        self._random = random.Random(seed)

    def draw(self, at: str, *, label: str | None = None, to: str | None = None) -> Fault | None:
        """The fault that strikes here, or None. A fault with `times` strikes that often and no more."""
        for index, fault in enumerate(self._faults):
            if fault.at != at or self._left[index] == 0:
                continue
            if (fault.match is not None and fault.match != label) or (fault.to is not None and fault.to != to):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            left = self._left[index]
            self._left[index] = None if left is None else left - 1
            return fault
        return None

    def action(self, at: str, *, label: str | None = None, to: str | None = None) -> FaultAction | None:
        """Only the name of what strikes."""
        fault = self.draw(at, label=label, to=to)
        return None if fault is None else fault.action

    def any_on(self, at: str) -> bool:
        """Whether a kind of fault can still strike: lets the busy media path skip the draw."""
        return any(fault.at == at and left != 0 for fault, left in zip(self._faults, self._left, strict=True))
