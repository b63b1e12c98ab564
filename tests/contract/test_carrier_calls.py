"""The carrier port on the Twilio adapter against the local carrier: calls, callbacks, recordings."""

import io
import wave

import numpy as np
import pytest

from outreach.errors import CarrierError
from outreach.telephony.events import (
    AgentLegProgress,
    AnsweredBy,
    CallProgress,
    CallStatus,
    MachineVerdict,
    RecordingReady,
    RecordingState,
    StreamState,
    StreamStatus,
)
from outreach.telephony.ordering import order_progress
from tests.contract.carrier_world import AGENT, CLOCK, DEBTOR, OURS, TALK, scenario, until, world


def strongest_hz(samples: np.ndarray) -> float:
    """The loudest frequency of 8 kHz audio."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    return float(np.argmax(spectrum) * 8000 / len(samples))


def test_a_call_from_dialling_to_recording() -> None:
    started = CLOCK.now()
    with world(scenario()) as here:
        placed = here.carrier.place(here.clearance(), here.call())
        assert placed.status is CallStatus.QUEUED
        end = here.final(placed.call_sid)
        until(lambda: [event for event in here.app.of(RecordingReady) if event.state is RecordingState.COMPLETED])
        here.settled()
        assert not here.app.refused

        steps = order_progress(here.app.of(CallProgress))
        assert [(step.status, step.sequence) for step in steps] == [
            (CallStatus.QUEUED, 0),
            (CallStatus.RINGING, 1),
            (CallStatus.IN_PROGRESS, 2),
            (CallStatus.COMPLETED, 3),
        ]
        assert {step.attempt_id for step in steps} == {"attempt-1"}
        assert end.answered_by is AnsweredBy.HUMAN
        assert end.sip_code == 200
        assert end.duration_secs is not None
        assert 3 <= end.duration_secs <= 10

        assert [event.answered_by for event in here.app.of(MachineVerdict)] == [AnsweredBy.HUMAN]
        legs = here.app.of(AgentLegProgress)
        assert [leg.status for leg in legs] == [
            CallStatus.QUEUED,
            CallStatus.RINGING,
            CallStatus.IN_PROGRESS,
            CallStatus.COMPLETED,
        ]
        assert {leg.parent_call_sid for leg in legs} == {placed.call_sid}
        assert [event.state for event in here.app.of(StreamStatus)] == [StreamState.STARTED, StreamState.STOPPED]

        shot = here.carrier.fetch_call(placed.call_sid)
        assert (shot.status, shot.to, shot.from_) == (CallStatus.COMPLETED, DEBTOR, OURS)
        assert shot.started_at is not None
        assert shot.ended_at is not None
        assert here.carrier.find_calls(DEBTOR, started) == [shot]
        assert here.carrier.find_calls(AGENT, started) == [], "the bridged leg is not a call we placed"


def test_the_recording_has_one_channel_per_leg() -> None:
    with world(scenario()) as here:
        sid = here.place()
        here.final(sid)
        [recording] = until(lambda: [item for item in here.carrier.list_recordings(sid) if item.duration_secs])
        assert (recording.state, recording.channels) == (RecordingState.COMPLETED, 2)
        chunks: list[bytes] = []
        here.carrier.fetch_recording(recording.recording_sid, chunks.append)
        with wave.open(io.BytesIO(b"".join(chunks))) as file:
            assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
            both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert strongest_hz(both[:, 0]) == pytest.approx(460, abs=25), "the debtor's tones are in channel 0"
    assert strongest_hz(both[:, 1]) == pytest.approx(920, abs=45), "the agent's tones are in channel 1"


def test_a_recording_that_is_not_there_is_a_clear_error() -> None:
    chunks: list[bytes] = []
    with world(scenario()) as here:
        with pytest.raises(CarrierError) as refused:
            here.carrier.fetch_recording("RE" + "0" * 32, chunks.append)
        assert refused.value.code == "carrier.not_found"
        assert chunks == []


@pytest.mark.parametrize(
    ("behaviour", "status", "sip_code"),
    [
        ("busy", CallStatus.BUSY, 486),
        ("no_answer", CallStatus.NO_ANSWER, 487),
        ("unallocated", CallStatus.FAILED, 404),
    ],
)
def test_calls_that_nobody_answers(behaviour: str, status: CallStatus, sip_code: int) -> None:
    with world(scenario(subscribers={DEBTOR: {"behaviour": behaviour}})) as here:
        sid = here.place(timeout_secs=4)
        end = here.final(sid)
        assert (end.status, end.sip_code, end.duration_secs) == (status, sip_code, 0)
        assert here.carrier.fetch_call(sid).status is status
        assert here.carrier.list_recordings(sid) == []
        assert not here.app.media


def test_a_number_outside_the_scenario_is_unallocated() -> None:
    with world(scenario()) as here:
        assert here.final(here.place("+8613900000009")).status is CallStatus.FAILED


def test_voicemail_is_told_from_a_person_and_records_until_its_limit() -> None:
    box = {"behaviour": "voicemail", "greeting": {"tone_hz": 300, "wait": False}, "record_secs": 4, "after_secs": 0.2}
    with world(scenario(subscribers={DEBTOR: box}, agents={AGENT: {"behaviour": "busy"}})) as here:
        sid = here.place()
        end = here.final(sid)
        assert end.status is CallStatus.COMPLETED
        leg = here.app.of(AgentLegProgress)[-1]
        assert leg.status is CallStatus.BUSY


def test_machine_detection_speaks_up_while_the_call_runs() -> None:
    box = {"behaviour": "voicemail", "greeting": {"tone_hz": 300, "wait": False}, "record_secs": 6, "after_secs": 0.2}
    with world(scenario(subscribers={DEBTOR: box})) as here:
        sid = here.place()
        [verdict] = until(lambda: here.app.of(MachineVerdict))
        assert verdict.answered_by.is_machine
        assert verdict.call_sid == sid
        assert verdict.detection_ms >= 3000
        here.carrier.hang_up(sid)
        assert here.final(sid).answered_by is AnsweredBy.MACHINE


def test_hanging_up_in_the_middle_ends_both_legs() -> None:
    with world(scenario()) as here:
        sid = here.place()
        until(lambda: [leg for leg in here.app.of(AgentLegProgress) if leg.status is CallStatus.IN_PROGRESS])
        here.carrier.hang_up(sid)
        assert here.final(sid).status is CallStatus.COMPLETED
        until(lambda: here.app.of(AgentLegProgress)[-1].status.is_final)
        here.carrier.hang_up(sid)
        here.carrier.cancel(sid)
        assert here.carrier.fetch_call(sid).status is CallStatus.COMPLETED


def test_cancelling_stops_a_ringing_call_and_leaves_an_answered_one_alone() -> None:
    slow = {"after_secs": 30, "conversation": "talk"}
    with world(scenario(subscribers={DEBTOR: slow})) as here:
        sid = here.place(timeout_secs=60)
        here.status(sid, CallStatus.RINGING)
        here.carrier.cancel(sid)
        end = here.final(sid)
        assert (end.status, end.sip_code) == (CallStatus.CANCELED, 487)
    with world(scenario(), pace=5) as here:
        sid = here.place()
        here.status(sid, CallStatus.IN_PROGRESS)
        here.carrier.cancel(sid)
        assert here.carrier.fetch_call(sid).status is CallStatus.IN_PROGRESS


def test_the_debtor_hangs_up_in_the_middle() -> None:
    rude = {"after_secs": 0.2, "conversation": "talk", "hang_up_after_secs": 1.5}
    with world(scenario(subscribers={DEBTOR: rude})) as here:
        end = here.final(here.place())
        assert (end.status, end.duration_secs) == (CallStatus.COMPLETED, 2)


def test_the_debtor_ends_the_call_where_the_conversation_says_so() -> None:
    talk = TALK | {"hangs_up": "debtor"}
    with world(scenario(conversations={"talk": talk})) as here:
        assert here.final(here.place()).status is CallStatus.COMPLETED


def test_an_agent_who_does_not_answer_ends_the_call() -> None:
    with world(scenario(agents={AGENT: {"behaviour": "no_answer"}})) as here:
        assert here.final(here.place()).status is CallStatus.COMPLETED
        assert here.app.of(AgentLegProgress)[-1].status is CallStatus.NO_ANSWER


def test_the_time_limit_ends_a_call() -> None:
    endless = {"debtor": [], "agent": [], "max_secs": 3000, "hang_up_after_secs": 600}
    with world(scenario(conversations={"talk": endless})) as here:
        assert here.final(here.place(time_limit_secs=4)).duration_secs == 4


def test_a_wrong_token_and_an_unknown_call_are_told_apart() -> None:
    with world(scenario()) as here:
        assert here.carrier.check_account() == "active"
        with pytest.raises(CarrierError) as unknown:
            here.carrier.fetch_call("CA" + "0" * 32)
        assert unknown.value.code == "carrier.not_found"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"from_": "+8613700000007"}, "carrier.bad_sender"), ({"to": "+8613800000001"}, None)],
)
def test_a_refused_number_is_named_by_kind_and_not_by_value(changes: dict[str, str], code: str | None) -> None:
    with world(scenario()) as here:
        if code is None:
            assert here.place(**changes)
            return
        with pytest.raises(CarrierError) as refused:
            here.place(**changes)
        assert refused.value.code == code
        assert "1370000" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert not refused.value.retryable
        assert not refused.value.ambiguous
