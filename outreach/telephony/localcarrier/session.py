"""The sound of one live call, tick by tick: who hears whom, what is recorded and streamed.

Inbound is what the called person says; outbound is what they hear: an announcement, else the bridged agent, else the
line. Both pass through mu-law, so parties, recordings and streams all hear the same telephone quality.
"""

import asyncio
from dataclasses import dataclass, field

from outreach.telephony.localcarrier.parties import Party
from outreach.telephony.localcarrier.records import Recording
from outreach.telephony.localcarrier.sound import (
    FRAME_SAMPLES,
    SILENCE,
    LineNoise,
    Samples,
    from_mulaw,
    padded,
    to_mulaw,
)
from outreach.telephony.localcarrier.streams import MediaStream


@dataclass
class CallSession:
    """Media of one call from answer to end. `tick` is called 50 times a second of carrier time."""

    person: Party
    noise: tuple[LineNoise, LineNoise]
    agent: Party | None = None
    recordings: list[Recording] = field(default_factory=list)
    streams: list[MediaStream] = field(default_factory=list)
    person_gone: asyncio.Event = field(default_factory=asyncio.Event)
    agent_gone: asyncio.Event = field(default_factory=asyncio.Event)
    announced: asyncio.Event = field(default_factory=asyncio.Event)
    key_pressed: asyncio.Event = field(default_factory=asyncio.Event)
    ticks: int = 0

    def __post_init__(self) -> None:
        self._announcement: Samples | None = None
        self._played = 0
        self._inbound = SILENCE
        self._outbound = SILENCE
        self.person_silence_ticks = 0

    @property
    def secs(self) -> float:
        """Talk time so far."""
        return self.ticks * FRAME_SAMPLES / 8000

    def announce(self, samples: Samples) -> None:
        """Play this to the person; `announced` is set when it has been played."""
        self._announcement = samples
        self._played = 0
        self.announced.clear()

    def stop_announcement(self) -> None:
        """Fall silent."""
        self._announcement = None
        self.announced.set()

    def bridge(self, agent: Party) -> None:
        """Connect the agent: both parties may begin."""
        self.agent = agent
        self.agent_gone.clear()
        agent.begin()
        self.person.begin()

    def unbridge(self) -> None:
        """Disconnect the agent."""
        self.agent = None

    def tick(self, _tick: int) -> None:
        """One frame of everything."""
        self.ticks += 1
        said = self.person.step(self._outbound)
        answered = self.agent.step(self._inbound) if self.agent is not None else None
        played = self._next_announcement()
        heard = played if played is not None else answered
        inbound = to_mulaw(self._line(said, 0))
        outbound = to_mulaw(self._line(heard, 1))
        self._inbound, self._outbound = from_mulaw(inbound), from_mulaw(outbound)
        self.person_silence_ticks = 0 if said is not None else self.person_silence_ticks + 1
        for recording in self.recordings:
            if recording.status == "in-progress":
                recording.inbound += inbound
                recording.outbound += outbound
        for stream in self.streams:
            stream.push(inbound, outbound)
        self._notice()

    async def brake(self) -> None:
        """Let every stream's receiver catch up."""
        for stream in tuple(self.streams):
            await stream.brake()

    def _line(self, voice: Samples | None, side: int) -> Samples:
        noise = self.noise[side]
        return noise.frame() if voice is None else noise.under(voice)

    def _next_announcement(self) -> Samples | None:
        samples = self._announcement
        if samples is None:
            return None
        frame = samples[self._played : self._played + FRAME_SAMPLES]
        self._played += FRAME_SAMPLES
        if len(frame) < FRAME_SAMPLES:
            self.stop_announcement()
            return padded(frame)
        return frame

    def _notice(self) -> None:
        if self.person.gone:
            self.person_gone.set()
        if self.agent is not None and self.agent.gone:
            self.agent_gone.set()
        if self.person.digits:
            self.key_pressed.set()
