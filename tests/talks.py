"""A conversation of made voices, heard by the real floor: what was put where is known to the tenth of a second."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.pipeline import Analyzer
from outreach.clock import ManualClock
from outreach.monitor.context import CallEnding
from outreach.telephony.events import Encoding, MediaFrame, MediaStarted, Track
from outreach.worker.context import House
from outreach.worker.floor import Floor, FloorParts
from scripts.schema import load_library
from speech.codec import encode
from speech.pool import StreamPool
from speech.types import Samples
from tests.unit.speech.fakes import EnergyProbability, FakeRecognizer
from tests.unit.speech.voices import LINE_RATE, pulses
from tests.world import MORNING, World, rulebook

SID = "CA" + "7" * 32
FRAME = 160
HOUSE = House(institution_zh="安和", institution_en="Harbor", agent_zh="小林", agent_en="Sam", service_phone="95001234")
SECS = 27.0
AGENT_HZ, DEBTOR_HZ = 130.0, 210.0
AGENT_SPEAKS = ((0.5, 4.0), (6.0, 9.0), (23.0, 23.9))
DEBTOR_SPEAKS = ((2.0, 2.4), (4.6, 7.0), (21.5, 25.5))
"""The debtor gives a back-channel, answers, is interrupted and stops; both wait; the debtor is interrupted, goes on."""


def voice(hz: float, places: Sequence[tuple[float, float]]) -> NDArray[np.int16]:
    """One track at 8 kHz: a vowel at these places, nothing elsewhere."""
    track = np.zeros(round(SECS * LINE_RATE))
    for start, end in places:
        sound = pulses(hz, end - start)
        first = round(start * LINE_RATE)
        track[first : first + len(sound)] = sound / np.abs(sound).max() * 0.4
    pcm: NDArray[np.int16] = (track * 32_767).astype(np.int16)
    return pcm


def reads(samples: Samples) -> str:
    """A short sound is a hum, a longer one a sentence."""
    return "嗯" if len(samples) < 16_000 else "这个月我可以先还一部分"


async def hear_conversation(world: World, folder: Path, patch: pytest.MonkeyPatch) -> str:
    """Send both tracks to a floor in frames of 20 ms as a carrier does; answers the call's identifier."""
    patch.setattr("speech.stream._silero", EnergyProbability)
    attempt_id = world.cleared(world.person()).attempt_id
    with world.database.session() as session:
        world.progress.placed(session, UUID(attempt_id), SID, MORNING)
    floor = Floor(
        FloorParts(
            database=world.database,
            clock=ManualClock(MORNING),
            recognizer=FakeRecognizer(reads),
            analyzer=Analyzer.load(),
            library=load_library(),
            rulebook=rulebook(),
            house=HOUSE,
            recordings=folder,
            pool=StreamPool(1),
            cancel_call=lambda _sid: None,
            end_call=lambda _sid: None,
        )
    )
    await _play(floor, attempt_id)
    await floor.close(SID, CallEnding(status="completed", answered_by="human", duration_secs=SECS))
    return SID


async def _play(floor: Floor, attempt_id: str) -> None:
    token = floor.expect(attempt_id)
    ear, origin_ms = await floor.open(
        MediaStarted(
            call_sid=SID,
            stream_sid="MZ7",
            tracks=(Track.INBOUND, Track.OUTBOUND),
            rate_hz=LINE_RATE,
            encoding=Encoding.MULAW,
            params={"attempt": attempt_id, "token": token},
        )
    )
    ear.attach()
    tracks = {
        Track.OUTBOUND: encode(voice(AGENT_HZ, AGENT_SPEAKS), "mulaw"),
        Track.INBOUND: encode(voice(DEBTOR_HZ, DEBTOR_SPEAKS), "mulaw"),
    }
    for index in range(round(SECS * LINE_RATE) // FRAME):
        for track, payload in tracks.items():
            frame = MediaFrame(
                track=track,
                timestamp_ms=index * 20,
                payload=payload[index * FRAME : (index + 1) * FRAME],
                chunk=index + 1,
            )
            ear.feed(frame, origin_ms=origin_ms)
        if index % 100 == 0:
            await asyncio.sleep(0)
    ear.detach()
