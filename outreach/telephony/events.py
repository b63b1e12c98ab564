"""Provider-neutral events of a call, a message and its media; no carrier's field names go further than its adapter.

Times are aware datetimes in UTC; durations are seconds; media times are milliseconds of the carrier's sample clock.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec


class CallStatus(StrEnum):
    """Where a call stands. The last five are final."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no_answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """No further status can follow."""
        return self not in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class AnsweredBy(StrEnum):
    """What the carrier's machine detection heard. UNKNOWN is a verdict, not an absence."""

    HUMAN = "human"
    MACHINE = "machine"
    MACHINE_AFTER_BEEP = "machine_after_beep"
    MACHINE_AFTER_SILENCE = "machine_after_silence"
    MACHINE_AFTER_GREETING = "machine_after_greeting"
    FAX = "fax"
    UNKNOWN = "unknown"

    @property
    def is_machine(self) -> bool:
        """A voicemail or another recording answered."""
        return self.value.startswith("machine")


class Track(StrEnum):
    """Direction of audio relative to the carrier. On a call we placed INBOUND is the debtor, OUTBOUND the agent."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Encoding(StrEnum):
    """How a media payload is coded: G.711 mu-law (1 byte a sample) or little-endian 16-bit linear."""

    MULAW = "mulaw"
    L16 = "l16"


@dataclass(frozen=True, kw_only=True)
class CallProgress:
    """One status change of the debtor's leg. `sequence` orders the changes of one call; arrival order does not."""

    call_sid: str
    attempt_id: str | None
    status: CallStatus
    sequence: int
    at: datetime
    sip_code: int | None = None
    duration_secs: int | None = None
    answered_by: AnsweredBy | None = None


@dataclass(frozen=True, kw_only=True)
class AgentLegProgress:
    """One status change of the leg that the call was bridged to; `parent_call_sid` is the debtor's leg."""

    call_sid: str
    parent_call_sid: str
    attempt_id: str | None
    status: CallStatus
    sequence: int
    at: datetime
    sip_code: int | None = None
    duration_secs: int | None = None


@dataclass(frozen=True, kw_only=True)
class MachineVerdict:
    """Machine detection finished, `detection_ms` after the answer."""

    call_sid: str
    attempt_id: str | None
    answered_by: AnsweredBy
    detection_ms: int | None


class RecordingState(StrEnum):
    """Life of a recording; COMPLETED means it can be fetched."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class RecordingReady:
    """A recording changed state; normally the last event of a call."""

    call_sid: str
    attempt_id: str | None
    recording_sid: str
    state: RecordingState
    channels: int
    duration_secs: int | None
    error_code: str | None = None


class StreamState(StrEnum):
    """Life of a media stream as the carrier reports it."""

    STARTED = "started"
    STOPPED = "stopped"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class StreamStatus:
    """The carrier opened, closed or lost a media stream."""

    call_sid: str
    attempt_id: str | None
    stream_sid: str
    state: StreamState
    at: datetime
    error: str | None = None


class MessageState(StrEnum):
    """Where a text message stands. The last three are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """No further status can follow."""
        return self in (MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.FAILED)


@dataclass(frozen=True, kw_only=True)
class MessageStatus:
    """A text message that we sent changed state; the changes may arrive in any order."""

    message_sid: str
    attempt_id: str | None
    state: MessageState
    error_code: str | None = None


class OptWord(StrEnum):
    """A reply that is as a whole an opt-out, opt-in or help word."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A text message from a person. `opt_word` is set when the whole body is such a word, in English or Chinese."""

    message_sid: str
    from_: str = field(repr=False)
    to: str = field(repr=False)
    body: str = field(repr=False)
    opt_word: OptWord | None = None


CarrierEvent = (
    CallProgress | AgentLegProgress | MachineVerdict | RecordingReady | StreamStatus | MessageStatus | InboundMessage
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaStarted:
    """A media stream begins. `params` is what the call setup attached, among it the one-time `token`."""

    call_sid: str
    stream_sid: str
    tracks: tuple[Track, ...]
    rate_hz: int
    encoding: Encoding
    params: dict[str, str]


class MediaFrame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A block of one track of the stream whose `MediaStarted` told call, rate and encoding.

    `timestamp_ms` is its start on the stream's sample clock; a jump in it is lost audio. `chunk` counts the blocks of
    one track from 1 where the carrier says so, else it is our own count. A struct and not a dataclass as its
    neighbours, so that a decoder can read it from the wire in one step: a hundred come a second for every call.
    """

    track: Track
    timestamp_ms: int
    payload: bytes
    chunk: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaDigit:
    """A key pressed during the call."""

    call_sid: str
    track: Track
    digit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaStopped:
    """The carrier closed the stream in order."""

    call_sid: str
    stream_sid: str


MediaEvent = MediaStarted | MediaFrame | MediaDigit | MediaStopped
