"""Calls as the carrier sends them: two seeded tracks, mu-law, 20 ms a message, the tracks 10 ms apart. Pure."""

from __future__ import annotations

import base64
import json
import random

FRAME_BYTES = 160
FRAMES_PER_SEC = 50
TRACKS = ("inbound", "outbound")
LOOP_FRAMES = 500
STREAM = "MZ" + "2" * 32


def call_sid(number: int) -> str:
    """A carrier's id for the call of that number."""
    return f"CA{number:032d}"


def audio(track: str) -> bytes:
    """Ten seconds of mu-law noise, another for each track; calls longer than that repeat it."""
    return random.Random(track).randbytes(LOOP_FRAMES * FRAME_BYTES)


AUDIO = {track: audio(track) for track in TRACKS}
PAYLOADS = {
    track: [
        base64.b64encode(AUDIO[track][at : at + FRAME_BYTES]).decode()
        for at in range(0, LOOP_FRAMES * FRAME_BYTES, FRAME_BYTES)
    ]
    for track in TRACKS
}


def sent(track: str, frames: int) -> bytes:
    """The mu-law audio of the first `frames` messages of a track."""
    whole, rest = divmod(frames, LOOP_FRAMES)
    return AUDIO[track] * whole + AUDIO[track][: rest * FRAME_BYTES]


def opening(number: int) -> list[str]:
    """The two messages before the audio."""
    sid = call_sid(number)
    start = {
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": "AC" + "0" * 32,
            "streamSid": STREAM,
            "callSid": sid,
            "tracks": TRACKS,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": "t", "attempt": "a"},
        },
        "streamSid": STREAM,
    }
    return ['{"event":"connected","protocol":"Call","version":"1.0.0"}', json.dumps(start)]


def media(track: str, frame: int) -> str:
    """One message: frame number `frame`, counted from 0, of a track."""
    order = 2 * frame + (track == "outbound") + 2
    return (
        f'{{"event":"media","sequenceNumber":"{order}","media":{{"track":"{track}","chunk":"{frame + 1}",'
        f'"timestamp":"{frame * 20}","payload":"{PAYLOADS[track][frame % LOOP_FRAMES]}"}},"streamSid":"{STREAM}"}}'
    )


def closing(number: int) -> str:
    """The last message."""
    stop = {"accountSid": "AC" + "0" * 32, "callSid": call_sid(number)}
    return json.dumps({"event": "stop", "sequenceNumber": "9", "stop": stop, "streamSid": STREAM})


def messages(secs: int) -> list[str]:
    """The media messages of one call, both tracks in turn."""
    return [media(track, frame) for frame in range(secs * FRAMES_PER_SEC) for track in TRACKS]
