"""Level, pitch and pauses against sounds made to measure, through mu-law and noise; voices and rates in order."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.loudness import QUIETEST_DB, frame_levels, spoken_runs
from speech.pitch import pitch_track
from speech.prosody import RunningLevel, prosody_of
from speech.types import Contour, Prosody
from tests.unit.speech.voices import LINE_RATE, pulses, quiet, received, tone

PITCHES = (80, 100, 120, 150, 180, 220, 260, 300, 350, 400)


def semitones_off(sound, true_hz: float, **line) -> float:
    measured = prosody_of(received(sound, **line)).pitch_hz
    return float("inf") if measured is None else abs(12 * np.log2(measured / true_hz))


@pytest.mark.parametrize("snr_db", [None, 20, 10])
@pytest.mark.parametrize("vowel", [True, False])
def test_pitch_without_its_fundamental_through_mu_law_and_noise(vowel, snr_db) -> None:
    off = [semitones_off(pulses(hz, 0.6, vowel=vowel), hz, snr_db=snr_db) for hz in PITCHES]
    assert max(off) < 0.1
    assert statistics.median(off) < 0.02


@pytest.mark.parametrize(("snr_db", "most"), [(None, 0.15), (20, 0.4), (10, 0.6)])
def test_pitch_of_plain_tones(snr_db, most) -> None:
    off = [semitones_off(tone(hz, 0.6), hz, snr_db=snr_db) for hz in PITCHES]
    assert max(off) < most


def test_a_gliding_voice_has_its_middle_and_its_range() -> None:
    secs = 2.0
    glide = 150 * 2 ** (np.linspace(-4, 4, round(secs * LINE_RATE)) / 12)  # eight semitones, 150 Hz in the middle
    heard = prosody_of(received(pulses(glide, secs), snr_db=20))
    assert heard.pitch_hz == pytest.approx(150, rel=0.01)
    assert heard.pitch_range_semitones == pytest.approx(0.8 * 8, abs=0.3)
    shown = [hz for hz in heard.contour.pitch_hz if hz is not None]
    assert len(shown) >= 19
    assert shown == sorted(shown)


def test_noise_has_no_pitch_and_a_voice_in_it_does() -> None:
    noise = np.random.default_rng(3).standard_normal(LINE_RATE)
    heard = prosody_of(received(noise))
    assert (heard.pitch_hz, heard.pitch_range_semitones) == (None, None)
    assert heard.voiced_share < 0.05
    assert prosody_of(received(pulses(120, 1.0), snr_db=10)).voiced_share > 0.9


@pytest.mark.parametrize("peak", [0.8, 0.4, 0.1, 0.02])
def test_level_follows_the_gain(peak) -> None:
    whole = prosody_of(received(pulses(140, 0.5), peak=1.0)).level_dbfs
    assert prosody_of(received(pulses(140, 0.5), peak=peak)).level_dbfs - whole == pytest.approx(
        20 * np.log10(peak), abs=0.3
    )


def test_level_is_read_against_full_scale_and_leaves_pauses_out() -> None:
    full = received(tone(1_000, 1.0), peak=1.0)
    assert prosody_of(full).level_dbfs == pytest.approx(-3.0, abs=0.3)
    padded = np.concatenate([np.zeros(16_000, np.float32), full, np.zeros(32_000, np.float32)])
    assert prosody_of(padded).level_dbfs == pytest.approx(-3.0, abs=0.3)


def test_runs_and_pauses_lie_where_they_were_put() -> None:
    sound = np.concatenate([quiet(0.3), pulses(120, 1.0), quiet(0.4), pulses(120, 0.6), quiet(0.1), pulses(120, 0.3)])
    for snr_db in (None, 25, 15):
        heard = prosody_of(received(sound, snr_db=snr_db))
        assert [edge for run in heard.runs for edge in run] == pytest.approx([0.3, 1.3, 1.7, 2.7], abs=0.04)
        assert heard.speech_secs == pytest.approx(2.0, abs=0.06)
        assert heard.pause_secs == pytest.approx(0.4, abs=0.06)


def test_a_click_is_no_speech() -> None:
    sound = np.concatenate([quiet(0.5), pulses(200, 0.02), quiet(0.5), pulses(200, 0.5)])
    assert len(prosody_of(received(sound)).runs) == 1


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 500, 5_000])
def test_nothing_and_silence_have_no_prosody(samples) -> None:
    heard = prosody_of(np.zeros(samples, np.float32))
    assert (heard.level_dbfs, heard.pitch_hz, heard.runs, heard.voiced_share) == (QUIETEST_DB, None, (), 0.0)
    assert (heard.speech_secs, heard.pause_secs) == (0.0, 0.0)
    assert set(heard.contour.level_dbfs) <= {None}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_sound_gives_sound_figures(count, seed, loudness) -> None:
    random = np.random.default_rng(seed)
    bursts = np.repeat(random.random(count // 800 + 1) < 0.6, 800)[:count]
    samples = (np.clip(random.standard_normal(count) * loudness, -1, 1) * bursts).astype(np.float32)
    heard = prosody_of(samples)
    assert QUIETEST_DB <= heard.level_dbfs <= 0
    assert 0 <= heard.voiced_share <= 1
    assert heard.pitch_hz is None or 65 <= heard.pitch_hz <= 501
    edges = [edge for run in heard.runs for edge in run]
    assert edges == sorted(edges)
    assert all(0 <= edge <= count / 16_000 + 1e-9 for edge in edges)
    assert heard == prosody_of(samples.copy())


def test_levels_of_frames_do_not_depend_on_what_comes_later() -> None:
    samples = received(pulses(120, 1.0))
    part = frame_levels(samples[:8_000])
    assert np.array_equal(part[:-1], frame_levels(samples)[: len(part) - 1])


def test_frames_asked_for_are_frames_answered() -> None:
    samples = received(np.concatenate([pulses(100, 0.5), pulses(110, 0.5)]))
    assert len(pitch_track(samples, np.array([], dtype=np.int64)).hz) == 0
    both = pitch_track(samples, np.array([10, 40])).hz
    assert both == pytest.approx([100, 110], rel=0.01)
    assert spoken_runs(np.zeros(0)) == []


def test_the_usual_level_is_that_of_finished_utterances_before() -> None:
    usual = RunningLevel()
    assert usual.hear(_at(-30)) is None
    assert usual.hear(_at(-24)) == 6.0
    assert usual.hear(_at(-27)) == 0.0
    assert usual.hear(replace(_at(-3), runs=())) is None
    assert usual.hear(_at(-20)) == 7.0


def _at(level_dbfs: float) -> Prosody:
    contour = Contour(step_secs=0.1, level_dbfs=(), pitch_hz=())
    return Prosody(
        level_dbfs=level_dbfs,
        pitch_hz=None,
        pitch_range_semitones=None,
        voiced_share=0.0,
        runs=((0.0, 1.0),),
        contour=contour,
    )
