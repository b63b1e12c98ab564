"""The HTTP surface (I/O): Twilio's paths under `/2010-04-01`, and `/_local` for what has no telephone here."""

import asyncio
import base64
import hmac
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import QueryParams

from outreach.telephony.localcarrier.exchange import Exchange
from outreach.telephony.localcarrier.plans import E164, Form, RestError
from outreach.telephony.localcarrier.records import API_VERSION
from outreach.telephony.localcarrier.switchboard import Switchboard, not_found
from outreach.telephony.localcarrier.texts import accept_message, receive_message
from outreach.telephony.localcarrier.wav import wav_of_mix, wav_of_mulaw

_ACCOUNT = f"/{API_VERSION}/Accounts/{{account}}"
_STALL_SECS = 120.0


class _Surface:
    """Requests answered from one exchange."""

    def __init__(self, exchange: Exchange, switchboard: Switchboard) -> None:
        self.exchange = exchange
        self.board = switchboard

    def check(self, request: Request) -> None:
        """Basic authentication with the account's SID and token, for that account's paths only."""
        config = self.exchange.config
        expected = base64.b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode("ascii")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        account = request.path_params.get("account", config.account_sid)
        allowed = hmac.compare_digest(given.strip().encode(), expected.encode())
        if scheme.lower() != "basic" or not allowed or account != config.account_sid:
            raise RestError(401, 20003, "Authenticate")

    async def form(self, request: Request) -> Form:
        """Form fields of a POST, query of a GET."""
        self.check(request)
        if request.method == "GET":
            return Form(QueryParams(request.url.query).multi_items())
        fields = await request.form()
        return Form([(key, value) for key, value in fields.multi_items() if isinstance(value, str)])

    async def create(self, request: Request, kind: str) -> dict[str, Any]:
        """Create a call or a message, with the faults that may strike a create."""
        form = await self.form(request)
        fault = self.exchange.faults.action("create", label=kind, to=form.get("To"))
        if fault == "rate_limited":
            raise RestError(429, 20429, "Too Many Requests")
        if fault == "server_error":
            raise RestError(500, 20500, "Internal Server Error")
        made = self.board.create(form) if kind == "call" else accept_message(self.exchange, form)
        if fault == "server_error_after_accept":
            raise RestError(503, 20503, "Service Unavailable")
        if fault == "timeout_after_accept":
            await asyncio.sleep(_STALL_SECS)
        return made.to_json()


def _page(request: Request, key: str, items: list[dict[str, Any]], form: Form) -> dict[str, Any]:
    size, page = form.integer("PageSize", 50, 1, 1000), form.integer("Page", 0, 0, 1_000_000)
    path = request.url.path
    more = len(items) > (page + 1) * size
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("Page", "PageSize")]
    following = QueryParams([*query, ("PageSize", str(size)), ("Page", str(page + 1))])
    return {
        key: items[page * size : (page + 1) * size],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": max(0, min(len(items), (page + 1) * size) - 1),
        "uri": str(request.url.path),
        "first_page_uri": f"{path}?PageSize={size}&Page=0",
        "previous_page_uri": None if page == 0 else f"{path}?PageSize={size}&Page={page - 1}",
        "next_page_uri": f"{path}?{following}" if more else None,
    }


def _calls(surface: _Surface) -> APIRouter:
    router, board = APIRouter(prefix=_ACCOUNT), surface.board

    @router.post("/Calls.json", status_code=201)
    async def create_call(request: Request) -> dict[str, Any]:
        return await surface.create(request, "call")

    @router.get("/Calls.json")
    async def list_calls(request: Request) -> dict[str, Any]:
        form = await surface.form(request)
        return _page(request, "calls", [call.to_json() for call in board.calls(form)], form)

    @router.get("/Calls/{sid}.json")
    async def fetch_call(request: Request, sid: str) -> dict[str, Any]:
        surface.check(request)
        return board.call(sid).to_json()

    @router.post("/Calls/{sid}.json")
    async def update_call(request: Request, sid: str) -> dict[str, Any]:
        return board.update(sid, await surface.form(request)).to_json()

    @router.post("/Calls/{sid}/Streams.json")
    async def create_stream(request: Request, sid: str) -> dict[str, Any]:
        stream = board.create_stream(sid, await surface.form(request))
        return _stream_json(surface, sid, stream.sid, stream.plan.name, "in-progress")

    @router.post("/Calls/{sid}/Streams/{stream_sid}.json")
    async def stop_stream(request: Request, sid: str, stream_sid: str) -> dict[str, Any]:
        stream = await board.stop_stream(sid, stream_sid, await surface.form(request))
        return _stream_json(surface, sid, stream.sid, stream.plan.name, "stopped")

    return router


