"""Media over WebSocket as FreeSWITCH `mod_audio_stream` and jambonz `listen` send it: the on-premises road.

The first text message is a JSON object that describes the call; then binary messages carry little-endian 16-bit
samples, two channels interleaved: channel 0 is what the leg says (inbound track), channel 1 what it hears (outbound).
Binary messages may have any size: whole 20 ms blocks are emitted, the rest is kept, so packet size changes nothing.
Source: jambonz "listen" verb (callSid, sampleRate, mixType, metadata); mod_audio_stream README (stereo, metadata text).
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
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

BLOCK_MS = 20
MAX_MESSAGE_BYTES = 256 * 1024
_RATES_HZ = (8_000, 16_000, 24_000, 32_000, 48_000)
_STEREO_SAMPLE_BYTES = 4
_CHANNELS = (Track.INBOUND, Track.OUTBOUND)


class _Header(msgspec.Struct, rename="camel"):
    call_sid: Annotated[str, Meta(min_length=1, max_length=128)]
    sample_rate: int
    mix_type: str
    metadata: dict[str, Any] = {}


class _Note(msgspec.Struct):
    event: str = ""
    dtmf: Annotated[str, Meta(pattern=r"^[0-9*#A-D]$")] | None = None


class L16Decoder:
    """One connection. Raises MediaError (media.*) for anything that does not follow the format."""

    def __init__(self) -> None:
        self._header: _Header | None = None
        self._rest = b""
        self._blocks = 0

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        """The events of one message: text is the header or a note, binary is audio."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise MediaError("media.too_large", f"a media message is larger than {MAX_MESSAGE_BYTES} bytes")
        if isinstance(message, str):
            return self._text(message)
        return self._audio(message)

    def finish(self) -> Sequence[MediaEvent]:
        """The connection closed: the last incomplete block, then the stop. This format has no stop message."""
        if self._header is None:
            return ()
        usable = len(self._rest) - len(self._rest) % _STEREO_SAMPLE_BYTES
        last, self._rest = self._rest[:usable], b""
        frames = self._split(last, len(last)) if last else []
        return [*frames, MediaStopped(call_sid=self._header.call_sid, stream_sid=self._header.call_sid)]

    def _text(self, message: str) -> Sequence[MediaEvent]:
        try:
            if self._header is None:
                return [self._start(msgspec.json.decode(message, type=_Header))]
            note = msgspec.json.decode(message, type=_Note)
        except msgspec.MsgspecError as error:
            raise MediaError("media.malformed", f"a text message is not what the format says: {error}") from error
        if note.event == "dtmf" and note.dtmf:
            return [MediaDigit(call_sid=self._header.call_sid, track=Track.INBOUND, digit=note.dtmf)]
        return ()

    def _start(self, header: _Header) -> MediaStarted:
        if header.mix_type != "stereo":
            raise MediaError("media.unsupported", "mixType must be 'stereo': the monitor needs the two speakers apart")
        if header.sample_rate not in _RATES_HZ:
            raise MediaError("media.unsupported", f"sampleRate must be one of {_RATES_HZ}, found {header.sample_rate}")
        self._header = header
        return MediaStarted(
            call_sid=header.call_sid,
            stream_sid=header.call_sid,
            tracks=(Track.INBOUND, Track.OUTBOUND),
            rate_hz=header.sample_rate,
            encoding=Encoding.L16,
            params={key: value for key, value in header.metadata.items() if isinstance(value, str)},
        )

    def _audio(self, message: bytes) -> Sequence[MediaEvent]:
        if self._header is None:
            raise MediaError("media.out_of_order", "audio came before the JSON message that describes the call")
        header = self._header
        data = self._rest + message
        block_bytes = header.sample_rate * BLOCK_MS // 1000 * _STEREO_SAMPLE_BYTES
        whole = len(data) - len(data) % block_bytes
        self._rest = data[whole:]
        return self._split(data[:whole], block_bytes // len(_CHANNELS))

    def _split(self, data: bytes, block_bytes: int) -> list[MediaFrame]:
        """Both channels apart in one step, then cut into blocks of `block_bytes` each; the last may be shorter."""
        stereo = np.frombuffer(data, dtype="<i2").reshape(-1, len(_CHANNELS))
        tracks = [(track, stereo[:, channel].tobytes()) for channel, track in enumerate(_CHANNELS)]
        frames = []
        for at in range(0, len(data) // len(_CHANNELS), block_bytes):
            timestamp_ms = self._blocks * BLOCK_MS
            self._blocks += 1
            frames += [
                MediaFrame(
                    track=track,
                    timestamp_ms=timestamp_ms,
                    payload=audio[at : at + block_bytes],
                    chunk=self._blocks,
                )
                for track, audio in tracks
            ]
        return frames
