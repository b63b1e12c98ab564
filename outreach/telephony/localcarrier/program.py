"""Follows the instructions (TwiML) of one answered call (I/O)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

import httpx
import structlog

from outreach.errors import InputError, NotAvailableError
from outreach.telephony.localcarrier import twiml
from outreach.telephony.localcarrier.bridge import dial
from outreach.telephony.localcarrier.callbacks import Callback
from outreach.telephony.localcarrier.session import CallSession
from outreach.telephony.localcarrier.sound import tone
from outreach.telephony.localcarrier.streams import StreamPlan
from outreach.telephony.localcarrier.waiting import first_of
from outreach.telephony.localcarrier.wav import wav_samples

if TYPE_CHECKING:
    from outreach.telephony.localcarrier.callrun import CallRun

_LOG = structlog.get_logger(__name__)
_MAX_DOCUMENTS = 50


@dataclass(frozen=True, kw_only=True)
class Jump:
    """Go on with the document at an address; these parameters are sent along."""

    url: str
    method: twiml.Method
    parameters: dict[str, str]


class End(Exception):  # noqa: N818  # a decision, not a failure
    """The instructions end the call."""


class Program:
    """Runs documents one after the other until they are used up."""

    def __init__(self, run: "CallRun", session: CallSession) -> None:
        self._run = run
        self._session = session
        self._exchange = run.exchange
        self._base_url = ""

    async def run(self, document: str | None, url: str | None, method: twiml.Method) -> None:
        """Follow instructions given inline or at an address; return when the call has nothing left to do."""
        try:
            jump = None if url is None else Jump(url=url, method=method, parameters={})
            for _ in range(_MAX_DOCUMENTS):
                if jump is not None:
                    document = await self._fetch(jump)
                jump = await self._all(twiml.parse_twiml(document or "<Response/>"))
                if jump is None:
                    return
        except End:
            return
        except twiml.TwimlError as error:
            _LOG.warning("twiml_failed", code=error.code, reason=str(error))
        except httpx.HTTPError as error:
            _LOG.warning("twiml_failed", code=11200, reason=type(error).__name__)
        except (InputError, NotAvailableError) as error:
            _LOG.warning("twiml_failed", code=error.code, reason=error.message)

    async def _fetch(self, jump: Jump) -> str:
        self._base_url = urljoin(self._base_url, jump.url)
        parameters = self._run.call.common_parameters() | jump.parameters
        if self._run.call.answered_by:
            parameters["AnsweredBy"] = self._run.call.answered_by
        response = await self._exchange.sender.fetch(
            Callback(lane="", label="twiml", url=self._base_url, parameters=parameters, method=jump.method)
        )
        if response.status_code >= 300:
            raise twiml.TwimlError(11200, f"HTTP {response.status_code} instead of instructions")
        return response.text

    async def _all(self, verbs: list[twiml.Verb]) -> Jump | None:
        for verb in verbs:
            handler = cast("Callable[[Program, Any], Awaitable[Jump | None]]", _HANDLERS[type(verb)])
            jump = await handler(self, verb)
            if jump is not None:
                return jump
        return None

    async def _say(self, verb: twiml.Say) -> None:
        samples = await self._exchange.announcement(verb.text, verb.language)
        for _ in range(max(1, verb.loop)):
            self._session.announce(samples)
            await self._session.announced.wait()

    async def _play(self, verb: twiml.Play) -> None:
        async with httpx.AsyncClient(timeout=15.0, trust_env=False) as client:
            response = await client.get(urljoin(self._base_url, verb.url))
        if response.status_code != 200:
            raise twiml.TwimlError(11200, f"HTTP {response.status_code} instead of audio")
        samples = wav_samples(response.content)
        for _ in range(max(1, verb.loop)):
            self._session.announce(samples)
            await self._session.announced.wait()

    async def _pause(self, verb: twiml.Pause) -> None:
        await self._exchange.ticker.sleep(verb.secs)

    async def _gather(self, verb: twiml.Gather) -> Jump | None:
        keys: list[str] = []
        self._session.person.begin()
        await first_of(self._all_prompts(verb), self._collect(verb, keys, first_only=True))
        self._session.stop_announcement()
        await first_of(self._exchange.ticker.sleep(verb.timeout_secs), self._collect(verb, keys, first_only=False))
        digits = "".join(keys).rstrip(verb.finish_on_key) if verb.finish_on_key else "".join(keys)
        if not keys or verb.action is None:
            return None
        return Jump(url=verb.action, method=verb.method, parameters={"Digits": digits})

    async def _all_prompts(self, verb: twiml.Gather) -> None:
        await self._all(list(verb.prompts))

    async def _collect(self, verb: twiml.Gather, keys: list[str], *, first_only: bool) -> None:
        while not _complete(verb, keys):
            pressed = self._session.person.digits
            while pressed and not _complete(verb, keys):
                keys.append(pressed.pop(0))
            if first_only and keys:
                return
            if not _complete(verb, keys):
                self._session.key_pressed.clear()
                await self._session.key_pressed.wait()

    async def _start_stream(self, verb: twiml.StartStream) -> None:
        call = self._run.call
        self._run.open_stream(
            StreamPlan(
                account_sid=call.account_sid,
                call_sid=call.sid,
                url=verb.url,
                track=verb.track,
                name=verb.name,
                parameters=verb.parameters,
                status_callback=verb.status_callback,
                status_method=verb.status_method,
            )
        )

    async def _stop_stream(self, verb: twiml.StopStream) -> None:
        for stream in [item for item in self._session.streams if item.plan.name == verb.name]:
            self._session.streams.remove(stream)
            await stream.stop()

    async def _dial(self, verb: twiml.Dial) -> Jump | None:
        outcome = await dial(self._run, self._session, verb)
        if verb.action is None:
            return None
        return Jump(url=verb.action, method=verb.method, parameters=outcome)

    async def _record(self, verb: twiml.Record) -> Jump | None:
        session = self._session
        if verb.play_beep:
            session.announce(tone(1000, 0.3))
            await session.announced.wait()
        recording = self._run.start_recording(1, "RecordVerb", "inbound")
        session.person.begin()
        session.person_silence_ticks = 0
        while recording.duration_secs < verb.max_secs and session.person_silence_ticks < verb.timeout_secs * 50:
            if any(key in verb.finish_on_key for key in session.person.digits):
                session.person.digits.clear()
                break
            await self._exchange.ticker.sleep(0.1)
        recording.status = "completed"
        if verb.status_callback:
            self._run.report_recording(recording, verb.status_callback)
        if verb.action is None:
            return None
        parameters = {
            "RecordingUrl": self._exchange.recording_url(recording),
            "RecordingSid": recording.sid,
            "RecordingDuration": str(recording.duration_secs),
        }
        return Jump(url=verb.action, method=verb.method, parameters=parameters)

    async def _redirect(self, verb: twiml.Redirect) -> Jump:
        return Jump(url=verb.url, method=verb.method, parameters={})

    async def _end(self, _verb: object) -> None:
        raise End


def _complete(verb: twiml.Gather, keys: list[str]) -> bool:
    return bool(keys) and (len(keys) == verb.num_digits or keys[-1] in verb.finish_on_key)


_HANDLERS: dict[type[twiml.Verb], object] = {
    twiml.Say: Program._say,
    twiml.Play: Program._play,
    twiml.Pause: Program._pause,
    twiml.Gather: Program._gather,
    twiml.StartStream: Program._start_stream,
    twiml.StopStream: Program._stop_stream,
    twiml.Dial: Program._dial,
    twiml.Record: Program._record,
    twiml.Redirect: Program._redirect,
    twiml.Hangup: Program._end,
    twiml.Reject: Program._end,
}
