"""TwiML that the local carrier follows, fetched from an application over signed requests."""

import io
import wave
from typing import Any

import httpx
import numpy as np
import pytest

from outreach.telephony.events import CallStatus, MediaStopped, RecordingReady, RecordingState
from outreach.telephony.localcarrier.sound import to_mulaw, tone
from outreach.telephony.localcarrier.wav import wav_of_mulaw
from speech.codec import decode
from tests.contract.carrier_world import ACCOUNT, AGENT, DEBTOR, OURS, TOKEN, World, scenario, until, world


def create(here: World, first: str, **documents: str) -> str:
    """A call by plain REST that follows `first`; returns its id."""
    here.app.documents |= {"first": f"<Response>{first}</Response>"}
    here.app.documents |= {name: f"<Response>{text}</Response>" for name, text in documents.items()}
    form = {
        "To": DEBTOR,
        "From": OURS,
        "Url": f"http://{here.address}/twiml/first",
        "StatusCallback": here.settings.callback_url("voice-status"),
    }
    path = f"{here.local.base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    answer = httpx.post(path, data=form, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sid"])


def stream(here: World) -> str:
    return f'<Start><Stream url="{here.settings.media_url}" track="both_tracks" name="ears"/></Start>'


def heard_secs(here: World, track: str) -> float:
    """How long something was said on a track."""
    frames = [decode(frame.payload, "mulaw").astype(float) for frame in here.app.frames(track)]
    return sum(0.02 for frame in frames if np.sqrt(np.mean(frame**2)) > 400)


def test_say_speaks_to_the_person_and_the_call_ends_after_the_last_verb() -> None:
    with world(scenario()) as here:
        sid = create(here, f'{stream(here)}<Pause length="1"/><Say language="zh-CN">您好，请稍后再试。</Say>')
        end = here.final(sid)
        until(lambda: here.app.of(MediaStopped))
        assert end.status is CallStatus.COMPLETED
        assert 1 <= heard_secs(here, "outbound") <= 6
        assert heard_secs(here, "inbound") == 0
        [(name, fields)] = here.app.fetched
        assert (name, fields["CallStatus"], fields["CallSid"], fields["FromCity"]) == ("first", "in-progress", sid, "")


def test_redirect_and_hangup() -> None:
    with world(scenario()) as here:
        create(here, "<Redirect>second</Redirect>", second="<Hangup/><Redirect>third</Redirect>")
        until(lambda: len(here.app.fetched) == 2)
        until(lambda: all(call.is_over for call in here.local.exchange.calls.values()))
        assert [name for name, _ in here.app.fetched] == ["first", "second"]


def test_gather_collects_the_keys_a_person_presses() -> None:
    keys = {"debtor": [{"digits": "12#", "wait": False, "pause_secs": 0.5}], "agent": []}
    with world(scenario(conversations={"talk": keys})) as here:
        create(here, '<Gather numDigits="4" timeout="3" action="done"><Say>Press</Say></Gather>', done="<Hangup/>")
        until(lambda: len(here.app.fetched) == 2)
        assert here.app.fetched[1][1]["Digits"] == "12"


def test_gather_goes_on_when_nobody_presses_anything() -> None:
    with world(scenario(conversations={"talk": {}})) as here:
        create(here, '<Gather timeout="1" action="done"/><Redirect>missed</Redirect>', done="", missed="")
        until(lambda: len(here.app.fetched) == 2)
        assert here.app.fetched[1][0] == "missed"


def test_record_takes_a_message_and_says_where_it_is() -> None:
    talk = {"debtor": [{"tone_hz": 440, "wait": False, "pause_secs": 0.2}], "hang_up_after_secs": 60}
    with world(scenario(conversations={"talk": talk})) as here:
        callback = here.settings.callback_url("recording")
        record = f'<Record timeout="1" maxLength="20" action="kept" recordingStatusCallback="{callback}"/>'
        create(here, record, kept="<Hangup/>")
        until(lambda: len(here.app.fetched) == 2)
        fields = here.app.fetched[1][1]
        assert int(fields["RecordingDuration"]) in (1, 2)
        [event] = until(lambda: here.app.of(RecordingReady))
        assert (event.state, event.channels) == (RecordingState.COMPLETED, 1)
        audio = httpx.get(fields["RecordingUrl"] + ".wav", auth=(ACCOUNT, TOKEN), trust_env=False)
        with wave.open(io.BytesIO(audio.content)) as file:
            assert file.getnchannels() == 1


