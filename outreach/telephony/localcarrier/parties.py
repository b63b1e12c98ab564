"""A simulated person on one end of a call: listens to the line, waits its turn, speaks, hangs up. Pure.

Time is counted in 20 ms frames: one `step` hears one frame of the other side and answers with one frame of speech (or
None for silence). What is heard is decoded line audio; no turn list of the other side is known here.

IDLE --begin--> LISTENING --turn over | timeout--> PAUSING --pause over--> PREPARING --clip ready--> SPEAKING --+
                    ^  ^------- talked to again -------+                                              |
                    +------------------------------ next turn -----------------------------------------+--> FINISHED
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from outreach.telephony.localcarrier.scenario import Turn
from outreach.telephony.localcarrier.sound import FRAME_MS, FRAME_SAMPLES, Ear, Samples, padded

MAX_LISTEN_MS = 60_000
QUIET_END_MS = 20_000
_YIELD_MS = 600
_INTERRUPTED_MS = 200


class PartyState(StrEnum):
    """What a party is doing."""

    IDLE = "idle"
    LISTENING = "listening"
    PAUSING = "pausing"
    PREPARING = "preparing"
    SPEAKING = "speaking"
    FINISHED = "finished"
    GONE = "gone"


@dataclass
class PendingClip:
    """Speech that may still be in the making; `samples` is set when it is there (empty when it cannot be made)."""

    samples: Samples | None = None


@dataclass(frozen=True, kw_only=True)
class PartyScript:
    """What a party does during one call."""

    turns: tuple[Turn, ...]
    hangs_up: bool = False
    hang_up_after_secs: float = 1.5
    end_silence_secs: float = 0.8
    is_machine: bool = False
    """Hangs up by its own clock, whoever still speaks."""


@dataclass
class Party:
    """One end of a call. `speak` turns a Turn into sound, now or later."""

    script: PartyScript
    speak: Callable[[Turn], PendingClip]
    state: PartyState = PartyState.IDLE
    digits: list[str] = field(default_factory=list)
    """Keys pressed and not yet taken by the carrier."""

    def __post_init__(self) -> None:
        self._ear = Ear(end_silence_ms=round(self.script.end_silence_secs * 1000))
        self._index = -1
        self._in_state_ms = 0
        self._clip = PendingClip()
        self._played = 0

    @property
    def gone(self) -> bool:
        """The party has put the phone down."""
        return self.state is PartyState.GONE

    def begin(self) -> None:
        """The other side is on the line now."""
        if self.state is PartyState.IDLE:
            self._next_turn()

    def step(self, heard: Samples) -> Samples | None:
        """Hear 20 ms of the other side and give 20 ms of own speech, or None for silence."""
        self._ear.hear(heard)
        self._in_state_ms += FRAME_MS
        action = _ACTIONS.get(self.state)
        return action(self) if action else None

    def _turn(self) -> Turn:
        return self.script.turns[self._index]

    def _enter(self, state: PartyState) -> None:
        self.state = state
        self._in_state_ms = 0

    def _next_turn(self) -> None:
        self._index += 1
        self._ear.forget()
        self._enter(PartyState.LISTENING if self._index < len(self.script.turns) else PartyState.FINISHED)

    def _listen(self) -> None:
        turn = self._turn()
        ear = self._ear
        waited_enough = not ear.is_speaking and self._in_state_ms >= turn.timeout_secs * 1000
        if turn.barge_in_secs is not None and ear.speech_ms and ear.speech_ms >= turn.barge_in_secs * 1000:
            self._prepare()
        elif not turn.wait or ear.turn_over or waited_enough or self._in_state_ms >= MAX_LISTEN_MS:
            self._enter(PartyState.PAUSING)

    def _pause(self) -> None:
        turn = self._turn()
        ear = self._ear
        if turn.wait and ear.is_speaking and self._in_state_ms >= _INTERRUPTED_MS:
            self._enter(PartyState.LISTENING)
        elif self._in_state_ms >= turn.pause_secs * 1000:
            self._prepare()

    def _prepare(self) -> None:
        turn = self._turn()
        self.digits.extend(turn.digits)
        self._clip = self.speak(turn)
        self._played = 0
        self._enter(PartyState.PREPARING)

    def _await_clip(self) -> Samples | None:
        if self._clip.samples is None:
            return None
        self._ear.forget()
        self._enter(PartyState.SPEAKING)
        return self._say()

    def _say(self) -> Samples | None:
        samples = self._clip.samples
        talked_over = self._turn().yields and self._ear.speech_ms >= _YIELD_MS
        if samples is None or self._played >= len(samples) or talked_over:
            self._next_turn()
            return None
        frame = samples[self._played : self._played + FRAME_SAMPLES]
        self._played += FRAME_SAMPLES
        return frame if len(frame) == FRAME_SAMPLES else padded(frame)

    def _wind_up(self) -> None:
        quiet_ms = self._in_state_ms if self.script.is_machine else min(self._in_state_ms, self._ear.silence_ms)
        limit_ms = self.script.hang_up_after_secs * 1000 if self.script.hangs_up else QUIET_END_MS
        if quiet_ms >= limit_ms:
            self._enter(PartyState.GONE)


_ACTIONS: dict[PartyState, Callable[[Party], Samples | None]] = {
    PartyState.LISTENING: Party._listen,
    PartyState.PAUSING: Party._pause,
    PartyState.PREPARING: Party._await_clip,
    PartyState.SPEAKING: Party._say,
    PartyState.FINISHED: Party._wind_up,
}
