"""The switch: every call, message, recording and stream of the account, and the parts they share (I/O)."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import structlog

from outreach.clock import SystemClock
from outreach.errors import InputError, NotAvailableError
from outreach.telephony.localcarrier.callbacks import Callback, CallbackSender
from outreach.telephony.localcarrier.clips import ClipBank, Wording, wording
from outreach.telephony.localcarrier.config import LocalCarrierConfig
from outreach.telephony.localcarrier.faults import FaultPlan
from outreach.telephony.localcarrier.parties import Party, PartyScript, PendingClip
from outreach.telephony.localcarrier.records import Call, Message, Recording
from outreach.telephony.localcarrier.scenario import Conversation, Subscriber, Turn
from outreach.telephony.localcarrier.session import CallSession
from outreach.telephony.localcarrier.sound import SILENCE, LineNoise, Samples
from outreach.telephony.localcarrier.ticker import Ticker

_LOG = structlog.get_logger(__name__)
_T = TypeVar("_T")
_GREETING = {
    "zh": "您好，您所拨打的用户暂时无法接听，请在提示音后留言。",
    "en": "Hello, I cannot come to the phone right now. Please leave a message after the tone.",
}
_BEEP = Turn(tone_hz=1000.0, wait=False, pause_secs=0.2)


class Exchange:
    """Holds the state; the life of one call is in `callrun`, of one message in `messages`."""

    def __init__(self, config: LocalCarrierConfig) -> None:
        self.config = config
        self.scenario = config.scenario
        self.clock = SystemClock(offset=config.clock_offset)
        self.faults = FaultPlan(config.scenario.faults, config.scenario.seed)
        self.ticker = Ticker(config.pace)
        self.sender = CallbackSender(config.auth_token, self.faults)
        self.bank = ClipBank(config)
        self.calls: dict[str, Call] = {}
        self.recordings: dict[str, Recording] = {}
        self.messages: dict[str, Message] = {}
        self.opted_out: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parties = 0
        self.base_url = f"http://{config.host}:{config.port}"

    def now(self) -> datetime:
        """The instant the carrier states."""
        return self.clock.now()

    def spawn(self, work: Coroutine[Any, Any, _T]) -> "asyncio.Task[_T]":
        """Run something beside the caller until it ends or the exchange closes. Its failure is not lost."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("carrier_task_failed", reason=type(error).__name__, exc_info=error)

    def open(self) -> None:
        """Start the clock and render the scenario's speech ahead."""
        self.spawn(self.ticker.run())
        self.spawn(self._render_ahead())

    async def close(self) -> None:
        """End everything."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sender.close()
        await self.bank.close()

    async def _render_ahead(self) -> None:
        for address in self.scenario.subscribers:
            await self.prepare(address)

    async def prepare(self, address: str) -> None:
        """Have everything ready that is said when this number is called; what cannot be made is logged and left out."""
        conversation = self.scenario.conversation_of(address)
        subscriber = self.scenario.subscribers.get(address, Subscriber())
        person = [wording(turn, conversation, conversation.debtor_voice) for turn in self._person_turns(address)]
        agent = [wording(turn, conversation, conversation.agent_voice) for turn in conversation.agent]
        if subscriber.behaviour in ("answer", "voicemail"):
            try:
                await self.bank.prepare([*person, *agent])
            except (InputError, NotAvailableError) as error:
                _LOG.warning("speech_not_ready", code=error.code, reason=error.message)

    def _person_turns(self, address: str) -> tuple[Turn, ...]:
        conversation = self.scenario.conversation_of(address)
        subscriber = self.scenario.subscribers.get(address, Subscriber())
        if subscriber.behaviour != "voicemail":
            return conversation.debtor
        greeting = subscriber.greeting or Turn(text=_GREETING[conversation.lang], wait=False, pause_secs=0.5)
        return (greeting, _BEEP)

    def open_session(self, call: Call) -> CallSession:
        """The media of a call that was answered just now."""
        conversation = self.scenario.conversation_of(call.to)
        subscriber = self.scenario.subscribers.get(call.to, Subscriber())
        is_machine = subscriber.behaviour == "voicemail"
        script = PartyScript(
            turns=self._person_turns(call.to),
            hangs_up=is_machine or conversation.hangs_up == "debtor",
            hang_up_after_secs=subscriber.record_secs if is_machine else conversation.hang_up_after_secs,
            end_silence_secs=conversation.end_silence_secs,
            is_machine=is_machine,
        )
        self._parties += 2
        seed = self.scenario.seed * 10_000 + self._parties
        noise = (
            LineNoise(seed, dbfs=self.scenario.noise_dbfs),
            LineNoise(seed + 1, dbfs=self.scenario.noise_dbfs),
        )
        session = CallSession(person=Party(script, self._voice(call, conversation, "debtor")), noise=noise)
        if is_machine:
            session.person.begin()
        return session

    def open_agent(self, parent: Call) -> Party:
        """The agent's side of a call; what they say is chosen by the number that the parent call dialled."""
        conversation = self.scenario.conversation_of(parent.to)
        script = PartyScript(
            turns=conversation.agent,
            hangs_up=conversation.hangs_up == "agent",
            hang_up_after_secs=conversation.hang_up_after_secs,
            end_silence_secs=conversation.end_silence_secs,
        )
        return Party(script, self._voice(parent, conversation, "agent"))

    def _voice(self, call: Call, conversation: Conversation, side: str) -> Callable[[Turn], PendingClip]:
        name = conversation.agent_voice if side == "agent" else conversation.debtor_voice

        def speak(turn: Turn) -> PendingClip:
            if turn.digits and not (turn.text or turn.wav):
                return PendingClip(SILENCE[:0])
            wanted = wording(turn, conversation, name)
            return self.bank.start_suggested(call.sid, wanted) if turn.suggested else self.bank.start(wanted)

        return speak

    async def announcement(self, text: str, language: str) -> Samples:
        """The samples of a text that the carrier itself speaks."""
        is_chinese = language.lower().startswith(("zh", "cmn", "yue"))
        return await self.bank.clip(Wording(text=text, lang="zh" if is_chinese else "en", voice="announcer"))

    def callback(self, callback: Callback) -> None:
        """Queue a callback."""
        self.sender.post(callback)

    def recording_url(self, recording: Recording) -> str:
        """Where a recording can be fetched (without extension)."""
        path = f"/2010-04-01/Accounts/{recording.account_sid}/Recordings/{recording.sid}"
        return f"{self.base_url}{path}"
