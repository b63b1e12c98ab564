"""A small world for the carrier contract: local carrier, an application that listens, and an adapter between them."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import requests
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response

from outreach.clock import SystemClock
from outreach.errors import MediaError, WebhookError
from outreach.telephony import clearance as permits
from outreach.telephony.events import CallProgress, CallStatus, CarrierEvent, MediaEvent, MediaFrame, MediaStarted
from outreach.telephony.localcarrier.config import LocalCarrierConfig
from outreach.telephony.localcarrier.scenario import parse_scenario
from outreach.telephony.localcarrier.server import RunningCarrier, serve_in_thread
from outreach.telephony.port import PlaceCall, SendMessage, WebhookRequest
from outreach.telephony.twilio.adapter import TwilioCarrier
from outreach.telephony.twilio.http import BaseUrlHttpClient
from outreach.telephony.twilio.settings import CALLBACK_PATH, MEDIA_PATH, TwilioSettings
from tests.contract.carrier_openapi import Description

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a-token-of-the-test-account"
OURS = "+861055550000"
AGENT = "+861055550001"
DEBTOR = "+8613800000001"
KEY = Ed25519PrivateKey.generate()
CLOCK = SystemClock()
DESCRIPTION = Description()


class CheckedHttpClient(BaseUrlHttpClient):
    """Checks every request and every successful answer against Twilio's description, and counts."""

    def __init__(self, base_url: str, timeout_secs: float) -> None:
        super().__init__(base_url=base_url, timeout_secs=timeout_secs)
        self.sent: list[tuple[str, str]] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        names = ("params", "data", "headers", "auth")
        given = dict(zip(names, args, strict=False)) | kwargs
        prepared = requests.Request(
            method.upper(), self.resolve(url), params=given.get("params"), data=given.get("data")
        ).prepare()
        query = parse_qsl(prepared.url.partition("?")[2]) if prepared.url else []
        body = prepared.body.decode() if isinstance(prepared.body, bytes) else prepared.body or ""
        DESCRIPTION.check_request(method, url, query, parse_qsl(body))
        self.sent.append((method.upper(), url))
        answer = super().request(method, url, *args, **kwargs)
        if answer.status_code < 300:
            DESCRIPTION.check_answer(method, url, answer.status_code, json.loads(answer.text) if answer.text else None)
        return answer


@dataclass
class Application:
    """What the product's web side does with callbacks and media, reduced to remembering."""

    carrier: TwilioCarrier | None = None
    requests: list[WebhookRequest] = field(default_factory=list)
    events: list[CarrierEvent] = field(default_factory=list)
    refused: list[WebhookError] = field(default_factory=list)
    media: list[MediaEvent] = field(default_factory=list)
    arrivals: list[tuple[float, MediaFrame]] = field(default_factory=list)
    media_errors: list[MediaError] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    fetched: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    turn_away: bool = False
    audio: bytes = b""

    def build(self) -> FastAPI:
        app = FastAPI()

        @app.post(CALLBACK_PATH + "/{kind}")
        async def callback(request: Request, kind: str) -> Response:
            got = WebhookRequest(
                method=request.method,
                path=request.url.path,
                query=request.url.query,
                headers=request.headers.items(),
                body=await request.body(),
            )
            self.requests.append(got)
            assert self.carrier is not None
            try:
                self.events.append(self.carrier.parse_webhook(got))
            except WebhookError as error:
                self.refused.append(error)
                return Response(status_code=403)
            return Response(status_code=204)

        @app.post("/twiml/{name}")
        async def document(request: Request, name: str) -> Response:
            fields = await request.form()
            self.fetched.append((name, {key: str(value) for key, value in fields.items()}))
            return Response(self.documents[name], media_type="text/xml")

        @app.get("/audio/clip.wav")
        async def clip() -> Response:
            return Response(self.audio, media_type="audio/x-wav")

        @app.websocket(MEDIA_PATH)
        async def media(socket: WebSocket) -> None:
            await socket.accept()
            if self.turn_away:
                await socket.close(1000)
                return
            assert self.carrier is not None
            decoder = self.carrier.media_decoder()
            try:
                while True:
                    for event in decoder.decode(await socket.receive_text()):
                        self.media.append(event)
                        if isinstance(event, MediaFrame):
                            self.arrivals.append((time.monotonic(), event))
            except MediaError as error:
                self.media_errors.append(error)
                await socket.close(1003)
            except WebSocketDisconnect:
                return

        return app

    def of(self, kind: type) -> list[Any]:
        return [event for event in [*self.events, *self.media] if isinstance(event, kind)]

    def frames(self, track: str) -> list[MediaFrame]:
        return [event for event in list(self.media) if isinstance(event, MediaFrame) and event.track == track]


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port, in a thread of its own."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Quiet(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def until(condition: Callable[[], Any], secs: float = 30.0) -> Any:
    """Wait for a condition; its value when it holds."""
    limit = time.monotonic() + secs
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.005)


