"""Text messages through the port: out with their states, in with the words that stop everything."""

import httpx
import pytest

from outreach.errors import CarrierError
from outreach.telephony.events import InboundMessage, MessageState, MessageStatus, OptWord
from tests.contract.carrier_world import ACCOUNT, DEBTOR, OURS, TOKEN, World, scenario, until, world


def states(here: World) -> list[MessageState]:
    return [event.state for event in here.app.of(MessageStatus)]


def test_a_message_is_sent_and_delivered() -> None:
    with world(scenario()) as here:
        sent = here.carrier.send_message(here.clearance("sms"), here.message())
        assert sent.state is MessageState.QUEUED
        until(lambda: len(states(here)) == 2)
        assert states(here) == [MessageState.SENT, MessageState.DELIVERED]
        assert {event.message_sid for event in here.app.of(MessageStatus)} == {sent.message_sid}
        assert {event.attempt_id for event in here.app.of(MessageStatus)} == {"attempt-1"}


@pytest.mark.parametrize(("outcome", "code"), [("undelivered", "30005"), ("failed", "30007")])
def test_a_message_that_does_not_arrive_says_why(outcome: str, code: str) -> None:
    with world(scenario(subscribers={DEBTOR: {"sms": outcome}})) as here:
        here.carrier.send_message(here.clearance("sms"), here.message())
        last = until(lambda: [event for event in here.app.of(MessageStatus) if event.state.is_final])[-1]
        assert (last.state, last.error_code) == (MessageState(outcome), code)


def test_a_person_who_opted_out_with_the_carrier_is_not_written_to() -> None:
    with world(scenario(subscribers={DEBTOR: {"sms": "opted_out"}})) as here:
        with pytest.raises(CarrierError) as refused:
            here.carrier.send_message(here.clearance("sms"), here.message())
        assert refused.value.code == "carrier.opted_out"


@pytest.mark.parametrize("reply", ["退订", "T", "td", "Ｎ", "停止。", "STOP", "回复TD"])
def test_a_stop_word_arrives_as_one(reply: str) -> None:
    with world(scenario(subscribers={DEBTOR: {"sms_reply": reply, "sms_reply_after_secs": 0.1}})) as here:
        here.carrier.send_message(here.clearance("sms"), here.message())
        [event] = until(lambda: here.app.of(InboundMessage))
        assert (event.from_, event.to, event.body, event.opt_word) == (DEBTOR, OURS, reply, OptWord.STOP)


def test_the_carrier_itself_only_knows_the_english_words() -> None:
    with world(scenario()) as here:
        for body in ("退订", "STOP"):
            url = f"{here.local.base_url}/_local/inbound-messages"
            form = {"From": DEBTOR, "To": OURS, "Body": body}
            assert httpx.post(url, data=form, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 201
            if body == "退订":
                here.carrier.send_message(here.clearance("sms"), here.message())
        with pytest.raises(CarrierError) as refused:
            here.carrier.send_message(here.clearance("sms"), here.message())
        assert refused.value.code == "carrier.opted_out"
        until(lambda: len(here.app.of(InboundMessage)) == 2)


def test_an_ordinary_reply_is_no_opt_word() -> None:
    with world(scenario(subscribers={DEBTOR: {"sms_reply": "T恤还没收到，明天还款"}})) as here:
        here.carrier.send_message(here.clearance("sms"), here.message())
        [event] = until(lambda: here.app.of(InboundMessage))
        assert event.opt_word is None
        assert event.body not in repr(event)
