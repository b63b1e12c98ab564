"""The life of one outgoing call (I/O): initiated, ringing, answered, instructions, over; callbacks on the way.

Every wait ends early when the caller's side asks for the end (REST), so a call can be stopped in any state.
"""

import asyncio

from outreach.telephony.localcarrier.callbacks import Callback
from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.parties import PartyState
from outreach.telephony.localcarrier.plans import CallPlan, Method
from outreach.telephony.localcarrier.program import Program
from outreach.telephony.localcarrier.records import Call, Recording, progress_parameters, rfc2822
from outreach.telephony.localcarrier.scenario import Subscriber
from outreach.telephony.localcarrier.session import CallSession
from outreach.telephony.localcarrier.streams import MediaStream, StreamPlan
from outreach.telephony.localcarrier.waiting import ended, first_of

_SETUP_SECS = 0.1
_BUSY_SECS = 1.0
_HUMAN_VERDICT_SECS = 1.5
_MACHINE_VERDICT_SECS = 3.0
_SIP = {"busy": 486, "no-answer": 487, "canceled": 487, "failed": 404, "completed": 200}


class CallRun:
    """One call from creation to its last callback."""

    def __init__(self, exchange: Exchange, call: Call, plan: CallPlan) -> None:
        self.exchange = exchange
        self.call = call
        self.plan = plan
        self.session: CallSession | None = None
        self.redirected = asyncio.Event()
        self.new_twiml: str | None = None
        self.new_url: str | None = None
        self.over = asyncio.Event()
        self._stop = asyncio.Event()
        self._subscriber = exchange.scenario.subscribers.get(call.to, Subscriber(behaviour="unallocated"))

    def end(self) -> None:
        """Ask for the end, in any state."""
        self._stop.set()

    def redirect(self, *, twiml: str | None, url: str | None) -> None:
        """Go on with other instructions."""
        self.new_twiml, self.new_url = twiml, url
        self.redirected.set()

    async def run(self) -> None:
        """Play the whole call."""
        self._progress("initiated", "initiated")
        fault = self.exchange.faults.draw("call", to=self.call.to)
        cut_secs = self._subscriber.hang_up_after_secs
        behaviour = self._subscriber.behaviour
        if fault is not None and fault.action == "hang_up":
            cut_secs = fault.secs
        elif fault is not None and fault.action in ("busy", "no_answer", "unallocated"):
            behaviour = fault.action
        outcome = await self._ring(behaviour)
        if outcome is None:
            await self._talk(cut_secs)
            outcome = "completed"
        await self._finish(outcome)

    async def _ring(self, behaviour: str) -> str | None:
        """The final status of a call that is not answered, or None when it is."""
        sleep = self.exchange.ticker.sleep
        if await first_of(self._stop.wait(), sleep(_SETUP_SECS)) == 0:
            return "canceled"
        if behaviour == "unallocated":
            return "failed"
        self.call.status = "ringing"
        self._progress("ringing", "ringing")
        if behaviour == "busy":
            return "canceled" if await first_of(self._stop.wait(), sleep(_BUSY_SECS)) == 0 else "busy"
        answer_secs = self._subscriber.after_secs if behaviour != "no_answer" else float("inf")
        wait_secs = min(answer_secs, float(self.plan.timeout_secs))
        if await first_of(self._stop.wait(), sleep(wait_secs)) == 0:
            return "canceled"
        if answer_secs > self.plan.timeout_secs:
            return "no-answer"
        ready = self.exchange.spawn(self.exchange.prepare(self.call.to))
        await asyncio.wait([ready])
        return "canceled" if self._stop.is_set() else None

    async def _talk(self, cut_secs: float | None) -> None:
        exchange, call = self.exchange, self.call
        session = self.session = exchange.open_session(call)
        call.status, call.started_at = "in-progress", exchange.now()
        self._progress("answered", "in-progress")
        if self.plan.record:
            self.start_recording(self.plan.recording_channels, "OutboundAPI")
        exchange.ticker.join(session.tick, session.brake)
        detection = exchange.spawn(self._detect(session)) if self.plan.machine_detection else None
        limit_secs = min(self.plan.time_limit_secs, exchange.scenario.conversation_of(call.to).max_secs)
        ends_secs = limit_secs if cut_secs is None else min(limit_secs, cut_secs)
        program = Program(self, session)
        limit = asyncio.ensure_future(exchange.ticker.sleep(ends_secs))
        try:
            if detection is not None and not self.plan.async_amd:
                await first_of(ended(detection), self._stop.wait(), session.person_gone.wait(), ended(limit))
            await self._follow(program, session, limit)
        finally:
            limit.cancel()
            if detection is not None:
                detection.cancel()
            exchange.ticker.leave(session.tick, session.brake)

    async def _follow(self, program: Program, session: CallSession, limit: "asyncio.Future[None]") -> None:
        work = program.run(self.plan.twiml, self.plan.url, self.plan.method)
        while True:
            self.redirected.clear()
            first = await first_of(
                work, self._stop.wait(), session.person_gone.wait(), ended(limit), self.redirected.wait()
            )
            if first != 4:
                return
            session.stop_announcement()
            work = program.run(self.new_twiml, self.new_url, "POST")

    async def _detect(self, session: CallSession) -> None:
        """Machine detection: tells the truth of the scenario after the time that a detector would need."""
        started = session.ticks
        verdict = self._subscriber.detected_as
        is_machine = self._subscriber.behaviour == "voicemail" if verdict is None else verdict == "machine_start"
        if not is_machine:
            await self.exchange.ticker.sleep(_HUMAN_VERDICT_SECS)
        elif self.plan.machine_detection == "DetectMessageEnd":
            while session.person.state is not PartyState.FINISHED:
                await self.exchange.ticker.sleep(0.1)
            verdict = "machine_end_beep"  # type: ignore[assignment]
        else:
            await self.exchange.ticker.sleep(_MACHINE_VERDICT_SECS)
        self.call.answered_by = verdict or ("machine_start" if is_machine else "human")
        if self.plan.async_amd and self.plan.amd_callback:
            parameters = {
                "CallSid": self.call.sid,
                "AccountSid": self.call.account_sid,
                "AnsweredBy": self.call.answered_by,
                "MachineDetectionDuration": str((session.ticks - started) * 20),
            }
            self.post("machine", self.plan.amd_callback, parameters, self.plan.amd_method)

    async def _finish(self, status: str) -> None:
        call = self.call
        call.status, call.ended_at, call.sip_code = status, self.exchange.now(), _SIP[status]
        call.duration_secs = round(self.session.secs) if self.session else 0
        if self.session is not None:
            await asyncio.gather(*(stream.stop() for stream in self.session.streams))
        recordings = [item for item in self.exchange.recordings.values() if item.call_sid == call.sid]
        for recording in recordings:
            recording.status = "completed"
        self._progress("completed", status, recordings)
        for recording in recordings:
            if recording.source == "OutboundAPI":
                self.report_recording(recording)
        self.over.set()

    def _progress(self, event: str, status: str, recordings: list[Recording] | None = None) -> None:
        call, plan = self.call, self.plan
        sequence, call.sequence = call.sequence, call.sequence + 1
        if plan.status_callback is None or event not in plan.status_events:
            return
        parameters = call.common_parameters() | progress_parameters(call, status, sequence, self.exchange.now())
        if event == "completed" and recordings:
            parameters |= {
                "RecordingSid": recordings[0].sid,
                "RecordingUrl": self.exchange.recording_url(recordings[0]),
                "RecordingDuration": str(recordings[0].duration_secs),
            }
        self.post(status, plan.status_callback, parameters, plan.status_method)

    def post(self, label: str, url: str, parameters: dict[str, str], method: Method = "POST") -> None:
        """Send a callback of this call, in order with its others."""
        self.exchange.callback(Callback(lane=self.call.sid, label=label, url=url, parameters=parameters, method=method))

    def start_recording(self, channels: int, source: str, track: str = "both") -> Recording:
        """Record from the next tick on."""
        recording = Recording(
            account_sid=self.call.account_sid,
            call_sid=self.call.sid,
            channels=channels,
            created_at=self.exchange.now(),
            source=source,
            track=track,
        )
        self.exchange.recordings[recording.sid] = recording
        if self.session is not None:
            self.session.recordings.append(recording)
        if "in-progress" in self.plan.recording_events and source == "OutboundAPI":
            self.report_recording(recording)
        return recording

    def report_recording(self, recording: Recording, url: str | None = None) -> None:
        """Tell the application what became of a recording."""
        wanted = recording.status in self.plan.recording_events
        target = url or (self.plan.recording_callback if wanted else None)
        if target is None:
            return
        parameters = {
            "AccountSid": recording.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.exchange.recording_url(recording),
            "RecordingStatus": recording.status,
            "RecordingDuration": str(recording.duration_secs if recording.status == "completed" else -1),
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": rfc2822(recording.created_at) or "",
            "RecordingSource": recording.source,
            "RecordingTrack": recording.track,
            "ErrorCode": "0",
        }
        self.post("recording", target, parameters, self.plan.recording_method)

    def open_stream(self, plan: StreamPlan) -> MediaStream:
        """Open a media stream on this call. The call must be in progress."""
        exchange = self.exchange
        stream = MediaStream(
            plan, auth_token=exchange.config.auth_token, faults=exchange.faults, report=self._report_stream
        )
        if self.session is not None:
            self.session.streams.append(stream)
        exchange.spawn(stream.run())
        return stream

    def _report_stream(self, stream: MediaStream, event: str, error: str | None) -> None:
        plan = stream.plan
        if event != "stream-started" and self.session is not None and stream in self.session.streams and error:
            self.session.streams.remove(stream)
        if plan.status_callback is None:
            return
        parameters = {
            "AccountSid": plan.account_sid,
            "CallSid": plan.call_sid,
            "StreamSid": stream.sid,
            "StreamName": plan.name or stream.sid,
            "StreamEvent": event,
            "Timestamp": self.exchange.now().isoformat(),
            **({"StreamError": error} if error else {}),
        }
        self.post(event, plan.status_callback, parameters, plan.status_method)
