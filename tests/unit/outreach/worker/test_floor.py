"""The floor as other threads see it, and how it ends; the rest is in tests/integration/test_floor.py."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from outreach.errors import MediaError
from outreach.worker.floor import Floor, FloorParts, _Heard
from speech.pool import StreamPool
from tests.unit.speech.fakes import FakeRecognizer


class StandInEar:
    def __init__(self, *, fails: bool = False, backlog_secs: float = 0.0) -> None:
        self.fails, self.backlog_secs, self.put_away = fails, backlog_secs, False

    async def take_effort(self, effort: object, reason: str) -> None:
        pass

    async def abandon(self) -> None:
        if self.fails:
            raise MediaError("media.not_stored", "audio could not be written to disk: No space left on device")
        self.put_away = True


def floor_of(ears: dict[str, Any], ended: list[str]) -> Floor:
    parts: Any = SimpleNamespace(
        **dict.fromkeys(FloorParts.__dataclass_fields__),
    )
    parts.recognizer, parts.engines, parts.pool = FakeRecognizer(), 1, StreamPool(1)
    parts.ladder = FloorParts.__dataclass_fields__["ladder"].default_factory()
    parts.steady, parts.end_call = (lambda: 10.0), ended.append
    floor = Floor(parts)
    floor._calls = {sid: _Heard(ear, datetime(2026, 11, 23, tzinfo=UTC)) for sid, ear in ears.items()}
    return floor


def test_every_call_is_ended_even_when_one_cannot_be_put_away() -> None:
    ended: list[str] = []
    ears = {"CA1": StandInEar(fails=True), "CA2": StandInEar()}
    asyncio.run(floor_of(ears, ended).stop())
    assert ended == ["CA1", "CA2"]
    assert ears["CA2"].put_away


def test_how_far_recognition_is_behind_is_a_figure_that_stands_still_between_looks() -> None:
    ears = {"CA1": StandInEar(backlog_secs=0.25)}
    floor = floor_of(ears, [])
    assert floor.behind_secs == 0.0
    asyncio.run(floor.keep_pace())
    ears["CA1"].backlog_secs = 3.0
    assert (floor.behind_secs, floor.backlog_secs) == (0.25, 3.0)
    asyncio.run(floor.keep_pace())
    assert floor.behind_secs == 3.0
    asyncio.run(floor.stop())
