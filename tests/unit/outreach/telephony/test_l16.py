"""Binary stereo media: packet sizes change nothing, and bad input is one error."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import MediaError
from outreach.telephony.events import Encoding, MediaDigit, MediaFrame, MediaStarted, MediaStopped, Track
from outreach.telephony.l16 import MAX_MESSAGE_BYTES, L16Decoder

HEADER = {"callSid": "call-7", "sampleRate": 8000, "mixType": "stereo", "metadata": {"token": "t", "n": 1}}


def started(**changes: Any) -> L16Decoder:
    decoder = L16Decoder()
    decoder.decode(json.dumps(HEADER | changes))
    return decoder


def stereo(samples: int) -> bytes:
    left = np.arange(samples, dtype="<i2")
    return np.stack([left, -left], axis=1).astype("<i2").tobytes()


def test_the_header_starts_the_stream() -> None:
    [event] = L16Decoder().decode(json.dumps(HEADER))
    assert event == MediaStarted(
        call_sid="call-7",
        stream_sid="call-7",
        tracks=(Track.INBOUND, Track.OUTBOUND),
        rate_hz=8000,
        encoding=Encoding.L16,
        params={"token": "t"},
    )


@given(st.lists(st.integers(1, 900), min_size=1, max_size=12), st.sampled_from([8000, 16000]))
def test_any_packet_sizes_give_the_same_tracks(cuts: list[int], rate_hz: int) -> None:
    whole = stereo(rate_hz // 10 + 37)
    decoder = started(sampleRate=rate_hz)
    events, at = [], 0
    for size in [*cuts, len(whole)]:
        events += decoder.decode(whole[at : at + size])
        at += size
    events += decoder.finish()
    assert isinstance(events[-1], MediaStopped)
    frames = [event for event in events if isinstance(event, MediaFrame)]
    for track, sign in ((Track.INBOUND, 1), (Track.OUTBOUND, -1)):
        mine = [frame for frame in frames if frame.track is track]
        heard = np.frombuffer(b"".join(frame.payload for frame in mine), "<i2")
        assert (heard == sign * np.arange(rate_hz // 10 + 37)).all()
        assert [frame.timestamp_ms for frame in mine] == [20 * n for n in range(len(mine))]
        assert [frame.chunk for frame in mine] == list(range(1, len(mine) + 1))


def test_keys_pressed_and_other_notes() -> None:
    decoder = started()
    note = '{"event": "dtmf", "dtmf": "5", "duration": "160"}'
    assert decoder.decode(note) == [MediaDigit(call_sid="call-7", track=Track.INBOUND, digit="5")]
    assert decoder.decode('{"event": "resumed"}') == ()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "media.malformed"),
        ("[]", "media.malformed"),
        ("{", "media.malformed"),
        (json.dumps({"sampleRate": 8000}), "media.malformed"),
        (json.dumps(HEADER | {"mixType": "mono"}), "media.unsupported"),
        (json.dumps(HEADER | {"sampleRate": 11025}), "media.unsupported"),
        (b"\x00" * 640, "media.out_of_order"),
        (b"\x00" * (MAX_MESSAGE_BYTES + 1), "media.too_large"),
    ],
)
def test_hostile_input_is_one_error(message: str | bytes, code: str) -> None:
    with pytest.raises(MediaError) as refused:
        L16Decoder().decode(message)
    assert refused.value.code == code


def test_a_connection_that_never_started_ends_quietly() -> None:
    assert L16Decoder().finish() == ()
