"""Requests from the carrier to the application (I/O): signed, one by one per call, retried once, spoilt on demand.

Signature: base64(HMAC-SHA1(auth token, URL + sorted parameters)). A connection that fails is tried once more with the
same `I-Twilio-Idempotency-Token`; an HTTP error is not. URL fragments (connection overrides) are not sent.
"""

import asyncio
import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urldefrag, urlencode
from uuid import uuid4

import httpx
import structlog

from outreach.telephony.localcarrier.faults import FaultPlan

_LOG = structlog.get_logger(__name__)
_HOLD_SECS = 1.0


def sign_request(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """The `X-Twilio-Signature` of a request with form parameters (none for GET and for WebSocket handshakes)."""
    text = url + "".join(key + parameters[key] for key in sorted(parameters))
    digest = hmac.new(auth_token.encode("utf-8"), text.encode("utf-8"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One request to make. `label` is what faults match, `lane` keeps the order within one call."""

    lane: str
    label: str
    url: str
    parameters: dict[str, str]
    method: Literal["GET", "POST"] = "POST"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of a callback: the HTTP status, or None when nobody answered."""

    label: str
    status: int | None
    attempts: int


class CallbackSender:
    """Sends callbacks; keeps the last deliveries for whoever asks."""

    def __init__(self, auth_token: str, faults: FaultPlan) -> None:
        self._auth_token = auth_token
        self._faults = faults
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(15.0, connect=5.0), trust_env=False)
        self._lanes: dict[str, asyncio.Queue[Callback]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, list[Callback]] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=10_000)

    def post(self, callback: Callback) -> None:
        """Queue a callback behind the earlier ones of its lane, unless a fault strikes it."""
        fault = self._faults.draw("callback", label=callback.label)
        action = fault.action if fault else None
        if action == "drop":
            self.deliveries.append(Delivery(label=callback.label, status=None, attempts=0))
        elif action == "delay" and fault is not None:
            self._spawn(self._later(callback, fault.secs))
        elif action == "reorder":
            self._held.setdefault(callback.lane, []).append(callback)
            self._spawn(self._release_later(callback.lane))
        else:
            for _ in range(2 if action == "duplicate" else 1):
                self._enqueue(callback)
            self._release(callback.lane)

    async def fetch(self, callback: Callback) -> httpx.Response:
        """Make one signed request now and give its answer. Raises httpx.HTTPError."""
        return await self._request(callback, str(uuid4()))

    @property
    def busy(self) -> bool:
        """Something is still to be sent."""
        return bool(self._tasks)

    async def settle(self) -> None:
        """Wait until everything queued has been sent."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Stop sending; what is queued is lost."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _later(self, callback: Callback, secs: float) -> None:
        await asyncio.sleep(secs)
        self._enqueue(callback)

    async def _release_later(self, lane: str) -> None:
        await asyncio.sleep(_HOLD_SECS)
        self._release(lane)

    def _release(self, lane: str) -> None:
        for held in self._held.pop(lane, []):
            self._enqueue(held)

    def _enqueue(self, callback: Callback) -> None:
        lane = self._lanes.get(callback.lane)
        if lane is None:
            lane = self._lanes[callback.lane] = asyncio.Queue()
            lane.put_nowait(callback)
            self._spawn(self._drain(callback.lane, lane))
        else:
            lane.put_nowait(callback)

    async def _drain(self, name: str, lane: asyncio.Queue[Callback]) -> None:
        while not lane.empty():
            await self._deliver(lane.get_nowait())
        del self._lanes[name]

    async def _deliver(self, callback: Callback) -> None:
        token = str(uuid4())
        status: int | None = None
        attempts = 0
        while status is None and attempts < 2:
            attempts += 1
            try:
                status = (await self._request(callback, token)).status_code
            except httpx.ConnectError:
                continue
            except httpx.HTTPError:
                break
        self.deliveries.append(Delivery(label=callback.label, status=status, attempts=attempts))
        if status is None or status >= 400:
            _LOG.warning("callback_failed", code=11200, label=callback.label, http_status=status, attempts=attempts)

    async def _request(self, callback: Callback, token: str) -> httpx.Response:
        url = urldefrag(callback.url).url
        headers = {"I-Twilio-Idempotency-Token": token, "User-Agent": "TwilioProxy/1.1"}
        if callback.method == "GET":
            joined = url + ("&" if "?" in url else "?") + urlencode(callback.parameters)
            headers["X-Twilio-Signature"] = sign_request(self._auth_token, joined, {})
            return await self._client.get(joined, headers=headers)
        headers["X-Twilio-Signature"] = sign_request(self._auth_token, url, callback.parameters)
        return await self._client.post(url, data=callback.parameters, headers=headers)
