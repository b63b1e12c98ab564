"""One recording judged: whose words, whose law, what is asserted and what is not."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from outreach.errors import InputError
from outreach.rehearing import audit
from outreach.rehearing.law import Told, packs_by_name
from outreach.rehearing.scan import find_files
from speech.audio_files import sides_chunk
from tests.unit.outreach.rehearing.rooms import (
    HOSPITAL,
    THREAT,
    audited,
    auditor,
    one_track,
    quiet,
    rulebook,
    spoken,
    texts_of,
    tone,
    two_tracks,
    write,
)
from tests.unit.speech.fakes import FakeRecognizer


@pytest.fixture
def call(tmp_path: Path) -> Path:
    return write(tmp_path / "call.wav", two_tracks())


def labels(result, category="violation"):
    return [row["label"] for row in result["findings"] if row["category"] == category]


def test_a_threat_of_the_agent_is_found_cited_and_scored(call: Path) -> None:
    result = audited(call, jurisdiction="cn", left="agent")
    assert (texts_of(result, "agent"), texts_of(result, "debtor")) == ([THREAT], [HOSPITAL])
    (found,) = (row for row in result["findings"] if row["category"] == "violation")
    assert (found["label"], found["state"], found["speaker"]) == ("visit-threat", "confirmed", "agent")
    assert found["why"]["law"]["citation"]["zh"]
    assert 0.2 < found["start"] < found["end"] < 3.0
    assert THREAT[slice(*found["span"])]
    assert [fact["kind"] for fact in result["facts"]] == ["hospitalised"]
    assert result["score"]["violations"] == 1
    assert result["score"]["points"] < 100
    assert result["score"]["attention"] == found["severity"]
    assert result["summary"]["flagged_why"]


def test_with_the_sides_swapped_nobody_threatens(call: Path) -> None:
    result = audited(call, left="debtor")
    assert texts_of(result, "debtor") == [THREAT]
    assert labels(result) == []
    assert result["sides_by"] == "option"


def test_who_is_where_comes_from_the_nearest_that_knows(call: Path, tmp_path: Path) -> None:
    assert (audited(call)["sides"], audited(call)["sides_by"]) == (["unknown", "unknown"], "nobody")
    whole = call.read_bytes()
    tagged = tmp_path / "tagged" / "call.wav"
    tagged.parent.mkdir()
    tagged.write_bytes(whole[:36] + sides_chunk("debtor", "agent") + whole[36:])
    ours = write(tmp_path / "ours" / ("CA" + "0a" * 16 + ".wav"), two_tracks())
    bundle = write(tmp_path / "bundle" / "recording.wav", two_tracks())
    (bundle.parent / "proofs.json").write_text("[]")
    for path, by in ((tagged, "file"), (ours, "own recording"), (bundle, "own recording")):
        result = audited(path)
        assert (result["sides"], result["sides_by"]) == (["debtor", "agent"], by)
        assert audited(path, left="agent")["sides"] == ["agent", "debtor"]
        told = audited(path, Told(right="debtor"), right="agent")
        assert (told["sides"], told["sides_by"]) == (["agent", "debtor"], "metadata")


def test_on_one_track_nothing_is_asserted_of_anybody(tmp_path: Path) -> None:
    result = audited(write(tmp_path / "mono.wav", one_track()), jurisdiction="cn")
    assert texts_of(result, "unknown") == [THREAT, HOSPITAL]
    assert {row["speaker"] for row in result["findings"]} == {"unknown"}
    assert "visit-threat" in labels(result)
    assert "hospitalised" in labels(result, "signal")
    assert (result["facts"], result["moods"], result["promise"], result["summary"]) == ([], [], None, None)
    assert result["score"] == {"points": None, "attention": "listen", "violations": 0, "not_heard": 0, "listen": 2}


@pytest.mark.parametrize("swapped", [False, True])
def test_where_nobody_said_who_is_on_which_side_no_threat_is_hidden(tmp_path: Path, swapped: bool) -> None:
    samples = two_tracks()[:, ::-1] if swapped else two_tracks()
    result = audited(write(tmp_path / "call.wav", samples), jurisdiction="cn")
    assert texts_of(result, "unknown") == [THREAT, HOSPITAL]
    assert (labels(result), labels(result, "signal")) == (["visit-threat"], ["hospitalised"])
    assert {row["speaker"] for row in result["findings"]} == {"unknown"}
    assert (result["facts"], result["promise"], result["summary"]) == ([], None, None)
    assert result["score"] == {"points": None, "attention": "listen", "violations": 0, "not_heard": 0, "listen": 2}


def test_two_silent_tracks_of_nobody_are_a_result(tmp_path: Path) -> None:
    result = audited(write(tmp_path / "still.wav", np.stack([quiet(3.0), quiet(3.0)], axis=1)))
    assert (result["utterances"], result["score"]["points"]) == ([], None)


def test_both_parties_named_for_one_track_are_both_on_it(tmp_path: Path) -> None:
    path = write(tmp_path / "mono.wav", one_track())
    for result in (audited(path, left="debtor", right="agent"), audited(path, Told(left="debtor", right="agent"))):
        assert (result["sides"], result["sides_by"]) == (["unknown"], "one track")
        assert "visit-threat" in labels(result)


def test_one_track_of_one_known_speaker_is_judged(tmp_path: Path) -> None:
    path = write(tmp_path / "agent.wav", two_tracks()[:, 0])
    result = audited(path, Told(left="agent"))
    assert (result["sides"], labels(result)) == (["agent"], ["visit-threat"])
    assert result["score"]["violations"] == 1


def test_unclear_words_are_places_to_listen_and_cost_nothing(call: Path) -> None:
    judge = auditor(FakeRecognizer(spoken, clear=lambda samples: False), jurisdiction="cn", left="agent")
    result = audited(call, judge=judge)
    assert result["unclear"][0]["labels"] == ["visit-threat"]
    assert result["score"]["violations"] == 0
    assert (result["score"]["points"], result["score"]["attention"]) == (None, "listen")
    assert result["score"]["listen"] == result["summary"]["unclear_utterances"] == 2


def test_every_unclear_sentence_is_a_place_to_listen(call: Path) -> None:
    harmless = FakeRecognizer(lambda samples: "你好", clear=lambda samples: False)
    result = audited(call, judge=auditor(harmless, left="agent"))
    assert (result["unclear"], result["summary"]["unclear_utterances"]) == ([], 2)
    assert (result["score"]["attention"], result["score"]["listen"]) == ("listen", 2)


def test_without_a_jurisdiction_nothing_is_cited_and_nothing_is_missing(call: Path) -> None:
    result = audited(call, left="agent")
    (found,) = (row for row in result["findings"] if row["category"] == "violation")
    assert "law" not in found["why"]
    assert found["severity"] == "critical"
    assert result["law"]["packs"] == []
    assert result["summary"]["disclosures_missing"] == []


def test_the_law_of_the_day_of_the_call_is_used_on_its_own_clock(call: Path) -> None:
    late = datetime(2025, 3, 31, 17, 0, tzinfo=UTC)  # 1 April in Shanghai
    law = audited(call, Told(at=late, jurisdiction="cn"))["law"]
    assert (law["day"], law["day_told"]) == ("2025-04-01", True)
    law = audited(call, jurisdiction="cn")["law"]
    assert (law["day"], law["day_told"]) == (date(2026, 11, 23).isoformat(), False)


def test_a_jurisdiction_goes_by_several_names() -> None:
    names = packs_by_name(rulebook())
    assert names["cn"] == "cn"
    assert names["us"] == names["us-reg-f"] == "us-reg-f"
    assert names["uk"] == names["gb"] == "uk-conc7"


def test_silence_is_a_result_with_nothing_judged(tmp_path: Path) -> None:
    result = audited(write(tmp_path / "still.wav", quiet(3.0)))
    assert (result["language"], result["utterances"]) == (None, [])
    assert result["score"] == {"points": None, "attention": "none", "violations": 0, "not_heard": 0, "listen": 0}


def test_too_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        audited(write(tmp_path / "blip.wav", tone(9_000, 0.3)))
    assert caught.value.code == "input.too_short"
    assert "blip.wav" in caught.value.message


def test_a_recording_of_days_is_refused_before_it_is_decoded(call: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "probe_secs", lambda path: 30 * 3600.0)
    monkeypatch.setattr(audit, "read_recording", lambda path: pytest.fail("decoded"))
    with pytest.raises(InputError) as caught:
        audited(call)
    assert caught.value.code == "input.too_long"
    assert "plays 30.0 h, expected at most 4 h" in caught.value.message


def test_a_language_that_the_monitor_does_not_know_is_named(call: Path) -> None:
    judge = auditor(FakeRecognizer(lambda _s: "bonjour", language=lambda _s: ("fr", 0.99)))
    with pytest.raises(InputError) as caught:
        audited(call, judge=judge)
    assert caught.value.code == "input.speech_language"


def test_the_key_names_everything_an_answer_depends_on(call: Path, tmp_path: Path) -> None:
    (found,) = find_files(tmp_path, frozenset())
    digest = found.digest()
    told = Told(creditor="C1")
    keys = {
        auditor().key(found, digest, None),
        auditor().key(found, "0" * 64, None),
        auditor().key(found, digest, told),
        auditor().key(found, digest, replace(told, left="debtor")),
        auditor(jurisdiction="cn").key(found, digest, None),
        auditor(left="debtor").key(found, digest, None),
    }
    assert len(keys) == 6
    assert auditor().key(found, digest, None) in keys
