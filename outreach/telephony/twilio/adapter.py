"""The carrier port on the Twilio SDK (I/O): Twilio itself, or anything that speaks its API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from twilio.rest import Client

from outreach.clock import Clock
from outreach.errors import CarrierError
from outreach.telephony.clearance import Clearance, ClearanceGuard, Contact, address_digest
from outreach.telephony.events import CallStatus, CarrierEvent, RecordingState
from outreach.telephony.port import (
    CallSnapshot,
    CarrierCapabilities,
    PlaceCall,
    PlacedCall,
    Recording,
    SendMessage,
    SentMessage,
    WebhookRequest,
)
from outreach.telephony.twilio import parameters as wanted
from outreach.telephony.twilio import webhooks
from outreach.telephony.twilio.failures import FAILURES, translate
from outreach.telephony.twilio.http import BaseUrlHttpClient
from outreach.telephony.twilio.media import TwilioMediaDecoder
from outreach.telephony.twilio.settings import TwilioSettings
from outreach.telephony.twilio.vocabulary import ANSWERED_BY, CALL_STATUS, MESSAGE_STATE

MAX_FOUND_CALLS = 200
_T = TypeVar("_T")


class TwilioCarrier:
    """Implements `outreach.telephony.port.Carrier`. Safe to share between threads."""

    def __init__(
        self,
        settings: TwilioSettings,
        *,
        guard: ClearanceGuard,
        clock: Clock,
        http_client: BaseUrlHttpClient | None = None,
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._clock = clock
        self._http = http_client or BaseUrlHttpClient(
            base_url=settings.api_base_url, timeout_secs=settings.timeout_secs
        )
        self._client: Any = Client(settings.account_sid, settings.auth_token, http_client=self._http)

    @property
    def capabilities(self) -> CarrierCapabilities:
        """What this adapter can do."""
        return CarrierCapabilities(
            name="twilio",
            dual_channel_recording=True,
            both_tracks_stream=True,
            machine_detection=self._settings.machine_detection is not None,
            messages=True,
            restart_stream=True,
        )

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()

    def check_account(self) -> str:
        """The account's status (`active`) as the carrier states it: shows that address and credentials are right."""
        account = self._ask(lambda: self._client.api.accounts(self._settings.account_sid).fetch())
        return str(account.status)

    def place(self, clearance: Clearance, call: PlaceCall) -> PlacedCall:
        """Dial; see the port. The request is prepared first, so that a call that cannot be put burns no clearance."""
        parameters = wanted.call_parameters(self._settings, call)
        address_digest(call.agent_address)
        contact = Contact(channel="voice", address=call.to, attempt_id=call.attempt_id)
        self._guard.admit(clearance, contact, self._clock.now())
        made = self._create(lambda: self._client.calls.create(**parameters))
        return PlacedCall(call_sid=str(made.sid), status=CALL_STATUS.get(str(made.status), CallStatus.QUEUED))

    def send_message(self, clearance: Clearance, message: SendMessage) -> SentMessage:
        """Send a text message; see the port."""
        parameters = wanted.message_parameters(self._settings, message)
        contact = Contact(channel="sms", address=message.to, attempt_id=message.attempt_id)
        self._guard.admit(clearance, contact, self._clock.now())
        made = self._create(lambda: self._client.messages.create(**parameters))
        return SentMessage(message_sid=str(made.sid), state=MESSAGE_STATE[str(made.status)])

    def hang_up(self, call_sid: str) -> None:
        """End a call in any state: `completed` ends a live one and withdraws one that has not been answered."""
        self._end(call_sid, "completed")

    def cancel(self, call_sid: str) -> None:
        """Withdraw a call that is queued or ringing."""
        self._end(call_sid, "canceled")

    def fetch_call(self, call_sid: str) -> CallSnapshot:
        """What the carrier says about a call now."""
        return _snapshot(self._ask(lambda: self._client.calls(call_sid).fetch()))

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        """Calls to an address created at or after `since`, oldest first.

        The creation time is compared here (it has whole seconds): a queued call has no start time to filter by.
        """
        floor = since.astimezone(UTC).replace(microsecond=0)
        found = self._ask(lambda: self._client.calls.list(to=to, limit=MAX_FOUND_CALLS))
        snapshots = [_snapshot(call) for call in found if str(call.direction) == "outbound-api"]
        recent = [call for call in snapshots if call.created_at is None or call.created_at >= floor]
        return sorted(recent, key=lambda call: (call.created_at is None, call.created_at or floor))

    def restart_stream(self, call_sid: str, *, attempt_id: str, stream_token: str) -> str:
        """Open a new media stream on a live call and return its id."""
        parameters = wanted.stream_parameters(self._settings, attempt_id=attempt_id, stream_token=stream_token)
        return str(self._ask(lambda: self._client.calls(call_sid).streams.create(**parameters)).sid)

    def list_recordings(self, call_sid: str) -> list[Recording]:
        """The recordings of a call."""
        found = self._ask(lambda: self._client.recordings.list(call_sid=call_sid, limit=MAX_FOUND_CALLS))
        return [_recording(item) for item in found]

    def fetch_recording(self, recording_sid: str, take: Callable[[bytes], object]) -> None:
        """Give the recording to `take`, chunk by chunk: a WAV file with one channel per leg."""
        path = f"/2010-04-01/Accounts/{self._settings.account_sid}/Recordings/{recording_sid}.wav"
        auth = (self._settings.account_sid, self._settings.auth_token)

        def receive() -> None:
            with self._http.stream(path, params={"RequestedChannels": "2"}, auth=auth) as (status, chunks):
                if status == 404:
                    raise CarrierError("carrier.not_found", "the carrier has no such recording (yet)", retryable=True)
                first = next(chunks, b"")
                if status != 200 or not first.startswith(b"RIFF"):
                    message = f"no WAV file came, HTTP {status}"
                    raise CarrierError("carrier.bad_answer", message, retryable=status >= 429)
                take(first)
                for chunk in chunks:
                    take(chunk)

        self._ask(receive)

    def parse_webhook(self, request: WebhookRequest) -> CarrierEvent:
        """Check a callback's signature and read it."""
        return webhooks.parse(self._settings, request)

    def media_decoder(self) -> TwilioMediaDecoder:
        """A decoder for one new media connection."""
        return TwilioMediaDecoder()

    def _end(self, call_sid: str, status: str) -> None:
        try:
            self._ask(lambda: self._client.calls(call_sid).update(status=status))
        except CarrierError as error:
            if error.code != "carrier.call_over":
                raise

    def _create(self, send: Callable[[], _T]) -> _T:
        return self._send(send, create=True)

    def _ask(self, send: Callable[[], _T]) -> _T:
        return self._send(send, create=False)

    def _send(self, send: Callable[[], _T], *, create: bool) -> _T:
        try:
            return send()
        except FAILURES as error:
            # not chained: the SDK's exceptions quote telephone numbers
            raise translate(error, create=create) from None


def _snapshot(call: Any) -> CallSnapshot:
    answered = ANSWERED_BY.get(str(call.answered_by)) if call.answered_by else None
    return CallSnapshot(
        call_sid=str(call.sid),
        status=CALL_STATUS[str(call.status)],
        to=str(call.to),
        from_=str(call._from),
        created_at=call.date_created,
        started_at=call.start_time,
        ended_at=call.end_time,
        duration_secs=int(call.duration) if call.duration else None,
        answered_by=answered,
        parent_call_sid=call.parent_call_sid,
    )


def _recording(item: Any) -> Recording:
    known = {
        "in-progress": RecordingState.IN_PROGRESS,
        "paused": RecordingState.IN_PROGRESS,
        "processing": RecordingState.IN_PROGRESS,
        "stopped": RecordingState.IN_PROGRESS,
        "completed": RecordingState.COMPLETED,
        "absent": RecordingState.ABSENT,
    }
    duration = int(item.duration) if item.duration else None
    return Recording(
        recording_sid=str(item.sid),
        call_sid=str(item.call_sid),
        state=known.get(str(item.status), RecordingState.FAILED),
        channels=int(item.channels or 1),
        duration_secs=duration if duration is not None and duration >= 0 else None,
    )
