"""Text messages out and in (I/O): states and callbacks of a sent one, and what people write back."""

from outreach.telephony.localcarrier.callbacks import Callback
from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.plans import E164, Form, RestError
from outreach.telephony.localcarrier.records import API_VERSION, Message
from outreach.telephony.localcarrier.scenario import Subscriber

MAX_BODY_CHARS = 1600
_STEP_SECS = 0.2
_STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START_WORDS = frozenset({"start", "yes", "unstop"})
_ERRORS = {"undelivered": 30005, "failed": 30007}


def accept_message(exchange: Exchange, form: Form) -> Message:
    """Check and take a message from the application. Raises RestError."""
    to, from_, body = form.get("To"), form.get("From"), form.get("Body")
    if to is None:
        raise RestError(400, 21604, "A 'To' phone number is required.")
    if not E164.match(to):
        raise RestError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if from_ is None or not E164.match(from_):
        raise RestError(400, 21603, "A 'From' phone number is required.")
    if exchange.config.numbers and from_ not in exchange.config.numbers:
        raise RestError(
            400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable number of the account."
        )
    if body is None or len(body) > MAX_BODY_CHARS:
        raise RestError(
            400, 21602 if body is None else 21617, f"Message body must have 1 to {MAX_BODY_CHARS} characters"
        )
    subscriber = exchange.scenario.subscribers.get(to, Subscriber())
    if subscriber.sms == "opted_out" or to in exchange.opted_out:
        raise RestError(400, 21610, "Attempt to send to unsubscribed recipient")
    message = Message(
        account_sid=exchange.config.account_sid,
        to=to,
        from_=from_,
        body=body,
        created_at=exchange.now(),
        callback=form.get("StatusCallback"),
    )
    exchange.messages[message.sid] = message
    exchange.spawn(_deliver(exchange, message, subscriber))
    return message


async def _deliver(exchange: Exchange, message: Message, subscriber: Subscriber) -> None:
    states = ["failed"] if subscriber.sms == "failed" else ["sent", subscriber.sms]
    for state in states:
        await exchange.ticker.sleep(_STEP_SECS)
        message.status = state
        message.error_code = _ERRORS.get(state)
        _report(exchange, message)
    if subscriber.sms == "delivered" and subscriber.sms_reply is not None:
        await exchange.ticker.sleep(subscriber.sms_reply_after_secs)
        receive_message(exchange, from_=message.to, to=message.from_, body=subscriber.sms_reply)


def _report(exchange: Exchange, message: Message) -> None:
    if message.callback is None:
        return
    parameters = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "To": message.to,
        "From": message.from_,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        **({"ErrorCode": str(message.error_code)} if message.error_code else {}),
    }
    exchange.callback(Callback(lane=message.sid, label=message.status, url=message.callback, parameters=parameters))


def receive_message(exchange: Exchange, *, from_: str, to: str, body: str) -> Message:
    """A person writes to one of the account's numbers. The default English stop words block further sending."""
    word = body.strip().lower()
    if word in _STOP_WORDS:
        exchange.opted_out.add(from_)
    elif word in _START_WORDS:
        exchange.opted_out.discard(from_)
    message = Message(
        account_sid=exchange.config.account_sid,
        to=to,
        from_=from_,
        body=body,
        created_at=exchange.now(),
        direction="inbound",
        status="received",
    )
    exchange.messages[message.sid] = message
    if exchange.config.sms_url is not None:
        parameters = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "AccountSid": message.account_sid,
            "ApiVersion": API_VERSION,
            "From": from_,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": str(message.segments),
            **{f"From{part}": "" for part in ("City", "State", "Zip", "Country")},
        }
        url = exchange.config.sms_url
        exchange.callback(Callback(lane=message.sid, label="inbound-message", url=url, parameters=parameters))
    return message