def _stream_json(surface: _Surface, call_sid: str, sid: str, name: str | None, status: str) -> dict[str, Any]:
    account = surface.exchange.config.account_sid
    return {
        "sid": sid,
        "account_sid": account,
        "call_sid": call_sid,
        "name": name,
        "status": status,
        "date_updated": None,
        "uri": f"/{API_VERSION}/Accounts/{account}/Calls/{call_sid}/Streams/{sid}.json",
    }


def _recordings(surface: _Surface) -> APIRouter:
    router, board, exchange = APIRouter(prefix=_ACCOUNT), surface.board, surface.exchange

    @router.post("/Calls/{sid}/Recordings.json", status_code=201)
    async def create_recording(request: Request, sid: str) -> dict[str, Any]:
        return board.create_recording(sid, await surface.form(request)).to_json()

    @router.get("/Calls/{sid}/Recordings.json")
    async def call_recordings(request: Request, sid: str) -> dict[str, Any]:
        form = await surface.form(request)
        found = [item.to_json() for item in exchange.recordings.values() if item.call_sid == sid]
        return _page(request, "recordings", found, form)

    @router.get("/Recordings.json")
    async def list_recordings(request: Request) -> dict[str, Any]:
        form = await surface.form(request)
        wanted = form.get("CallSid")
        found = [item.to_json() for item in exchange.recordings.values() if wanted in (None, item.call_sid)]
        return _page(request, "recordings", found, form)

    @router.get("/Recordings/{sid}.json")
    async def fetch_recording(request: Request, sid: str) -> dict[str, Any]:
        surface.check(request)
        return board.recording(sid).to_json()

    @router.get("/Recordings/{sid}.wav")
    async def fetch_audio(request: Request, sid: str) -> Response:
        form = await surface.form(request)
        recording = board.recording(sid)
        if recording.status != "completed":
            raise not_found(f"Recordings/{sid}.wav")
        tracks = (recording.inbound, recording.outbound)
        if recording.source == "RecordVerb":
            tracks = (recording.inbound, bytearray(len(recording.inbound)))
        dual = form.integer("RequestedChannels", recording.channels, 1, 2) == 2 and recording.channels == 2
        content = wav_of_mulaw(tracks) if dual else wav_of_mix(tracks)
        return Response(content, media_type="audio/x-wav")

    @router.delete("/Recordings/{sid}.json", status_code=204)
    async def delete_recording(request: Request, sid: str) -> Response:
        surface.check(request)
        board.recording(sid)
        del exchange.recordings[sid]
        return Response(status_code=204)

    return router


def _messages(surface: _Surface) -> APIRouter:
    router, exchange = APIRouter(prefix=_ACCOUNT), surface.exchange

    @router.post("/Messages.json", status_code=201)
    async def create_message(request: Request) -> dict[str, Any]:
        return await surface.create(request, "message")

    @router.get("/Messages/{sid}.json")
    async def fetch_message(request: Request, sid: str) -> dict[str, Any]:
        surface.check(request)
        message = exchange.messages.get(sid)
        if message is None:
            raise not_found(f"Messages/{sid}")
        return message.to_json()

    @router.get("/Messages.json")
    async def list_messages(request: Request) -> dict[str, Any]:
        form = await surface.form(request)
        wanted = form.get("To")
        found = [item.to_json() for item in exchange.messages.values() if wanted in (None, item.to)]
        return _page(request, "messages", found[::-1], form)

    return router


def _local(surface: _Surface) -> APIRouter:
    router, exchange = APIRouter(), surface.exchange

    @router.get(f"/{API_VERSION}/Accounts/{{account}}.json")
    async def fetch_account(request: Request) -> dict[str, Any]:
        surface.check(request)
        sid = exchange.config.account_sid
        return {"sid": sid, "friendly_name": "local carrier", "status": "active", "type": "Full"}

    @router.get("/_local/health")
    async def health() -> dict[str, Any]:
        live = sum(not call.is_over for call in exchange.calls.values())
        return {"live_calls": live, "ticks": exchange.ticker.tick, "late_ticks": exchange.ticker.late_ticks}

    @router.post("/_local/inbound-messages", status_code=201)
    async def write_message(request: Request) -> dict[str, Any]:
        form = await surface.form(request)
        from_, to, body = form.get("From"), form.get("To"), form.get("Body")
        if from_ is None or to is None or not E164.match(from_) or not E164.match(to):
            raise RestError(400, 21211, "From and To must be E.164 numbers")
        return receive_message(exchange, from_=from_, to=to, body=body or "").to_json()

    return router


def build_app(exchange: Exchange, switchboard: Switchboard) -> FastAPI:
    """The application of one exchange."""
    app = FastAPI(title="Fairline local carrier", docs_url=None, redoc_url=None, openapi_url=None)
    surface = _Surface(exchange, switchboard)
    for router in (_calls(surface), _recordings(surface), _messages(surface), _local(surface)):
        app.include_router(router)

    async def refuse(_request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RestError):
            raise error
        return JSONResponse(error.to_json(), status_code=error.status)

    app.add_exception_handler(RestError, refuse)
    return app
