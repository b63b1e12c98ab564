"""The carrier port: the only door to a telephone network.

`place` and `send_message` demand a `Clearance` and refuse without one that holds; every adapter checks it with a
`ClearanceGuard` before its first request. Methods block; asynchronous callers run them in a thread.

Errors: ClearanceError (nothing was sent) · CarrierError with `retryable` (harmless to ask again later) and
`ambiguous` (the contact may have happened: keep it charged, find out with `find_calls`, never replay) ·
WebhookError (a callback that cannot be trusted or read).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from outreach.telephony.clearance import (
    BurnResult,
    Channel,
    Clearance,
    ClearanceGuard,
    Contact,
    InMemoryUseRegistry,
    UseRegistry,
    address_digest,
)
from outreach.telephony.events import AnsweredBy, CallStatus, CarrierEvent, MediaEvent, MessageState, RecordingState

__all__ = [
    "BurnResult",
    "CallSnapshot",
    "Carrier",
    "CarrierCapabilities",
    "Channel",
    "Clearance",
    "ClearanceGuard",
    "Contact",
    "InMemoryUseRegistry",
    "MediaDecoder",
    "PlaceCall",
    "PlacedCall",
    "Recording",
    "SendMessage",
    "SentMessage",
    "UseRegistry",
    "WebhookRequest",
    "address_digest",
]


@dataclass(frozen=True, kw_only=True)
class CarrierCapabilities:
    """What an adapter can do, as data, so that callers need not know its name."""

    name: str
    dual_channel_recording: bool
    both_tracks_stream: bool
    machine_detection: bool
    messages: bool
    restart_stream: bool


@dataclass(frozen=True, kw_only=True)
class PlaceCall:
    """One call to a debtor, bridged to an agent. Addresses are E.164.

    `stream_token` is a one-time secret that comes back as the media stream's `token` parameter.
    """

    attempt_id: str
    to: str = field(repr=False)
    from_: str = field(repr=False)
    agent_address: str = field(repr=False)
    stream_token: str = field(repr=False)
    timeout_secs: int = 30
    time_limit_secs: int = 1800


@dataclass(frozen=True, kw_only=True)
class PlacedCall:
    """The carrier took the call."""

    call_sid: str
    status: CallStatus


@dataclass(frozen=True, kw_only=True)
class SendMessage:
    """One text message to a debtor. Addresses are E.164; the body has at most 1600 characters."""

    attempt_id: str
    to: str = field(repr=False)
    from_: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SentMessage:
    """The carrier took the message."""

    message_sid: str
    state: MessageState


@dataclass(frozen=True, kw_only=True)
class CallSnapshot:
    """What the carrier says about a call now."""

    call_sid: str
    status: CallStatus
    to: str = field(repr=False)
    from_: str = field(repr=False)
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_secs: int | None
    answered_by: AnsweredBy | None
    parent_call_sid: str | None


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording the carrier holds."""

    recording_sid: str
    call_sid: str
    state: RecordingState
    channels: int
    duration_secs: int | None


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """A request from outside, untrusted: the path with its raw query, headers (any case) and the raw body."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class MediaDecoder(Protocol):
    """Turns one connection's messages into media events. One instance serves one connection.

    Raises MediaError (media.*) for anything that does not follow the wire format.
    """

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        """The events of one WebSocket message; empty for messages that carry nothing for us."""
        ...

    def finish(self) -> Sequence[MediaEvent]:
        """The connection closed: what is left, with MediaStopped where the format has no stop message of its own."""
        ...


class Carrier(Protocol):
    """A telephone network. Every adapter passes the suite in `tests/contract`."""

    @property
    def capabilities(self) -> CarrierCapabilities:
        """What this adapter can do."""
        ...

    def place(self, clearance: Clearance, call: PlaceCall) -> PlacedCall:
        """Dial. The clearance is checked and burnt before the first byte leaves."""
        ...

    def send_message(self, clearance: Clearance, message: SendMessage) -> SentMessage:
        """Send a text message. The clearance is checked and burnt before the first byte leaves."""
        ...

    def hang_up(self, call_sid: str) -> None:
        """End a call in any state: a call already over is not an error."""
        ...

    def cancel(self, call_sid: str) -> None:
        """Withdraw a call that is queued or ringing; an answered call is left alone."""
        ...

    def fetch_call(self, call_sid: str) -> CallSnapshot:
        """What the carrier says about a call now."""
        ...

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        """Calls to an address created at or after `since`, oldest first: how an ambiguous `place` is reconciled."""
        ...

    def restart_stream(self, call_sid: str, *, attempt_id: str, stream_token: str) -> str:
        """Open a new media stream on a live call (the old one broke) and return its id."""
        ...

    def list_recordings(self, call_sid: str) -> list[Recording]:
        """The recordings of a call."""
        ...

    def fetch_recording(self, recording_sid: str, take: Callable[[bytes], object]) -> None:
        """Give the recording to `take`, chunk by chunk: a WAV file, channel 0 the debtor, channel 1 the agent.

        Nothing is given of an answer that is no WAV file. When the connection breaks off, what was given before is
        incomplete and a CarrierError (retryable) says so.
        """
        ...

    def parse_webhook(self, request: WebhookRequest) -> CarrierEvent:
        """Check a callback's signature and read it. Raises WebhookError (webhook.bad_signature, webhook.*)."""
        ...

    def media_decoder(self) -> MediaDecoder:
        """A decoder for one new media connection of this carrier."""
        ...
