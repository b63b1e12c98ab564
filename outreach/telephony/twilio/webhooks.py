"""From a signed callback to a neutral event. Pure: the caller hands in the request as it came.

The last path segment names the kind; the public address is rebuilt from the settings, because behind a proxy the
address we see is not the one that was signed. Unknown parameters are ignored; every malformation is one WebhookError.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated
from urllib.parse import parse_qs, parse_qsl

import msgspec
from msgspec import Meta

from outreach.errors import WebhookError
from outreach.telephony.events import (
    AgentLegProgress,
    AnsweredBy,
    CallProgress,
    CarrierEvent,
    InboundMessage,
    MachineVerdict,
    MessageState,
    MessageStatus,
    OptWord,
    RecordingReady,
    RecordingState,
    StreamState,
    StreamStatus,
)
from outreach.telephony.opt_words import classify_opt_word
from outreach.telephony.port import WebhookRequest
from outreach.telephony.twilio.settings import TwilioSettings
from outreach.telephony.twilio.signature import FormValues, check_signature
from outreach.telephony.twilio.vocabulary import ANSWERED_BY, CALL_STATUS, MESSAGE_STATE

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 200

_CallSid = Annotated[str, Meta(pattern=r"^CA[0-9a-fA-F]{32}$")]
_Sid = Annotated[str, Meta(pattern=r"^[A-Z]{2}[0-9a-fA-F]{32}$")]
_Number = Annotated[str, Meta(max_length=64)]
_Count = Annotated[int, Meta(ge=0, le=2**31)]
_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class _Progress(msgspec.Struct, rename="pascal"):
    call_sid: _CallSid
    call_status: str
    sequence_number: _Count
    timestamp: str
    parent_call_sid: _CallSid | None = None
    sip_response_code: _Count | None = None
    call_duration: _Count | None = None
    answered_by: str | None = None


class _Machine(msgspec.Struct, rename="pascal"):
    call_sid: _CallSid
    answered_by: str
    machine_detection_duration: _Count | None = None


class _Recording(msgspec.Struct, rename="pascal"):
    call_sid: _CallSid
    recording_sid: _Sid
    recording_status: str
    recording_channels: _Count = 1
    recording_duration: int | None = None
    error_code: str | None = None


class _Stream(msgspec.Struct, rename="pascal"):
    call_sid: _CallSid
    stream_sid: _Sid
    stream_event: str
    timestamp: str
    stream_error: str | None = None


class _MessageStatus(msgspec.Struct, rename="pascal"):
    message_sid: _Sid
    message_status: str
    error_code: str | None = None


class _Inbound(msgspec.Struct, rename={"from_": "From", "to": "To", "message_sid": "MessageSid", "body": "Body"}):
    message_sid: _Sid
    from_: _Number
    to: _Number
    body: Annotated[str, Meta(max_length=10_000)] = ""
    opt_out_type: str | None = msgspec.field(default=None, name="OptOutType")


def parse(settings: TwilioSettings, request: WebhookRequest) -> CarrierEvent:
    """Check the signature and read one callback. Raises WebhookError (webhook.*)."""
    kind = request.path.rstrip("/").rsplit("/", 1)[-1]
    reader = _READERS.get(kind)
    if reader is None:
        raise WebhookError("webhook.unknown_kind", f"no callback of this kind is expected; known: {sorted(_READERS)}")
    if request.method.upper() != "POST":
        raise WebhookError("webhook.bad_method", f"a callback is a POST, found {request.method.upper()[:16]}")
    if len(request.body) > MAX_BODY_BYTES:
        raise WebhookError("webhook.too_large", f"a callback has at most {MAX_BODY_BYTES} bytes")
    is_json = (request.header("Content-Type") or "").lower().startswith("application/json")
    form = None if is_json else _form(request.body)
    check_signature(settings, request, settings.callback_url(kind, request.query), form)
    fields = form.first() if form is not None else _json_fields(request.body)
    try:
        return reader(fields, _attempt(request.query))
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        # The error text may quote what was sent, numbers included: only its kind goes on.
        found = type(error).__name__
        raise WebhookError("webhook.malformed", f"a signed {kind} callback cannot be read ({found})") from None


def _form(body: bytes) -> FormValues:
    try:
        text = body.decode("utf-8")
        return FormValues(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError:
        raise WebhookError("webhook.malformed", "the body is not a form in UTF-8") from None


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookError("webhook.malformed", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise WebhookError("webhook.malformed", "the body is not a JSON object")
    return {name: str(item) for name, item in value.items() if item not in (None, "")}


def _attempt(query: str) -> str | None:
    given = parse_qs(query).get("attempt", [""])[0]
    return given if _ATTEMPT.match(given) else None


def _instant(text: str) -> datetime:
    """RFC 2822 (voice) or RFC 3339 (streams), always with a zone."""
    value = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC)


def _progress(fields: dict[str, str], attempt_id: str | None) -> CallProgress:
    read = msgspec.convert(fields, _Progress, strict=False)
    return CallProgress(
        call_sid=read.call_sid,
        attempt_id=attempt_id,
        status=CALL_STATUS[read.call_status],
        sequence=read.sequence_number,
        at=_instant(read.timestamp),
        sip_code=read.sip_response_code,
        duration_secs=read.call_duration,
        answered_by=_answered_by(read.answered_by),
    )


def _agent_leg(fields: dict[str, str], attempt_id: str | None) -> AgentLegProgress:
    read = msgspec.convert(fields, _Progress, strict=False)
    if read.parent_call_sid is None:
        raise ValueError("a bridged leg without its parent")
    return AgentLegProgress(
        call_sid=read.call_sid,
        parent_call_sid=read.parent_call_sid,
        attempt_id=attempt_id,
        status=CALL_STATUS[read.call_status],
        sequence=read.sequence_number,
        at=_instant(read.timestamp),
        sip_code=read.sip_response_code,
        duration_secs=read.call_duration,
    )


def _answered_by(value: str | None) -> AnsweredBy | None:
    return None if value is None else ANSWERED_BY.get(value, AnsweredBy.UNKNOWN)


def _machine(fields: dict[str, str], attempt_id: str | None) -> MachineVerdict:
    read = msgspec.convert(fields, _Machine, strict=False)
    return MachineVerdict(
        call_sid=read.call_sid,
        attempt_id=attempt_id,
        answered_by=ANSWERED_BY.get(read.answered_by, AnsweredBy.UNKNOWN),
        detection_ms=read.machine_detection_duration,
    )


def _recording(fields: dict[str, str], attempt_id: str | None) -> RecordingReady:
    read = msgspec.convert(fields, _Recording, strict=False)
    duration = read.recording_duration
    return RecordingReady(
        call_sid=read.call_sid,
        attempt_id=attempt_id,
        recording_sid=read.recording_sid,
        state=RecordingState(read.recording_status.replace("-", "_")),
        channels=read.recording_channels,
        duration_secs=duration if duration is not None and duration >= 0 else None,
        error_code=None if read.error_code in (None, "0") else read.error_code,
    )


def _stream(fields: dict[str, str], attempt_id: str | None) -> StreamStatus:
    read = msgspec.convert(fields, _Stream, strict=False)
    return StreamStatus(
        call_sid=read.call_sid,
        attempt_id=attempt_id,
        stream_sid=read.stream_sid,
        state=StreamState(read.stream_event.removeprefix("stream-")),
        at=_instant(read.timestamp),
        error=read.stream_error,
    )


def _message_status(fields: dict[str, str], attempt_id: str | None) -> MessageStatus:
    read = msgspec.convert(fields, _MessageStatus, strict=False)
    state = MESSAGE_STATE.get(read.message_status)
    if state is None:
        raise ValueError("a message status that is not known")
    return MessageStatus(
        message_sid=read.message_sid, attempt_id=attempt_id, state=MessageState(state), error_code=read.error_code
    )


def _inbound(fields: dict[str, str], _attempt_id: str | None) -> InboundMessage:
    read = msgspec.convert(fields, _Inbound, strict=False)
    told = read.opt_out_type.lower() if read.opt_out_type else None
    word = OptWord(told) if told in set(OptWord) else classify_opt_word(read.body)
    return InboundMessage(message_sid=read.message_sid, from_=read.from_, to=read.to, body=read.body, opt_word=word)


_READERS: dict[str, Callable[[dict[str, str], str | None], CarrierEvent]] = {
    "voice-status": _progress,
    "agent-leg": _agent_leg,
    "machine": _machine,
    "recording": _recording,
    "stream": _stream,
    "message-status": _message_status,
    "message-in": _inbound,
}
CALLBACK_KINDS = frozenset(_READERS)
