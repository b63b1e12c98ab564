"""The carrier as a process: ready line, signals, and what it says when it cannot start."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.contract.carrier_world import ACCOUNT, DEBTOR, OURS, TOKEN

GOOD = f'format: 1\nsubscribers: {{"{DEBTOR}": {{after_secs: 0.1}}}}\n'


def start(scenario: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "outreach.telephony.localcarrier", "--scenario", str(scenario)]
    command += ["--account-sid", ACCOUNT, "--auth-token", TOKEN, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_its_calls_when_told(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(GOOD, "utf-8")
    with start(file) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert (ready["event"], ready["account_sid"]) == ("ready", ACCOUNT)
        form = {"To": DEBTOR, "From": OURS, "Twiml": '<Response><Pause length="60"/></Response>'}
        url = f"{ready['base_url']}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
        assert httpx.post(url, data=form, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 201
        assert httpx.get(f"{ready['base_url']}/_local/health", trust_env=False).json()["live_calls"] == 1
        process.send_signal(number)
        _, errors = process.communicate(timeout=15)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("conversations: {talk: {debtr: []}}\n", "debtr"),
        ("conversations: {talk: {agent: [{text: hello}], agent_voice: nobody}}\n", "nobody"),
    ],
)
def test_a_scenario_with_a_mistake_is_named_without_a_traceback(tmp_path: Path, more: str, found: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(GOOD + more, "utf-8")
    with start(file) as process:
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert output == ""
    assert found in errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(GOOD, "utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start(file, "--port", str(port)) as process:
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert str(port) in errors
    assert "Traceback" not in errors
