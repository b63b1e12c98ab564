"""What a figure was measured on, and how repeated measurements are summed up."""

from __future__ import annotations

import math
import os
import platform
import shlex
import statistics
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import psutil

PACKAGES = ("faster-whisper", "ctranslate2", "onnxruntime", "numpy", "soxr")
_CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory, load at the start, system, Python, packages, command."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_1_min": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    }


def told(found: dict[str, Any]) -> str:
    """The same in two lines for people."""
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    where = f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, load {found['load_1_min']}"
    return f"{where}; {found['system']}, Python {found['python']}, {packages}\n{found['command']}"


def rank(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float], digits: int = 3) -> dict[str, float]:
    """Median, 95th of a hundred, largest, and the distance between extremes."""
    return {
        "median": round(statistics.median(values), digits),
        "p95": round(rank(values, 0.95), digits),
        "max": round(max(values), digits),
        "spread": round(max(values) - min(values), digits),
    }


def timed(work: Callable[[], object], rounds: int) -> dict[str, Any]:
    """Seconds of processor (all threads) and of wall clock over `rounds` rounds."""
    cpu, wall = [], []
    for _ in range(rounds):
        cpu_began, wall_began = process_time(), perf_counter()
        work()
        cpu.append(process_time() - cpu_began)
        wall.append(perf_counter() - wall_began)
    return {"cpu_secs": spread(cpu), "wall_secs": spread(wall)}


def memory_mib() -> float:
    """Resident memory of this process."""
    return round(psutil.Process().memory_info().rss / 2**20, 1)


def _processor() -> str:
    if _CPUINFO.exists():
        for line in _CPUINFO.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
