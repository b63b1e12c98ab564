"""What REST asks of calls (I/O): create, list, end, redirect, streams and recordings."""

import asyncio
from datetime import UTC, datetime

from outreach.telephony.localcarrier.callrun import CallRun
from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.plans import CallPlan, Form, RestError, call_plan, check_numbers
from outreach.telephony.localcarrier.records import Call, Recording
from outreach.telephony.localcarrier.streams import MediaStream, StreamPlan

_PARAMETERS = 99
_CLOSE_SECS = 2.0
_TRACKS = ("inbound_track", "outbound_track", "both_tracks")


class Switchboard:
    """The running calls of an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._runs: dict[str, CallRun] = {}

    def create(self, form: Form) -> Call:
        """Take a call and start it. Raises RestError."""
        to, from_ = check_numbers(form, self.exchange.config.numbers)
        plan: CallPlan = call_plan(form)
        call = Call(account_sid=self.exchange.config.account_sid, to=to, from_=from_, created_at=self.exchange.now())
        self.exchange.calls[call.sid] = call
        run = CallRun(self.exchange, call, plan)
        self._runs[call.sid] = run
        self.exchange.spawn(run.run())
        return call

    async def close(self) -> None:
        """End every call as a hang-up would, so that streams stop in order and last callbacks go out."""
        live = [self._runs[sid] for sid, call in self.exchange.calls.items() if sid in self._runs and not call.is_over]
        for run in live:
            run.end()
        if live:
            await asyncio.wait([self.exchange.spawn(run.over.wait()) for run in live], timeout=_CLOSE_SECS)
            await asyncio.wait([self.exchange.spawn(self.exchange.sender.settle())], timeout=_CLOSE_SECS)

    def call(self, sid: str) -> Call:
        """A call. Raises RestError 20404."""
        call = self.exchange.calls.get(sid)
        if call is None:
            raise not_found(f"Calls/{sid}")
        return call

    def calls(self, form: Form) -> list[Call]:
        """The calls that match To, From, Status, ParentCallSid and the StartTime bounds, newest first."""
        found = list(self.exchange.calls.values())
        for name, value in (("To", "to"), ("From", "from_"), ("Status", "status"), ("ParentCallSid", "parent_sid")):
            wanted = form.get(name)
            if wanted is not None:
                found = [call for call in found if getattr(call, value) == wanted]
        after, before = _bound(form.get("StartTime>")), _bound(form.get("StartTime<"))
        if after is not None:
            found = [call for call in found if call.started_at is not None and call.started_at >= after]
        if before is not None:
            found = [call for call in found if call.started_at is not None and call.started_at <= before]
        return found[::-1]

    def update(self, sid: str, form: Form) -> Call:
        """End or redirect a call. Raises RestError 21220 when its state does not allow it."""
        call = self.call(sid)
        run = self._runs.get(call.parent_sid or sid)
        status, twiml, url = form.get("Status"), form.get("Twiml"), form.get("Url")
        if status is not None and status not in ("canceled", "completed"):
            raise RestError(400, 21218, "Status must be canceled or completed")
        waiting = call.status in ("queued", "ringing")
        if call.is_over or run is None or (status == "canceled" and not waiting):
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status is not None:
            run.end()
        elif twiml is not None or url is not None:
            if call.status != "in-progress":
                raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
            run.redirect(twiml=twiml, url=url)
        return call

    def create_stream(self, sid: str, form: Form) -> MediaStream:
        """Open one more stream on a live call. Raises RestError."""
        call, run = self.call(sid), self._runs.get(sid)
        url = form.get("Url") or ""
        if not url.startswith(("wss://", "ws://")):
            raise RestError(400, 31922, "Url must be wss:// (ws:// is accepted on this machine only)")
        if run is None or call.status != "in-progress":
            raise RestError(400, 21220, "Call is not in-progress. Cannot start a stream.")
        names = [(form.get(f"Parameter{n}.Name"), form.get(f"Parameter{n}.Value")) for n in range(1, _PARAMETERS + 1)]
        return run.open_stream(
            StreamPlan(
                account_sid=call.account_sid,
                call_sid=sid,
                url=url.split("?", 1)[0],
                track=form.choice("Track", _TRACKS, "inbound_track"),
                name=form.get("Name"),
                parameters={name: value or "" for name, value in names if name},
                status_callback=form.get("StatusCallback"),
                status_method=form.method("StatusCallbackMethod"),
            )
        )

    async def stop_stream(self, sid: str, stream_sid: str, form: Form) -> MediaStream:
        """Close a stream. Raises RestError 20404."""
        run = self._runs.get(sid)
        streams = run.session.streams if run is not None and run.session is not None else []
        stream = next((item for item in streams if stream_sid in (item.sid, item.plan.name)), None)
        if stream is None:
            raise not_found(f"Calls/{sid}/Streams/{stream_sid}")
        if form.get("Status") != "stopped":
            raise RestError(400, 20001, "Status must be stopped")
        streams.remove(stream)
        await stream.stop()
        return stream

    def create_recording(self, sid: str, form: Form) -> Recording:
        """Record a live call from now on. Raises RestError."""
        call, run = self.call(sid), self._runs.get(sid)
        if run is None or call.status != "in-progress":
            raise RestError(400, 21220, "Call is not in-progress. Cannot start recording.")
        channels = 2 if form.choice("RecordingChannels", ("mono", "dual"), "mono") == "dual" else 1
        return run.start_recording(channels, "StartCallRecordingAPI")

    def recording(self, sid: str) -> Recording:
        """A recording. Raises RestError 20404."""
        recording = self.exchange.recordings.get(sid)
        if recording is None:
            raise not_found(f"Recordings/{sid}")
        return recording


def not_found(path: str) -> RestError:
    """The error for an object that is not there."""
    return RestError(404, 20404, f"The requested resource /{path} was not found")


def _bound(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, "StartTime must be YYYY-MM-DD or an ISO 8601 time") from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)
