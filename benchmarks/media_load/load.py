"""A carrier's media side for many calls at once (I/O): sends in real time, or faster, from one thread.

Every message is a WebSocket frame made in advance for all calls, masked with the key 0 that the protocol allows, so the
sender costs little beside what it measures. Calls are spread over the 20 ms; the tracks of one are 10 ms apart.

    python load.py PORT CALLS SECS [--pace 1]

`SECS` is audio per call. Prints `{"event": "sending"}` when all calls are open, and how late it was when it is done.
"""

from __future__ import annotations

import argparse
import base64
import json
import select
import socket
import struct
import time

from calls import FRAMES_PER_SEC, TRACKS, closing, media, opening

SLOTS = 20
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A


def packed(payload: bytes, kind: int = _TEXT) -> bytes:
    """A frame from a client; its mask is zero."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return bytes([kind]) + length + b"\0\0\0\0" + payload


def connected(port: int, number: int) -> socket.socket:
    """A call's connection, its first messages sent."""
    one = socket.create_connection(("127.0.0.1", port), timeout=20)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(number.to_bytes(16, "big")).decode()
    head = f"GET /media HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    one.sendall(f"{head}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += one.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101"), answer[:80]
    for message in opening(number):
        one.sendall(packed(message.encode()))
    return one


def answer_pings(sockets: list[socket.socket]) -> None:
    """The server asks from time to time whether we are there."""
    waiting = select.poll()
    by_number = {one.fileno(): one for one in sockets}
    for number in by_number:
        waiting.register(number, select.POLLIN)
    for number, _ in waiting.poll(0):
        data = by_number[number].recv(4096)
        assert data, "the server closed a call"
        while data:
            assert data[0] == _PING, f"the server sent a frame of kind {data[0]:#x}"
            size = data[1]
            by_number[number].sendall(packed(data[2 : 2 + size], _PONG))
            data = data[2 + size :]


def send(sockets: list[socket.socket], frames: int, pace: float) -> list[float]:
    """All audio of all calls; returns by how many milliseconds each slot was late."""
    slots = [sockets[slot::SLOTS] for slot in range(SLOTS)]
    late: list[float] = []
    began = time.perf_counter()
    for frame in range(frames):
        ready = {track: packed(media(track, frame).encode()) for track in TRACKS}
        previous = packed(media("outbound", frame - 1).encode()) if frame else b""
        for slot in range(SLOTS):
            due = began + (frame * 20 + slot) / 1000 / pace
            wait = due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            late.append(max(0.0, -wait * 1000))
            for one in slots[slot]:
                one.sendall(ready["inbound"])
            # the second track runs half a frame behind: the latter half of the calls is still in the frame before
            other = ready["outbound"] if slot >= SLOTS // 2 else previous
            for one in slots[(slot + SLOTS // 2) % SLOTS]:
                if other:
                    one.sendall(other)
        if frame % FRAMES_PER_SEC == 0:
            answer_pings(sockets)
    final = packed(media("outbound", frames - 1).encode())
    for slot in range(SLOTS // 2, SLOTS):
        for one in slots[slot]:
            one.sendall(final)
    return late


def main() -> None:
    """Open, send, close, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("calls", type=int)
    parser.add_argument("secs", type=int)
    parser.add_argument("--pace", type=float, default=1.0)
    asked = parser.parse_args()
    sockets = [connected(asked.port, number) for number in range(asked.calls)]
    print(json.dumps({"event": "sending"}), flush=True)
    late = sorted(send(sockets, asked.secs * FRAMES_PER_SEC, asked.pace))
    print(json.dumps({"event": "sent", "late_ms_p99": round(late[int(0.99 * (len(late) - 1))], 1)}), flush=True)
    for number, one in enumerate(sockets):
        one.sendall(packed(closing(number).encode()) + packed(struct.pack(">H", 1000), _CLOSE))
    for one in sockets:
        one.settimeout(20)
        while one.recv(4096):
            pass


if __name__ == "__main__":
    main()
