"""What the hearing benchmarks count: words by their place, text that was taken back, lines of the real page."""

import json
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from hearing import inputs
from hearing.live import Viewer
from hearing.policies import again_all, again_utterance, check_committed, check_packets, compare, finals_only, ours
from hearing.shown import Shown, Spoken, first_sights, places, rewritten

from outreach.benches import available
from outreach.web.i18n import translator
from outreach.web.live.render import LIVE_LINES
from outreach.web.live.views import LineView
from outreach.web.templating import environment
from scripts.schema import load_library
from speech import codec
from tests.unit.speech.fakes import FakeRecognizer


def said(*words: str) -> list[Spoken]:
    """A word a second."""
    return [Spoken(text=text, start=float(at), end=at + 0.8) for at, text in enumerate(words)]


def line(at_secs: float, committed: str, tail: str = "", *, start: float = 0.0, final: bool = False) -> Shown:
    return Shown(at_secs=at_secs, line_start=start, committed=committed, tail=tail, final=final)


@pytest.mark.parametrize(
    ("spoken", "shown", "expected"),
    [
        ("abc", "abc", [0, 1, 2]),
        ("abc", "ab", [0, 1, None]),
        ("abc", "xbc", [0, 1, 2]),
        ("abc", "bc", [None, 0, 1]),
        ("abc", "abxc", [0, 1, 3]),
        ("abc", "", [None, None, None]),
        ("", "abc", []),
    ],
)
def test_words_are_found_by_their_place(spoken: str, shown: str, expected: list[int | None]) -> None:
    assert places(list(spoken), list(shown)) == expected


def test_a_misheard_word_was_shown_but_not_right_and_a_missing_one_never() -> None:
    states = [line(1.5, "", "one too"), line(2.5, "one", " two"), line(4.0, "one two four", final=True)]
    first, second, third, fourth = first_sights(said("one", "two", "three", "four"), states)
    assert first.shown == pytest.approx(0.7)
    assert first.settled == pytest.approx(1.7)
    assert second.shown == pytest.approx(-0.3)  # half said and guessed wrongly
    assert second.right == pytest.approx(0.7)
    assert second.settled == pytest.approx(2.2)
    assert third.shown is None
    assert fourth.right == pytest.approx(0.2)


def test_no_state_shows_a_word_that_had_not_begun() -> None:
    (first, second) = first_sights(said("a", "b"), [line(0.9, "", "a x"), line(3.0, "a b", final=True)])
    assert first.shown == pytest.approx(0.1)
    assert second.shown == pytest.approx(1.2)


def test_a_word_belongs_to_the_line_that_began_last_before_it() -> None:
    states = [line(1.0, "a", final=True), line(3.0, "b", start=0.9, final=True)]
    assert [one.right for one in first_sights(said("a", "b"), states)] == pytest.approx([0.2, 1.2])


def test_characters_taken_back_are_counted_and_characters_added_are_not() -> None:
    assert rewritten([line(1, "", "我要"), line(2, "我", "要还钱"), line(3, "我要还款", final=True)]) == (1, 4)
    assert rewritten([line(1, "", "abc"), line(2, "", "")]) == (3, 0)


def test_lines_are_read_from_the_page_as_it_is_drawn() -> None:
    view = LineView(
        id=1, speaker="agent", start_secs=1.25, text="a < b & c", committed=5, partial=True, clear=False, mood=None
    )

    def page(*lines: LineView) -> str:
        template = environment(load_library()).get_template("partials/card_lines.html")
        call = SimpleNamespace(sid="CA1", status="in_progress", lines=lines)
        return template.render(t=translator("en"), lang="en", live_lines=LIVE_LINES, call=call)

    viewer = Viewer()
    viewer.take(page(view), 1.0)
    viewer.take(page(view), 2.0)
    viewer.take(page(replace(view, partial=False, committed=9)), 3.0)
    (begun, first), (ended, last) = viewer.seen["CA1", "agent"]
    assert (begun, first.committed, first.tail, first.final) == (1.0, "a < b", " & c", False)
    assert (ended, last.text, last.final, last.line_start) == (3.0, "a < b & c", True, 1.2)


@pytest.fixture(scope="module")
def talk() -> inputs.Conversation:
    return inputs.conversation("zh", 8.0, 1, tail_secs=1.5)


def test_a_seed_decides_what_is_said_and_words_stand_where_they_sound(talk: inputs.Conversation) -> None:
    again, other = (inputs.conversation("zh", 8.0, seed, tail_secs=1.5) for seed in (1, 2))
    assert texts(again) == texts(talk) != texts(other)
    words = [(track, word) for track in talk.tracks for word in track.words]
    assert words
    for track, word in words:
        heard = codec.decode(track.payload[round(word.start * 8_000) : round(word.end * 8_000)], "mulaw")
        assert np.abs(heard.astype(int)).max() > 300, word.text


def texts(one: inputs.Conversation) -> list[str]:
    return ["".join(word.text for word in track.words) for track in one.tracks]


WAYS = {"ours": ours, "finals": finals_only, "utterance": again_utterance(1.0), "all": again_all(1.0)}


def test_the_policies_run_and_are_told_apart(talk: inputs.Conversation) -> None:
    recognizer = FakeRecognizer(lambda samples: "好" * (len(samples) // 8_000))
    found = compare(recognizer, [("zh", talk.tracks[0])], 1, WAYS)["rows"]
    delay = {name: row["delay_secs"]["zh"] for name, row in found.items()}
    assert delay["ours"]["words"] == len(talk.tracks[0].words) > delay["ours"]["never_shown"]
    assert delay["ours"]["shown"]["median"] < delay["finals"]["shown"]["median"]
    assert delay["utterance"]["settled"]["median"] < delay["all"]["settled"]["median"]


def test_a_wrong_answer_ends_the_run(talk: inputs.Conversation) -> None:
    with pytest.raises(AssertionError, match="committed text changed"):
        check_committed([line(1, "a"), line(2, "b", final=True)])
    with pytest.raises(AssertionError, match="nothing was heard"):
        check_packets(FakeRecognizer(lambda _: ""), replace(talk.tracks[0], payload=b"\xff" * 8_000))


def test_both_programs_are_benchmarks_of_this_checkout_and_print_what_they_measured(
    talk: inputs.Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = {name: runpy.run_path(str(available()[name]), run_name=name) for name in ("asr", "latency")}
    wanted = ["--part", "accuracy", "--clips", "1", "--files", "1", "--tracks", "1", "--secs", "6", "--json"]
    assert loaded["asr"]["main"](wanted) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["bench"], found["accuracy"]["error"]["zh all"]["clips"]) == ("asr", 1)
    compared = compare(FakeRecognizer(), [("zh", talk.tracks[0])], 1, WAYS)
    table = loaded["asr"]["_tables"]({**found, "streaming": compared})
    assert {line.count("|") for line in table if line.startswith("| ours")} == {11}
    delay = compared["rows"]["ours"]["delay_secs"]
    assert loaded["latency"]["_row"]("zh", delay["zh"], {"error": {"zh": 0.25}, "rewritten_per_shown": {"zh": 0.5}})
