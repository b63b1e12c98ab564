"""One call, heard: speech events in, effects out. No I/O and no clock; the worker applies the effects.

tracks -> speech events -> utterances -> analysis -> findings -> alerts -> suggestions -> summary.
"""

from datetime import datetime
from typing import Any

from outreach.monitor.context import CallContext, CallEnding
from outreach.monitor.effects import CallSummary, MonitorEffect, SuggestionShown


class MonitorSession:
    """The monitor of one call. Feed events in the order in which they were produced; apply what comes back."""

    def __init__(self, call: CallContext, analyzer: Any, library: Any) -> None:
        self._call = call
        self._analyzer = analyzer
        self._library = library
        self._suggestion: SuggestionShown | None = None

    @property
    def call(self) -> CallContext:
        """The call this session listens to."""
        return self._call

    @property
    def suggestion(self) -> SuggestionShown | None:
        """The line offered to the agent at this moment."""
        return self._suggestion

    def start(self, now: datetime) -> list[MonitorEffect]:
        """The call was answered: the opening stage and the first suggested line."""
        return []

    def on_speech_event(self, event: Any, now: datetime) -> list[MonitorEffect]:
        """A partial or final hypothesis or a gap of one track; `now` is the instant at which it is handled."""
        return []

    def end(self, ending: CallEnding, now: datetime) -> list[MonitorEffect]:
        """The call is over (flush the tracks first): the last effect is `CallSummarised`."""
        return []

    def summary(self, ending: CallEnding) -> CallSummary:
        """The deterministic summary of what was heard so far."""
        raise NotImplementedError
