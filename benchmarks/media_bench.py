"""Telephone audio before recognition: what a message, a call and a second of sound cost, and that none gets lost.

    python benchmarks/media_bench.py [--json] [--part codecs|messages|sockets|memory] [--rounds 15] [--secs 20]

* codecs: mu-law decoding and the step from 8 to 16 kHz, beside a Python loop and `audioop`.
* messages: one media message from its text to samples and disk, beside Pipecat's TwilioFrameSerializer on the same
  messages. Pipecat pins other versions than ours, so it runs in an environment of its own: make one, install
  `pipecat-ai[websocket]==1.14.0`, and set FAIRLINE_PIPECAT_PYTHON to its Python. Without it the row is left out.
* sockets: two-track calls a core carries without recognition: the worker's application and server settings in one
  process, the sender in another, real time, `--secs` of audio; extrapolated from the server's processor time.
* memory: what a call holds, over two minutes of 60 calls in real time; once decoded and let go, once with a
  recogniser that stands still. Audio beyond a few seconds then waits on disk.

Ends with an error when a sample is missing, wrong or on the wrong track. Costs are processor time, not wall time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hearing.machine import machine
from media_load import codecs, handling, sockets

LOADS = (60, 150)
MEMORY_CALLS, MEMORY_SECS = 60, 120


def carried(secs: int, runs: int) -> dict[str, Any]:
    """Calls a core carries, from every run; the median of each load."""
    found: dict[str, Any] = {}
    for calls in LOADS:
        rows = [sockets.measure(calls, secs) for _ in range(runs)]
        per_core = sorted(row["calls_per_core"] for row in rows)
        found[str(calls)] = {
            "calls_per_core_median": round(statistics.median(per_core)),
            "calls_per_core": per_core,
            "cpu_secs_per_stream_minute": [row["cpu_secs_per_stream_minute"] for row in rows],
            "late_ms_p99": [row["late_ms_p99"] for row in rows],
            "loop": rows[0]["loop"],
        }
    return found


def held() -> dict[str, Any]:
    """Memory by what hears the call."""
    return {hear: sockets.measure(MEMORY_CALLS, MEMORY_SECS, hear=hear) for hear in ("discard", "stuck")}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """All measurements that were asked for. Raises AssertionError for a wrong answer."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "codecs": codecs.measure,
        "messages": lambda: handling.compare(60, options.rounds),
        "sockets": lambda: carried(options.secs, 3),
        "memory": held,
    }
    found: dict[str, Any] = {"bench": "media", **machine()}
    for name, part in parts.items():
        if options.part in (None, name):
            found[name] = part()
    return found


def tell(found: dict[str, Any]) -> None:
    """Tables for people."""
    for name, row in found.get("codecs", {}).get("rows", {}).items():
        ratio = found["codecs"]["ratio_to_ours_200_ms"].get(name)
        cost = f"{row['median_us_per_audio_sec']:10.1f} us per audio-second  p95 {row['p95_us_per_audio_sec']:.1f}"
        print(f"{name:40s} {cost}" + (f"  x {ratio}" if ratio is not None else ""))
    for name, row in found.get("messages", {}).get("rows", {}).items():
        cost = f"{row['median_us']:10.2f} us per message  p95 {row['p95_us']:.2f}  spread {row['spread_us']:.2f}"
        print(f"{name:40s} {cost}  x {row['times_ours_on_disk']}")
    if "missing" in found.get("messages", {}).get("peer", {}):
        print(found["messages"]["peer"]["missing"])
    for calls, row in found.get("sockets", {}).items():
        cost = f"{row['calls_per_core_median']:10d} two-track calls per core, runs {row['calls_per_core']}"
        print(f"{calls + ' calls over sockets':40s} {cost}, {row['loop']}, sender late {row['late_ms_p99']} ms (p99)")
    for hear, row in found.get("memory", {}).items():
        way = "recogniser stands still" if hear == "stuck" else "decoded and let go"
        title = f"{row['calls']} calls of {row['audio_secs'] // 60} min, {way}"
        print(f"{title:40s} {row['kb_per_call']} KB per call on the way")


def main() -> int:
    """Measure and print tables, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--part", choices=("codecs", "messages", "sockets", "memory"), help="only this part")
    parser.add_argument("--rounds", type=int, default=15, help="rounds over the messages of one minute of a call")
    parser.add_argument("--secs", type=int, default=20, help="audio of each call over sockets")
    options = parser.parse_args()
    try:
        found = run(options)
    except AssertionError as error:
        print(f"wrong: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(found))
    else:
        tell(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
