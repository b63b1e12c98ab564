"""Callbacks: only what the carrier signed is read, and what is read becomes a neutral event."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from outreach.errors import WebhookError
from outreach.telephony.events import (
    AnsweredBy,
    CallProgress,
    CallStatus,
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
from outreach.telephony.port import WebhookRequest
from outreach.telephony.twilio.settings import TwilioSettings
from outreach.telephony.twilio.webhooks import CALLBACK_KINDS, MAX_BODY_BYTES, MAX_FIELDS, parse

TOKEN = "the-token"
SETTINGS = TwilioSettings(
    account_sid="AC" + "0" * 32,
    auth_token=TOKEN,
    public_url="https://fairline.example/prefix/",
    media_url="wss://fairline.example/media",
    shared_keys={"webhooks_sharedkey_1": "shared-secret"},
)
CALL, RECORDING = "CA" + "1" * 32, "RE" + "3" * 32
PROGRESS = [
    ("CallSid", CALL),
    ("CallStatus", "completed"),
    ("SequenceNumber", "3"),
    ("Timestamp", "Mon, 23 Nov 2026 02:00:00 +0000"),
    ("CallDuration", "12"),
    ("SipResponseCode", "200"),
    ("AnsweredBy", "machine_start"),
    ("FromCity", ""),
    ("SomethingNew", "x"),
]


def signature(url: str, pairs: list[tuple[str, str]], secret: str = TOKEN, algorithm: str = "sha1") -> str:
    """Twilio's rule, written out here a second time so that the test does not lean on the code it tests."""
    values: dict[str, set[str]] = {}
    for key, value in pairs:
        values.setdefault(key, set()).add(value)
    text = url + "".join(key + value for key in sorted(values) for value in sorted(values[key]))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), algorithm).digest()).decode()


def callback(kind: str, pairs: list[tuple[str, str]], query: str = "attempt=a-1", **changes: Any) -> WebhookRequest:
    url = f"https://fairline.example/prefix/carrier/twilio/{kind}" + (f"?{query}" if query else "")
    values: dict[str, Any] = {
        "method": "POST",
        "path": f"/carrier/twilio/{kind}",
        "query": query,
        "headers": [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-twilio-signature", signature(url, pairs)),
        ],
        "body": urlencode(pairs).encode(),
    }
    return WebhookRequest(**(values | changes))


def read(kind: str, *pairs: tuple[str, str]) -> CarrierEvent:
    return parse(SETTINGS, callback(kind, list(pairs)))


def test_call_progress() -> None:
    assert read("voice-status", *PROGRESS) == CallProgress(
        call_sid=CALL,
        attempt_id="a-1",
        status=CallStatus.COMPLETED,
        sequence=3,
        at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        sip_code=200,
        duration_secs=12,
        answered_by=AnsweredBy.MACHINE,
    )


def test_the_other_kinds() -> None:
    stream = ("StreamSid", "MZ" + "4" * 32), ("CallSid", CALL), ("Timestamp", "2026-11-23T02:00:00Z")
    assert read("stream", *stream, ("StreamEvent", "stream-error"), ("StreamError", "31921")) == StreamStatus(
        call_sid=CALL,
        attempt_id="a-1",
        stream_sid="MZ" + "4" * 32,
        state=StreamState.ERROR,
        at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        error="31921",
    )
    machine = ("CallSid", CALL), ("MachineDetectionDuration", "1400")
    assert read("machine", *machine, ("AnsweredBy", "never seen before")) == MachineVerdict(
        call_sid=CALL, attempt_id="a-1", answered_by=AnsweredBy.UNKNOWN, detection_ms=1400
    )
    recording = ("CallSid", CALL), ("RecordingSid", RECORDING), ("RecordingChannels", "2"), ("RecordingDuration", "-1")
    assert read("recording", *recording, ("RecordingStatus", "in-progress"), ("ErrorCode", "0")) == RecordingReady(
        call_sid=CALL,
        attempt_id="a-1",
        recording_sid=RECORDING,
        state=RecordingState.IN_PROGRESS,
        channels=2,
        duration_secs=None,
    )
    message = ("MessageSid", "SM" + "5" * 32), ("MessageStatus", "undelivered"), ("ErrorCode", "30005")
    assert read("message-status", *message) == MessageStatus(
        message_sid="SM" + "5" * 32, attempt_id="a-1", state=MessageState.UNDELIVERED, error_code="30005"
    )


@pytest.mark.parametrize(
    ("body", "told", "word"),
    [("退订", "", OptWord.STOP), ("whatever", "STOP", OptWord.STOP), ("明天还", "", None), ("", "", None)],
)
def test_an_inbound_message(body: str, told: str, word: OptWord | None) -> None:
    pairs = [("MessageSid", "SM" + "5" * 32), ("From", "+8613800138000"), ("To", "+861055550000"), ("Body", body)]
    event = read("message-in", *pairs, ("OptOutType", told))
    assert isinstance(event, InboundMessage)
    assert (event.body, event.opt_word) == (body, word)
    assert "13800138000" not in repr(event)


def test_repeated_keys_are_signed_once_per_value() -> None:
    assert isinstance(read("voice-status", *PROGRESS, ("Extra", "b"), ("Extra", "a"), ("Extra", "b")), CallProgress)


def test_a_default_port_in_the_signed_address_is_the_same_address() -> None:
    url = "https://fairline.example:443/prefix/carrier/twilio/voice-status?attempt=a-1"
    headers = [("X-Twilio-Signature", signature(url, PROGRESS))]
    assert parse(SETTINGS, callback("voice-status", PROGRESS, headers=headers))


