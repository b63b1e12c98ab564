"""What a call and a message are asked for with."""

from xml.etree import ElementTree

import pytest

from outreach.errors import ConfigError, InputError
from outreach.telephony.port import PlaceCall, SendMessage
from outreach.telephony.twilio.parameters import (
    call_parameters,
    call_twiml,
    message_parameters,
    stream_parameters,
)
from outreach.telephony.twilio.settings import TwilioSettings

GOOD = {
    "account_sid": "AC" + "0" * 32,
    "auth_token": "secret-token",
    "public_url": "https://fairline.example/",
    "media_url": "wss://fairline.example/media",
}
SETTINGS = TwilioSettings(**GOOD)
CALL = PlaceCall(
    attempt_id="a-1",
    to="+8613800138000",
    from_="+861055550000",
    agent_address="+861055550001",
    stream_token='one "time" <token>',
    time_limit_secs=600,
)


def test_the_stream_starts_before_the_bridge_and_carries_its_token() -> None:
    root = ElementTree.fromstring(call_twiml(SETTINGS, CALL))  # noqa: S314  # our own text
    assert [element.tag for element in root] == ["Start", "Dial"]
    stream = root.find("Start/Stream")
    assert stream is not None
    assert stream.get("url") == "wss://fairline.example/media"
    assert stream.get("track") == "both_tracks"
    assert {item.get("name"): item.get("value") for item in stream} == {
        "token": 'one "time" <token>',
        "attempt": "a-1",
    }
    number = root.find("Dial/Number")
    assert number is not None
    assert number.text == "+861055550001"
    assert (number.get("statusCallback") or "").endswith("/carrier/twilio/agent-leg?attempt=a-1")


def test_every_call_is_recorded_on_two_channels_and_reports_every_step() -> None:
    wanted = call_parameters(SETTINGS, CALL)
    assert wanted["record"] is True
    assert wanted["recording_channels"] == "dual"
    assert wanted["status_callback_event"] == ["initiated", "ringing", "answered", "completed"]
    assert wanted["status_callback"] == "https://fairline.example/carrier/twilio/voice-status?attempt=a-1"
    assert wanted["async_amd"] == "true"
    assert wanted["time_limit"] == 600


def test_machine_detection_can_be_left_out() -> None:
    plain = TwilioSettings(**GOOD, machine_detection=None)
    assert not [name for name in call_parameters(plain, CALL) if "machine" in name or "amd" in name]


def test_instructions_that_do_not_fit_are_refused() -> None:
    from dataclasses import replace

    with pytest.raises(InputError) as refused:
        call_twiml(SETTINGS, replace(CALL, stream_token="x" * 4000))
    assert refused.value.code == "input.twiml_too_long"


@pytest.mark.parametrize("body", ["", "x" * 1601])
def test_a_message_has_a_body_of_a_sendable_length(body: str) -> None:
    with pytest.raises(InputError) as refused:
        message_parameters(SETTINGS, SendMessage(attempt_id="a", to="+861380013", from_="+861380014", body=body))
    assert refused.value.code == "input.message_body"


def test_a_second_stream_carries_its_own_token() -> None:
    wanted = stream_parameters(SETTINGS, attempt_id="a-1", stream_token="second")
    assert (wanted["parameter1_name"], wanted["parameter1_value"]) == ("token", "second")
    assert wanted["track"] == "both_tracks"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account_sid": "AC1"}, "config.account_sid"),
        ({"auth_token": ""}, "config.auth_token"),
        ({"public_url": "fairline.example"}, "config.public_url"),
        ({"public_url": "https://fairline.example/?a=1"}, "config.public_url"),
        ({"media_url": "https://fairline.example"}, "config.media_url"),
        ({"api_base_url": "ftp://x"}, "config.api_base_url"),
        ({"timeout_secs": 0}, "config.timeout_secs"),
    ],
)
def test_settings_that_cannot_work_are_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(ConfigError) as refused:
        TwilioSettings(**(GOOD | change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_secrets_and_numbers_are_not_printed() -> None:
    assert "secret-token" not in repr(SETTINGS)
    assert "138000" not in repr(CALL)