@dataclass
class World:
    """Everything of one test."""

    local: RunningCarrier
    app: Application
    carrier: TwilioCarrier
    http: CheckedHttpClient
    settings: TwilioSettings
    registry: permits.InMemoryUseRegistry
    address: str

    def clearance(self, channel: permits.Channel = "voice", to: str = DEBTOR, **changes: Any) -> permits.Clearance:
        now = CLOCK.now()
        values: dict[str, Any] = {
            "id": uuid4().hex,
            "attempt_id": "attempt-1",
            "channel": channel,
            "address_digest": permits.address_digest(to),
            "rulebook_digest": "sha256:1",
            "facts_digest": "sha256:2",
            "budget_slot": "2026-11-23",
            "debtor_local_time": "2026-11-23T10:00:00+08:00",
            "issued_at": now - timedelta(milliseconds=1),
            "expires_at": now + timedelta(seconds=20),
            "key_id": "gate-1",
        }
        return permits.sign(permits.Clearance(**(values | changes)), KEY)

    def call(self, to: str = DEBTOR, **changes: Any) -> PlaceCall:
        values: dict[str, Any] = {
            "attempt_id": "attempt-1",
            "to": to,
            "from_": OURS,
            "agent_address": AGENT,
            "stream_token": "one-time",
        }
        return PlaceCall(**(values | changes))

    def place(self, to: str = DEBTOR, **changes: Any) -> str:
        return self.carrier.place(self.clearance(to=to), self.call(to, **changes)).call_sid

    def message(self, to: str = DEBTOR, body: str = "您好") -> SendMessage:
        return SendMessage(attempt_id="attempt-1", to=to, from_=OURS, body=body)

    def final(self, call_sid: str) -> CallProgress:
        """Wait for the call's final status callback."""

        def found() -> CallProgress | None:
            finals = [event for event in self.app.of(CallProgress) if event.status.is_final]
            return next((event for event in finals if event.call_sid == call_sid), None)

        return until(found)

    def status(self, call_sid: str, status: CallStatus) -> None:
        """Wait until the carrier says this of the call."""
        until(lambda: self.carrier.fetch_call(call_sid).status is status)

    def settled(self) -> None:
        """Wait until the carrier has sent every callback."""
        until(lambda: not self.local.exchange.sender.busy)


TALK = {
    "debtor": [{"tone_hz": 440, "wait": False, "pause_secs": 0.2}, {"tone_hz": 480}],
    "agent": [{"tone_hz": 880}, {"tone_hz": 960}],
    "end_silence_secs": 0.3,
    "hang_up_after_secs": 0.5,
}


def scenario(**parts: Any) -> dict[str, Any]:
    """A scenario of tones: quick, and in need of no synthesiser."""
    return {
        "format": 1,
        "subscribers": {DEBTOR: {"after_secs": 0.3, "conversation": "talk"}},
        "agents": {AGENT: {"after_secs": 0.2}},
        "conversations": {"talk": TALK},
    } | parts


@contextmanager
def world(document: dict[str, Any], *, pace: float = 20.0, timeout_secs: float = 5.0, **config: Any) -> Iterator[World]:
    """Start carrier and application, and connect the adapter."""
    app = Application()
    with served(app.build()) as address:
        wanted = LocalCarrierConfig(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            scenario=parse_scenario(document),
            pace=pace,
            numbers=(OURS,),
            sms_url=f"http://{address}{CALLBACK_PATH}/message-in",
            **config,
        )
        with serve_in_thread(wanted) as local:
            settings = TwilioSettings(
                account_sid=ACCOUNT,
                auth_token=TOKEN,
                public_url=f"http://{address}",
                media_url=f"ws://{address}{MEDIA_PATH}",
                api_base_url=local.base_url,
                timeout_secs=timeout_secs,
            )
            registry = permits.InMemoryUseRegistry()
            guard = permits.ClearanceGuard({"gate-1": KEY.public_key()}, registry)
            http = CheckedHttpClient(local.base_url, timeout_secs)
            carrier = TwilioCarrier(settings, guard=guard, clock=CLOCK, http_client=http)
            app.carrier = carrier
            try:
                yield World(local, app, carrier, http, settings, registry, address)
            finally:
                carrier.close()


def last_started(app: Application) -> MediaStarted | None:
    """The stream that began last."""
    return next((event for event in reversed(list(app.media)) if isinstance(event, MediaStarted)), None)
