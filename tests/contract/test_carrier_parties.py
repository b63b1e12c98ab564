"""Simulated people over the wire: synthesised speech, lines from the agent console, and audio that can be swapped."""

import time
import wave
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI, Request, Response

from outreach.telephony.events import MediaStopped
from speech.codec import decode
from tests.contract.carrier_world import TALK, World, scenario, served, until, world


def audio(here: World, track: str) -> np.ndarray:
    return decode(b"".join(frame.payload for frame in here.app.frames(track)), "mulaw").astype(float)


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 8000 / len(samples))


def finish(here: World) -> None:
    here.final(here.place())
    until(lambda: here.app.of(MediaStopped))


def test_synthesised_people_take_turns_on_the_line() -> None:
    talk = {
        "debtor": [{"text": "喂，你好。", "wait": False}, {"text": "是我，什么事？"}],
        "agent": [{"text": "您好，请问是本人吗？"}, {"text": "Thank you, goodbye.", "lang": "en", "rate_wpm": 200}],
    }
    with world(scenario(conversations={"talk": talk})) as here:
        finish(here)
        frames = {track: audio(here, track) for track in ("inbound", "outbound")}
    loud = {}
    for track, samples in frames.items():
        blocks = samples[: len(samples) // 800 * 800].reshape(-1, 800)
        loud[track] = np.sqrt(np.mean(blocks**2, axis=1)) > 500
        assert 8 <= loud[track].sum() <= 80
    both = min(len(loud["inbound"]), len(loud["outbound"]))
    overlap = int((loud["inbound"][:both] & loud["outbound"][:both]).sum())
    assert overlap <= 2, "they do not talk over each other"


@pytest.mark.parametrize("freq_hz", [350, 1200])
def test_what_is_heard_is_the_audio_and_not_the_script(freq_hz: int, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    times = np.arange(16_000) / 16_000
    with wave.open(str(clip), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((np.sin(2 * np.pi * freq_hz * times) * 9000).astype("<i2").tobytes())
    talk = TALK | {"debtor": [{"text": "原来的话", "wav": str(clip), "wait": False}]}
    with world(scenario(conversations={"talk": talk})) as here:
        finish(here)
        assert loudest_hz(audio(here, "inbound")) == pytest.approx(freq_hz, abs=3)


class Console:
    """An agent console that suggests one line, slowly or not at all if told so."""

    def __init__(self, *, status: int = 200, delay_secs: float = 0.0) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.app = FastAPI()

        @self.app.get("/api/console/next")
        def suggest(request: Request, call_sid: str) -> Response:
            self.asked.append((call_sid, request.headers.get("authorization")))
            time.sleep(delay_secs)
            line = '{"text": "Your next instalment is small.", "lang": "en", "digest": "sha256:1"}'
            return Response(line, status_code=status, media_type="application/json")


SUGGESTED = {
    "debtor": [{"tone_hz": 440, "wait": False}],
    "agent": [{"suggested": True, "say": "Fallback.", "lang": "en"}],
    "hang_up_after_secs": 1.0,
}


def agent_secs(console: Console, **settings: float) -> tuple[float, str]:
    """How long the agent spoke, and the call."""
    with served(console.app) as address:
        options = {"console_url": f"http://{address}", "console_token": "agent-token", **settings}
        with world(scenario(conversations={"talk": SUGGESTED}), pace=4, **options) as here:
            sid = here.place()
            here.final(sid)
            until(lambda: here.app.of(MediaStopped))
            blocks = audio(here, "outbound")
            blocks = blocks[: len(blocks) // 160 * 160].reshape(-1, 160)
            return float((np.sqrt(np.mean(blocks**2, axis=1)) > 400).sum() * 0.02), sid


def test_an_agent_speaks_the_line_that_the_console_suggests() -> None:
    console, silent = Console(), Console(status=204)
    suggested_secs, sid = agent_secs(console)
    assert console.asked == [(sid, "Bearer agent-token")]
    fallback_secs, _ = agent_secs(silent)
    assert len(silent.asked) == 1
    assert 0.2 < fallback_secs < suggested_secs


def test_a_console_that_does_not_answer_in_time_leaves_the_fallback() -> None:
    slow = Console(delay_secs=1.0)
    secs, _ = agent_secs(slow, console_timeout_secs=0.2)
    assert len(slow.asked) == 1
    assert 0.2 < secs < 1.2
