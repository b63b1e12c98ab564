"""Twilio's words for states, and ours. The only place that knows both."""

from outreach.telephony.events import AnsweredBy, CallStatus, MessageState

CALL_STATUS = {
    "queued": CallStatus.QUEUED,
    "initiated": CallStatus.QUEUED,  # callbacks only; the REST resource says `queued`
    "ringing": CallStatus.RINGING,
    "in-progress": CallStatus.IN_PROGRESS,
    "completed": CallStatus.COMPLETED,
    "busy": CallStatus.BUSY,
    "failed": CallStatus.FAILED,
    "no-answer": CallStatus.NO_ANSWER,
    "canceled": CallStatus.CANCELED,
}

ANSWERED_BY = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE_AFTER_BEEP,
    "machine_end_silence": AnsweredBy.MACHINE_AFTER_SILENCE,
    "machine_end_other": AnsweredBy.MACHINE_AFTER_GREETING,
    "fax": AnsweredBy.FAX,
    "unknown": AnsweredBy.UNKNOWN,
}

MESSAGE_STATE = {
    "accepted": MessageState.QUEUED,
    "scheduled": MessageState.QUEUED,
    "queued": MessageState.QUEUED,
    "sending": MessageState.SENDING,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.FAILED,
}
