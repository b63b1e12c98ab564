"""The carrier's own objects and their REST form (Twilio field names). Pure, apart from fresh random ids."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

API_VERSION = "2010-04-01"
FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def new_sid(prefix: str) -> str:
    """A fresh object id: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def rfc2822(instant: datetime | None) -> str | None:
    """The REST form of an instant."""
    return None if instant is None else format_datetime(instant)


@dataclass(kw_only=True)
class Call:
    """One leg. `plan` is what the creator asked for; `ticks_answered` measures its talk time."""

    account_sid: str
    to: str
    from_: str
    created_at: datetime
    direction: str = "outbound-api"
    parent_sid: str | None = None
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "queued"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_secs: int | None = None
    answered_by: str | None = None
    sip_code: int | None = None
    sequence: int = 0

    @property
    def is_over(self) -> bool:
        """No further change can come."""
        return self.status in FINAL_STATUSES

    def to_json(self) -> dict[str, Any]:
        """The REST resource."""
        base = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        parts = ("notifications", "recordings", "streams", "events", "payments", "siprec", "transcriptions")
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "parent_call_sid": self.parent_sid,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from_,
            "from_formatted": self.from_,
            "phone_number_sid": None,
            "status": self.status,
            "start_time": rfc2822(self.started_at),
            "end_time": rfc2822(self.ended_at),
            "duration": None if self.duration_secs is None else str(self.duration_secs),
            "price": None,
            "price_unit": "USD",
            "direction": self.direction,
            "answered_by": self.answered_by,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.ended_at or self.started_at or self.created_at),
            "uri": f"{base}.json",
            "subresource_uris": {name: f"{base}/{name.capitalize()}.json" for name in parts},
        }

    def common_parameters(self) -> dict[str, str]:
        """Parameters that every voice callback carries; places are unknown here and therefore empty, as often there."""
        places = {f"{side}{part}": "" for side in ("From", "To") for part in ("City", "State", "Zip", "Country")}
        return {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "Direction": self.direction,
            "ApiVersion": API_VERSION,
            "CallStatus": self.status,
            **({"ParentCallSid": self.parent_sid} if self.parent_sid else {}),
            **places,
        }


@dataclass(kw_only=True)
class Recording:
    """A recording, in mu-law: `inbound` is what the leg says (channel 0), `outbound` what it hears (channel 1)."""

    account_sid: str
    call_sid: str
    channels: int
    created_at: datetime
    source: str = "OutboundAPI"
    track: str = "both"
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    inbound: bytearray = field(default_factory=bytearray)
    outbound: bytearray = field(default_factory=bytearray)

    @property
    def duration_secs(self) -> int:
        """Whole seconds recorded so far."""
        return len(self.inbound) // 8000

    def to_json(self) -> dict[str, Any]:
        """The REST resource."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"
        done = self.status == "completed"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "call_sid": self.call_sid,
            "conference_sid": None,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.created_at),
            "start_time": rfc2822(self.created_at),
            "duration": str(self.duration_secs if done else -1),
            "price": None,
            "price_unit": "USD",
            "status": self.status,
            "channels": self.channels,
            "source": self.source,
            "error_code": None,
            "uri": f"{uri}.json",
            "encryption_details": None,
            "subresource_uris": {},
            "media_url": None,
        }


@dataclass(kw_only=True)
class Message:
    """One text message, out or in."""

    account_sid: str
    to: str
    from_: str
    body: str
    created_at: datetime
    direction: str = "outbound-api"
    sid: str = field(default_factory=lambda: new_sid("SM"))
    status: str = "queued"
    error_code: int | None = None
    callback: str | None = None

    @property
    def segments(self) -> int:
        """How many messages the body takes: 160 GSM or 70 other characters, 153 and 67 when split."""
        single, split = (160, 153) if self.body.isascii() else (70, 67)
        return 1 if len(self.body) <= single else -(-len(self.body) // split)

    def to_json(self) -> dict[str, Any]:
        """The REST resource."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "to": self.to,
            "from": self.from_,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(self.segments),
            "num_media": "0",
            "messaging_service_sid": None,
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.created_at),
            "date_sent": None,
            "uri": f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


def progress_parameters(call: Call, status: str, sequence: int, now: datetime) -> dict[str, str]:
    """What a status callback adds to the common parameters."""
    parameters = {
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": rfc2822(now) or "",
    }
    if call.is_over:
        secs = call.duration_secs or 0
        parameters |= {"CallDuration": str(secs), "Duration": str(-(-secs // 60))}
        parameters |= {"SipResponseCode": str(call.sip_code)}
    if call.answered_by:
        parameters["AnsweredBy"] = call.answered_by
    return parameters
