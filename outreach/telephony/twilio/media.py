"""Twilio Media Streams: JSON text messages with base64 mu-law, both tracks on one connection.

Source: Twilio "Media Streams - WebSocket messages" (connected, start, media, dtmf, mark, stop; numbers are strings).
The two speakers are told apart by `media.track`, never by order; lost audio shows as a jump in `timestamp_ms`.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.errors import MediaError
from outreach.telephony.events import (
    Encoding,
    MediaDigit,
    MediaEvent,
    MediaFrame,
    MediaStarted,
    MediaStopped,
    Track,
)

RATE_HZ = 8_000
MAX_MESSAGE_CHARS = 64 * 1024

_Count = Annotated[int, Meta(ge=0, le=2**40)]
_Sid = Annotated[str, Meta(pattern=r"^[A-Z]{2}[0-9a-fA-F]{32}$")]


class _Format(msgspec.Struct, rename="camel"):
    encoding: str
    sample_rate: int
    channels: int


class _Start(msgspec.Struct, rename="camel"):
    call_sid: _Sid
    stream_sid: _Sid
    tracks: Annotated[list[Track], Meta(min_length=1, max_length=2)]
    media_format: _Format
    custom_parameters: dict[str, str] = {}


class _Media(MediaFrame, frozen=True, kw_only=True, gc=False, rename={"timestamp_ms": "timestamp"}):
    """The frame itself, read from the message without a step between."""

    timestamp_ms: _Count
    chunk: _Count


class _Dtmf(msgspec.Struct):
    digit: Annotated[str, Meta(pattern=r"^[0-9*#A-D]$")]
    track: Track = Track.INBOUND


class _Message(msgspec.Struct, gc=False):
    event: str
    media: _Media | None = None
    start: _Start | None = None
    dtmf: _Dtmf | None = None


# Numbers come as strings; `strict=False` reads both forms.
_DECODER = msgspec.json.Decoder(_Message, strict=False)


class TwilioMediaDecoder:
    """One connection. Raises MediaError (media.*) for anything that does not follow the protocol."""

    def __init__(self) -> None:
        self._start: _Start | None = None

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        """The events of one text message; unknown events are passed over, as the protocol asks."""
        if isinstance(message, bytes):
            raise MediaError("media.malformed", "a binary message on a stream that is JSON text only")
        if len(message) > MAX_MESSAGE_CHARS:
            raise MediaError("media.too_large", f"a media message is larger than {MAX_MESSAGE_CHARS} characters")
        try:
            parsed = _DECODER.decode(message)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise MediaError("media.malformed", f"a media message is not what the protocol says: {error}") from error
        media = parsed.media
        if media is not None and parsed.event == "media":  # all but a handful of a call's messages
            if self._start is None:
                self._require()
            return (media,)
        return self._other(parsed)

    def _other(self, parsed: _Message) -> Sequence[MediaEvent]:
        if parsed.event == "media":
            raise MediaError("media.malformed", "a media message has no media")
        if parsed.event == "start":
            return self._started(parsed.start)
        if parsed.event == "dtmf" and parsed.dtmf is not None:
            return [MediaDigit(call_sid=self._require().call_sid, track=parsed.dtmf.track, digit=parsed.dtmf.digit)]
        if parsed.event == "stop":
            start = self._require()
            return [MediaStopped(call_sid=start.call_sid, stream_sid=start.stream_sid)]
        return ()

    def finish(self) -> Sequence[MediaEvent]:
        """Nothing: this protocol says `stop` itself, and a connection that closes without it was broken."""
        return ()

    def _require(self) -> _Start:
        if self._start is None:
            raise MediaError("media.out_of_order", "media came before the start message")
        return self._start

    def _started(self, start: _Start | None) -> Sequence[MediaEvent]:
        if start is None:
            raise MediaError("media.malformed", "a start message has no start")
        if self._start is not None:
            raise MediaError("media.out_of_order", "a second start message on one connection")
        form = start.media_format
        if (form.encoding, form.sample_rate, form.channels) != ("audio/x-mulaw", RATE_HZ, 1):
            raise MediaError("media.unsupported", "the stream must be audio/x-mulaw, 8000 Hz, one channel per track")
        self._start = start
        started = MediaStarted(
            call_sid=start.call_sid,
            stream_sid=start.stream_sid,
            tracks=tuple(start.tracks),
            rate_hz=RATE_HZ,
            encoding=Encoding.MULAW,
            params=start.custom_parameters,
        )
        return (started,)
