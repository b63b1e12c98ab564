"""Twilio Media Streams messages into media events."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import MediaError
from outreach.telephony.events import Encoding, MediaDigit, MediaFrame, MediaStarted, MediaStopped, Track
from outreach.telephony.twilio.media import MAX_MESSAGE_CHARS, TwilioMediaDecoder

CALL, STREAM = "CA" + "1" * 32, "MZ" + "2" * 32
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": "AC" + "0" * 32,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound", "outbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t"},
        "somethingNew": {"x": 1},
    },
    "streamSid": STREAM,
}


def media(**changes: Any) -> str:
    body = {"track": "outbound", "chunk": "3", "timestamp": "40", "payload": base64.b64encode(b"\xff" * 160).decode()}
    return json.dumps({"event": "media", "sequenceNumber": "9", "media": body | changes, "streamSid": STREAM})


def begun() -> TwilioMediaDecoder:
    decoder = TwilioMediaDecoder()
    assert decoder.decode('{"event": "connected", "protocol": "Call", "version": "1.0.0"}') == ()
    decoder.decode(json.dumps(START))
    return decoder


def test_the_messages_of_a_stream() -> None:
    decoder = TwilioMediaDecoder()
    [start] = decoder.decode(json.dumps(START))
    assert isinstance(start, MediaStarted)
    assert (start.call_sid, start.stream_sid, start.params) == (CALL, STREAM, {"token": "t"})
    assert (start.rate_hz, start.encoding) == (8000, Encoding.MULAW)
    [frame] = decoder.decode(media())
    assert isinstance(frame, MediaFrame)
    assert (frame.track, frame.timestamp_ms, frame.chunk) == (Track.OUTBOUND, 40, 3)
    assert frame.payload == b"\xff" * 160
    assert decoder.decode(
        '{"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": "#"}}'.replace("_track", "")
    ) == [MediaDigit(call_sid=CALL, track=Track.INBOUND, digit="#")]
    assert decoder.decode('{"event": "mark", "mark": {"name": "x"}}') == ()
    assert decoder.decode('{"event": "brand-new"}') == ()
    stop = json.dumps({"event": "stop", "stop": {"callSid": CALL}})
    assert decoder.decode(stop) == [MediaStopped(call_sid=CALL, stream_sid=STREAM)]
    assert decoder.finish() == ()


@pytest.mark.parametrize(
    "message",
    [
        "",
        "null",
        "[]",
        '{"event": 5}',
        '{"media": {}}',
        media(track="sideways"),
        media(timestamp="-1"),
        media(timestamp="soon"),
        media(chunk="1e400"),
        media(payload="not base64!"),
        media(payload=None),
        '{"event": "media"}',
        '{"event": "start"}',
        json.dumps(START),
        '{"event": "dtmf", "dtmf": {"digit": "99"}}',
        b"binary",
        " " * (MAX_MESSAGE_CHARS + 1),
        "\ud800",
    ],
)
def test_hostile_messages_are_one_error(message: str | bytes) -> None:
    with pytest.raises(MediaError):
        begun().decode(message)


_NAMES = st.sampled_from(["event", "start", "media", "track", "payload", "dtmf"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["start", "media", "stop"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(_NAMES, children, max_size=4),
)


@given(st.text(max_size=200) | _JSON.map(json.dumps))
def test_whatever_comes_there_is_no_other_error(message: str) -> None:
    try:
        events = begun().decode(message)
    except MediaError:
        return
    assert len(events) <= 1


@pytest.mark.parametrize("message", [media(), '{"event": "stop"}', '{"event": "dtmf", "dtmf": {"digit": "1"}}'])
def test_nothing_comes_before_the_start(message: str) -> None:
    with pytest.raises(MediaError) as refused:
        TwilioMediaDecoder().decode(message)
    assert refused.value.code == "media.out_of_order"


@pytest.mark.parametrize("change", [{"encoding": "audio/opus"}, {"sampleRate": 16000}, {"channels": 2}])
def test_another_format_is_unsupported(change: dict[str, Any]) -> None:
    form = START["start"]["mediaFormat"] | change
    with pytest.raises(MediaError) as refused:
        TwilioMediaDecoder().decode(json.dumps(START | {"start": START["start"] | {"mediaFormat": form}}))
    assert refused.value.code == "media.unsupported"
