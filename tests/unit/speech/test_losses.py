"""Lost stretches are told once, in their place, and counted against intervals."""

from __future__ import annotations

from speech.losses import Losses


def test_a_loss_is_told_once_and_only_when_it_is_reached():
    losses = Losses()
    losses.add(100, 200)
    losses.add(500, 600)
    assert losses.tell(100) == []
    assert losses.tell(101) == [(100, 200)]
    assert losses.tell(101) == []
    assert losses.tell() == [(500, 600)]


def test_overlap_is_counted_over_all_losses_half_open():
    losses = Losses()
    losses.add(100, 200)
    losses.add(500, 600)
    assert [losses.within(*interval) for interval in ((0, 100), (0, 101), (150, 550), (200, 500), (0, 1_000))] == [
        0,
        1,
        100,
        0,
        200,
    ]


def test_what_is_over_is_forgotten_but_still_told():
    losses = Losses()
    losses.add(100, 200)
    losses.forget(200)
    assert losses.within(0, 1_000) == 0
    assert losses.tell() == [(100, 200)]
