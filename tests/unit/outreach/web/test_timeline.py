"""The picture of a call as geometry: what is drawn where."""

import re
from datetime import UTC, datetime

import pytest

from outreach.db.tables import Utterance
from outreach.web.timeline import COLUMNS, TICKS, timeline_of

AT = datetime(2026, 11, 24, tzinfo=UTC)


def said(speaker: str, start: float, end: float, *, text: str = "这个月先还一部分", measured: bool = True) -> Utterance:
    steps = round((end - start) * 10)
    contour = {
        "step_secs": 0.1,
        "level_dbfs": [-20] * steps,
        "pitch_hz": [150, 300] * (steps // 2) + [None] * (steps % 2),
    }
    prosody = {
        "level_dbfs": -20.0,
        "relative_db": 1.5,
        "pitch_hz": 150.0,
        "runs": [[0, end - start]],
        "contour": contour,
    }
    return Utterance(
        call_sid="CA1", speaker=speaker, seq=0, start_secs=start, end_secs=end, text=text, language="zh", clear=True,
        analysis={"state": "final"}, prosody=prosody if measured else None, heard_at=AT,
    )  # fmt: skip


def test_nothing_said_is_no_picture() -> None:
    unfinished = said("agent", 0, 1)
    unfinished.analysis = {"state": "partial"}
    assert timeline_of([], []) is None
    assert timeline_of([unfinished, said("agent", 0, 1, text=" ")], []) is None


def test_the_agent_stands_above_and_the_debtor_below() -> None:
    line = timeline_of([said("agent", 0, 2), said("debtor", 3, 5)], [])
    assert line is not None
    above, below = line.lanes
    assert line.total_secs == 5
    assert min(heights(above.loudness)) < 60 == max(heights(above.loudness))
    assert min(heights(below.loudness)) == 68 < max(heights(below.loudness))
    assert (above.stretches[0].start_secs, below.stretches[0].start_secs) == (0, 3)
    assert (below.stretches[0].relative_db, below.stretches[0].pitch_hz) == (1.5, 150.0)


def heights(path: str) -> set[float]:
    return {float(found) for found in re.findall(r"V([\d.]+)", path)}


def test_pitch_lies_around_the_speakers_own_median() -> None:
    line = timeline_of([said("agent", 0, 2)], [])
    assert line is not None
    lane = line.lanes[0]
    drawn = {float(found) for found in re.findall(r"M[\d.]+ ([\d.]+)h", lane.pitch)}
    assert min(drawn) < lane.middle < max(drawn)
    assert line.lanes[1].pitch == ""


def test_overlap_interruption_and_hold_are_marked() -> None:
    line = timeline_of([said("agent", 0, 3), said("debtor", 2, 5), said("agent", 20, 21)], [])
    assert line is not None
    assert line.overlaps == ((2, 3),)
    assert line.holds == ((5, 20),)
    (mark,) = line.marks
    assert (mark.at_secs, mark.by) == (2, "debtor")
    assert mark.bottom <= 64


def test_lost_audio_is_no_hold() -> None:
    gap = {"step": "audio_gap", "speaker": "agent", "start": 5, "end": 20}
    line = timeline_of([said("agent", 0, 3), said("agent", 22, 23)], [gap, {"step": "partials"}, "odd"])
    assert line is not None
    assert line.holds == ()


def test_what_was_not_measured_is_drawn_all_the_same() -> None:
    line = timeline_of([said("agent", 0, 2, measured=False)], [])
    assert line is not None
    assert line.lanes[0].loudness
    assert line.lanes[0].pitch == ""
    assert line.lanes[0].stretches[0].pitch_hz is None


@pytest.mark.parametrize("minutes", [1, 10, 90])
def test_a_long_call_is_no_longer_picture(minutes: int) -> None:
    rows = [said("agent", start, start + 8) for start in range(0, minutes * 60, 10)]
    line = timeline_of(rows, [])
    assert line is not None
    assert line.lanes[0].loudness.count("H") <= COLUMNS + 1
    assert 2 <= len(line.ticks) <= TICKS + 1
    assert all(0 <= percent <= 96 for _, percent in line.ticks)
