"""How the worker's application is served: one place, so that measurements run on the same settings."""

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # a build of the library without its extension
    from websockets.utils import apply_mask

MAX_MESSAGE_BYTES = 256 * 1024
"""A media message is 400 bytes (Twilio) or some kilobytes (16-bit stereo); the server refuses what is far larger."""
MAX_WAITING_MESSAGES = 32
"""Messages of one connection that may wait for the handler before the socket is no longer read."""


_TEXT = 0x81
_KINDS = frozenset((_TEXT, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A))  # first bytes that RFC 6455 knows
READ_EVERY_SECS = 0.04
"""How often a connection is read. A two-track call sends four messages in that time: read, parsed and handled in one go
they cost about half of what they cost one by one."""


class MediaProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, reading more at a time and stopping less often.

    The parent stops reading after every message until the application has taken it: two system calls a message, a
    hundred times a second for every call. Here a few messages may wait: reading stops for the application when
    `MAX_WAITING_MESSAGES` do, and goes on, as in the parent, when it has taken them all. Beside that a connection rests
    after each read, so that messages of the next `READ_EVERY_SECS` come together. And a frame that is a whole short
    text message, as all but a handful are, is cut out here; every other frame is the library's to read and to judge.
    """

    _rest = b""  # the beginning of a frame that has not come whole
    _plain = True

    def data_received(self, data: bytes) -> None:
        """Take what came and rest."""
        if self.handshake_complete and self._plain:
            self._frames_received(self._rest + data if self._rest else data)
        else:
            super().data_received(data)
        if self.handshake_complete and not (self.read_paused or self.close_sent or self.transport.is_closing()):
            self.transport.pause_reading()
            self.loop.call_later(READ_EVERY_SECS, self._read_on)

    def _frames_received(self, data: bytes) -> None:
        """Whole text messages go to the application; every other frame goes, whole, to the parent (RFC 6455, 5.2).

        What no client sends, or is longer than 64 KiB, ends this: from there on the parent reads everything.
        """
        at, size = 0, len(data)
        while size - at >= 2:
            kind, length, head = data[at], data[at + 1] - 0x80, 6
            if kind not in _KINDS or not 0 <= length <= (125 if kind & 0x08 else 126):
                self._plain, self._rest = False, b""
                super().data_received(data[at:])
                return
            if length == 126:
                if size - at < 4:
                    break
                length, head = data[at + 2] << 8 | data[at + 3], 8
            end = at + head + length
            if end > size:
                break
            if kind == _TEXT and not self.frames:
                self.curr_msg_data_type = "text"
                self.frames = [apply_mask(data[at + head : end], data[at + head - 4 : at + head])]
                self.send_receive_event_to_app()
            else:
                super().data_received(data[at:end])
            if self.transport.is_closing():
                return
            at = end
        self._rest = data[at:]

    def _read_on(self) -> None:
        if not (self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        """Queue a message for the application."""
        if self.read_paused or self.queue.qsize() >= MAX_WAITING_MESSAGES:
            super().send_receive_event_to_app()
            return
        self.read_paused = True  # the parent then leaves the transport alone
        super().send_receive_event_to_app()
        self.read_paused = False


def worker_server(app: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """Settings for receiving media: no compression, no access log, reading that does not stop at every message."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=MediaProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
