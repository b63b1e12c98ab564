"""Fetching a recording over a real connection: in chunks, refused when it is no WAV file, told when it breaks off."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from outreach.clock import ManualClock
from outreach.errors import CarrierError
from outreach.telephony.clearance import ClearanceGuard, InMemoryUseRegistry
from outreach.telephony.twilio.adapter import TwilioCarrier
from outreach.telephony.twilio.http import CHUNK_BYTES
from outreach.telephony.twilio.settings import TwilioSettings

SID = "RE" + "1" * 32
WAV = b"RIFF" + bytes(5 * CHUNK_BYTES)


@contextmanager
def carrier(status: int, body: bytes, claimed: int | None = None) -> Iterator[TwilioCarrier]:
    """An adapter whose carrier answers this, having claimed so many bytes."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings = TwilioSettings(
        account_sid="AC" + "0" * 32,
        auth_token="x" * 32,
        public_url="http://127.0.0.1:1",
        media_url="ws://127.0.0.1:1/media",
        api_base_url=f"http://127.0.0.1:{server.server_port}",
        timeout_secs=5,
    )
    adapter = TwilioCarrier(
        settings,
        guard=ClearanceGuard({}, InMemoryUseRegistry()),
        clock=ManualClock(datetime(2026, 11, 23, tzinfo=UTC)),
    )
    try:
        yield adapter
    finally:
        adapter.close()
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_recording_comes_in_chunks() -> None:
    chunks: list[bytes] = []
    with carrier(200, WAV) as here:
        here.fetch_recording(SID, chunks.append)
    assert b"".join(chunks) == WAV
    assert max(map(len, chunks)) <= CHUNK_BYTES


@pytest.mark.parametrize(
    ("status", "body", "code", "retryable"),
    [
        (404, b"{}", "carrier.not_found", True),
        (200, b"<html>please sign in</html>", "carrier.bad_answer", False),
        (200, b"", "carrier.bad_answer", False),
        (503, WAV, "carrier.bad_answer", True),
    ],
)
def test_nothing_is_given_of_what_is_no_recording(status: int, body: bytes, code: str, retryable: bool) -> None:
    chunks: list[bytes] = []
    with carrier(status, body) as here, pytest.raises(CarrierError) as refused:
        here.fetch_recording(SID, chunks.append)
    assert (refused.value.code, refused.value.retryable) == (code, retryable)
    assert chunks == []


def test_a_connection_that_breaks_off_is_an_error_and_not_a_short_recording() -> None:
    chunks: list[bytes] = []
    with carrier(200, WAV, claimed=len(WAV) + 1) as here, pytest.raises(CarrierError) as broken:
        here.fetch_recording(SID, chunks.append)
    assert (broken.value.code, broken.value.retryable) == ("carrier.broken_off", True)
