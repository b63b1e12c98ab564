"""The feed's memory: nobody misses an event, nobody slow holds up the rest, and the past is bounded."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import NotAvailableError
from outreach.web.live import feed as feed_module
from outreach.web.live.feed import KEPT_EVENTS, MAX_BACKLOG, Feed

BOTH = {"zh": "<p>甲</p>", "en": "<p>A</p>"}


def numbers(events: list[feed_module.FeedEvent]) -> list[int]:
    return [event.number for event in events]


async def test_a_viewer_gets_what_was_published_after_it_joined() -> None:
    feed = Feed("e1")
    feed.publish("a", BOTH)
    viewer = feed.join(feed.last_id)
    feed.publish("b", BOTH)
    assert numbers(await viewer.take(1)) == [2]


async def test_a_viewer_who_comes_back_gets_what_it_missed() -> None:
    feed = Feed("e1")
    for target in "abc":
        feed.publish(target, BOTH)
    assert numbers(await feed.join("e1-1").take(1)) == [2, 3]


@pytest.mark.parametrize("last_id", [None, "", "e0-1", "e1-99", "e1-x", "e1", "nonsense"])
async def test_whoever_cannot_be_caught_up_starts_over(last_id: str | None) -> None:
    feed = Feed("e1")
    feed.publish("a", BOTH)
    viewer = feed.join(last_id)
    assert viewer.lost
    assert await viewer.take(1) == []


async def test_what_lies_too_far_back_is_forgotten() -> None:
    feed = Feed("e1")
    for number in range(KEPT_EVENTS + 2):
        feed.publish(str(number), BOTH)
    assert feed.join("e1-1").lost
    assert not feed.join(f"e1-{KEPT_EVENTS}").lost


async def test_a_viewer_that_falls_behind_loses_its_queue_and_nobody_else_does() -> None:
    feed = Feed("e1")
    slow, quick = feed.join(feed.last_id), feed.join(feed.last_id)
    for number in range(MAX_BACKLOG + 1):
        feed.publish(str(number), BOTH)
        await quick.take(0)
    assert slow.lost
    assert not quick.lost


async def test_silence_ends_after_the_timeout_and_closing_ends_it_at_once() -> None:
    feed = Feed("e1")
    viewer = feed.join(feed.last_id)
    assert await viewer.take(0.01) == []
    waiting = asyncio.create_task(viewer.take(30))
    await asyncio.sleep(0)
    feed.close()
    assert await asyncio.wait_for(waiting, 1) == []
    assert viewer.closed


async def test_the_house_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MAX_VIEWERS", 1)
    feed = Feed("e1")
    first = feed.join(feed.last_id)
    with pytest.raises(NotAvailableError) as caught:
        feed.join(feed.last_id)
    assert caught.value.code == "missing.feed"
    feed.leave(first)
    feed.join(feed.last_id)
    assert feed.viewers == 1


def test_an_event_speaks_the_viewer_s_language() -> None:
    event = feed_module.FeedEvent(
        number=1, target="x", html=BOTH, parent="calls", announce={"zh": "告警", "en": "alert"}
    )
    assert json.loads(event.data("zh")) == {"target": "x", "html": "<p>甲</p>", "parent": "calls", "announce": "告警"}
    assert json.loads(event.data("en"))["announce"] == "alert"
    removed = feed_module.FeedEvent(number=2, target="x", html=None)
    assert json.loads(removed.data("en")) == {"target": "x", "html": None}


@given(st.lists(st.sampled_from(["publish", "take", "return"]), max_size=40))
def test_however_a_viewer_comes_and_goes_it_sees_every_event_once_and_in_order(steps: list[str]) -> None:
    async def follow() -> None:
        feed = Feed("e1")
        viewer, seen, published, last_id = feed.join(feed.last_id), [], 0, feed.last_id
        for step in [*steps, "take"]:
            if step == "publish":
                published += 1
                feed.publish(str(published), BOTH)
            elif step == "take":
                for event in await viewer.take(0):
                    seen.append(event.number)
                    last_id = feed.event_id(event)
            else:
                feed.leave(viewer)
                viewer = feed.join(last_id)
        assert seen == list(range(1, published + 1))

    asyncio.run(follow())
