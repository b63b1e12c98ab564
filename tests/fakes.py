"""A carrier on paper: remembers what it was asked and answers as a test tells it to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from outreach.errors import CarrierError
from outreach.telephony.clearance import Clearance, ClearanceGuard, Contact
from outreach.telephony.events import CallStatus, CarrierEvent, MessageState
from outreach.telephony.port import (
    CallSnapshot,
    CarrierCapabilities,
    MediaDecoder,
    PlaceCall,
    PlacedCall,
    Recording,
    SendMessage,
    SentMessage,
    WebhookRequest,
)


@dataclass
class PaperCarrier:
    """Implements `Carrier` without a network. `fails`: raised by the next create, after or before it took effect."""

    guard: ClearanceGuard
    now: datetime
    fails: CarrierError | None = None
    takes_effect: bool = True
    placed: list[PlaceCall] = field(default_factory=list)
    sent: list[SendMessage] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    calls: dict[str, CallSnapshot] = field(default_factory=dict)
    recordings: dict[str, bytes] = field(default_factory=dict)

    @property
    def capabilities(self) -> CarrierCapabilities:
        """Everything."""
        return CarrierCapabilities(
            name="paper",
            dual_channel_recording=True,
            both_tracks_stream=True,
            machine_detection=True,
            messages=True,
            restart_stream=True,
        )

    def place(self, clearance: Clearance, call: PlaceCall) -> PlacedCall:
        """Check the clearance as every carrier must, then remember the call."""
        self.guard.admit(clearance, Contact(channel="voice", address=call.to, attempt_id=call.attempt_id), self.now)
        failure, self.fails = self.fails, None
        sid = f"CA{len(self.placed):032d}"
        if failure is None or self.takes_effect:
            self.placed.append(call)
            self.calls[sid] = self.snapshot(sid, CallStatus.QUEUED, call.to)
        if failure is not None:
            raise failure
        return PlacedCall(call_sid=sid, status=CallStatus.QUEUED)

    def snapshot(self, sid: str, status: CallStatus, to: str = "+8613800000000") -> CallSnapshot:
        """What the carrier says about a call."""
        return CallSnapshot(
            call_sid=sid,
            status=status,
            to=to,
            from_="+862155550100",
            created_at=self.now,
            started_at=None,
            ended_at=None,
            duration_secs=None,
            answered_by=None,
            parent_call_sid=None,
        )

    def send_message(self, clearance: Clearance, message: SendMessage) -> SentMessage:
        """Check the clearance, remember the message."""
        contact = Contact(channel="sms", address=message.to, attempt_id=message.attempt_id)
        self.guard.admit(clearance, contact, self.now)
        self.sent.append(message)
        return SentMessage(message_sid=f"SM{len(self.sent):032d}", state=MessageState.QUEUED)

    def hang_up(self, call_sid: str) -> None:
        """Remember it."""
        self.ended.append(call_sid)

    def cancel(self, call_sid: str) -> None:
        """Remember it."""
        self.ended.append(call_sid)

    def fetch_call(self, call_sid: str) -> CallSnapshot:
        """The snapshot as the test set it."""
        return self.calls[call_sid]

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        """Calls to that number since then."""
        return [
            call
            for call in self.calls.values()
            if call.to == to and call.created_at is not None and call.created_at >= since
        ]

    def restart_stream(self, call_sid: str, *, attempt_id: str, stream_token: str) -> str:
        """Remember it."""
        self.restarted.append(call_sid)
        return "MZ0"

    def list_recordings(self, call_sid: str) -> list[Recording]:
        """None: tests hand recordings over by event."""
        return []

    def fetch_recording(self, recording_sid: str, take: Callable[[bytes], object]) -> None:
        """The recording as the test set it, in two chunks."""
        if recording_sid not in self.recordings:
            raise CarrierError("carrier.not_found", "no such recording", retryable=True)
        content = self.recordings[recording_sid]
        take(content[:44])
        take(content[44:])

    def parse_webhook(self, request: WebhookRequest) -> CarrierEvent:
        """Paper sends no webhooks."""
        raise AssertionError(f"nothing is sent to {request.path}")

    def media_decoder(self) -> MediaDecoder:
        """Paper has no sound."""
        raise AssertionError("paper has no sound")