def test_dial_tells_its_action_how_it_went() -> None:
    with world(scenario(agents={AGENT: {"behaviour": "busy"}})) as here:
        create(here, f'<Dial action="after"><Number>{AGENT}</Number></Dial>', after="<Hangup/>")
        until(lambda: len(here.app.fetched) == 2)
        assert here.app.fetched[1][1]["DialCallStatus"] == "busy"


def test_play_fetches_audio() -> None:
    with world(scenario()) as here:
        here.app.audio = wav_of_mulaw((to_mulaw(tone(440, 1.0)),))
        here.final(create(here, f'{stream(here)}<Pause length="1"/><Play loop="2">/audio/clip.wav</Play>'))
        until(lambda: here.app.of(MediaStopped))
        assert heard_secs(here, "outbound") == pytest.approx(2.0, abs=0.1)


def test_a_stream_can_be_stopped_by_name() -> None:
    with world(scenario()) as here:
        here.final(create(here, stream(here) + '<Pause length="1"/><Stop><Stream name="ears"/></Stop><Pause/>'))
        assert 30 <= len(here.app.frames("inbound")) <= 60, "the stream ended with the first pause"


def test_a_live_call_can_be_given_other_instructions() -> None:
    with world(scenario(), pace=5) as here:
        sid = create(here, '<Pause length="60"/>', other="<Hangup/>")
        here.status(sid, CallStatus.IN_PROGRESS)
        update(here, sid, {"Url": f"http://{here.address}/twiml/other"})
        assert here.final(sid).status is CallStatus.COMPLETED
        assert [name for name, _ in here.app.fetched] == ["first", "other"]


def update(here: World, sid: str, form: dict[str, str]) -> httpx.Response:
    path = f"{here.local.base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json"
    return httpx.post(path, data=form, auth=(ACCOUNT, TOKEN), trust_env=False)


@pytest.mark.parametrize(
    "document",
    ["<Connect/>", "<Say>no end", "<Dial><Conference>x</Conference></Dial>", "<Play>http://127.0.0.1:9/x.wav</Play>"],
)
def test_instructions_that_cannot_be_followed_end_the_call(document: str) -> None:
    with world(scenario()) as here:
        assert here.final(create(here, document)).status is CallStatus.COMPLETED


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({}, 400, 21201),
        ({"To": "13800000001"}, 400, 21211),
        ({"To": DEBTOR}, 400, 21212),
        ({"To": DEBTOR, "From": "+8613700000007"}, 400, 21210),
        ({"To": DEBTOR, "From": OURS}, 400, 21205),
        ({"To": DEBTOR, "From": OURS, "Twiml": "x" * 4001}, 400, 21605),
        ({"To": DEBTOR, "From": OURS, "Twiml": "<Response/>", "Timeout": "601"}, 400, 20001),
        ({"To": DEBTOR, "From": OURS, "Twiml": "<Response/>", "Record": "yes"}, 400, 20001),
        ({"To": DEBTOR, "From": OURS, "Twiml": "<Response/>", "StatusCallbackEvent": "never"}, 400, 21609),
    ],
)
def test_a_create_that_is_wrong_gets_the_carriers_error(form: dict[str, Any], status: int, code: int) -> None:
    with world(scenario()) as here:
        path = f"{here.local.base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
        answer = httpx.post(path, data=form, auth=(ACCOUNT, TOKEN), trust_env=False)
        assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
        assert httpx.post(path, data=form, trust_env=False).json()["code"] == 20003
        assert here.local.exchange.calls == {}
