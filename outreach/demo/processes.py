"""The demo's child processes (I/O): started in sessions of their own, watched, restarted when killed, always ended."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from outreach.errors import NotAvailableError

READY_SECS = 60.0
END_SECS = 10.0


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()


@dataclass
class Child:
    """One process by name; its output goes to `log`."""

    name: str
    arguments: tuple[str, ...]
    ready_url: str
    log: Path
    restarts: int = 0
    process: "subprocess.Popen[bytes] | None" = None


@dataclass
class Children:
    """All processes of one demo. `environment` is added to our own."""

    environment: Mapping[str, str]
    folder: Path
    members: list[Child] = field(default_factory=list)

    def start(self, name: str, *arguments: str, ready_url: str) -> Child:
        """Start `python -m ARGUMENTS` and wait until it answers at `ready_url`."""
        child = Child(name=name, arguments=arguments, ready_url=ready_url, log=self.folder / f"{name}.log")
        self.members.append(child)
        self._spawn(child)
        self._await(child)
        return child

    def revive(self) -> list[str]:
        """Start again whatever has died; answers the names. A child that keeps dying is an error."""
        revived = []
        for child in self.members:
            if child.process is not None and child.process.poll() is not None:
                child.restarts += 1
                if child.restarts > 3:
                    raise self._failed(child)
                self._spawn(child)
                self._await(child)
                revived.append(child.name)
        return revived

    def stop(self) -> None:
        """End every child, last started first: asked to, and after a while made to."""
        for child in reversed(self.members):
            if child.process is None or child.process.poll() is not None:
                continue
            child.process.terminate()
            try:
                child.process.wait(END_SECS)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    def _spawn(self, child: Child) -> None:
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-m", *child.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def _await(self, child: Child) -> None:
        deadline = time.monotonic() + READY_SECS
        while time.monotonic() < deadline:
            if child.process is None or child.process.poll() is not None:
                break
            try:
                httpx.get(child.ready_url, timeout=1.0, trust_env=False)
            except httpx.HTTPError:
                time.sleep(0.1)
                continue
            return
        raise self._failed(child)

    def _failed(self, child: Child) -> NotAvailableError:
        tail = child.log.read_text("utf-8", "replace").strip().splitlines()[-1:] if child.log.exists() else []
        return NotAvailableError(
            "missing.process",
            f"the {child.name} process did not start: {' '.join(tail) or 'no output'}",
            hint=f"its whole output is in {child.log}",
        )
