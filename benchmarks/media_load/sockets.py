"""Server and sender in processes of their own, watched from outside (I/O: processes, /proc, disk)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from media_load.calls import FRAMES_PER_SEC, call_sid, sent

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORES = sorted(os.sched_getaffinity(0))


def cpu_secs(pid: int) -> float:
    """Processor time of a process so far, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kb(pid: int) -> int:
    """Memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def check(folder: Path, calls: int, frames: int) -> None:
    """Both tracks of every call lie on disk as they were sent, each in its own file."""
    for track in ("inbound", "outbound"):
        wanted = sent(track, frames)
        for number in range(calls):
            stored = (folder / f"{call_sid(number)}.{track}.ulaw").read_bytes()
            assert stored == wanted, f"{call_sid(number)} {track}: {len(stored)} bytes, not the {len(wanted)} sent"


def child(script: str, *arguments: object, core: int) -> subprocess.Popen[str]:
    """One of the programs beside this one, held to a core where there are two."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"},
    )
    if len(CORES) > 1:
        os.sched_setaffinity(process.pid, {CORES[core % len(CORES)]})
    return process


def measure(
    calls: int, secs: int, *, hear: str = "discard", pace: float = 1.0, settle_secs: float = 2.0
) -> dict[str, object]:
    """Send `secs` of `calls` two-track calls; processor time over the middle, memory at five moments of the way.

    Raises AssertionError when a single sample is missing, wrong or on the wrong track.
    """
    with tempfile.TemporaryDirectory(prefix="media-bench-") as name:
        folder = Path(name)
        server = child("server.py", folder, "--hear", hear, core=0)
        assert server.stdin is not None
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        idle_kb = resident_kb(server.pid)
        sender = child("load.py", ready["port"], calls, secs, "--pace", pace, core=1)
        assert sender.stdout is not None
        assert json.loads(sender.stdout.readline())["event"] == "sending"
        time.sleep(settle_secs)
        wall_secs = secs / pace - 2 * settle_secs
        cpu, clock, memory_kb = cpu_secs(server.pid), time.perf_counter(), [resident_kb(server.pid)]
        for _ in range(4):
            time.sleep(wall_secs / 4)
            memory_kb.append(resident_kb(server.pid))
        cpu, clock = cpu_secs(server.pid) - cpu, time.perf_counter() - clock
        late = json.loads(sender.stdout.readline())["late_ms_p99"]
        assert sender.wait(60) == 0
        server.stdin.close()
        received = json.loads(server.stdout.readline())
        assert server.wait(60) == 0
        for process in (server, sender):
            process.stdout.close()
        assert received["calls"] == calls
        assert received["lost"] == 0
        check(folder, calls, secs * FRAMES_PER_SEC)
    return {
        "calls": calls,
        "audio_secs": secs,
        "pace": pace,
        "hear": hear,
        "loop": ready["loop"],
        "cpu_share": round(cpu / clock, 3),
        "cpu_secs_per_stream_minute": round(cpu / clock * 60 / calls / pace, 4),
        "calls_per_core": round(calls * pace * clock / cpu),
        "late_ms_p99": late,
        "idle_mb": round(idle_kb / 1024, 1),
        "mb_on_the_way": [round(kb / 1024, 1) for kb in memory_kb],
        "kb_per_call": [round((kb - idle_kb) / calls) for kb in memory_kb],
    }
