"""The small parts of the local carrier: TwiML, faults, clock, sound, WAV, signatures, forms."""

import asyncio
import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from outreach.errors import InputError
from outreach.telephony.localcarrier import twiml
from outreach.telephony.localcarrier.callbacks import sign_request
from outreach.telephony.localcarrier.faults import FaultPlan
from outreach.telephony.localcarrier.plans import Form, RestError
from outreach.telephony.localcarrier.records import Message
from outreach.telephony.localcarrier.scenario import Fault
from outreach.telephony.localcarrier.sound import apply_gain, from_mulaw, to_mulaw, tone
from outreach.telephony.localcarrier.ticker import Ticker
from outreach.telephony.localcarrier.wav import wav_of_mix, wav_of_mulaw, wav_samples


def test_verbs_are_read_with_their_defaults() -> None:
    verbs = twiml.parse_twiml(
        "<Response><Say>你好</Say><Say>Hello</Say><Pause/><Gather><Say>x</Say></Gather><Hangup/></Response>"
    )
    assert [type(verb).__name__ for verb in verbs] == ["Say", "Say", "Pause", "Gather", "Hangup"]
    first, second = verbs[0], verbs[1]
    assert isinstance(first, twiml.Say)
    assert isinstance(second, twiml.Say)
    assert (first.language, second.language) == ("zh-CN", "en-US")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("", 12100),
        ("<Response>", 12100),
        ("<!DOCTYPE x><Response/>", 12100),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Response/>', 12100),
        ("<Answer/>", 12200),
        ("<Response><Sing/></Response>", 12200),
        ("<Response><Pause length='long'/></Response>", 12200),
        ("<Response><Pause length='-1'/></Response>", 12200),
        ("<Response><Redirect method='PUT'>x</Redirect></Response>", 12200),
        ("<Response><Gather input='speech'/></Response>", 12200),
        ("<Response><Gather><Hangup/></Gather></Response>", 12200),
        ("<Response><Start/></Response>", 12200),
        ("<Response><Stop/></Response>", 12200),
        ("<Response><Dial><Sip>x</Sip></Dial></Response>", 12200),
        ("<Response><Start><Stream url='https://x'/></Start></Response>", 31922),
    ],
)
def test_a_document_that_cannot_be_followed(document: str, code: int) -> None:
    with pytest.raises(twiml.TwimlError) as refused:
        twiml.parse_twiml(document)
    assert refused.value.code == code


def test_a_stream_address_loses_its_query() -> None:
    [stream] = twiml.parse_twiml("<Response><Start><Stream url='wss://x/y?token=1'/></Start></Response>")
    assert isinstance(stream, twiml.StartStream)
    assert stream.url == "wss://x/y"


def test_a_fault_strikes_what_it_matches_as_often_as_it_may() -> None:
    plan = FaultPlan([Fault(at="callback", action="drop", match="ringing", times=2)], seed=1)
    assert plan.action("callback", label="completed") is None
    assert [plan.action("callback", label="ringing") for _ in range(3)] == ["drop", "drop", None]
    assert not plan.any_on("callback")
    assert not plan.any_on("media")


def test_chance_is_the_same_for_the_same_seed() -> None:
    faults = [Fault(at="media", action="drop", probability=0.5)]
    draws = [[FaultPlan(faults, seed).action("media") for _ in range(1)] for seed in (3, 3)]
    assert draws[0] == draws[1]
    first, second = FaultPlan(faults, 3), FaultPlan(faults, 3)
    many = [first.action("media") for _ in range(200)]
    assert many == [second.action("media") for _ in range(200)]
    assert 60 < many.count("drop") < 140


def test_a_fault_for_one_number_spares_the_others() -> None:
    plan = FaultPlan([Fault(at="call", action="busy", to="+8613800000001")], seed=1)
    assert plan.action("call", to="+8613800000002") is None
    assert plan.action("call", to="+8613800000001") == "busy"


@pytest.mark.parametrize("pace", [0.0, 50.0])
async def test_timers_end_in_the_order_of_their_time_at_any_pace(pace: float) -> None:
    ticker = Ticker(pace)
    running = asyncio.create_task(ticker.run())
    order: list[float] = []

    async def sleeper(secs: float) -> None:
        await ticker.sleep(secs)
        order.append(secs)

    await asyncio.gather(*(sleeper(secs) for secs in (3.0, 0.5, 0.0, 1.0)))
    assert order == [0.0, 0.5, 1.0, 3.0]
    assert ticker.tick == 150
    await asyncio.sleep(0.02)
    assert ticker.tick == 150, "a clock that nobody needs rests"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_ticks_keep_an_absolute_schedule() -> None:
    ticker = Ticker(1.0)
    loop = asyncio.get_running_loop()
    times: list[float] = []

    async def no_brake() -> None:
        raise AssertionError("at real pace nothing may hold the clock")

    def tick(_tick: int) -> None:
        times.append(loop.time())

    ticker.join(tick, no_brake)
    running = asyncio.create_task(ticker.run())
    await asyncio.sleep(0.5)
    ticker.leave(tick, no_brake)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert times[-1] - times[0] == pytest.approx((len(times) - 1) * 0.02, abs=0.2)


@given(st.dictionaries(st.text("abcABC", min_size=1), st.text(max_size=5), max_size=5))
def test_signatures_are_what_the_sdk_expects(parameters: dict[str, str]) -> None:
    url = "https://fairline.example/carrier/twilio/voice-status?attempt=1"
    assert RequestValidator("t").validate(url, parameters, sign_request("t", url, parameters))


def test_wav_files_keep_their_channels() -> None:
    left, right = to_mulaw(tone(440, 0.1)), to_mulaw(tone(880, 0.1))
    with wave.open(io.BytesIO(wav_of_mulaw((left, right)))) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 800)
        data = np.frombuffer(file.readframes(800), "<i2").reshape(-1, 2)
    assert (data[:, 0] == from_mulaw(left)).all()
    assert (data[:, 1] == from_mulaw(right)).all()
    assert len(wav_samples(wav_of_mix((left, right)))) == 800


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVE", wav_of_mix((b"\xff" * 160,))[:20]])
def test_a_truncated_wav_is_a_clear_error(content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        wav_samples(content)
    assert refused.value.code == "input.wav"


def test_gain_clips_instead_of_wrapping() -> None:
    loud = apply_gain(tone(440, 0.02, dbfs=-3), 20)
    assert loud.max() == 32_767
    assert loud.min() == -32_768


def test_form_fields_are_checked() -> None:
    form = Form([("A", "1"), ("A", "2"), ("Empty", ""), ("Word", "x")])
    assert (form.get("A"), form.all("A"), form.get("Empty")) == ("1", ["1", "2"], None)
    for wrong in (
        lambda: form.integer("Word", 1, 0, 9),
        lambda: form.integer("A", 1, 5, 9),
        lambda: form.flag("Word"),
        lambda: form.method("Word"),
    ):
        with pytest.raises(RestError) as refused:
            wrong()
        assert refused.value.to_json()["status"] == 400


@pytest.mark.parametrize(("body", "segments"), [("a" * 160, 1), ("a" * 161, 2), ("字" * 70, 1), ("字" * 71, 2)])
def test_segments_of_a_message(body: str, segments: int) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert Message(account_sid="AC", to="+1", from_="+1", body=body, created_at=now).segments == segments
