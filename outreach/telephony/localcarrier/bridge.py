"""`<Dial>`: ring the agent's telephone and join it to the call (I/O). The agent's leg is a call of its own."""

from typing import TYPE_CHECKING, Any

from outreach.telephony.localcarrier.callbacks import Callback
from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.records import Call, progress_parameters
from outreach.telephony.localcarrier.session import CallSession
from outreach.telephony.localcarrier.twiml import Dial
from outreach.telephony.localcarrier.waiting import first_of

if TYPE_CHECKING:
    from outreach.telephony.localcarrier.callrun import CallRun

_SETUP_SECS = 0.1
_BUSY_SECS = 0.5
_SIP = {"busy": 486, "no-answer": 487, "failed": 404, "completed": 200, "canceled": 487}


class _Leg:
    """The agent's leg and its callbacks."""

    def __init__(self, exchange: Exchange, parent: Call, verb: Dial) -> None:
        self.exchange = exchange
        self.verb = verb
        self.answered_tick: int | None = None
        self.call = Call(
            account_sid=parent.account_sid,
            to=verb.number,
            from_=verb.caller_id or parent.from_,
            created_at=exchange.now(),
            direction="outbound-dial",
            parent_sid=parent.sid,
        )
        exchange.calls[self.call.sid] = self.call

    def report(self, event: str, status: str) -> None:
        call, verb = self.call, self.verb
        sequence, call.sequence = call.sequence, call.sequence + 1
        if verb.status_callback is None or event not in verb.status_events:
            return
        parameters = call.common_parameters() | progress_parameters(call, status, sequence, self.exchange.now())
        label = f"agent-{status}"
        self.exchange.callback(
            Callback(
                lane=call.sid,
                label=label,
                url=verb.status_callback,
                parameters=parameters,
                method=verb.status_method,
            )
        )

    def answer(self) -> None:
        self.call.status, self.call.started_at = "in-progress", self.exchange.now()
        self.answered_tick = self.exchange.ticker.tick
        self.report("answered", "in-progress")

    def finish(self, status: str) -> None:
        ticks = 0 if self.answered_tick is None else self.exchange.ticker.tick - self.answered_tick
        self.call.status, self.call.ended_at = status, self.exchange.now()
        self.call.duration_secs, self.call.sip_code = round(ticks / 50), _SIP[status]
        self.report("completed", status)


async def dial(run: "CallRun", session: CallSession, verb: Dial) -> dict[str, str]:
    """Ring, bridge, and come back when the agent's leg is over: the parameters of the `action` request."""
    leg = _Leg(run.exchange, run.call, verb)
    status = "canceled"  # what it is when the debtor hangs up while the agent's telephone still rings
    try:
        status = await _ring(leg)
        if status == "in-progress":
            status = "completed"
            await _talk(leg, run, session)
    finally:
        session.unbridge()
        leg.finish(status)
    return _action_parameters(leg.call)


async def _ring(leg: _Leg) -> str:
    sleep = leg.exchange.ticker.sleep
    leg.report("initiated", "initiated")
    await sleep(_SETUP_SECS)
    agent = leg.exchange.scenario.agents.get(leg.verb.number)
    if agent is None:
        return "failed"
    leg.call.status = "ringing"
    leg.report("ringing", "ringing")
    if agent.behaviour == "busy":
        await sleep(_BUSY_SECS)
        return "busy"
    if agent.behaviour == "no_answer" or agent.after_secs > leg.verb.timeout_secs:
        await sleep(leg.verb.timeout_secs)
        return "no-answer"
    await sleep(agent.after_secs)
    return "in-progress"


async def _talk(leg: _Leg, run: "CallRun", session: CallSession) -> None:
    leg.answer()
    session.bridge(leg.exchange.open_agent(run.call))
    await first_of(session.agent_gone.wait(), leg.exchange.ticker.sleep(leg.verb.time_limit_secs))


def _action_parameters(call: Call) -> dict[str, Any]:
    return {
        "DialCallSid": call.sid,
        "DialCallStatus": call.status,
        "DialCallDuration": str(call.duration_secs or 0),
    }
