"""Recordings to text, through files and the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from speech.audio_files import sides_chunk
from speech.cli import app
from speech.errors import MediaFileError
from speech.hearing import MIXED, HearOptions
from speech.synthesis.telephone import VOICES, synthesize_telephone
from speech.transcribe import transcribe_file
from tests.unit.speech.fakes import FakeRecognizer


@pytest.fixture(scope="module")
def speech():
    """A second of quiet, somebody speaking, a second of quiet: 8 kHz."""
    quiet = np.zeros(8_000, np.int16)
    voice = synthesize_telephone("I can pay two hundred dollars on Friday.", "en", VOICES["m4"])
    return np.concatenate([quiet, voice // 2, quiet])


@pytest.fixture
def call(write_wav, speech):
    """The agent speaks, then the debtor."""
    quiet = np.zeros_like(speech)
    left, right = np.concatenate([speech, quiet]), np.concatenate([quiet, speech])
    return write_wav("call.wav", np.stack([left, right], axis=1))


def test_two_tracks_have_their_speakers_and_times(call, speech):
    result = transcribe_file(call, FakeRecognizer(), HearOptions(left="agent", right="debtor"))
    agent, debtor = result["tracks"]
    assert (agent["speaker"], debtor["speaker"]) == ("agent", "debtor")
    (heard,), (answer,) = agent["segments"], debtor["segments"]
    secs = len(speech) / 8_000
    assert 0.5 < heard["start"] < 1.1 < heard["end"] < secs
    assert answer["start"] == pytest.approx(heard["start"] + secs, abs=0.1)
    assert "".join(word["word"] for word in heard["words"]) == heard["text"]
    assert heard["start"] == heard["words"][0]["start"] < heard["words"][-1]["end"] <= heard["end"] + 0.01
    assert set(heard["words"][0]) == {"word", "start", "end", "probability"}


def test_the_result_has_the_fields_of_the_contract_and_survives_json(call):
    result = transcribe_file(call, FakeRecognizer())
    assert list(result) == ["file", "duration_secs", "model", "language", "real_time_factor", "sides_by", "tracks"]
    assert result["file"] == str(call)
    assert result["model"].startswith("fake@sha256:")
    assert result["language"] == "zh"
    assert result["real_time_factor"] > 0
    assert json.loads(json.dumps(result)) == result


def test_one_channel_is_one_mixed_track(write_wav, speech):
    result = transcribe_file(write_wav("mono.wav", speech), FakeRecognizer())
    assert [track["speaker"] for track in result["tracks"]] == [MIXED]
    assert result["duration_secs"] == pytest.approx(len(speech) / 8_000, abs=0.001)


def test_a_file_that_says_who_is_where_is_believed_unless_told_otherwise(call):
    whole = call.read_bytes()
    call.write_bytes(whole[:36] + sides_chunk("debtor", "agent") + whole[36:])
    told = transcribe_file(call, FakeRecognizer(), HearOptions(left="a", right="b"))
    assert [track["speaker"] for track in told["tracks"]] == ["a", "b"]
    assert [track["speaker"] for track in transcribe_file(call, FakeRecognizer())["tracks"]] == ["debtor", "agent"]


def test_one_side_named_names_the_other(call, write_wav, speech):
    def speakers(path, **sides):
        result = transcribe_file(path, FakeRecognizer(), HearOptions(**sides))
        return [track["speaker"] for track in result["tracks"]], result["sides_by"]

    assert speakers(call, left="debtor") == (["debtor", "agent"], "option")
    assert speakers(call, right="agent") == (["debtor", "agent"], "option")
    mono = write_wav("mono.wav", speech)
    assert speakers(mono, left="debtor") == (["debtor"], "option")
    assert speakers(mono, left="agent", right="debtor") == ([MIXED], "one track")


def test_a_recording_of_ours_has_the_debtor_on_the_left(call):
    assert transcribe_file(call, FakeRecognizer())["sides_by"] == "default"
    ours = call.rename(call.with_name("CA" + "0a" * 16 + ".wav"))
    result = transcribe_file(ours, FakeRecognizer())
    assert ([track["speaker"] for track in result["tracks"]], result["sides_by"]) == (
        ["debtor", "agent"],
        "own recording",
    )


def test_sides_that_are_taken_to_be_so_are_said(call, tiny_whisper):
    result = run(call, "--model", tiny_whisper, "--lang", "en", "--json")
    assert "nobody said who is on which channel" in result.stderr
    assert json.loads(result.stdout)["sides_by"] == "default"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--left", "bob"], "input.option: --left: found 'bob', expected one of agent, debtor"),
        (["--left", "agent", "--right", "agent"], "input.option: --right: found agent"),
        (["--device", "tpu"], "recognizer.unknown_device: there is no device 'tpu'"),
        (["--compute-type", "nonsense"], "recognizer.unknown_compute_type: there is no compute type 'nonsense'"),
    ],
)
def test_words_that_nobody_knows_are_bad_input(call, options, words):
    result = run(call, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_doubtful_language_gives_way_to_that_of_the_channel(write_wav, speech):
    said = np.concatenate([speech, speech, speech[:17_000], np.zeros(8_000, np.int16)])
    recognizer = FakeRecognizer(
        language=lambda samples: ("zh", 0.4) if len(samples) < 16_000 * 1.7 else ("en", 0.99),
    )
    (track,) = transcribe_file(write_wav("mono.wav", said), recognizer)["tracks"]
    assert [segment["language"] for segment in track["segments"]] == ["en", "en", "en"]
    assert [options.language for options in recognizer.asked].count("en") == 1


def test_silence_is_a_transcript_without_segments(write_wav):
    recognizer = FakeRecognizer()
    result = transcribe_file(write_wav("quiet.wav", np.zeros(24_000, np.int16)), recognizer)
    assert result["tracks"] == [{"speaker": MIXED, "segments": []}]
    assert result["language"] is None
    assert recognizer.asked == []


def test_progress_runs_to_the_end(call):
    seen = []
    result = transcribe_file(call, FakeRecognizer(), progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] == pytest.approx(2 * result["duration_secs"], abs=0.01)


def test_unclear_segments_say_so(call):
    result = transcribe_file(call, FakeRecognizer(clear=lambda samples: False))
    assert {segment["clear"] for track in result["tracks"] for segment in track["segments"]} == {False}
    assert result["language"] == "zh"


def test_the_language_of_clear_segments_counts_before_that_of_unclear_ones(write_wav, speech):
    said = np.concatenate([speech, speech[:17_000], np.zeros(8_000, np.int16), speech])
    shorter = 16_000 * 1.7

    recognizer = FakeRecognizer(
        clear=lambda samples: len(samples) < shorter,
        language=lambda samples: ("en", 1.0) if len(samples) < shorter else ("zh", 1.0),
    )
    result = transcribe_file(write_wav("mono.wav", said), recognizer)
    (track,) = result["tracks"]
    assert sorted(segment["clear"] for segment in track["segments"]) == [False, False, True]
    assert result["language"] == "en"


def test_a_bad_file_is_an_error(tmp_path):
    with pytest.raises(MediaFileError):
        transcribe_file(tmp_path / "absent.wav", FakeRecognizer())


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_good_files_are_answered_when_one_is_bad(call, tmp_path, tiny_whisper):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(call.read_bytes()[:1_000])
    result = run(broken, call, "--json", "--model", tiny_whisper)
    assert result.exit_code == 2
    first, second = (json.loads(one) for one in result.stdout.splitlines())
    assert first["file"] == str(broken)
    assert first["error"]["code"] == "media_file.truncated"
    assert second["file"] == str(call)
    assert second["tracks"][0]["segments"]
    assert f"error media_file.truncated: {broken}" in result.stderr
    assert "what to do" in result.stderr


def test_people_read_speakers_and_a_demonstration_model_says_what_it_is(call, tiny_whisper):
    result = run(call, "--model", tiny_whisper, "--left", "debtor", "--lang", "en")
    assert result.exit_code == 0
    assert 0 < result.stdout.index("debtor: ") < result.stdout.index("agent: ")
    assert "demonstration model" in result.stderr
    assert "nobody said" not in result.stderr


def test_no_speech_is_said(write_wav, tiny_whisper):
    result = run(write_wav("quiet.wav", np.zeros(24_000, np.int16)), "--model", tiny_whisper)
    assert (result.exit_code, "no speech found" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("model", "exit_code", "code"),
    [("whisper-huge", 2, "recognizer.unknown_model"), ("./absent", 3, "recognizer.weights_missing")],
)
def test_a_model_that_is_not_there_has_its_exit_code(call, model, exit_code, code):
    result = run(call, "--model", model)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert code in result.stderr


def test_a_language_the_model_does_not_know_is_refused(call, tiny_whisper):
    result = run(call, "--model", tiny_whisper, "--lang", "fr")
    assert result.exit_code == 2
    assert "expected one of en, zh" in result.stderr


def test_help_shows_an_example():
    assert "Example: fairline transcribe" in run("--help").stdout
