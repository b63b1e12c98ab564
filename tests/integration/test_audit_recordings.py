"""`fairline audit-recordings` with the embedded model: mixed formats, bad files, killed in the middle and run again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from outreach.errors import InputError
from outreach.rehearing.cli import app
from outreach.rehearing.store import CALLS, REPORT
from speech.synthesis.telephone import VOICES, synthesize_telephone

COMMAND = [sys.executable, "-m", "outreach", "audit-recordings"]
LINES = (("再不还款我们就上门找你。", "f4"), ("我现在在医院住院。", "m4"))
FORMATS = (
    ("call.wav", "pcm_s16le", 2),
    ("call-mulaw.wav", "pcm_mulaw", 2),
    ("call-alaw.wav", "pcm_alaw", 2),
    ("call.flac", "flac", 2),
    ("call.mp3", "libmp3lame", 2),
    ("call.ogg", "libopus", 2),
    ("deep/call.m4a", "aac", 2),
    ("mono.opus", "libopus", 1),
)


@pytest.fixture(scope="module")
def call() -> np.ndarray:
    """Two seconds of an agent, then of a debtor, 8 kHz, a column each."""
    said = [synthesize_telephone(text, "zh", VOICES[voice]) // 2 for text, voice in LINES]
    quiet = np.zeros(4_000, np.int16)
    left = np.concatenate([quiet, said[0], quiet, np.zeros(len(said[1]), np.int16), quiet])
    right = np.concatenate([quiet, np.zeros(len(said[0]), np.int16), quiet, said[1], quiet])
    return np.stack([left, right], axis=1)


def encode(path: Path, codec: str, samples: np.ndarray) -> None:
    """A file of this codec at 16 kHz (8 kHz for telephone codecs)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate = 8_000 if "law" in codec or codec == "pcm_s16le" else 16_000
    layout = "stereo" if samples.shape[1] == 2 else "mono"
    samples = np.ascontiguousarray(np.repeat(samples, rate // 8_000, axis=0))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.rate = rate
        size = stream.frame_size or 1_024
        resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=rate, frame_size=size)
        for block in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(block))


def run(folder: Path, *options: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, the JSON lines and what went to the error stream."""
    done = CliRunner().invoke(app, [str(folder), "--json", *options])
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_formats_bad_files_and_metadata(tmp_path: Path, call: np.ndarray) -> None:
    for name, codec, channels in FORMATS:
        encode(tmp_path / name, codec, call if channels == 2 else call.sum(axis=1, dtype=np.int16)[:, None])
    whole = (tmp_path / "call.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[:9_000])
    (tmp_path / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "metadata.csv").write_text("file,left,jurisdiction\ncall.flac,debtor,cn\ncall.mp3,nobody,cn\n")
    code, lines, complaints = run(tmp_path, "--jurisdiction", "cn")
    assert code == 2
    ended = {line["file"]: line for line in lines[:-1]}
    assert {name for name, line in ended.items() if line["status"] == "done"} == {
        name for name, _, _ in FORMATS if name != "call.mp3"
    }
    errors = {name: line["error"]["code"] for name, line in ended.items() if line["status"] == "error"}
    assert errors == {
        "call.mp3": "input.metadata_row",
        "cut.wav": "media_file.truncated",
        "noise.mp3": "media_file.not_audio",
    }
    assert "line 3, field left: found 'nobody'" in complaints
    assert "demonstration model" in complaints
    assert "Traceback" not in complaints
    summary = lines[-1]["summary"]
    assert (summary["files"], summary["done"], summary["errors"], summary["taken_over"]) == (10, 7, 3, 0)
    assert summary["sides_unknown"] == 5
    assert "of 5 two-channel calls nobody said who is on which side" in complaints
    results = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "fairline-audit" / CALLS).glob("*.json")]
    by_name = {result["file"]: result for result in results}
    assert {name: result["sides"][0] for name, result in by_name.items()} == {
        name: "debtor" if name == "call.flac" else "unknown" for name in by_name
    }
    assert all(result["model"]["demonstration"] and result["utterances"] for result in results)
    page = (tmp_path / "fairline-audit" / REPORT).read_text("utf-8")
    assert all(f">{name}<" in page for name in by_name)
    assert "media_file.truncated" in page


def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path, call: np.ndarray) -> None:
    for number in range(5):
        encode(tmp_path / f"{number}.wav", "pcm_s16le", np.roll(call, number, axis=0))
    calls = tmp_path / "fairline-audit" / CALLS
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path), "--jobs", "1", "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not list(calls.glob("*.json")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in calls.glob("*.json")}
    assert before
    code, lines, complaints = run(tmp_path)
    assert code == 0
    assert {line["file"] for line in lines[:-1] if line["taken_over"]} == {path.name[:5] for path in before}
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert f"{len(before)} taken over from an earlier run" in complaints
    assert lines[-1]["summary"]["done"] == 5


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (["--model", "./absent"], 3, "recognizer.weights_missing"),
        (["--model", "whisper-huge"], 2, "recognizer.unknown_model"),
        (["--device", "tpu"], 2, "recognizer.unknown_device"),
        (["--compute-type", "nonsense"], 2, "recognizer.unknown_compute_type"),
        (["--lang", "fr"], 2, "--lang"),
        (["--jurisdiction", "mars"], 2, "--jurisdiction"),
        (["--left", "agent", "--right", "agent"], 2, "--right"),
    ],
)
def test_usage_has_its_exit_codes(
    tmp_path: Path, options: list[str], code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    from outreach.__main__ import main

    (tmp_path / "call.wav").write_bytes(b"")
    monkeypatch.setattr(sys, "argv", ["fairline", "audit-recordings", str(tmp_path), *options])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == code
    assert word in capsys.readouterr().err


def test_a_folder_without_recordings_is_no_clean_audit(tmp_path: Path) -> None:
    (tmp_path / ".hidden.wav").write_bytes(b"")
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "input.no_recordings"
    assert not (tmp_path / "fairline-audit").exists()
