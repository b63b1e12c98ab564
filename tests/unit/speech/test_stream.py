"""One track's chain, with deterministic models: the same audio gives the same events however it arrives."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.batching import Batcher
from speech.codec import encode
from speech.endpointing import EndpointOptions
from speech.errors import CodecError, RecognizerError
from speech.ladder import Effort
from speech.open_utterance import UtteranceOptions
from speech.stream import StreamOptions, TrackStream
from speech.types import FinalHypothesis, Gap, PartialHypothesis
from tests.unit.speech.fakes import BLOCK, BLOCK_SECS, EnergyProbability, FakeRecognizer, characters, line

CALL = line((0.5, False), (2.4, True), (0.8, False), (1.0, True), (0.2, False), (1.5, True), (1.0, False), (0.9, True))
PAYLOAD = encode(CALL, "mulaw")
OPTIONS = StreamOptions(track="debtor")


def stream(recognizer=None, options=OPTIONS):
    return TrackStream(recognizer or FakeRecognizer(), options, EnergyProbability())


def events_of(packets, recognizer=None, options=OPTIONS, advance_every=1):
    """Feed packets of (start in bytes, payload), with work done only now and then."""
    one = stream(recognizer, options)
    events = []
    for index, (start, payload) in enumerate(packets):
        one.feed(start / 8, payload)
        if index % advance_every == 0:
            events += one.advance()
    return events + one.flush()


def packets_of(payload, sizes):
    packets, start = [], 0
    while start < len(payload):
        size = sizes[len(packets) % len(sizes)]
        packets.append((start, payload[start : start + size]))
        start += size
    return packets


@functools.cache
def reference():
    return events_of([(0, PAYLOAD)])


def finals(events):
    return [event for event in events if isinstance(event, FinalHypothesis)]


def partials(events):
    return [event for event in events if isinstance(event, PartialHypothesis)]


def test_the_call_reads_as_three_utterances_in_order():
    events = reference()
    assert [(final.utterance, final.reason) for final in finals(events)] == [
        (0, "silence"),
        (1, "silence"),
        (2, "end_of_stream"),
    ]
    first, second, third = finals(events)
    assert 0.2 < first.start < 0.5 < 2.9 < first.end < second.start < 3.7 < 6.4 < second.end < third.start < 7.4
    assert third.end == pytest.approx(8.3, abs=0.001)
    assert all(final.track == "debtor" and final.clear and final.text for final in finals(events))
    assert len(partials(events)) >= 4


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 9_000), min_size=1, max_size=6),
    st.integers(1, 50),
)
def test_packet_sizes_and_working_rhythm_do_not_matter(sizes, advance_every):
    if min(sizes) < 100:
        sizes = [*sizes, 4_000]
    assert events_of(packets_of(PAYLOAD, sizes), advance_every=advance_every) == reference()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=60, max_size=60), st.sets(st.integers(0, 59), max_size=5))
def test_order_within_the_window_and_duplicates_do_not_matter(shifts, repeated):
    packets = packets_of(PAYLOAD, [160])
    order = sorted(range(len(packets)), key=lambda index: (index + shifts[index % 60], index))
    arriving = [packets[index] for index in order]
    for index in sorted(repeated):
        arriving.insert(index + 3, packets[index])
    assert events_of(arriving) == reference()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(st.integers(100, 9_000), min_size=1, max_size=4), min_size=2, max_size=4), st.integers(1, 3))
def test_who_else_asks_the_same_recogniser_does_not_matter(rhythms, engines):
    batcher = Batcher(FakeRecognizer(), engines=engines)
    with ThreadPoolExecutor(len(rhythms)) as threads:
        heard = list(threads.map(lambda sizes: events_of(packets_of(PAYLOAD, sizes), batcher), rhythms))
    batcher.close()
    assert heard == [reference()] * len(rhythms)


LONG = encode(line((14.0, True), (1.0, False)), "mulaw")


class Placed(FakeRecognizer):
    """Reads a quarter second as the same character wherever in the hearing it stands; knows the whole sound."""

    def __init__(self, payload):
        whole = []
        events_of([(0, payload)], FakeRecognizer(lambda samples: whole.append(samples) or ""), finals_only())
        self.whole = whole[-1].tobytes()
        self.heard = []
        super().__init__(self._read)

    def _read(self, samples):
        start = self.whole.find(samples[:64].tobytes()) // 4
        self.heard.append((start, start + len(samples)))
        first, last = -(-start // BLOCK), (start + len(samples)) // BLOCK
        return "".join(chr(0x4E00 + 7 * block) for block in range(first, last))


def finals_only():
    return replace(OPTIONS, utterance=UtteranceOptions(hop_secs=60.0))


def test_long_speech_is_heard_from_its_last_committed_words():
    recognizer = Placed(LONG)
    events = events_of([(0, LONG)], recognizer)
    *hearings, whole = recognizer.heard
    assert max(end - start for start, end in hearings) < 9 * 16_000
    assert len({start for start, _ in hearings}) > 1
    assert whole == (0, len(recognizer.whole) // 4)
    (final,) = finals(events)
    assert final.clear
    assert final.text == "".join(chr(0x4E00 + 7 * block) for block in range(len(final.text)))
    assert len(final.text) == 56
    for partial in partials(events):
        assert final.text.startswith(partial.text)
    assert len(partials(events)[-1].committed) > 45


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(400, 9_000), min_size=1, max_size=4), st.integers(1, 40))
def test_cutting_long_speech_does_not_depend_on_packets(sizes, advance_every):
    recognizer = Placed(LONG)
    assert events_of(packets_of(LONG, sizes), recognizer, advance_every=advance_every) == long_reference()


@functools.cache
def long_reference():
    return events_of([(0, LONG)], Placed(LONG))


def test_longer_hops_give_half_as_many_partial_texts_and_the_same_finals():
    one = stream()
    one.effort = Effort.LONGER_HOPS
    events = []
    for start, payload in packets_of(PAYLOAD, [160]):
        events += one.push(start / 8, payload)
    events += one.flush()
    assert finals(events) == finals(reference())
    assert 0 < len(partials(events)) <= len(partials(reference())) // 2


def test_behind_and_with_less_effort_no_text_is_made_for_what_newer_sound_outdates():
    recognizer = FakeRecognizer()
    one = stream(recognizer)
    one.effort = Effort.LONGER_HOPS
    events = [*one.push(0, PAYLOAD), *one.flush()]
    assert finals(events) == finals(reference())
    assert all(options.word_timestamps for options in recognizer.asked), "only finals were asked for"
    assert partials(events) == []


def test_twenty_millisecond_packets_one_by_one_equal_the_whole():
    assert events_of(packets_of(PAYLOAD, [160])) == reference()


def test_committed_text_only_grows_and_the_final_begins_with_it():
    committed: dict[int, str] = {}
    for event in reference():
        if isinstance(event, Gap):
            continue
        before = committed.get(event.utterance, "")
        now = event.committed if isinstance(event, PartialHypothesis) else event.text
        assert now.startswith(before)
        committed[event.utterance] = now
    assert any(partial.committed for partial in partials(reference()))


def test_words_of_a_final_lie_inside_its_utterance_and_read_as_its_text():
    for final in finals(reference()):
        assert "".join(word.text for word in final.words) == final.text
        assert all(final.start <= word.start <= word.end <= final.end + BLOCK_SECS for word in final.words)
        assert final.words[0].start == final.start


def test_nothing_said_means_nothing_recognised():
    recognizer = FakeRecognizer()
    silence = encode(line((5.0, False)), "mulaw")
    assert events_of(packets_of(silence, [160]), recognizer) == []
    assert recognizer.asked == []


def test_partials_can_be_given_up_without_losing_finals():
    recognizer = FakeRecognizer()
    one = stream(recognizer)
    one.effort = Effort.FINALS_ONLY
    events = [*one.push(0, PAYLOAD), *one.flush()]
    assert partials(events) == []
    assert [(final.text, final.start) for final in finals(events)] == [
        (final.text, final.start) for final in finals(reference())
    ]
    assert all(options.word_timestamps and options.beam_size == 5 for options in recognizer.asked)


def test_a_hearing_that_contradicts_what_was_committed_is_not_clear():
    def fickle(samples):
        return "我今天还款好" if len(samples) < 16_000 * 2.5 else "我明天还款好的"

    (final, *_) = finals(events_of([(0, PAYLOAD)], FakeRecognizer(fickle)))
    assert final.text == "我今天还款好的"
    assert not final.clear
    assert [word.probability for word in final.words[:5]] == [0.0] * 5
    assert final.words[-1].probability == 0.9
    starts = [word.start for word in final.words]
    assert starts == sorted(starts)


def test_an_unclear_hearing_is_shown_but_never_committed():
    events = events_of([(0, PAYLOAD)], FakeRecognizer(clear=lambda samples: False))
    assert partials(events)
    assert all(partial.committed == "" and partial.tail for partial in partials(events))
    assert not any(final.clear for final in finals(events))


def test_lost_audio_is_told_in_its_place_and_makes_the_utterance_unclear():
    packets = packets_of(PAYLOAD, [160])
    del packets[60:75]
    events = events_of(packets)
    (gap,) = [event for event in events if isinstance(event, Gap)]
    assert (gap.track, gap.start, gap.end) == ("debtor", 1.2, 1.5)
    first, second, third = finals(events)
    assert (first.clear, second.clear, third.clear) == (False, True, True)
    assert events.index(gap) < events.index(first)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(400, 9_000), min_size=1, max_size=5),
    st.integers(0, len(PAYLOAD) - 1),
    st.integers(40, 30_000),
    st.integers(1, 40),
)
def test_with_audio_lost_packet_sizes_do_not_matter_either(sizes, start, length, advance_every):
    end = start + length // 8 * 8
    before, after = PAYLOAD[:start], PAYLOAD[end:]
    whole = [(0, before), (end, after)]
    pieces = packets_of(before, sizes) + [(end + offset, part) for offset, part in packets_of(after, sizes)]
    options = replace(OPTIONS, max_fill_secs=1.0)
    assert events_of(pieces, options=options, advance_every=advance_every) == events_of(whole, options=options)


def test_a_lost_beginning_makes_an_utterance_unclear():
    packets = packets_of(PAYLOAD, [160])
    del packets[20:45]
    first = finals(events_of(packets))[0]
    assert first.start < 0.9
    assert not first.clear


def test_a_single_lost_packet_leaves_the_text_clear():
    packets = packets_of(PAYLOAD, [160])
    del packets[60]
    assert all(final.clear for final in finals(events_of(packets)))


def test_a_long_loss_closes_the_utterance_and_the_clock_goes_on_behind_it():
    talk = encode(line((1.5, True)), "mulaw")
    later_ms = 3_600_000.0
    one = stream()
    events = [*one.push(0, talk), *one.push(later_ms, talk), *one.flush()]
    gap = next(event for event in events if isinstance(event, Gap))
    assert (gap.start, gap.end) == (1.5, 3_600.0)
    first, second = finals(events)
    assert first.end < 1.5 + 2.0
    assert (second.start, second.end, second.reason) == (3_600.0, 3_601.5, "end_of_stream")


def test_origin_shifts_every_time():
    shifted = events_of([(0, PAYLOAD)], options=replace(OPTIONS, origin_secs=100.0))
    for moved, event in zip(shifted, reference(), strict=True):
        assert moved.start == pytest.approx(event.start + 100)
        assert moved.end == pytest.approx(event.end + 100)


def test_endless_speech_is_cut_into_utterances_without_loss():
    options = replace(OPTIONS, endpoint=EndpointOptions(max_secs=4.0, cut_search_secs=1.0))
    talk = encode(line((13.0, True)), "mulaw")
    said = finals(events_of([(0, talk)], options=options))
    assert [final.reason for final in said] == ["max_length"] * 3 + ["end_of_stream"]
    assert [final.start for final in said[1:]] == [final.end for final in said[:-1]]
    assert (said[0].start, said[-1].end) == (0.0, 13.0)


def test_sixteen_kilohertz_linear_audio_needs_no_upsampling():
    options = replace(OPTIONS, rate=16_000)
    payload = encode(np.repeat(CALL, 2), "l16")
    one = stream(options=options)
    events = []
    for start in range(0, len(payload), 6_400):
        events += one.push(start / 32, payload[start : start + 6_400], "l16")
    events += one.flush()
    assert [final.reason for final in finals(events)] == ["silence", "silence", "end_of_stream"]
    assert finals(events)[-1].end == pytest.approx(8.3, abs=0.001)


def test_unsure_language_falls_back_to_the_one_last_heard_clearly():
    def language(samples):
        return ("en", 0.95) if len(samples) > 16_000 * 2.5 else ("zh", 0.3)

    recognizer = FakeRecognizer(language=language)
    first, second, third = finals(events_of([(0, PAYLOAD)], recognizer))
    assert first.end - first.start > 2.5 > third.end - third.start
    assert (first.language, third.language) == ("en", "en")
    assert recognizer.asked[0].language is None
    assert recognizer.asked[-1].language == "en"
    assert {second.language} <= {"en"}


def test_a_fixed_language_is_always_asked_for():
    recognizer = FakeRecognizer()
    events_of([(0, PAYLOAD)], recognizer, replace(OPTIONS, utterance=UtteranceOptions(language="en")))
    assert {options.language for options in recognizer.asked} == {"en"}


def test_backlog_counts_what_waits():
    one = stream()
    assert one.backlog_secs == 0
    one.feed(0, PAYLOAD[:8_000])
    one.feed(1_000, encode(CALL[8_000:12_000], "l16"), "l16")
    assert one.backlog_secs == 1.5
    one.advance()
    assert one.backlog_secs == 0


def test_what_is_left_out_is_a_gap_and_no_backlog():
    one = stream()
    events = one.push(0, PAYLOAD[:16_000])
    one.feed(2_000, PAYLOAD[16_000:40_000])
    assert one.backlog_secs == 3.0
    one.leave_out()
    assert one.backlog_secs == 0
    events += one.push(5_000, PAYLOAD[40_000:])
    events += one.flush()
    assert [(gap.start, gap.end) for gap in events if isinstance(gap, Gap)] == [(2.0, 5.0)]
    assert [final.reason for final in finals(events)] == ["silence", "silence", "end_of_stream"]
    assert [final.clear for final in finals(events)] == [False, True, True]
    assert finals(events)[-1].end == finals(reference())[-1].end


def test_a_recogniser_that_fails_leaves_an_unclear_final_and_the_stream_goes_on():
    def failing(samples):
        if len(samples) > 16_000 * 2.5:
            raise RecognizerError("recognizer.failed", "out of memory")
        return characters(samples)

    first, _, third = finals(events_of([(0, PAYLOAD)], FakeRecognizer(failing)))
    assert (first.error, first.clear, first.words) == ("recognizer.failed", False, ())
    assert (third.error, third.clear, third.text) == (None, True, finals(reference())[2].text)


def test_a_broken_packet_is_refused_at_once_and_the_stream_goes_on():
    one = stream()
    with pytest.raises(CodecError, match="ends inside a sample"):
        one.feed(0, b"abc", "l16")
    assert [*one.push(0, PAYLOAD), *one.flush()] == reference()


def test_the_longest_utterance_fits_the_recogniser():
    options = replace(OPTIONS, endpoint=EndpointOptions(max_secs=29.0))
    said = finals(events_of([(0, encode(line((60.0, True)), "mulaw"))], options=options))
    assert [final.error for final in said] == [None] * 3


def test_other_rates_are_refused():
    with pytest.raises(CodecError, match="found 44100"):
        StreamOptions(rate=44_100)
