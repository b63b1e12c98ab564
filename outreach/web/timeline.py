"""The picture of one call: both tracks with loudness and pitch, overlap, interruptions, hold. Geometry only. Pure.

One unit of width is one second of the call. The agent stands above, the debtor mirrored below:

    0  pitch of the agent, around their own median
   34  loudness of the agent, growing upwards from 60
   60  between them: where both speak
   68  loudness of the debtor, growing downwards
   94  pitch of the debtor
  128
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.db.tables import Utterance
from outreach.monitor.context import AGENT, DEBTOR
from outreach.monitor.spans import Span
from outreach.monitor.talk import HOLD_SECS, Talk, talk_of
from outreach.monitor.turns import Spoken

HEIGHT = 128
COLUMNS = 600
"""At most so many steps from left to right: about two pixels each on a wide screen."""
TICKS = 7

_LOUD_DB, _FAINT_DB = -12.0, -46.0
_LEVEL_HEIGHT = 24.0
_SEMITONES = 7.0
_PITCH_HEIGHT = 13.0
_BASE: Mapping[str, tuple[float, float, float]] = {AGENT: (60, -1, 17), DEBTOR: (68, 1, 111)}
"""Of each side: where loudness begins, in which direction it grows, and where its median pitch lies."""
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One utterance: where to click, and what to say about it. None: not measured."""

    start_secs: float
    secs: float
    level_dbfs: float | None
    relative_db: float | None
    pitch_hz: float | None
    syllables_per_sec: float | None


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One side: SVG paths of loudness and pitch, its utterances, the height of its middle pitch."""

    speaker: str
    loudness: str
    pitch: str
    middle: float
    top: float
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An interruption, drawn from the middle into the lane of the one interrupted."""

    at_secs: float
    by: str
    top: float
    bottom: float


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The whole picture. `ticks` are seconds with their place from the left in percent."""

    total_secs: float
    lanes: tuple[Lane, Lane]
    overlaps: tuple[Span, ...]
    holds: tuple[Span, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, float], ...]
    hold_from_secs: float = HOLD_SECS


def timeline_of(rows: Iterable[Utterance], degraded: Iterable[Any]) -> Timeline | None:
    """The picture of the finished utterances of a call; None while there is none."""
    said = [row for row in rows if row.analysis.get("state") == "final" and row.text.strip()]
    if not said:
        return None
    gaps = [step for step in degraded if isinstance(step, dict) and step.get("step") == "audio_gap"]
    lost = [(float(gap["start"]), float(gap["end"])) for gap in gaps]
    heard_until = max([row.end_secs for row in said] + [end for _, end in lost])
    talk = talk_of([_spoken(row) for row in said], lost, heard_until)
    lanes = tuple(_lane(side, [row for row in said if row.speaker == side], talk) for side in (AGENT, DEBTOR))
    return Timeline(
        total_secs=talk.total_secs,
        lanes=(lanes[0], lanes[1]),
        overlaps=talk.overlaps,
        holds=talk.holds,
        marks=tuple(_mark(each.at_secs, each.by) for each in talk.interruptions),
        ticks=_ticks(talk.total_secs),
    )


def _spoken(row: Utterance) -> Spoken:
    runs = [(row.start_secs + start, row.start_secs + end) for start, end in (row.prosody or {}).get("runs", ())]
    return Spoken(
        speaker=row.speaker,
        runs=tuple(runs) or ((row.start_secs, row.end_secs),),
        text=row.text,
        clear=row.clear,
        language=row.language,
    )


def _lane(side: str, rows: Sequence[Utterance], talk: Talk) -> Lane:
    step = max(0.1, talk.total_secs / COLUMNS)
    levels, pitches = _columns(rows, step)
    base, direction, middle = _BASE[side]
    usual = statistics.median(pitch for pitch in pitches.values()) if pitches else 0.0
    heights = {column: base + direction * _level_height(level) for column, level in levels.items()}
    return Lane(
        speaker=side,
        loudness=_areas(heights, base, step),
        pitch=_dashes({column: middle - _pitch_height(hz, usual) for column, hz in pitches.items()}, step),
        middle=middle,
        top=0.0 if side == AGENT else HEIGHT / 2,
        stretches=tuple(_stretch(row) for row in rows),
    )


def _stretch(row: Utterance) -> Stretch:
    prosody = row.prosody or {}
    return Stretch(
        start_secs=row.start_secs,
        secs=max(0.1, row.end_secs - row.start_secs),
        level_dbfs=prosody.get("level_dbfs"),
        relative_db=prosody.get("relative_db"),
        pitch_hz=prosody.get("pitch_hz"),
        syllables_per_sec=prosody.get("syllables_per_sec"),
    )


def _columns(rows: Iterable[Utterance], step: float) -> tuple[dict[int, float], dict[int, float]]:
    """Loudest level and median pitch of every column; an utterance that was not measured is drawn at half height."""
    levels: dict[int, list[float]] = defaultdict(list)
    pitches: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        contour = (row.prosody or {}).get("contour")
        if contour is None:
            for column in range(int(row.start_secs / step), math.ceil(row.end_secs / step)):
                levels[column].append((_LOUD_DB + _FAINT_DB) / 2)
            continue
        for index, (level, pitch) in enumerate(zip(contour["level_dbfs"], contour["pitch_hz"], strict=True)):
            column = int((row.start_secs + (index + 0.5) * contour["step_secs"]) / step)
            if level is not None:
                levels[column].append(level)
            if pitch is not None:
                pitches[column].append(pitch)
    return (
        {column: max(found) for column, found in sorted(levels.items())},
        {column: statistics.median(found) for column, found in sorted(pitches.items())},
    )


def _level_height(level_db: float) -> float:
    share = (level_db - _FAINT_DB) / (_LOUD_DB - _FAINT_DB)
    return _LEVEL_HEIGHT * min(1.0, max(0.08, share))


def _pitch_height(hz: float, usual_hz: float) -> float:
    semitones = 12 * math.log2(hz / usual_hz)
    return _PITCH_HEIGHT * min(1.0, max(-1.0, semitones / _SEMITONES))


def _areas(heights: Mapping[int, float], base: float, step: float) -> str:
    """Closed steps over `base`, one shape for every run of neighbouring columns."""
    parts: list[str] = []
    last = None
    for column, height in heights.items():
        if last is None or column != last + 1:
            parts.append(("" if last is None else f"V{base:g}Z") + f"M{column * step:.2f} {base:g}")
        parts.append(f"V{height:.1f}H{(column + 1) * step:.2f}")
        last = column
    return "".join(parts) + (f"V{base:g}Z" if parts else "")


def _dashes(heights: Mapping[int, float], step: float) -> str:
    return "".join(f"M{column * step:.2f} {height:.1f}h{step:.2f}" for column, height in heights.items())


def _mark(at_secs: float, by: str) -> Mark:
    top, bottom = (64.0, 100.0) if by == AGENT else (28.0, 64.0)
    return Mark(at_secs=at_secs, by=by, top=top, bottom=bottom)


def _ticks(total_secs: float) -> tuple[tuple[float, float], ...]:
    step = next((step for step in _STEPS if total_secs / step <= TICKS), _STEPS[-1])
    return tuple((float(at), round(100 * at / total_secs, 2)) for at in range(0, int(total_secs * 0.96) + 1, step))
