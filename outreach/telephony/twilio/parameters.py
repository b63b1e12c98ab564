"""What the adapter asks of the REST API: call set-up instructions (TwiML) and parameters. Pure.

The debtor's leg is streamed (both tracks) and recorded (two channels) from the answer on, then bridged to the agent.
The recording notice is the agent's first approved line, so no announcement precedes the bridge.
"""

from typing import Any
from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Start, VoiceResponse

from outreach.errors import InputError
from outreach.telephony.port import PlaceCall, SendMessage
from outreach.telephony.twilio.settings import TwilioSettings

MAX_TWIML_CHARS = 4000
MAX_BODY_CHARS = 1600
_EVENTS = ["initiated", "ringing", "answered", "completed"]


def attempt_query(attempt_id: str) -> str:
    """The query that carries our attempt through every callback."""
    return urlencode({"attempt": attempt_id})


def call_twiml(settings: TwilioSettings, call: PlaceCall) -> str:
    """Stream both tracks, then bridge to the agent. A stream address takes no query, so its token is a parameter."""
    attempt = attempt_query(call.attempt_id)
    response = VoiceResponse()
    start = Start()
    stream = start.stream(
        url=settings.media_url,
        track="both_tracks",
        status_callback=settings.callback_url("stream", attempt),
        status_callback_method="POST",
    )
    stream.parameter(name="token", value=call.stream_token)
    stream.parameter(name="attempt", value=call.attempt_id)
    response.append(start)
    dial = Dial(timeout=settings.agent_ring_secs, time_limit=call.time_limit_secs, caller_id=call.from_)
    dial.number(
        call.agent_address,
        status_callback=settings.callback_url("agent-leg", attempt),
        status_callback_event=" ".join(_EVENTS),
        status_callback_method="POST",
    )
    response.append(dial)
    text = str(response)
    if len(text) > MAX_TWIML_CHARS:
        limit = MAX_TWIML_CHARS
        raise InputError("input.twiml_too_long", f"call instructions have {len(text)} characters, at most {limit} pass")
    return text


def call_parameters(settings: TwilioSettings, call: PlaceCall) -> dict[str, Any]:
    """Keyword arguments of the SDK's `calls.create`."""
    attempt = attempt_query(call.attempt_id)
    parameters: dict[str, Any] = {
        "to": call.to,
        "from_": call.from_,
        "twiml": call_twiml(settings, call),
        "timeout": call.timeout_secs,
        "time_limit": call.time_limit_secs,
        "status_callback": settings.callback_url("voice-status", attempt),
        "status_callback_event": _EVENTS,
        "status_callback_method": "POST",
        "record": True,
        "recording_channels": "dual",
        "recording_track": "both",
        "recording_status_callback": settings.callback_url("recording", attempt),
        "recording_status_callback_event": ["in-progress", "completed", "absent"],
        "recording_status_callback_method": "POST",
        "trim": "do-not-trim",
    }
    if settings.machine_detection is not None:
        parameters |= {
            "machine_detection": settings.machine_detection,
            "async_amd": "true",
            "async_amd_status_callback": settings.callback_url("machine", attempt),
            "async_amd_status_callback_method": "POST",
        }
    return parameters


def message_parameters(settings: TwilioSettings, message: SendMessage) -> dict[str, Any]:
    """Keyword arguments of the SDK's `messages.create`."""
    if not 1 <= len(message.body) <= MAX_BODY_CHARS:
        raise InputError("input.message_body", f"a message has 1 to {MAX_BODY_CHARS} characters")
    return {
        "to": message.to,
        "from_": message.from_,
        "body": message.body,
        "status_callback": settings.callback_url("message-status", attempt_query(message.attempt_id)),
    }


def stream_parameters(settings: TwilioSettings, *, attempt_id: str, stream_token: str) -> dict[str, Any]:
    """Keyword arguments of the SDK's `streams.create`, for a stream that broke while the call goes on."""
    return {
        "url": settings.media_url,
        "track": "both_tracks",
        "status_callback": settings.callback_url("stream", attempt_query(attempt_id)),
        "status_callback_method": "POST",
        "parameter1_name": "token",
        "parameter1_value": stream_token,
        "parameter2_name": "attempt",
        "parameter2_value": attempt_id,
    }