def test_a_shared_key_signs_with_its_own_secret_and_algorithm() -> None:
    url = "https://fairline.example/prefix/carrier/twilio/voice-status?attempt=a-1"
    headers = [
        ("X-Twilio-Signature", signature(url, PROGRESS, "shared-secret", "sha256")),
        ("X-Twilio-Webhooks-Signature-Settings", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
    ]
    assert parse(SETTINGS, callback("voice-status", PROGRESS, headers=headers))
    for setting in ("key=other,algorithm=HMAC_SHA256", "key=webhooks_sharedkey_1,algorithm=HMAC_MD5", "nonsense"):
        changed = [headers[0], ("X-Twilio-Webhooks-Signature-Settings", setting)]
        with pytest.raises(WebhookError) as refused:
            parse(SETTINGS, callback("voice-status", PROGRESS, headers=changed))
        assert refused.value.code == "webhook.bad_signature"


def json_request(body: bytes, digest: str | None = None) -> WebhookRequest:
    query = f"attempt=a-1&bodySHA256={digest or hashlib.sha256(body).hexdigest()}"
    url = f"https://fairline.example/prefix/carrier/twilio/voice-status?{query}"
    headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Twilio-Signature", signature(url, []))]
    return callback("voice-status", [], query, headers=headers, body=body)


def test_a_json_body_is_bound_by_its_digest() -> None:
    body = json.dumps(dict(PROGRESS) | {"SequenceNumber": 3}).encode()
    assert isinstance(parse(SETTINGS, json_request(body)), CallProgress)
    altered = body.replace(b"completed", b"canceled!")
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, json_request(altered, hashlib.sha256(body).hexdigest()))
    assert refused.value.code == "webhook.bad_signature"


def test_a_json_body_without_a_digest_is_not_trusted() -> None:
    url = "https://fairline.example/prefix/carrier/twilio/voice-status?attempt=a-1"
    headers = [("Content-Type", "application/json"), ("X-Twilio-Signature", signature(url, []))]
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, callback("voice-status", [], headers=headers, body=b"{}"))
    assert refused.value.code == "webhook.bad_signature"


def test_a_signed_json_body_must_be_text() -> None:
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, json_request(b"\xff\xfe"))
    assert refused.value.code == "webhook.malformed"


FORGERIES: list[tuple[str, dict[str, Any]]] = [
    ("no signature", {"headers": []}),
    ("empty signature", {"headers": [("X-Twilio-Signature", "")]}),
    ("another secret", {"headers": [("X-Twilio-Signature", signature("https://fairline.example", PROGRESS, "x"))]}),
    ("another body", {"body": urlencode([*PROGRESS[:1], ("CallStatus", "busy")]).encode()}),
    ("another attempt", {"query": "attempt=a-2"}),
    ("no attempt", {"query": ""}),
    ("another kind", {"path": "/carrier/twilio/agent-leg"}),
    ("not ASCII", {"headers": [("X-Twilio-Signature", "签名")]}),
]


@pytest.mark.parametrize(("what", "changes"), FORGERIES, ids=[what for what, _ in FORGERIES])
def test_a_forgery_is_refused(what: str, changes: dict[str, Any]) -> None:
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, replace(callback("voice-status", PROGRESS), **changes))
    assert refused.value.code == "webhook.bad_signature", what
    assert "public_url" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": "GET"}, "webhook.bad_method"),
        ({"path": "/carrier/twilio/unknown"}, "webhook.unknown_kind"),
        ({"body": b"x" * (MAX_BODY_BYTES + 1)}, "webhook.too_large"),
        ({"body": b"CallSid=\xff%FF"}, "webhook.malformed"),
        ({"body": b"a=1&" * (MAX_FIELDS + 1)}, "webhook.malformed"),
    ],
)
def test_other_requests_are_refused_before_they_are_read(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, callback("voice-status", PROGRESS, **changes))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CallSid", "CA1"),
        ("CallStatus", "teleported"),
        ("SequenceNumber", "-1"),
        ("SequenceNumber", "three"),
        ("SequenceNumber", ""),
        ("Timestamp", "yesterday"),
        ("Timestamp", "2026-11-23T02:00:00"),
        ("CallDuration", "9" * 30),
    ],
)
def test_a_signed_callback_that_makes_no_sense_is_one_error(name: str, value: str) -> None:
    pairs = [(key, value if key == name else old) for key, old in PROGRESS]
    with pytest.raises(WebhookError) as refused:
        parse(SETTINGS, callback("voice-status", pairs))
    assert refused.value.code == "webhook.malformed"
    assert not value or value not in refused.value.message


def test_a_bridged_leg_needs_its_parent() -> None:
    with pytest.raises(WebhookError) as refused:
        read("agent-leg", *PROGRESS)
    assert refused.value.code == "webhook.malformed"


def test_an_attempt_that_is_not_ours_is_left_out() -> None:
    event = parse(SETTINGS, callback("voice-status", PROGRESS, "attempt=%3Cscript%3E"))
    assert isinstance(event, CallProgress)
    assert event.attempt_id is None


def test_every_kind_refuses_an_empty_form() -> None:
    for kind in CALLBACK_KINDS:
        with pytest.raises(WebhookError) as refused:
            parse(SETTINGS, callback(kind, []))
        assert refused.value.code == "webhook.malformed"
