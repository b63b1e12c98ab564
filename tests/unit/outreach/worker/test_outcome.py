"""How a call ended, in the terms the rulebook counts."""

import pytest

from outreach.telephony.events import AnsweredBy, CallStatus, MessageState
from outreach.worker.outcome import call_outcome, message_outcome

TALK = {"facts_heard": [], "talk_secs": {"debtor": 3.2, "agent": 8.0}}
SILENT = {"facts_heard": [], "talk_secs": {"debtor": 0, "agent": 2.0}}
STRANGER = {"facts_heard": ["wrong_number"], "talk_secs": {"debtor": 3.0}}


@pytest.mark.parametrize(
    ("status", "sip_code", "answered_by", "summary", "expected"),
    [
        (CallStatus.BUSY, 486, None, None, "busy"),
        (CallStatus.FAILED, 404, None, None, "not_in_service"),
        (CallStatus.FAILED, 503, None, None, "no_answer"),
        (CallStatus.NO_ANSWER, 487, None, None, "no_answer"),
        (CallStatus.NO_ANSWER, 603, None, None, "declined"),
        (CallStatus.CANCELED, None, None, None, "no_answer"),
        (CallStatus.COMPLETED, 200, AnsweredBy.MACHINE, TALK, "voicemail"),
        (CallStatus.COMPLETED, 200, AnsweredBy.HUMAN, TALK, "conversation"),
        (CallStatus.COMPLETED, 200, AnsweredBy.UNKNOWN, SILENT, "dropped"),
        (CallStatus.COMPLETED, 200, None, STRANGER, "wrong_number"),
        (CallStatus.COMPLETED, 200, None, None, "dropped"),
    ],
)
def test_call_outcome(status, sip_code, answered_by, summary, expected) -> None:
    assert call_outcome(status, sip_code=sip_code, answered_by=answered_by, summary=summary) == expected


@pytest.mark.parametrize("status", [status for status in CallStatus if status.is_final])
def test_every_final_status_has_an_outcome_of_the_scenario_format(status) -> None:
    known = {"no_answer", "conversation", "voicemail", "busy", "not_in_service", "wrong_number", "declined", "dropped"}
    assert call_outcome(status, sip_code=None, answered_by=None, summary=None) in known


def test_message_outcome() -> None:
    assert message_outcome(MessageState.DELIVERED) == "delivered"
    assert message_outcome(MessageState.UNDELIVERED) == "bounced"
    assert message_outcome(MessageState.FAILED) == "bounced"
