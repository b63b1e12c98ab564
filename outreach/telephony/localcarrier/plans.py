"""What the creator of a call asked for, read from REST form fields; mistakes get Twilio's codes. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["GET", "POST"]
E164 = re.compile(r"\+[1-9][0-9]{5,14}\Z", re.ASCII)
MAX_TWIML_CHARS = 4000
_PROGRESS = frozenset({"initiated", "ringing", "answered", "completed"})


class RestError(Exception):
    """A refused request: HTTP status, Twilio code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def to_json(self) -> dict[str, Any]:
        """The error body."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


class Form:
    """Form fields of a request; repeated keys are lists."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = list(pairs)

    def get(self, name: str) -> str | None:
        """The first value, None when absent or empty."""
        return next((value for key, value in self._pairs if key == name and value), None)

    def all(self, name: str) -> list[str]:
        """Every value."""
        return [value for key, value in self._pairs if key == name and value]

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        text = self.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise RestError(400, 20001, f"{name} must be a whole number from {low} to {high}")
        return int(text)

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        text = (self.get(name) or "false").lower()
        if text not in ("true", "false"):
            raise RestError(400, 20001, f"{name} must be true or false")
        return text == "true"

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of the allowed words."""
        text = self.get(name) or default
        if text not in allowed:
            raise RestError(400, 20001, f"{name} must be one of {', '.join(allowed)}")
        return text

    def method(self, name: str) -> Method:
        """GET or POST (the default)."""
        return "GET" if self.choice(name, ("GET", "POST"), "POST") == "GET" else "POST"


@dataclass(frozen=True, kw_only=True)
class CallPlan:
    """The parameters of a call that shape its life."""

    twiml: str | None
    url: str | None
    method: Method
    timeout_secs: int
    time_limit_secs: int
    status_callback: str | None
    status_method: Method
    status_events: frozenset[str]
    record: bool
    recording_channels: int
    recording_callback: str | None
    recording_method: Method
    recording_events: frozenset[str]
    machine_detection: str | None
    async_amd: bool
    amd_callback: str | None
    amd_method: Method


def check_numbers(form: Form, own_numbers: tuple[str, ...]) -> tuple[str, str]:
    """(To, From) of a new call, both E.164, From one of ours when ours are listed."""
    to, from_ = form.get("To"), form.get("From")
    if to is None:
        raise RestError(400, 21201, "No 'To' number is specified")
    if not E164.match(to):
        raise RestError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if from_ is None or not E164.match(from_):
        raise RestError(
            400, 21212, "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID"
        )
    if own_numbers and from_ not in own_numbers:
        raise RestError(400, 21210, f"'From' phone number {from_} not verified")
    return to, from_


def call_plan(form: Form) -> CallPlan:
    """The plan of a new call. Raises RestError."""
    twiml, url = form.get("Twiml"), form.get("Url")
    if twiml is None and url is None:
        raise RestError(400, 21205, "Url parameter is required")
    if twiml is not None and len(twiml) > MAX_TWIML_CHARS:
        raise RestError(400, 21605, f"Twiml must have at most {MAX_TWIML_CHARS} characters")
    events = frozenset(form.all("StatusCallbackEvent")) or frozenset({"completed"})
    if not events <= _PROGRESS:
        raise RestError(400, 21609, f"StatusCallbackEvent must be among {', '.join(sorted(_PROGRESS))}")
    detection = form.get("MachineDetection")
    return CallPlan(
        twiml=None if url else twiml,
        url=url,
        method=form.method("Method"),
        timeout_secs=form.integer("Timeout", 60, 1, 600),
        time_limit_secs=form.integer("TimeLimit", 14_400, 1, 86_400),
        status_callback=form.get("StatusCallback"),
        status_method=form.method("StatusCallbackMethod"),
        status_events=events,
        record=form.flag("Record"),
        recording_channels=2 if form.choice("RecordingChannels", ("mono", "dual"), "mono") == "dual" else 1,
        recording_callback=form.get("RecordingStatusCallback"),
        recording_method=form.method("RecordingStatusCallbackMethod"),
        recording_events=frozenset(form.all("RecordingStatusCallbackEvent")) or frozenset({"completed"}),
        machine_detection=detection and form.choice("MachineDetection", ("Enable", "DetectMessageEnd"), "Enable"),
        async_amd=form.flag("AsyncAmd"),
        amd_callback=form.get("AsyncAmdStatusCallback"),
        amd_method=form.method("AsyncAmdStatusCallbackMethod"),
    )
