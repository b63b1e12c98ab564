"""From how the carrier saw a call and what was heard in it to the outcome the rulebook counts. Pure.

Outcomes are those of the scenario format: no_answer, conversation, voicemail, busy, not_in_service, wrong_number,
declined, dropped. Where the carrier leaves a doubt, the answer is one that counts against the contact budget.
"""

from collections.abc import Mapping
from typing import Any

from outreach.telephony.events import AnsweredBy, CallStatus, MessageState

NOT_IN_SERVICE_SIP = frozenset({404, 410, 484, 604})
DECLINED_SIP = frozenset({403, 603, 607, 608})
"""RFC 3261 sections 21.4 and 21.6; RFC 8197 (607 unwanted), RFC 8688 (608 rejected)."""


def call_outcome(
    status: CallStatus, *, sip_code: int | None, answered_by: AnsweredBy | None, summary: Mapping[str, Any] | None
) -> str:
    """The outcome of a call whose status is final. `summary` is the monitor's, None when nothing was heard."""
    if status is CallStatus.BUSY:
        return "busy"
    if status is CallStatus.FAILED and sip_code in NOT_IN_SERVICE_SIP:
        return "not_in_service"
    if sip_code in DECLINED_SIP:
        return "declined"
    if status is not CallStatus.COMPLETED:
        return "no_answer"
    if answered_by is not None and answered_by.is_machine:
        return "voicemail"
    if summary is None:
        return "dropped"
    if "wrong_number" in summary["facts_heard"]:
        return "wrong_number"
    return "conversation" if summary["talk_secs"].get("debtor", 0) > 0 else "dropped"


def message_outcome(state: MessageState) -> str:
    """The outcome of a message whose state is final."""
    return "delivered" if state is MessageState.DELIVERED else "bounced"
