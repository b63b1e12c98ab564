"""How two people talked: tables of turns, and what must hold of any conversation."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.monitor.context import AGENT, DEBTOR, CallEnding
from outreach.monitor.effects import CallSummarised, UtteranceFinal
from outreach.monitor.manner import Manners
from outreach.monitor.rows import utterance_row
from outreach.monitor.spans import common, length, rest, union
from outreach.monitor.talk import HOLD_SECS, Talk, talk_of
from outreach.monitor.turns import Spoken, interruptions, longest_monologue, response_latencies, turns_of
from speech.types import Contour, FinalHypothesis, Gap, Prosody
from tests.unit.outreach.monitor.calls import START, of
from tests.unit.outreach.monitor.calls import Talk as Conversation


def a(*runs: tuple[float, float], text: str = "这个月可以先还一部分", clear: bool = True) -> Spoken:
    return Spoken(speaker=AGENT, runs=runs, text=text, clear=clear, language="zh")


def d(*runs: tuple[float, float], text: str = "这个月可以先还一部分", clear: bool = True) -> Spoken:
    return Spoken(speaker=DEBTOR, runs=runs, text=text, clear=clear, language="zh")


INTERRUPTIONS = [
    ("one after the other", [a((0, 3)), d((3.5, 5))], []),
    ("the other stopped", [a((0, 3)), d((2, 5))], [(DEBTOR, 2.0, 1.0, True)]),
    ("the other went on", [a((0, 6)), d((2, 4))], [(DEBTOR, 2.0, 2.0, False)]),
    ("both stop together", [a((0, 4)), d((2, 4))], [(DEBTOR, 2.0, 2.0, True)]),
    ("short overlap at the end of a turn", [a((0, 3)), d((2.8, 5))], []),
    ("begun together", [a((0, 3)), d((0.2, 3))], []),
    ("begun at the same instant", [a((0, 3)), d((0, 2))], []),
    ("back-channel", [a((0, 5)), d((2, 2.5), text="嗯")], []),
    ("as short, whatever was said", [a((0, 5)), d((2, 2.6), text="不行", clear=False)], []),
    ("a little longer", [a((0, 5)), d((2, 2.7), text="不行")], [(DEBTOR, 2.0, 0.7, False)]),
    ("several back-channels in a row", [a((0, 5)), d((2, 3.2), text="对对对，嗯")], []),
    ("the same, heard badly", [a((0, 5)), d((2, 3.2), text="对对对", clear=False)], [(DEBTOR, 2.0, 1.2, False)]),
    ("English", [a((0, 5)), d((2, 3.2), text="Uh huh, yeah, I see.")], []),
    ("a sentence that begins like one", [a((0, 5)), d((2, 3.2), text="对不起")], [(DEBTOR, 2.0, 1.2, False)]),
    ("in a pause of the other's sentence", [a((0, 2), (2.4, 4)), d((2.1, 5))], [(DEBTOR, 2.1, 1.9, True)]),
    ("over a back-channel", [a((0, 3)), d((2.6, 3.1), text="嗯"), a((3.4, 5))], []),
    ("an utterance cut in two is one turn", [a((0, 20)), a((20.1, 25)), d((20, 22))], [(DEBTOR, 20.0, 2.0, False)]),
]


@pytest.mark.parametrize(("spoken", "expected"), [row[1:] for row in INTERRUPTIONS], ids=[r[0] for r in INTERRUPTIONS])
def test_who_interrupted_whom(spoken, expected) -> None:
    found = interruptions(turns_of(spoken))
    assert [(each.by, each.at_secs, pytest.approx(each.overlap_secs), each.other_stopped) for each in found] == expected


LATENCIES = [
    ("question and answer", [a((0, 3)), d((3.8, 5))], [], [0.8]),
    ("both ways", [a((0, 3)), d((3.5, 5)), a((6.0, 7))], [1.0], [0.5]),
    ("taken a moment early", [a((0, 3)), d((2.9, 5))], [], [0.0]),
    ("interruptions are no answers", [a((0, 3)), d((2, 5))], [], []),
    ("one who goes on does not answer", [a((0, 3)), a((4, 5)), d((6, 7))], [], [1.0]),
    ("after a failed interruption", [a((0, 10)), d((4, 5)), a((10.5, 12))], [], []),
    ("back-channels are no turns", [a((0, 5)), d((2, 2.4), text="嗯"), a((6, 7)), d((7.5, 9))], [], [0.5]),
    ("a short answer is one", [a((0, 3)), d((3.5, 3.9), text="对")], [], [0.5]),
    ("waiting is no answer", [a((0, 3)), d((13, 14))], [], []),
    ("begun together", [a((0, 3)), d((3.5, 5)), a((6, 8)), d((6.1, 7))], [1.0], [0.5]),
]


@pytest.mark.parametrize(
    ("spoken", "agent", "debtor"), [row[1:] for row in LATENCIES], ids=[row[0] for row in LATENCIES]
)
def test_how_long_an_answer_took(spoken, agent, debtor) -> None:
    found = response_latencies(turns_of(spoken), HOLD_SECS)
    assert (found[AGENT], found[DEBTOR]) == (pytest.approx(agent), pytest.approx(debtor))


MONOLOGUES = [
    ("nobody", [], 0.0, 0.0),
    ("one sentence", [a((1, 4))], 3.0, 0.0),
    ("a breath between", [a((0, 4)), a((5.9, 9))], 9.0, 0.0),
    ("a longer silence", [a((0, 4)), a((6.1, 9))], 4.0, 0.0),
    ("the other spoke", [a((0, 4)), d((4.2, 5)), a((5.2, 9))], 4.0, 0.8),
    ("the other hummed", [a((0, 4)), d((3, 3.4), text="嗯"), a((5, 9))], 9.0, 0.0),
    ("the other tried", [a((0, 10)), d((4, 5)), a((11, 13))], 10.0, 1.0),
]


@pytest.mark.parametrize(
    ("spoken", "agent", "debtor"), [row[1:] for row in MONOLOGUES], ids=[row[0] for row in MONOLOGUES]
)
def test_the_longest_monologue(spoken, agent, debtor) -> None:
    turns = turns_of(spoken)
    assert longest_monologue(turns, AGENT) == pytest.approx(agent)
    assert longest_monologue(turns, DEBTOR) == pytest.approx(debtor)


@pytest.mark.parametrize(
    ("spoken", "lost", "until", "silence", "hold", "missing"),
    [
        ([a((0, 3)), d((12.9, 14))], [], 14, 9.9, 0.0, 0.0),
        ([a((0, 3)), d((13, 14))], [], 14, 10.0, 10.0, 0.0),
        ([a((0, 3)), d((23, 24))], [(8, 12)], 24, 16.0, 11.0, 4.0),
        ([a((0, 3)), d((13, 14))], [(1, 2)], 14, 10.0, 10.0, 0.0),
        ([], [], 30, 30.0, 30.0, 0.0),
        ([a((0, 2), (2.5, 4))], [], 4, 0.5, 0.0, 0.0),
        ([], [(0, 4), (2, 6)], 6, 0.0, 0.0, 6.0),
    ],
)
def test_silence_hold_and_what_was_lost(spoken, lost, until, silence, hold, missing) -> None:
    talk = talk_of(spoken, lost, until)
    assert (talk.silence_secs, talk.hold_secs, talk.lost_secs) == (
        pytest.approx(silence),
        pytest.approx(hold),
        pytest.approx(missing),
    )


def test_a_call_in_which_nothing_was_heard_has_figures_too() -> None:
    talk = talk_of([], [], 0.0)
    assert talk.silence_share is None
    assert talk.sides[AGENT].share is None
    assert talk.to_json()["agent"]["response_secs"] is None


def test_rates_count_what_was_clear() -> None:
    spoken = [a((0, 2), text="您好您好"), a((3, 4), text="听不清的很多很多字", clear=False), a((5, 6), text="再见")]
    side = talk_of(spoken, [], 6).sides[AGENT]
    assert (side.syllables_per_sec, side.words_per_sec) == (2.0, None)


@st.composite
def conversations(draw: st.DrawFn) -> list[Spoken]:
    spoken = []
    for speaker in (AGENT, DEBTOR):
        edges = sorted(draw(st.sets(st.integers(0, 400), max_size=24)))
        runs = [(start / 10, end / 10) for start, end in zip(edges[::2], edges[1::2], strict=False)]
        for run in runs:
            text = draw(st.sampled_from(["嗯", "这个月还不了", "uh huh"]))
            spoken.append(Spoken(speaker=speaker, runs=(run,), text=text, clear=draw(st.booleans()), language="zh"))
    return sorted(spoken, key=lambda one: one.runs[-1][1])


gaps = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 100)), max_size=4).map(
    lambda found: [(start / 10, (start + more) / 10) for start, more in found]
)


def swapped(spoken: list[Spoken]) -> list[Spoken]:
    other = {AGENT: DEBTOR, DEBTOR: AGENT}
    return [
        Spoken(speaker=other[one.speaker], runs=one.runs, text=one.text, clear=one.clear, language=one.language)
        for one in spoken
    ]


def figures(talk: Talk) -> dict[str, object]:
    return talk.to_json()


@settings(max_examples=25, deadline=None)
@given(conversations(), gaps, st.integers(0, 500))
def test_the_seconds_add_up_and_shares_are_shares(spoken, lost, until) -> None:
    talk = talk_of(spoken, lost, until / 10)
    both = sum(side.speech_secs for side in talk.sides.values())
    assert both - talk.overlap_secs + talk.silence_secs + talk.lost_secs == pytest.approx(talk.total_secs)
    assert 0 <= talk.hold_secs <= talk.silence_secs + 1e-9
    assert talk.overlap_secs <= min(side.speech_secs for side in talk.sides.values()) + 1e-9
    shares = [side.share for side in talk.sides.values() if side.share is not None]
    assert all(0 <= share <= 1 for share in shares)
    assert not shares or sum(shares) == pytest.approx(1)
    for side in talk.sides.values():
        assert 0 <= side.other_stopped <= side.interruptions
        assert side.longest_monologue_secs <= talk.total_secs + 1e-9
        assert side.response_secs is None or 0 <= side.response_secs < HOLD_SECS
    # an interruption is measured from turn to turn, whose own short pauses belong to it
    assert all(0.249 <= each.overlap_secs <= talk.total_secs for each in talk.interruptions)


@settings(max_examples=25, deadline=None)
@given(conversations(), gaps)
def test_swapping_the_speakers_swaps_the_figures(spoken, lost) -> None:
    one, other = figures(talk_of(spoken, lost, 40.0)), figures(talk_of(swapped(spoken), lost, 40.0))
    one[AGENT], one[DEBTOR] = one[DEBTOR], one[AGENT]
    assert one == other


@settings(max_examples=25, deadline=None)
@given(conversations(), st.randoms(use_true_random=False))
def test_the_order_in_which_utterances_were_finished_does_not_matter(spoken, random) -> None:
    mixed = list(spoken)
    random.shuffle(mixed)
    assert figures(talk_of(mixed, [], 40.0)) == figures(talk_of(spoken, [], 40.0))


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8).map(
    lambda found: union((float(min(pair)), float(max(pair))) for pair in found)
)


@settings(max_examples=25, deadline=None)
@given(spans, spans)
def test_spans_are_sets_of_seconds(one, other) -> None:
    def seconds(found) -> set[int]:
        return {second for start, end in found for second in range(int(start), int(end))}

    assert seconds(common(one, other)) == seconds(one) & seconds(other)
    assert seconds(union([*one, *other])) == seconds(one) | seconds(other)
    assert seconds(rest(one, 60)) == set(range(60)) - seconds(one)
    assert length(one) == len(seconds(one))


def prosody(level_dbfs: float, *runs: tuple[float, float]) -> Prosody:
    return Prosody(
        level_dbfs=level_dbfs,
        pitch_hz=182.0,
        pitch_range_semitones=5.0,
        voiced_share=0.7,
        runs=runs,
        contour=Contour(step_secs=0.1, level_dbfs=(-20, None), pitch_hz=(182, None)),
    )


def final(text: str, level_dbfs: float, *, clear: bool = True) -> FinalHypothesis:
    return FinalHypothesis(
        track=AGENT, utterance=0, start=10.0, end=12.0, text=text, words=(), avg_logprob=-0.1, no_speech_prob=0.0,
        language="zh", clear=clear, reason="silence", prosody=prosody(level_dbfs, (0.3, 1.8)),
    )  # fmt: skip


def test_loudness_is_set_against_the_same_speakers_earlier_words() -> None:
    manners = Manners()
    heard = [manners.hear(final(text, level)) for text, level in (("您好", -30), ("", -3), ("请讲", -24), ("好", -27))]
    assert [manner.relative_db for manner in heard if manner] == [None, None, 6.0, 0.0]


def test_words_that_were_not_clear_have_no_rate() -> None:
    clear, unclear = Manners().hear(final("您好请讲", -20)), Manners().hear(final("您好请讲", -20, clear=False))
    assert clear is not None
    assert clear.rate is not None
    assert clear.rate.syllables_per_sec == pytest.approx(4 / 1.5, abs=0.01)
    assert unclear is not None
    assert unclear.rate is None
    assert clear.to_json()["runs"] == [[0.3, 1.8]]


def test_the_session_hands_on_how_it_was_said_and_sums_it_up() -> None:
    talk = Conversation()
    effects = talk.session.on_speech_event(final("您好，我是安和服务公司的", -20), START + timedelta(seconds=13))
    talk.session.on_speech_event(Gap(track=DEBTOR, start=12.0, end=14.0), START + timedelta(seconds=14))
    (said,) = of(effects, UtteranceFinal)
    stored = utterance_row(said, "CA1", START).prosody
    assert stored is not None
    assert (stored["level_dbfs"], stored["pitch_hz"], stored["speech_secs"]) == (-20, 182.0, 1.5)
    (summarised,) = of(talk.session.end(CallEnding(status="completed")), CallSummarised)
    figures = summarised.summary.to_json()["talk"]
    assert (figures["total_secs"], figures["lost_secs"]) == (14.0, 2.0)
    assert figures["agent"]["speech_secs"] == 1.5
    assert figures["agent"]["share"] == 1.0


def test_sound_without_words_is_no_talk_but_a_failed_recogniser_is() -> None:
    for error, speech_secs in ((None, 0.0), ("recognizer.failed", 2.0)):
        talk = Conversation()
        event = FinalHypothesis(
            track=AGENT, utterance=0, start=10.0, end=12.0, text="", words=(), avg_logprob=0.0, no_speech_prob=0.9,
            language=None, clear=False, reason="silence", error=error,
        )  # fmt: skip
        talk.session.on_speech_event(event, START + timedelta(seconds=13))
        (summarised,) = of(talk.session.end(CallEnding(status="completed")), CallSummarised)
        assert summarised.summary.talk["agent"]["speech_secs"] == speech_secs
        assert summarised.summary.talk["total_secs"] == 12.0
