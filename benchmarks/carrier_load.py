"""What the local carrier costs: N spoken two-track calls at once in real time, against a sink in this process.

    python benchmarks/carrier_load.py [--calls 8] [--secs 30] [--json]

Prints the carrier process's CPU as a share of one core, its memory, the frames that arrived, and how far frames of one
track strayed from their 20 ms schedule on arrival (the sink shares the machine, so this includes its own delays).
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import yaml
from websockets.asyncio.server import ServerConnection, serve

ACCOUNT = "AC" + "0" * 31 + "9"
TOKEN = "benchmark"  # noqa: S105  # of a carrier that lives as long as this run
_LINES = {
    "debtor": [
        "喂，你好，请问是哪位？",
        "我最近工资还没有发，能不能再宽限几天？",
        "好的，那我月底还一千五百元。",
        "知道了，再见。",
    ],
    "agent": [
        "您好，这里是客户服务中心，本次通话会录音，请问是本人吗？",
        "您有一笔账单已经逾期三十天，我们可以一起商量一个还款计划。",
        "好的，已经为您记录，谢谢您的配合。",
    ],
}


def scenario(calls: int) -> dict[str, object]:
    """Everybody holds the same conversation, in different voices."""
    voices = ["f4", "m4", "m8", "steph3", "iven3", "gene2", "edward2", "klatt4"]
    turns = {
        "debtor": [{"text": text, **({"wait": False, "pause_secs": 0.5} if not n else {})}
                   for n, text in enumerate(_LINES["debtor"])],
        "agent": [{"text": text} for text in _LINES["agent"]],
    }  # fmt: skip
    talks = {f"talk{n}": {**turns, "debtor_voice": voices[n % len(voices)]} for n in range(calls)}
    people = {f"+86138000000{n:02d}": {"after_secs": 1.0, "conversation": f"talk{n}"} for n in range(calls)}
    return {"format": 1, "subscribers": people, "agents": {"+861055550001": {}}, "conversations": talks}


class Sink:
    """Receives media and notes when each track's frames arrived."""

    def __init__(self) -> None:
        self.arrivals: dict[str, list[tuple[float, int]]] = {}

    async def receive(self, connection: ServerConnection) -> None:
        """One stream."""
        async for message in connection:
            event = json.loads(message)
            if event["event"] == "media":
                track = f"{event['streamSid']}/{event['media']['track']}"
                self.arrivals.setdefault(track, []).append((time.perf_counter(), int(event["media"]["timestamp"])))

    def lateness_ms(self) -> list[float]:
        """Each frame's arrival after the earliest schedule that its track's frames fit."""
        late = []
        for arrivals in self.arrivals.values():
            offsets = [at * 1000 - timestamp_ms for at, timestamp_ms in arrivals]
            first = min(offsets)
            late.extend(offset - first for offset in offsets)
        return late


async def measure(calls: int, secs: float) -> dict[str, object]:
    """Run the load once."""
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(yaml.safe_dump(scenario(calls), allow_unicode=True), "utf-8")
        command = [sys.executable, "-m", "outreach.telephony.localcarrier", "--scenario", str(file)]
        command += ["--account-sid", ACCOUNT, "--auth-token", TOKEN]
        async with serve(sink.receive, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            try:
                return await _load(process, port, sink, calls, secs)
            finally:
                process.terminate()
                process.wait(10)


async def _load(process: "subprocess.Popen[str]", port: int, sink: Sink, calls: int, secs: float) -> dict[str, object]:
    line = await asyncio.to_thread(process.stdout.readline if process.stdout else str)
    base_url = json.loads(line)["base_url"]
    await asyncio.sleep(3)  # the scenario's speech is rendered once, ahead of the calls
    twiml = (
        f'<Response><Start><Stream url="ws://127.0.0.1:{port}" track="both_tracks"/></Start>'
        "<Dial><Number>+861055550001</Number></Dial></Response>"
    )
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN), trust_env=False) as client:
        for n in range(calls):
            form = {"To": f"+86138000000{n:02d}", "From": "+861055550000", "Twiml": twiml, "Record": "true"}
            answer = await client.post(f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data=form)
            answer.raise_for_status()
    await asyncio.sleep(2)
    watched = psutil.Process(process.pid)
    before, started = watched.cpu_times(), time.perf_counter()
    await asyncio.sleep(secs)
    after, took = watched.cpu_times(), time.perf_counter() - started
    cpu_secs = after.user + after.system - before.user - before.system
    late = sorted(sink.lateness_ms())
    frames = len(late)
    return {
        "calls": calls,
        "secs": round(took, 1),
        "cpu_percent_of_core": round(100 * cpu_secs / took, 1),
        "memory_mb": round(watched.memory_info().rss / 2**20),
        "frames": frames,
        "late_ms_median": round(statistics.median(late), 2) if late else None,
        "late_ms_p99": round(late[int(frames * 0.99)], 2) if late else None,
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--secs", type=float, default=30.0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    result = asyncio.run(measure(wanted.calls, wanted.secs))
    print(json.dumps(result) if wanted.json else "\n".join(f"{key:22} {value}" for key, value in result.items()))


if __name__ == "__main__":
    main()
