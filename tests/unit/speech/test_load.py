"""How busy recognition is."""

from __future__ import annotations

import pytest

from speech.load import Batch, Load, LoadMeter


def test_nothing_done_is_no_load():
    assert LoadMeter(2, 100.0).reading(100.0, waiting=0, oldest_secs=0.0) == Load()


def test_figures_of_the_last_half_minute_and_totals():
    meter = LoadMeter(2, 0.0)
    meter.done(Batch(at=1.0, clips=4, engine_secs=1.0, audio_secs=10.0))
    meter.done(Batch(at=10.0, clips=2, engine_secs=2.0, audio_secs=10.0, failed=1))
    meter.dropped(3)
    load = meter.reading(20.0, waiting=5, oldest_secs=0.4)
    assert (load.waiting, load.oldest_secs) == (5, 0.4)
    assert load.real_time_factor == pytest.approx(0.15)
    assert load.busy_share == pytest.approx(3.0 / 40.0)
    assert load.batch_clips == 3.0
    assert (load.clips, load.batches, load.dropped, load.failed) == (6, 2, 3, 1)
    assert (load.engine_secs, load.audio_secs) == (3.0, 20.0)
    later = meter.reading(35.0, waiting=0, oldest_secs=0.0)
    assert (later.real_time_factor, later.busy_share, later.batch_clips) == (0.2, pytest.approx(2 / 60), 2.0)
    idle = meter.reading(100.0, waiting=0, oldest_secs=0.0)
    assert (idle.real_time_factor, idle.busy_share, idle.clips) == (0.0, 0.0, 6)
