"""The whole system as a newcomer runs it: every behaviour the demo promises, from recognised audio."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import wave
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from outreach.config import Settings
from outreach.db.tables import Attempt, Call
from outreach.demo import run, stage
from outreach.ledger.archive import read_export
from outreach.ledger.verify import verify_export

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The summary of one headless run with eight conversations, and the folder it left."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    arguments = ["demo", "--headless", "--json", "--calls", "8", "--seed", "1", "--var", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "outreach", *arguments], capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout), folder


def call(summary: dict[str, Any], case: str) -> dict[str, Any]:
    (found,) = [item for item in summary["calls"] if item["case"] == case]
    return found


def heard(found: dict[str, Any], speaker: str) -> str:
    return "".join(said["text"] for said in found["transcript"] if said["speaker"] == speaker)


def test_who_must_not_be_called_is_refused_with_citations(demo: tuple[dict[str, Any], Path]) -> None:
    refused = {item["case"]: item for item in demo[0]["refused"] if item["case"] in stage.REFUSED}
    assert {case: item["rules"] for case, item in refused.items()} == {
        "D-012": ["cn-no-minors"],
        "D-013": ["cn-no-patients"],
        "D-014": ["cn-quiet-hours"],
        "D-015": ["cn-daily-call-cap"],
        "D-016": ["cn-channel-optout"],
    }
    assert all(reason["citation"] and reason["message"] for item in refused.values() for reason in item["reasons"])
    assert not {item["case"] for item in demo[0]["calls"]} & set(stage.REFUSED)


def test_at_least_ten_debtors_and_six_calls_at_the_same_time(demo: tuple[dict[str, Any], Path]) -> None:
    summary = demo[0]
    assert len({item["case"] for item in summary["calls"] + summary["refused"]}) >= 10
    assert summary["timing"]["most_calls_at_once"] >= 6


def test_both_sides_were_heard_in_every_conversation(demo: tuple[dict[str, Any], Path]) -> None:
    for case in stage.PERSONS[:8]:
        found = call(demo[0], case)
        assert {said["speaker"] for said in found["transcript"]} == {"agent", "debtor"}, case
        assert found["recording_sha256"], case


def test_a_threat_raises_an_alert_while_the_call_runs_and_flags_it(demo: tuple[dict[str, Any], Path]) -> None:
    found = call(demo[0], "D-005")
    assert found["flagged"]
    assert [item for item in found["findings"] if item["label"] == "visit-threat" and item["speaker"] == "agent"]
    assert [item for item in found["alerts"] if item["kind"] == "visit-threat" and item["during_call"]]
    assert found["alert_latency_ms"] is not None


def test_the_anxious_are_offered_softer_words(demo: tuple[dict[str, Any], Path]) -> None:
    found = call(demo[0], "D-002")
    assert {"anxious", "distressed"} & set(found["moods"])
    offered = [item for item in found["suggestions"] if item["mood"] in {"anxious", "distressed"}]
    assert offered
    calm = {item["text"] for item in call(demo[0], "D-001")["suggestions"]}
    assert not {item["text"] for item in offered} & calm


def test_the_angry_are_heard_as_angry(demo: tuple[dict[str, Any], Path]) -> None:
    assert "angry" in call(demo[0], "D-003")["moods"]


def test_a_promise_is_extracted(demo: tuple[dict[str, Any], Path]) -> None:
    promises = call(demo[0], "D-004")["promises"]
    assert {"amount": "2000.00", "currency": "CNY", "date": "2026-12-04"} in promises


@pytest.mark.parametrize(
    ("case", "fact", "rules"),
    [
        ("D-006", "hospitalised", {"cn-no-patients"}),
        ("D-007", "stop", {"cn-channel-optout"}),
        ("D-008", "wrong_number", {"cn-wrong-number"}),
    ],
)
def test_what_a_debtor_says_binds_the_next_ruling(
    demo: tuple[dict[str, Any], Path], case: str, fact: str, rules: set[str]
) -> None:
    assert fact in call(demo[0], case)["facts_heard"]
    again = [item for item in demo[0]["refused"] if item["case"] == case]
    assert again
    assert rules <= set(again[-1]["rules"])


def test_somebody_in_hospital_is_escalated(demo: tuple[dict[str, Any], Path]) -> None:
    assert call(demo[0], "D-006")["escalated_to"]


def test_a_mailbox_hears_nothing_of_the_debt_and_a_busy_line_is_busy(demo: tuple[dict[str, Any], Path]) -> None:
    mailbox = call(demo[0], "D-009")
    assert mailbox["outcome"] == "voicemail"
    assert not [word for word in ("账单", "恒信", "还款", "欠") if word in heard(mailbox, "agent")]
    assert call(demo[0], "D-010")["outcome"] == "busy"


def test_a_reminder_was_sent_by_message(demo: tuple[dict[str, Any], Path]) -> None:
    (message,) = demo[0]["messages"]
    assert message["outcome"] == "delivered"


def test_the_evidence_holds_and_an_altered_export_does_not(demo: tuple[dict[str, Any], Path]) -> None:
    assert demo[0]["evidence"]["verified"] is True
    files = dict(read_export(demo[1] / "evidence.zip"))
    assert verify_export(files).verified
    name = next(item for item in files if b"attempt.intended" in files[item])
    files[name] = files[name].replace(b"attempt.intended", b"attempt.refused", 1)
    assert not verify_export(files).verified


def test_nothing_is_left_running(demo: tuple[dict[str, Any], Path]) -> None:
    folder = str(demo[1])
    left = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if folder.encode() in words and int(entry.name) != os.getpid():
            left.append(entry.name)
    assert left == []


def test_a_worker_killed_in_mid_call_never_dials_again_and_loses_nothing(tmp_path: Path) -> None:
    """SIGKILL the worker while people talk; start it again: one dial, still charged, audio kept, call heard on."""
    with run.running(run.Wishes(calls=1, seed=1, folder=tmp_path / "var"), lambda _text: None) as system:
        with system.database.session() as session:
            stage.plan(session, ("D-004",), system.clock.now())
        sid = _talking(system, heard_bytes=8000 * 6)
        (worker,) = [child for child in system.children.members if child.name == "worker"]
        assert worker.process is not None
        worker.process.send_signal(signal.SIGKILL)
        worker.process.wait()
        spooled = system.settings.recordings_dir / f"{sid}.inbound.ulaw"
        kept = spooled.stat().st_size
        assert kept >= 8000 * 6
        time.sleep(1.0)
        assert system.children.revive() == ["worker"]
        attempt = _over(system)
        assert not spooled.exists()  # the carrier's recording is kept instead, and it is longer
        with wave.open(str(system.settings.recordings_dir / f"{sid}.wav")) as recording:
            assert recording.getnframes() > kept
        with system.database.session() as session:
            assert [row.sid for row in session.scalars(select(Call))] == [sid]
            row = session.get_one(Call, sid)
            assert row.recording_sha256
            assert "unheard" in {step["step"] for step in row.degraded}
        assert attempt.budget_slot is not None
        assert attempt.budget_released is False
        assert len(_calls_of_the_carrier(system.settings)) == 1


def _talking(system: run.Running, heard_bytes: int) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in system.settings.recordings_dir.glob("*.inbound.ulaw"):
            if path.stat().st_size >= heard_bytes:
                return path.name.split(".")[0]
        time.sleep(0.1)
    raise AssertionError("nobody talked within a minute")


def _over(system: run.Running) -> Attempt:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        with system.database.session() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.budget_slot.is_not(None))).one()
            recorded = session.scalar(select(Call.recording_sha256).where(Call.attempt_id == attempt.id))
            if attempt.state == "ended" and recorded:
                return attempt
        time.sleep(0.5)
    raise AssertionError("the call was not over after two and a half minutes")


def _calls_of_the_carrier(settings: Settings) -> list[Any]:
    account, token = settings.carrier_credentials()
    url = f"{settings.carrier_url}/2010-04-01/Accounts/{account}/Calls.json"
    request = urllib.request.Request(url)  # noqa: S310 - our own carrier on this machine
    request.add_header("Authorization", "Basic " + b64encode(f"{account}:{token.reveal()}".encode()).decode())
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        calls = json.load(answer)["calls"]
    return [item for item in calls if item["direction"] == "outbound-api"]


def test_the_demo_says_which_clock_it_uses(demo: tuple[dict[str, Any], Path]) -> None:
    started = datetime.fromisoformat(demo[0]["timing"]["clock_started_at"])
    assert started == stage.STARTS_AT
    first = min(datetime.fromisoformat(item["at"]) for item in demo[0]["refused"])
    assert 0 <= (first - started).total_seconds() < 120
    assert first.astimezone(UTC).year == stage.STARTS_AT.year
